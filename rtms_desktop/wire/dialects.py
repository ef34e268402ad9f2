"""Turns production's JSON objects into those of the other dialects, and messages into text."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from rtms_desktop.wire.enums import Dialect, MessageType, SessionState, StopReason, StreamState
from rtms_desktop.wire.messages import Message, UnknownMessage
from rtms_desktop.wire.status_tables import N1
from rtms_desktop.wire.writing import Object, production_object

_encode = msgspec.json.Encoder().encode


def write(message: Message, dialect: Dialect = Dialect.PRODUCTION) -> str:
    """``message`` as compact JSON in ``dialect``, for either direction.

    The binary dialect has raw frames for media, which are sent without this function; its JSON is production's.
    """
    obj = production_object(message)
    if not isinstance(message, UnknownMessage):
        match dialect:
            case Dialect.FLAT:
                obj = _flat(obj)
            case Dialect.README:
                obj = _readme(obj)
            case Dialect.MOCK:
                obj = _mock(obj)
    return _encode(obj).decode()


def _flat(obj: Object) -> Object:
    """Media with the data as content and everything else beside it."""
    if obj["msg_type"] not in range(14, 19):
        return obj
    beside = {key: value for key, value in obj["content"].items() if key != "data"}
    return {"msg_type": obj["msg_type"], **beside, "content": obj["content"]["data"]}


def _readme(obj: Object) -> Object:
    """Names for numbers, as in the README of the reference mock server."""
    kind = obj["msg_type"]
    written = {**obj, "msg_type": MessageType(kind).name}
    if kind in (2, 4, 22, 29):
        written["status"] = _status_word(written.pop("status_code"))
    if kind == 2 and "media_server" in obj:
        written["media_urls"] = written.pop("media_server")["server_urls"]
    if kind in (8, 20):
        written["state"] = _name(StreamState, obj["state"])
    if kind in (9, 11):
        written["state"] = _name(SessionState, obj["state"])
        written["session_id"] = written.pop("rtms_session_id")
    return written


def _status_word(code: int) -> str:
    return f"STATUS_{N1[code]}" if 0 <= code < len(N1) else f"STATUS_{code}"


def _name(enum: type[StreamState] | type[SessionState], value: int) -> str | int:
    return enum(value).name if value in enum.__members__.values() else value


def _mock(obj: Object) -> Object:
    """The reference mock server as its code really behaves."""
    kind = obj["msg_type"]
    if kind in (2, 4) and obj["status_code"] != 0:
        return {"msg_type": kind, "protocol_version": 1, "reason": obj["reason"]}
    if kind == 2 and "media_server" in obj:
        # It offers keys that nobody uses, so that any of the right length will do.
        keys = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("audio", "video", "share")}
        return {**obj, "media_server": {**obj["media_server"], "srtp_keys": keys}}
    if kind == 8:
        without = {key: value for key, value in obj.items() if key != "stop_reason"}
        return {**without, "reason": _stop_word(obj["reason"])}
    if kind == 9:
        state = {key: obj[key] for key in ("msg_type", "rtms_session_id", "state", "timestamp")}
        return {**state, "ui_state": str(_name(SessionState, obj["state"])), "is_broadcast": True}
    if kind == 12:
        return {key: value for key, value in obj.items() if key != "sequence"}
    return obj


def _stop_word(reason: int) -> Any:
    return f"STOP_BC_{StopReason(reason).name}" if reason in StopReason.__members__.values() else reason
