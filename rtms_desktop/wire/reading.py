"""Reads one parsed JSON object as a message, whatever its dialect; one function per message number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rtms_desktop.wire import status_tables
from rtms_desktop.wire.context import Context, Unreadable
from rtms_desktop.wire.enums import (
    Dialect,
    EventType,
    MessageType,
    Product,
    SessionState,
    StreamState,
    VoiceEventType,
)
from rtms_desktop.wire.lenient import find_id, flag, named, number, pick, stop_reason, text, time_ms, user_id
from rtms_desktop.wire.media_reading import read_media, read_person, read_typed_content
from rtms_desktop.wire.messages import (
    ClientReadyAck,
    DataHandshakeRequest,
    DataHandshakeResponse,
    EventSubscription,
    EventUpdate,
    KeepAliveRequest,
    KeepAliveResponse,
    Message,
    MetaData,
    Person,
    SessionStateRequest,
    SessionStateResponse,
    SessionStateUpdate,
    SignalingHandshakeRequest,
    SignalingHandshakeResponse,
    StreamCloseRequest,
    StreamCloseResponse,
    StreamStateRequest,
    StreamStateResponse,
    StreamStateUpdate,
    VideoSubscriptionRequest,
    VideoSubscriptionResponse,
)
from rtms_desktop.wire.params_reading import read_params
from rtms_desktop.wire.urls import media_urls

Fields = Mapping[str, Any]

_TYPE_BY_NAME = {kind.name.replace("_", ""): kind.value for kind in MessageType} | {"STARTMEDIA": 7}
_SUCCESS_WORDS = {"0", "OK", "SUCCESS", "STATUS_OK", "STATUS_SUCCESS"}
_SESSION_ID_KEYS = ("rtms_session_id", "rmts_session_id", "session_id")
_STREAM_ID_KEYS = ("rtms_stream_id", "stream_id")


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


# -- results ------------------------------------------------------------------------------------------------------


def _verdict(obj: Fields, evidence: bool, ctx: Context) -> tuple[bool, int | None, str]:
    """(ok, status_code, reason). Without a status, ``evidence`` (the answer holds what success brings) decides."""
    reason = text(obj.get("reason"))
    code = number(obj.get("status_code"))
    if code is not None:
        return code == 0, code, reason
    status = text(pick(obj, "status", "status_code")).strip().upper()
    if not status:
        return evidence, None, reason
    ctx.sign(Dialect.README, "results are words")
    if status in _SUCCESS_WORDS:
        return True, 0, reason
    return False, number(status.removeprefix("STATUS_")) or status_tables.number_of(status), reason


def _says_ok(obj: Fields) -> bool:
    return text(obj.get("reason")).strip().upper() in ("", *_SUCCESS_WORDS)


# -- handshakes ---------------------------------------------------------------------------------------------------


def _signaling_request(obj: Fields, ctx: Context) -> Message:
    key, meeting_id = find_id(obj)
    return SignalingHandshakeRequest(
        meeting_id=meeting_id,
        stream_id=_stream_id(obj),
        signature=text(obj.get("signature")),
        id_key=key,
        protocol_version=_protocol_version(obj),
        sequence=number(obj.get("sequence")) or 0,
        buffer_data=flag(obj.get("buffer_data")),
        client_agent=text(obj.get("rtms_client_agent")),
    )


def _signaling_response(obj: Fields, ctx: Context) -> Message:
    urls = media_urls(obj)
    ok, code, reason = _verdict(obj, bool(urls), ctx)
    server = obj.get("media_server")
    details = server if isinstance(server, dict) else {}
    if "srtp_keys" in details:
        ctx.sign(Dialect.MOCK, "it offers srtp_keys")
    return SignalingHandshakeResponse(
        ok=ok,
        status_code=code,
        reason=reason,
        urls=urls,
        region=text(details.get("datacenter_region")),
        sequence=number(obj.get("sequence")) or 0,
    )


def _data_request(obj: Fields, ctx: Context) -> Message:
    key, meeting_id = find_id(obj)
    media_type = number(obj.get("media_type"))
    return DataHandshakeRequest(
        meeting_id=meeting_id,
        stream_id=_stream_id(obj),
        signature=text(obj.get("signature")),
        media_type=0 if media_type is None else media_type,
        params=read_params(obj.get("media_params"), media_type, ctx.medium),
        id_key=key,
        protocol_version=_protocol_version(obj),
        sequence=number(obj.get("sequence")) or 0,
        payload_encryption=flag(obj.get("payload_encryption")) or False,
    )


def _data_response(obj: Fields, ctx: Context) -> Message:
    params = read_params(obj.get("media_params"), number(obj.get("media_type")), ctx.medium)
    ok, code, reason = _verdict(obj, params is not None, ctx)
    return DataHandshakeResponse(
        ok=ok,
        status_code=code,
        reason=reason,
        params=params,
        payload_encrypted=flag(pick(obj, "payload_encrypted", "payload_encryption")) or False,
        sequence=number(obj.get("sequence")) or 0,
    )


def _protocol_version(obj: Fields) -> int:
    return number(obj.get("protocol_version")) or 0


def _stream_id(obj: Fields) -> str:
    return text(pick(obj, *_STREAM_ID_KEYS))


# -- events -------------------------------------------------------------------------------------------------------


def _subscription(obj: Fields, ctx: Context) -> Message:
    content = obj.get("content")
    if isinstance(content, dict) and "data_type" in content:
        return read_typed_content(obj, ctx)
    if isinstance(listed := obj.get("events"), list):
        wanted = [
            (kind, flag(item.get("subscribe")) is not False)
            for item in listed
            if isinstance(item, dict) and (kind := _event_type(item.get("event_type"), ctx)) is not None
        ]
        return EventSubscription(events=tuple(wanted))
    if isinstance(listed := obj.get("event_type"), list):
        kinds = [kind for item in listed if (kind := _event_type(item, ctx)) is not None]
        return EventSubscription(events=tuple((kind, True) for kind in kinds))
    raise Unreadable("an event subscription without events")


def _event_type(value: object, ctx: Context) -> int | None:
    found = named(value, EventType)
    if ctx.product is Product.CONTACT_CENTER and (voice := named(value, VoiceEventType)) is not None:
        return voice
    return found


def _event(obj: Fields, ctx: Context) -> Message:
    """Event 6; a log line in its place (an old mock server sends such) has event type 0."""
    event = next((found for key in ("event", "content") if isinstance(found := obj.get(key), dict)), None)
    if event is None:
        event = {key: value for key, value in obj.items() if key != "msg_type"}
        if "event_type" not in event:
            raise Unreadable("an event update without an event")
    kind = _event_type(event.get("event_type"), ctx)
    if kind is None and "event_type" in event:
        raise Unreadable("an event update with an unreadable event_type")
    return EventUpdate(
        event_type=kind or 0,
        timestamp=time_ms(pick(event, "timestamp", "event_ts")),
        people=_people(event),
        raw=event,
    )


def _people(event: dict[str, Any]) -> tuple[Person, ...]:
    listed = pick(event, "participants", "participant_info", "paticipant_info")
    named_people = listed if isinstance(listed, list) else [event if listed is None else listed]
    return tuple(person for item in named_people if (person := read_person(item)) is not None)


# -- states -------------------------------------------------------------------------------------------------------


def _ready_or_state(obj: Fields, ctx: Context) -> Message:
    """7 is the client's ready; older Python servers sent the stream's state under this number."""
    if "state" in obj:
        return _stream_state(obj, ctx)
    return ClientReadyAck(stream_id=_stream_id(obj))


def _stop_reason(obj: Fields, ctx: Context) -> tuple[int | None, str]:
    given = pick(obj, "reason", "stop_reason")
    words = given if isinstance(given, str) else ""
    if words.strip().upper().startswith("STOP_BC_"):
        ctx.sign(Dialect.MOCK, "stop reasons are names")
    found = stop_reason(given)
    return (stop_reason(obj.get("stop_reason")) if found is None else found), words


def _stream_state(obj: Fields, ctx: Context) -> Message:
    reason, words = _stop_reason(obj, ctx)
    return StreamStateUpdate(
        state=_state(obj, StreamState),
        reason=reason,
        timestamp=time_ms(obj.get("timestamp")),
        stream_id=_stream_id(obj),
        reason_text=words,
    )


def _session_state(obj: Fields, ctx: Context) -> Message:
    if "ui_state" in obj or "is_broadcast" in obj:
        ctx.sign(Dialect.MOCK, "session states carry ui_state")
    reason, words = _stop_reason(obj, ctx)
    return SessionStateUpdate(
        session_id=text(pick(obj, *_SESSION_ID_KEYS)),
        state=_state(obj, SessionState),
        stop_reason=reason,
        timestamp=time_ms(obj.get("timestamp")),
        reason_text=words,
    )


def _state(obj: Fields, enum: type[SessionState] | type[StreamState]) -> int:
    found = named(obj.get("state"), enum, "RTMS_", "STREAM_STATE_", "SESSION_STATE_", "STREAM_", "SESSION_")
    if found is None:
        raise Unreadable("a state message without a readable state")
    return found


def _session_state_request(obj: Fields, ctx: Context) -> Message:
    return SessionStateRequest(session_id=text(pick(obj, *_SESSION_ID_KEYS)))


def _session_state_response(obj: Fields, ctx: Context) -> Message:
    return SessionStateResponse(
        session_id=text(pick(obj, *_SESSION_ID_KEYS)),
        state=_state(obj, SessionState),
        timestamp=time_ms(obj.get("timestamp")),
    )


def _stream_state_request(obj: Fields, ctx: Context) -> Message:
    return StreamStateRequest(stream_id=_stream_id(obj))


def _stream_state_response(obj: Fields, ctx: Context) -> Message:
    return StreamStateResponse(
        stream_id=_stream_id(obj), state=_state(obj, StreamState), timestamp=time_ms(obj.get("timestamp"))
    )


def _close_request(obj: Fields, ctx: Context) -> Message:
    return StreamCloseRequest(stream_id=_stream_id(obj))


def _close_response(obj: Fields, ctx: Context) -> Message:
    ok, code, reason = _verdict(obj, _says_ok(obj), ctx)
    return StreamCloseResponse(
        stream_id=_stream_id(obj), ok=ok, status_code=code, reason=reason, timestamp=time_ms(obj.get("timestamp"))
    )


# -- keep-alive ---------------------------------------------------------------------------------------------------


def _echo(obj: Fields) -> dict[str, Any]:
    return {key: value for key, value in obj.items() if key != "msg_type" and isinstance(value, str | int | float)}


def _keep_alive_request(obj: Fields, ctx: Context) -> Message:
    return KeepAliveRequest(
        timestamp=time_ms(obj.get("timestamp")), sequence=number(obj.get("sequence")), echo=_echo(obj)
    )


def _keep_alive_response(obj: Fields, ctx: Context) -> Message:
    return KeepAliveResponse(
        timestamp=time_ms(obj.get("timestamp")), sequence=number(obj.get("sequence")), echo=_echo(obj)
    )


# -- the rest -----------------------------------------------------------------------------------------------------


def _meta_data(obj: Fields, kind: int) -> Message:
    content = obj.get("content")
    if isinstance(content, dict):
        return MetaData(msg_type=kind, raw=content)
    return MetaData(msg_type=kind, raw={key: value for key, value in obj.items() if key != "msg_type"})


def _video_request(obj: Fields, ctx: Context) -> Message:
    return VideoSubscriptionRequest(
        user_id=_required_user(obj),
        subscribe=flag(obj.get("subscribe")) is not False,
        # The SDK sends its uptime here: no time of day, so nothing to normalise.
        timestamp=number(obj.get("timestamp")) or 0,
    )


def _video_response(obj: Fields, ctx: Context) -> Message:
    ok, code, reason = _verdict(obj, _says_ok(obj), ctx)
    return VideoSubscriptionResponse(
        user_id=_required_user(obj),
        ok=ok,
        status_code=code,
        reason=reason,
        timestamp=number(obj.get("timestamp")) or 0,
        subscribe=flag(obj.get("subscribe")),
    )


def _required_user(obj: Fields) -> int:
    found = user_id(obj.get("user_id"))
    if found is None:
        raise Unreadable("a video subscription without user_id")
    return found


_READERS: dict[int, Callable[[Fields, Context], Message]] = {
    1: _signaling_request,
    2: _signaling_response,
    3: _data_request,
    4: _data_response,
    5: _subscription,
    6: _event,
    7: _ready_or_state,
    8: _stream_state,
    9: _session_state,
    10: _session_state_request,
    11: _session_state_response,
    12: _keep_alive_request,
    13: _keep_alive_response,
    19: _stream_state_request,
    20: _stream_state_response,
    21: _close_request,
    22: _close_response,
    28: _video_request,
    29: _video_response,
}
