"""What the sound server plays, held against what the recording says was sent."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.harness import Result, benchmark, null_sink, result, target, window, xvfb

RATE = 48_000
SECONDS = float(os.environ.get("RTMS_BENCH_SECONDS", "60"))
WINDOW = RATE // 5
SEARCH = RATE // 50
Signal = NDArray[np.float64]


@benchmark
def played_sound() -> list[Result]:
    """The monitor of a null sink during ``--demo --record`` against the recorded speakers' sum, 200 ms at a time."""
    with tempfile.TemporaryDirectory() as folder, xvfb() as display, null_sink() as sound:
        heard_file = Path(folder) / "heard.raw"
        command = ["parec", "-d", "nul.monitor", "--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=20"]
        with heard_file.open("wb") as out:
            listener = subprocess.Popen(command, stdout=out, env=os.environ | sound)
            try:
                stats = window(SECONDS, "--demo", "--record", env=display | sound, folder=Path(folder) / "config")
            finally:
                listener.terminate()
                listener.wait()
        heard = np.frombuffer(heard_file.read_bytes(), np.int16).astype(np.float64)
        (bundle,) = (Path(folder) / "config" / "recordings").glob("*.rtmsrec")
        sent = sum_of_speakers(bundle)
    correlations, lags = _compare(sent, heard)
    return [
        target("played_sound correlation median", "", float(np.median(correlations)), 0.97),
        target("played_sound correlation p05", "", float(np.quantile(correlations, 0.05)), 0.97),
        result(
            "played_sound lag spread", "ms", [float(np.quantile(lags, 0.95) - np.quantile(lags, 0.05)) / RATE * 1e3]
        ),
        target("played_sound underruns", "", stats["audio_underruns"], 0),
    ]


def sum_of_speakers(bundle: Path) -> Signal:
    """All FLACs of a bundle at 48 kHz, on the session clock."""
    assert json.loads((bundle / "manifest.json").read_text())["closed"]
    tracks = [_decode(path) for path in sorted((bundle / "audio").glob("*.flac"))]
    total = np.zeros(max(map(len, tracks)))
    for track in tracks:
        total[: len(track)] += track
    return total


def _decode(path: Path) -> Signal:
    resampler = av.AudioResampler("s16", "mono", RATE)
    blocks = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            blocks += [made.to_ndarray().ravel() for made in resampler.resample(frame)]
    blocks += [made.to_ndarray().ravel() for made in resampler.resample(None)]
    return np.concatenate(blocks).astype(np.float64)


def _compare(sent: Signal, heard: Signal) -> tuple[list[float], list[int]]:
    """Correlation and lag (samples, about the common one) of each loud window."""
    size = 1 << int(np.ceil(np.log2(len(sent) + len(heard))))
    cross = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sent, size)), size)
    offset = int(np.argmax(cross))
    offset = offset - size if offset > size // 2 else offset
    correlations, lags = [], []
    for begin in range(0, len(sent) - WINDOW, WINDOW):
        piece = sent[begin : begin + WINDOW]
        around = heard[max(0, begin + offset - SEARCH) : begin + offset + WINDOW + SEARCH]
        if np.sqrt(np.mean(piece**2)) < 300 or len(around) < WINDOW + 2 * SEARCH:
            continue
        best, lag = best_lag(piece, around)
        correlations.append(best)
        lags.append(lag - SEARCH)
    return correlations, lags


def best_lag(piece: Signal, around: Signal) -> tuple[float, int]:
    """Where in ``around`` the ``piece`` fits best: its correlation there, and the first sample."""
    size = 1 << int(np.ceil(np.log2(len(piece) + len(around))))
    cross = np.fft.irfft(np.fft.rfft(around, size) * np.conj(np.fft.rfft(piece, size)), size)
    products = cross[: len(around) - len(piece) + 1]
    total = np.concatenate(([0.0], np.cumsum(around**2)))
    power = total[len(piece) :] - total[: -len(piece)]
    values = products / np.sqrt(np.maximum(power, 1.0) * np.sum(piece**2))
    lag = int(np.argmax(values))
    return float(values[lag]), lag
