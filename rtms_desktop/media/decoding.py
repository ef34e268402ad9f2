"""Encoded pictures to decoded ones: H.264 with its losses seen, JPEG and PNG with their sizes checked.

Owned by one decode thread each; nothing here raises for bad input: it is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import av
from av.error import FFmpegError

from rtms_desktop.bitstream import h264, images

MAX_PIXELS = 50_000_000
"""Larger pictures are refused before they are decoded: a few KB of PNG can name gigabytes."""

START_CODE = b"\0\0\0\1"


class Picture(NamedTuple):
    """``number``: what the caller passed in with the access unit. ``corrupt``: damaged, or built on lost references."""

    frame: av.VideoFrame
    number: int
    keyframe: bool
    corrupt: bool


@dataclass(slots=True)
class DecodeCounts:
    decoded: int = 0
    errors: int = 0
    lost_references: int = 0
    before_keyframe: int = 0  # access units that could not be decoded for want of a keyframe
    skipped_hidden: int = 0
    refused: int = 0  # larger than MAX_PIXELS
    resolution_changes: int = 0


def is_start(data: bytes) -> bool:
    """Whether decoding can start at this access unit: an image, or an H.264 keyframe."""
    return images.sniff(data) in ("jpg", "png") or h264.is_keyframe(data)


class Decoder:
    """One track's decoder; what an access unit is, is read from the unit itself, so a track may change its codec.

    ``corrupt``: pictures are damaged until the next keyframe.
    """

    def __init__(self) -> None:
        self.counts = DecodeCounts()
        self.corrupt = False
        self._context: av.VideoCodecContext | None = None
        self._tracker = h264.FrameNumTracker()
        self._waiting = True  # for a keyframe
        self._sps = self._pps = b""
        self._size: tuple[int, int] | None = None

    def decode(self, data: bytes, number: int, keys_only: bool = False) -> list[Picture]:
        """Pictures that became ready (usually one). ``keys_only``: decode nothing but keyframes (hidden track)."""
        if not data:  # an empty packet means end of stream to FFmpeg, for ever
            self.counts.errors += 1
            return []
        kind = images.sniff(data)
        pictures = self._image(data, kind, number) if kind in ("jpg", "png") else self._h264(data, number, keys_only)
        for picture in pictures:
            self._note_size(picture.frame)
        self.counts.decoded += len(pictures)
        return pictures

    def skip(self) -> None:
        """Access units are missing before the next one: wait for a keyframe."""
        self._waiting = True

    def _note_size(self, frame: av.VideoFrame) -> None:
        size = (frame.width, frame.height)
        if self._size is not None and size != self._size:
            self.counts.resolution_changes += 1
        self._size = size

    def _image(self, data: bytes, kind: str, number: int) -> list[Picture]:
        size = images.image_size(data)
        if size is None or size[0] * size[1] > MAX_PIXELS:
            self.counts.refused += 1
            return []
        context = av.CodecContext.create("mjpeg" if kind == "jpg" else "png", "r")
        context.options = {"max_pixels": str(MAX_PIXELS)}
        context.thread_count = 1
        try:
            frames = context.decode(av.Packet(data))
        except (FFmpegError, ValueError):
            self.counts.errors += 1
            return []
        return [Picture(frame, number, True, False) for frame in frames]

    def _h264(self, data: bytes, number: int, keys_only: bool) -> list[Picture]:
        data = bytes(h264.to_annexb(data))
        keyframe = h264.is_keyframe(data)
        if keyframe or self._waiting:
            data = self._with_parameter_sets(data, keyframe)
        if not keyframe:
            if keys_only:
                self.counts.skipped_hidden += 1
                self._waiting = True
                return []
            if self._waiting:
                self.counts.before_keyframe += 1
                return []
        elif self._waiting or self.corrupt:
            self._restart()
        lost = self._tracker.feed(data)
        if lost:
            self.counts.lost_references += lost
            self.corrupt = True
        return self._feed(data, number, keyframe)

    def _with_parameter_sets(self, data: bytes, keyframe: bool) -> bytes:
        """Some servers send SPS and PPS alone, before the keyframe: they are kept for it."""
        sps, pps = h264.parameter_sets(data)
        prefix = b""
        if keyframe and sps is None and self._sps:
            prefix += START_CODE + self._sps
        if keyframe and pps is None and self._pps:
            prefix += START_CODE + self._pps
        self._sps = bytes(sps) if sps is not None else self._sps
        self._pps = bytes(pps) if pps is not None else self._pps
        return prefix + data

    def _restart(self) -> None:
        # A new context rather than a flushed one: damage can have taught the old one to reorder, a lasting delay.
        self._context = None
        self._waiting = self.corrupt = False

    def _feed(self, data: bytes, number: int, keyframe: bool) -> list[Picture]:
        if self._context is None:
            self._context = _new_context()
        packet = av.Packet(data)
        packet.pts = number
        try:
            frames = self._context.decode(packet)
        except (FFmpegError, ValueError) as error:
            self.counts.errors += 1
            self.corrupt = True
            self._waiting = keyframe or isinstance(error, EOFError)  # an ended context never decodes again
            return []
        if any(frame.is_corrupt for frame in frames):
            self.counts.errors += 1
            self.corrupt = True
        return [
            Picture(frame, number if frame.pts is None else frame.pts, bool(frame.key_frame), self.corrupt)
            for frame in frames
        ]


def _new_context() -> av.VideoCodecContext:
    context = av.CodecContext.create("h264", "r")
    # Frame threads cost a frame of delay and more CPU than they save.
    context.thread_type = "NONE"
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_PIXELS)}
    return context
