"""When a decoded picture is shown: as its time is heard, or, without sound, evenly and soon. One decode thread each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from rtms_desktop.media.access_units import AccessUnit
from rtms_desktop.media.decoding import Picture
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.transit import Transit

MAX_HOLD_S = 1.0
"""Sound that is further away than this is not the sound of this picture (a backlog, another time base)."""

FREE_MARGIN_MS, FREE_MIN_MS, FREE_MAX_MS = 4.0, 8.0, 80.0
"""Hold without sound: the jitter peak plus a margin, within these bounds."""

MAX_HELD = 32


class DueTimes:
    """Due times of one track's pictures."""

    def __init__(self, clock: PlaybackClock) -> None:
        self._clock = clock
        self._transit = Transit()

    def note(self, unit: AccessUnit) -> None:
        transit = unit.arrived_at * 1000.0 - unit.pts_ms
        base = self._transit.base_ms()
        if base is not None and abs(transit - base) > MAX_HOLD_S * 1000.0:
            self._transit.clear()  # another time base, or the end of a backlog
        self._transit.add(transit, unit.arrived_at)

    def due(self, unit: AccessUnit) -> float:
        """Monotonic seconds. Live first: never more than ``MAX_HOLD_S`` after arrival."""
        heard = self._clock.due(unit.pts_ms)
        if heard is not None and abs(heard - unit.arrived_at) <= MAX_HOLD_S:
            return heard
        base, peak = self._transit.base_ms(), self._transit.peak_ms()
        if base is None or peak is None:
            return unit.arrived_at
        hold = min(max(peak - base + FREE_MARGIN_MS, FREE_MIN_MS), FREE_MAX_MS)
        # The bound is for pictures of a time base that has changed since.
        return min((unit.pts_ms + base + hold) / 1000.0, unit.arrived_at + FREE_MAX_MS / 1000.0)


@dataclass(frozen=True, slots=True)
class Held:
    picture: Picture
    unit: AccessUnit
    decoded_at: float


class HeldPictures:
    """Decoded pictures that wait for their time; at most ``MAX_HELD`` (overflow: the oldest is shown early)."""

    def __init__(self, due_times: DueTimes) -> None:
        self._due_times = due_times
        self._held: deque[Held] = deque()
        self.superseded = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, held: Held) -> None:
        self._held.append(held)

    def next_due(self) -> float | None:
        if len(self._held) > MAX_HELD:
            return 0.0
        return self._due_times.due(self._held[0].unit) if self._held else None

    def take(self, now: float) -> tuple[Held, float] | None:
        """The newest picture whose time has come, with its due time; older ones are superseded and counted."""
        taken: tuple[Held, float] | None = None
        while (due := self.next_due()) is not None and due <= now:
            if taken is not None:
                self.superseded += 1
            held = self._held.popleft()
            taken = (held, self._due_times.due(held.unit))
        return taken

    def clear(self) -> None:
        self.superseded += len(self._held)
        self._held.clear()
