"""The mock server's log in words: what the server did and what the client noticed, line by line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rtms_desktop.session.events import (
    Anomaly,
    GapClosed,
    HandshakeAnswered,
    LinkState,
    LinkStateChanged,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
    SessionStateChanged,
)
from rtms_desktop.viewmodels.figures import one_line, scenario_words, span
from rtms_desktop.viewmodels.gaps import LOST
from rtms_desktop.wire.status import explain_close, explain_state, explain_status, explain_stop

SERVER, CLIENT = "server", "client"


class LogLine(msgspec.Struct, gc=False):
    """One line. ``level``: "" calm, "fault" made by the server, "bad" a failure, "good" recovered."""

    t_ms: float
    who: str
    text: str
    level: str = ""
    link: str = ""
    count: int = 1


FAULTS = {
    "drop": "Drop",
    "server_failure": "Server failure",
    "skip_keep_alive": "Skip keep-alive",
    "delay": "Delay",
    "jitter": "Jitter",
    "lose": "Lose packets",
    "burst": "Burst",
    "reorder": "Reorder",
    "bad_json": "Bad JSON",
    "garbage": "Garbage",
    "oversize": "Oversized message",
    "wrong_status": "Wrong status",
    "duplicate_signal": "Duplicate signal",
    "slow_answer": "Slow answer",
    "no_answer": "No answer",
    "new_resolution": "New resolution",
    "fail_over": "Fail-over",
    "interrupted": "Interrupted webhook",
    "revoke": "Revoke",
}
QUIET = frozenset({"sent"})
_ACTS = {
    "start": "new meeting announced",
    "started": "media begin",
    "pause": "pause",
    "resume": "resume",
    "start_again": "RTMS announced again",
    "calm": "all faults taken back",
    "server_recovered": "the server takes connections again",
    "media_interrupted": "media connection interrupted",
    "keep_alive_lost": "keep-alive not answered, socket cut",
    "lost": "message lost on purpose",
}
_UNITS = {"ms": "ms", "percent": "%", "seconds": "s", "bytes": "bytes"}


def server_line(entry: Mapping[str, Any]) -> LogLine | None:
    """The line of one ground-truth record; None for figures that say nothing here."""
    event, link = str(entry.get("event", "")), str(entry.get("link", ""))
    if event in QUIET or not event:
        return None
    level = "fault" if event in FAULTS else ""
    words = _SERVER.get(event, _act)(entry)
    return LogLine(float(entry.get("t_ms", 0)), SERVER, one_line(words), level, link)


def _act(entry: Mapping[str, Any]) -> str:
    event, link = str(entry["event"]), str(entry.get("link", ""))
    name = FAULTS.get(event) or _ACTS.get(event) or event.replace("_", " ")
    parts = [f"{entry[key]:,.10g} {unit}" for key, unit in _UNITS.items() if isinstance(entry.get(key), int | float)]
    if event == "drop":
        name = "Drop signaling" if link == "signaling" else "Drop media"
        parts = ["reset without close" if entry.get("how") == "abort" else f"closed with {entry.get('code')}"]
    if "resolution" in entry:
        parts.append(str(entry["resolution"]))
    if event == "wrong_status" and isinstance(entry.get("status"), int):
        parts = [f"next handshake gets {explain_status(entry['status']).label}"]
    head = f"{name}: {link}" if link and link != "every" and event != "drop" else name
    head = f"{name}: {link}" if event == "drop" and link != "signaling" else head
    return ", ".join([head, *parts])


def _phase(entry: Mapping[str, Any]) -> str:
    reason = entry.get("reason")
    tail = f", {explain_stop(reason).label}" if isinstance(reason, int) else ""
    return f"stream {entry.get('phase', '')}{tail}"


def _finish(word: str) -> Callable[[Mapping[str, Any]], str]:
    def text(entry: Mapping[str, Any]) -> str:
        reason = entry.get("reason")
        return f"{word}, {explain_stop(reason).label}" if isinstance(reason, int) else word

    return text


def _handshake(entry: Mapping[str, Any]) -> str:
    return f"{entry.get('link', '')} handshake answered: {explain_status(int(entry.get('status', 0))).label}"


def _refused(entry: Mapping[str, Any]) -> str:
    status = entry.get("status")
    label = explain_status(status if isinstance(status, int) else None, str(entry.get("reason", ""))).label
    return f"{entry.get('link', '')} refused: {label}"


def _disconnected(entry: Mapping[str, Any]) -> str:
    code = entry.get("code")
    label = explain_close(code).label if isinstance(code, int) else "without close"
    return f"{entry.get('link') or 'a socket'} disconnected by the {entry.get('by', '')}, {label}"


def _webhook(entry: Mapping[str, Any]) -> str:
    status = entry.get("status")
    answer = f"HTTP {status}" if status is not None else f"nobody answered, {entry.get('why', '')}"
    return f"webhook {entry.get('name', '')}: {answer}"


_SERVER: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "listening": lambda entry: f"listening on {entry.get('http_url', '')}",
    "connected": lambda entry: f"a socket opened {entry.get('link', '')}",
    "disconnected": _disconnected,
    "handshake": _handshake,
    "refused": _refused,
    "phase": _phase,
    "stop": _finish("Stop RTMS"),
    "end": _finish("End meeting"),
    "webhook": _webhook,
    "webhook_validated": lambda entry: f"webhook validation: {entry.get('sentence', '')}",
    "unreadable": lambda entry: f"{entry.get('link', '')}: unreadable message, {entry.get('why', '')}",
    "subscribed": lambda entry: f"events subscribed: {', '.join(map(str, entry.get('events', [])))}",
}


def client_line(event: Any, t_ms: float, last_act_ms: float | None) -> LogLine | None:
    """What our own client noticed. ``last_act_ms``: the server's last act on that socket, for the delay."""
    writer = _CLIENT.get(type(event))
    if writer is None:
        return None
    found = writer(event)
    if found is None:
        return None
    text, level = found
    if isinstance(event, LinkStateChanged) and event.new is LinkState.INTERRUPTED and last_act_ms is not None:
        text = f"noticed after {max(0.0, t_ms - last_act_ms):.0f} ms: {text}"
    return LogLine(t_ms, CLIENT, one_line(text), level, getattr(event, "link", ""))


def _link(event: LinkStateChanged) -> tuple[str, str] | None:
    if event.new is LinkState.INTERRUPTED:
        why = explain_close(event.code).label if event.code is not None else event.cause or "connection lost"
        return f"{event.link} lost, {why}", "bad"
    if event.new is LinkState.REFUSED:
        return f"{event.link} refused: {explain_status(event.code, event.reason).label}", "bad"
    if event.new is LinkState.FAILED:
        return f"{event.link} given up: {event.cause}", "bad"
    if event.new is LinkState.PAUSED:
        return f"{event.link} paused", ""
    return None


def _gap(event: GapClosed) -> tuple[str, str] | None:
    gap = event.gap
    if gap.reason not in LOST or gap.end_ms is None:
        return None
    return f"{gap.medium.value} gap of {span((gap.end_ms - gap.start_ms) / 1000)} of user {gap.user_id}", ""


_CLIENT: dict[type, Callable[[Any], tuple[str, str] | None]] = {
    LinkStateChanged: _link,
    HandshakeAnswered: lambda event: (
        f"{event.link} handshake: {explain_status(event.status_code, event.reason).label}", "" if event.ok else "bad"
    ),
    ReconnectScheduled: lambda event: (f"reconnecting {event.link}, {scenario_words(event.scenario)}", ""),
    Reconnected: lambda event: (f"{event.link} again after {span(event.down_s)}", "good"),
    SessionStateChanged: lambda event: (f"state 9, {explain_state(event.state, 'session').label}", ""),
    GapClosed: _gap,
    Anomaly: lambda event: (f"{event.link}: {event.kind.replace('_', ' ')}, {event.text}", ""),
    SessionEnded: lambda event: (event.sentence, ""),
}  # fmt: skip
HEARD = tuple(_CLIENT)
