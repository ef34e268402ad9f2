"""The guards of conftest.py catch what they are for, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
INI = """
[pytest]
addopts = --strict-markers -p no:cacheprovider
markers =
    expects_log
    slow
qt_api = pyside6
"""


def outcome(pytester: pytest.Pytester, code: str, *, passed: int = 0, failed: int = 0, errors: int = 0) -> str:
    """Runs `code` as a test module under our conftest, checks the counts and gives the output."""
    pytester.makeini(INI)
    pytester.makeconftest(CONFTEST.read_text("utf-8").replace("GRACE_S = 1.0", "GRACE_S = 0.1"))
    pytester.makepyfile("import asyncio, logging, threading\nimport pytest\n" + code)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=passed, failed=failed, errors=errors)
    return result.stdout.str()


def test_coroutine_tests_run_and_can_fail(pytester: pytest.Pytester) -> None:
    code = """
@pytest.fixture
def number(): return 3
async def test_good(number):
    await asyncio.sleep(0)
    assert number == 3
async def test_bad():
    await asyncio.sleep(0)
    assert 1 == 2
"""
    assert "assert 1 == 2" in outcome(pytester, code, passed=1, failed=1)


def test_a_task_left_running_is_named(pytester: pytest.Pytester) -> None:
    code = """
async def idle(): await asyncio.Event().wait()
async def test_leak():
    global kept
    kept = asyncio.get_running_loop().create_task(idle(), name="idler")
async def test_clean():
    task = asyncio.get_running_loop().create_task(idle())
    await asyncio.sleep(0)
    task.cancel()
"""
    assert "tasks left running: idler (idle)" in outcome(pytester, code, passed=1, failed=1)


def test_a_thread_left_running_is_named(pytester: pytest.Pytester) -> None:
    code = """
stop = threading.Event()
def test_leak(): threading.Thread(target=stop.wait, name="idler", daemon=True).start()
def test_clean():
    stop.set()
    threading.Thread(target=stop.wait).start()
"""
    assert "left behind: thread idler" in outcome(pytester, code, passed=2, errors=1)


@pytest.mark.expects_log
def test_a_warning_in_the_log_fails_unless_expected(pytester: pytest.Pytester) -> None:
    code = """
def warn(name): logging.getLogger(name).warning("too late by %d ms", 7)
def test_unexpected(): warn("rtms_desktop.media")
@pytest.mark.expects_log
def test_expected(): warn("rtms_desktop.media")
@pytest.mark.expects_log("rtms_desktop.media")
def test_expected_by_name(): warn("rtms_desktop.media")
@pytest.mark.expects_log("rtms_desktop.wire")
def test_another_name(): warn("rtms_desktop.media")
def test_not_ours(): warn("elsewhere")
def test_info(): logging.getLogger("rtms_desktop").info("fine")
"""
    assert "rtms_desktop.media: too late by 7 ms" in outcome(pytester, code, passed=6, errors=2)


@pytest.mark.gui
def test_a_window_left_open_is_named(pytester: pytest.Pytester) -> None:
    code = """
from PySide6.QtWidgets import QLabel, QWidget
kept = []
def test_leak(qapp):
    kept.append(QLabel())
    kept[0].setObjectName("forgotten")
def test_closed(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    kept[0].deleteLater()
def test_dropped(qapp): QWidget()
"""
    assert "left behind: window QLabel forgotten" in outcome(pytester, code, passed=3, errors=1)


@pytest.mark.gui
def test_a_running_timer_is_named(pytester: pytest.Pytester) -> None:
    code = """
from PySide6.QtCore import QTimer
kept = []
def test_leak(qapp):
    kept.append(QTimer())
    kept[0].start(70)
def test_stopped(qapp):
    kept[0].stop()
    kept.append(QTimer())
    kept[1].start(70)
    kept[1].stop()
"""
    assert "left behind: running timer QTimer every 70 ms" in outcome(pytester, code, passed=2, errors=1)
