"""One participant's audio as FLAC on the session's clock: sample n stands n/rate after zero. Recorder thread."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream

from rtms_desktop.recording.output import MuxedFile
from rtms_desktop.recording.pcm import PcmReader, Samples
from rtms_desktop.wire.messages import AudioParams

# The default of 4608 samples would keep 288 ms at 16 kHz in the encoder.
ENCODER_OPTIONS = {"frame_size": "320", "compression_level": "2"}
# The smallest block that RTMS knows is 20 ms: half of it is rounding of the timestamps, more is a hole.
SLACK_MS = 10
# A timestamp further away than this is wrong, not late.
MAX_HOLE_MS = 6 * 3600 * 1000
_ZERO_BLOCK = 10  # seconds

HoleFilled = Callable[[Path, int, int, int], None]
"""Called with (file, rate, first sample, samples) for each run of invented zeros."""


class AudioTrackWriter:
    """Writes ``<stem>.flac``; a change of the audio format begins ``<stem>-2.flac`` on the same clock.

    ``add`` raises OSError when the disk refuses.

    Attributes:
        paths: files so far.
        late: chunks that came (partly) after their place had been written; what was written stays.
        misplaced: chunks whose timestamp could not be right, put behind the one before.
    """

    def __init__(self, folder: Path, stem: str, params: AudioParams, hole_filled: HoleFilled) -> None:
        self._folder, self._stem, self._hole_filled = folder, stem, hole_filled
        self.paths: list[Path] = []
        self.late = self.misplaced = 0
        self._file: MuxedFile | None = None
        self._stream: AudioStream | None = None
        self._position = 0
        self._set_format(params)

    def set_format(self, params: AudioParams) -> None:
        """Audio comes in another format from now on."""
        if params != self._params:
            self.close()
            self._set_format(params)

    def add(self, data: bytes, ms: int) -> None:
        """Add one chunk whose first sample belongs ``ms`` after session zero."""
        samples = self._reader.read(data)
        if not len(samples):
            return
        rate = self._reader.rate
        hole = ms * rate // 1000 - self._position
        if abs(hole) > MAX_HOLE_MS * rate // 1000:
            self.misplaced += 1
        elif hole > SLACK_MS * rate // 1000:
            self._fill(hole)
        elif hole < -SLACK_MS * rate // 1000:
            self.late += 1
            samples = samples[-hole:]
        self._encode(samples)

    def close(self) -> None:
        """Finish the open file. Raises as ``add`` does; the file is let go in any case."""
        file, stream, self._file, self._stream = self._file, self._stream, None, None
        if file is None or stream is None:
            return
        file.mux(stream.encode(None))
        file.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _set_format(self, params: AudioParams) -> None:
        self._params, self._position = params, 0
        self._reader = PcmReader(params)

    def _open(self) -> tuple[MuxedFile, AudioStream]:
        number = len(self.paths) + 1
        path = self._folder / (f"{self._stem}.flac" if number == 1 else f"{self._stem}-{number}.flac")
        file = self._file = MuxedFile(path, "flac", {"flush_packets": "1"})
        layout = "stereo" if self._reader.channels == 2 else "mono"
        stream = file.container.add_stream("flac", rate=self._reader.rate, options=ENCODER_OPTIONS, layout=layout)
        stream.codec_context.format = av.AudioFormat("s16")
        self.paths.append(path)
        self._stream = stream
        return file, stream

    def _fill(self, samples: int) -> None:
        start, rate = self._position, self._reader.rate
        for done in range(0, samples, _ZERO_BLOCK * rate):
            size = min(_ZERO_BLOCK * rate, samples - done)
            self._encode(np.zeros((size, self._reader.channels), np.int16))
        self._hole_filled(self.paths[-1], rate, start, samples)

    def _encode(self, samples: Samples) -> None:
        if not len(samples):
            return
        file, stream = self._file, self._stream
        if file is None or stream is None:
            file, stream = self._open()
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout=stream.layout.name
        )
        frame.sample_rate, frame.time_base, frame.pts = (
            self._reader.rate, Fraction(1, self._reader.rate), self._position,
        )  # fmt: skip
        self._position += len(samples)
        try:
            file.mux(stream.encode(frame))
        except av.FFmpegError:
            self._file = self._stream = None
            self._position = 0
            raise
