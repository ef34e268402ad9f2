"""Writes one bundle: takes the queue's entries, keeps tape, tracks, text and manifest in step. Recorder thread only.

Every method may raise OSError when the disk refuses; the recorder decides what then happens.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop.recording import names
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.inbox import ControlRecord, Dropped, Entry, SessionEvents, TapeMessage
from rtms_desktop.recording.manifest import RecordingInfo, write_atomic, write_manifest
from rtms_desktop.recording.marks import taped_mark
from rtms_desktop.recording.media_mkv import make_media
from rtms_desktop.recording.sidecars import Sidecars
from rtms_desktop.recording.summary import SessionSummary
from rtms_desktop.recording.tape import TapeWriter
from rtms_desktop.recording.tracks import Tracks
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.redact import Redactor

_LOST_STATES = frozenset({ev.LinkState.INTERRUPTED, ev.LinkState.WAITING, ev.LinkState.CONNECTING})


class BundleWriter:
    """One bundle being written.

    Attributes:
        folder: the bundle.
        summary: what the manifest will say.
    """

    def __init__(self, folder: Path, info: RecordingInfo, started_at: float) -> None:
        """``started_at``: monotonic seconds that belong to ``info.started_ms``."""
        self.folder = folder
        self.summary = SessionSummary(info)
        self._redactor = Redactor(info.secrets)
        self._origin_ns = info.started_ms * 1_000_000 - round(started_at * 1e9)
        folder.mkdir(parents=True, mode=0o700)
        self._tape = TapeWriter(folder / names.TAPE)
        self._sidecars = Sidecars(folder, self._redact)
        self._tracks = Tracks(folder, self._gaps_of, self._sidecars.gap)
        card = {"schema": 1, "type": names.MIME_TYPE, "bundle": folder.name}
        write_atomic(folder / names.OPEN_FILE, to_json(card) + b"\n")
        self._tape.control(info.to_record(), self.time_ns(started_at))
        self.write_manifest(closed=False)

    # -- figures -------------------------------------------------------------------------------------------

    @property
    def bytes(self) -> int:
        """Bytes on disk in tape, tracks and text."""
        return self._tape.position + self._tracks.bytes + sum(file.size for file in self._sidecars.files)

    @property
    def track_problems(self) -> Sequence[str]:
        return self._tracks.problems

    def time_ns(self, at: float) -> int:
        """Wall clock at the start plus monotonic time elapsed, in nanoseconds."""
        return self._origin_ns + round(at * 1e9)

    # -- writing -------------------------------------------------------------------------------------------

    def write(self, entry: Entry) -> None:
        match entry:
            case TapeMessage():
                self._message(entry)
            case ControlRecord(record=record, at=at):
                self._tape.control(json.loads(self._redact(to_json(record).decode())), self.time_ns(at))
                self.mark(record)
            case SessionEvents(events=events):
                self._events(events)
            case Dropped():
                self._dropped(entry)

    def mark(self, record: Mapping[str, Any]) -> None:
        """Put a control record beside the tape if it tells of a mark."""
        change = taped_mark(record)
        if change is not None:
            self._sidecars.mark(change)

    def work(self) -> None:
        """Go on with what takes long; called whenever there is time."""
        self._tracks.work()

    def flush(self) -> None:
        """Close the tape's open chunk, and encode the sound that has come."""
        self._tape.flush()
        self._tracks.flush()

    def sync(self) -> None:
        """Bring everything onto the disk itself."""
        self._tape.sync()
        self._sidecars.sync()
        self._tracks.sync()

    def check(self) -> str:
        """Read the newest part of the tape back; a sentence when it is not on disk as it was written, else ""."""
        path = self.folder / names.TAPE
        try:
            size = path.stat().st_size
        except OSError:
            return f"{path} has been moved or deleted while it was being written."
        if size < self._tape.position:
            return f"{path} is shorter than what was written to it."
        newest = self._tape.newest
        same = newest is None or newest.stands_in(path)
        return "" if same else f"{path} reads back otherwise than it was written; its disk may be damaged."

    def write_manifest(self, *, closed: bool) -> None:
        files = names.list_files(self.folder)
        write_manifest(self.folder, self.summary.manifest(files=files, closed=closed))

    # -- the end -------------------------------------------------------------------------------------------

    def finish(
        self, stop_reason: int | None, *, with_media: bool = True, stop: Callable[[], bool] = lambda: False
    ) -> list[str]:
        """Finalise every part, each on its own; returns what could not be done.

        ``with_media`` False: there is no room for media.mkv. ``stop``: asked while that is made; it is then left out.
        """
        if stop_reason is not None:
            self.summary.stop_reason = stop_reason
        problems: list[str] = []
        for step in (self._tape.close, self._tracks.close, lambda: self._sidecars.close(self._zero(0))):
            _attempt(step, problems)
        closed = not problems
        _attempt(lambda: self.write_manifest(closed=closed), problems)
        # Only made from the others, so it can be made again: without it the bundle is whole all the same.
        if with_media:
            _attempt(lambda: make_media(self.folder, stop), problems)
            _attempt(lambda: self.write_manifest(closed=closed), problems)  # which lists it
        return problems

    def abandon(self) -> None:
        """Let go of all files without finishing anything."""
        ignored: list[str] = []
        for step in (self._tape.abandon, self._tracks.close, lambda: self._sidecars.close(0)):
            _attempt(step, ignored)

    # -- inside --------------------------------------------------------------------------------------------

    def _redact(self, text: str) -> str:
        return self._redactor.blank_text(text)

    def _message(self, message: TapeMessage) -> None:
        data = message.data
        text = isinstance(data, str)
        self._tape.message(
            message.link,
            message.attempt,
            message.direction,
            "text" if text else "binary",
            self._redactor.blank_bytes(data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data)),
            self.time_ns(message.at),
        )

    def _events(self, events: Sequence[ev.Event]) -> None:
        # First the whole batch: a gap that is told behind the media that ended it still gives its reason.
        self.summary.feed(events)
        for event in events:
            if isinstance(event, ev.MediaReceived):
                self._tracks.add(event, self._zero(event.timestamp_ms), self.summary.audio_params)
            else:
                self._told(event)

    def _told(self, event: ev.Event) -> None:
        wall_ms = self.time_ns(event.at) // 1_000_000
        match event:
            case ev.TranscriptReceived(message=message):
                self._sidecars.transcript(message, self._zero(message.timestamp))
            case ev.ChatReceived(message=chat):
                self._sidecars.chat(chat)
            case ev.SessionZero(at=at, timestamp_ms=zero):
                self._tracks.stamps.anchor(zero, at)
                self._sidecars.event(event, wall_ms)
            case _:
                self._sidecars.event(event, wall_ms)
        if isinstance(event, ev.LinkStateChanged) and event.new in _LOST_STATES:
            self._tracks.link_lost(event.link)

    def _zero(self, otherwise: int) -> int:
        return otherwise if self.summary.zero_ms is None else self.summary.zero_ms

    def _dropped(self, loss: Dropped) -> None:
        # The last chunk that was lost had a length too.
        step = self.summary.audio_params.send_rate
        gaps = [
            replace(gap, end_ms=gap.end_ms + step) if gap.medium is Medium.AUDIO and gap.end_ms is not None else gap
            for gap in loss.gaps
        ]
        record = {
            "do": "dropped",
            "messages": loss.messages,
            "bytes": loss.bytes,
            "since": loss.since,
            "until": loss.until,
            "gaps": [msgspec.to_builtins(gap) for gap in gaps],
        }
        self._tape.control(record, self.time_ns(loss.until))
        self.summary.dropped(gaps)
        for gap in gaps:
            self._sidecars.event(ev.GapClosed(at=loss.until, gap=gap), self.time_ns(loss.until) // 1_000_000)
            if gap.medium in (Medium.VIDEO, Medium.SHARE):
                self._tracks.link_lost(gap.medium)

    def _gaps_of(self, medium: Medium, user_id: int) -> list[ev.Gap]:
        gaps = [gap for gap in self.summary.gaps if gap.medium is medium and gap.user_id == user_id]
        still_open = self.summary.open_gaps.get((medium, user_id))
        return gaps if still_open is None else [*gaps, replace(still_open, end_ms=None)]


def _attempt(step: Callable[[], object], problems: list[str]) -> None:
    try:
        step()
    except OSError as error:
        problems.append(error.strerror or str(error))
