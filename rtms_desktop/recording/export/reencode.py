"""Pictures decoded, brought to one size and encoded again, black where they are missing. Worker thread."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from rtms_desktop.recording.export.pictures import Part
from rtms_desktop.recording.export.spans import Span, Timeline
from rtms_desktop.recording.video_track import TIME_BASE

# B pictures would only bring delay: times are uneven here.
_ENCODER = {"preset": "veryfast", "crf": "20", "bf": "0", "g": "250"}
_BLACK_MS = 100
_Y_BLACK, _NO_COLOUR = 16, 128

Planes = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def add_encoded_stream(output: OutputContainer, parts: list[Part], title: str) -> VideoStream:
    """An H.264 track as large as the largest of ``parts``."""
    largest = max(parts, key=lambda part: part.width * part.height)
    stream = output.add_stream("libx264", rate=25, options=_ENCODER)
    stream.width, stream.height = largest.width + largest.width % 2, largest.height + largest.height % 2
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = stream.time_base = TIME_BASE
    stream.metadata["title"] = title
    return stream


def encoded_pictures(
    tracks: list[list[Part]], holes: list[Span] | None, stream: VideoStream, timeline: Timeline
) -> Iterator[av.Packet[Any]]:
    """Packets of ``stream`` from tracks that take turns.

    ``holes``, in order: where one begins and no picture comes it is black, and so it is before the first picture;
    None = never black.
    """
    last = -1
    start = timeline.part[0] if timeline.part is not None else 0
    frames = heapq.merge(*(_frames(parts, start) for parts in tracks), key=lambda timed: timed[0])
    shown = frames if holes is None else _with_black(frames, holes, stream)
    for ms, frame in shown if timeline.part is None else _within(shown, timeline.part):
        fitted = _fit(frame, stream.width, stream.height)
        fitted.pts = last = max(timeline.at(ms), last + 1)
        fitted.time_base = TIME_BASE
        yield from stream.encode(fitted)
    yield from stream.encode(None)


# -- inside ------------------------------------------------------------------------------------------------


def _within(frames: Iterator[tuple[int, av.VideoFrame]], part: Span) -> Iterator[tuple[int, av.VideoFrame]]:
    """The pictures of a part; it begins with the one that stands there, or with the first that comes."""
    start, end = part
    standing: av.VideoFrame | None = None
    for ms, frame in frames:
        if ms >= end:
            break
        if ms <= start:
            standing = frame
            continue
        if standing is not None:
            yield start, standing
            standing = None
        yield ms, frame
    if standing is not None:
        yield start, standing


def _frames(parts: list[Part], start: int) -> Iterator[tuple[int, av.VideoFrame]]:
    """All pictures, or about those from ``start`` on: what comes before may be left out but for the last."""
    for part in parts:
        try:
            with av.open(str(part.path)) as container:
                _skip_to(container, start)
                for packet in container.demux(container.streams.video[0]):
                    for frame in _decoded(packet):
                        if frame.pts is not None and frame.time_base is not None:
                            yield round(frame.pts * frame.time_base * 1000), frame
        except (av.FFmpegError, IndexError):
            continue


def _skip_to(container: InputContainer, start: int) -> None:
    """To the last key picture before ``start``; a file that was never closed has no index to go by."""
    if start <= 0:
        return
    stream = container.streams.video[0]
    try:
        container.seek(round(start / 1000 / (stream.time_base or TIME_BASE)), stream=stream)
    except av.FFmpegError:
        container.seek(0)


def _decoded(packet: av.Packet[VideoStream]) -> list[av.VideoFrame]:
    try:
        return packet.decode()
    except av.FFmpegError:
        return []  # one damaged picture


def _with_black(
    frames: Iterator[tuple[int, av.VideoFrame]], holes: list[Span], stream: VideoStream
) -> Iterator[tuple[int, av.VideoFrame]]:
    black = _frame(_black(stream.width, stream.height))
    waiting = [(0, 0), *holes][::-1]  # the time before the first picture is a hole as well
    last = -1
    for ms, frame in frames:
        while waiting and waiting[-1][0] <= ms:
            start = max(last + 1, waiting.pop()[0])
            if ms - start >= _BLACK_MS:
                yield start, black
                last = start
        last = ms
        yield ms, frame
    if waiting:
        yield max(last + 1, waiting[-1][0]), black


def _fit(frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """``frame`` as large as fits, in the middle of black."""
    if (frame.width, frame.height) == (width, height):
        return _untyped(frame.reformat(format="yuv420p", dst_color_range="MPEG"))
    scale = min(width / frame.width, height / frame.height)
    inner_width, inner_height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    inner = np.asarray(
        frame.reformat(inner_width, inner_height, "yuv420p", dst_color_range="MPEG").to_ndarray(), np.uint8
    )
    canvas = _black(width, height)
    left, top = (width - inner_width) // 4 * 2, (height - inner_height) // 4 * 2
    for number, (target, source) in enumerate(
        zip(_planes(canvas, width, height), _planes(inner, inner_width, inner_height), strict=True)
    ):
        x, y = (left, top) if number == 0 else (left // 2, top // 2)
        target[y : y + source.shape[0], x : x + source.shape[1]] = source
    return _frame(canvas)


def _black(width: int, height: int) -> npt.NDArray[np.uint8]:
    canvas = np.full((height * 3 // 2, width), _NO_COLOUR, np.uint8)
    canvas[:height] = _Y_BLACK
    return canvas


def _planes(picture: npt.NDArray[np.uint8], width: int, height: int) -> Planes:
    """Views of Y, U and V of a yuv420p picture; sides are even."""
    flat, luma, chroma = picture.reshape(-1), width * height, width * height // 4
    half = (height // 2, width // 2)
    return (
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(half),
        flat[luma + chroma : luma + 2 * chroma].reshape(half),
    )


def _frame(picture: npt.NDArray[np.uint8]) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="yuv420p")


def _untyped(frame: av.VideoFrame) -> av.VideoFrame:
    """Without the picture type of the source, which the encoder would take for an order."""
    frame.pict_type = av.video.frame.PictureType.NONE
    return frame
