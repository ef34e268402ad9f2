"""``rtms-desktop record``: receive a stream into a bundle, without a window."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rtms_desktop.app.bundle_change import is_due
from rtms_desktop.app.connect import configure, read_source
from rtms_desktop.app.credentials import from_options
from rtms_desktop.app.options import add_credentials, amount, parser, port, read_media, seconds
from rtms_desktop.app.outcome import failure
from rtms_desktop.app.record_metrics import RecordMetrics
from rtms_desktop.app.session import ActiveSession
from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import ConnectError, DiskError
from rtms_desktop.protocol.states import LOST, LinkState
from rtms_desktop.recording.revocation import delete_stream
from rtms_desktop.session.events import Event, LinkStateChanged, PhaseChanged, ReconnectScheduled, SessionEnded
from rtms_desktop.transport.hosts import check_allowed
from rtms_desktop.transport.tasks import spawn
from rtms_desktop.transport.tls import client_context
from rtms_desktop.wire.payload import read_payload
from rtms_desktop.wire.status import explain_status

log = logging.getLogger(__name__)

HEALTH_S = 0.25
STOPPED_FIX = "What was written is kept. Free some space or choose another folder with --out."
LEAVING = (LinkState.CLOSING, LinkState.CLOSED)


def main(argv: Sequence[str]) -> int:
    options = _options(argv)
    return asyncio.run(_record(options))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    made = parser("record", "Receive a stream into a recording, without a window.")
    made.add_argument("payload", metavar="PAYLOAD", help="webhook payload: a file, - for standard input, or the text")
    made.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder for the bundle (default: here)")
    made.add_argument("--media", help="comma list of audio,video,share,transcript,chat (default: all)")
    made.add_argument("--duration", type=seconds, metavar="S", help="stop after so many seconds")
    made.add_argument(
        "--split-minutes", type=amount, default=0.0, metavar="N", help="go on in another bundle after N minutes"
    )
    made.add_argument("--split-mb", type=amount, default=0.0, metavar="N", help="the same after so many megabytes")
    made.add_argument("--end-stream", action="store_true", help="at the end ask the server to end the stream")
    made.add_argument("--metrics", type=Path, metavar="FILE", help="add the metrics to FILE, a JSON object a second")
    made.add_argument(
        "--metrics-port", type=port, metavar="N", help="serve the metrics at 127.0.0.1:N/metrics (0 = any free port)"
    )
    add_credentials(made)
    return made.parse_args(argv)


async def _record(options: argparse.Namespace) -> int:
    metrics = RecordMetrics(SystemClock(), options.metrics, options.metrics_port)
    try:
        return await _record_stream(options, metrics)
    finally:
        await metrics.finish()


async def _record_stream(options: argparse.Namespace, metrics: RecordMetrics) -> int:
    stdin = sys.stdin.read() if options.payload == "-" else None
    invite = read_payload(read_source(options.payload, stdin))
    hosts = frozenset(host.lower() for host in options.allow_host)
    check_allowed(invite.signaling_url, hosts)
    credential = from_options(options.client_id, options.client_secret)
    tls = client_context(options.ca)
    config = configure(invite, credential, read_media(options.media))
    await metrics.start()

    def tell(events: Sequence[Event]) -> None:
        metrics.hear(events)
        _progress(events)

    session = ActiveSession(
        invite,
        config,
        publish=tell,
        clock=SystemClock(),
        tls=tls,
        allowed_hosts=lambda: hosts,
        secret=credential.client_secret,
    )
    session.record(options.out)
    metrics.watch(session)
    stopping = _stop_on_signals(session, options.end_stream)
    session.start()
    watch = spawn(_watch(session, options, stopping), name="record watch")
    ended = await session.driver.wait_ended()
    watch.cancel()
    await metrics.finish()
    problem = _problem(session)
    folder = await session.stop_recording()
    left = await _delete_revoked(session, options.out) if session.revoked else None
    _report(session, folder)
    if left is not None:
        raise left
    if problem:
        raise DiskError("recording stopped", problem, STOPPED_FIX)
    error = failure(ended)
    if isinstance(error, ConnectError):  # nothing came about: perhaps it was we who refused
        error = next((reach.forbidden for reach in session.driver.reach.values() if reach.forbidden), error)
    if error is not None:
        raise error
    return 0


async def _delete_revoked(session: ActiveSession, out: Path) -> DiskError | None:
    """Earlier recordings of a revoked stream go as well; returns what to tell when something is left."""
    now = SystemClock().wall_ms()
    done = await asyncio.to_thread(delete_stream, out, session.config.stream_id, now)
    return done.problem()


async def _watch(session: ActiveSession, options: argparse.Namespace, stopping: asyncio.Event) -> None:
    """End the session when its time is up, somebody asks, or the disk fails."""
    due = None if options.duration is None else asyncio.get_running_loop().time() + options.duration
    while not stopping.is_set():
        if _problem(session):
            session.driver.request("disconnect")
            return
        await _split(session, options)
        left = HEALTH_S if due is None else min(HEALTH_S, due - asyncio.get_running_loop().time())
        if left <= 0:
            break
        try:
            async with asyncio.timeout(left):
                await stopping.wait()
        except TimeoutError:
            continue
    session.driver.request("stop" if options.end_stream else "disconnect")


def _problem(session: ActiveSession) -> str:
    return "" if session.recorder is None else session.recorder.stats.problem


async def _split(session: ActiveSession, options: argparse.Namespace) -> None:
    """Go on in another bundle when this one is long or big enough; nothing is missing between the two."""
    await session.finish_split()
    limits = options.split_minutes * 60.0, options.split_mb * 1_000_000
    if session.recorder is None or not is_due(session.recorder.stats, SystemClock().now(), *limits):
        return
    try:
        newer = session.split(options.out)
    except DiskError as error:  # the recording goes on in the bundle that it has, until that fails
        log.warning("no new bundle: %s", error.sentence())
    else:
        if newer is not None:
            print(f"recording goes on in {newer.folder}", file=sys.stderr)


def _stop_on_signals(session: ActiveSession, end_stream: bool) -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows: KeyboardInterrupt ends the program, and the tape is complete on disk
            pass
    return stopping


def _progress(events: Sequence[Event]) -> None:
    """One line on stderr for whatever a person would want to know."""
    for event in events:
        match event:
            case PhaseChanged(new=new):
                print(f"{new}", file=sys.stderr)
            case LinkStateChanged(link=link, new=LinkState.REFUSED, code=code, reason=reason):
                print(f"{link}: {_refusal(code, reason)}", file=sys.stderr)
            case LinkStateChanged(link=link, new=new, cause=cause, reason=reason) if new not in LEAVING:
                why = [word for word in (new, cause if cause != new else "", reason if new in LOST else "") if word]
                print(f"{link}: {', '.join(why)}", file=sys.stderr)
            case ReconnectScheduled(link=link, due=due, at=at):
                print(f"{link}: trying again in {due - at:.1f} s", file=sys.stderr)
            case SessionEnded(sentence=sentence) if failure(event) is None:  # else it is told as the error
                print(sentence, file=sys.stderr)


def _refusal(code: int | None, reason: str) -> str:
    told = explain_status(code, reason)
    return " ".join([f"refused, {told.label}{f' ({reason})' if reason else ''}.", told.sentence, *told.fixes[:1]])


def _report(session: ActiveSession, folder: Path | None) -> None:
    """The last line; where there is no manifest (a revoked stream, a full disk) the session itself is asked.

    A recording that was split tells the figures of its last bundle, and all ``bundles``.
    """
    core = session.core
    figures: dict[str, Any] = {
        "counts": {medium.value: count for medium, count in core.counts.items()},
        "gaps": [],
        "reconnects": core.reconnects,
        "stop_reason": core.stop_reason,
    }
    manifest = _manifest(folder)
    line: dict[str, Any] = {"event": "recorded", "bundle": os.path.abspath(folder) if folder else None}
    line |= {key: manifest.get(key, value) for key, value in figures.items()}
    if len(session.bundles) > 1 and not session.revoked:
        line["bundles"] = [os.path.abspath(bundle) for bundle in session.bundles]
    print(json.dumps(line), flush=True)


def _manifest(folder: Path | None) -> dict[str, Any]:
    if folder is None:
        return {}
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
