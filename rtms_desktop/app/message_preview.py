"""Media payloads as something to look at: a decoded picture, the shape of a sound. Called on the inspector's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from av.error import FFmpegError

from rtms_desktop.media.decoding import Decoder
from rtms_desktop.media.pcm import DEFAULT, AudioFormat, PcmDecoder, guess_format

WIDEST, HIGHEST = 960, 540
BARS = 240


@dataclass(frozen=True, slots=True)
class Picture:
    """``rgba``: rows of ``width`` times four bytes (R, G, B, A). ``source``: size before scaling."""

    width: int
    height: int
    rgba: bytes
    source: tuple[int, int]
    corrupt: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """``low`` and ``high``: least and greatest sample of each step, -1 to 1. ``peak_db``, ``rms_db``: dBFS."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    seconds: float
    peak_db: float
    rms_db: float
    codec: str
    rate: int


def decode_picture(group: Sequence[bytes]) -> Picture | None:
    """The picture of the last access unit; those before it, from the keyframe on, are decoded first."""
    decoder, last = Decoder(), None
    for number, unit in enumerate(group):
        for picture in decoder.decode(unit, number):
            last = picture
    if last is None or last.number != len(group) - 1:
        return None
    frame = last.frame
    scale = min(1.0, WIDEST / frame.width, HIGHEST / frame.height)
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    try:
        rgba = np.ascontiguousarray(frame.reformat(width=width, height=height, format="rgba").to_ndarray())
    except (FFmpegError, ValueError):
        return None
    return Picture(width, height, rgba.tobytes(), (frame.width, frame.height), last.corrupt)


def sound_of(data: bytes, audio_format: AudioFormat | None) -> Sound | None:
    """The shape of one chunk; without a format it is guessed from the size, as of 20 ms."""
    known = audio_format or guess_format(len(data), 20) or DEFAULT
    samples = PcmDecoder(known).decode(data)
    if not len(samples):
        return None
    mono = samples.astype(np.float64).mean(axis=1) / 32768.0
    steps = min(BARS, len(mono))
    edges = np.linspace(0, len(mono), steps, endpoint=False).astype(np.int64)
    low, high = np.minimum.reduceat(mono, edges), np.maximum.reduceat(mono, edges)
    return Sound(
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        seconds=len(mono) / known.rate,
        peak_db=_db(float(np.abs(mono).max())),
        rms_db=_db(float(np.sqrt((mono * mono).mean()))),
        codec=known.codec.name,
        rate=known.rate,
    )


def _db(value: float) -> float:
    return float(20 * np.log10(max(value, 10 ** (-96 / 20))))
