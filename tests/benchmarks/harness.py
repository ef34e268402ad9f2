"""What a benchmark is made of: named results with medians, and child programs on a private display and sound server."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REGISTRY: dict[str, Callable[[], list[Result]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure. ``baseline`` says what ``baseline_median`` is; ``ratio`` = median / baseline_median."""

    name: str
    unit: str
    median: float
    spread: float = 0.0
    baseline: str = ""
    baseline_median: float | None = None

    def row(self) -> dict[str, Any]:
        ratio = self.median / self.baseline_median if self.baseline_median else None
        return asdict(self) | {"ratio": None if ratio is None else round(ratio, 3)}


def result(name: str, unit: str, values: Sequence[float], baseline: str = "", against: Sequence[float] = ()) -> Result:
    """The median of ``values`` and how far they lie apart, beside the median of the baseline's values."""
    return Result(
        name=name,
        unit=unit,
        median=round(statistics.median(values), 4),
        spread=round(max(values) - min(values), 4),
        baseline=baseline,
        baseline_median=round(statistics.median(against), 4) if against else None,
    )


def target(name: str, unit: str, value: float, limit: float) -> Result:
    """A figure held against the limit that the product promises."""
    return Result(name=name, unit=unit, median=round(value, 4), baseline="limit", baseline_median=limit)


def benchmark(function: Callable[[], list[Result]]) -> Callable[[], list[Result]]:
    """Register a benchmark under its function's name."""
    REGISTRY[function.__name__] = function
    return function


def machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


@contextlib.contextmanager
def xvfb() -> Iterator[dict[str, str]]:
    """A private X display of 1920x1200; its variables."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def null_sink() -> Iterator[dict[str, str]]:
    """A private PulseAudio with one null sink at 48 kHz, and ALSA pointed at it; its variables."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "native"
        command = [
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
            "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
            "-L", "module-null-sink sink_name=nul rate=48000 channels=2 norewinds=1",
        ]  # fmt: skip
        conf = Path(folder) / "asound.conf"
        conf.write_text(
            "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n", encoding="ascii"
        )
        variables = {
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(conf),
            "XDG_RUNTIME_DIR": folder,
            "HOME": folder,
        }
        process = subprocess.Popen(
            command, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 10
            while not socket.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            yield variables
        finally:
            process.terminate()
            process.wait()


def program(*words: str) -> list[str]:
    return [sys.executable, "-m", "rtms_desktop", *words]


@contextlib.contextmanager
def mock_server(*options: str) -> Iterator[dict[str, Any]]:
    """A mock server on free ports; yields its listening line, and as ``pid`` its process id."""
    command = program("mock", "--port", "0", "--media-port", "0", *options)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line: dict[str, Any] = json.loads(process.stdout.readline())
        yield line | {"pid": process.pid}
    finally:
        process.terminate()
        process.communicate()


def window(seconds: float, *words: str, env: dict[str, str], folder: Path) -> dict[str, Any]:
    """Run the window for so long under an isolated config; its ``--stats``."""
    stats = folder / "stats.json"
    command = program(*words, "--config", str(folder), "--stats", str(stats), "--quit-after", str(seconds))
    subprocess.run(command, cwd=ROOT, env=os.environ | env, check=True)
    found: dict[str, Any] = json.loads(stats.read_text())
    return found
