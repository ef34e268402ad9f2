"""The resampler is transparent."""

from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.media.resampling import LOOK_AHEAD, LOOK_BEHIND, resample


def snr_db(rate: int, hz: float, ratio: float) -> float:
    """Signal to error for a tone, in blocks as the mixer does it."""
    count, block = 4800, 480
    step = rate / 48_000 * ratio
    size = int(LOOK_BEHIND + count * step + LOOK_AHEAD + 8)
    signal = np.sin(2 * np.pi * hz * np.arange(size) / rate).astype(np.float32)[:, None] * 20_000
    start = LOOK_BEHIND + 0.37
    out = np.concatenate([resample(signal, start + n * step, step, block)[:, 0] for n in range(0, count, block)])
    ideal = 20_000 * np.sin(2 * np.pi * hz * (start + step * np.arange(count)) / rate)
    return float(10 * np.log10((ideal**2).sum() / ((out - ideal) ** 2).sum()))


@pytest.mark.parametrize("rate", [8_000, 16_000, 32_000, 48_000])
@pytest.mark.parametrize("ratio", [1.0, 1.0003, 0.98, 1.02])
def test_tones_survive(rate: int, ratio: float) -> None:
    assert snr_db(rate, rate / 16, ratio) > 65
    assert snr_db(rate, rate * 3 / 16, ratio) > 55
    assert snr_db(rate, rate * 0.4, ratio) > 50


def test_silence_and_dc_stay_what_they_are() -> None:
    assert not resample(np.zeros((600, 2), np.float32), 20.2, 0.333, 480).any()
    constant = resample(np.full((600, 1), 1000, np.float32), 20.2, 0.333, 480)
    assert np.abs(constant - 1000).max() < 0.01


def test_whole_positions_at_ratio_one_are_exact() -> None:
    signal = np.random.default_rng(1).integers(-30_000, 30_000, (600, 2)).astype(np.float32)
    out = resample(signal, 40.0, 1.0, 480)
    assert np.abs(out - signal[40:520]).max() < 0.01


def test_channels_do_not_mix() -> None:
    signal = np.zeros((600, 2), np.float32)
    signal[:, 0] = 5000
    out = resample(signal, 20.5, 0.5, 480)
    assert np.abs(out[:, 0] - 5000).max() < 0.1
    assert not out[:, 1].any()
