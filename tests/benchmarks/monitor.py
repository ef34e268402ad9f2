"""What the monitor costs: with everything open, and with everything hidden against a window that does not monitor."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import ROOT, Result, benchmark, mock_server, null_sink, result, target, xvfb
from tests.benchmarks.monitor_window import GRAPHS

SECONDS = float(os.environ.get("RTMS_BENCH_SECONDS", "60"))
LOAD = ("--participants", "4", "--resolution", "720p", "--fps", "30")


@benchmark
def monitor() -> list[Result]:
    """Four 720p people, recording, six graphs over ten minutes, the Inspector open; then no dock at all."""
    with _place() as (folder, env):
        stats, _ = _window("open", folder, env, "--record")
    cpu = 100 * stats["cpu_seconds"] / stats["seconds"]
    with _place() as (folder, env):
        _, hidden = _window("hidden", folder, env)
    turns = hidden["turns"]
    return [
        target("monitor stall p99", "ms", stats["stall_ms"]["p99"], 10.0),
        target("monitor stall p99.9", "ms", stats["stall_ms"]["p999"], 20.0),
        target("monitor whole process, of one core", "%", cpu, 65.0),
        result("monitor, all docks hidden", "cores", turns["with"], "the same without the monitor", turns["without"]),
        target("monitor one look, ten a second", "us", statistics.median(hidden["sample_us"]), 500.0),
    ]


@contextlib.contextmanager
def _place() -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with settings and a payload, and where to show and to play."""
    with (
        tempfile.TemporaryDirectory() as name,
        xvfb() as display,
        null_sink() as sound,
        mock_server(*LOAD) as mock,
    ):
        folder = Path(name)
        (folder / "settings.json").write_text(json.dumps({"graphs": GRAPHS}), encoding="utf-8")
        (folder / "payload.json").write_text(json.dumps(mock["webhook"]), encoding="utf-8")
        keys = {"ZOOM_CLIENT_ID": mock["client_id"], "ZOOM_CLIENT_SECRET": mock["client_secret"]}
        yield folder, display | sound | keys


def _window(mode: str, folder: Path, env: dict[str, str], *words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ``--stats`` of a window in this mode, and what the mode itself measured."""
    stats, found = folder / "stats.json", folder / "found.json"
    command = [sys.executable, "-m", "tests.benchmarks.monitor_window", mode, str(found), str(folder / "payload.json")]
    command += ["--config", str(folder), "--stats", str(stats), "--quit-after", str(SECONDS), *words]
    subprocess.run(command, cwd=ROOT, env=os.environ | env, check=True)
    return json.loads(stats.read_text()), json.loads(found.read_text())
