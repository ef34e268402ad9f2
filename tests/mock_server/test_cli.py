"""The command: its arguments, its first line, its exit codes, its end. Most tests run the real process."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.cli import read_options
from rtms_desktop.wire.enums import Dialect, Medium, Product

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "rtms_desktop", "mock", "--port", "0", "--media-port", "0"]


@contextlib.contextmanager
def running(*arguments: str, stdin: int | None = None) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)


def test_the_first_line_says_where_and_as_whom() -> None:
    arguments = ["--client-id", "me", "--client-secret", "s", "--secret-token", "t", "--stream-id", "s1"]
    with running(*arguments, "--meeting-id", "m1") as (process, first):
        assert first["event"] == "listening"
        assert (first["client_id"], first["client_secret"], first["secret_token"]) == ("me", "s", "t")
        payload = first["webhook"]["payload"]
        assert (payload["meeting_uuid"], payload["rtms_stream_id"]) == ("m1", "s1")
        assert payload["server_urls"] == first["signaling_url"] != first["media_url"]
        with urllib.request.urlopen(first["http_url"] + "/health", timeout=5) as response:
            assert json.load(response)["status"] == "ok"
        process.terminate()
        assert process.wait(10) == 0
        assert process.stdout is not None and process.stdout.read() == ""  # without --json nothing follows
        assert process.stderr is not None and process.stderr.read() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(number: signal.Signals) -> None:
    with running("--json") as (process, _):
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout is not None
        lines = [json.loads(line) for line in process.stdout]
        assert lines[-1]["event"] == "stopped" and {"event", "t_ms", "link"} <= lines[-1].keys()


def test_duration_ends_the_meeting() -> None:
    started = time.monotonic()
    result = run("--json", "--duration", "0.3")
    assert result.returncode == 0 and time.monotonic() - started < 10
    ended = [json.loads(line) for line in result.stdout.splitlines() if '"end"' in line]
    assert ended[0]["reason"] == 6


def test_it_goes_with_its_parent_only_when_asked() -> None:
    with running("--with-parent", stdin=subprocess.PIPE) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
    with running(stdin=subprocess.DEVNULL) as (process, _):
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)


def test_a_port_in_use_is_exit_3_and_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("--port", str(taken.getsockname()[1]))
    assert result.returncode == 3 and result.stdout == ""
    assert (
        len(result.stderr.strip().splitlines()) == 1 and "in use" in result.stderr and "Traceback" not in result.stderr
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--source", "/nowhere.mp4"],
        ["--scenario", "/nowhere.toml"],
        ["--tls", "/nowhere.pem", "/nowhere.key"],
        ["--disable", "smell"],
        ["--participants", "0"],
        ["--resolution", "8k"],
        ["--clock-ppm", "nan"],
        ["--speed", "inf"],
        ["--fly"],
    ],
)
def test_bad_usage_is_exit_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert "Traceback" not in result.stderr and len(result.stderr) > 10


def test_arguments_become_options() -> None:
    options = read_options(
        ["--dialect", "flat", "--product", "webinar", "--fps", "12", "--resolution", "1080p", "--clock-ppm", "-50"]
        + ["--disable", "chat, share", "--window", "2", "--no-beep", "--participants", "4", "--duration", "9"]
    )
    assert (options.dialect, options.product) == (Dialect.FLAT, Product.WEBINAR)
    assert (options.fps, options.resolution, options.clock_ppm) == (12, "1080p", -50)
    assert options.disabled == {Medium.CHAT, Medium.SHARE}
    assert (options.signaling_window_s, options.media_window_s) == (2, 2)
    assert (options.beeps, options.participants, options.duration_s) == (False, 4, 9)


def test_defaults_are_zooms_and_local() -> None:
    options = read_options([])
    assert (options.host, options.port, options.media_port) == ("127.0.0.1", 9092, 8081)
    assert (options.source, options.dialect, options.fps, options.tls) == ("pattern", Dialect.PRODUCTION, None, None)
    with pytest.raises(UsageError):
        read_options(["--disable", "smell"])
