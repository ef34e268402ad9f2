from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from rtms_desktop.app.awake import Awake
from rtms_desktop.app.events import RecordingChanged, RecordingState
from rtms_desktop.app.hub import Hub

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the tool")


@pytest.fixture
def tool(tmp_path, monkeypatch) -> Path:
    """A systemd-inhibit that notes with what it was called, and runs what it is given."""
    script = tmp_path / "systemd-inhibit"
    skip_options = 'while [ "${1#--}" != "$1" ]; do shift; done'
    script.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{skip_options}\nexec "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    return tmp_path / "calls"


def told(path: Path) -> list[str]:
    deadline = time.monotonic() + 5
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return path.read_text().splitlines()


def test_the_lock_is_held_while_something_is_recorded_and_finished(tool) -> None:
    hub = Hub()
    awake = Awake(hub)
    assert not awake.held
    for state in (RecordingState.RECORDING, RecordingState.STALLED, RecordingState.FINALISING):
        hub.publish([RecordingChanged(state=state)])
        assert awake.held
    (call,) = told(tool)
    assert "--what=sleep:idle" in call and call.endswith("cat")
    hub.publish([RecordingChanged(state=RecordingState.OFF)])
    assert not awake.held


def test_it_can_be_taken_again_and_ends_with_the_program(tool) -> None:
    hub = Hub()
    awake = Awake(hub)
    for _ in range(2):
        hub.publish([RecordingChanged(state=RecordingState.RECORDING)])
        hub.publish([RecordingChanged(state=RecordingState.FAILED)])
    hub.publish([RecordingChanged(state=RecordingState.RECORDING)])
    assert awake.held
    awake.close()
    awake.close()
    assert not awake.held


def test_without_a_tool_it_says_so_once(monkeypatch, tmp_path, caplog) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    hub = Hub()
    awake = Awake(hub)
    with caplog.at_level("INFO"):
        for _ in range(3):
            hub.publish([RecordingChanged(state=RecordingState.RECORDING)])
    assert not awake.held
    assert caplog.text.count("may go to sleep") == 1
