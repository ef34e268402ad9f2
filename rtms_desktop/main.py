"""Composition root of the window: application, loop, wiring and the one shutdown sequence (main thread)."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rtms_desktop import __version__
from rtms_desktop.app.connect import read_source
from rtms_desktop.app.options import add_credentials, parser, seconds
from rtms_desktop.errors import NoDisplayError, UsageError
from rtms_desktop.wire.payload import read_payload

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from rtms_desktop.app.controller import Controller
    from rtms_desktop.viewmodels.stall import StallMeter
    from rtms_desktop.views.main_window import MainWindow

log = logging.getLogger(__name__)

# With the default of 5 ms a decode thread that holds the interpreter makes sound and sockets wait.
SWITCH_INTERVAL_S = 0.001


def main(argv: Sequence[str]) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    options = _options(argv)
    payload = _read(options)
    _check_display()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    import qasync

    application = _application()
    try:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
            return runner.run(_run(options, payload))
    finally:
        sys.excepthook = sys.__excepthook__


def _options(argv: Sequence[str]) -> argparse.Namespace:
    made = parser("", "See, hear, read, record and rehearse Zoom Realtime Media Streams.")
    made.add_argument("open", nargs="?", metavar="OPEN", help="a payload file, a .rtmsrec folder or a tape")
    made.add_argument("--demo", action="store_true", help="start the bundled mock server and connect to it")
    made.add_argument("--record", action="store_true", help="record from the first message on")
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


async def _run(options: argparse.Namespace, payload: str) -> int:
    from rtms_desktop.app.controller import Controller
    from rtms_desktop.app.settings import Settings
    from rtms_desktop.viewmodels.bridge import Bridge
    from rtms_desktop.viewmodels.stall import StallMeter
    from rtms_desktop.views.main_window import MainWindow

    loop = asyncio.get_running_loop()
    _install_hooks(loop)
    loop.set_default_executor(ThreadPoolExecutor(2, "io"))
    settings = Settings(options.config)
    bridge = Bridge()
    controller = Controller(
        settings, wake=bridge.wake, ca=options.ca, allowed_hosts=frozenset(h.lower() for h in options.allow_host)
    )
    window = MainWindow(controller, bridge=bridge, settings_dir=settings.folder)
    stall = StallMeter(window)
    closing = asyncio.Event()
    window.quit_requested.connect(closing.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, closing.set)
    window.show()
    began, cpu_began = time.monotonic(), time.process_time()
    stall.start()
    try:
        await _open(controller, window, options, payload)
        await _wait(closing, options.quit_after)
        if options.screenshot is not None:
            _screenshot(window, options.screenshot)
        if options.stats is not None:
            _write_stats(options.stats, controller, stall, began, cpu_began)
    finally:
        stall.stop()
        await controller.shutdown()
        window.finish()
    return 0


async def _open(controller: Controller, window: MainWindow, options: argparse.Namespace, payload: str) -> None:
    """What the command line asked to see. A payload is connected to at once where nothing is left to ask."""
    if options.demo:
        await controller.demo(record=options.record)
    elif payload and not controller.connect_if_complete(
        payload, client_id=options.client_id, client_secret=options.client_secret, record=options.record
    ):
        window.take_text(payload)


def _read(options: argparse.Namespace) -> str:
    """The payload behind OPEN, or "". Raises before there is a window, so that a mistake is one sentence."""
    if not options.open:
        return ""
    path = Path(options.open)
    if path.is_dir() or path.suffix in (".mcap", ".rtms"):
        raise UsageError(
            f"{path.name} cannot be opened in the window", "replay is not built yet", "Use rtms-desktop inspect."
        )
    text = read_source(options.open)
    read_payload(text)
    return text


async def _wait(closing: asyncio.Event, quit_after: float | None) -> None:
    try:
        async with asyncio.timeout(quit_after):
            await closing.wait()
    except TimeoutError:
        pass


def _screenshot(window: MainWindow, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not window.grab().save(str(path)):
        raise UsageError(f"{path} could not be written", "no such folder, no right, or no picture format", "")


def _write_stats(path: Path, controller: Controller, stall: StallMeter, began: float, cpu_began: float) -> None:
    figures = controller.figures() | {
        "seconds": round(time.monotonic() - began, 3),
        "stall_ms": stall.percentiles(),
        "cpu_seconds": round(time.process_time() - cpu_began, 3),
        "rss_mb": round(_rss_mb(), 1),
        "threads": threading.active_count(),
    }
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
