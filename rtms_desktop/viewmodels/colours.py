"""Which of the eight speaker colours a person has: by order of first appearance, the same in every pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ReplayIndexed, SessionOpened, ViewShifted
from rtms_desktop.session.events import (
    ActiveSpeakerChanged,
    MediaReceived,
    ParticipantChanged,
    SharingChanged,
    TranscriptReceived,
)
from rtms_desktop.viewmodels.batch import listen

MIXED = 0
"""The user id of mixed audio; it is nobody's and takes no colour."""


class SpeakerColours(QObject):
    """`index(user_id)` counts from 0; views map it to a colour (after eight they repeat)."""

    appeared = Signal(object)
    """user id of someone new"""

    def __init__(self, controller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._order: dict[int, int] = {}
        self._sightings: dict[type, Callable[[Any], object]] = {
            ParticipantChanged: lambda event: self.index(event.participant.user_id),
            ActiveSpeakerChanged: lambda event: self.index(event.user_id),
            SharingChanged: lambda event: event.user_id is not None and self.index(event.user_id),
            TranscriptReceived: lambda event: self.index(event.message.user_id),
            MediaReceived: lambda event: self.index(event.user_id),
        }
        self._read = 0  # events of the recording's timeline that were taken
        handlers = self._sightings | {
            SessionOpened: self._opened,
            ViewShifted: lambda event: self._begin(),
            ReplayIndexed: lambda event: self._read_ahead(),
        }
        listen(self, controller.hub, handlers)

    def _opened(self, event: SessionOpened) -> None:
        self._order.clear()
        self._begin()

    def _begin(self) -> None:
        """The same people at another moment keep their colours."""
        self._read = 0
        self._read_ahead()

    def _read_ahead(self) -> None:
        """In a recording people have their colours wherever the playhead goes first."""
        session = self._controller.session
        events = session.timeline(self._read) if session is not None and session.is_replay else []
        self._read += len(events)
        for event in events:
            sighting = self._sightings.get(type(event))
            if sighting is not None:
                sighting(event)

    def index(self, user_id: int) -> int:
        """The person's number; a new person gets the next one."""
        known = self._order.get(user_id)
        if known is not None:
            return known
        if user_id == MIXED:
            return 0
        number = self._order[user_id] = len(self._order)
        self.appeared.emit(user_id)
        return number

    @property
    def order(self) -> list[int]:
        """Everybody, in order of first appearance."""
        return list(self._order)
