"""A hundred starts, each with a connection, a recording and an end: none may fail or leave anything behind."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.benchmarks.harness import ROOT, Result, benchmark, null_sink, program, target, xvfb

CYCLES = int(os.environ.get("RTMS_BENCH_CYCLES", "100"))
SECONDS = "2"
MARK = "RTMS_BENCH_CYCLE"


@benchmark
def cycles() -> list[Result]:
    """Start, connect to the bundled mock server, record, quit; what went wrong is printed as it happens."""
    good = 0
    with xvfb() as display, null_sink() as sound:
        for number in range(CYCLES):
            wrong = _cycle(number, display | sound)
            good += not wrong
            if wrong:
                print(f"cycle {number}: {'; '.join(wrong)}", flush=True)
    return [target("cycles without a fault", "", good, CYCLES)]


def _cycle(number: int, env: dict[str, str]) -> list[str]:
    """One cycle in a folder of its own for settings and temporary files; what is wrong afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        config, temporary = Path(folder, "config"), Path(folder, "tmp")
        temporary.mkdir()
        mark = f"{os.getpid()}-{number}"
        stats = Path(folder, "stats.json")
        words = ("--demo", "--record", "--config", str(config), "--quit-after", SECONDS, "--stats", str(stats))
        variables = os.environ | env | {"TMPDIR": str(temporary), MARK: mark}
        done = subprocess.run(
            program(*words), cwd=ROOT, env=variables, capture_output=True, text=True, timeout=90, check=False
        )
        wrong = [f"exit code {done.returncode}"] if done.returncode else []
        if "Traceback" in done.stderr or "terminate called" in done.stderr:
            wrong.append(done.stderr.strip().splitlines()[-1])
        wrong += [f"thread {name} is left" for name in _threads_left(stats)]
        wrong += [f"process {name} is left" for name in _marked(f"{MARK}={mark}".encode())]
        wrong += [f"temporary file {path.name} is left" for path in temporary.iterdir()]
        wrong += [f"{path.name} is left" for path in config.rglob("*.running")]
        return wrong + _wrong_in_recording(config / "recordings")


def _threads_left(stats: Path) -> list[str]:
    """The names of threads that were alive when everything had been put away."""
    if not stats.exists():
        return ["(unknown: no figures were written)"]
    left: list[str] = json.loads(stats.read_text("utf-8"))["threads_left"]
    return left


def _wrong_in_recording(folder: Path) -> list[str]:
    bundles = list(folder.glob("*.rtmsrec"))
    if len(bundles) != 1:
        return [f"{len(bundles)} recordings"]
    manifest = json.loads((bundles[0] / "manifest.json").read_text("utf-8"))
    wrong = [] if manifest["closed"] else ["the recording is not closed"]
    wrong += [] if manifest["counts"]["audio"] and manifest["counts"]["video"] else [f"it holds {manifest['counts']}"]
    return wrong + [f"{path.name} is left in it" for path in bundles[0].rglob("*") if path.suffix in (".tmp", ".part")]


def _marked(mark: bytes) -> list[str]:
    """The names of processes that run with this variable in their environment: children of the cycle, and theirs."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "comm").read_text("ascii").strip())
        except OSError:
            continue  # it has ended, or is not ours
    return found
