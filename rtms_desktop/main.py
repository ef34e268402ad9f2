"""Composition root of the window: application, loop, wiring and the one shutdown sequence (main thread).

The order of a start: options, the window with nothing in it, then all else is imported and the window furnished, and
what only a session needs is loaded while nobody waits for it. So nothing heavy may be imported at the top.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rtms_desktop import __version__
from rtms_desktop.app.options import add_credentials, parser, seconds
from rtms_desktop.app.places import config_folder, log_folder, may_run
from rtms_desktop.app.report import report
from rtms_desktop.errors import NoDisplayError, UsageError

if TYPE_CHECKING:
    import asyncio

    from PySide6.QtWidgets import QApplication

    from rtms_desktop.app.controller import Controller
    from rtms_desktop.viewmodels.stall import StallMeter
    from rtms_desktop.views.body import Body
    from rtms_desktop.views.main_window import MainWindow

log = logging.getLogger(__name__)

# With the default of 5 ms a decode thread that holds the interpreter makes sound and sockets wait.
SWITCH_INTERVAL_S = 0.001
GRAPHS = "pyqtgraph"
RECORDINGS = (".mcap", ".rtms", ".rtmsrec")
FIRST_PAINT_MS = 1000
"""A window on another desktop is not painted; the start goes on without."""


def main(argv: Sequence[str]) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    options = _options(argv)
    payload = _read(options)
    _check_display()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    from rtms_desktop.viewmodels.qt_log import qt_log

    with qt_log():
        return _show_and_run(options, payload)


def _show_and_run(options: argparse.Namespace, payload: str) -> int:
    application = _application()
    if _is_plain(options) and _handed_over(options, payload):
        return 0
    window = _show_window(application, config_folder(options.config))
    import asyncio

    import qasync

    try:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
            return runner.run(_run(options, payload, window))
    finally:
        sys.excepthook = sys.__excepthook__


def _options(argv: Sequence[str]) -> argparse.Namespace:
    made = parser("", "See, hear, read, record and rehearse Zoom Realtime Media Streams.")
    made.add_argument("open", nargs="?", metavar="OPEN", help="a payload file, a .rtmsrec folder or a tape")
    made.add_argument("--demo", action="store_true", help="start the bundled mock server and connect to it")
    made.add_argument("--record", action="store_true", help="record from the first message on")
    made.add_argument("--new-window", action="store_true", help="open a window also where one is open")
    made.add_argument("--config", type=Path, metavar="DIR", help="keep settings and recordings here, apart from yours")
    made.add_argument(
        "--screenshot", type=Path, metavar="FILE.png", help="picture of the window, taken before quitting"
    )
    made.add_argument("--quit-after", type=seconds, metavar="S", help="quit after so many seconds")
    made.add_argument("--stats", type=Path, metavar="FILE.json", help="figures of the run, written at exit")
    made.add_argument("--version", action="version", version=f"rtms-desktop {__version__}")
    add_credentials(made)
    options = made.parse_args(argv)
    if options.open and options.demo:
        raise UsageError("OPEN and --demo were both given", "only one thing can be shown", "Leave one of them out.")
    return options


def _read(options: argparse.Namespace) -> str:
    """The payload behind OPEN, or "". Raises before there is a window, so that a mistake is one sentence."""
    if not options.open:
        return ""
    path = Path(options.open)
    if _is_recording(options):
        from rtms_desktop.recording.reader import locate

        locate(path)
        return ""
    from rtms_desktop.app.connect import read_source
    from rtms_desktop.wire.payload import read_payload

    text = read_source(options.open)
    read_payload(text)
    return text


def _is_recording(options: argparse.Namespace) -> bool:
    """Whether OPEN is a bundle, its open.rtms or a tape, and no payload."""
    return bool(options.open) and (Path(options.open).is_dir() or Path(options.open).suffix in RECORDINGS)


def _check_display() -> None:
    """Qt aborts the process when there is no screen: find out before it does."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal", "vnc"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise NoDisplayError(
            "there is no display",
            "neither DISPLAY nor WAYLAND_DISPLAY is set",
            "Use record, inspect or doctor without a window, or set QT_QPA_PLATFORM=offscreen.",
        )


def _application() -> QApplication:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtWidgets import QApplication

    QCoreApplication.setApplicationName("RTMS Desktop")
    QCoreApplication.setOrganizationName("rtms-desktop")
    application = QApplication(sys.argv[:1])
    application.setDesktopFileName("rtms-desktop")
    # The window decides when the loop ends: a closing dialog must not.
    application.setQuitOnLastWindowClosed(False)
    return application


def _is_plain(options: argparse.Namespace) -> bool:
    """Whether this start may share a window: scripted ones and those with their own trust or secrets stay alone."""
    apart = (
        options.new_window, options.screenshot, options.stats, options.quit_after, options.ca, options.allow_host,
        options.client_id, options.client_secret,
    )  # fmt: skip
    return not any(apart)


def _handed_over(options: argparse.Namespace, payload: str) -> bool:
    folder = config_folder(options.config)
    if not may_run(folder):
        return False
    from rtms_desktop.viewmodels.instance import hand_over

    token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
    recording = str(Path(options.open).absolute()) if _is_recording(options) else ""
    message = {
        "payload": payload, "recording": recording, "demo": options.demo, "record": options.record, "token": token,
    }  # fmt: skip
    return hand_over(folder, message)


def _show_window(application: QApplication, folder: Path) -> MainWindow:
    """The window, on the screen, with nothing in it yet."""
    from PySide6.QtCore import QTimer

    from rtms_desktop.views.main_window import MainWindow

    window = MainWindow(folder)
    # Qt's own loop runs until the first paint; the one of asyncio does not exist yet.
    window.first_painted.connect(lambda: application.exit(0))
    late = QTimer(window)
    late.setSingleShot(True)
    late.timeout.connect(lambda: application.exit(0))
    late.start(FIRST_PAINT_MS)
    window.show()
    application.exec()
    late.stop()
    report("first_paint")
    return window


async def _run(options: argparse.Namespace, payload: str, window: MainWindow) -> int:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from rtms_desktop.app.awake import Awake
    from rtms_desktop.app.controller import Controller
    from rtms_desktop.app.run_log import RunLog
    from rtms_desktop.app.settings import Settings
    from rtms_desktop.viewmodels.bridge import Bridge
    from rtms_desktop.viewmodels.instance import Instance
    from rtms_desktop.views.manners import Manners

    loop = asyncio.get_running_loop()
    closing = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, closing.set)
    _install_hooks(loop)
    helpers = ThreadPoolExecutor(2, "io")
    loop.set_default_executor(helpers)
    run_log = RunLog(log_folder(options.config))
    run_log.start()
    bridge = Bridge()
    controller = Controller(
        Settings(options.config),
        wake=bridge.wake,
        ca=options.ca,
        allowed_hosts=frozenset(h.lower() for h in options.allow_host),
    )
    awake = Awake(controller.hub)
    body = window.furnish(controller, bridge)
    window.quit_requested.connect(closing.set)

    instance = Instance(controller.settings.folder) if _is_plain(options) else None
    manners = Manners(controller, body, run_log, instance)
    if options.demo:
        controller.mock.start()  # its process comes up while the rest is loaded here
    stall = body.models.ticks.stall
    began, cpu_began = time.monotonic(), time.process_time()
    try:
        await _load_the_rest()
        stall.start()
        controller.recording.look_for_unclosed()
        controller.recording.look_after()
        controller.metrics.apply()
        if not closing.is_set():
            await _open(controller, body, options, payload)
        await _wait(closing, options.quit_after)
        if options.screenshot is not None:
            _screenshot(window, options.screenshot)
        figures = _figures(controller, stall, began, cpu_began)
    finally:
        stall.stop()
        manners.close()
        await controller.shutdown()
        awake.close()
        window.finish()
        run_log.close()
        helpers.shutdown()
    if options.stats is not None:
        _write_stats(options.stats, figures)
    report("closed")
    return 0


async def _load_the_rest() -> None:
    """The start page stands: load what a session needs, before one can start and stutter over it."""
    import asyncio

    from rtms_desktop.app.controller import preload

    report("ready")
    for _ in preload():
        await asyncio.sleep(0)
    importlib.import_module(GRAPHS)
    # All that was loaded stays: the collector need not look through it again and again, 40 ms each time.
    gc.collect()
    gc.freeze()


async def _open(controller: Controller, body: Body, options: argparse.Namespace, payload: str) -> None:
    """What the command line asked to see. A payload is connected to at once where nothing is left to ask."""
    if options.demo:
        await controller.demo(record=options.record)
    elif _is_recording(options):
        controller.open_recording(Path(options.open))
    elif payload and not controller.connect_if_complete(
        payload, client_id=options.client_id, client_secret=options.client_secret, record=options.record
    ):
        body.commands.take_text(payload)


async def _wait(closing: asyncio.Event, quit_after: float | None) -> None:
    import asyncio

    try:
        async with asyncio.timeout(quit_after):
            await closing.wait()
    except TimeoutError:
        pass


def _screenshot(window: MainWindow, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not window.grab().save(str(path)):
        raise UsageError(f"{path} could not be written", "no such folder, no right, or no picture format", "")


def _figures(controller: Controller, stall: StallMeter, began: float, cpu_began: float) -> dict[str, Any]:
    """The figures of the run, while everything still runs."""
    return controller.figures() | {
        "seconds": round(time.monotonic() - began, 3),
        "stall_ms": stall.percentiles(),
        "cpu_seconds": round(time.process_time() - cpu_began, 3),
        "rss_mb": round(_rss_mb(), 1),
        "threads": threading.active_count(),
    }


def _write_stats(path: Path, figures: dict[str, Any]) -> None:
    """Writes the figures, and which threads have outlived everything that was put away."""
    import json

    left = sorted(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
    figures = figures | {"threads_left": left}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _rss_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _install_hooks(loop: asyncio.AbstractEventLoop) -> None:
    """The three exits of an unforeseen exception lead to one log; the program goes on."""

    def from_slot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("unforeseen in a slot", exc_info=(kind, error, trace))

    def from_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("unforeseen in a thread", exc_info=args.exc_value)

    def from_task(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        log.error("%s", context.get("message"), exc_info=error if isinstance(error, BaseException) else None)

    sys.excepthook = from_slot
    threading.excepthook = from_thread
    loop.set_exception_handler(from_task)
