"""``rtms-desktop doctor``: this computer and, with a payload, each step of connecting with cause and fix."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rtms_desktop.app.checklist import (
    ADDRESSES,
    ALIVE,
    CREDENTIALS,
    HOST,
    MEDIA_HANDSHAKES,
    MEDIA_SOCKETS,
    NAME,
    PACKETS,
    PAYLOAD,
    READY,
    TLS,
    Checklist,
    Step,
    StepState,
)
from rtms_desktop.app.connect import configure, read_source
from rtms_desktop.app.credentials import from_options
from rtms_desktop.app.events import SessionOpened
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.machine import Check, check_machine
from rtms_desktop.app.options import add_credentials, parser, read_media, seconds
from rtms_desktop.app.outcome import explain_end, failure
from rtms_desktop.app.preflight import open_socket, resolve
from rtms_desktop.app.session import ActiveSession
from rtms_desktop.app.settings import Settings
from rtms_desktop.app.witness import Witness
from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import ConnectError, CutOffError, RejectedError, RtmsError
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.events import EndCause, Event, SessionEnded
from rtms_desktop.transport.hosts import check_allowed
from rtms_desktop.transport.tls import client_context
from rtms_desktop.wire.payload import read_payload

PACKETS_S = 10.0
ALIVE_S = 15.0


def main(argv: Sequence[str]) -> int:
    made = parser("doctor", "Check this computer and, with a payload, each step of connecting.")
    made.add_argument("payload", nargs="?", metavar="PAYLOAD", help="a file, - for standard input, or the text")
    made.add_argument("--media", help="comma list of audio,video,share,transcript,chat (default: all)")
    made.add_argument("--wait", type=seconds, default=PACKETS_S, metavar="S", help="how long to wait for packets")
    made.add_argument("--json", action="store_true", help="print the report as JSON")
    made.add_argument("--zip", type=Path, metavar="FILE", help="save a diagnostics archive without names and secrets")
    add_credentials(made)
    options = made.parse_args(argv)
    settings, hub = Settings(), Hub()
    witness = Witness(hub) if options.zip is not None else None
    checks = [] if options.payload else list(check_machine(settings))
    steps = asyncio.run(_check_payload(options, hub)) if options.payload else []
    if witness is not None:
        rows = [{key: _step_dict(step)[key] for key in ("number", "name", "state", "ms")} for step in steps]
        witness.save(options.zip, settings, rows, [options.client_id, options.client_secret])
    if options.json:
        print(json.dumps({"checks": [_check_dict(c) for c in checks], "steps": [_step_dict(s) for s in steps]}))
    else:
        _print(checks, steps)
    first = next((check.exit_code for check in checks if check.exit_code), 0)
    failed = next((step.error for step in steps if step.state is StepState.FAILED), None)
    return first or (failed.exit_code if failed is not None else 0)


async def _check_payload(options: argparse.Namespace, hub: Hub) -> list[Step]:
    """Run the steps until the first that fails; the hub hears what the session tells."""
    listing = Checklist(read_media(options.media))
    begin = time.monotonic()
    number = PAYLOAD
    try:
        invite = read_payload(read_source(options.payload, sys.stdin.read() if options.payload == "-" else None))
        listing.passed(PAYLOAD, f"{invite.event or 'payload'}, {invite.form}", time.monotonic())
        number = CREDENTIALS
        credential = from_options(options.client_id, options.client_secret)
        listing.passed(CREDENTIALS, f"client id {credential.client_id[:6]}...", time.monotonic())
        number = HOST
        hosts = frozenset(host.lower() for host in options.allow_host)
        where = check_allowed(invite.signaling_url, hosts)
        listing.passed(HOST, where.authority, time.monotonic())
        number = NAME
        listing.passed(NAME, await resolve(where), time.monotonic())
        number = TLS
        tls = client_context(options.ca)
        if where.secure:
            listing.passed(TLS, await open_socket(invite.signaling_url, where, tls), time.monotonic())
        else:
            listing.decide(TLS, StepState.SKIPPED, "ws: not encrypted", time.monotonic())
    except RtmsError as error:
        listing.decide(number, StepState.FAILED, error.sentence(), time.monotonic(), error)
    else:
        config = configure(invite, credential, listing.media)
        feed = _Feed(listing)
        hub.subscribe_stream(feed)
        session = ActiveSession(
            invite,
            config,
            publish=hub.publish,
            clock=SystemClock(),
            tls=tls,
            allowed_hosts=lambda: hosts,
            secret=credential.client_secret,
        )
        hub.publish([SessionOpened(session=session)])
        await _check_session(feed, session, config, options.wait)
    previous = begin
    for step in listing.steps:
        if step.at:
            step.at, previous = max(0.0, step.at - previous), max(previous, step.at)
    return listing.steps


class _Feed:
    """Lets the checklist see what the session publishes."""

    def __init__(self, listing: Checklist) -> None:
        self.listing = listing
        self.changed = asyncio.Event()

    def __call__(self, events: Sequence[object]) -> None:
        self.listing.events([event for event in events if isinstance(event, Event)])
        self.changed.set()


async def _check_session(feed: _Feed, session: ActiveSession, config: SessionConfig, wait_s: float) -> None:
    listing = feed.listing
    session.tape.attach(listing)
    session.start()
    patience = _patience(config, wait_s)
    while (step := listing.first_waiting) is not None and session.ended is None:
        left = patience[step.number] - (time.monotonic() - session.opened_at)
        if left <= 0:
            listing.accept_silence(time.monotonic())
            if step.state is StepState.WAITING:
                break
            continue
        feed.changed.clear()
        try:
            async with asyncio.timeout(left):
                await feed.changed.wait()
        except TimeoutError:
            continue
    ended = session.ended
    await session.disconnect()
    step = listing.first_waiting
    if step is not None:
        error = _ending(ended) if ended is not None else None
        known = listing.problem if step.number <= PACKETS else None
        error = error or known or _silence(step.number, listing)
        listing.decide(step.number, StepState.FAILED, error.sentence(), time.monotonic(), error)
        if ended is not None and not error.why and ended.cause is not EndCause.CONNECT_FAILED:
            found = explain_end(ended, step.number)  # the sentence has the likeliest; the report has them all
            error.why, error.fix = " ".join(found.causes), error.fix or " ".join(found.fixes)


def _ending(ended: SessionEnded) -> RtmsError | None:
    """The error behind an end that nobody here asked for."""
    if ended.cause is EndCause.STOPPED:
        return CutOffError(ended.sentence.rstrip("."), fix="Start the stream again, then repeat the check.")
    return failure(ended)


def _patience(config: SessionConfig, wait_s: float) -> dict[int, float]:
    """Seconds since the start by which each step must be decided."""
    timing = config.timing
    by = dict.fromkeys(range(1, ADDRESSES + 1), timing.connect_s)
    by |= {MEDIA_SOCKETS: 2 * timing.connect_s, MEDIA_HANDSHAKES: 2 * timing.connect_s, READY: 2 * timing.connect_s}
    return by | {PACKETS: wait_s, ALIVE: max(wait_s, ALIVE_S)}


def _silence(number: int, listing: Checklist) -> RtmsError:
    """The error of a step that simply never happened."""
    name = listing.steps[number - 1].name
    if number == PACKETS:
        quiet = ", ".join(listing.quiet_media)
        fix = "Check the app's scopes, and that somebody speaks or shows a picture."
        return CutOffError("no packet arrived", f"nothing came on {quiet}", fix)
    if number == ALIVE:
        return CutOffError("no keep-alive came", "the server never asked", "A real server asks every 10 s.")
    if number in (ADDRESSES, MEDIA_HANDSHAKES):
        return RejectedError(f"{name}: not reached", "the server did not offer what was asked for", "Check the scopes.")
    return ConnectError(f"{name}: not reached", "the server did not answer in time", "Try again; ask the other side.")


def _print(checks: Sequence[Check], steps: Sequence[Step]) -> None:
    for check in checks:
        print(f"{'ok  ' if check.ok else 'note' if not check.exit_code else 'FAIL'} {check.name}: {check.detail}")
        if not check.ok and check.fix:
            print(f"     {check.fix}")
    marks = {StepState.PASSED: "ok  ", StepState.FAILED: "FAIL", StepState.SKIPPED: "-   ", StepState.WAITING: "    "}
    for step in steps:
        timing = f"  {step.at * 1000:.0f} ms" if step.state is StepState.PASSED else ""
        print(f"{marks[step.state]} {step.number:2d} {step.name}{': ' + step.detail if step.detail else ''}{timing}")
    failed = next((step for step in steps if step.state is StepState.FAILED), None)
    if failed is not None:
        print(f"rtms-desktop: stopped at step {failed.number}, {failed.detail}", file=sys.stderr)


def _check_dict(check: Check) -> dict[str, object]:
    return {"name": check.name, "ok": check.ok, "detail": check.detail, "fix": check.fix}


def _step_dict(step: Step) -> dict[str, object]:
    return {
        "number": step.number,
        "name": step.name,
        "state": step.state.value,
        "detail": step.detail,
        "ms": round(step.at * 1000, 1) if step.at else None,
        "why": step.error.why if step.error else "",
        "fix": step.error.fix if step.error else "",
    }
