from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket

from rtms_desktop.app.places import instance_address, may_run
from rtms_desktop.viewmodels.instance import LIMIT, Instance, hand_over

HAND_OVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from rtms_desktop.viewmodels.instance import hand_over
application = QCoreApplication([])
sys.exit(0 if hand_over(Path(sys.argv[1]), json.loads(sys.argv[2])) else 9)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path


@pytest.fixture
def instance(qapp, folder):
    made = Instance(folder)
    yield made
    made.close()
    made.deleteLater()


def start_again(folder: Path, message: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", HAND_OVER, str(folder), message])


def test_a_second_start_hands_over_and_knows_it(instance, folder, qtbot) -> None:
    with qtbot.waitSignal(instance.received, timeout=10_000) as got:
        other = start_again(folder, '{"payload": "päyload", "demo": false}')
    assert got.args == [{"payload": "päyload", "demo": False}]
    assert other.wait(10) == 0


def test_where_nobody_listens_it_opens_its_own_window(qapp, folder) -> None:
    assert not may_run(folder)
    assert not hand_over(folder, {})


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes leave nothing")
def test_what_a_crash_left_is_taken_over(qapp, folder, qtbot) -> None:
    Path(instance_address(folder)).write_text("")
    assert may_run(folder) and not hand_over(folder, {})
    made = Instance(folder)
    with qtbot.waitSignal(made.received, timeout=10_000):
        other = start_again(folder, "{}")
    assert other.wait(10) == 0
    made.close()
    made.deleteLater()
    assert not Path(instance_address(folder)).exists()


@pytest.mark.parametrize("data", [b"no json\n", b"[1]\n", b'"x"\n'])
def test_a_message_that_is_none_changes_nothing(instance, folder, qtbot, data) -> None:
    heard: list[object] = []
    instance.received.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(instance_address(folder))
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.ConnectedState)
    socket.write(data)
    socket.flush()
    qtbot.waitUntil(
        lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState or socket.bytesAvailable() > 0
    )
    socket.abort()
    assert heard == []


def test_too_much_is_cut_off(instance, folder, qtbot) -> None:
    socket = QLocalSocket()
    socket.connectToServer(instance_address(folder))
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.ConnectedState)
    for _ in range(LIMIT // 100_000 + 2):
        socket.write(b"x" * 100_000)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState, timeout=10_000)
