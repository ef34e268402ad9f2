"""The row of 32 blocks that carries the frame counter in every pattern picture, and its reader for tests and tools.

All measures are parts of the picture's width, so a picture that was scaled reads as well. With w pixels of width a
block is w/40 (16 px at 640, 32 px at 1280); the row starts four blocks from the left and three from the bottom.
The beep mark is a square of 1.5 blocks, one block from the top and from the right edge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 32
BLOCKS_PER_WIDTH = 40
LEFT, BOTTOM = 4, 3
MARK = 1.5
ONE, ZERO = 226, 44
"""Luma of the two kinds of block (BT.709, limited range)."""
_THRESHOLD = (ONE + ZERO) / 2


def read_barcode(picture: NDArray[np.uint8]) -> int | None:
    """The frame counter of a decoded picture: luma (h, w) or colour (h, w, 3 or more); None when it holds no row."""
    luma = _luma(picture)
    height, width = luma.shape
    block = width / BLOCKS_PER_WIDTH
    value = 0
    for bit in range(BITS):
        level = _mean(luma, (LEFT + bit) * block, height - BOTTOM * block, block)
        if abs(level - _THRESHOLD) < 25:  # neither dark nor light: not our picture
            return None
        value = value << 1 | (level > _THRESHOLD)
    return value


def read_mark(picture: NDArray[np.uint8]) -> bool:
    """Whether the square in the top right corner is lit: the frame in which the beep starts."""
    luma = _luma(picture)
    block = luma.shape[1] / BLOCKS_PER_WIDTH
    return _mean(luma, luma.shape[1] - (1 + MARK) * block, block, MARK * block) > 200


def _luma(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    if picture.ndim == 2:
        return picture.astype(np.float32)
    return np.asarray(picture[..., :3].mean(axis=2), np.float32)


def _mean(luma: NDArray[np.float32], x: float, y: float, side: float) -> float:
    inset = side * 0.25
    part = luma[round(y + inset) : round(y + side - inset), round(x + inset) : round(x + side - inset)]
    return float(part.mean()) if part.size else _THRESHOLD
