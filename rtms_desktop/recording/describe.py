"""What ``inspect`` prints: a recording in words, and its messages one a line. Pure functions, any thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.manifest import Manifest
from rtms_desktop.recording.reader import Recording
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord
from rtms_desktop.wire import messages as wm
from rtms_desktop.wire.codec import Reader
from rtms_desktop.wire.enums import Medium, MessageType, Product, StopReason, label

_NUMBERS: dict[type[wm.Message], MessageType] = {
    wm.SignalingHandshakeRequest: MessageType.SIGNALING_HAND_SHAKE_REQ,
    wm.SignalingHandshakeResponse: MessageType.SIGNALING_HAND_SHAKE_RESP,
    wm.DataHandshakeRequest: MessageType.DATA_HAND_SHAKE_REQ,
    wm.DataHandshakeResponse: MessageType.DATA_HAND_SHAKE_RESP,
    wm.EventSubscription: MessageType.EVENT_SUBSCRIPTION,
    wm.EventUpdate: MessageType.EVENT_UPDATE,
    wm.ClientReadyAck: MessageType.CLIENT_READY_ACK,
    wm.StreamStateUpdate: MessageType.STREAM_STATE_UPDATE,
    wm.SessionStateUpdate: MessageType.SESSION_STATE_UPDATE,
    wm.SessionStateRequest: MessageType.SESSION_STATE_REQ,
    wm.SessionStateResponse: MessageType.SESSION_STATE_RESP,
    wm.KeepAliveRequest: MessageType.KEEP_ALIVE_REQ,
    wm.KeepAliveResponse: MessageType.KEEP_ALIVE_RESP,
    wm.TranscriptData: MessageType.MEDIA_DATA_TRANSCRIPT,
    wm.ChatData: MessageType.MEDIA_DATA_CHAT,
    wm.StreamStateRequest: MessageType.STREAM_STATE_REQ,
    wm.StreamStateResponse: MessageType.STREAM_STATE_RESP,
    wm.StreamCloseRequest: MessageType.STREAM_CLOSE_REQ,
    wm.StreamCloseResponse: MessageType.STREAM_CLOSE_RESP,
    wm.VideoSubscriptionRequest: MessageType.VIDEO_SUBSCRIPTION_REQ,
    wm.VideoSubscriptionResponse: MessageType.VIDEO_SUBSCRIPTION_RESP,
}
_MEDIA = {
    Medium.AUDIO: MessageType.MEDIA_DATA_AUDIO,
    Medium.VIDEO: MessageType.MEDIA_DATA_VIDEO,
    Medium.SHARE: MessageType.MEDIA_DATA_SHARE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message or control record of a tape. ``type``: "15 MEDIA_DATA_VIDEO"; ``size`` in bytes on the wire."""

    time_ms: int
    link: str
    attempt: int
    direction: str
    type: str
    user_id: int | None
    size: int
    text: str = ""

    def row(self) -> dict[str, Any]:
        """The line for ``--json``."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        user = "" if self.user_id is None else str(self.user_id)
        arrow = {"in": "<-", "out": "->"}.get(self.direction, "--")
        link = f"{self.link}#{self.attempt}" if self.attempt > 1 else self.link
        when = datetime.fromtimestamp(self.time_ms / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        return f"{when} {arrow} {link:<12} {self.type:<28} {user:>10} {self.size:>8} {self.text}".rstrip()


def message_lines(tape: Path, product: Product = Product.MEETING) -> Iterator[MessageLine]:
    """Each record of a tape, in order. Raises BundleError when the file is no tape."""
    with TapeReader(tape) as reader:
        yield from record_lines(reader.records(), product)


def record_lines(records: Iterable[TapeRecord], product: Product = Product.MEETING) -> Iterator[MessageLine]:
    """The lines of some records."""
    readers: dict[tuple[str, int, str], Reader] = {}
    for record in records:
        if record.is_control:
            yield _control_line(record)
            continue
        key = (record.link, record.attempt, record.direction)
        if key not in readers:
            medium = Medium(record.link) if record.link in list(Medium) else None
            readers[key] = Reader(medium, product)
        data = record.data if record.opcode == "binary" else record.data.decode("utf-8", "replace")
        for message in readers[key].read(data):
            yield _message_line(record, message)


def summary_dict(recording: Recording) -> dict[str, Any]:
    """All keys of the manifest, and behind them ``rebuilt`` and ``notes``."""
    return recording.manifest | {"rebuilt": recording.rebuilt, "notes": recording.notes}


def summary_text(recording: Recording) -> str:
    """The recording for a person."""
    manifest = recording.manifest
    lines = [str(recording.bundle or recording.tape), ""]
    lines += [f"{name:<16}{text}" for name, text in _facts(recording.manifest)]
    lines += _section("Participants", [f"{p['user_id']:>12}  {p['name']}" for p in manifest["participants"]])
    lines += _section("Seen", list(_observed(manifest["observed"])))
    lines += _section("Gaps", [_gap_text(gap, manifest["session_zero_ms"] or 0) for gap in manifest["gaps"]])
    lines += _section("Files", manifest["files"])
    lines += _section("Notes", recording.notes)
    return "\n".join(lines)


# -- inside ------------------------------------------------------------------------------------------------


def _control_line(record: TapeRecord) -> MessageLine:
    control = record.json()
    kind = str(control.pop("do", "?"))
    link, attempt = str(control.pop("link", "")), control.pop("attempt", 0)
    control.pop("now", None)
    text = "" if kind in ("seed", "recording") else _short(control)
    return MessageLine(
        time_ms=record.time_ns // 1_000_000,
        link=link or "control",
        attempt=attempt if isinstance(attempt, int) else 0,
        direction="",
        type=kind,
        user_id=None,
        size=len(record.data),
        text=text,
    )


def _message_line(record: TapeRecord, message: wm.Message) -> MessageLine:
    return MessageLine(
        time_ms=record.time_ns // 1_000_000,
        link=record.link,
        attempt=record.attempt,
        direction=record.direction,
        type=type_label(message),
        user_id=getattr(message, "user_id", None),
        size=len(record.data),
        text=_text_of(message),
    )


def type_label(message: wm.Message) -> str:
    """Number and name of a message's type, as on the wire today."""
    match message:
        case wm.MediaData(medium=medium):
            number: MessageType | None = _MEDIA.get(medium)
        case wm.MetaData(msg_type=value):
            return label(MessageType, value)
        case wm.UnknownMessage(msg_type=value):
            return f"{value} UNKNOWN" if value is not None else "UNKNOWN"
        case _:
            number = _NUMBERS.get(type(message))
    return label(MessageType, number) if number is not None else type(message).__name__


def _text_of(message: wm.Message) -> str:
    match message:
        case wm.MediaData(data=data, timestamp=timestamp):
            return f"{len(data)} B at {timestamp}"
        case wm.TranscriptData(text=text) | wm.ChatData(text=text):
            return _short(text)
        case wm.UnknownMessage(why=why):
            return why
        case wm.KeepAliveRequest() | wm.KeepAliveResponse():
            return str(message.timestamp)
        case _:
            fields = msgspec.to_builtins(message)
            return _short({k: v for k, v in fields.items() if v not in (None, "", {}, []) and k != "raw"})


def _short(value: object, limit: int = 160) -> str:
    text = value if isinstance(value, str) else to_json(value).decode()
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _facts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    started = datetime.fromtimestamp(manifest["started_ms"] / 1000, UTC)
    yield "Started", started.strftime("%Y-%m-%d %H:%M:%S UTC")
    yield "Product", manifest["product"]
    for name, value in manifest["ids"].items():
        yield name, str(value)
    yield "Messages", ", ".join(f"{medium} {count}" for medium, count in manifest["counts"].items())
    yield "Reconnects", str(manifest["reconnects"])
    yield "Stop reason", label(StopReason, manifest["stop_reason"])
    yield "Closed", "yes" if manifest["closed"] else "no: it was cut off"


def _observed(observed: dict[str, Any]) -> Iterator[str]:
    for medium, tracks in observed.items():
        for user, seen in tracks.items():
            if medium == Medium.AUDIO:
                more = " ".join(f"{rate} Hz" for rate in seen["sample_rates"])
            else:
                more = " ".join(f"{width}x{height}" for width, height in seen["resolutions"])
                more += f" {seen['fps']:g} fps" if seen["fps"] else ""
            yield f"{medium:<6} {user:>12}  {seen['codec']} {more}  {seen['messages']} messages, {seen['bytes']} bytes"


def _gap_text(gap: dict[str, Any], zero_ms: int) -> str:
    start = (gap["start_ms"] - zero_ms) / 1000
    length = "open" if gap["end_ms"] is None else f"{(gap['end_ms'] - gap['start_ms']) / 1000:.3f} s"
    return f"{gap['medium']:<10} {gap['user_id']:>12}  at {start:.3f} s  {length}  {gap['reason']}"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []
