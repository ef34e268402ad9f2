"""Pictures at the size of their surface, in their own colours."""

from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.media.decoding import Decoder
from rtms_desktop.media.scaling import Scaler, Size, fit
from tests.fakes.clips import jpeg
from tests.media.pictures import flat, png


@pytest.mark.parametrize(
    ("source", "box", "expected"),
    [
        ((1280, 720), (640, 360), (640, 360)),
        ((1280, 720), (640, 640), (640, 360)),
        ((1280, 720), (1000, 360), (640, 360)),
        ((320, 180), (1920, 1200), (1920, 1080)),
        ((1080, 1920), (640, 360), (202, 360)),
        ((5000, 2), (100, 100), (100, 1)),
    ],
)
def test_fit_keeps_the_shape(source: tuple[int, int], box: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fit(Size(*source), Size(*box)) == expected


def first(units: list[bytes] | tuple[bytes, ...]):
    return Decoder().decode(units[0], 0)[0].frame


def pixel(pixels, x: int, y: int) -> list[int]:
    rows = np.frombuffer(pixels.data, np.uint8).reshape(-1, pixels.stride)
    return [int(value) for value in rows[y, 4 * x : 4 * x + 3]]


@pytest.mark.parametrize(
    ("height", "matrix", "colour"),
    [
        (720, "ITU709", (255, 0, 0)),
        (720, "ITU709", (30, 160, 80)),
        (1080, "ITU709", (0, 40, 220)),
        (360, "ITU601", (255, 0, 0)),
        (360, "ITU601", (30, 160, 80)),
    ],
)
def test_untagged_hd_is_bt709_and_untagged_sd_is_bt601(height: int, matrix: str, colour: tuple[int, int, int]) -> None:
    width = height * 16 // 9
    pixels = Scaler().scale(first(flat(colour, width, height, matrix)), Size(320, 180))
    assert (pixels.width, pixels.height) == (320, 180)
    assert pixel(pixels, 160, 90) == pytest.approx(list(reversed(colour)), abs=4)


def test_rows_may_be_longer_than_the_picture() -> None:
    pixels = Scaler().scale(first(flat((255, 0, 0), 640, 360, "ITU601")), Size(426, 240))
    assert pixels.width == 426
    assert pixels.stride >= 426 * 4
    assert len(pixels.data) >= pixels.stride * 240
    assert pixel(pixels, 425, 239) == pytest.approx([0, 0, 255], abs=4)


def test_the_pixels_outlive_picture_and_scaler() -> None:
    scaler = Scaler()
    pixels = scaler.scale(first(flat((255, 0, 0), 640, 360, "ITU601")), Size(320, 180))
    del scaler
    for _ in range(20):
        Scaler().scale(first(flat((0, 255, 0), 640, 360, "ITU601")), Size(320, 180))
    assert pixel(pixels, 10, 10) == pytest.approx([0, 0, 255], abs=4)


def test_one_scaler_serves_changing_sizes_and_formats() -> None:
    scaler = Scaler(fine=True)
    sizes = [(pixels.width, pixels.height) for pixels in (
        scaler.scale(first([png(64, 48)]), Size(128, 128)),
        scaler.scale(first([jpeg(320, 180)]), Size(160, 160)),
        scaler.scale(first([png(64, 48)])),
    )]  # fmt: skip
    assert sizes == [(128, 96), (160, 90), (64, 48)]


def test_a_png_keeps_its_colours() -> None:
    pixels = Scaler(fine=True).scale(first([png(64, 48, (10, 200, 30))]), Size(64, 48))
    assert pixel(pixels, 30, 20) == [30, 200, 10]
