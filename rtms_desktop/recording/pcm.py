"""Audio as it came to samples for the FLAC files: L16, G.711, G.722 and Opus. Recorder thread.

The player has decoders of its own with concealment and resampling; a recording wants the plain samples.
"""

from __future__ import annotations

from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from rtms_desktop.wire.enums import Codec, SampleRate
from rtms_desktop.wire.messages import AudioParams

Samples = npt.NDArray[np.int16]
"""Shape (samples, channels)."""

# G.711 is A-law (Zoom RTMS docs name PCMA).
_DECODERS = {Codec.G711: "pcm_alaw", Codec.G722: "g722", Codec.OPUS: "opus"}
_FIXED_RATES = {Codec.G711: 8_000, Codec.G722: 16_000, Codec.OPUS: 48_000}


class PcmReader:
    """Decodes the chunks of one participant.

    Attributes:
        rate: samples a second.
        channels: 1 or 2.
    """

    def __init__(self, params: AudioParams) -> None:
        codec = Codec(params.codec) if params.codec in list(Codec) else Codec.L16
        named = SampleRate(params.sample_rate).hz if params.sample_rate in list(SampleRate) else 16_000
        self.rate = _FIXED_RATES.get(codec, named)
        self.channels = 2 if params.channel == 2 else 1
        self._decoder: AudioCodecContext | None = None
        if codec in _DECODERS:
            self._decoder = cast(AudioCodecContext, av.CodecContext.create(_DECODERS[codec], "r"))
            self._decoder.sample_rate = self.rate
            self._decoder.layout = "stereo" if self.channels == 2 else "mono"
            self._resampler = AudioResampler("s16", self._decoder.layout, self.rate)

    def read(self, data: bytes) -> Samples:
        """Samples of one chunk; none where it cannot be decoded."""
        if self._decoder is None:
            whole = len(data) - len(data) % (2 * self.channels)
            return np.frombuffer(data[:whole], "<i2").astype(np.int16, copy=False).reshape(-1, self.channels)
        # An empty packet would mean the end of the stream, for good.
        if not data:
            return np.zeros((0, self.channels), np.int16)
        try:
            decoded = self._decoder.decode(av.Packet(data))
            frames = [part for frame in decoded for part in self._resampler.resample(frame)]
        except (av.FFmpegError, ValueError):
            frames = []
        blocks = [frame.to_ndarray().reshape(-1, self.channels) for frame in frames]
        return np.concatenate(blocks) if blocks else np.zeros((0, self.channels), np.int16)
