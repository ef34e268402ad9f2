"""What was said: the transcript as a bounded list of lines with its updates and deletions. Main thread."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ReplayIndexed, ReplaySettled, SessionOpened, ViewShifted
from rtms_desktop.session.events import ParticipantChanged, TranscriptReceived
from rtms_desktop.viewmodels.asking import Asking
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.figures import lines, short_clock
from rtms_desktop.viewmodels.finder import Finder
from rtms_desktop.viewmodels.languages import language_label
from rtms_desktop.viewmodels.rows import RowStore
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import Attribute, Medium

CAP = 200_000
DRAIN_MS = 120
PLAYHEAD_S = 0.05
"""The playhead may stand so little before a line and be on it."""

LATE_MS = 3000.0
"""A line that arrives so long after its words ended is marked as late in its tooltip."""


class Line(msgspec.Struct, gc=False):
    """One line of the transcript.

    Attributes:
        start_ms, end_ms: server time of the words; 0 = not said.
        late_ms: arrival here minus the end of the words.
        first_text: what the line said before the server changed it, or "".
        deleted: the server took it back; the text stays readable, struck out.
    """

    user_id: int
    user_name: str
    start_ms: int
    end_ms: int
    text: str
    language: int | None = None
    late_ms: float = 0.0
    first_text: str = ""
    updates: int = 0
    deleted: bool = False


class TranscriptViewModel(QObject):
    """Lines in order of arrival; ``store.committed`` tells of changes, at most eight times a second.

    Of a recording all lines are there from the beginning, and ``lit`` is the one at the playhead.
    """

    session_changed = Signal()
    lit_changed = Signal(object)
    """serial of the line at the playhead, or None"""
    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.asking = Asking(controller, Medium.TRANSCRIPT)
        self.store: RowStore[Line] = RowStore(CAP, self)
        self.finder = Finder(self.store, lambda line: f"{line.user_name}\n{line.text}", self)
        self._places: dict[tuple[int, int], int] = {}
        self._starts: list[float] = []
        self._starts_stale = True
        self._time: SessionTime | None = None
        self._names: dict[int, str] = {}
        self.lit: int | None = None
        self._replay: Any = None
        self._read = 0  # events of the recording's timeline that were taken
        self.stray = 0  # updates and deletions of lines that are not here
        self._batch = Batcher(self._drain, DRAIN_MS, self)
        self.close = listen(
            self,
            controller.hub,
            {
                TranscriptReceived: self._heard,
                SessionOpened: self._opened,
                ViewShifted: self._opened,
                ReplaySettled: lambda event: self._batch.flush(),
                ParticipantChanged: self._named,
                ReplayIndexed: lambda event: self._read_ahead(),
            },
        )
        if controller.session is not None:
            self._take_session(controller.session)

    # -- what views read -----------------------------------------------------------------------------------------

    def clock(self, line: Line) -> str:
        """When the words began, on the session's timeline."""
        if self._time is None or not line.start_ms:
            return ""
        return short_clock(self._time.of_server_ms(line.start_ms))

    def opens_turn(self, serial: int) -> bool:
        """Whether the line has another speaker than the one before it."""
        if serial <= self.store.first:
            return True
        before, line = self.store.row(serial - 1), self.store.row(serial)
        return (before.user_id, before.user_name) != (line.user_id, line.user_name)

    def plain(self, serial: int) -> str:
        """The line for the clipboard: ``13:58 Maya Okafor: And the risk of that?``"""
        line = self.store.row(serial)
        mark = " [deleted]" if line.deleted else ""
        return f"{self.clock(line)} {line.user_name or line.user_id}: {line.text}{mark}".lstrip()

    def tip(self, serial: int) -> str:
        """Everything else that is known of a line."""
        line = self.store.row(serial)
        parts = [f"{line.user_name or 'unnamed'}, user {line.user_id}"]
        if line.start_ms and line.end_ms > line.start_ms:
            parts.append(f"said in {(line.end_ms - line.start_ms) / 1000:.1f} s")
        if line.language is not None:
            parts.append(f"language {language_label(line.language)}")
        late = ", late" if line.late_ms > LATE_MS else ""
        parts.append(f"arrived {line.late_ms / 1000:.1f} s after it was said{late}")
        if line.updates:
            parts.append(f"changed {line.updates} × by the server; first: {line.first_text}")
        if line.deleted:
            parts.append(f"taken back by the server ({Attribute.DELETE.value} {Attribute.DELETE.name})")
        return "\n".join(parts)

    # -- what arrives --------------------------------------------------------------------------------------------

    def _opened(self, event: SessionOpened | ViewShifted) -> None:
        self._batch.flush()
        self._names.clear()
        self._places.clear()
        self.stray = 0
        self.lit = None
        self.store.clear()
        self.store.commit()
        self._take_session(event.session)
        self.session_changed.emit()
        self.count_changed.emit(len(self.store))

    def _take_session(self, session: Any) -> None:
        self._time = SessionTime(session)
        self._replay = session if session.is_replay else None
        self._read = 0
        self._read_ahead()

    def _read_ahead(self) -> None:
        """Take what is new on the recording's timeline."""
        if self._replay is None:
            return
        events = self._replay.timeline(self._read)
        said = []
        for event in events:
            if isinstance(event, ParticipantChanged):
                self._named(event)
            elif isinstance(event, TranscriptReceived):
                said.append(event)
        self._read += len(events)
        if said:
            self._drain(said)

    def _heard(self, event: TranscriptReceived) -> None:
        if self._replay is None:
            self._batch.add(event)

    @property
    def replays(self) -> bool:
        """Whether the lines are those of a recording."""
        return self._replay is not None

    # -- the playhead --------------------------------------------------------------------------------------------

    def follow_playhead(self) -> None:
        """At the data tick: light the line that is being said at the window's cursor, or was said last."""
        at = self._controller.moment.at
        lit = self._line_at(at) if at is not None else None
        if lit != self.lit:
            self.lit = lit
            self.lit_changed.emit(lit)

    def _line_at(self, at: float) -> int | None:
        if self._time is None or not len(self.store):
            return None
        here = self._time.of_at(at)
        starts = [self._time.of_server_ms(line.start_ms) for line in self.store] if self._starts_stale else self._starts
        self._starts, self._starts_stale = starts, False
        place = bisect_right(starts, here + PLAYHEAD_S) - 1
        return self.store.first + place if place >= 0 else None

    def at_of(self, serial: int) -> float | None:
        """When a line begins, in monotonic seconds; None where nobody said."""
        if self._time is None or not self.store.holds(serial) or not self.store.row(serial).start_ms:
            return None
        return self._time.at_of_server_ms(self.store.row(serial).start_ms)

    def seek(self, serial: int) -> None:
        """Put the window's cursor, in a recording the playhead, where a line begins."""
        at = self.at_of(serial)
        if at is not None:
            self._controller.moment.set(at)

    def _named(self, event: ParticipantChanged) -> None:
        if event.participant.user_name:
            self._names[event.participant.user_id] = event.participant.user_name

    def _drain(self, events: list[TranscriptReceived]) -> None:
        for event in events:
            self._take(event)
        if len(self._places) > 2 * CAP:
            self._places = {key: serial for key, serial in self._places.items() if serial >= self.store.first}
        self._starts_stale = True
        self.store.commit()
        self.count_changed.emit(len(self.store))

    def _take(self, event: TranscriptReceived) -> None:
        message = event.message
        start = message.start_time or message.timestamp
        key = (message.user_id, start)
        known = self._places.get(key)
        if known is not None and not self.store.holds(known):
            known = None
        if message.attribute == Attribute.DELETE:
            self._delete(known)
        elif message.attribute == Attribute.UPDATE and known is not None:
            self._update(known, lines(message.text), message.end_time)
        else:
            said_ms = message.end_time or message.timestamp
            late = self._time.lag_ms(event.at, said_ms) if self._time is not None and said_ms else 0.0
            name = message.user_name or self._names.get(message.user_id, "")
            line = Line(message.user_id, name, start, message.end_time, lines(message.text), message.language, late)
            self._places[key] = self.store.append(line)

    def _update(self, serial: int, text: str, end_ms: int) -> None:
        line = self.store.row(serial)
        if not line.updates:
            line.first_text = line.text
        line.updates += 1
        line.text, line.end_ms, line.deleted = text, end_ms or line.end_ms, False
        self.store.touch(serial)

    def _delete(self, serial: int | None) -> None:
        if serial is None:
            self.stray += 1
            return
        self.store.row(serial).deleted = True
        self.store.touch(serial)
