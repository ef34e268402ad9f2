"""What the Monitor shows: one lane per socket, the gaps, the graphs and the sentences that say the same in words.

Fed by the hub (states, gaps, reconnects) and by ``sample`` ten times a second (figures of the core). Main thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import (
    MomentChanged,
    PaneAsked,
    ReplayIndexed,
    SessionClosed,
    SessionOpened,
    ViewShifted,
)
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
from rtms_desktop.viewmodels.figures import DASH, span
from rtms_desktop.viewmodels.gaps import Gaps
from rtms_desktop.viewmodels.graph_kinds import HEAVY, chosen
from rtms_desktop.viewmodels.graphs import Graph, GraphData
from rtms_desktop.viewmodels.history import STEP_S, Floats, History, Span, step_of
from rtms_desktop.viewmodels.lane_figures import FIRST_FIGURES_S, Lane, LaneFigures, cause_of, lane_figures
from rtms_desktop.viewmodels.monitor_sampler import NAMES, UP, Sampler
from rtms_desktop.viewmodels.recorded_history import RecordedHistory
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.viewmodels.stall import StallMeter
from rtms_desktop.viewmodels.time_view import STEP, TimeView
from rtms_desktop.wire.enums import Medium

KEPT_S = 600.0
"""How far back a live session is remembered; a recording is known as a whole."""


class MonitorViewModel(QObject):
    """Lanes, gaps and graphs of the session that runs or ran last.

    Of a recording all is known from the beginning; the window moves with the playhead.

    Args:
        stall: the meter of the main thread, for the graph of it.

    Attributes:
        view: which stretch of time is shown.
        happened: counts what was told of sockets and gaps, so that views know when to paint at once.
    """

    lanes_changed = Signal()
    window_changed = Signal()
    cursor_changed = Signal()
    graphs_changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None, stall: StallMeter | None = None) -> None:
        super().__init__(parent)
        self._controller, self._stall = controller, stall
        self.view = TimeView()
        self.happened = 0
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
                ViewShifted: lambda event: self._begin(event.session, self._sampler),
                ReplayIndexed: lambda event: self._read_ahead(),
                MomentChanged: self._cursor_moved,
                PaneAsked: self._asked_to_show,
                **dict.fromkeys(self._handlers, self._happened),
            },
        )

    def _begin(self, session: Any, sampler: Sampler | None = None) -> None:
        """``sampler``: goes on, as it is the same stream at another moment."""
        self._session = session
        self._time = SessionTime(session) if session is not None else None
        self._ended_at = None
        self.lanes: list[Lane] = []
        self.gaps = Gaps()
        self._replay = session if session is not None and session.is_replay else None
        live = session is not None and self._replay is None
        self._sampler = sampler or (Sampler(SessionTime(session), self._stall) if live else None)
        self._read = 0  # events of the recording's timeline that were taken
        self._recorded: RecordedHistory | None = None
        self.view.follow()
        if session is not None:
            wanted = [medium.value for medium in Medium if medium in session.config.media]
            self.lanes = [Lane(name, name.capitalize()) for name in (SIGNALING, *wanted)]
            for name, view in session.core.links.items():
                if view.state is not LinkState.CLOSED and self._replay is None:
                    self._lane(name).states.change(session.opened_at, view.state)
        self.happened += 1
        self._read_ahead()
        self.window_changed.emit()
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
        self.happened += 1
        events = session.timeline(self._read)
        self._read += len(events)
        for event in events:
            handler = self._handlers.get(type(event))
            if handler is not None:
                handler(event)
        end = session.source.end
        if self._recorded is None:
            earlier = self._sampler.history if self._sampler is not None else None
            self._recorded = RecordedHistory(
                session.source.index.figures, self._time, self._states_of, session.source.begin, end, NAMES, earlier
            )
        self._recorded.reload(end, session.source.index.covered)
        self.lanes_changed.emit()

    def _states_of(self, name: str) -> list[Span]:
        """What a socket, or the one that carries a medium, went through in the whole recording."""
        lane = next((lane for lane in self.lanes if lane.name in (name, ALL)), None)
        source = self._replay.source
        return lane.states.spans(source.begin, source.end) if lane is not None else []

    def _happened(self, event: Any) -> None:
        if self._replay is None:  # of a recording it is known already
            self.happened += 1
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
        """The window's one cursor as a monotonic time, None at "now"; in a recording the playhead."""
        at: float | None = self._controller.moment.at
        return at

    @property
    def here(self) -> float:
        """The moment whose figures are told: now, or that of a recording's playhead."""
        return float(self._controller.clock.now()) if self._replay is not None else self.now

    @property
    def now(self) -> float:
        """The newest moment of which something is known: this one, the end of the session or of the recording."""
        if self._replay is not None:
            return float(self._replay.source.end)
        return float(self._controller.clock.now() if self._ended_at is None else self._ended_at)

    @property
    def first(self) -> float:
        """The oldest moment of which something is known."""
        if self._replay is not None and self._sampler is None:
            return float(self._replay.source.begin)
        if self._replay is not None:
            return min(float(self._replay.source.begin), max(self.opened_at, self.now - KEPT_S))
        return max(self.opened_at, self.now - KEPT_S)

    @property
    def edge(self) -> float:
        """The right edge of the window: where it was put, else now, or half a window behind a recording's playhead."""
        return self.view.edge(self._following_edge())

    @property
    def ends_now(self) -> bool:
        """Whether the right edge of the window is the present."""
        stepped_back = self._replay is not None and self._sampler is not None
        return self.view.follows and (self._replay is None or (stepped_back and self.edge >= self.now))

    def _following_edge(self) -> float:
        stepped_back = self._replay is not None and self._sampler is not None
        if self._replay is None or (stepped_back and self.here >= self.now - self.window_s):
            return self.now
        edge = min(self.here + self.window_s / 2, self.now)
        return max(edge, self.first + self.window_s)

    @property
    def age_s(self) -> float:
        """How long the session has been open here; of a recording, its whole length."""
        if self._replay is not None:
            return float(self._replay.source.end - self._replay.opened_at)
        return self.now - self._session.opened_at if self._session is not None else 0.0

    @property
    def window_s(self) -> float:
        """How much time is shown."""
        return self.view.window_s

    @property
    def window_min(self) -> float:
        return self.view.window_s / 60

    def session_time(self, at: float) -> float:
        return self._time.of_at(at) if self._time is not None else 0.0

    @property
    def opened_at(self) -> float:
        """When the session was opened here, monotonic seconds."""
        return float(self._session.opened_at) if self._session is not None else 0.0

    def link_view(self, lane: Lane) -> Any:
        """The core's figures of a lane's socket; None before it was ever opened."""
        return self._session.core.links.get(lane.name)

    def set_window(self, minutes: float) -> None:
        if minutes != self.window_min:
            self.view.zoom(minutes / self.window_min, self.edge, *self._bounds())
            self.window_changed.emit()

    def zoom(self, notches: float, at: float | None = None) -> None:
        """Closer by so many notches, farther when negative; ``at`` (else the cursor, else the edge) stays in place."""
        still = at if at is not None else self.cursor if self.cursor is not None else self.edge
        self.view.zoom(STEP**-notches, still, *self._bounds())
        self.window_changed.emit()

    def pan(self, seconds: float) -> None:
        """Look so much later, or earlier when negative; while a session runs its edge is followed again at now."""
        if self.active:
            self.view.pan(seconds, *self._bounds())
            self.window_changed.emit()

    def follow(self) -> None:
        """Keep the newest moment, or a recording's playhead, in sight."""
        self.view.follow()
        self.window_changed.emit()

    def reveal(self, at: float) -> None:
        """Move the window so that a moment lies in it."""
        if not self.edge - self.window_s <= at <= self.edge:
            self.pan(at + self.window_s / 2 - self.edge)

    def _bounds(self) -> tuple[float, float, float]:
        return self._following_edge(), self.first, self.now

    def set_cursor(self, at: float | None) -> None:
        """Move the window's one cursor; at or behind "now" it lets go. In a recording it is the playhead."""
        self._controller.moment.set(at)

    def inspect(self, at: float, link: str) -> None:
        """Ask for the Inspector at the message nearest to this moment."""
        self._controller.moment.inspect(at, link)

    def _asked_to_show(self, event: PaneAsked) -> None:
        if self.active and event.pane == "monitor" and self._replay is None:
            self.reveal(event.at)

    def _cursor_moved(self, event: MomentChanged) -> None:
        if event.at is not None and self._replay is None:
            self.reveal(event.at)
        self.cursor_changed.emit()

    def step_gap(self, forward: bool) -> None:
        """Put the playhead on the next or previous loss."""
        here = self.now if self.cursor is None else self.cursor
        starts = sorted(block.start for block in self.gaps.blocks if block.lost)
        ahead = [start for start in starts if (start > here + STEP_S if forward else start < here - STEP_S)]
        if ahead:
            self.set_cursor(ahead[0] if forward else ahead[-1])

    # -- which graphs --------------------------------------------------------------------------------------------

    @property
    def graphs(self) -> list[Graph]:
        """Those that a person chose, in the order of the menu."""
        return chosen(self._controller.settings.values.graphs)

    def show_graph(self, graph: Graph, shown: bool) -> None:
        """Choose a graph or leave it out; the last one stays."""
        keys = [known.key for known in self.graphs if known.key != graph.key] + ([graph.key] if shown else [])
        if keys:
            self._controller.settings.change(graphs=keys)
            self.graphs_changed.emit()

    # -- what views draw -----------------------------------------------------------------------------------------

    def bars(self, lane: Lane, last_step: int, size: int, count: int) -> Floats:
        """Amounts in ``count`` bars of ``size`` steps each, the last ending before step ``last_step``."""
        values = self.history.window(lane.name, last_step - size * count, size * count)
        return values.reshape(count, size).sum(axis=1, dtype=np.float32)

    def spans(self, lane: Lane, start: float, end: float) -> list[Span]:
        """The states of a lane in this time; behind the end of a recording there are none."""
        if self._replay is not None:
            end = max(start, min(end, self.now))
        return lane.states.spans(start, end)

    def state(self, lane: Lane) -> LinkState:
        """The state of a lane's socket at the moment whose figures are told."""
        return lane.states.at(self.here).state if self._replay is not None else lane.states.state

    def figures(self, lane: Lane) -> LaneFigures:
        """State, rate and age of the keep-alive of a lane, as text."""
        return lane_figures(self, lane)

    @property
    def replay(self) -> Any:
        """The recording, or None."""
        return self._replay

    def gap_sum(self) -> str:
        """``1 in 14 min · 4.1 s``"""
        count = self.gaps.count_lost()
        since = span(self.age_s)
        return f"{count} in {since} · {span(self.gaps.seconds_lost(self.now))}" if count else f"none in {since}"

    def graph(self, graph: Graph, columns: int) -> GraphData:
        """The curves of a graph over the window shown, at most two points per pixel column."""
        return graph.data(self.history, step_of(self.edge), round(self.window_s / STEP_S), columns)

    def graph_columns(self, graph: Graph, bin_s: float | None = None) -> tuple[list[float], list[Floats]]:
        """The window shown as numbers: when each bin ended (monotonic) and one column of values per series."""
        steps, columns = graph.columns(self.history, step_of(self.edge), round(self.window_s / STEP_S), bin_s)
        return [step * STEP_S for step in steps], columns

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
        stream = self._controller.stream
        if stream is not None:
            self._sampler.take(self._controller.machine.now(), stream.core, flowing, self._controller.live_pipeline)

    def _flows(self, medium: str) -> bool:
        """Whether the socket that carries a medium is open and allowed."""
        return any(lane.name in (medium, ALL) and lane.states.state in UP for lane in self.lanes)

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
        if event.new in UP:
            lane.due = lane.window_ends = None
        lane.states.change(event.at, event.new, cause_of(event), lane.attempt)

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
