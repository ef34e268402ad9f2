"""The command `mock`: reads the arguments, runs one server until told to end, and says what it did as JSON lines."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.options import CLIENT_ID, CLIENT_SECRET, RESOLUTIONS, SECRET_TOKEN, MockOptions
from rtms_desktop.mock_server.scenario import load_scenario, run_scenario
from rtms_desktop.mock_server.server import MockServer
from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.mock_server.sources.opening import open_source
from rtms_desktop.mock_server.truth import LinePrinter, TruthLog
from rtms_desktop.wire.enums import Dialect, Medium, Product, StopReason

MAX_PARTICIPANTS = 100


SourceOpener = Callable[[MockOptions], Source]
"""From what was asked to a source; raises UsageError for what it cannot play."""


def open_own(options: MockOptions) -> Source:
    """The sources of this room."""
    return open_source(options.source, options.participants, options.beeps)


def main(argv: list[str], opener: SourceOpener = open_own) -> int:
    """Runs the command and returns its exit code; `opener` adds sources that this room cannot read.

    Raises RtmsError with what went wrong: the caller prints its sentence and exits with its code.
    """
    options = read_options(argv)
    return asyncio.run(serve(options, opener(options)))


def build_parser() -> argparse.ArgumentParser:
    """All arguments of `mock`."""
    parser = argparse.ArgumentParser(
        prog="rtms-desktop mock", description="A local server that speaks RTMS as Zoom does, and fails on command."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="where to listen (default: this machine only)")
    add("--port", type=_port, default=9092, help="signaling and HTTP; 0 = any free port")
    add("--media-port", type=_port, default=8081, help="media; 0 = any free port")
    add("--source", default="pattern", metavar="pattern|FILE|BUNDLE", help="what is shown and heard")
    add("--participants", type=_count, default=3, metavar="N", help="people in the meeting, each with video")
    add("--fps", type=_fps, metavar="N", help="pictures per second, whatever the client asks for")
    add("--resolution", choices=list(RESOLUTIONS), help="size of the pictures, whatever the client asks for")
    add(
        "--clock-ppm",
        type=_drift,
        default=0.0,
        metavar="N",
        help="how much the server's clock runs fast, in millionths",
    )
    add("--speed", type=_positive, default=1.0, metavar="N", help="how many times faster than real it all happens")
    add("--loop", action="store_true", help="begin again at the end of a recording instead of ending the meeting")
    add("--no-beep", dest="beeps", action="store_false", help="no beep and white square at each full second")
    add("--active-only", action="store_true", help="send the active speaker's video only, as Zoom does")
    add("--buffer-audio", action="store_true", help="send audio from before READY in one burst, as Zoom does")
    add("--scenario", type=Path, metavar="FILE", help="timed acts and faults, as TOML")
    add("--dialect", choices=[dialect.value for dialect in Dialect], default=Dialect.PRODUCTION.value)
    add("--product", choices=[product.value for product in Product], default=Product.MEETING.value)
    add("--disable", default="", metavar="MEDIA", help="media that are refused, such as chat,share")
    add("--tls", nargs=2, type=Path, metavar=("CERT", "KEY"), help="serve https and wss; URLs then say localhost")
    add("--webhook-url", default="", metavar="URL", help="where webhooks are sent")
    add("--client-id", default=CLIENT_ID)
    add("--client-secret", default=CLIENT_SECRET)
    add("--secret-token", default=SECRET_TOKEN, help="signs webhooks")
    add("--meeting-id", default="", metavar="ID", help="instead of an invented one")
    add("--stream-id", default="", metavar="ID", help="instead of an invented one")
    add("--duplicate", choices=["reject", "kick"], default="reject", help="what a second signaling connection meets")
    add("--keep-alive", type=_positive, metavar="S", help="seconds between keep-alive requests")
    add("--window", type=_positive, metavar="S", help="how long a lost socket may stay away (60 signaling, 65 media)")
    add("--duration", type=_positive, metavar="S", help="end the meeting and the server after so many seconds")
    add("--json", action="store_true", help="print every act and fault as a JSON line")
    add("--with-parent", action="store_true", help="exit when stdin closes")
    add("--debug", action="store_true", help="show where an error came from")
    return parser


def read_options(argv: list[str]) -> MockOptions:
    """The options in `argv`. Raises UsageError; argparse itself exits with 2."""
    given = build_parser().parse_args(argv)
    try:
        disabled = frozenset(Medium(name) for name in given.disable.replace(" ", "").split(",") if name)
    except ValueError as error:
        raise UsageError(f"--disable: {error}", fix="Media are audio, video, share, transcript and chat.") from None
    windows = {} if given.window is None else {"signaling_window_s": given.window, "media_window_s": given.window}
    return MockOptions(
        host=given.host,
        port=given.port,
        media_port=given.media_port,
        source=given.source,
        participants=given.participants,
        fps=given.fps,
        resolution=given.resolution,
        clock_ppm=given.clock_ppm,
        speed=given.speed,
        loop=given.loop,
        beeps=given.beeps,
        active_only=given.active_only,
        buffer_audio=given.buffer_audio,
        scenario=given.scenario,
        dialect=Dialect(given.dialect),
        product=Product(given.product),
        disabled=disabled,
        tls=None if given.tls is None else (given.tls[0], given.tls[1]),
        webhook_url=given.webhook_url,
        client_id=given.client_id,
        client_secret=given.client_secret,
        secret_token=given.secret_token,
        meeting_id=given.meeting_id,
        stream_id=given.stream_id,
        duplicate=given.duplicate,
        keep_alive_s=given.keep_alive,
        duration_s=given.duration,
        json_lines=given.json,
        with_parent=given.with_parent,
        **windows,
    )


async def serve(options: MockOptions, source: Source) -> int:
    """Runs one server until a signal, the end of --duration, or the end of the parent."""
    stop = asyncio.Event()
    printer = LinePrinter(sys.stdout.fileno())
    truth = TruthLog(printer if options.json_lines else None)
    server = MockServer(options, source, truth)
    scenario = None if options.scenario is None else load_scenario(options.scenario, server.control.names)
    with _told_to_stop(stop, options.with_parent):
        try:
            listening = await server.start()
            printer.print(listening)
            if scenario is not None:
                server.tasks.start(run_scenario(scenario, server.control, server.stage, server.truth), "mock-scenario")
            server.meetings.send_webhook(listening["webhook"])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), options.duration_s)
            if not stop.is_set():
                server.control.end_all(StopReason.MEETING_ENDED)
        finally:
            await server.close()
            truth.emit("stopped")
            printer.close()
    return 0


@contextlib.contextmanager
def _told_to_stop(stop: asyncio.Event, with_parent: bool) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def request() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(stop.set)

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        try:
            # Through the loop: a plain handler would wait until the loop wakes up by itself.
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: request())
    if with_parent:
        threading.Thread(target=_wait_for_stdin, args=(request,), name="mock-parent", daemon=True).start()
    try:
        yield
    finally:
        for number in numbers:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


def _wait_for_stdin(closed: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    closed()


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MAX_PARTICIPANTS:
        raise argparse.ArgumentTypeError(f"from 1 to {MAX_PARTICIPANTS}")
    return number


def _fps(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 60:
        raise argparse.ArgumentTypeError("from 1 to 60")
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def _drift(text: str) -> float:
    number = float(text)
    if not abs(number) < 1_000_000:
        raise argparse.ArgumentTypeError("must be less than a million")
    return number
