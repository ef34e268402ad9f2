"""The window on live streams: a real display, a real sound server, the mock server in its own process."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import Result, benchmark, mock_server, null_sink, target, window, xvfb

SECONDS = float(os.environ.get("RTMS_BENCH_SECONDS", "60"))


@benchmark
def demo() -> list[Result]:
    """``--demo`` for a minute."""
    with tempfile.TemporaryDirectory() as folder, xvfb() as display, null_sink() as sound:
        stats = window(SECONDS, "--demo", env=display | sound, folder=Path(folder))
    return _figures("demo", stats)


@benchmark
def four_720p() -> list[Result]:
    """Four participants at 720p and 30 pictures a second, opened as a payload."""
    options = ("--participants", "4", "--resolution", "720p", "--fps", "30")
    with (
        tempfile.TemporaryDirectory() as folder,
        xvfb() as display,
        null_sink() as sound,
        mock_server(*options) as mock,
    ):
        payload = Path(folder) / "payload.json"
        payload.write_text(json.dumps(mock["webhook"]), encoding="utf-8")
        env = display | sound | {"ZOOM_CLIENT_ID": mock["client_id"], "ZOOM_CLIENT_SECRET": mock["client_secret"]}
        stats = window(SECONDS, str(payload), env=env, folder=Path(folder))
    cpu = 100 * stats["cpu_seconds"] / stats["seconds"]
    return [*_figures("four_720p", stats), target("four_720p cpu of one core", "%", cpu, 60)]


def _figures(name: str, stats: dict[str, Any]) -> list[Result]:
    shown, dropped = stats["frames_shown"], stats["frames_dropped"]
    return [
        target(f"{name} frames shown", "1/s", shown / stats["seconds"], 25.0),
        target(f"{name} frames dropped", "%", 100 * dropped / max(1, shown + dropped), 1.0),
        target(f"{name} audio underruns", "", stats["audio_underruns"], 0),
        target(f"{name} stall p99", "ms", stats["stall_ms"]["p99"], 10.0),
        target(f"{name} arrival to paint p50", "ms", stats["latency_ms"]["p50"], 6.0),
        target(f"{name} arrival to paint p99", "ms", stats["latency_ms"]["p99"], 20.0),
    ]
