"""Paints the shared screen of the pattern meeting: three slides with charts, a running clock and the frame counter."""

from __future__ import annotations

import math
from itertools import pairwise

import av
import numpy as np

from rtms_desktop.mock_server.sources import barcode
from rtms_desktop.mock_server.sources.drawing import Bytes, Canvas, Colours, Planes, even, mix, rgb

_PAPER, _INK, _GREY, _LINE = rgb(0xFBFBFD), rgb(0x1B2430), rgb(0x667085), rgb(0xDDE2EA)
_BLUE, _GREEN, _AMBER, _VIOLET = rgb(0x2F6FDE), rgb(0x2FA36B), rgb(0xE59A2E), rgb(0x7A5BD0)
_SLIDE_MS = 15_000
_MONTHS = ("Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
_ROOMS = ((18, 12), (24, 15), (27, 21), (34, 26), (40, 33), (52, 41))
_POINTS = (
    ("Reconnect", "A lost media socket is back within one second", _GREEN),
    ("Recording", "Every packet on disk before it is decoded", _BLUE),
    ("Captions", "German and Spanish after the tests", _AMBER),
    ("Rollout", "Support team from Thursday 10:00", _VIOLET),
)


class Slides:
    """A painter of slides at one size."""

    def __init__(self, presenter: str, width: int, height: int, colours: Colours) -> None:
        self._unit = width / 1920
        self._presenter = presenter
        self._planes = Planes(width, height, colours)
        self._pages: dict[int, tuple[Bytes, Bytes, Bytes]] = {}

    def picture(self, number: int, at_ms: float) -> av.VideoFrame:
        self._planes.load(self._page(int(at_ms // _SLIDE_MS) % 3))
        self._paint_clock(at_ms)
        self._paint_barcode(number)
        return self._planes.frame

    def close(self) -> None:
        """Holds nothing."""

    def _page(self, number: int) -> tuple[Bytes, Bytes, Bytes]:
        if number not in self._pages:
            canvas = Canvas(self._planes.width, self._planes.height, _PAPER)
            titles = (
                ("Pilot: active rooms", "Daily active rooms, by region"),
                ("What we do next week", "Four topics, one owner each"),
                ("Time to reconnect", "Milliseconds until media flows again, last 48 hours"),
            )
            self._draw_frame(canvas, number, *titles[number])
            (self._draw_bars, self._draw_points, self._draw_curve)[number](canvas)
            self._pages[number] = self._planes.colours.planes(canvas.rgb)
        return self._pages[number]

    def _draw_frame(self, canvas: Canvas, number: int, title: str, subtitle: str) -> None:
        u = self._unit
        canvas.box(-u, -u, 1922 * u, 15 * u, _BLUE)
        canvas.text(120 * u, 90 * u, title, 9.5 * u, _INK, 0.46)
        canvas.text(122 * u, 190 * u, subtitle, 4.4 * u, _GREY, 0.4)
        canvas.text(1800 * u, 1000 * u, f"{self._presenter} \u00b7 page {number + 1} of 3", 3.2 * u, _GREY, 0.4, 1.0)

    def _draw_bars(self, canvas: Canvas) -> None:
        u = self._unit
        for step in range(4):
            y = (800 - step * 160) * u
            canvas.line(180 * u, y, 1800 * u, y, 2 * u, _LINE)
            canvas.text(160 * u, y - 14 * u, str(step * 20), 3.4 * u, _GREY, 0.4, 1.0)
        for number, (month, pair) in enumerate(zip(_MONTHS, _ROOMS, strict=True)):
            x = 250 + number * 262
            for side, (value, colour) in enumerate(zip(pair, (_BLUE, _GREEN), strict=True)):
                tall = value * 8
                left = x + side * 88
                canvas.box(left * u, (800 - tall) * u, 76 * u, tall * u, colour, 8 * u)
                canvas.box(left * u, (800 - min(tall, 20)) * u, 76 * u, min(tall, 20) * u, colour)
                canvas.text((left + 38) * u, (800 - tall - 42) * u, str(value), 3.4 * u, _INK, 0.42, 0.5)
            canvas.text((x + 82) * u, 820 * u, month, 4 * u, _INK, 0.4, 0.5)
        for number, (name, colour) in enumerate((("Europe", _BLUE), ("Americas", _GREEN))):
            canvas.box((1380 + number * 210) * u, 118 * u, 30 * u, 30 * u, colour, 7 * u)
            canvas.text((1424 + number * 210) * u, 116 * u, name, 3.8 * u, _INK, 0.4)

    def _draw_points(self, canvas: Canvas) -> None:
        u = self._unit
        for number, (name, text, colour) in enumerate(_POINTS):
            y = 285 + number * 152
            canvas.box(120 * u, y * u, 1680 * u, 126 * u, mix(colour, _PAPER, 0.88), 18 * u)
            canvas.box(120 * u, y * u, 14 * u, 126 * u, colour, 7 * u)
            canvas.ellipse(205 * u, (y + 63) * u, 34 * u, 34 * u, colour)
            canvas.text(205 * u, (y + 41) * u, str(number + 1), 5.4 * u, _PAPER, 0.5, 0.5)
            canvas.text(275 * u, (y + 24) * u, name, 5.2 * u, _INK, 0.46)
            canvas.text(275 * u, (y + 74) * u, text, 3.9 * u, _GREY, 0.4)

    def _draw_curve(self, canvas: Canvas) -> None:
        u = self._unit
        for step in range(5):
            y = (820 - step * 130) * u
            canvas.line(200 * u, y, 1800 * u, y, 2 * u, _LINE)
            canvas.text(180 * u, y - 14 * u, str(step * 500), 3.4 * u, _GREY, 0.4, 1.0)
        for colour, level, calm in ((_AMBER, 440.0, 0.6), (_BLUE, 210.0, 0.3)):
            points = [
                (200 + 32 * step, 820 - max(20, level * (1.1 - calm * step / 50)
                 + 40 * math.sin(step * 0.9 + level) + 26 * math.sin(step * 2.3)))
                for step in range(51)
            ]  # fmt: skip
            for (x0, y0), (x1, y1) in pairwise(points):
                canvas.line(x0 * u, y0 * u, x1 * u, y1 * u, 6 * u, colour)
        for number, (name, colour) in enumerate((("signaling", _AMBER), ("media", _BLUE))):
            canvas.box((1330 + number * 260) * u, 118 * u, 30 * u, 30 * u, colour, 7 * u)
            canvas.text((1374 + number * 260) * u, 116 * u, name, 3.8 * u, _INK, 0.4)

    def _paint_clock(self, at_ms: float) -> None:
        u, seconds = self._unit, int(at_ms // 1000)
        text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        canvas = Canvas(even(420 * u), even(56 * u), _PAPER)
        canvas.text(0, 2 * u, f"shared for {text}", 3.2 * u, _GREY, 0.4)
        self._planes.paste(even(120 * u), even(998 * u), self._planes.colours.planes(canvas.rgb))

    def _paint_barcode(self, number: int) -> None:
        b, planes = self._planes.width / barcode.BLOCKS_PER_WIDTH, self._planes
        rows = slice(round(planes.height - barcode.BOTTOM * b), round(planes.height - (barcode.BOTTOM - 1) * b))
        left, right = round(barcode.LEFT * b), round((barcode.LEFT + barcode.BITS) * b)
        bits = number >> np.arange(barcode.BITS - 1, -1, -1) & 1
        planes.y[rows, left:right] = np.repeat(np.where(bits, barcode.ONE, barcode.ZERO).astype(np.uint8), round(b))[
            : right - left
        ]
