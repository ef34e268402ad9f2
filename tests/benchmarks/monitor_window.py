"""The window as the monitor benchmark needs it; a program of its own: ``python -m tests.benchmarks.monitor_window``.

``open``: six graphs over ten minutes of history, and the Inspector beside them. ``hidden``: no dock at all, and the
monitor sampling by turns or not; how much processor time each turn took goes to a file. The rest of the words go to the
program. Set ``RTMS_BENCH_PROFILE`` to a file to profile the main thread.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint

from rtms_desktop import main as program
from rtms_desktop.transport.tasks import spawn
from rtms_desktop.viewmodels.history import STEPS, step_of

GRAPHS = ["bitrate", "packets", "fps", "lag", "jitter", "playout"]
SETTLE_S, TURN_S = 4.0, 3.0
WINDOW_MIN = 10


async def arrange_open(body: Any, result: Path) -> None:
    """Monitor with six graphs over a full history; the Inspector floats beside the window and follows its end."""
    await asyncio.sleep(SETTLE_S)
    body.workspace.open_panel("inspector")
    body.panels.float("inspector", QPoint(500, 600))
    body.workspace.open_panel("monitor")
    dock = body.panels.panels["monitor"].widget
    dock.model.set_window(WINDOW_MIN)
    fill(dock.model.history, step_of(dock.model.now))
    await asyncio.sleep(SETTLE_S)
    assert all(graph.isVisible() for graph in dock.graphs) and len(dock.graphs) == len(GRAPHS)
    assert body.panels.panels["inspector"].widget.isVisible()
    body.models.ticks.stall.start()  # anew: what was opened is no steady state
    result.write_text("{}", encoding="utf-8")


def fill(history: Any, now: int) -> None:
    """Write ten minutes of wavering figures before now."""
    past = np.arange(now - STEPS + 10, now - 50) % STEPS
    wave = np.sin(np.arange(len(past)) / 7.0) + np.random.default_rng(1).random(len(past))
    for name, ring in history._rings.items():
        scale = 12_000.0 if name.startswith("bytes") else 0.05 if name == "look" else 10.0
        ring[past] = np.maximum(0.0, scale * (1.0 + 0.3 * wave)) if name != "look" else scale


async def compare_hidden(body: Any, result: Path) -> None:
    """With every dock closed: processor seconds per second, the monitor sampling by turns or not."""
    for key in list(body.panels.panels):
        body.panels.close(key)
    dock = body.panels.panels["monitor"].widget
    await asyncio.sleep(2 * SETTLE_S)
    turns: dict[str, list[float]] = {"with": [], "without": []}
    costs: list[float] = []
    sample = dock.model.sample

    def timed() -> None:
        begin = time.perf_counter()
        sample()
        costs.append((time.perf_counter() - begin) * 1e6)

    ticks = body.models.ticks
    ticks.data.disconnect(sample)
    ticks.stall.stop()
    while True:
        for name in ("with", "without"):
            if name == "with":
                ticks.data.connect(timed)
                ticks.stall.start()
            began, used = time.monotonic(), time.process_time()
            await asyncio.sleep(TURN_S)
            turns[name].append((time.process_time() - used) / (time.monotonic() - began))
            if name == "with":
                ticks.data.disconnect(timed)
                ticks.stall.stop()
        result.write_text(json.dumps({"turns": turns, "sample_us": costs[-500:]}), encoding="utf-8")


def main(words: list[str]) -> int:
    mode, result, *rest = words
    before = program._open

    async def then(controller: Any, body: Any, options: Any, payload: str) -> None:
        await before(controller, body, options, payload)
        arrange = arrange_open if mode == "open" else compare_hidden
        task = spawn(arrange(body, Path(result)), name="benchmark")
        body.main_window.quit_requested.connect(task.cancel)

    program._open = then
    if "RTMS_BENCH_PROFILE" not in os.environ:
        return program.main(rest)
    profile = cProfile.Profile()
    try:
        return int(profile.runcall(program.main, rest))
    finally:
        profile.dump_stats(os.environ["RTMS_BENCH_PROFILE"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
