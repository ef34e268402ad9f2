"""Marks for the window: setting one, its note, and what the time bar shows of them. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import (
    MarksChanged,
    ReplayIndexed,
    SessionClosed,
    SessionOpened,
    ShiftChanged,
    ViewShifted,
)
from rtms_desktop.recording.marks import MAX_TEXT, Mark
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import long_clock
from rtms_desktop.viewmodels.session_time import SessionTime

NOTE_LIMIT = MAX_TEXT


class MarksViewModel(QObject):
    """``changed``: other marks, other notes, or marking became possible or is not any more."""

    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._desk = controller, controller.marks
        kinds = (MarksChanged, SessionOpened, SessionClosed, ReplayIndexed, ViewShifted, ShiftChanged)
        listen(self, controller.hub, dict.fromkeys(kinds, lambda event: self.changed.emit()))

    @property
    def marks(self) -> list[Mark]:
        found: list[Mark] = self._desk.marks
        return found

    @property
    def problem(self) -> str:
        """Why no mark can be set now, in a sentence; "" when one can."""
        found: str = self._desk.problem
        return found

    def find(self, mark_id: str) -> Mark | None:
        return next((mark for mark in self.marks if mark.id == mark_id), None)

    def clock(self, mark: Mark) -> str:
        """``00:14:07``, on the session's timeline."""
        session = self._controller.session
        return long_clock(SessionTime(session).of_at(mark.at)) if session is not None else ""

    # -- what a person does --------------------------------------------------------------------------------------

    def mark_now(self) -> Mark | None:
        """Mark what is shown at this moment."""
        mark: Mark | None = self._desk.mark_now()
        return mark

    def add(self, at: float) -> Mark | None:
        """Mark a moment of the session's axis."""
        mark: Mark | None = self._desk.add(at)
        return mark

    def note(self, mark_id: str, text: str) -> None:
        self._desk.note(mark_id, text)

    def remove(self, mark_id: str) -> None:
        self._desk.remove(mark_id)
