"""Small H.264 clips made by x264, one access unit per item; made once per test run."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import av
import numpy as np


@cache
def clip(width: int = 320, height: int = 180, frames: int = 40, **options: str) -> tuple[bytes, ...]:
    """Access units in Annex B, in decoding order. ``options`` go to x264; the default has a keyframe every 20."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = width, height
    context.pix_fmt = options.pop("pix_fmt", "yuv420p")
    context.time_base = Fraction(1, 25)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "20", "threads": "1", **options}
    return tuple(bytes(packet) for packet in _encode(context, width, height, frames))


def _encode(context: av.VideoCodecContext, width: int, height: int, frames: int) -> Iterator[av.Packet]:
    for number in range(frames):
        shade = np.full((height, width, 3), number * 5 % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(shade, "rgb24").reformat(format=context.pix_fmt)
        frame.pts = number
        yield from context.encode(frame)
    yield from context.encode(None)
