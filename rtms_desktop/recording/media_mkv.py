"""media.mkv: all pictures, copied, with the mixed audio in one file.

Made when a bundle is closed, by repair and by export: it is derived from the files beside it and can be made again
at any time. Recorder thread or a worker thread.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from rtms_desktop.recording import names
from rtms_desktop.recording.video_track import TIME_BASE

_BLOCK_S = 1
_STEP = 200
"""Packets between two looks at whether to go on: some milliseconds."""

_MIXED = "0"

Block = npt.NDArray[np.int16]
Timed = tuple[Fraction, int, "av.Packet[Any]"]  # subscriptable for the type checker only


def make_media(bundle: Path, stop: Callable[[], bool] = lambda: False) -> Path | None:
    """Write media.mkv from the bundle's tracks; None when it has none, or when ``stop`` said so meanwhile.

    Raises OSError when the disk refuses. A track that cannot be read is left out.
    """
    videos = sorted((*bundle.glob("video/*.mkv"), *bundle.glob("share/*.mkv")), key=_track_order)
    sounds = mixed_sources(bundle)
    if not videos and not sounds:
        return None
    final = bundle / names.MEDIA
    temporary = bundle / (names.MEDIA + ".tmp")
    try:
        if not _write(bundle, temporary, videos, sounds, stop):
            return None
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)
    return final


def mixed_sources(bundle: Path) -> list[Path]:
    """The files whose sum is what was heard: the server's mix (user 0) where there is one, else all speakers."""
    files = sorted(bundle.glob("audio/*.flac"))
    mixed = [path for path in files if path.stem.partition("-")[0] == _MIXED]
    return mixed or files


def mix(sources: list[Path], rate: int, layout: str = "mono") -> Iterator[Block]:
    """The clipped sum of FLAC files, in blocks of one second of shape (samples, channels), up to the longest."""
    channels = 2 if layout == "stereo" else 1
    blocks = [_blocks(path, rate, layout, channels) for path in sources]
    while True:
        parts = [part for source in blocks if (part := next(source, None)) is not None]
        if not parts:
            return
        total = np.zeros((max(map(len, parts)), channels), np.int32)
        for part in parts:
            total[: len(part)] += part
        yield np.clip(total, -32768, 32767).astype(np.int16)


# -- inside ------------------------------------------------------------------------------------------------


def _write(bundle: Path, target: Path, videos: list[Path], sounds: list[Path], stop: Callable[[], bool]) -> bool:
    """Whether all of it was written."""
    with ExitStack() as stack:
        inputs = [(path, *opened) for path in videos if (opened := _open_video(stack, path)) is not None]
        output = av.open(str(target), "w", format="matroska")
        stack.callback(output.close)
        sources = [
            _copied(container, stream, _title(output.add_stream_from_template(stream), path, bundle), number)
            for number, (path, container, stream) in enumerate(inputs)
        ]
        if sounds:
            sources.append(_mixed(stack, output, sounds, len(sources)))
        for number, (_, _, packet) in enumerate(heapq.merge(*sources, key=lambda timed: timed[:2])):
            if number % _STEP == 0 and stop():
                return False
            output.mux_one(packet)
    return True


def _track_order(path: Path) -> tuple[bool, str, int]:
    user, _, number = path.stem.rpartition("-")
    return path.parent.name == "share", user.zfill(12), int(number) if number.isdecimal() else 0


def _open_video(stack: ExitStack, path: Path) -> tuple[InputContainer, Stream] | None:
    try:
        container = av.open(str(path))
    except av.FFmpegError:
        return None
    stack.callback(container.close)
    return (container, container.streams.video[0]) if container.streams.video else None


def _title(stream: Stream, path: Path, bundle: Path) -> Stream:
    stream.metadata["title"] = path.relative_to(bundle).with_suffix("").as_posix()
    stream.time_base = TIME_BASE
    return stream


def _copied(container: InputContainer, source: Stream, target: Stream, order: int) -> Iterator[Timed]:
    last = -1
    try:
        for packet in container.demux(source):
            if packet.pts is None or packet.time_base is None:
                continue
            last = max(round(packet.pts * packet.time_base * 1000), last + 1)
            packet.pts = packet.dts = last
            packet.time_base = TIME_BASE
            packet.stream = target
            yield Fraction(last, 1000), order, packet
    except av.FFmpegError:
        return  # a damaged end: what could be read is in


def _mixed(stack: ExitStack, output: OutputContainer, sources: list[Path], order: int) -> Iterator[Timed]:
    rate, layout = _format_of(sources)
    stream = output.add_stream("flac", rate=rate, layout=layout)
    stream.codec_context.format = av.AudioFormat("s16")
    stream.metadata["title"] = "audio"

    def packets() -> Iterator[Timed]:
        position = 0
        for block in mix(sources, rate, layout):
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout=layout)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), position
            position += len(block)
            yield from _timed(stream.encode(frame))
        yield from _timed(stream.encode(None))

    def _timed(encoded: list[av.Packet[Any]]) -> Iterator[Timed]:
        for packet in encoded:
            yield (packet.pts or 0) * packet.time_base, order, packet

    return packets()


def _format_of(sources: list[Path]) -> tuple[int, str]:
    """The highest rate and the widest layout of the files."""
    rate, layout = 8_000, "mono"
    for path in sources:
        try:
            with av.open(str(path)) as container:
                stream = container.streams.audio[0]
                rate = max(rate, stream.rate or 0)
                layout = "stereo" if stream.channels == 2 else layout
        except (av.FFmpegError, IndexError):
            continue
    return rate, layout


def _blocks(path: Path, rate: int, layout: str, channels: int) -> Iterator[Block]:
    size = rate * _BLOCK_S
    waiting: list[Block] = []
    held = 0
    for part in _decoded(path, rate, layout, channels):
        waiting.append(part)
        held += len(part)
        if held >= size:
            joined = np.concatenate(waiting)
            whole = held - held % size
            yield from (joined[start : start + size] for start in range(0, whole, size))
            waiting, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(waiting)


def _decoded(path: Path, rate: int, layout: str, channels: int) -> Iterator[Block]:
    resampler = AudioResampler("s16", layout, rate)
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    yield part.to_ndarray().astype(np.int16, copy=False).reshape(-1, channels)
            for part in resampler.resample(None):
                yield part.to_ndarray().astype(np.int16, copy=False).reshape(-1, channels)
    except (av.FFmpegError, IndexError):
        return  # a damaged end: what could be read is in
