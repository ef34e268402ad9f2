"""Signals, packets and comparisons for the sound tests."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

EPOCH = 1_700_000_000_000
Samples = NDArray[np.int16]
Floats = NDArray[np.float64]


def noise(rate: int, seconds: float, channels: int = 1, seed: int = 7, band: float = 0.4) -> Samples:
    """Noise up to ``band`` of the rate, at -12 dBFS or so: unlike a tone it is like itself at one lag only."""
    rng = np.random.default_rng(seed)
    count = int(rate * seconds)
    spectrum = np.fft.rfft(rng.normal(size=(count, channels)), axis=0)
    spectrum[int(band * count) :] = 0
    signal = np.fft.irfft(spectrum, count, axis=0)
    return np.asarray(signal / np.abs(signal).max() * 20_000, np.int16)


def tone(rate: int, seconds: float, hz: float = 1000.0, peak: float = 16_384.0) -> Samples:
    return np.asarray(peak * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate), np.int16)[:, None]


def packets(signal: Samples, rate: int, ms: int = 20) -> list[tuple[int, bytes]]:
    """(server time, L16 payload) for every whole packet."""
    size = rate * ms // 1000
    count = len(signal) // size
    return [(EPOCH + n * ms, signal[n * size : (n + 1) * size].astype("<i2").tobytes()) for n in range(count)]


def upsampled(signal: Samples, rate: int, to: int = 48_000) -> Floats:
    """The ideal conversion of a whole signal, by its spectrum."""
    count = len(signal) * to // rate
    spectrum = np.fft.rfft(signal[:, 0].astype(np.float64))
    padded = np.zeros(count // 2 + 1, np.complex128)
    padded[: len(spectrum)] = spectrum
    return np.asarray(np.fft.irfft(padded, count) * (to / rate), np.float64)


def lag_of(heard: Floats, source: Floats) -> int:
    """Where in ``heard`` the beginning of ``source`` is."""
    size = 1 << (len(heard) + len(source)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(source, size))
    return int(np.argmax(np.fft.irfft(product, size)[: len(heard)]))


def window_correlations(heard: Floats, source: Floats, window: int = 4800, search: int = 240) -> Floats:
    """Correlation of each 100 ms with the source at the common lag, give or take ``search`` samples."""
    lag = lag_of(heard, source)
    found = []
    for start in range(window, min(len(source), len(heard) - lag) - 2 * window, window):
        piece = source[start : start + window]
        best = -1.0
        for shift in range(-search, search + 1, max(1, search // 24)):
            other = heard[lag + start + shift : lag + start + shift + window]
            if len(other) == window and np.std(other) > 0:
                best = max(best, float(np.corrcoef(piece, other)[0, 1]))
        found.append(best)
    return np.array(found)


def encode(name: str, signal: Samples, rate: int, frame: int, layout: str = "mono") -> list[bytes]:
    """One payload for each ``frame`` samples."""
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.format = rate, "s16"
    encoder.layout = layout
    encoder.time_base = Fraction(1, rate)
    if name == "libopus":
        encoder.bit_rate = 96_000
    payloads = []
    for start in range(0, len(signal) - frame + 1, frame):
        piece = np.ascontiguousarray(signal[start : start + frame]).reshape(1, -1)
        block = av.AudioFrame.from_ndarray(piece, "s16", layout)
        block.sample_rate, block.pts = rate, start
        payloads += [bytes(packet) for packet in encoder.encode(block)]
    return payloads
