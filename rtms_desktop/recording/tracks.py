"""Sorts received media onto the tracks of a bundle: video and audio per participant, share as images or video.

Recorder thread. A track that its library refuses is given up alone; a disk that refuses is the recorder's matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from rtms_desktop.bitstream import images
from rtms_desktop.recording import names
from rtms_desktop.recording.audio_track import AudioTrackWriter
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.sidecars import AppendedFile
from rtms_desktop.recording.stamps import Stamps
from rtms_desktop.recording.video_track import VideoTrackWriter
from rtms_desktop.session.events import Gap, GapReason, MediaReceived
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import AudioParams

GapRow = tuple[Any, ...]
# A meeting holds a thousand people, but only a few are sent; each track costs an open file.
MAX_TRACKS = 200


class ImageFolder:
    """Images as received, each a file, and a line of ``index.jsonl`` behind it: a line always has its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: AppendedFile | None = None
        self._taken: set[str] = set()
        self.bytes = 0

    def add(self, event: MediaReceived, ms: int, stem: str, kind: str) -> None:
        name, number = f"{stem}.{kind}", 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}.{kind}"
        self._taken.add(name)
        self._folder.mkdir(exist_ok=True)
        (self._folder / name).write_bytes(event.data)
        self.bytes += len(event.data)
        width, height = images.image_size(event.data) or (None, None)
        row = {
            "ms": ms,
            "timestamp": event.timestamp_ms,
            "user_id": event.user_id,
            "user_name": event.user_name,
            "file": name,
            "width": width,
            "height": height,
            "bytes": len(event.data),
        }
        if self._index is None:
            self._index = AppendedFile(self._folder / names.INDEX)
        self._index.append(to_json(row).decode() + "\n")

    def sync(self) -> None:
        if self._index is not None:
            self._index.sync()

    def close(self) -> None:
        if self._index is not None:
            self._index.close()


class Tracks:
    """All playable files of one bundle. ``add`` raises OSError when the disk refuses.

    Attributes:
        stamps: checks the timestamps of all.
        problems: tracks given up, with the reason, for events and manifest.
    """

    def __init__(
        self, bundle: Path, gaps: Callable[[Medium, int], list[Gap]], gap_row: Callable[[GapRow], None]
    ) -> None:
        """``gaps`` lists what is known of holes in one track; ``gap_row`` takes each invented run."""
        self._bundle, self._gaps, self._gap_row = bundle, gaps, gap_row
        self._pictures: dict[tuple[Medium, int], VideoTrackWriter] = {}
        self._audio: dict[int, AudioTrackWriter] = {}
        self._images = {medium: ImageFolder(bundle / medium) for medium in (Medium.VIDEO, Medium.SHARE)}
        self.stamps = Stamps()
        self._zero_ms = 0
        self._synced: dict[Path, int] = {}
        self.problems: list[str] = []

    @property
    def paths(self) -> list[Path]:
        writers: list[VideoTrackWriter | AudioTrackWriter] = [*self._pictures.values(), *self._audio.values()]
        return [path for writer in writers for path in writer.paths]

    @property
    def bytes(self) -> int:
        """Bytes of all files on disk."""
        return sum(_size(path) for path in self.paths) + sum(folder.bytes for folder in self._images.values())

    def add(self, event: MediaReceived, zero_ms: int, params: AudioParams) -> None:
        self._zero_ms = zero_ms
        if not self._has_room(event):
            self._note(f"more than {MAX_TRACKS} tracks of {event.medium}: the others are on the tape only")
            return
        corrected = self.stamps.corrected
        ms = self.stamps.settle(event.timestamp_ms, event.at) - zero_ms
        about = self.stamps.corrected > corrected
        if self.stamps.corrected:
            self._note("timestamps that cannot be right: what bore them was put where it arrived")

        def write() -> None:
            if event.medium is Medium.AUDIO:
                self._audio_of(event.user_id, params).add(event.data, ms, about=about)
            else:
                self._picture(event, max(0, ms))

        self._guard(f"{event.medium} of {event.user_id}", write)

    def work(self) -> None:
        """Go on with what takes long: a part of one long silence. Raises as ``add`` does."""
        for user_id, writer in self._audio.items():
            if self._guard(f"audio of {user_id}", writer.work):
                return

    def flush(self) -> None:
        """Encode the sound that has come. Raises as ``add`` does."""
        for user_id, writer in self._audio.items():
            self._guard(f"audio of {user_id}", writer.flush)

    def link_lost(self, link: str) -> None:
        """Video of this link goes on where it can be decoded."""
        for (medium, _), writer in self._pictures.items():
            if link in (medium, "all"):
                writer.rejoin()

    def sync(self) -> None:
        """Ask the operating system to put every grown file onto the disk."""
        for folder in self._images.values():
            folder.sync()
        for user_id, audio in self._audio.items():
            self._guard(f"audio of {user_id}", audio.tick)
        for path in self.paths:
            size = _size(path)
            if size != self._synced.get(path, 0):  # libavformat makes a file at its first write
                self._synced[path] = size
                sync_file(path)

    def close(self) -> None:
        """Finish every file; the first error is raised after all have been tried."""
        first: OSError | None = None
        closers = [writer.close for writer in self._pictures.values()]
        closers += [writer.close for writer in self._audio.values()]
        closers += [folder.close for folder in self._images.values()]
        for close in closers:
            try:
                close()
            except OSError as error:
                first = first or error
            except av.FFmpegError as error:
                self._note(str(error))
        if first is not None:
            raise first

    # -- inside --------------------------------------------------------------------------------------------

    def _guard(self, what: str, step: Callable[[], bool | None]) -> bool:
        """Whether there was something to do. What a library refuses is noted; a disk that refuses is raised."""
        try:
            return bool(step())
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            self._note(f"{what}: {error}")
            return False

    def _has_room(self, event: MediaReceived) -> bool:
        if event.medium is Medium.AUDIO:
            return event.user_id in self._audio or len(self._audio) < MAX_TRACKS
        return (event.medium, event.user_id) in self._pictures or len(self._pictures) < MAX_TRACKS

    def _picture(self, event: MediaReceived, ms: int) -> None:
        medium, user_id, kind = event.medium, event.user_id, images.sniff(event.data)
        # Slides are wanted one by one; and Matroska has no place for PNG, whoever sends it.
        if kind == "png" or (kind == "jpg" and medium is Medium.SHARE):
            stem = str(ms) if medium is Medium.SHARE else f"{user_id}-{ms}"
            self._images[medium].add(event, ms, stem, kind)
            return
        writer = self._pictures.get((medium, user_id))
        if writer is None:
            writer = self._pictures[medium, user_id] = VideoTrackWriter(self._bundle / medium, str(user_id))
        writer.add(event.data, ms)

    def _audio_of(self, user_id: int, params: AudioParams) -> AudioTrackWriter:
        writer = self._audio.get(user_id)
        if writer is None:
            lines = _Lines(user_id, self._hole_filled, self._came_late)
            writer = AudioTrackWriter(self._bundle / "audio", str(user_id), params, lines)
            self._audio[user_id] = writer
        writer.set_format(params)
        return writer

    def _hole_filled(self, user_id: int, path: Path, rate: int, start: int, samples: int) -> None:
        zero = self._zero_ms
        start_ms, end_ms = zero + start * 1000 // rate, zero + (start + samples) * 1000 // rate
        name = path.relative_to(self._bundle).as_posix()
        end = start + samples
        for run_start, run_end, reason in runs_of(self._gaps(Medium.AUDIO, user_id), start_ms, end_ms):
            run = end if run_end == end_ms else (run_end - zero) * rate // 1000
            self._gap_row((name, Medium.AUDIO.value, user_id, run_start, run_end, start, run - start, reason.value))
            start = run

    def _came_late(self, user_id: int, path: Path, rate: int, start: int, samples: int) -> None:
        start_ms, end_ms = (self._zero_ms + place * 1000 // rate for place in (start, start + samples))
        name, reason = path.relative_to(self._bundle).as_posix(), GapReason.DROPPED_HERE
        self._gap_row((name, Medium.AUDIO.value, user_id, start_ms, end_ms, start, samples, reason.value))

    def _note(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the writer of one participant's sound tells, with the participant."""

    user_id: int
    filled: Callable[[int, Path, int, int, int], None]
    came_late: Callable[[int, Path, int, int, int], None]

    def hole(self, path: Path, rate: int, start: int, samples: int) -> None:
        self.filled(self.user_id, path, rate, start, samples)

    def late(self, path: Path, rate: int, start: int, samples: int) -> None:
        self.came_late(self.user_id, path, rate, start, samples)


def runs_of(gaps: list[Gap], start_ms: int, end_ms: int) -> list[tuple[int, int, GapReason]]:
    """A hole cut into runs, each with the reason of the known gap that covers it; elsewhere, nobody spoke."""
    runs: list[tuple[int, int, GapReason]] = []
    position = start_ms
    for gap in sorted(gaps, key=lambda gap: gap.start_ms):
        first = max(position, gap.start_ms)
        last = end_ms if gap.end_ms is None else min(end_ms, gap.end_ms)
        if first >= last:
            continue
        if first > position:
            runs.append((position, first, GapReason.SILENCE))
        runs.append((first, last, gap.reason))
        position = last
    if position < end_ms:
        runs.append((position, end_ms, GapReason.SILENCE))
    return runs


def sync_file(path: Path) -> None:
    """fsync a file that another handle is writing."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
