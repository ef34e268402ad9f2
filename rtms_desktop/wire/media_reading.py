"""Reads the messages that carry media (14-18) in every envelope that was seen."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pybase64

from rtms_desktop.wire.context import Context, Unreadable
from rtms_desktop.wire.enums import Attribute, ChatOperation, ChatSessionType, Dialect, Medium
from rtms_desktop.wire.lenient import named, number, pick, stand_in_id, text, time_ms, user_id
from rtms_desktop.wire.messages import ChatData, ChatFile, MediaData, Message, Person, TranscriptData

MEDIUM_OF = {14: Medium.AUDIO, 15: Medium.VIDEO, 16: Medium.SHARE, 17: Medium.TRANSCRIPT, 18: Medium.CHAT}
# content.data_type of an old form of message 5: media_type bits, or the message numbers themselves.
_DATA_TYPES = {1: 14, 2: 15, 4: 16, 8: 17, 16: 18} | {kind: kind for kind in (14, 15, 17, 18)}
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_CHAT_KEYS = {"operation_type", "message_id", "chat_session", "data", "sender"}

Fields = Mapping[str, Any]


def decode_base64(data: str, ctx: Context) -> bytes:
    """The bytes of ``data``: standard base64 fast, else with line breaks, the URL-safe alphabet or missing padding.

    Raises:
        Unreadable: it is no base64, or empty.
    """
    try:
        found = pybase64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        found = _repair_base64(data)
        ctx.note("base64", "media data was not in plain padded base64; it could be repaired", "warning")
    if not found:
        raise Unreadable("the media data is empty")
    return found


def _repair_base64(data: str) -> bytes:
    bare = "".join(data.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if len(bare) % 4 == 1 or _NOT_BASE64.search(bare):
        raise Unreadable("the media data is not base64")
    return pybase64.b64decode(bare + "=" * (-len(bare) % 4))


def read_media(obj: Fields, kind: int, ctx: Context) -> Message:
    """Message ``kind`` (14-18); raises Unreadable."""
    fields = _envelope(obj, ctx)
    if kind == 17:
        return _read_transcript(fields)
    if kind == 18:
        return _read_chat(fields)
    data = fields.get("data")
    if not isinstance(data, str):
        raise Unreadable("there is no media data")
    found = decode_base64(data, ctx)
    check_length(fields.get("length"), found, ctx)
    return MediaData(
        medium=MEDIUM_OF[kind],
        user_id=speaker_id(fields.get("user_id"), text(fields.get("channel_id"))),
        data=found,
        timestamp=time_ms(fields.get("timestamp")),
        user_name=text(fields.get("user_name")),
        channel_id=text(fields.get("channel_id")),
    )


def read_typed_content(obj: Fields, ctx: Context) -> Message:
    """Media in an old form of message 5: ``content.data_type`` names the medium."""
    found = number(obj["content"].get("data_type"))
    # 16 is the bit of chat and the number of share messages: the socket decides.
    kind = 16 if found == 16 and ctx.medium is Medium.SHARE else _DATA_TYPES.get(found or 0)
    if kind is None:
        raise Unreadable("message 5 with an unknown content.data_type")
    return read_media(obj, kind, ctx)


def speaker_id(given: object, channel: str) -> int:
    """The user a packet belongs to; the mixed audio (0) when it names nobody."""
    found = user_id(given)
    if found is None:
        return stand_in_id(channel) if channel else 0
    return found


def check_length(length: object, data: bytes, ctx: Context) -> None:
    announced = number(length)
    if announced is not None and announced != len(data):
        ctx.note("length", f"a media packet of {len(data)} bytes was announced with {announced} bytes", "warning")


def _envelope(obj: Fields, ctx: Context) -> dict[str, Any]:
    """One flat dict of the media fields, wherever they stood."""
    outer = {key: value for key, value in obj.items() if key not in ("msg_type", "content")}
    match obj.get("content"):
        case dict() as content:
            metadata = content.get("metadata")
            return {**(metadata if isinstance(metadata, dict) else {}), **outer, **content}
        case str() as data:
            ctx.sign(Dialect.FLAT, "content is the media data itself")
            return {**outer, "data": data}
        case None if "data" in outer:
            ctx.sign(Dialect.FLAT, "the media data stands outside content")
            return outer
        case _:
            raise Unreadable("there is no content")


def _read_transcript(fields: Fields) -> TranscriptData:
    if not isinstance(fields.get("data"), str):
        raise Unreadable("a transcript without text")
    channel = text(fields.get("channel_id"))
    return TranscriptData(
        user_id=speaker_id(fields.get("user_id"), channel),
        text=fields["data"],
        timestamp=time_ms(fields.get("timestamp")),
        user_name=text(fields.get("user_name")),
        start_time=time_ms(fields.get("start_time")),
        end_time=time_ms(fields.get("end_time")),
        language=number(fields.get("language")),
        attribute=named(fields.get("attribute"), Attribute),
        channel_id=channel,
    )


def _read_chat(fields: Fields) -> ChatData:
    fields = _merge_json_text(fields)
    session = fields.get("chat_session")
    scope = session if isinstance(session, dict) else {}
    operation = named(fields.get("operation_type"), ChatOperation)
    message_id = text(fields.get("message_id"))
    if not isinstance(fields.get("data"), str) and not message_id:
        raise Unreadable("a chat message with neither text nor message_id")
    return ChatData(
        text=text(fields.get("data")),
        timestamp=time_ms(fields.get("timestamp")),
        operation=ChatOperation.NEW.value if operation is None else operation,
        message_id=message_id,
        parent_message_id=text(fields.get("parent_message_id")),
        sender=read_person(fields.get("sender")) or read_person(fields),
        receiver=read_person(fields.get("receiver")),
        session_type=named(scope.get("type"), ChatSessionType),
        session_id=text(scope.get("id")),
        files=tuple(_read_file(item) for item in _dicts(fields.get("files"))),
        deleted_files=tuple(name for item in _items(fields.get("delete_file_id_list")) if (name := text(item))),
    )


def _merge_json_text(fields: Fields) -> Fields:
    """Chat fields may stand as JSON text in ``data``; text that merely looks like JSON stays text."""
    data = fields.get("data")
    if not isinstance(data, str) or not data.startswith("{"):
        return fields
    try:
        inner = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return fields
    if not _CHAT_KEYS.intersection(inner):
        return fields
    return {**fields, "data": "", **inner}


def read_person(value: object) -> Person | None:
    """Somebody named by ``user_id`` or ``channel_id`` and by ``user_name`` or ``display_name``; None without an id."""
    if not isinstance(value, dict):
        found = user_id(value)
        return None if found is None else Person(user_id=found)
    # Contact Center media name a party by its channel, so that is who the party is.
    channel = text(value.get("channel_id")) if "participant_mode" in value else ""
    found = stand_in_id(channel) if channel else user_id(pick(value, "user_id", "participant_id", "id"))
    if found is None:
        return None
    return Person(user_id=found, user_name=text(pick(value, "user_name", "display_name", "name")))


def _read_file(item: dict[str, Any]) -> ChatFile:
    return ChatFile(
        file_id=text(item.get("file_id")),
        file_name=text(item.get("file_name")),
        file_size=number(item.get("file_size")) or 0,
    )


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in _items(value) if isinstance(item, dict)]
