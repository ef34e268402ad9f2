"""What a message says, in one short line. Made for the rows that are on screen; any thread."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from rtms_desktop.app.h264_analysis import picture_words
from rtms_desktop.app.message_rows import CONTROL_KINDS, Channel, Flag, Rows
from rtms_desktop.app.message_tree import event_name
from rtms_desktop.bitstream import images
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.wire import messages as wm
from rtms_desktop.wire.codec import Reader
from rtms_desktop.wire.enums import (
    Codec,
    Medium,
    Product,
    Resolution,
    SampleRate,
    SessionState,
    StopReason,
    StreamState,
    label,
)
from rtms_desktop.wire.status import explain_close, explain_status

GONE = "body no longer held"
_LIMIT = 200


def content_text(rows: Rows, serial: int, body: bytes | None, product: Product = Product.MEETING) -> str:
    """The line of one row; the message's own words where it has some."""
    if body is None:
        return GONE
    channel, flags = rows.channel(serial), rows.value("flags", serial)
    if not channel.direction:
        return control_text(body)
    text = "; ".join(message_text(message, product) for message in read(channel, body, product))
    delta = rows.value("delta", serial)
    if flags & Flag.GAP and not math.isnan(delta):
        text += f" · gap {delta / 1000:.1f} s"
    return short(text)


def read(channel: Channel, body: bytes, product: Product = Product.MEETING) -> tuple[wm.Message, ...]:
    """The messages in one body."""
    medium = Medium(channel.link) if channel.link in list(Medium) else None
    data = body if channel.opcode == "binary" else body.decode("utf-8", "replace")
    return Reader(medium, product).read(data)


def control_text(body: bytes) -> str:
    """What happened here: a socket opened or closed, something was asked for."""
    try:
        record: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return "cannot be read"
    if not isinstance(record, dict):
        return "cannot be read"
    match record.get("do"):
        case "link_opened":
            return short(str(record.get("url", "")))
        case "link_closed":
            code, reason = record.get("code"), record.get("reason")
            known = explain_close(code).label if isinstance(code, int) else "no connection"
            return short(f"{known}, {reason}" if reason else known)
        case "request":
            args = " ".join(f"{name}={value}" for name, value in dict(record.get("args") or {}).items())
            return short(f"{record.get('call', '')} {args}".strip())
        case "mark":
            return "deleted" if record.get("removed") else short(str(record.get("text", "")))
        case "dropped":
            return f"{record.get('messages', '?')} messages, {record.get('bytes', '?')} bytes"
        case kind if kind in CONTROL_KINDS:
            return ""
    return short(to_json(record).decode())


def message_text(message: wm.Message, product: Product = Product.MEETING) -> str:
    """One message in a few words; codes with number and name."""
    match message:
        case wm.MediaData(medium=medium, data=data):
            return media_text(medium, data)
        case wm.TranscriptData(text=text) | wm.ChatData(text=text):
            return text
        case wm.KeepAliveRequest(sequence=sequence) | wm.KeepAliveResponse(sequence=sequence):
            return "" if sequence is None else f"sequence {sequence}"
        case wm.EventUpdate(event_type=event, people=people):
            who = ", ".join(person.user_name or str(person.user_id) for person in people)
            return f"event {event_name(event, product)}" + (f" · {who}" if who else "")
        case (
            wm.SignalingHandshakeResponse(ok=ok)
            | wm.DataHandshakeResponse(ok=ok)
            | wm.StreamCloseResponse(ok=ok)
            | wm.VideoSubscriptionResponse(ok=ok)
        ):
            granted = _params(message.params) if isinstance(message, wm.DataHandshakeResponse) else ""
            return " · ".join(part for part in (_status(ok, message.status_code, message.reason), granted) if part)
        case wm.DataHandshakeRequest(params=params):
            return _params(params)
        case wm.StreamStateUpdate(state=state, reason=reason):
            return _state(StreamState, state, reason)
        case wm.SessionStateUpdate(state=state, stop_reason=reason):
            return _state(SessionState, state, reason)
        case wm.UnknownMessage(why=why):
            return why
        case wm.ClientReadyAck():
            return ""
    fields = msgspec.to_builtins(message)
    hidden = ("raw", "signature", "meeting_id", "stream_id", "id_key", "protocol_version")
    return to_json({k: v for k, v in fields.items() if v not in (None, "", {}, []) and k not in hidden}).decode()


def media_text(medium: Medium, data: bytes) -> str:
    """A payload in a few words."""
    kind = images.sniff(data)
    if kind in ("jpg", "png"):
        size = images.image_size(data)
        return f"{'JPEG' if kind == 'jpg' else 'PNG'} {size[0]}×{size[1]}" if size else "image, damaged"
    if medium is Medium.AUDIO:
        return f"{len(data):,} bytes of sound"
    return picture_words(data)


def short(text: str, limit: int = _LIMIT) -> str:
    """On one line, cut with an ellipsis."""
    text = " ".join(text[: limit * 4].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _status(ok: bool, code: int | None, reason: str) -> str:
    known = explain_status(code, reason).label if code is not None else "OK" if ok else "refused"
    return known if ok or not reason else f"{known}: {reason}"


def _state(enum: Any, state: int, reason: int | None) -> str:
    because = f" · {label(StopReason, reason)}" if reason else ""
    return label(enum, state) + because


def _params(params: wm.MediaParams | None) -> str:
    """``H264 · HD 1280×720 · 25 fps``"""
    if params is None:
        return ""
    found = []
    if params.audio is not None:
        found += [
            _known(Codec, params.audio.codec),
            _known(SampleRate, params.audio.sample_rate, lambda r: f"{r.hz} Hz"),
        ]
    for picture in (params.video, params.share):
        if picture is not None:
            size = _known(Resolution, picture.resolution, lambda r: f"{r.name} {r.size[0]}×{r.size[1]}")
            found += [_known(Codec, picture.codec), size, f"{picture.fps} fps"]
    return " · ".join(found)


def _known(enum: Any, value: int, words: Callable[[Any], str] = lambda member: str(member.name)) -> str:
    try:
        return words(enum(value))
    except ValueError:
        return f"{value} UNKNOWN"
