"""What the Monitor shows: one lane per socket, the gaps, four graphs and the sentences that say the same in words.

Fed by the hub (states, gaps, reconnects) and by ``sample`` ten times a second (figures of the core). Main thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ReplayIndexed, SessionClosed, SessionOpened
from rtms_desktop.session.events import (
    ALL,
    SIGNALING,
    GapClosed,
    GapOpened,
    LinkState,
    LinkStateChanged,
    ReconnectScheduled,
)
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import DASH, bit_rate, grouped, scenario_words, span
from rtms_desktop.viewmodels.gaps import Gaps
from rtms_desktop.viewmodels.graphs import Graph, GraphData
from rtms_desktop.viewmodels.history import STEP_S, Floats, History, LinkStates, Span, step_of
from rtms_desktop.viewmodels.monitor_sampler import HEAVY, NAMES, Sampler
from rtms_desktop.viewmodels.recorded_history import RecordedHistory
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import Medium

WINDOWS_MIN = (1, 2, 5, 10)
FIRST_WINDOW_MIN = 2
_RATE_S = {SIGNALING: 10.0, "audio": 2.0, "video": 2.0, "share": 5.0, "transcript": 30.0, "chat": 30.0, ALL: 2.0}
_UNITS = {"transcript": "line/s"}
FIRST_FIGURES_S = 3.0
WARNING_STATES = frozenset({LinkState.INTERRUPTED, LinkState.WAITING})
ERROR_STATES = frozenset({LinkState.REFUSED, LinkState.FAILED})
_UP = frozenset({LinkState.STREAMING, LinkState.READY})
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


class MonitorViewModel(QObject):
    """Lanes, gaps and graphs of the session that runs or ran last.

    Of a recording all is known from the beginning; the window moves with the playhead.

    Attributes:
        window_min: length of the time shown, in minutes.
    """

    lanes_changed = Signal()
    sampled = Signal()
    window_changed = Signal()
    cursor_changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.window_min = FIRST_WINDOW_MIN
        self._cursor: float | None = None
        self._session: Any = None
        self._replay: Any = None
        self._ended_at: float | None = None
        self._handlers: dict[type, Any] = {
            LinkStateChanged: self._link_changed,
            ReconnectScheduled: self._scheduled,
            GapOpened: self._gap_opened,
            GapClosed: self._gap_closed,
        }
        self._begin(controller.session)
        self.close = listen(
            self,
            controller.hub,
            {
                SessionOpened: lambda event: self._begin(event.session),
                SessionClosed: self._closed,
                ReplayIndexed: lambda event: self._read_ahead(),
                **dict.fromkeys(self._handlers, self._happened),
            },
        )

    def _begin(self, session: Any) -> None:
        self._session = session
        self._time = SessionTime(session) if session is not None else None
        self._ended_at = None
        self.lanes: list[Lane] = []
        self.gaps = Gaps()
        self._replay = session if session is not None and session.is_replay else None
        self._sampler = Sampler(SessionTime(session)) if session is not None and self._replay is None else None
        self._recorded: RecordedHistory | None = None
        self.set_cursor(None)
        if session is not None:
            wanted = [medium.value for medium in Medium if medium in session.config.media]
            self.lanes = [Lane(name, name.capitalize()) for name in (SIGNALING, *wanted)]
            for name, view in session.core.links.items():
                if view.state is not LinkState.CLOSED and self._replay is None:
                    self._lane(name).states.change(session.opened_at, view.state)
        self._read_ahead()
        self.lanes_changed.emit()

    # -- a recording ---------------------------------------------------------------------------------------------

    @property
    def replays(self) -> bool:
        """Whether a recording is shown."""
        return self._replay is not None

    def _read_ahead(self) -> None:
        """Take states, gaps and figures of the whole recording, as far as it is indexed."""
        session = self._replay
        if session is None or self._time is None:
            return
        self.gaps = Gaps()
        for lane in self.lanes:
            lane.states, lane.attempt = LinkStates(), 0
        for event in session.timeline():
            handler = self._handlers.get(type(event))
            if handler is not None:
                handler(event)
        end = session.source.end
        if self._recorded is None:
            self._recorded = RecordedHistory(
                session.source.index.figures, self._time, self._flowed, session.source.begin, end, NAMES
            )
        self._recorded.reload(end)
        self.lanes_changed.emit()

    def _flowed(self, medium: str) -> list[Span]:
        """When the socket that carried a medium was open and allowed."""
        lane = next((lane for lane in self.lanes if lane.name in (medium, ALL)), None)
        if lane is None:
            return []
        source = self._replay.source
        return [span for span in lane.states.spans(source.begin, source.end) if span.state in _UP]

    def _happened(self, event: Any) -> None:
        if self._replay is None:  # of a recording it is known already
            self._handlers[type(event)](event)

    # -- time ----------------------------------------------------------------------------------------------------

    @property
    def history(self) -> History:
        """Of the session that runs or ran last; there must have been one."""
        if self._recorded is not None:
            return self._recorded
        assert self._sampler is not None
        return self._sampler.history

    @property
    def active(self) -> bool:
        """Whether there is anything to show."""
        return self._session is not None

    @property
    def cursor(self) -> float | None:
        """The playhead as a monotonic time, None at "now"."""
        return self._controller.clock.now() if self._replay is not None else self._cursor

    @property
    def here(self) -> float:
        """The moment whose figures are told: now, or that of a recording's playhead."""
        cursor = self.cursor
        return cursor if self._replay is not None and cursor is not None else self.now

    @property
    def now(self) -> float:
        """The right edge: this moment, or the end of the session; in a recording half a window behind the playhead."""
        if self._replay is not None:
            source = self._replay.source
            edge = min(self.here + self.window_s / 2, source.end)
            return max(edge, float(source.begin) + self.window_s)
        return self._controller.clock.now() if self._ended_at is None else self._ended_at

    @property
    def age_s(self) -> float:
        """How long the session has been open here; of a recording, its whole length."""
        if self._replay is not None:
            return float(self._replay.source.end - self._replay.opened_at)
        return self.now - self._session.opened_at if self._session is not None else 0.0

    @property
    def window_s(self) -> float:
        return self.window_min * 60.0

    def session_time(self, at: float) -> float:
        return self._time.of_at(at) if self._time is not None else 0.0

    @property
    def opened_at(self) -> float:
        """When the session was opened here, monotonic seconds."""
        return float(self._session.opened_at) if self._session is not None else 0.0

    def link_view(self, lane: Lane) -> Any:
        """The core's figures of a lane's socket; None before it was ever opened."""
        return self._session.core.links.get(lane.name)

    def set_window(self, minutes: int) -> None:
        if minutes != self.window_min:
            self.window_min = minutes
            self.window_changed.emit()

    def set_cursor(self, at: float | None) -> None:
        """Move the playhead; at or behind "now" it lets go and follows. In a recording it is the one playhead."""
        if self._replay is not None:
            if at is not None:
                self._replay.seek_at(at)
            return
        if at is not None and (self._session is None or at >= self.now - STEP_S):
            at = None
        if at != self._cursor:
            self._cursor = at
            self.cursor_changed.emit()

    def step_gap(self, forward: bool) -> None:
        """Put the playhead on the next or previous loss."""
        here = self.now if self.cursor is None else self.cursor
        starts = sorted(block.start for block in self.gaps.blocks if block.lost)
        ahead = [start for start in starts if (start > here + STEP_S if forward else start < here - STEP_S)]
        if ahead:
            self.set_cursor(ahead[0] if forward else ahead[-1])

    # -- what views draw -----------------------------------------------------------------------------------------

    def bars(self, lane: Lane, last_step: int, size: int, count: int) -> Floats:
        """Amounts in ``count`` bars of ``size`` steps each, the last ending before step ``last_step``."""
        values = self.history.window(lane.name, last_step - size * count, size * count)
        return values.reshape(count, size).sum(axis=1, dtype=np.float32)

    def spans(self, lane: Lane, start: float, end: float) -> list[Span]:
        if self._replay is not None:
            end = max(start, min(end, self._replay.source.end))
        return lane.states.spans(start, end)

    def state(self, lane: Lane) -> LinkState:
        """The state of a lane's socket at the moment whose figures are told."""
        return lane.states.at(self.here).state if self._replay is not None else lane.states.state

    def figures(self, lane: Lane) -> LaneFigures:
        """State, rate and age of the keep-alive of a lane, as text."""
        now, state = self.here, self.state(lane)
        view = self.link_view(lane)
        word = state.value
        if state is LinkState.WAITING and lane.due is not None and self._replay is None:
            word = f"waiting {max(0.0, math.ceil(lane.due - now)):.0f} s"
        level = "warn" if state in WARNING_STATES else "error" if state in ERROR_STATES else ""
        alive_at = view.stats.last_keep_alive_at if view is not None else None
        lives = state not in ERROR_STATES and state is not LinkState.CLOSED
        alive = f"{max(0.0, now - alive_at):.0f} s" if alive_at is not None and lives else DASH
        return LaneFigures(word, level, self._rate_text(lane), alive, self._tip(lane, view))

    def _rate(self, name: str) -> float | None:
        """Amount per second lately; None before there is enough."""
        if self.age_s < FIRST_FIGURES_S:
            return None
        return self.history.rate(name, step_of(self.here), round(min(_RATE_S[name], self.age_s) / STEP_S))

    def _rate_text(self, lane: Lane) -> str:
        rate = self._rate(lane.name)
        if rate is None or self.state(lane) is LinkState.CLOSED:
            return DASH
        if lane.name in HEAVY or lane.name == ALL:
            return bit_rate(rate * 8)
        number = f"{rate:.0f}" if rate >= 9.95 or rate == 0 else f"{rate:.1f}"
        return f"{number} {_UNITS.get(lane.name, 'msg/s')}"

    def _tip(self, lane: Lane, view: Any) -> str:
        state = self.state(lane)
        parts = [f"{lane.title}: {state.value}, {_MEANINGS[state]}"]
        cause = lane.states.at(self.here).text if self._replay is not None else lane.states.text
        if cause:
            parts.append(cause)
        if state in WARNING_STATES and lane.window_ends is not None and self._replay is None:
            left = max(0.0, lane.window_ends - self.now)
            scenario = f"{scenario_words(lane.scenario)}, " if lane.scenario else ""
            parts.append(f"{scenario}the window closes in {left:.0f} s")
        if view is not None:
            stats = view.stats
            parts.append(f"attempt {view.attempt}, {grouped(stats.messages_in)} messages in")
            parts.append(f"keep-alive: {stats.missed} of 3 missed")
            if view.url:
                parts.append(view.url)
        return "\n".join(parts)

    def gap_sum(self) -> str:
        """``1 in 14 min · 4.1 s``"""
        count = self.gaps.count_lost()
        since = span(self.age_s)
        return f"{count} in {since} · {span(self.gaps.seconds_lost(self.now))}" if count else f"none in {since}"

    def graph(self, graph: Graph, columns: int) -> GraphData:
        """The curves of a graph over the window shown, at most two points per pixel column."""
        return graph.data(self.history, step_of(self.now), round(self.window_s / STEP_S), columns)

    def graph_value(self, graph: Graph) -> str:
        """The figure in a graph's head: now, or under the playhead."""
        if self.cursor is None and self.age_s < FIRST_FIGURES_S:
            return DASH
        return graph.value(self.history, step_of(self.now if self.cursor is None else self.cursor))

    def asked_fps(self) -> float | None:
        """What was granted or asked for, for the dashed line of the frames graph."""
        if self._session is None:
            return None
        granted = self._session.core.granted
        video = granted.video if granted is not None else None
        return float(video.fps) if video is not None else None

    # -- what arrives --------------------------------------------------------------------------------------------

    def sample(self) -> None:
        """Take the figures of the core; to be called ten times a second while a session runs, seen or not."""
        if self._sampler is None or self._ended_at is not None:
            return
        flowing = {name for name in HEAVY if self._flows(name)}
        self._sampler.take(self._controller.clock.now(), self._session.core, flowing)
        self.sampled.emit()

    def _flows(self, medium: str) -> bool:
        """Whether the socket that carries a medium is open and allowed."""
        return any(lane.name in (medium, ALL) and lane.states.state in _UP for lane in self.lanes)

    def _lane(self, name: str) -> Lane:
        for lane in self.lanes:
            if lane.name == name:
                return lane
        lane = Lane(name, "All media" if name == ALL else name.capitalize())
        if name == ALL:  # one socket carries everything: it takes the place of the others
            self.lanes = [other for other in self.lanes if other.name == SIGNALING]
        self.lanes.append(lane)
        self.lanes_changed.emit()
        return lane

    def _link_changed(self, event: LinkStateChanged) -> None:
        if self._session is None:
            return
        lane = self._lane(event.link)
        if event.new is LinkState.CONNECTING:
            lane.attempt += 1
        if event.new in _UP:
            lane.due = lane.window_ends = None
        lane.states.change(event.at, event.new, _cause(event), lane.attempt)

    def _scheduled(self, event: ReconnectScheduled) -> None:
        if self._session is not None:
            lane = self._lane(event.link)
            lane.due, lane.window_ends, lane.scenario = event.due, event.window_ends, event.scenario

    def _gap_opened(self, event: GapOpened) -> None:
        if self._time is not None:
            self.gaps.open(event.gap, self._time.at_of_server_ms(event.gap.start_ms), self._scenario(event.gap.medium))

    def _gap_closed(self, event: GapClosed) -> None:
        gap = event.gap
        if self._time is not None and gap.end_ms is not None:
            start, end = (self._time.at_of_server_ms(ms) for ms in (gap.start_ms, gap.end_ms))
            self.gaps.close(gap, start, end, self._scenario(gap.medium))

    def _scenario(self, medium: Medium) -> str:
        return next((lane.scenario for lane in self.lanes if lane.name in (medium.value, ALL)), "")

    def _closed(self, event: SessionClosed) -> None:
        if event.session is self._session and event.session.is_replay:
            self._begin(None)
        elif event.session is self._session:
            self.sample()
            self._ended_at = event.ended.at
            self.sampled.emit()


def _cause(event: LinkStateChanged) -> str:
    """Why a link is in its state: cause, code and reason in one line."""
    code = "" if event.code is None else str(event.code)
    said = " ".join(part for part in (code, event.reason) if part)
    return ", ".join(part for part in (event.cause, said) if part)
