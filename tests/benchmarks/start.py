"""How long a start takes: to the first paint against a bare Qt window, and from Try it now to the first picture.

Both as a source and, where packaging/build.py has made one, as a frozen program (build/frozen, build/frozen-bare).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from tests.benchmarks.harness import ROOT, Result, benchmark, null_sink, program, result, target, xvfb

RUNS = int(os.environ.get("RTMS_BENCH_RUNS", "10"))
BARE = ROOT / "packaging" / "bare_window.py"
FROZEN = ROOT / "build" / "frozen" / "rtms-desktop" / "rtms-desktop"
FROZEN_BARE = ROOT / "build" / "frozen" / "bare-window" / "bare-window"
FIRST_PAINT_LIMIT = 1.25
FIRST_PICTURE_S = 3.0


@benchmark
def start() -> list[Result]:
    """Medians of ten starts with warm caches; ours and the bare window take turns and so meet the same machine."""
    with tempfile.TemporaryDirectory() as folder, xvfb() as display, null_sink() as sound:
        # Byte code is kept, as it is for a program that is installed, wherever the caller keeps it out of the tree.
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env |= display | sound | {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "RTMS_DESKTOP_REPORT": "1"}
        config = ["--config", f"{folder}/config"]
        rows = _first_paint("source", program(*config), [sys.executable, str(BARE)], env)
        if FROZEN.exists() and FROZEN_BARE.exists():
            rows += _first_paint("frozen", [str(FROZEN), *config], [str(FROZEN_BARE)], env)
        rows += _first_picture("source", program("--demo", *config), env)
        if FROZEN.exists():
            rows += _first_picture("frozen", [str(FROZEN), "--demo", *config], env)
    return rows


def _first_paint(kind: str, ours: list[str], bare: list[str], env: dict[str, str]) -> list[Result]:
    painted, usable, bare_painted = [], [], []
    for number in range(RUNS + 1):
        mine = _start([*ours, "--quit-after", "0.5"], env)
        theirs = _start(bare, env)
        if number:  # the first of each warms the caches
            painted.append(mine["first_paint"])
            usable.append(mine["ready"])
            bare_painted.append(theirs["first_paint"])
    against = f"bare window, {kind}; limit {FIRST_PAINT_LIMIT}"
    return [
        result(f"start to first paint, {kind}", "s", painted, against, bare_painted),
        result(f"start to usable, {kind}", "s", usable),
    ]


def _first_picture(kind: str, command: list[str], env: dict[str, str]) -> list[Result]:
    """From the moment that Try it now can be pressed, which --demo does."""
    took = []
    for number in range(RUNS + 1):
        reached = _start([*command, "--quit-after", "3"], env)
        if number:
            took.append(reached["first_frame"] - reached["ready"])
    took.sort()
    return [target(f"Try it now to first picture, {kind}", "s", took[len(took) // 2], FIRST_PICTURE_S)]


def _start(command: list[str], env: dict[str, str]) -> dict[str, float]:
    """Run it to its end; seconds from its start to each event it reports."""
    started = time.time()
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["event"]: line["at"] - started for line in lines}
