"""Audio payloads to 16-bit samples: L16, G.711, G.722 and Opus; called on the audio thread."""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from rtms_desktop.wire.enums import Codec, SampleRate
from rtms_desktop.wire.messages import AudioParams

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a payload holds. ``law`` names the table of G.711 (Zoom RTMS docs: A-law)."""

    codec: Codec = Codec.L16
    rate: int = 16_000
    channels: int = 1
    law: str = "a"


DEFAULT = AudioFormat()


def format_of(params: AudioParams, law: str = "a") -> AudioFormat:
    """The format that a handshake granted; fixed rates where a codec has but one."""
    try:
        codec = Codec(params.codec)
    except ValueError:
        codec = Codec.L16
    fixed = {Codec.G711: 8_000, Codec.G722: 16_000, Codec.OPUS: 48_000}
    try:
        rate = fixed.get(codec) or SampleRate(params.sample_rate).hz
    except ValueError:
        rate = DEFAULT.rate
    if codec not in (*fixed, Codec.L16):
        codec = Codec.L16
    return AudioFormat(codec, rate, 2 if params.channel == 2 and codec in (Codec.L16, Codec.OPUS) else 1, law)


_BY_BYTES_PER_MS = {
    8: AudioFormat(Codec.G711, 8_000),
    16: AudioFormat(Codec.L16, 8_000),
    32: AudioFormat(Codec.L16, 16_000),
    64: AudioFormat(Codec.L16, 32_000),
    96: AudioFormat(Codec.L16, 48_000),
    128: AudioFormat(Codec.L16, 32_000, 2),
    192: AudioFormat(Codec.L16, 48_000, 2),
}


def guess_format(size: int, step_ms: int) -> AudioFormat | None:
    """What payloads of ``size`` bytes every ``step_ms`` hold; None: nothing that we know of.

    For servers that stream before or without a handshake. 64 kB/s of L16 are taken as 32 kHz mono, 8 kB/s as G.711.
    """
    if step_ms <= 0 or size % step_ms:
        return None
    return _BY_BYTES_PER_MS.get(size // step_ms)


def _a_law_table() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    value = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, value, -value).astype(np.int16)


def _mu_law_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    value = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -value, value).astype(np.int16)


_LAWS = {"a": _a_law_table(), "mu": _mu_law_table()}


class PcmDecoder:
    """Decodes the payloads of one track. ``errors`` counts what could not be decoded."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self.format = audio_format
        self.errors = 0
        self._context = _context(audio_format)

    def decode(self, data: bytes) -> Samples:
        """Frames by channels, native order; an empty array for what cannot be decoded."""
        channels = self.format.channels
        if self._context is not None:
            return self._by_codec(data)
        if self.format.codec is Codec.G711:
            return _LAWS[self.format.law][np.frombuffer(data, np.uint8)].reshape(-1, 1)
        whole = len(data) - len(data) % (2 * channels)
        if whole != len(data):
            self.errors += 1
        return np.frombuffer(data, "<i2", count=whole // 2).astype(np.int16, copy=False).reshape(-1, channels)

    def _by_codec(self, data: bytes) -> Samples:
        nothing: Samples = np.zeros((0, self.format.channels), np.int16)
        if not data or self._context is None:  # an empty packet means end of stream to FFmpeg, for ever
            self.errors += 1
            return nothing
        try:
            frames = self._context.decode(av.Packet(data))
        except (FFmpegError, ValueError):
            self.errors += 1
            return nothing
        blocks = [np.asarray(frame.to_ndarray(), np.int16).reshape(-1, self.format.channels) for frame in frames]
        return np.concatenate(blocks) if blocks else nothing


def _context(audio_format: AudioFormat) -> av.AudioCodecContext | None:
    name = {Codec.G722: "g722", Codec.OPUS: "libopus"}.get(audio_format.codec)
    if name is None:
        return None
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = audio_format.rate
    context.layout = "stereo" if audio_format.channels == 2 else "mono"
    context.thread_count = 1
    return context
