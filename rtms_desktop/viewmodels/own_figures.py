"""What this program itself costs and leaves out, read beside the figures of the stream. Main thread."""

from __future__ import annotations

import time
from typing import Any

from rtms_desktop.viewmodels.history import History
from rtms_desktop.viewmodels.stall import StallMeter

EVERY = 5
"""Looks between two at the pipeline: its figures are gathered from every track."""


class OwnFigures:
    """Writes the series ``cpu``, ``stall``, ``playout``, ``queue`` and ``drops``.

    Args:
        stall: the meter of the main thread; None where nobody measures.
    """

    def __init__(self, stall: StallMeter | None) -> None:
        self._stall = stall
        self._cpu_s: float | None = None
        self._dropped: tuple[int, int] | None = None
        self._count = 0

    def take(self, history: History, pipeline: Any, skipped: int) -> None:
        """One look into the newest step. ``skipped``: steps before it in which nobody looked."""
        used = time.process_time()
        if self._cpu_s is not None:
            history.put("cpu.own", used - self._cpu_s)
            history.bridge("cpu.own", skipped)
        self._cpu_s = used
        late_ms = self._stall.take_worst() if self._stall is not None else None
        if late_ms is not None:
            history.put("stall.own", late_ms)
        self._count += 1
        if pipeline is not None:
            self._take_media(history, pipeline, skipped)

    def _take_media(self, history: History, pipeline: Any, skipped: int) -> None:
        fresh = self._count % EVERY == 1
        dropped = self._dropped
        if fresh:
            stats = pipeline.stats
            history.put("playout.audio", stats.playout_ms)
            history.put("queue.video", stats.queue_depth)
            history.put("queue.audio", stats.audio.inbox)
            heard = stats.audio.inbox_dropped
            self._dropped = (stats.frames_dropped + stats.queue_dropped - heard, heard)
        if dropped is None or self._dropped is None:
            return
        for name, now, before in zip(("drops.video", "drops.audio"), self._dropped, dropped, strict=True):
            history.put(name, max(0, now - before) if fresh else 0.0)
            history.bridge(name, skipped)
