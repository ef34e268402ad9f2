"""Which of the eight speaker colours a person has: by order of first appearance, the same in every pane."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import SessionOpened
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
        self._order: dict[int, int] = {}
        listen(
            self,
            controller.hub,
            {
                SessionOpened: lambda event: self._order.clear(),
                ParticipantChanged: lambda event: self.index(event.participant.user_id),
                ActiveSpeakerChanged: lambda event: self.index(event.user_id),
                SharingChanged: lambda event: event.user_id is not None and self.index(event.user_id),
                TranscriptReceived: lambda event: self.index(event.message.user_id),
                MediaReceived: lambda event: self.index(event.user_id),
            },
        )

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
