"""An hour with four participants (1.1 million messages): opening it, seeking in it, and what that costs in memory."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from rtms_desktop.app.replay import ReplaySession
from rtms_desktop.clock import SystemClock
from rtms_desktop.media.frames import VideoFrame
from rtms_desktop.mock_server.sources.barcode import read_barcode
from rtms_desktop.recording import names
from tests.benchmarks.harness import ROOT, Result, benchmark, result, target
from tests.fakes import long_recording as lr

SECONDS, SEEKS = 3600.0, 40
KEYS = [("video", lr.FIRST_USER + 1024 * number) for number in range(4)]
OPEN_LIMIT_S, SEEK_LIMIT_MS, MEMORY_LIMIT_MB = 1.5, 300.0, 500.0


@benchmark
def replay() -> list[Result]:
    """First without, then with the index that the first time left behind; each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = lr.make_bundle(Path(folder), SECONDS)
        first, again = _measured(bundle), _measured(bundle)
    rows: list[Result] = []
    for name, found in (("new", first), ("indexed", again)):
        seeks = found["seeks_ms"]
        rows += [
            target(f"replay {name}: open to four pictures", "s", found["open_s"], OPEN_LIMIT_S),
            target(f"replay {name}: seek to four pictures, median", "ms", statistics.median(seeks), SEEK_LIMIT_MS),
            target(f"replay {name}: seek to four pictures, p95", "ms", _p95(seeks), SEEK_LIMIT_MS),
            target(f"replay {name}: memory", "MB", found["memory_mb"], MEMORY_LIMIT_MB),
            result(f"replay {name}: wrong or missing pictures", "", [found["wrong"]]),
            result(f"replay {name}: seek until all panes follow", "ms", found["settled_ms"]),
        ]
    rows.append(result("replay: indexing of the hour, in the background", "s", [first["indexed_s"]]))
    rows.append(result("replay: one session played, share of a core", "%", [again["cpu_percent"]]))
    return rows


def _p95(values: list[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


def _measured(bundle: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.replay", str(bundle)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# -- in the process that is measured -----------------------------------------------------------------------------


class Measured:
    """One process's look at the bundle."""

    def __init__(self, session: ReplaySession) -> None:
        self.session, self.clock = session, session.clock.machine
        self.pipeline = session.open_pipeline(None, lambda: None)
        for key in KEYS:
            self.pipeline.set_surface(key, 640, 360)

    async def pictures(self, s: float) -> bool:
        """Wait until all four show the picture of second ``s`` of the session; False after two seconds."""
        wanted, right = lr.number_at(s), set()
        give_up = self.clock.now() + 2.0
        while len(right) < len(KEYS) and self.clock.now() < give_up:
            await asyncio.sleep(0.001)
            right |= {key for key, frame in self.pipeline.take_frames().items() if _number(frame) == wanted}
        return len(right) == len(KEYS)

    async def seeks(self) -> tuple[list[float], int]:
        """Milliseconds of seeks to random places, and how many did not show what they should."""
        places, took, wrong = random.Random(5), [], 0
        for _ in range(SEEKS):
            number = places.randrange(25, round((SECONDS - 5) * lr.FPS))
            s = 0.1 + (number + 0.5) / lr.FPS
            self.pipeline.take_frames()
            begun = self.clock.now()
            self.session.seek(s * 1000)
            wrong += not await self.pictures(s)
            took.append((self.clock.now() - begun) * 1000)
        return took, wrong

    async def settles(self) -> list[float]:
        places, took = random.Random(6), []
        for _ in range(SEEKS):
            begun = self.clock.now()
            self.session.seek(places.uniform(1_000, self.session.duration_ms))
            while not self.session.settled:
                await asyncio.sleep(0.001)
            took.append((self.clock.now() - begun) * 1000)
        return took


async def measure(bundle: Path) -> dict[str, Any]:
    clock = SystemClock()
    begun = clock.now()
    session = await ReplaySession.open(bundle, lambda events: None, clock)
    looker = Measured(session)
    session.start()
    session.seek(1_010)
    opened = await looker.pictures(1.01)
    open_s = clock.now() - begun
    seeks, wrong = await looker.seeks()
    while not session.source.index.complete:
        await asyncio.sleep(0.05)
    indexed_s = clock.now() - begun
    settled = await looker.settles()
    session.seek(60_000)
    session.play()
    cpu = _cpu_s()
    await asyncio.sleep(5.0)
    cpu_percent = (_cpu_s() - cpu) * 20
    while not session.source.path.joinpath(names.REPLAY_INDEX).exists():
        await asyncio.sleep(0.05)
    await session.close()
    return {
        "open_s": open_s,
        "seeks_ms": seeks,
        "wrong": wrong + (not opened),
        "settled_ms": settled,
        "indexed_s": indexed_s,
        "cpu_percent": cpu_percent,
        "memory_mb": _peak_mb(),
    }


def _number(frame: VideoFrame) -> int | None:
    rows = np.frombuffer(frame.bgra, np.uint8)[: frame.stride * frame.height].reshape(frame.height, frame.stride)
    return read_barcode(rows[:, : frame.width * 4].reshape(frame.height, frame.width, 4))


def _cpu_s() -> float:
    return time.process_time()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1])))))
