"""Paints one participant: a drawn face that speaks, a bouncing ball, the time code and the frame counter's bar code.

Everything that moves was drawn once as a patch; a picture costs a few small copies. Used by one feed thread at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import av
import numpy as np

from rtms_desktop.mock_server.sources import barcode
from rtms_desktop.mock_server.sources.drawing import BT709, Bytes, Canvas, Colours, Floats, Planes, Rgb, even, mix, rgb
from rtms_desktop.mock_server.sources.lettering import glyph, text_width

PATCH = tuple[Bytes, Bytes, Bytes]
MOUTHS = 4
"""Ways the mouth can stand, from closed to wide open."""
_BOBS = 6
_BOB_PERIOD_MS = 3200
_BLINK_EVERY_MS, _BLINK_MS = 3700, 140
_BALL_PERIOD_MS = 6000
_INK: Rgb = rgb(0x15171C)
_TEXT: Rgb = rgb(0xF2F4F8)
_BARS = (0xC0C0C0, 0xC0C000, 0x00C0C0, 0x00C000, 0xC000C0, 0xC00000, 0x0000C0, 0x101010)


@dataclass(frozen=True, slots=True)
class Looks:
    """How one person looks. ``cut``: 0 short hair, 1 long, 2 bun, 3 bald with a beard."""

    back: Rgb
    shirt: Rgb
    skin: Rgb
    hair: Rgb
    cut: int
    glasses: bool


_BACKS = (0x3E6FB0, 0xB0603E, 0x2F8F7A, 0x7A5BB5, 0xA8853A, 0x4C7F3F, 0xA84C73, 0x4A6A8A)
_SHIRTS = (0xF3EFE6, 0x22344F, 0xE8B04A, 0xD9E4EC, 0x3B3B46, 0xEFD7CF, 0x2D5D5A, 0xC94F4F)
_SKINS = (0xF0C9A6, 0xC98F63, 0x9C6440, 0xE7B48C, 0x7A4A2F, 0xF3D3B8)
_HAIRS = (0x3A2A20, 0x17161A, 0xA4602C, 0xD8B36A, 0x5B3A27, 0x8A8A8F)


def looks_of(index: int) -> Looks:
    """The looks of the n-th participant; neighbours never share a background."""
    return Looks(
        back=rgb(_BACKS[index % len(_BACKS)]),
        shirt=rgb(_SHIRTS[index % len(_SHIRTS)]),
        skin=rgb(_SKINS[(index * 2 + index // 3) % len(_SKINS)]),
        hair=rgb(_HAIRS[(index * 5) % len(_HAIRS)]),
        cut=(1, 0, 2, 3)[index % 4],
        glasses=index % 5 in (1, 4),
    )


class Portrait:
    """Draws the pictures of one participant at one size."""

    def __init__(
        self, index: int, name: str, user_id: int, width: int, height: int, fps: int, colours: Colours = BT709
    ) -> None:
        self._block = width / barcode.BLOCKS_PER_WIDTH
        self._fps = fps
        self._looks = looks_of(index)
        self._planes = Planes(width, height, colours)
        self._phase = index * 0.37
        canvas = Canvas(width, height, self._looks.back)
        self._draw_scene(canvas)
        self._make_head(canvas)
        self._draw_overlay(canvas, name, user_id)
        self._scene = colours.planes(canvas.rgb)
        self._planes.load(self._scene)
        self._make_ball()
        self._digits = {char: self._digit(char, self._clock_unit) for char in "0123456789"}
        self._small_digits = {char: self._digit(char, self._small_unit) for char in "0123456789"}
        self._last_ball = (0, 0)

    # -- drawn once -----------------------------------------------------------------------------------------------

    def _draw_scene(self, canvas: Canvas) -> None:
        b, looks = self._block, self._looks
        white, black = rgb(0xFFFFFF), rgb(0x000000)
        canvas.gradient(mix(looks.back, white, 0.24), mix(looks.back, black, 0.42))
        canvas.glow(20 * b, 9 * b, 15 * b, mix(looks.back, white, 0.7), 0.5)
        canvas.ellipse(31 * b, 6 * b, 5 * b, 5 * b, mix(looks.back, white, 0.5), 0.10)
        canvas.ellipse(34.5 * b, 10 * b, 3 * b, 3 * b, mix(looks.back, white, 0.5), 0.09)
        canvas.ellipse(7 * b, 13.5 * b, 4.5 * b, 4.5 * b, mix(looks.back, black, 0.5), 0.12)
        canvas.ellipse(20 * b, 22 * b, 9.2 * b, 6.6 * b, mix(looks.shirt, black, 0.18))
        canvas.ellipse(20 * b, 22.3 * b, 8.8 * b, 6.5 * b, looks.shirt)
        canvas.ellipse(20 * b, 15.6 * b, 2.6 * b, 1.5 * b, mix(looks.shirt, black, 0.25))

    def _draw_head(self, canvas: Canvas, x: float, y: float, mouth: int, blink: bool) -> None:
        b, looks = self._block, self._looks
        shade, dark = mix(looks.skin, rgb(0x5A2A1A), 0.16), mix(looks.hair, rgb(0), 0.25)
        if looks.cut == 1:
            canvas.ellipse(x, y + 0.9 * b, 4.7 * b, 5.9 * b, dark)
            canvas.box(x - 4.7 * b, y + 0.9 * b, 9.4 * b, 5.6 * b, dark, 1.6 * b)
        canvas.box(x - 1.5 * b, y + 2 * b, 3 * b, 5.2 * b, mix(looks.skin, rgb(0), 0.14), 1.4 * b)
        if looks.cut == 2:
            canvas.ellipse(x, y - 5.0 * b, 1.7 * b, 1.5 * b, looks.hair)
        if looks.cut != 3:
            canvas.ellipse(x, y - 1.1 * b, 4.1 * b, 4.5 * b, looks.hair)
        for side in (-1, 1):
            canvas.ellipse(x + side * 3.55 * b, y + 0.5 * b, 0.7 * b, 1.0 * b, shade)
        canvas.ellipse(x, y, 3.6 * b, 4.5 * b, looks.skin)
        if looks.cut == 3:
            canvas.ellipse(x, y + 2.5 * b, 3.05 * b, 2.35 * b, looks.hair)
            canvas.ellipse(x, y + 0.9 * b, 3.2 * b, 1.75 * b, looks.skin)
        elif looks.cut == 0:
            canvas.ellipse(x - 0.4 * b, y - 3.3 * b, 3.3 * b, 1.5 * b, looks.hair)
        else:
            canvas.ellipse(x - 1.5 * b, y - 3.3 * b, 2.2 * b, 1.5 * b, looks.hair)
            canvas.ellipse(x + 1.7 * b, y - 3.4 * b, 2.0 * b, 1.2 * b, looks.hair)
            canvas.ellipse(x + 0.2 * b, y - 4.1 * b, 1.6 * b, 0.9 * b, looks.hair)
        for side in (-1, 1):
            eye = x + side * 1.35 * b
            canvas.ellipse(eye, y + 1.15 * b, 0.75 * b, 0.45 * b, rgb(0xE0705A), 0.16)
            if blink:
                canvas.line(eye - 0.45 * b, y, eye + 0.45 * b, y, 0.18 * b, mix(shade, rgb(0), 0.5))
            else:
                canvas.ellipse(eye, y - 0.05 * b, 0.66 * b, 0.52 * b, rgb(0xFBFBF8))
                canvas.ellipse(eye, y - 0.02 * b, 0.36 * b, 0.42 * b, rgb(0x2B2119))
                canvas.ellipse(eye + 0.12 * b, y - 0.18 * b, 0.12 * b, 0.12 * b, rgb(0xFFFFFF))
            canvas.line(eye - side * 0.6 * b, y - 1.12 * b, eye + side * 0.75 * b, y - 0.98 * b, 0.24 * b, dark)
            if looks.glasses:
                for start, end in (((-1, -0.75), (1, -0.75)), ((-1, 0.7), (1, 0.7)), ((-1, -0.75), (-1, 0.7)),
                                   ((1, -0.75), (1, 0.7))):  # fmt: skip
                    canvas.line(eye + start[0] * b, y + start[1] * b, eye + end[0] * b, y + end[1] * b, 0.14 * b, _INK)
        if looks.glasses:
            canvas.line(x - 0.35 * b, y - 0.1 * b, x + 0.35 * b, y - 0.1 * b, 0.14 * b, _INK)
        canvas.line(x, y + 0.5 * b, x - 0.22 * b, y + 1.2 * b, 0.18 * b, shade)
        self._draw_mouth(canvas, x, y + 2.35 * b, mouth)

    def _draw_mouth(self, canvas: Canvas, x: float, y: float, mouth: int) -> None:
        b = self._block
        if mouth == 0:
            for left, right in ((-0.85, -0.45), (-0.45, 0.0), (0.0, 0.45), (0.45, 0.85)):
                ends = [(x + place * b, y + (0.2 - 0.42 * place * place) * b) for place in (left, right)]
                canvas.line(*ends[0], *ends[1], 0.22 * b, mix(self._looks.skin, rgb(0x5A0F16), 0.62))
            return
        tall = (0.22, 0.42, 0.66)[mouth - 1] * b
        canvas.ellipse(x, y, 1.0 * b, tall + 0.16 * b, rgb(0xB2564E))
        canvas.ellipse(x, y, 0.82 * b, tall, rgb(0x4A1716))
        if mouth > 1:
            canvas.ellipse(x, y + tall * 0.55, 0.5 * b, tall * 0.4, rgb(0xC4605A))

    def _make_head(self, canvas: Canvas) -> None:
        """Cuts the head at each height, and mouth and eyes at each state, out of drawings over the same background."""
        b = self._block
        left, top = even(14.4 * b), even(2 * b)
        width, height = even(11.2 * b), even(14 * b)
        back = canvas.rgb[top : top + height, left : left + width].copy()
        self._head_at = (left, top)
        x, y = 20 * b - left, 9 * b - top
        # The mouth and the eyes are cut around these places, and move with the head.
        mouth_box = (even(x - 1.3 * b), even(y + 1.45 * b), even(2.6 * b), even(1.8 * b))
        eyes_box = (even(x - 2.2 * b), even(y - 0.66 * b), even(4.4 * b), even(1.3 * b))
        self._mouth_box, self._eyes_box = mouth_box, eyes_box
        self._heads: list[tuple[int, PATCH]] = []
        self._mouths: list[PATCH] = []
        for step in range(_BOBS):
            lift = even(0.22 * b * math.cos(math.pi * step / (_BOBS - 1)))
            self._heads.append((lift, self._head_patch(back, x, y + lift, 0, False)))
        for mouth in range(MOUTHS):
            self._mouths.append(_cut(self._head_patch(back, x, y, mouth, False), mouth_box))
        self._eyes = [_cut(self._head_patch(back, x, y, 0, blink), eyes_box) for blink in (False, True)]

    def _head_patch(self, back: Floats, x: float, y: float, mouth: int, blink: bool) -> PATCH:
        canvas = Canvas(back.shape[1], back.shape[0], _INK)
        canvas.rgb[:] = back
        self._draw_head(canvas, x, y, mouth, blink)
        return self._planes.colours.planes(canvas.rgb)

    def _draw_overlay(self, canvas: Canvas, name: str, user_id: int) -> None:
        b, width, height = self._block, canvas.width, canvas.height
        self._clock_unit, self._small_unit = 0.17 * b, 0.088 * b
        panel = height - 3.5 * b
        canvas.box(-b, panel, width + 2 * b, 5 * b, _INK)
        for number, colour in enumerate(_BARS):
            canvas.box(number * width / 8, panel, width / 8, 0.16 * b, rgb(colour))
        # The separators and words around the running digits never change.
        unit = self._clock_unit
        canvas.box(b, b, 11 * unit * 6.25 * 0.86 + 1.0 * b, 2 * b, _INK, 0.45 * b)
        self._clock_places, at = [], 1.55 * b
        for char in "00:00:00:00":
            if char == ":":
                canvas.text(at, 1.28 * b, ":", unit, mix(_TEXT, _INK, 0.35))
                at += text_width(":", unit)
            else:
                self._clock_places.append(round(at))
                at += glyph("0", unit)[1]
        canvas.text(1.1 * b, 3.4 * b, name, 0.115 * b, _TEXT, 0.42)
        small, grey = self._small_unit, mix(_TEXT, _INK, 0.4)
        before, after = "frame ", f" \u00b7 user {user_id} \u00b7 {width}\u00d7{height} \u00b7 {self._fps} fps"
        digits = 7 * glyph("0", small)[1]
        at = width / 2 - (text_width(before, small) + digits + text_width(after, small)) / 2
        self._text_top = round(height - 1.52 * b)
        canvas.text(at, self._text_top, before, small, grey)
        at += text_width(before, small)
        self._count_places = [round(at + number * glyph("0", small)[1]) for number in range(7)]
        canvas.text(at + digits, self._text_top, after, small, grey)
        side = barcode.MARK * b
        canvas.box(width - b - side, b, side, side, mix(_INK, _TEXT, 0.12), 0.35 * b)
        self._mark_box = (even(width - b - side), even(b), even(side), even(side))
        self._mark = [self._mark_patch(canvas, lit) for lit in (False, True)]

    def _mark_patch(self, canvas: Canvas, lit: bool) -> PATCH:
        x, y, width, height = self._mark_box
        copy = Canvas(width, height, _INK)
        copy.rgb[:] = canvas.rgb[y : y + height, x : x + width]
        if lit:
            copy.box(0, 0, width, height, rgb(0xFFFFFF), 0.35 * self._block)
        return self._planes.colours.planes(copy.rgb)

    def _digit(self, char: str, unit: float) -> Bytes:
        """Luma of a digit on the panel; both are grey, so that chroma stays as it is."""
        mask, advance = glyph(char, unit)
        ink, text = self._planes.colours.colour(_INK)[0], self._planes.colours.colour(_TEXT)[0]
        patch = ink + (text - ink) * mask[: round(8.3 * unit), : max(1, round(advance))]
        return np.asarray(patch + 0.5, np.uint8)

    def _make_ball(self) -> None:
        side = even(self._block)
        canvas = Canvas(side, side, (0.0, 0.0, 0.0))
        canvas.ellipse(side / 2, side / 2, side * 0.46, side * 0.46, (1.0, 1.0, 1.0))
        self._ball_alpha = canvas.rgb[..., 0]
        self._ball_alpha_small = self._ball_alpha.reshape(side // 2, 2, side // 2, 2).mean(axis=(1, 3))
        self._ball_colour = self._planes.colours.colour(rgb(0xFFD45C))

    # -- drawn for each picture -----------------------------------------------------------------------------------

    def paint(self, number: int, at_ms: float, mouth: int, marked: bool) -> av.VideoFrame:
        """The picture of frame `number`; the returned frame is reused for the next one."""
        self._paint_ball(at_ms)
        self._paint_head(at_ms, mouth)
        self._paint_clock(number, at_ms)
        self._paint_barcode(number)
        self._planes.paste(self._mark_box[0], self._mark_box[1], self._mark[marked])
        return self._planes.frame

    def _paint_head(self, at_ms: float, mouth: int) -> None:
        swing = (1 - math.cos(2 * math.pi * (at_ms / _BOB_PERIOD_MS + self._phase))) / 2
        lift, head = self._heads[round(swing * (_BOBS - 1))]
        left, top = self._head_at
        self._planes.paste(left, top, head)
        x, y, _, _ = self._mouth_box
        self._planes.paste(left + x, top + y + lift, self._mouths[mouth])
        blink = (at_ms + self._phase * 5000) % _BLINK_EVERY_MS < _BLINK_MS
        x, y, _, _ = self._eyes_box
        self._planes.paste(left + x, top + y + lift, self._eyes[blink])

    def _paint_ball(self, at_ms: float) -> None:
        side, b, planes = self._ball_alpha.shape[0], self._block, self._planes
        x, y = self._last_ball
        half = slice(y // 2, (y + side) // 2), slice(x // 2, (x + side) // 2)
        full = slice(y, y + side), slice(x, x + side)
        planes.y[full] = self._scene[0][full]
        planes.u[half], planes.v[half] = self._scene[1][half], self._scene[2][half]
        turn = (at_ms / _BALL_PERIOD_MS + self._phase) % 1.0
        x = even((1.5 + 36 * (1 - abs(2 * turn - 1))) * b)
        y = even((17.9 - 1.8 * abs(math.sin(at_ms * math.pi / 750))) * b)
        self._last_ball = (x, y)
        half = slice(y // 2, (y + side) // 2), slice(x // 2, (x + side) // 2)
        full = slice(y, y + side), slice(x, x + side)
        for plane, where, alpha, colour in (
            (planes.y, full, self._ball_alpha, self._ball_colour[0]),
            (planes.u, half, self._ball_alpha_small, self._ball_colour[1]),
            (planes.v, half, self._ball_alpha_small, self._ball_colour[2]),
        ):
            part = plane[where]
            part[:] = (part + (colour - part.astype(np.float32)) * alpha + 0.5).astype(np.uint8)

    def _paint_clock(self, number: int, at_ms: float) -> None:
        seconds = int(at_ms // 1000)
        frames = int(at_ms % 1000 * self._fps / 1000 + 0.001)
        text = f"{seconds // 3600 % 100:02}{seconds // 60 % 60:02}{seconds % 60:02}{frames:02}"
        self._paint_digits(text, self._clock_places, round(1.28 * self._block), self._digits)
        self._paint_digits(f"{number % 10_000_000:07}", self._count_places, self._text_top, self._small_digits)

    def _paint_digits(self, text: str, places: list[int], top: int, digits: dict[str, Bytes]) -> None:
        for char, left in zip(text, places, strict=True):
            patch = digits[char]
            self._planes.y[top : top + patch.shape[0], left : left + patch.shape[1]] = patch

    def _paint_barcode(self, number: int) -> None:
        b, planes = self._block, self._planes
        bits = number >> np.arange(barcode.BITS - 1, -1, -1) & 1
        top, left, right = planes.height - barcode.BOTTOM * b, barcode.LEFT * b, (barcode.LEFT + barcode.BITS) * b
        levels = np.where(bits, barcode.ONE, barcode.ZERO).astype(np.uint8)
        columns = ((np.arange(round(left), round(right)) + 0.5 - left) / b).astype(int)
        row = levels[np.clip(columns, 0, barcode.BITS - 1)]
        planes.y[round(top) : round(top + b), round(left) : round(right)] = row


def _cut(patch: PATCH, box: tuple[int, int, int, int]) -> PATCH:
    x, y, width, height = box
    full = slice(y, y + height), slice(x, x + width)
    half = slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2)
    return patch[0][full].copy(), patch[1][half].copy(), patch[2][half].copy()
