"""The pattern's pictures: which frame is on screen can be read back, and the H.264 is as RTMS clients need it."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from rtms_desktop.bitstream.h264 import has_sps_pps_idr, nal_types
from rtms_desktop.mock_server.sources.barcode import read_barcode, read_mark
from rtms_desktop.mock_server.sources.base import PictureFormat
from rtms_desktop.mock_server.sources.pattern import PatternSource
from rtms_desktop.wire.enums import Codec, Medium

SMALL = PictureFormat(Codec.H264, 640, 360, 25)
ZERO = 1_749_000_000_000


def luma(frame: av.VideoFrame) -> np.ndarray:
    return (
        frame.reformat(format="gray8").to_ndarray()
        if frame.format.name == "rgb24"
        else frame.to_ndarray()[: frame.height]
    )


def decode(data: bytes, codec: str = "h264") -> av.VideoFrame:
    decoder = av.CodecContext.create(codec, "r")
    (frame,) = decoder.decode(av.Packet(data))
    return frame


def test_every_frame_reads_back_after_coding() -> None:
    source = PatternSource(3)
    decoder = av.CodecContext.create("h264", "r")
    for person in source.people[:2]:
        stream = source.video(person.user_id, SMALL, ZERO)
        assert stream is not None
        stream.seek(10_000)
        for number in range(250, 330):
            (unit,) = stream.take()
            assert (unit.user_id, unit.user_name, unit.medium) == (person.user_id, person.name, Medium.VIDEO)
            assert unit.timestamp == ZERO + number * 40
            (frame,) = decoder.decode(av.Packet(unit.data))
            assert read_barcode(luma(frame)) == number
            assert read_mark(luma(frame)) == (number % 25 == 0)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_a_scaled_picture_reads_as_well(size: tuple[int, int]) -> None:
    source = PatternSource(1)
    stream = source.video(source.people[0].user_id, PictureFormat(Codec.H264, *size, 30), 0)
    assert stream is not None
    stream.seek(0x5A5A5 * 1000 / 30)
    frame = decode(stream.take()[0].data)
    assert (frame.width, frame.height) == size
    for width, height in ((640, 360), (854, 480), (500, 281)):
        small = frame.reformat(width, height, "rgb24").to_ndarray()
        assert read_barcode(small) == 0x5A5A5


def test_a_foreign_picture_has_no_barcode() -> None:
    assert read_barcode(np.full((360, 640), 128, np.uint8)) is None


def test_one_slice_per_picture_and_keyframes_every_two_seconds_and_on_request() -> None:
    source = PatternSource(1)
    stream = source.video(source.people[0].user_id, SMALL, 0)
    assert stream is not None
    keys = []
    for number in range(130):
        if number == 70:
            stream.refresh()
        (unit,) = stream.take()
        kinds = [kind for kind in nal_types(unit.data) if kind != 6]
        if has_sps_pps_idr(unit.data):
            keys.append(number)
            assert kinds == [7, 8, 5]
        else:
            assert kinds == [1]
    assert keys == [0, 50, 70, 120]


def test_people_look_different_and_move() -> None:
    source = PatternSource(4)
    pictures = []
    for person in source.people:
        stream = source.video(person.user_id, PictureFormat(Codec.PNG, 640, 360, 5), 0)
        assert stream is not None
        first, later = (decode(stream.take()[0].data, "png").to_ndarray().astype(int) for _ in range(2))
        assert np.abs(first - later).max() > 50
        pictures.append(first[:290])
    for one in range(4):
        for other in range(one):
            assert np.abs(pictures[one] - pictures[other]).mean() > 10


@pytest.mark.parametrize(("codec", "name"), [(Codec.JPG, "mjpeg"), (Codec.PNG, "png"), (Codec.H264, "h264")])
def test_the_shared_screen_in_every_codec(codec: Codec, name: str) -> None:
    source = PatternSource(2)
    stream = source.share(PictureFormat(codec, 1920, 1080, 1), ZERO)
    stream.seek(20_000)
    (unit,) = stream.take()
    assert unit.medium is Medium.SHARE and unit.user_id == source.people[1].user_id
    assert unit.timestamp == ZERO + 20_000
    frame = decode(unit.data, name)
    assert (frame.width, frame.height) == (1920, 1080)
    assert read_barcode(luma(frame)) == 20
    if codec is not Codec.H264:
        with av.open(io.BytesIO(unit.data)) as container:  # a complete file
            assert container.streams.video[0].width == 1920


def test_a_stranger_has_no_camera() -> None:
    assert PatternSource(1).video(1, SMALL, 0) is None
