"""Reads what clients send, strictly enough to name what is wrong; tolerant of text and binary, numbers and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from rtms_desktop.wire.enums import MessageType

ID_KEYS = ("meeting_uuid", "webinar_uuid", "session_id", "engagement_id", "call_id")
"""The SDK says meeting_uuid whatever the product; other libraries name the field after it."""
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Request:
    """One message of a client: its number, its JSON object, and whether it spelled its type as a name."""

    kind: int
    body: dict[str, Any]
    named: bool

    def text(self, key: str) -> str:
        """A field that must be text; "" when it is not."""
        value = self.body.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """A field that must be a whole number; None when it is not."""
        value = self.body.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def meeting_id(self) -> str:
        return next((found for key in ID_KEYS if (found := self.text(key))), "")


def read_request(data: str | bytes) -> Request | str:
    """The request in one WebSocket message, or a sentence that says why it is none."""
    try:
        body = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "the message is no JSON"
    if not isinstance(body, dict):
        return "the message is JSON but no object"
    kind = body.get("msg_type")
    if isinstance(kind, bool):
        return "msg_type is no message type"
    if isinstance(kind, int | float) and kind == int(kind):
        return Request(int(kind), body, False)
    if isinstance(kind, str):
        name = kind.strip().upper()
        if name in MessageType.__members__:
            return Request(MessageType[name], body, True)
        if name.isdecimal():
            return Request(int(name), body, True)
    return "msg_type is no message type"
