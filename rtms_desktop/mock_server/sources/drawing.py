"""Smooth shapes on a picture of floats, and the way from red, green, blue to the planes of an encoder. Any thread."""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from rtms_desktop.mock_server.sources.lettering import Mask, text_mask, text_width

Rgb = tuple[float, float, float]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def rgb(code: int) -> Rgb:
    """``0xRRGGBB`` as three floats of 0..255."""
    return float(code >> 16), float(code >> 8 & 255), float(code & 255)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the other colour, the rest of the one."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Colours:
    """One way of turning RGB into YUV: H.264 takes BT.709 of limited range, JPEG takes BT.601 of full range."""

    red: float
    blue: float
    low: float
    high: float
    chroma: float

    def planes(self, picture: Floats) -> tuple[Bytes, Bytes, Bytes]:
        """Y, U, V of a (height, width, 3) picture with even sides; U and V at half size."""
        red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
        luma = self.red * red + (1 - self.red - self.blue) * green + self.blue * blue
        y = self.low + luma * ((self.high - self.low) / 255)
        small = _halve(luma)
        u = 128 + (_halve(blue) - small) * (self.chroma / 255 / (1 - self.blue))
        v = 128 + (_halve(red) - small) * (self.chroma / 255 / (1 - self.red))
        return _to_bytes(y), _to_bytes(u), _to_bytes(v)

    def colour(self, colour: Rgb) -> tuple[int, int, int]:
        """Y, U, V of one flat colour."""
        y, u, v = self.planes(np.full((2, 2, 3), colour, np.float32))
        return int(y[0, 0]), int(u[0, 0]), int(v[0, 0])


BT709 = Colours(0.2126, 0.0722, 16, 235, 112)
JPEG = Colours(0.299, 0.114, 0, 255, 127.5)


def _halve(plane: Floats) -> Floats:
    return (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]) * np.float32(0.25)


def _to_bytes(plane: Floats) -> Bytes:
    return np.asarray(np.clip(plane + 0.5, 0, 255), np.uint8)


class Canvas:
    """A picture to draw on; all measures in pixels, edges smoothed by coverage."""

    def __init__(self, width: int, height: int, colour: Rgb) -> None:
        self.width, self.height = width, height
        self.rgb: Floats = np.empty((height, width, 3), np.float32)
        self.rgb[:] = colour

    def gradient(self, start: Rgb, end: Rgb, slant: float = 0.5) -> None:
        """Fills everything from the top left to the bottom right; `slant` 0 = straight down."""
        y = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        x = np.linspace(0, 1, self.width, dtype=np.float32)[None, :]
        share = ((1 - slant) * y + slant * x)[..., None]
        self.rgb[:] = np.array(start, np.float32) * (1 - share) + np.array(end, np.float32) * share

    def glow(self, x: float, y: float, radius: float, colour: Rgb, strength: float) -> None:
        """A soft light that fades to nothing at `radius`."""
        rows, columns = self._box(x - radius, y - radius, x + radius, y + radius)
        yy, xx = np.mgrid[rows, columns].astype(np.float32)
        fall = np.clip(1 - np.hypot(xx - x, yy - y) / radius, 0, 1) ** 2
        self._blend(rows, columns, fall * np.float32(strength), colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Rgb, alpha: float = 1.0) -> None:
        rows, columns = self._box(x - rx, y - ry, x + rx, y + ry)
        yy, xx = np.mgrid[rows, columns].astype(np.float32)
        radius = np.hypot((xx + 0.5 - x) / rx, (yy + 0.5 - y) / ry)
        self._blend(rows, columns, np.clip((1 - radius) * min(rx, ry) + 0.5, 0, 1) * np.float32(alpha), colour)

    def box(
        self, x: float, y: float, width: float, height: float, colour: Rgb, radius: float = 0.0, alpha: float = 1.0
    ) -> None:
        """A rectangle with rounded corners."""
        rows, columns = self._box(x, y, x + width, y + height)
        yy, xx = np.mgrid[rows, columns].astype(np.float32)
        dx = np.abs(xx + 0.5 - x - width / 2) - (width / 2 - radius)
        dy = np.abs(yy + 0.5 - y - height / 2) - (height / 2 - radius)
        outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
        self._blend(rows, columns, np.clip(radius - outside + 0.5, 0, 1) * np.float32(alpha), colour)

    def line(self, x0: float, y0: float, x1: float, y1: float, thickness: float, colour: Rgb, alpha: float = 1) -> None:
        """A stroke with round ends."""
        radius = thickness / 2
        rows, columns = self._box(
            min(x0, x1) - radius, min(y0, y1) - radius, max(x0, x1) + radius, max(y0, y1) + radius
        )
        yy, xx = np.mgrid[rows, columns].astype(np.float32) + np.float32(0.5)
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((xx - x0) * dx + (yy - y0) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        distance = np.hypot(xx - x0 - along * dx, yy - y0 - along * dy)
        self._blend(rows, columns, np.clip(radius - distance + 0.5, 0, 1) * np.float32(alpha), colour)

    def text(
        self, x: float, y: float, text: str, unit: float, colour: Rgb, weight: float = 0.36, align: float = 0.0
    ) -> None:
        """One line with its top left at (x, y); `align` 0.5 = centred on x, 1 = ends at x."""
        left = round(x - align * text_width(text, unit))
        top = round(y)
        mask = text_mask(text, unit, weight)
        rows = slice(max(top, 0), min(top + mask.shape[0], self.height))
        columns = slice(max(left, 0), min(left + mask.shape[1], self.width))
        part = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        self._blend(rows, columns, part, colour)

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
        rows = slice(max(int(top) - 1, 0), max(min(int(bottom) + 2, self.height), 0))
        return rows, slice(max(int(left) - 1, 0), max(min(int(right) + 2, self.width), 0))

    def _blend(self, rows: slice, columns: slice, alpha: Mask, colour: Rgb) -> None:
        part = self.rgb[rows, columns]
        part += (np.array(colour, np.float32) - part) * alpha[..., None]


class Planes:
    """An encoder's picture whose planes can be written as arrays: `y` at full size, `u` and `v` at half."""

    def __init__(self, width: int, height: int, colours: Colours) -> None:
        self.width, self.height, self.colours = width, height, colours
        self.frame = av.VideoFrame(width, height, "yuvj420p" if colours is JPEG else "yuv420p")
        if colours is BT709:
            self.frame.colorspace = 1
            self.frame.color_range = 1
        self.y, self.u, self.v = (self._view(number) for number in range(3))

    def _view(self, number: int) -> Bytes:
        plane = self.frame.planes[number]
        rows: Bytes = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: plane.height, : plane.width]

    def load(self, planes: tuple[Bytes, Bytes, Bytes]) -> None:
        """Copies a whole picture in."""
        self.y[:], self.u[:], self.v[:] = planes

    def paste(self, x: int, y: int, planes: tuple[Bytes, Bytes, Bytes]) -> None:
        """Copies a patch in; x, y and its sides must be even."""
        height, width = planes[0].shape
        self.y[y : y + height, x : x + width] = planes[0]
        self.u[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2] = planes[1]
        self.v[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2] = planes[2]


def even(value: float) -> int:
    """The nearest even pixel: chroma has half the grid."""
    return round(value / 2) * 2
