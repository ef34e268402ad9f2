"""Devices for tests: one that keeps what it plays."""

from __future__ import annotations

import threading

import numpy as np

from rtms_desktop.clock import Clock, SystemClock
from rtms_desktop.media.ring import Ring
from rtms_desktop.media.sinks import Mark


class RecordingSink:
    """Plays in time, 20 ms at once, heard `latency_s` later, with a clock that is `ppm` fast; keeps every sample."""

    def __init__(
        self, latency_s: float = 0.03, channels: int = 2, ppm: float = 0.0, clock: Clock | None = None
    ) -> None:
        self.name, self.problem, self.channels = "recorder", "", channels
        self.starved = 0
        self.lost = False
        self.mark: Mark | None = None
        self.blocks: list[np.ndarray] = []
        self.starts = 0
        self._latency_s, self._block_s = latency_s, 0.02 / (1 + ppm * 1e-6)
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, ring: Ring) -> None:
        self.stop()
        self.starts += 1
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, args=(ring,), name="recorder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        self.stop()

    def lose(self, problem: str) -> None:
        self.problem, self.lost = problem, True

    def play_block(self, ring: Ring) -> None:
        self.mark = Mark(self._clock.now(), ring.read, self._latency_s)
        out = np.empty((960, self.channels), np.int16)
        started = ring.written > 0
        got = ring.read_into(out)
        if started:
            self.starved += 960 - got
            self.blocks.append(out)

    def _run(self, ring: Ring) -> None:
        due = self._clock.now()
        while not self._stop.wait(max(0.0, due - self._clock.now())):
            self.play_block(ring)
            due += self._block_s

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate(self.blocks) if self.blocks else np.zeros((0, self.channels), np.int16)
