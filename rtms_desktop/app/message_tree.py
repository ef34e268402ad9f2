"""The JSON of a message as a tree with names beside numbers, secrets blank. Pure functions, any thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from rtms_desktop.wire.enums import (
    Attribute,
    Channel,
    ChatOperation,
    ChatSessionType,
    Codec,
    ContentType,
    DataOpt,
    MediaType,
    MessageType,
    Product,
    Resolution,
    SampleRate,
    SessionState,
    StopReason,
    StreamState,
    label,
)
from rtms_desktop.wire.status import explain_event, explain_status

MAX_NODES = 2_000
_LONG_TEXT = 2_000
_ENUMS: dict[str, type[IntEnum]] = {
    "msg_type": MessageType,
    "codec": Codec,
    "content_type": ContentType,
    "sample_rate": SampleRate,
    "channel": Channel,
    "data_opt": DataOpt,
    "resolution": Resolution,
    "attribute": Attribute,
    "operation": ChatOperation,
    "session_type": ChatSessionType,
    "stop_reason": StopReason,
}


@dataclass(slots=True)
class Branch:
    """``key`` None: an element of an array. ``kind``: object, array, string, number, bool, null or bytes.

    ``note``: what the number means, or how a value was cut.
    """

    key: str | None
    kind: str
    text: str = ""
    note: str = ""
    children: list[Branch] = field(default_factory=list)


def tree(
    message: object,
    *,
    product: Product = Product.MEETING,
    arrived_ms: int = 0,
    payload: str = "",
    payload_text: str = "",
) -> Branch:
    """The message as branches.

    Args:
        arrived_ms: Unix ms; timestamps then say how long before it they are. 0: not known.
        payload: what to write instead of the media data ("H.264, 45,960 bytes"), ``payload_text`` behind it.
    """
    return _Grower(message, product, arrived_ms, payload, payload_text).grow(None, message, ())


class _Grower:
    def __init__(self, message: object, product: Product, arrived_ms: int, payload: str, payload_text: str) -> None:
        self._product, self._arrived_ms = product, arrived_ms
        self._payload, self._payload_text = payload, payload_text
        self._kind = message.get("msg_type") if isinstance(message, dict) else None
        self._left = MAX_NODES

    def grow(self, key: str | None, value: object, path: tuple[str, ...]) -> Branch:
        self._left -= 1
        inside = (*path, key) if key is not None else path
        if isinstance(value, dict):
            return self._many(Branch(key, "object"), list(value.items()), inside)
        if isinstance(value, list):
            return self._many(Branch(key, "array"), [(None, item) for item in value], inside)
        if value is None:
            return Branch(key, "null", "null")
        if isinstance(value, bool):
            return Branch(key, "bool", "true" if value else "false")
        if isinstance(value, int | float):
            return Branch(key, "number", repr(value), self._meaning(key, value, path))
        text = str(value)
        if self._payload and key in ("data", "content") and len(text) > 16:
            return Branch(key, "bytes", self._payload, self._payload_text)
        note = f"{len(text):,} characters" if len(text) > _LONG_TEXT else ""
        return Branch(key, "string", text[:_LONG_TEXT], note)

    def _many(self, branch: Branch, items: list[tuple[Any, Any]], path: tuple[str, ...]) -> Branch:
        for number, (key, value) in enumerate(items):
            if self._left <= 0:
                branch.children.append(Branch(None, "null", "…", f"{len(items) - number:,} more"))
                break
            branch.children.append(self.grow(None if key is None else str(key), value, path))
        return branch

    def _meaning(self, key: str | None, value: int | float, path: tuple[str, ...]) -> str:
        if isinstance(value, float) or key is None:
            return ""
        if key in _ENUMS:
            return _name(_ENUMS[key], value)
        match key:
            case "media_type":
                return " + ".join(flag.name or "" for flag in MediaType if flag & value)
            case "status_code":
                return explain_status(value).name
            case "event_type":
                return explain_event(value, self._product).name
            case "reason":
                return _name(StopReason, value)
            case "state":
                return _name(SessionState if self._kind in (9, 11, "SESSION_STATE_UPDATE") else StreamState, value)
            case "timestamp" | "start_time" | "end_time":
                return self._age(value)
        return ""

    def _age(self, ms: int) -> str:
        age = self._arrived_ms - ms
        if not self._arrived_ms or abs(age) > 86_400_000:
            return ""
        return f"{age:,} ms before arrival" if age >= 0 else f"{-age:,} ms after arrival"


def _name(enum: type[IntEnum], value: int) -> str:
    return label(enum, value).partition(" ")[2]


def event_name(value: int, product: Product) -> str:
    """Number and name of an event."""
    return explain_event(value, product).label
