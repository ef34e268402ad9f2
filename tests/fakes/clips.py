"""Small real pictures and H.264 for tests, encoded once by PyAV."""

from __future__ import annotations

import functools
from fractions import Fraction

import av
import numpy as np


@functools.cache
def clip(count: int, width: int = 320, height: int = 180, gop: int = 25, between: int = 0) -> tuple[bytes, ...]:
    """``count`` access units of Annex B, one slice each, SPS and PPS before every keyframe; a bar moves through.

    ``between``: so many B pictures between others; the units then stand in the order of decoding.
    """
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.gop_size = gop
    encoder.thread_count = 1
    params = "repeat-headers=1:annexb=1:scenecut=0:sliced-threads=0"
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": params}
    if between:
        encoder.options = {"preset": "ultrafast", "x264-params": f"{params}:bframes={between}:b-adapt=0:rc-lookahead=0"}
    units = []
    for number in range(count):
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        picture[:height] = 40
        left = number * 4 % (width - 16)
        picture[:height, left : left + 16] = 220
        frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return (*units, *(bytes(packet) for packet in encoder.encode(None)))


@functools.cache
def jpeg(width: int, height: int, tint: int = 0) -> bytes:
    """A JPEG of one grey."""
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = 60 + 20 * tint
    frame = av.VideoFrame.from_ndarray(picture, "yuvj420p")
    frame.pts = 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
