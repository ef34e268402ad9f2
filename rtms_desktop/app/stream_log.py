"""All that the stream which runs has told, for panes that come back to it. Loop's thread."""

from __future__ import annotations

from collections.abc import Sequence

from rtms_desktop.recording.timeline import TimelineFilter
from rtms_desktop.session import events as ev
from rtms_desktop.session.events import Event

LIMIT = 400_000
"""Overflow: the oldest half goes; at a line a second that is two days."""


OF_SOCKETS = (
    ev.PhaseChanged, ev.LinkStateChanged, ev.HandshakeAnswered, ev.ReadySent, ev.ReconnectScheduled, ev.Reconnected,
    ev.SessionZero, ev.GapOpened, ev.GapClosed, ev.SessionEnded,
)  # fmt: skip
"""What says nothing of who met and what was said."""


class StreamLog:
    """Keeps what the index of a recording keeps, so that a return to the live edge tells what a replay jump tells."""

    def __init__(self) -> None:
        self._filter = TimelineFilter()
        self._events: list[Event] = []
        self.forgotten = 0

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            kept = self._filter.kept(event)
            if kept is not None:
                self._events.append(kept)
        if len(self._events) > LIMIT:
            self.forgotten += LIMIT // 2
            del self._events[: LIMIT // 2]

    def forget_meeting(self) -> None:
        """Keep how the sockets fared, and nothing else."""
        self._events = [event for event in self._events if isinstance(event, OF_SOCKETS)]

    @property
    def events(self) -> list[Event]:
        """In order, each with its own time."""
        return list(self._events)
