"""Speech-like sound without words: a pitched voice with moving formants and syllables, built once and looped."""

from __future__ import annotations

from functools import lru_cache

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_MASTER_HZ = 16_000
_SECONDS = 12
_STEP = 80
"""Formants and loudness move on a grid of 5 ms."""
_VOWELS = (
    (730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240), (490, 1350, 1690)
)  # fmt: skip
_PITCHES = (205, 118, 188, 102, 222, 131, 174, 110)
LEVEL = 0.11
"""RMS of the voice while it speaks, full scale = 1: about -19 dBFS, so that the peaks stay clear of clipping."""
BEEP_HZ, BEEP_MS, BEEP_LEVEL = 1000, 50, 0.07


class Voice:
    """One person's voice as an endless loop."""

    def __init__(self, index: int) -> None:
        random = np.random.default_rng(1000 + index)
        grid = _SECONDS * _MASTER_HZ // _STEP
        loudness, formants = _syllables(random, grid)
        self.loudness: Samples = loudness
        pitch = _PITCHES[index % len(_PITCHES)] * (1 + 0.03 * (index // len(_PITCHES)))
        self._master = _sing(random, pitch, loudness, formants)
        self._by_rate: dict[int, Samples] = {_MASTER_HZ: self._master}

    def samples(self, rate: int, start: int, count: int) -> Samples:
        """`count` samples of the loop at `rate`, from sample `start` of media time on."""
        loop = self._by_rate.get(rate)
        if loop is None:
            loop = self._by_rate[rate] = _resample(self._master, rate)
        return np.asarray(np.take(loop, np.arange(start, start + count), mode="wrap"), np.float32)

    def mouth(self, at_ms: float) -> float:
        """How loud the voice is at this moment, 0..1."""
        return float(self.loudness[int(at_ms * _MASTER_HZ / 1000 / _STEP) % len(self.loudness)])


@lru_cache(maxsize=64)
def voice_of(index: int) -> Voice:
    """The voice of the n-th participant."""
    return Voice(index)


def beep(rate: int, start: int, count: int) -> Samples:
    """A 1 kHz tone in the first 50 ms of each full second of media time, zero elsewhere."""
    within = np.arange(start, start + count) % rate
    length = rate * BEEP_MS // 1000
    edge = np.clip(np.minimum(within, length - within) / (rate * 0.002), 0, 1)
    tone = np.sin(within * np.float32(2 * np.pi * BEEP_HZ / rate)) * edge * BEEP_LEVEL
    return np.asarray(np.where(within < length, tone, 0.0), np.float32)


def _syllables(random: np.random.Generator, grid: int) -> tuple[Samples, Samples]:
    """Loudness (grid,) and three formants (grid, 3): syllables of 110-260 ms, words of one to four, pauses between."""
    loudness = np.zeros(grid, np.float32)
    formants = np.empty((grid, 3), np.float32)
    formants[:] = _VOWELS[0]
    at, left = 4, 0
    while at < grid - 70:
        if left == 0:
            left = int(random.integers(1, 5))
            at += int(random.integers(4, 14))
        length = int(random.integers(22, 52))
        rise = np.sin(np.linspace(0, np.pi, length)) ** 0.6
        loudness[at : at + length] = rise * random.uniform(0.65, 1.0)
        formants[at : at + length] = _VOWELS[int(random.integers(len(_VOWELS)))]
        at += length + int(random.integers(0, 4))
        left -= 1
    kernel = np.hanning(13) / np.hanning(13).sum()
    for number in range(3):
        formants[:, number] = np.convolve(np.pad(formants[:, number], 6, mode="edge"), kernel, mode="valid")
    return loudness, formants


def _sing(random: np.random.Generator, pitch: float, loudness: Samples, formants: Samples) -> Samples:
    """Harmonics of a gliding pitch, each as loud as the formants make it at its frequency."""
    grid = len(loudness)
    sway = np.cumsum(random.normal(0, 1, grid // 20 + 2))
    sway = np.interp(np.arange(grid), np.arange(len(sway)) * 20, sway - np.linspace(sway[0], sway[-1], len(sway)))
    hertz = (pitch * (1 + 0.02 * np.clip(sway, -6, 6))).astype(np.float32)
    phase = np.cumsum(np.repeat(hertz, _STEP).astype(np.float64)) * (2 * np.pi / _MASTER_HZ)
    phase = phase.astype(np.float64) % (2 * np.pi)
    twice = (2 * np.cos(phase)).astype(np.float32)
    before, wave = np.zeros(len(phase), np.float32), np.sin(phase).astype(np.float32)
    sound = np.zeros(len(phase), np.float32)
    for number in range(1, int(3800 / pitch)):
        frequency = hertz * number
        gain = sum(
            strength / (1 + ((frequency - formants[:, which]) / width) ** 2)
            for which, (strength, width) in enumerate(((1.0, 90.0), (0.55, 120.0), (0.3, 170.0)))
        )
        sound += wave * np.repeat(gain * loudness, _STEP).astype(np.float32)
        before, wave = wave, twice * wave - before
    breath = random.normal(0, 1, len(sound)).astype(np.float32)
    sound += breath * np.repeat(loudness, _STEP) * np.float32(0.012)
    spoken = sound[np.repeat(loudness, _STEP) > 0.3]
    return np.asarray(sound * (LEVEL / np.sqrt(np.mean(spoken**2))), np.float32)


def _resample(master: Samples, rate: int) -> Samples:
    """The loop at another rate, exactly as long in time."""
    frame = av.AudioFrame.from_ndarray(master[None, :], format="flt", layout="mono")
    frame.sample_rate = _MASTER_HZ
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    parts = [part.to_ndarray()[0] for given in (frame, None) for part in resampler.resample(given)]
    wanted = len(master) * rate // _MASTER_HZ
    loop = np.concatenate(parts)[:wanted]
    return np.asarray(np.pad(loop, (0, wanted - len(loop))), np.float32)
