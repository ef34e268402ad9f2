"""Clips for the decode tests; what is in each picture can be read back."""

from __future__ import annotations

import functools
from fractions import Fraction

import av
import numpy as np

from tests.fakes.clips import clip

START = b"\0\0\0\1"


def cut(unit: bytes) -> bytes:
    """An access unit of which half got lost."""
    return unit[: len(unit) // 2]


@functools.cache
def flat(colour: tuple[int, int, int], width: int, height: int, matrix: str = "ITU709", count: int = 2) -> list[bytes]:
    """H.264 of one colour (red, green, blue), converted by ``matrix`` and not tagged with it."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "qp": "10", "x264-params": "annexb=1"}
    units = []
    for number in range(count):
        rgb = av.VideoFrame.from_ndarray(np.full((height, width, 3), colour, np.uint8), "rgb24")
        frame = rgb.reformat(format="yuv420p", dst_colorspace=matrix)
        picture = av.VideoFrame.from_ndarray(frame.to_ndarray(), "yuv420p")
        picture.pts = number
        units += [bytes(packet) for packet in encoder.encode(picture)]
    return units


@functools.cache
def png(width: int, height: int, colour: tuple[int, int, int] = (10, 200, 30)) -> bytes:
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb24"
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), colour, np.uint8), "rgb24")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def bar_at(pixels: memoryview, width: int, height: int, stride: int) -> int:
    """Left edge, in pixels of a 320 pixel wide picture, of the bar that ``clip`` moves."""
    rows = np.frombuffer(pixels, np.uint8).reshape(-1, stride)[:height, : width * 4].reshape(height, width, 4)
    bright = np.flatnonzero(rows[height // 2, :, 1] > 128)
    return round(float(bright[0]) * 320 / width) if bright.size else -1


__all__ = ["START", "bar_at", "clip", "cut", "flat", "png"]
