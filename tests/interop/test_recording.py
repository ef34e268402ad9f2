"""Zoom's SDK 1.1.0 joins a recording that is served again, and gets the bytes that were recorded."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtms_desktop.recording.reader import replay
from rtms_desktop.session.events import MediaReceived, TranscriptReceived
from tests.interop.test_sdk import ROOT, mock, run_sdk

pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("rtms") is None, reason="Zoom's SDK (package rtms) is not installed"),
]


def record(folder: Path, listening: dict[str, Any]) -> Path:
    """The bundle of a whole stream, by the program itself."""
    credentials = ["--client-id", listening["client_id"], "--client-secret", listening["client_secret"]]
    command = [sys.executable, "-m", "rtms_desktop", "record", "-", "--out", str(folder), *credentials]
    done = subprocess.run(
        command, input=json.dumps(listening["webhook"]), capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout.splitlines()[-1])["bundle"])


def test_the_sdk_gets_the_bytes_that_were_recorded(tmp_path: Path) -> None:
    with mock(tmp_path, "--resolution", "360p") as (listening, _):
        bundle = record(tmp_path, listening)
    recorded: dict[str, list[str]] = {}
    lines: list[str] = []
    for _, events in replay(bundle / "tape.mcap"):
        for event in events:
            if isinstance(event, MediaReceived):
                track = recorded.setdefault(f"{event.medium.value}/{event.user_id}", [])
                track.append(hashlib.sha256(event.data).hexdigest()[:16])
            elif isinstance(event, TranscriptReceived):
                lines.append(event.message.text)
    with mock(tmp_path, "--source", str(bundle)) as (listening, truth):
        said = run_sdk(tmp_path, listening)
    summary = next(entry for entry in said if entry["kind"] == "summary")
    assert [entry["reason"] for entry in said if entry["kind"] == "left"] == [6]
    assert {name.partition("/")[0] for name in recorded} == {"audio", "video", "share"}
    for track, digests in recorded.items():
        assert summary["digests"][track] == digests, track
    assert summary["digests"].keys() == recorded.keys()
    assert [entry["text"] for entry in said if entry["kind"] == "transcript"] == lines and lines
    assert any(entry["event"] == "end" for entry in truth)
