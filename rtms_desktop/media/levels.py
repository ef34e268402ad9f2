"""Loudness meters: written block by block on the audio thread, read by whoever draws them."""

from __future__ import annotations

import math

import numpy as np

from rtms_desktop.media.frames import FLOOR_DB, SILENCE, Level
from rtms_desktop.media.resampling import Floats

FULL_SCALE = 32768.0
RMS_S = 0.1
PEAK_FALL_DB_S = 20.0


def decibels(value: float) -> float:
    """Of a fraction of full scale, not below ``FLOOR_DB``."""
    return max(20.0 * math.log10(value), FLOOR_DB) if value > 0.0 else FLOOR_DB


class Meter:
    """RMS over about 100 ms; peaks that fall by 20 dB a second."""

    def __init__(self) -> None:
        self.level = SILENCE
        self._square = 0.0
        self._peak_db = FLOOR_DB

    def add(self, block: Floats | None, seconds: float) -> None:
        """Samples in int16 scale, or None for silence."""
        square = peak = 0.0
        if block is not None and block.size:
            peak = float(np.abs(block).max()) / FULL_SCALE
            square = float(np.vdot(block, block)) / block.size / FULL_SCALE**2
        self._square += (square - self._square) * min(1.0, seconds / RMS_S)
        self._peak_db = max(decibels(peak), self._peak_db - PEAK_FALL_DB_S * seconds, FLOOR_DB)
        self.level = Level(decibels(math.sqrt(self._square)), self._peak_db)
