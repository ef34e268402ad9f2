"""Sorts received media onto the tracks of a bundle: video and audio per participant, share as images or video.

Recorder thread. A track that its library refuses is given up alone; a disk that refuses is the recorder's matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import av
import msgspec

from rtms_desktop.bitstream import images
from rtms_desktop.recording import names
from rtms_desktop.recording.audio_track import AudioTrackWriter
from rtms_desktop.recording.sidecars import AppendedFile
from rtms_desktop.recording.video_track import VideoTrackWriter
from rtms_desktop.session.events import Gap, GapReason, MediaReceived
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import AudioParams

GapRow = tuple[Any, ...]
# A meeting holds a thousand people, but only a few are sent; each track costs an open file.
MAX_TRACKS = 200


class ShareWriter:
    """Screen share: each image a file as received plus a line of index.jsonl; H.264 as ``share/<user>-<n>.mkv``."""

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle
        self._index: AppendedFile | None = None
        self._videos: dict[int, VideoTrackWriter] = {}
        self._taken: set[str] = set()
        self.image_bytes = 0

    @property
    def videos(self) -> list[VideoTrackWriter]:
        return list(self._videos.values())

    @property
    def users(self) -> Collection[int]:
        """Who shares by video."""
        return self._videos.keys()

    def add(self, event: MediaReceived, ms: int) -> None:
        kind = images.sniff(event.data)
        if kind in ("jpg", "png"):
            self._add_image(event, ms, kind)
        elif event.data:
            writer = self._videos.get(event.user_id)
            if writer is None:
                writer = VideoTrackWriter(self._bundle / "share", str(event.user_id))
                self._videos[event.user_id] = writer
            writer.add(event.data, ms)

    def sync(self) -> None:
        if self._index is not None:
            self._index.sync()

    def close(self) -> None:
        if self._index is not None:
            self._index.close()

    def _add_image(self, event: MediaReceived, ms: int, kind: str) -> None:
        name, number = f"{ms}.{kind}", 1
        while name in self._taken:
            number += 1
            name = f"{ms}-{number}.{kind}"
        self._taken.add(name)
        (self._bundle / "share").mkdir(exist_ok=True)
        (self._bundle / "share" / name).write_bytes(event.data)
        self.image_bytes += len(event.data)
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
            self._index = AppendedFile(self._bundle / names.SHARE_INDEX)
        # Behind the image: a line always has its file.
        self._index.append(msgspec.json.encode(row).decode() + "\n")


class Tracks:
    """All playable files of one bundle. ``add`` raises OSError when the disk refuses.

    Attributes:
        problems: tracks given up, with the reason, for events and manifest.
    """

    def __init__(
        self, bundle: Path, gaps: Callable[[Medium, int], list[Gap]], gap_row: Callable[[GapRow], None]
    ) -> None:
        """``gaps`` lists what is known of holes in one track; ``gap_row`` takes each invented run."""
        self._bundle, self._gaps, self._gap_row = bundle, gaps, gap_row
        self._video: dict[int, VideoTrackWriter] = {}
        self._audio: dict[int, AudioTrackWriter] = {}
        self._share = ShareWriter(bundle)
        self._zero_ms = 0
        self._synced: dict[Path, int] = {}
        self.problems: list[str] = []

    @property
    def paths(self) -> list[Path]:
        writers: list[VideoTrackWriter | AudioTrackWriter] = [*self._video.values(), *self._share.videos]
        writers += self._audio.values()
        return [path for writer in writers for path in writer.paths]

    @property
    def bytes(self) -> int:
        """Bytes of all files on disk."""
        return self._share.image_bytes + sum(_size(path) for path in self.paths)

    def add(self, event: MediaReceived, zero_ms: int, params: AudioParams) -> None:
        self._zero_ms = zero_ms
        if not self._has_room(event):
            self._note(f"more than {MAX_TRACKS} tracks of {event.medium}: the others are on the tape only")
            return
        ms = max(0, event.timestamp_ms - zero_ms)
        try:
            if event.medium is Medium.VIDEO:
                self._video_of(event.user_id).add(event.data, ms)
            elif event.medium is Medium.AUDIO:
                self._audio_of(event.user_id, params).add(event.data, event.timestamp_ms - zero_ms)
            else:
                self._share.add(event, ms)
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            self._note(f"{event.medium} of {event.user_id}: {error}")

    def link_lost(self, link: str) -> None:
        """Video of this link goes on where it can be decoded."""
        writers = {"video": [*self._video.values()], "share": self._share.videos}
        for writer in writers.get(link, []) if link != "all" else [*writers["video"], *writers["share"]]:
            writer.rejoin()

    def sync(self) -> None:
        """Ask the operating system to put every grown file onto the disk."""
        self._share.sync()
        for path in self.paths:
            size = _size(path)
            if size != self._synced.get(path):
                self._synced[path] = size
                sync_file(path)

    def close(self) -> None:
        """Finish every file; the first error is raised after all have been tried."""
        first: OSError | None = None
        closers = [writer.close for writer in (*self._video.values(), *self._share.videos)]
        closers += [writer.close for writer in self._audio.values()]
        for close in (*closers, self._share.close):
            try:
                close()
            except OSError as error:
                first = first or error
            except av.FFmpegError as error:
                self._note(str(error))
        if first is not None:
            raise first

    # -- inside --------------------------------------------------------------------------------------------

    def _has_room(self, event: MediaReceived) -> bool:
        tracks: Collection[int] = self._share.users
        if event.medium is not Medium.SHARE:
            tracks = (self._video if event.medium is Medium.VIDEO else self._audio).keys()
        return event.user_id in tracks or len(tracks) < MAX_TRACKS

    def _video_of(self, user_id: int) -> VideoTrackWriter:
        if user_id not in self._video:
            self._video[user_id] = VideoTrackWriter(self._bundle / "video", str(user_id))
        return self._video[user_id]

    def _audio_of(self, user_id: int, params: AudioParams) -> AudioTrackWriter:
        writer = self._audio.get(user_id)
        if writer is None:

            def hole_filled(path: Path, rate: int, start: int, samples: int) -> None:
                self._hole_filled(user_id, path, rate, start, samples)

            writer = AudioTrackWriter(self._bundle / "audio", str(user_id), params, hole_filled)
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

    def _note(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)


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
