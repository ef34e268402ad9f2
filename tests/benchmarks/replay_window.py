"""How late the main thread is while a recording that was never opened before is indexed beside it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rtms_desktop.recording import names
from tests.benchmarks.harness import Result, benchmark, result, target, window, xvfb
from tests.fakes import long_recording as lr

RECORDED_S, OPEN_S, ROUNDS = 600.0, 10.0, 3
STALL_LIMIT_MS = 15.0


@benchmark
def replay_window() -> list[Result]:
    """Ten minutes with four participants; the medians of some runs, the opening of the window's panes among it."""
    stalls = []
    with tempfile.TemporaryDirectory() as folder, xvfb() as env:
        bundle = lr.make_bundle(Path(folder), RECORDED_S)
        for number in range(ROUNDS):
            config = Path(folder) / f"config-{number}"
            config.mkdir()
            stalls.append(window(OPEN_S, str(bundle), env=env, folder=config)["stall_ms"])
            (bundle / names.REPLAY_INDEX).unlink(missing_ok=True)
    p99 = sorted(stall["p99"] for stall in stalls)[ROUNDS // 2]
    return [
        target("replay window: main thread late while indexing, p99", "ms", p99, STALL_LIMIT_MS),
        result("replay window: main thread late while indexing, most", "ms", [stall["max"] for stall in stalls]),
    ]
