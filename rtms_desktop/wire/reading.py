"""Reads one parsed JSON object as a message, whatever its dialect."""

from __future__ import annotations

from collections.abc import Callable

from rtms_desktop.wire import event_reading, handshake_reading, state_reading
from rtms_desktop.wire.answers import Fields
from rtms_desktop.wire.context import Context, Unreadable
from rtms_desktop.wire.enums import Dialect, MessageType
from rtms_desktop.wire.lenient import number
from rtms_desktop.wire.media_reading import read_media
from rtms_desktop.wire.messages import Message, MetaData

_TYPE_BY_NAME = {kind.name.replace("_", ""): kind.value for kind in MessageType} | {"STARTMEDIA": 7}


def message_type(value: object, ctx: Context) -> int | None:
    """The number of ``msg_type``: 6, 6.0, "6" or "EVENT_UPDATE"; None when it is nothing of that kind."""
    found = number(value)
    if found is None and isinstance(value, str):
        found = _TYPE_BY_NAME.get(value.strip().upper().removeprefix("MSG_").replace("_", ""))
        if found is not None:
            ctx.sign(Dialect.README, "message types are names")
    return found


def read_message(obj: Fields, kind: int, ctx: Context) -> Message:
    """The message that ``obj`` is.

    Raises:
        Unreadable: it lacks what message ``kind`` needs, or no such message exists.
    """
    if 14 <= kind <= 18 and not _is_misnumbered_subscription(obj):
        return read_media(obj, kind, ctx)
    if 23 <= kind <= 27:
        return _meta_data(obj, kind)
    reader = _READERS.get(5 if kind == 18 else kind)
    if reader is None:
        raise Unreadable(f"message type {kind} is not known")
    return reader(obj, ctx)


def _is_misnumbered_subscription(obj: Fields) -> bool:
    """Whether it is the event subscription that an example of the docs numbers 18."""
    return isinstance(obj.get("event_type"), list) and "content" not in obj


def _meta_data(obj: Fields, kind: int) -> Message:
    content = obj.get("content")
    if isinstance(content, dict):
        return MetaData(msg_type=kind, raw=content)
    return MetaData(msg_type=kind, raw={key: value for key, value in obj.items() if key != "msg_type"})


_READERS: dict[int, Callable[[Fields, Context], Message]] = {
    1: handshake_reading.signaling_request,
    2: handshake_reading.signaling_response,
    3: handshake_reading.data_request,
    4: handshake_reading.data_response,
    5: event_reading.subscription,
    6: event_reading.event,
    7: state_reading.ready_or_state,
    8: state_reading.stream_state,
    9: state_reading.session_state,
    10: state_reading.session_state_request,
    11: state_reading.session_state_response,
    12: state_reading.keep_alive_request,
    13: state_reading.keep_alive_response,
    19: state_reading.stream_state_request,
    20: state_reading.stream_state_response,
    21: state_reading.close_request,
    22: state_reading.close_response,
    28: state_reading.video_request,
    29: state_reading.video_response,
}
