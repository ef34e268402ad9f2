"""Plays a media file in a loop: decoded, scaled and resampled to what each client negotiated, in the feed threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.sources.base import AudioFormat, Happening, MediaStream, Participant, PictureFormat
from rtms_desktop.mock_server.sources.drawing import BT709, Planes, even
from rtms_desktop.mock_server.sources.pattern import invent_people
from rtms_desktop.mock_server.sources.script import event
from rtms_desktop.mock_server.sources.streams import AudioStream, Block, PictureStream
from rtms_desktop.wire.enums import EventType, Medium

_STILL_MS = 1000.0
_SEEK_BEYOND_MS = 2000.0
"""A jump of more than this is done by seeking instead of decoding."""


class FileSource:
    """Everybody in the meeting shows the file; the first one is heard."""

    def __init__(self, path: Path, participants: int) -> None:
        self._path = path
        has_video, self._has_audio, self._loop_ms = _probe(path)
        self._has_video = has_video
        name = path.stem.replace("_", " ")[:40] or "File"
        people = invent_people(participants)
        self._people = (Participant(people[0].user_id, name), *people[1:])

    @property
    def people(self) -> Sequence[Participant]:
        return self._people

    @property
    def recorded(self) -> None:
        return None

    def audio(self, form: AudioFormat, zero_ms: int) -> MediaStream | None:
        if not self._has_audio:
            return None
        return AudioStream(form, zero_ms, FileSampler(self._path, form.rate, self._loop_ms, self._people[0]))

    def video(self, user_id: int, form: PictureFormat, zero_ms: int) -> MediaStream | None:
        person = next((one for one in self._people if one.user_id == user_id), None)
        if person is None or not self._has_video:
            return None
        return PictureStream(Medium.VIDEO, person, form, zero_ms, FilePainter(self._path, form, self._loop_ms))

    def share(self, form: PictureFormat, zero_ms: int) -> MediaStream | None:
        return None

    def happenings(self, zero_ms: int) -> Iterator[Happening]:
        yield Happening(0, event(EventType.ACTIVE_SPEAKER_CHANGE, zero_ms, self._people[0]))

    def close(self) -> None:
        """Every stream has a container of its own."""


def _probe(path: Path) -> tuple[bool, bool, float]:
    """Whether the file has video and audio, and its length in ms. Raises UsageError."""
    fix = "Give a media file such as mp4, webm, m4a or mp3, or leave --source away for the test pattern."
    try:
        with av.open(str(path)) as container:
            video, audio = _video_stream(container) is not None, bool(container.streams.audio)
            loop_ms = (container.duration or 0) / 1000 or _STILL_MS
    except (OSError, FFmpegError) as error:
        raise UsageError(f"cannot play {path}", str(getattr(error, "strerror", "") or error), fix) from error
    if not video and not audio:
        raise UsageError(f"cannot play {path}", "it has neither picture nor sound", fix)
    return video, audio, loop_ms


def _video_stream(container: Any) -> Any:
    """The first stream that moves: the cover of an album is none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


class _Decoder:
    """Decoded frames with their times, from any position, tolerant of damage."""

    def __init__(self, path: Path, medium: Medium) -> None:
        self._container = av.open(str(path))
        video = medium is Medium.VIDEO
        self._stream = _video_stream(self._container) if video else self._container.streams.audio[0]
        if video:
            self._stream.codec_context.thread_type, self._stream.codec_context.thread_count = "NONE", 1

    def frames(self, from_ms: float) -> Iterator[tuple[float, Any]]:
        """(time in ms, frame) from the keyframe before `from_ms` to the end of the file."""
        self._container.seek(int(from_ms * 1000), backward=True)
        start_s = float((self._stream.start_time or 0) * (self._stream.time_base or 0))
        for packet in self._container.demux(self._stream):
            try:
                decoded = packet.decode()
            except FFmpegError:
                continue
            for frame in decoded:
                if frame.time is not None:
                    yield (frame.time - start_s) * 1000, frame

    def close(self) -> None:
        self._container.close()


class FilePainter:
    """The picture that stands at a media time, fitted into the format with black bars."""

    def __init__(self, path: Path, form: PictureFormat, loop_ms: float) -> None:
        self._decoder = _Decoder(path, Medium.VIDEO)
        self._loop_ms = loop_ms
        self._planes = Planes(form.width, form.height, BT709)
        self._scaler = av.video.reformatter.VideoReformatter()
        self._frames: Iterator[tuple[float, Any]] = iter(())
        self._next: tuple[float, Any] | None = None
        self._at_ms = float("inf")
        self._size = (0, 0)

    def picture(self, number: int, at_ms: float) -> av.VideoFrame | None:
        at_ms %= self._loop_ms
        newest = None
        if at_ms < self._at_ms or at_ms > self._at_ms + _SEEK_BEYOND_MS:
            self._frames = self._decoder.frames(at_ms)
            self._next = next(self._frames, None)
        self._at_ms = at_ms
        while self._next is not None and self._next[0] <= at_ms:
            newest = self._next[1]
            self._next = next(self._frames, None)
        if newest is not None:
            self._fit(newest)
        return self._planes.frame if self._size[0] else None

    def _fit(self, frame: av.VideoFrame) -> None:
        planes = self._planes
        scale = min(planes.width / frame.width, planes.height / frame.height)
        width, height = max(2, even(frame.width * scale)), max(2, even(frame.height * scale))
        if (width, height) != self._size:
            self._size = (width, height)
            planes.y[:], planes.u[:], planes.v[:] = 16, 128, 128
        small = self._scaler.reformat(frame, width, height, "yuv420p", threads=1)
        parts = []
        for plane in small.planes:
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            parts.append(rows[: plane.height, : plane.width])
        planes.paste(
            even((planes.width - width) / 2), even((planes.height - height) / 2), (parts[0], parts[1], parts[2])
        )

    def close(self) -> None:
        self._decoder.close()


class FileSampler:
    """The sound of the file as one person's voice; the loop is as long as the file."""

    def __init__(self, path: Path, rate: int, loop_ms: float, person: Participant) -> None:
        self._decoder = _Decoder(path, Medium.AUDIO)
        self._rate, self._person = rate, person
        self._loop = max(1, int(loop_ms * rate / 1000))
        self._chunks: Iterator[NDArray[np.float32]] = iter(())
        self._left: NDArray[np.float32] = np.empty(0, np.float32)
        self._position = -1

    def blocks(self, start: int, count: int) -> Sequence[Block]:
        parts: list[NDArray[np.float32]] = []
        while count > 0:
            within = start % self._loop
            part = self._read(within, min(count, self._loop - within))
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return [(self._person, np.concatenate(parts))]

    def _read(self, position: int, count: int) -> NDArray[np.float32]:
        if position != self._position:
            self._chunks = self._decode(position)
            self._left = np.empty(0, np.float32)
        while len(self._left) < count:
            chunk = next(self._chunks, None)
            if chunk is None:  # the sound is shorter than the picture
                chunk = np.zeros(count, np.float32)
            self._left = np.concatenate((self._left, chunk))
        part, self._left = self._left[:count], self._left[count:]
        self._position = position + count
        return part

    def _decode(self, position: int) -> Iterator[NDArray[np.float32]]:
        """Samples from exactly `position` on."""
        resampler = av.AudioResampler(format="flt", layout="mono", rate=self._rate)
        skip: int | None = None
        for at_ms, frame in self._decoder.frames(position * 1000 / self._rate):
            if skip is None:
                skip = position - round(at_ms * self._rate / 1000)
                if skip < 0:
                    yield np.zeros(-skip, np.float32)
            frame.pts = None
            for part in resampler.resample(frame):
                samples = part.to_ndarray()[0].astype(np.float32)
                cut = min(max(skip, 0), len(samples))
                skip -= cut
                if cut < len(samples):
                    yield samples[cut:]

    def close(self) -> None:
        self._decoder.close()
