"""The rules by which a lost link comes back: delays, windows, duplicates. Pure; the caller brings the time.

Zoom RTMS docs (fail-over and keep-alive pages): the server waits 60 s for signaling and 65 s for a media socket.
A server that still holds the old socket answers "duplicate": then longer, fewer waits (JavaScript library).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from rtms_desktop.session.config import Timing

# A link that was up for so long, or delivered, was truly back: the next loss begins with the shortest delay.
PROVEN_AFTER_S = 5.0


class Backoff:
    """Delays in seconds: the first doubled with every try up to a cap, each spread a little at random."""

    def __init__(self, timing: Timing, rng: random.Random) -> None:
        self._timing, self._rng = timing, rng

    def delay(self, tries: int) -> float:
        """The wait before try number ``tries`` (from 0)."""
        # 2**64 halves of a second are beyond every cap, and a float still holds them.
        plain = min(self._timing.backoff_cap_s, self._timing.backoff_first_s * 2.0 ** min(tries, 64))
        return plain * (1 + self._rng.uniform(-self._timing.backoff_jitter, self._timing.backoff_jitter))


@dataclass(slots=True)
class Recovery:
    """One outage of one link, from the loss until it has proved itself again.

    Attributes:
        lost_at: when it went down, None while it is up.
        due: when it is opened again, None: nothing is planned.
        window_ends: after that it is given up.
        tries: how many tries were planned since the loss.
        duplicates: how often the server said that the old socket still exists.
        is_own: the link itself was lost (False: it fell with signaling).
        scenario: why it is being opened again, for a person.
        was_up: it has been up at least once.
        back_at: when it came up, None while it is down.
        reconnected_at: when it last came up after a loss.
        proven: it has delivered since it came up.
    """

    lost_at: float | None = None
    due: float | None = None
    window_ends: float | None = None
    tries: int = 0
    duplicates: int = 0
    is_own: bool = True
    scenario: str = ""
    was_up: bool = False
    back_at: float | None = None
    reconnected_at: float | None = None
    proven: bool = False

    def begin(self, now: float, window_s: float, *, is_own: bool, scenario: str) -> None:
        """The link went down; a link that never proved itself continues its old outage."""
        if self.back_at is not None:
            if self.proven or now >= self.back_at + PROVEN_AFTER_S:
                self.tries = self.duplicates = 0
                self.window_ends = None
            self.back_at = None
        if self.lost_at is None:
            self.lost_at = now
        if self.window_ends is None:
            self.window_ends = now + window_s
        self.is_own, self.scenario, self.proven = is_own, scenario, False

    def back(self, now: float) -> float | None:
        """The link is up; returns how long it was down, None when it had not been up before."""
        lost_at, self.lost_at, self.due = self.lost_at, None, None
        was_up, self.was_up, self.back_at = self.was_up, True, now
        if not was_up or lost_at is None:
            return None
        self.reconnected_at = now
        return now - lost_at

    def plan(self, delay: float, now: float) -> float | None:
        """Set ``due``; None when the window closes before."""
        self.tries += 1
        due = now + delay
        self.due = due if self.window_ends is not None and due < self.window_ends else None
        return self.due

    def extend(self, now: float, window_s: float) -> None:
        """Start the window anew: what the link waited for is only now possible."""
        if self.lost_at is not None:
            self.window_ends = now + window_s

    def expired(self, now: float) -> bool:
        return self.lost_at is not None and self.window_ends is not None and now >= self.window_ends

    def deadline(self) -> float | None:
        """When something is to be done; None while the link is up."""
        if self.lost_at is None:
            return None
        return self.window_ends if self.due is None else self.due
