"""Which messages are the trouble: refusals, interruptions, what cannot be read. For the log of messages; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtms_desktop.app.message_rows import Channel, Flag
from rtms_desktop.app.message_scan import UNREADABLE
from rtms_desktop.wire import messages as wm
from rtms_desktop.wire.codec import Reader
from rtms_desktop.wire.enums import EventType, Medium, Product, StopReason, StreamState

FREQUENT = frozenset(range(12, 19))
"""Keep-alives and media: they are not read whole to be listed."""
_CALM_CLOSES = frozenset({1000, 1001})
_ANSWERS = (
    wm.SignalingHandshakeResponse,
    wm.DataHandshakeResponse,
    wm.StreamCloseResponse,
    wm.VideoSubscriptionResponse,
)


class Judge:
    """Looks at the rare messages of all links whole; one per log."""

    def __init__(self, product: Product = Product.MEETING) -> None:
        self.product = product
        self._readers: dict[Channel, Reader] = {}

    def flags(self, channel: Channel, kind: int, data: str | bytes) -> int:
        """What to notice about one message."""
        if kind in FREQUENT:
            return 0
        if kind == UNREADABLE:
            return Flag.MALFORMED
        reader = self._readers.get(channel)
        if reader is None:
            medium = Medium(channel.link) if channel.link in list(Medium) else None
            reader = self._readers[channel] = Reader(medium, self.product)
        text = data if isinstance(data, str) or channel.opcode == "binary" else data.decode("utf-8", "replace")
        flags = 0
        for message in reader.read(text):
            flags |= _of_message(message)
        if any(note.kind != "dialect" for note in reader.take_notes()):
            flags |= Flag.UNUSUAL
        return flags


def _of_message(message: wm.Message) -> int:
    match message:
        case wm.UnknownMessage():
            return Flag.MALFORMED
        case wm.EventUpdate(event_type=EventType.MEDIA_CONNECTION_INTERRUPTED):
            return Flag.LOST
        case wm.StreamStateUpdate(state=StreamState.INTERRUPTED):
            return Flag.LOST
        case wm.StreamStateUpdate(reason=reason) if _cut_off(reason):
            return Flag.LOST
        case wm.SessionStateUpdate(stop_reason=reason) if _cut_off(reason):
            return Flag.LOST
    if isinstance(message, _ANSWERS) and not message.ok:
        return Flag.REFUSED
    return 0


def _cut_off(reason: int | None) -> bool:
    """Whether a stop reason means that the stream was lost rather than ended."""
    if not reason or reason not in list(StopReason):
        return False
    return not StopReason(reason).is_final


def control_flags(record: Mapping[str, Any]) -> int:
    """What to notice about a record of the tape's ``/control``."""
    if record.get("do") == "link_closed" and record.get("code") not in _CALM_CLOSES:
        return Flag.LOST
    return Flag.LOST if record.get("do") == "dropped" else 0
