"""One participant's audio as FLAC on the session's clock: sample n stands n/rate after zero. Recorder thread."""

from __future__ import annotations

import heapq
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Protocol

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
# Networks deliver in bursts: where something arrived is no better known than this.
ABOUT_MS = 1000
# No meeting lasts longer: a timestamp further away than this is wrong, not late.
MAX_HOLE_MS = 30 * 3600 * 1000
# An hour of zeros takes a second of work: who is first heard in the third hour must not hold up the others.
AT_ONCE_S, PART_S = 10, 20
MAX_WAITING = 500
"""Blocks; then what waits is written whatever it takes."""

MAX_EARLY = 4
"""Blocks that came before others of earlier stamps; a file that only grows has to wait for those."""

_FILLED_KEPT = 16


class Lines(Protocol):
    """Takes what gaps.csv has to tell."""

    def hole(self, path: Path, rate: int, start: int, samples: int) -> None:
        """A run of invented zeros."""
        ...

    def late(self, path: Path, rate: int, start: int, samples: int) -> None:
        """Sound that came when zeros stood in its place already."""
        ...


class AudioTrackWriter:
    """Writes ``<stem>.flac``; a change of the audio format begins ``<stem>-2.flac`` on the same clock.

    A long hole is written in parts, by ``work``, and what was said after it waits until then. A hole is one when
    ``MAX_EARLY`` more blocks or two calls of ``tick`` have not closed it. What has its place is encoded by ``flush``:
    many blocks at once cost a third of what they cost one by one. ``add``, ``tick``, ``work`` and ``flush`` raise
    OSError when the disk refuses.

    Attributes:
        paths: files so far.
        late: chunks that came (partly) after their place had been written; what was written stays.
        misplaced: chunks whose timestamp could not be right, put behind the one before.
    """

    def __init__(self, folder: Path, stem: str, params: AudioParams, lines: Lines) -> None:
        self._folder, self._stem, self._lines = folder, stem, lines
        self.paths: list[Path] = []
        self.late = self.misplaced = 0
        self._serial = self._ticked = 0
        self._file: MuxedFile | None = None
        self._stream: AudioStream | None = None
        self._set_format(params)

    def set_format(self, params: AudioParams) -> None:
        """Audio comes in another format from now on."""
        if params != self._params:
            self.close()
            self._set_format(params)

    def add(self, data: bytes, ms: int, *, about: bool = False) -> None:
        """Add one chunk whose first sample belongs ``ms`` after session zero; ``about``: only as far as is known."""
        samples = self._reader.read(data)
        if not len(samples):
            return
        start = self._samples(ms)
        hole = start - self._end
        wrong = abs(hole) > self._samples(MAX_HOLE_MS)
        if wrong or (about and hole <= self._samples(ABOUT_MS)):
            # The one before is the better guess: nothing of it is late, and it pushes nothing aside.
            self.misplaced += wrong
            self._settle(0)
            self._put(samples)
            return
        self._serial += 1
        heapq.heappush(self._early, (start, self._serial, samples))
        self._settle(MAX_EARLY)

    def tick(self) -> None:
        """To be called about every second: what waits since the last call waits no longer."""
        while any(serial <= self._ticked for _, serial, _ in self._early):
            self._place(*heapq.heappop(self._early))
        self._settle(MAX_EARLY)
        self._ticked = self._serial

    def flush(self) -> None:
        """Bring what has its place into the file; to be called a few times a second."""
        if not self._ready:
            return
        samples = np.concatenate(self._ready)
        self._clear_ready()
        file, stream = self._file, self._stream
        if file is None or stream is None:
            file, stream = self._open()
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=self._layout)
        rate = self._reader.rate
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), self._written
        self._written += len(samples)
        try:
            file.mux(stream.encode(frame))
        except av.FFmpegError:
            self._file = self._stream = None
            self._begin()
            raise

    def work(self) -> bool:
        """Write a part of what waits; False when nothing did."""
        if not self._waiting:
            return False
        first = self._waiting.popleft()
        if isinstance(first, int):
            size = min(first, PART_S * self._reader.rate)
            if first > size:
                self._waiting.appendleft(first - size)
            self._write_zeros(size)
        else:
            self._write(first)
        return True

    def close(self) -> None:
        """Write what waits and finish the open file. Raises as ``add`` does; the file is let go in any case."""
        try:
            self._settle(0)
            while self.work():
                pass
            self.flush()
        finally:
            file, stream, self._file, self._stream = self._file, self._stream, None, None
            self._clear_ready()
            self._waiting.clear()
            self._early.clear()
        if file is None or stream is None:
            return
        file.mux(stream.encode(None))
        file.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _set_format(self, params: AudioParams) -> None:
        self._params = params
        self._reader = PcmReader(params)
        self._begin()

    def _begin(self) -> None:
        # ``_end`` counts what waits as well.
        self._written = self._end = 0
        self._waiting: deque[Samples | int] = deque()
        self._filled: deque[tuple[int, int]] = deque(maxlen=_FILLED_KEPT)
        self._early: list[tuple[int, int, Samples]] = []
        self._clear_ready()

    def _samples(self, ms: int) -> int:
        return ms * self._reader.rate // 1000

    def _settle(self, keep: int) -> None:
        """Put down what has its place by now, and the earliest of more than ``keep``."""
        while self._early and (len(self._early) > keep or self._early[0][0] - self._end <= self._samples(SLACK_MS)):
            self._place(*heapq.heappop(self._early))

    def _place(self, start: int, _serial: int, samples: Samples) -> None:
        hole, slack = start - self._end, self._samples(SLACK_MS)
        if hole > slack:
            self._fill(hole)
        elif hole < -slack:
            self.late += 1
            self._tell_late(start, min(self._end, start + len(samples)))
            samples = samples[-hole:]
        self._put(samples)

    def _open(self) -> tuple[MuxedFile, AudioStream]:
        number = len(self.paths) + 1
        path = self._folder / (f"{self._stem}.flac" if number == 1 else f"{self._stem}-{number}.flac")
        file = self._file = MuxedFile(path, "flac", {"flush_packets": "1"})
        self._layout = "stereo" if self._reader.channels == 2 else "mono"
        stream = file.container.add_stream("flac", rate=self._reader.rate, options=ENCODER_OPTIONS, layout=self._layout)
        stream.codec_context.format = av.AudioFormat("s16")
        self.paths.append(path)
        self._stream = stream
        return file, stream

    def _fill(self, samples: int) -> None:
        start, rate = self._end, self._reader.rate
        if self._file is None:
            self._open()
        self._end += samples
        if samples > AT_ONCE_S * rate or self._waiting:
            self._waiting.append(samples)
        else:
            self._write_zeros(samples)
        self._filled.append((start, start + samples))
        self._lines.hole(self.paths[-1], rate, start, samples)

    def _tell_late(self, start: int, end: int) -> None:
        for first, last in self._filled:
            if start < last and first < end:
                begin = max(start, first)
                self._lines.late(self.paths[-1], self._reader.rate, begin, min(end, last) - begin)

    def _put(self, samples: Samples) -> None:
        self._end += len(samples)
        if not self._waiting:
            self._write(samples)
            return
        self._waiting.append(samples)
        while len(self._waiting) > MAX_WAITING:
            self.work()

    def _write_zeros(self, samples: int) -> None:
        self._write(np.zeros((samples, self._reader.channels), np.int16))

    def _write(self, samples: Samples) -> None:
        if len(samples):
            self._ready.append(samples)
            self._ready_samples += len(samples)
            if self._ready_samples >= self._reader.rate:
                self.flush()

    def _clear_ready(self) -> None:
        self._ready: list[Samples] = []
        self._ready_samples = 0
