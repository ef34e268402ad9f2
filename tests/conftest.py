"""House rules of every test: coroutine tests, no leaks, no unexpected warnings in the log, Qt off screen."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import inspect
import logging
import os
import sys
import threading
import time
from collections.abc import Generator, Iterable
from typing import Any

import hypothesis
import pytest

# Before any Qt import. A test (or a caller) that wants a real display sets the platform itself.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

GRACE_S = 1.0
"""How long a thread or task that was told to end may take; only paid where something is left."""

# A deadline per example would measure the machine and the coverage tool, not the code.
hypothesis.settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")

_REPORT = pytest.StashKey[pytest.TestReport]()


def _has_qt() -> bool:
    try:
        return importlib.util.find_spec("PySide6") is not None
    except ImportError:
        return False


# The floors below the view-models are tested without Qt too.
HAS_QT = _has_qt()
collect_ignore = [] if HAS_QT else ["viewmodels", "views"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what opens windows where there is no Qt."""
    for item in items:
        if not HAS_QT and item.get_closest_marker("gui"):
            item.add_marker(pytest.mark.skip(reason="needs Qt"))


# -- coroutine tests ------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """Runs `async def test_...` in a loop of its own and fails it when it leaves a task behind."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    # Debug mode finds calls from the wrong thread, but its bookkeeping would distort tests that measure.
    measured = any(pyfuncitem.get_closest_marker(name) for name in ("slow", "e2e", "audio"))
    with asyncio.Runner(debug=not measured) as runner:
        leaked = runner.run(_run_and_list_tasks(pyfuncitem.obj, arguments))
    if leaked:
        pytest.fail("tasks left running: " + "; ".join(leaked), pytrace=False)
    return True


async def _run_and_list_tasks(function: Any, arguments: dict[str, Any]) -> list[str]:
    await function(**arguments)
    own = asyncio.current_task()
    deadline = time.monotonic() + GRACE_S
    while (left := asyncio.all_tasks() - {own}) and time.monotonic() < deadline:
        await asyncio.sleep(0.002)
    return sorted(_describe_task(task) for task in left)


def _describe_task(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    place = f" at {frames[-1].f_code.co_filename}:{frames[-1].f_lineno}" if frames else ""
    return f"{task.get_name()} ({getattr(task.get_coro(), '__qualname__', task.get_coro())}){place}"


# -- leaks ----------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report


def _passed(item: pytest.Item) -> bool:
    report = item.stash.get(_REPORT, None)
    return report is not None and report.passed


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(request: pytest.FixtureRequest) -> Generator[None]:
    """Fails a passing test that leaves a thread, a top-level widget or a running parentless QTimer alive."""
    threads_before = set(threading.enumerate())
    widgets_before = set(_top_level_widgets())
    timers_before = set(_loose_timers(request))
    yield
    if not _passed(request.node):
        return
    left = [f"thread {thread.name}" for thread in _new_threads(threads_before)]
    left += _new_qt_objects("window", widgets_before, _top_level_widgets)
    left += _new_qt_objects("running timer", timers_before, lambda: _loose_timers(request))
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    # Dummy threads are Qt's and PortAudio's own, seen because they once called Python.
    foreign = threading._DummyThread
    new = [thread for thread in threading.enumerate() if thread not in before and not isinstance(thread, foreign)]
    new = [thread for thread in new if not thread.name.startswith("pytest_timeout")]
    deadline = time.monotonic() + GRACE_S
    for thread in new:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread for thread in new if thread.is_alive()]


def _new_qt_objects(kind: str, before: set[int], list_now: Any) -> list[str]:
    new = {key: text for key, text in list_now().items() if key not in before}
    if new:  # deferred deletes and reference cycles are not leaks
        _process_deferred_deletes()
        gc.collect()
        _process_deferred_deletes()
        new = {key: text for key, text in list_now().items() if key not in before}
    return [f"{kind} {text}" for text in new.values()]


def _process_deferred_deletes() -> None:
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    core.QCoreApplication.processEvents()


def _top_level_widgets() -> dict[int, str]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or not isinstance(widgets.QApplication.instance(), widgets.QApplication):
        return {}
    # Qt keeps the label of the last tooltip for itself.
    owned_by_qt = {"qtooltip_label"}
    return {
        _address(widget): f"{type(widget).__name__} {widget.objectName() or repr(widget.windowTitle())}"
        for widget in widgets.QApplication.topLevelWidgets()
        if widget.parent() is None and widget.objectName() not in owned_by_qt
    }


def _loose_timers(request: pytest.FixtureRequest) -> dict[int, str]:
    core = sys.modules.get("PySide6.QtCore")
    if core is None or "qapp" not in request.fixturenames:
        return {}
    valid = sys.modules["shiboken6"].isValid
    timers: Iterable[Any] = (thing for thing in gc.get_objects() if issubclass(type(thing), core.QTimer))
    return {
        _address(timer): f"{timer.objectName() or type(timer).__name__} every {timer.interval()} ms"
        for timer in timers
        if valid(timer) and timer.isActive() and timer.parent() is None
    }


def _address(thing: object) -> int:
    return int(sys.modules["shiboken6"].getCppPointer(thing)[0])


# -- log ------------------------------------------------------------------------------------------------------


class _Collector(logging.Handler):
    """Keeps what was logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Generator[None]:
    """Fails a passing test whose program logged a warning, unless marked `expects_log` (for all or named loggers)."""
    collector = _Collector()
    logger = logging.getLogger("rtms_desktop")
    logger.addHandler(collector)
    yield
    logger.removeHandler(collector)
    marker = request.node.get_closest_marker("expects_log")
    if not _passed(request.node) or (marker is not None and not marker.args):
        return
    allowed = marker.args if marker is not None else ()
    bad = [record for record in collector.records if not record.name.startswith(tuple(allowed) or ("\0",))]
    if bad:
        lines = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in bad[:5]]
        pytest.fail("unexpected log: " + "; ".join(lines), pytrace=False)
