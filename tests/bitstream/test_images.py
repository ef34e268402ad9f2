"""Headers of real encoders' images, and bytes that are none."""

from __future__ import annotations

import struct
import zlib

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.bitstream.images import image_size, sniff


def encoded(codec: str, pix_fmt: str, width: int, height: int) -> bytes:
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, pix_fmt
    context.time_base = 1
    frame = av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), "rgb24").reformat(format=pix_fmt)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


SOF = segment(0xC2, struct.pack(">BHH", 8, 480, 640) + bytes(10))


@pytest.mark.parametrize(("width", "height"), [(64, 48), (1921, 1081)])
def test_real_images_are_known_with_their_size(width: int, height: int) -> None:
    jpg = encoded("mjpeg", "yuvj420p", width, height)
    png = encoded("png", "rgb24", width, height)
    assert (sniff(jpg), image_size(jpg)) == ("jpg", (width, height))
    assert (sniff(png), image_size(png)) == ("png", (width, height))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\0\0\0\1\x67", "h264"),
        (b"\0\0\1\x65rest", "h264"),
        (b"\0" * 640, "pcm"),
        (b"\0\0\1\0\0\0", "pcm"),
        (b"\1\2\3\4", "pcm"),
        (b"\1\2\3", None),
        (b"", None),
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
    ],
)
def test_sniff(data: bytes, expected: str | None) -> None:
    assert sniff(data) == expected


def test_jpeg_segments_before_the_frame_are_stepped_over() -> None:
    start = b"\xff\xd8"
    tables = segment(0xE1, bytes(200)) + segment(0xC4, bytes(20)) + b"\xff\xff" + b"\xff\x01"
    assert image_size(start + tables[:-2] + SOF) == (640, 480)
    assert image_size(start + tables + SOF) == (640, 480)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\0\4ab" + b"no marker here",
        b"\xff\xd8" + segment(0xE0, bytes(20)),
        b"\xff\xd8" + segment(0xC0, struct.pack(">BHH", 8, 0, 640) + bytes(10)),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIEND" + bytes(20),
        b"GIF89a" + bytes(20),
        zlib.compress(b"x"),
    ],
)
def test_what_has_no_size_has_none(data: bytes) -> None:
    assert image_size(data) is None


@given(st.binary(max_size=100), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]))
def test_no_bytes_raise(data: bytes, head: bytes) -> None:
    sniff(head + data)
    size = image_size(head + data)
    assert size is None or min(size) > 0
