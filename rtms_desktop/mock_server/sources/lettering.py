"""Draws text: a 5x7 bitmap font whose lit pixels are joined by round strokes, so that it is smooth at any size."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]

ROWS = 9
"""Seven rows of the letter and two below the line."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
# One base-32 digit per row, top row first: its five bits are the row's five pixels.
_GLYPHS = {
    "A": "EHHVHHH", "B": "UHHUHHU", "C": "EHGGGHE", "D": "UHHHHHU", "E": "VGGUGGV", "F": "VGGUGGG", "G": "EHGNHHE",
    "H": "HHHVHHH", "I": "E44444E", "J": "72222IC", "K": "HIKOKIH", "L": "GGGGGGV", "M": "HRLLHHH", "N": "HHPLJHH",
    "O": "EHHHHHE", "P": "UHHUGGG", "Q": "EHHHLID", "R": "UHHUKIH", "S": "FGGE11U", "T": "V444444", "U": "HHHHHHE",
    "V": "HHHHHA4", "W": "HHHLLLA", "X": "HHA4AHH", "Y": "HHHA444", "Z": "V1248GV",
    "a": "00E1FHF", "b": "GGUHHHU", "c": "00EHGHE", "d": "11FHHHF", "e": "00EHVGE", "f": "688S888", "g": "00FHHHF1E",
    "h": "GGUHHHH", "i": "40C444E", "j": "20622222C", "k": "GGIKOKI", "l": "C44444E", "m": "00QLLLL", "n": "00UHHHH",
    "o": "00EHHHE", "p": "00UHHHUGG", "q": "00FHHHF11", "r": "00MOGGG", "s": "00FGE1U", "t": "88S8896", "u": "00HHHHF",
    "v": "00HHHA4", "w": "00HHLLA", "x": "00HA4AH", "y": "00HHHHF1E", "z": "00V248V",
    "0": "EHHHHHE", "1": "4C4444E", "2": "EH1248V", "3": "EH161HE", "4": "26AIV22", "5": "VGU11HE", "6": "68GUHHE",
    "7": "V112444", "8": "EHHEHHE", "9": "EHHF12C",
    ":": "0040040", ".": "0000004", ",": "00000048", "-": "000E000", "+": "044V44", "/": "1122488", "%": "OP248J3",
    "!": "4444404", "?": "EH12404", "'": "44", '"': "AA", "(": "2488842", ")": "8422248", "&": "CIK8LID", "=": "00V0V",
    "_": "0000000V", "|": "4444444", "<": "0248420", ">": "0842480", "*": "04LEL4", "#": "0AVAVA",
    "\u00d7": "00HA4AH", "\u00b7": "0004000", "\u2013": "000V000", "\u20ac": "69SCS96",
}  # fmt: skip


def _pixels(char: str) -> set[tuple[int, int]]:
    plain = unicodedata.normalize("NFKD", char)[0]  # without its accent
    rows = [_DIGITS.index(digit) for digit in _GLYPHS.get(char) or _GLYPHS.get(plain, _GLYPHS["?"])]
    return {(x, y) for y, row in enumerate(rows) for x in range(5) if row >> (4 - x) & 1}


def _strokes(pixels: set[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Segments between neighbouring pixels; a diagonal only where no corner pixel joins the two already."""
    strokes = []
    for x, y in sorted(pixels):
        joined = False
        for dx, dy in ((1, 0), (0, 1), (1, 1), (-1, 1)):
            if (x + dx, y + dy) not in pixels:
                continue
            if dx and dy and ((x + dx, y) in pixels or (x, y + dy) in pixels):
                continue
            strokes.append((x, y, x + dx, y + dy))
            joined = True
        if not joined:
            strokes.append((x, y, x, y))
    return strokes


@lru_cache(maxsize=2048)
def glyph(char: str, unit: float, weight: float = 0.36) -> tuple[Mask, float]:
    """Coverage 0..1 of one letter and its advance, both in pixels; `unit` = pixels per font pixel."""
    pixels = _pixels(char)
    if char.isdigit():  # digits stand in columns
        left, right = 0, 4
    else:
        left = min((x for x, _ in pixels), default=0)
        right = max((x for x, _ in pixels), default=1)
    width, height = round((right - left + 2) * unit + 1), round((ROWS + 1) * unit + 1)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    nearest = np.full((height, width), np.float32(1e9))
    for x0, y0, x1, y1 in _strokes(pixels):
        ax, ay = (x0 - left + 0.9) * unit, (y0 + 0.9) * unit
        bx, by = (x1 - x0) * unit, (y1 - y0) * unit
        along = ((x - ax) * bx + (y - ay) * by) / max(bx * bx + by * by, 1e-6)
        along = np.clip(along, 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(x - ax - along * bx, y - ay - along * by))
    radius = max(weight * unit, 0.55)
    mask = np.clip(radius - nearest + 0.5, 0.0, 1.0).astype(np.float32)
    return mask, (right - left + 1 + 1.25) * unit


def text_width(text: str, unit: float) -> float:
    """Pixels that `text` takes."""
    return sum(3.2 * unit if char == " " else glyph(char, unit)[1] for char in text)


def text_mask(text: str, unit: float, weight: float = 0.36) -> Mask:
    """Coverage 0..1 of a whole line; the baseline lies 7 units below the top."""
    width, height = round(text_width(text, unit) + unit * 2), round((ROWS + 1) * unit + 1)
    line = np.zeros((height, width), np.float32)
    at = 0.0
    for char in text:
        if char == " ":
            at += 3.2 * unit
            continue
        mask, advance = glyph(char, unit, weight)
        left = round(at)
        part = line[:, left : left + mask.shape[1]]
        np.maximum(part, mask[:, : part.shape[1]], out=part)
        at += advance
    return line
