"""Meters."""

from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.media.frames import FLOOR_DB, SILENCE
from rtms_desktop.media.levels import Meter, decibels
from tests.media.sounds import tone


def test_a_full_scale_tone_reads_zero_and_minus_three() -> None:
    signal = tone(48_000, 1.0, peak=32_767).astype(np.float32)
    meter = Meter()
    for start in range(0, len(signal), 480):
        meter.add(signal[start : start + 480], 0.01)
    assert meter.level.peak_db == pytest.approx(0.0, abs=0.1)
    assert meter.level.rms_db == pytest.approx(-3.01, abs=0.1)


def test_silence_falls_to_the_floor() -> None:
    meter = Meter()
    assert meter.level == SILENCE
    meter.add(np.full((480, 2), 16_384, np.float32), 0.01)
    assert meter.level.peak_db == pytest.approx(-6.02, abs=0.01)
    for _ in range(50):
        meter.add(None, 0.01)
    assert meter.level.peak_db == pytest.approx(-16.0, abs=0.1)
    for _ in range(1000):
        meter.add(None, 0.01)
    assert meter.level.peak_db == FLOOR_DB
    assert meter.level.rms_db == FLOOR_DB


def test_decibels() -> None:
    assert decibels(1.0) == 0.0
    assert decibels(0.5) == pytest.approx(-6.02, abs=0.01)
    assert decibels(0.0) == decibels(1e-9) == FLOOR_DB
