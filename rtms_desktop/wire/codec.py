"""The two ends of the tongue: Reader turns what arrived into messages, write turns a message into text."""

from __future__ import annotations

import binascii
import codecs
import json
import math
from typing import Any

import msgspec
import pybase64

from rtms_desktop.wire.context import Context, Note, Unreadable
from rtms_desktop.wire.dialects import write
from rtms_desktop.wire.enums import Dialect, Medium, Product
from rtms_desktop.wire.fields import note_unexpected
from rtms_desktop.wire.lenient import nests_deeper
from rtms_desktop.wire.media_reading import MEDIUM_OF, check_length, speaker_id
from rtms_desktop.wire.messages import MediaData, Message, UnknownMessage
from rtms_desktop.wire.reading import message_type, read_message
from rtms_desktop.wire.redact import redact_bytes, redact_text

__all__ = ["Note", "Reader", "write"]

MAX_DEPTH = 64
MEDIA_KINDS = (14, 15, 16)
_RAW_MEDIA = tuple(MEDIUM_OF[kind] for kind in MEDIA_KINDS)


class _Content(msgspec.Struct, gc=False):
    data: str
    timestamp: int
    user_id: int | None = None
    user_name: str | None = ""
    channel_id: str | None = ""
    length: int | None = None
    metadata: Any = None


class _MediaMessage(msgspec.Struct, gc=False):
    """14, 15 and 16 as production sends them: nearly all traffic, so they have a typed decoder of their own."""

    msg_type: int
    content: _Content


class _KnownContent(_Content, gc=False, forbid_unknown_fields=True):
    pass


class _KnownMessage(_MediaMessage, gc=False, forbid_unknown_fields=True):
    """The same without a field that nobody has described."""

    content: _KnownContent


_decode_media = msgspec.json.Decoder(_MediaMessage).decode
_decode_known = msgspec.json.Decoder(_KnownMessage).decode
_decode_any = msgspec.json.Decoder().decode
_first_object = json.JSONDecoder(parse_constant=lambda name: None).raw_decode


class Reader:
    """Reads what arrives on one link; one Reader per connection. No input makes it raise.

    Args:
        medium: what the socket carries; None for signaling and for a socket with all media.
        product: decides what the event names mean.
    """

    def __init__(self, medium: Medium | None = None, product: Product = Product.MEETING) -> None:
        self._ctx = Context(medium, product)
        self._all_known = True  # no field of media was a surprise yet

    @property
    def dialect(self) -> Dialect:
        """What this connection has shown so far; answers should be written in it."""
        return self._ctx.dialect

    @property
    def notes(self) -> list[Note]:
        """The notes not yet taken, oldest first; the newest 64 are kept."""
        return list(self._ctx.notes)

    def take_notes(self) -> list[Note]:
        """The notes since the last call."""
        if not self._ctx.notes:
            return []
        taken = list(self._ctx.notes)
        self._ctx.notes.clear()
        return taken

    def read(self, data: str | bytes) -> tuple[Message, ...]:
        """The message in one WebSocket message (text as str, binary as bytes); UnknownMessage when it is none."""
        try:
            found = _decode_known(data) if self._all_known else _decode_media(data)
        except (ValueError, RecursionError):
            return self._read_carefully(data)
        content = found.content
        if found.msg_type not in MEDIA_KINDS or not _is_plain(content):
            return self._read_carefully(data)
        try:
            payload = pybase64.b64decode(content.data, validate=True)
        except (binascii.Error, ValueError):
            return self._read_carefully(data)
        if content.length is not None:
            check_length(content.length, payload, self._ctx)
        channel = content.channel_id or ""
        return (
            MediaData(
                medium=MEDIUM_OF[found.msg_type],
                user_id=speaker_id(content.user_id, channel),
                data=payload,
                timestamp=content.timestamp,
                user_name=content.user_name or "",
                channel_id=channel,
            ),
        )

    def _read_carefully(self, data: str | bytes) -> tuple[Message, ...]:
        if isinstance(data, bytes) and not data.lstrip().startswith((b"{", codecs.BOM_UTF8)):
            return (self._raw_frame(data),)
        obj: Any = None
        try:
            obj = self._parse(data)
            return (self._read_object(obj),)
        except Unreadable as error:
            if isinstance(data, bytes) and obj is None and not _is_text(data):
                return (self._raw_frame(data),)
            return (self._unknown(str(error), obj if obj is not None else data),)

    def _parse(self, data: str | bytes) -> Any:
        """The JSON value in ``data``; with what little is wrong with it noted. Raises Unreadable."""
        try:
            found = _decode_any(data)
        except (ValueError, RecursionError):
            found = self._parse_damaged(data)
        if nests_deeper(found, MAX_DEPTH):
            raise Unreadable(f"the message nests deeper than {MAX_DEPTH} levels")
        return found

    def _parse_damaged(self, data: str | bytes) -> Any:
        """JSON with invalid UTF-8, lone surrogates, NaN, a byte order mark or something behind it."""
        raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
        decoded = raw.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
        try:
            found, end = _first_object(decoded)
            # A lone surrogate can be escaped in JSON but written nowhere.
            clean = _decode_any(json.dumps(_finite(found), ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise Unreadable("the message is no JSON") from None
        if decoded[end:].strip():
            self._ctx.note("trailing", "something stood behind the message in the same frame and was left", "warning")
        else:
            self._ctx.note("damaged", "the message was not clean JSON but could be read", "warning")
        return clean

    def _read_object(self, obj: Any) -> Message:
        if not isinstance(obj, dict):
            raise Unreadable("the message is JSON but no object")
        kind = message_type(obj.get("msg_type"), self._ctx)
        if kind is None:
            raise Unreadable("the message has no msg_type" if "msg_type" not in obj else "msg_type is not known")
        message = read_message(obj, kind, self._ctx)
        if note_unexpected(obj, kind, self._ctx) and kind in MEDIA_KINDS:
            self._all_known = False  # it was told; from now on what more they carry is passed over
        return message

    def _raw_frame(self, data: bytes) -> Message:
        """A frame without JSON: media of the type that the socket serves."""
        medium = self._ctx.medium
        if medium not in _RAW_MEDIA or not data:
            return self._unknown("a binary frame that is no JSON on a socket that carries JSON only", data)
        self._ctx.sign(Dialect.BINARY, "media come as raw binary frames")
        return MediaData(medium=medium, user_id=0, data=data, timestamp=0, binary=True)

    def _unknown(self, why: str, raw: Any) -> UnknownMessage:
        self._ctx.note("unreadable", why, "warning")
        kind = raw.get("msg_type") if isinstance(raw, dict) else None
        known = isinstance(kind, int | str) and not isinstance(kind, bool)
        # What is no JSON goes on as one text, in which nobody finds a secret by its name any more.
        blank = redact_text(raw) if isinstance(raw, str) else redact_bytes(raw) if isinstance(raw, bytes) else raw
        return UnknownMessage(msg_type=kind if known else None, why=why, raw=blank)


def _is_plain(content: _Content) -> bool:
    """Whether nothing in it needs a second look: data, a speaker, milliseconds (see lenient.time_ms)."""
    return (
        content.data != ""
        and 100_000_000_000 <= content.timestamp <= 100_000_000_000_000
        and (content.user_id is not None or bool(content.channel_id))
        and content.metadata is None
    )


def _is_text(data: bytes) -> bool:
    """Whether the first bytes are text rather than samples that happen to begin like JSON."""
    try:
        head = codecs.getincrementaldecoder("utf-8")().decode(data[:256])
    except UnicodeDecodeError:
        return False
    return "".join(head.split()).isprintable()


def _finite(value: Any) -> Any:
    """``value`` with numbers that JSON cannot hold as null."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
