"""The real program in a process of its own: window, mock server, picture, figures, recording, exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.gui]

FIGURES = {
    "seconds", "frames_shown", "frames_dropped", "frames_late", "audio_underruns", "stall_ms", "latency_ms",
    "playout_ms", "cpu_seconds", "rss_mb", "threads", "threads_left",
}  # fmt: skip


def program(*words: str, env: dict[str, str] | None = None, timeout: float = 90) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rtms_desktop", *words]
    variables = os.environ | {"QT_QPA_PLATFORM": "offscreen"} | (env or {})
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=timeout, check=False)


def _stats(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def test_the_demo_shows_plays_and_records(tmp_path: Path) -> None:
    picture, stats, config = tmp_path / "window.png", tmp_path / "stats.json", tmp_path / "config"
    done = program(
        "--demo", "--record", "--config", str(config), "--screenshot", str(picture), "--stats", str(stats),
        "--quit-after", "10",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "propagateSizeHints" not in done.stderr, done.stderr
    figures = _stats(stats)
    assert FIGURES <= figures.keys() and figures["threads_left"] == []
    assert figures["frames_shown"] > 100
    assert set(figures["stall_ms"]) == {"p50", "p99", "p999", "max"}
    assert set(figures["latency_ms"]) == {"p50", "p99"}
    assert picture.stat().st_size > 20_000
    (bundle,) = (config / "recordings").glob("*.rtmsrec")
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["closed"] is True
    assert manifest["counts"]["audio"] > 200
    assert manifest["counts"]["video"] > 100


def test_sigterm_finalises(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rtms_desktop", "--demo", "--record", "--config", str(tmp_path)]
    process = subprocess.Popen(command, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not list(tmp_path.glob("recordings/*.rtmsrec/video/*.mkv")):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err.decode()
    assert time.monotonic() - asked < 5
    (bundle,) = (tmp_path / "recordings").glob("*.rtmsrec")
    assert json.loads((bundle / "manifest.json").read_text())["closed"] is True


def test_a_second_start_hands_over_to_the_window_that_is_there(tmp_path: Path) -> None:
    variables = os.environ | {"QT_QPA_PLATFORM": "offscreen", "RTMS_DESKTOP_REPORT": "1"}
    command = [sys.executable, "-m", "rtms_desktop", "--config", str(tmp_path)]
    first = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        _until(first.stdout, "ready")
        second = subprocess.run([*command, "--demo"], env=variables, capture_output=True, text=True, timeout=30)
        assert (second.returncode, second.stdout) == (0, ""), second.stderr
        _until(first.stdout, "first_frame")
    finally:
        first.send_signal(signal.SIGTERM)
        _, err = first.communicate(timeout=20)
    assert first.returncode == 0, err
    assert "Traceback" not in err


def _until(lines: IO[str], event: str) -> None:
    """Read report lines up to that event."""
    assert any(json.loads(line)["event"] == event for line in lines)


def test_without_a_display_there_is_one_sentence() -> None:
    variables = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = program("--quit-after", "1", env=variables)
    assert done.returncode == 7
    assert done.stderr.startswith("rtms-desktop: there is no display")
    assert "Traceback" not in done.stderr


def test_a_file_that_is_nothing(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.json"
    nothing.write_text("hello")
    done = program(str(nothing), "--config", str(tmp_path), "--quit-after", "5")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("rtms-desktop: ")


def test_commands_need_no_qt(tmp_path: Path) -> None:
    """Everything but the window runs where Qt cannot be imported."""
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ImportError('no Qt here')")
    path = os.pathsep.join([str(tmp_path), os.getcwd()])
    for words in (["inspect", "--help"], ["record", "--help"], ["mock", "--help"], ["doctor", "--json"]):
        done = program(*words, env={"PYTHONPATH": path})
        assert done.returncode == 0, (words, done.stderr)
