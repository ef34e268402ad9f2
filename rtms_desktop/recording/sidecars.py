"""Text beside the tape, appended live: transcript, captions, chat, events, marks, invented audio. Recorder thread.

Times in the JSON lines are the server's Unix milliseconds, as on the wire; captions count from session zero.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from rtms_desktop.recording import names
from rtms_desktop.recording.control import clean_url
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.manifest import write_atomic
from rtms_desktop.recording.marks import Mark, mark_line
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Attribute
from rtms_desktop.wire.messages import ChatData, TranscriptData

GAP_COLUMNS = ("file", "medium", "user_id", "start_ms", "end_ms", "start_sample", "samples", "reason")
MIN_CUE_MS = 500
VTT_HEAD = "WEBVTT\n\n"

Redact = Callable[[str], str]


class AppendedFile:
    """A file that only grows; every append reaches the operating system at once. Methods raise OSError.

    Attributes:
        size: bytes written.
    """

    def __init__(self, path: Path, head: str = "") -> None:
        self._file: BinaryIO = path.open("xb", buffering=0)
        self.size = 0
        self._synced = 0
        if head:
            self.append(head)

    def append(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.size += len(data)

    def sync(self) -> None:
        if self.size != self._synced:
            os.fsync(self._file.fileno())
            self._synced = self.size

    def close(self) -> None:
        self._file.close()


class Captions:
    """Cues of transcript.vtt, from rows of transcript.jsonl.

    Updates and deletions are found by (user_id, start): the wire has no message id.

    Attributes:
        revised: whether appending alone no longer gives the right file.
    """

    def __init__(self) -> None:
        self._cues: dict[tuple[int, int], dict[str, Any]] = {}
        self._latest = 0
        self.revised = False

    def add(self, row: dict[str, Any]) -> bool:
        """Take a row in; True when it is a new cue that can simply be appended."""
        key = (row["user_id"], row["start_ms"])
        if row["attribute"] == Attribute.DELETE:
            self.revised |= self._cues.pop(key, None) is not None
            return False
        known = key in self._cues
        self.revised |= known or row["start_ms"] < self._latest
        self._latest = max(self._latest, row["start_ms"])
        self._cues[key] = row
        return not known

    def text(self, zero_ms: int) -> str:
        """The whole file."""
        cues = sorted(self._cues.values(), key=lambda row: int(row["start_ms"]))
        return VTT_HEAD + "".join(cue_text(row, zero_ms) for row in cues)


class Sidecars:
    """All text files of one bundle. Methods raise OSError when the disk refuses."""

    def __init__(self, bundle: Path, redact: Redact) -> None:
        self._bundle, self._redact = bundle, redact
        self._transcript = AppendedFile(bundle / names.TRANSCRIPT)
        self._vtt = AppendedFile(bundle / names.TRANSCRIPT_VTT, VTT_HEAD)
        self._chat = AppendedFile(bundle / names.CHAT)
        self._events = AppendedFile(bundle / names.EVENTS)
        self._marks = AppendedFile(bundle / names.MARKS)
        self._gaps = AppendedFile(bundle / names.GAPS, csv_row(GAP_COLUMNS))
        self._captions = Captions()

    @property
    def files(self) -> tuple[AppendedFile, ...]:
        return self._transcript, self._vtt, self._chat, self._events, self._marks, self._gaps

    def transcript(self, message: TranscriptData, zero_ms: int) -> None:
        line = self._line(transcript_row(message))
        self._transcript.append(line)
        row = json.loads(line)
        if self._captions.add(row):
            self._vtt.append(cue_text(row, zero_ms))

    def chat(self, message: ChatData) -> None:
        self._chat.append(self._line(chat_row(message)))

    def event(self, event: ev.Event, wall_ms: int) -> None:
        """One line of events.jsonl: ``{"wall_ms", "event", ...fields}``; media payloads do not come here."""
        self._events.append(self._line(event_row(event, wall_ms)))

    def mark(self, change: Mark) -> None:
        """A mark that a person set, altered or deleted."""
        self._marks.append(self._redact(mark_line(change).decode()))

    def gap(self, row: tuple[Any, ...]) -> None:
        """One invented run, in the order of GAP_COLUMNS."""
        self._gaps.append(csv_row(row))

    def sync(self) -> None:
        for file in self.files:
            file.sync()

    def close(self, zero_ms: int) -> None:
        """Close all; captions that were revised are written again as they finally stood."""
        try:
            if self._captions.revised:
                text = self._captions.text(zero_ms).encode("utf-8", "replace")
                write_atomic(self._bundle / names.TRANSCRIPT_VTT, text)
        finally:
            for file in self.files:
                file.close()

    def _line(self, row: dict[str, Any]) -> str:
        return self._redact(to_json(row).decode()) + "\n"


def transcript_row(message: TranscriptData) -> dict[str, Any]:
    """The line of transcript.jsonl."""
    start = message.start_time or message.timestamp
    return {
        "start_ms": start,
        "end_ms": message.end_time or start,
        "timestamp": message.timestamp,
        "user_id": message.user_id,
        "user_name": message.user_name,
        "language": message.language,
        "attribute": message.attribute,
        "text": message.text,
    }


def chat_row(message: ChatData) -> dict[str, Any]:
    """The line of chat.jsonl; the keys behind ``text`` stand only where the message had them."""
    sender, receiver = message.sender, message.receiver
    row = {
        "timestamp": message.timestamp,
        "operation": message.operation,
        "message_id": message.message_id,
        "sender_id": sender.user_id if sender else None,
        "sender_name": sender.user_name if sender else "",
        "session_type": message.session_type,
        "text": message.text,
    }
    more = {
        "parent_message_id": message.parent_message_id,
        "session_id": message.session_id,
        "receiver_id": receiver.user_id if receiver else None,
        "receiver_name": receiver.user_name if receiver else "",
        "files": [msgspec.to_builtins(file) for file in message.files],
        "deleted_files": list(message.deleted_files),
    }
    return row | {key: value for key, value in more.items() if value}


def event_row(event: ev.Event, wall_ms: int) -> dict[str, Any]:
    """The line of events.jsonl."""
    row: dict[str, Any] = {"wall_ms": wall_ms, "event": type(event).__name__}
    row |= msgspec.to_builtins(event, enc_hook=str)
    if isinstance(row.get("urls"), dict):
        row["urls"] = {key: clean_url(str(url)) for key, url in row["urls"].items()}
    return row


def cue_text(row: dict[str, Any], zero_ms: int) -> str:
    """One WebVTT cue for a row of transcript.jsonl."""
    start = max(0, row["start_ms"] - zero_ms)
    end = max(start + MIN_CUE_MS, row["end_ms"] - zero_ms)
    text = " ".join(row["text"].split())
    voice = escape(" ".join(row["user_name"].split()) or str(row["user_id"]))
    return f"{clock_text(start)} --> {clock_text(end)}\n<v {voice}>{escape(text)}\n\n"


def escape(text: str) -> str:
    """WebVTT's three: what a speaker says must not become markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clock_text(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"


def csv_row(values: tuple[Any, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()
