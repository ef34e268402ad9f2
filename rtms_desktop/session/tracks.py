"""Figures of every track (one participant, one medium): counts, jitter, step, lost units, gaps. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.wire.enums import Medium

LONGEST_HOLE_MS = 3_600_000
"""Beyond an hour it is the clock that jumped, not the media that is missing."""

LATE_STEPS = 10
"""So many steps behind, the clock was set back; less is a late packet (JavaScript library)."""

_SLOWEST_STEP_MS = 1000


@dataclass(slots=True)
class TrackStats:
    """What one track has brought.

    Attributes:
        first_ms, last_ms: server timestamps of the first and the newest unit, None before the first.
        last_at: when the last unit arrived, monotonic seconds.
        jitter_ms: interarrival jitter of RFC 3550.
        step_ms: between two units; what was agreed until enough were seen, then the median of the last.
        gaps: closed gaps of this track.
        lost: units that the timestamps say are missing while somebody sent (not those of silence).
        late: units whose timestamp ran backwards.
    """

    medium: Medium
    user_id: int
    user_name: str = ""
    count: int = 0
    bytes: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    last_at: float = 0.0
    jitter_ms: float = 0.0
    step_ms: float = 0.0
    gaps: int = 0
    lost: int = 0
    late: int = 0
    _steps: deque[int] = field(default_factory=lambda: deque(maxlen=7), repr=False)

    def add(self, timestamp_ms: int, size: int, at: float) -> str:
        """Count one unit; returns what is odd about its time: "" or "late", "clock_back", "clock_jump"."""
        self.count += 1
        self.bytes += size
        if self.first_ms is None or self.last_ms is None:
            self.first_ms = self.last_ms = timestamp_ms
            self.last_at = at
            return ""
        step = timestamp_ms - self.last_ms
        if step < 0:
            self.late += 1
            if -step <= LATE_STEPS * max(self.step_ms, 1.0):
                self.last_at = at
                return "late"
            self._move(timestamp_ms, at)
            return "clock_back"
        if step > LONGEST_HOLE_MS:
            self._move(timestamp_ms, at)
            return "clock_jump"
        if 0 < step <= _SLOWEST_STEP_MS:
            self._steps.append(step)
            if len(self._steps) >= 3:
                self.step_ms = float(median(self._steps))
            self.jitter_ms += (abs((at - self.last_at) * 1000 - step) - self.jitter_ms) / 16
        self._move(timestamp_ms, at)
        return ""

    def add_text(self, timestamp_ms: int, size: int, at: float) -> None:
        """Count one line of text; its order proves nothing."""
        self.count += 1
        self.bytes += size
        self.first_ms = timestamp_ms if self.first_ms is None else self.first_ms
        self.last_ms = timestamp_ms
        self.last_at = at

    def note_holes(self, over: list[Gap], hole_ms: float, gap_min_ms: int) -> None:
        """Count the gaps that are over, and the units lost in them or in the small hole before this unit."""
        real = [gap for gap in over if gap.end_ms is not None and gap.end_ms > gap.start_ms]
        self.gaps += len(real)
        if self.step_ms <= 0:
            return
        for gap in real:
            if gap.reason is GapReason.SOCKET_DOWN and gap.end_ms is not None:
                self.lost += round((gap.end_ms - gap.start_ms) / self.step_ms)
        # Video is sent when there is a picture; audio steps like a clock, so even one missing packet shows.
        if self.medium is Medium.AUDIO and not real and 0 < hole_ms < gap_min_ms:
            self.lost += round(hole_ms / self.step_ms)

    def _move(self, timestamp_ms: int, at: float) -> None:
        self.last_ms, self.last_at = timestamp_ms, at
