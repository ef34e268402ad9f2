"""How late the event loop serves those who wait: a beat ten times a second, compared with the clock. Loop's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rtms_desktop.clock import Clock
from rtms_desktop.transport.tasks import spawn

BEAT_S = 0.1


class LoopWatch:
    """Runs from `start` to `stop`.

    Attributes:
        worst_s: the latest beat since the watch began to run.
    """

    def __init__(self, clock: Clock) -> None:
        self.worst_s = 0.0
        self._recent_s: list[float] = []  # for each reader
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Idempotent."""
        if self._task is None:
            self.worst_s = 0.0
            self._recent_s = [0.0] * len(self._recent_s)
            self._task = spawn(self._beat(), name="loop watch")

    def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def late(self, by_s: float) -> None:
        """A beat came so much later than it should have."""
        self._recent_s = [max(recent, by_s) for recent in self._recent_s]
        self.worst_s = max(self.worst_s, by_s)

    def reader(self) -> Callable[[], float]:
        """A function that gives the latest beat since its last call, in seconds."""
        number = len(self._recent_s)
        self._recent_s.append(0.0)

        def take() -> float:
            recent, self._recent_s[number] = self._recent_s[number], 0.0
            return recent

        return take

    async def _beat(self) -> None:
        while True:
            due = self._clock.now() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self.late(max(0.0, self._clock.now() - due))
