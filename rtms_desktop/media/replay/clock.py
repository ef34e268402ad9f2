"""The playhead: a clock that can pause, jump and run at another speed. Read and written from any thread.

Its axis is the monotonic time of the recording, so every time that was noted then can be compared with ``now()``.
"""

from __future__ import annotations

import math
import threading
from typing import NamedTuple

from rtms_desktop.clock import Clock


class Anchor(NamedTuple):
    """At ``real`` (the machine's monotonic seconds) the playhead stood at ``at``. ``jump`` counts the jumps."""

    real: float
    at: float
    rate: float
    playing: bool
    limit: float
    jump: int


class ReplayClock:
    """Stands still at ``begin`` at first. It never runs past ``limit``.

    ``now()`` is the playhead; ``wall_ms()`` is the machine's own, so that dates of today stay dates of today.
    """

    def __init__(self, machine: Clock, begin: float, limit: float) -> None:
        self.machine = machine
        self._changed = threading.Condition()
        self._anchor = Anchor(machine.now(), begin, 1.0, False, limit, 0)  # replaced as a whole: readers need no lock

    def now(self) -> float:
        return self.at(self.machine.now())

    def wall_ms(self) -> int:
        return self.machine.wall_ms()

    @property
    def anchor(self) -> Anchor:
        return self._anchor

    def at(self, real: float) -> float:
        """Where the playhead stands at a time of the machine."""
        anchor = self._anchor
        if not anchor.playing:
            return anchor.at
        return min(anchor.at + (real - anchor.real) * anchor.rate, max(anchor.limit, anchor.at))

    @property
    def playing(self) -> bool:
        return self._anchor.playing

    @property
    def rate(self) -> float:
        return self._anchor.rate

    @property
    def jumps(self) -> int:
        return self._anchor.jump

    def left_s(self, at: float) -> float:
        """Seconds of the machine until the playhead reaches ``at``; infinite while it stands or cannot get there."""
        anchor = self._anchor
        if not anchor.playing or at > anchor.limit:
            return math.inf
        return anchor.real + (at - anchor.at) / anchor.rate - self.machine.now()

    # -- changes -------------------------------------------------------------------------------------------------

    def play(self) -> None:
        self._set(playing=True)

    def pause(self) -> None:
        self._set(playing=False)

    def jump(self, at: float) -> None:
        """Put the playhead somewhere else; it goes on playing if it did."""
        self._set(at=at, jump=self._anchor.jump + 1)

    def set_rate(self, rate: float) -> None:
        self._set(rate=rate)

    def set_limit(self, limit: float) -> None:
        self._set(limit=limit)

    def _set(self, **changes: float) -> None:
        with self._changed:
            real = self.machine.now()
            fields = self._anchor._asdict() | {"real": real, "at": self.at(real)} | changes
            self._anchor = Anchor(**fields)
            self._changed.notify_all()

    def wait(self, seen: Anchor, timeout_s: float) -> None:
        """Until the clock was changed since ``seen`` or ``timeout_s`` of the machine have passed."""
        with self._changed:
            if self._anchor is seen and timeout_s > 0:
                self._changed.wait(None if timeout_s == math.inf else timeout_s)

    def wake_all(self) -> None:
        """Let everybody who waits look again (something else than the clock has changed)."""
        with self._changed:
            self._anchor = self._anchor._replace()  # a new object that says the same
            self._changed.notify_all()
