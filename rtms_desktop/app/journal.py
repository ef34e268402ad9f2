"""What happened, without what was said and by whom: the events that may leave this computer in a diagnostics archive.

Only what is listed here is kept, field by field: states, codes, counts and times. Main thread; one for the whole run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.events import (
    AlertChanged,
    AudioDeviceChanged,
    MockChanged,
    RecordingChanged,
    SessionOpened,
)
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.clock import Clock
from rtms_desktop.recording.names import safe_id
from rtms_desktop.session.events import (
    Anomaly,
    DialectDetected,
    GapClosed,
    HandshakeAnswered,
    LinkStateChanged,
    ParticipantChanged,
    PhaseChanged,
    ReadySent,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
    SessionStateChanged,
    StreamStateChanged,
)
from rtms_desktop.wire.status import explain_status, explain_stop

if TYPE_CHECKING:
    from rtms_desktop.app.session import ActiveSession

KEPT = 5_000
PRIVATE = 20_000  # names and ids of a run; overflow: the oldest is forgotten

Row = dict[str, Any]


def _link(event: LinkStateChanged) -> Row:
    return {"link": event.link, "old": event.old, "new": event.new, "cause": event.cause, "code": event.code}


def _handshake(event: HandshakeAnswered) -> Row:
    status = explain_status(event.status_code, event.reason).label
    return {"link": event.link, "ok": event.ok, "status": status}


def _scheduled(event: ReconnectScheduled) -> Row:
    wait, left = round(event.due - event.at, 3), round(event.window_ends - event.at, 3)
    return {"link": event.link, "attempt": event.attempt, "wait_s": wait, "left_s": left, "scenario": event.scenario}


def _gap(event: GapClosed) -> Row:
    gap = event.gap
    return {"medium": gap.medium, "reason": gap.reason, "ms": None if gap.end_ms is None else gap.end_ms - gap.start_ms}


def _ended(event: SessionEnded) -> Row:
    reason = None if event.stop_reason is None else explain_stop(event.stop_reason).label
    status = None if event.status_code is None else explain_status(event.status_code, event.reason).label
    return {"cause": event.cause, "stop_reason": reason, "status": status}


def _alert(event: AlertChanged) -> Row:
    alert = event.alert
    return {"kind": alert.kind, "state": alert.state, "severity": alert.severity}


_ROWS: dict[type, Callable[[Any], Row]] = {
    PhaseChanged: lambda event: {"old": event.old, "new": event.new},
    LinkStateChanged: _link,
    HandshakeAnswered: _handshake,
    ReadySent: lambda event: {},
    ReconnectScheduled: _scheduled,
    Reconnected: lambda event: {"link": event.link, "down_s": round(event.down_s, 3), "own": event.own},
    SessionStateChanged: lambda event: {"state": event.state, "stop_reason": event.stop_reason},
    StreamStateChanged: lambda event: {"state": event.state, "reason": event.reason},
    ParticipantChanged: lambda event: {"joined": event.joined, "left": event.left},
    GapClosed: _gap,
    Anomaly: lambda event: {"link": event.link, "severity": event.severity, "kind": event.kind},
    DialectDetected: lambda event: {"link": event.link, "dialect": event.dialect},
    SessionEnded: _ended,
    RecordingChanged: lambda event: {"state": event.state, "failed": bool(event.problem)},
    AudioDeviceChanged: lambda event: {"plays": not event.problem},
    MockChanged: lambda event: {"state": event.state, "failed": bool(event.problem)},
    AlertChanged: _alert,
}


class Journal:
    """Attributes:
    session: the live session of now, or the last one.
    rows: events with ``at`` in seconds since the program began to listen, oldest first.
    """

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.session: ActiveSession | None = None
        self.rows: deque[Row] = deque(maxlen=KEPT)
        self._clock, self._began = clock, clock.now()
        self._private: dict[str, None] = {}
        hub.subscribe_stream(self._note)

    @property
    def private(self) -> frozenset[str]:
        """Names, ids and signatures of all streams of this run: what nothing may contain that leaves it."""
        return frozenset(self._private)

    def _note(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            make = _ROWS.get(type(event))
            if make is not None:
                self._add(event, make(event))
            elif isinstance(event, SessionOpened) and not event.session.is_replay:
                self._open(event.session)

    def _open(self, session: ActiveSession) -> None:
        self.session = session
        config = session.config
        ids = (config.meeting_id, config.stream_id, config.signature)
        self._hide(*ids, *(safe_id(one) for one in ids), session.title)
        row = {"at": round(session.opened_at - self._began, 3), "event": "SessionOpened"}
        self.rows.append(row | {"product": config.product, "media": sorted(config.media)})

    def _add(self, event: AnyEvent, row: Row) -> None:
        if isinstance(event, AlertChanged) and event.alert.state == "changed":
            return
        if isinstance(event, ParticipantChanged):
            self._hide(event.participant.user_name)
        at = getattr(event, "at", None)
        seconds = (self._clock.now() if at is None else at) - self._began
        self.rows.append({"at": round(seconds, 3), "event": type(event).__name__} | row)

    def _hide(self, *words: str) -> None:
        for word in words:
            if word:
                self._private[word] = None
        while len(self._private) > PRIVATE:
            del self._private[next(iter(self._private))]
