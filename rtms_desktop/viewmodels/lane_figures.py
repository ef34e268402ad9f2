"""One lane of the monitor: its socket's states and the texts beside them. Called by the view-model; main thread."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rtms_desktop.session.events import ALL, SIGNALING, LinkState, LinkStateChanged
from rtms_desktop.viewmodels.codes import explain_change
from rtms_desktop.viewmodels.figures import DASH, bit_rate, grouped, one_line, scenario_words
from rtms_desktop.viewmodels.graph_kinds import HEAVY
from rtms_desktop.viewmodels.history import STEP_S, LinkStates, step_of

if TYPE_CHECKING:
    from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel

FIRST_FIGURES_S = 3.0
WARNING_STATES = frozenset({LinkState.INTERRUPTED, LinkState.WAITING})
AWAY = WARNING_STATES | {LinkState.CONNECTING}
ERROR_STATES = frozenset({LinkState.REFUSED, LinkState.FAILED})
_RATE_S = {SIGNALING: 10.0, "audio": 2.0, "video": 2.0, "share": 5.0, "transcript": 30.0, "chat": 30.0, ALL: 2.0}
_UNITS = {"transcript": "line/s"}
_MEANINGS = {
    LinkState.CLOSED: "never opened, or over",
    LinkState.CONNECTING: "TCP, TLS and WebSocket upgrade",
    LinkState.AUTHENTICATED: "the handshake was answered with success",
    LinkState.READY: "allowed to stream; nothing has arrived yet",
    LinkState.STREAMING: "delivers",
    LinkState.PAUSED: "the meeting paused the stream",
    LinkState.INTERRUPTED: "lost: data was expected and none comes",
    LinkState.WAITING: "lost, and the next attempt has a time",
    LinkState.CLOSING: "a close request was sent",
    LinkState.REFUSED: "the server said no",
    LinkState.FAILED: "given up",
}


@dataclass(slots=True)
class Lane:
    """One socket."""

    name: str
    title: str
    states: LinkStates = field(default_factory=LinkStates)
    attempt: int = 0
    due: float | None = None
    window_ends: float | None = None
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class LaneFigures:
    """The texts of one lane. ``level``: "", "warn" or "error"."""

    word: str
    level: str
    rate: str
    alive: str
    tip: str


def lane_figures(model: MonitorViewModel, lane: Lane) -> LaneFigures:
    """State, rate and age of the keep-alive of a lane at the moment whose figures are told."""
    now, state, view = model.here, model.state(lane), model.link_view(lane)
    word = state.value
    if state is LinkState.WAITING and lane.due is not None and not model.replays:
        word = f"waiting {max(0.0, math.ceil(lane.due - now)):.0f} s"
    level = "warn" if state in WARNING_STATES else "error" if state in ERROR_STATES else ""
    alive_at = view.stats.last_keep_alive_at if view is not None else None
    lives = state not in ERROR_STATES and state is not LinkState.CLOSED
    alive = f"{max(0.0, now - alive_at):.0f} s" if alive_at is not None and lives else DASH
    return LaneFigures(word, level, _rate_text(model, lane), alive, _tip(model, lane, view))


def cause_of(event: LinkStateChanged) -> str:
    """Why a link is in its state in one line: cause, number and name of the code, what the server wrote."""
    found = explain_change(event)
    label = found.label if found is not None else ""
    said = event.reason if event.reason.replace(" ", "_").upper() not in label else ""
    return ", ".join(part for part in (event.cause, label, one_line(said, 120)) if part)


def _rate_text(model: MonitorViewModel, lane: Lane) -> str:
    if model.age_s < FIRST_FIGURES_S or model.state(lane) is LinkState.CLOSED:
        return DASH
    rate = model.history.rate(lane.name, step_of(model.here), round(min(_RATE_S[lane.name], model.age_s) / STEP_S))
    if rate is None:
        return DASH
    if lane.name in HEAVY or lane.name == ALL:
        return bit_rate(rate * 8)
    number = f"{rate:.0f}" if rate >= 9.95 or rate == 0 else f"{rate:.1f}"
    return f"{number} {_UNITS.get(lane.name, 'msg/s')}"


def _tip(model: MonitorViewModel, lane: Lane, view: Any) -> str:
    state = model.state(lane)
    parts = [f"{lane.title}: {state.value}, {_MEANINGS[state]}"]
    cause = lane.states.at(model.here).text if model.replays else lane.states.text
    if cause:
        parts.append(cause)
    if state in AWAY and lane.window_ends is not None and not model.replays:
        left = max(0.0, lane.window_ends - model.now)
        scenario = f"{scenario_words(lane.scenario)}, " if lane.scenario else ""
        parts.append(f"{scenario}the window closes in {left:.0f} s")
    if view is not None:
        stats = view.stats
        parts.append(f"attempt {view.attempt}, {grouped(stats.messages_in)} messages in")
        parts.append(f"keep-alive: {stats.missed} of 3 missed")
        if view.url:
            parts.append(view.url)
    return "\n".join(parts)
