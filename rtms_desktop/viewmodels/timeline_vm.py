"""All that happened in one list by time: speech, chat, people, share, sockets and marks, filtered. Main thread."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import MarksChanged, ReplayIndexed, ReplaySettled, SessionOpened, ViewShifted
from rtms_desktop.recording.marks import Mark
from rtms_desktop.session.events import ChatReceived, Event, ParticipantChanged, SharingChanged, TranscriptReceived
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.figures import lines, short_clock, time_code
from rtms_desktop.viewmodels.finder import Finder
from rtms_desktop.viewmodels.rows import DROP_SHARE, RowStore
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.viewmodels.timeline_rows import TOLD, Item, Kind, edited_note, item_of, mark_item, spoken_key
from rtms_desktop.wire.enums import Attribute, ChatOperation

CAP = 60_000
DRAIN_MS = 120
PLAYHEAD_S = 0.05
"""The playhead may stand so little before a row and be on it."""

LATEST_S = 120.0
"""A time of the server further away from the arrival than this is not believed: its clock is another one."""

_EDITS = (ChatOperation.UPDATE, ChatOperation.DELETE)


class TimelineViewModel(QObject):
    """Rows by time; ``store`` holds those of the kinds that are shown.

    Overflow: beyond ``CAP`` rows of all kinds the oldest are let go, counted in ``dropped``. Of a recording all rows
    are there from the beginning, and ``lit`` is the one at the playhead.
    """

    session_changed = Signal()
    counts_changed = Signal()
    """how many rows of each kind there are, or which kinds are shown"""
    lit_changed = Signal(object)
    """serial of the row at the playhead, or None"""

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.store: RowStore[Item] = RowStore(2 * CAP, self)
        self.finder = Finder(self.store, lambda item: f"{item.who}\n{item.text}", self)
        self.shown: frozenset[Kind] = frozenset()
        self.counts: Counter[Kind] = Counter()
        self.dropped = 0
        self.lit: int | None = None
        self._items: list[Item] = []
        self._found: dict[tuple[Kind, str], Item] = {}
        self._names: dict[int, str] = {}
        self._marks: dict[str, Mark] = {}
        self._order = 0
        self._time: SessionTime | None = None
        self._session: Any = None
        self._read = 0  # events of the recording's timeline that were taken
        self._batch = Batcher(self._drain, DRAIN_MS, self)
        handlers: dict[type, Any] = dict.fromkeys(TOLD, self._heard)
        handlers |= {
            SessionOpened: lambda event: self._open(event.session),
            ViewShifted: lambda event: self._open(event.session),
            ReplaySettled: lambda event: self._batch.flush(),
            ReplayIndexed: lambda event: self._read_ahead(),
            MarksChanged: lambda event: self._mark(event.marks),
        }
        self.close = listen(self, controller.hub, handlers)
        if controller.session is not None:
            self._open(controller.session)

    # -- what views read -----------------------------------------------------------------------------------------

    @property
    def replays(self) -> bool:
        """Whether the rows are those of a recording."""
        return self._session is not None and self._session.is_replay

    def shows(self, kind: Kind) -> bool:
        return not self.shown or kind in self.shown

    def clock(self, item: Item) -> str:
        """When it was, on the session's timeline."""
        return short_clock(self._time.of_at(item.at)) if self._time is not None else ""

    def who(self, item: Item) -> str:
        return item.who or (f"User {item.user_id}" if item.user_id else "")

    def opens_turn(self, serial: int) -> bool:
        """Whether a row needs its head: every one but speech that goes on."""
        speaker = self.store.row(serial).speaker
        return speaker is None or serial <= self.store.first or self.store.row(serial - 1).speaker != speaker

    def plain(self, serial: int) -> str:
        """The row for the clipboard: ``13:58 Maya Okafor: And the risk of that?``"""
        item = self.store.row(serial)
        if item.kind is Kind.MARKS:
            said = f"Mark: {item.text}" if item.text else "Mark"
        else:
            mark = ": " if item.kind in (Kind.SPEECH, Kind.CHAT, Kind.SOCKETS) and item.text else " "
            said = mark.join(part for part in (self.who(item), item.text) if part)
        return f"{self.clock(item)} {said}{f' [{item.note}]' if item.note else ''}".strip()

    def tip(self, serial: int) -> str:
        """Everything else that is known of a row."""
        item = self.store.row(serial)
        at = time_code(self._time.of_at(item.at)) if self._time is not None else ""
        what = {Kind.SPEECH: "said", Kind.CHAT: "written", Kind.MARKS: "marked"}.get(item.kind, "")
        user = f"user {item.user_id}" if item.user_id else ""
        first = ", ".join(part for part in (f"{what} at {at}".strip(), user, item.note) if part)
        return "\n".join(part for part in (first, item.more) if part)

    def mark_id(self, serial: int) -> str:
        """The mark that a row is, or ""."""
        item = self.store.row(serial)
        return item.key if item.kind is Kind.MARKS else ""

    # -- what a person does --------------------------------------------------------------------------------------

    def show(self, kinds: frozenset[Kind]) -> None:
        """Show only these kinds; none: all of them."""
        if kinds != self.shown:
            self.shown = kinds
            self._batch.flush()
            self._list_anew()

    def toggle(self, kind: Kind) -> None:
        self.show(self.shown ^ {kind})

    def pick(self, serial: int) -> None:
        """Put the window's cursor where a row stands; in a recording the playhead goes there."""
        if self.store.holds(serial):
            self._controller.moment.set(self.store.row(serial).at)

    def serial_at(self, at: float) -> int:
        """The first row from a moment on, else the last one."""
        span = range(self.store.first, self.store.end)
        place = bisect_left(span, at, key=lambda serial: self.store.row(serial).at)
        return min(self.store.first + place, self.store.end - 1)

    # -- the playhead --------------------------------------------------------------------------------------------

    def follow_playhead(self) -> None:
        """At the data tick: light the row that happens, or happened last."""
        lit = self._row_at_playhead() if self.replays else None
        if lit != self.lit:
            self.lit = lit
            self.lit_changed.emit(lit)

    def _row_at_playhead(self) -> int | None:
        span = range(self.store.first, self.store.end)
        here = self._controller.clock.now() + PLAYHEAD_S
        place = bisect_right(span, here, key=lambda serial: self.store.row(serial).at) - 1
        return span[place] if place >= 0 else None

    # -- what arrives --------------------------------------------------------------------------------------------

    def _open(self, session: Any) -> None:
        self._batch.flush()
        self._session, self._time = session, SessionTime(session)
        for part in (self._items, self._found, self._names, self._marks, self.counts):
            part.clear()
        self.dropped = self._order = self._read = 0
        self.lit = None
        self.store.clear()
        self._read_ahead()
        self._mark(self._controller.marks.marks)
        self._commit()
        self.session_changed.emit()

    def _heard(self, event: Event) -> None:
        if not self.replays:
            self._batch.add(event)

    def _read_ahead(self) -> None:
        """Take what is new on the recording's timeline."""
        if self.replays:
            events = self._session.timeline(self._read)
            self._drain([event for event in events if isinstance(event, TOLD)])
            self._read += len(events)

    def _drain(self, events: list[Any]) -> None:
        for event in events:
            self._take(event)
        self._commit()

    def _take(self, event: Any) -> None:
        match event:
            case TranscriptReceived(message=said) if said.attribute in (Attribute.UPDATE, Attribute.DELETE):
                if self._change_speech(event):
                    return
            case ChatReceived(message=chat) if chat.operation in _EDITS and self._change_chat(event):
                return
            case ParticipantChanged(participant=person) if person.user_name:
                self._names[person.user_id] = person.user_name
            case _:
                pass
        if self._session is None:
            return
        item = item_of(event, self._at(event), self._session.config.product)
        if item is not None:
            item.who = item.who or self._names.get(item.user_id, "")
            self._add(item)

    def _at(self, event: Any) -> float:
        """When it was, on the axis: by the server's stamp where there is one that can be."""
        match event:
            case TranscriptReceived(message=said):
                stamp = said.start_time or said.timestamp
            case ChatReceived(message=chat):
                stamp = chat.timestamp
            case SharingChanged(timestamp_ms=stamp):
                pass
            case _:
                stamp = 0
        if not stamp or self._time is None:
            return float(event.at)
        at = self._time.at_of_server_ms(stamp)
        return at if -LATEST_S <= at - event.at <= LATEST_S else float(event.at)

    def _change_speech(self, event: TranscriptReceived) -> bool:
        """The server said it otherwise, or took it back; True: there is nothing to add."""
        item = self._found.get((Kind.SPEECH, spoken_key(event)))
        delete = event.message.attribute == Attribute.DELETE
        if item is not None:
            item.text = item.text if delete else lines(event.message.text)
            item.deleted, item.note = delete, "deleted" if delete else "changed"
            self._touch(item)
        return delete or item is not None

    def _change_chat(self, event: ChatReceived) -> bool:
        item = self._found.get((Kind.CHAT, event.message.message_id))
        if item is None:
            return False
        delete = event.message.operation == ChatOperation.DELETE
        item.text = item.text if delete else lines(event.message.text)
        item.deleted, item.note = delete, edited_note(delete, item.note)
        self._touch(item)
        return True

    def _mark(self, marks: Any) -> None:
        """Rows for the marks as they stand now."""
        known, self._marks = self._marks, {mark.id: mark for mark in marks}
        gone = known.keys() - self._marks.keys()
        for mark in marks:
            before = known.get(mark.id)
            if before is None:
                self._add(mark_item(mark))
            elif before != mark and (item := self._found.get((Kind.MARKS, mark.id))) is not None:
                item.text = mark_item(mark).text
                self._touch(item)
        if gone:
            self._items = [item for item in self._items if item.kind is not Kind.MARKS or item.key not in gone]
            for key in gone:
                self._found.pop((Kind.MARKS, key), None)
            self.counts[Kind.MARKS] = sum(item.kind is Kind.MARKS for item in self._items)
            self._list_anew()
        else:
            self._commit()

    # -- the list ------------------------------------------------------------------------------------------------

    def _add(self, item: Item) -> None:
        self._order += 1
        item.order = self._order
        insort(self._items, item, key=lambda one: one.place)
        self.counts[item.kind] += 1
        if item.key:
            self._found[item.kind, item.key] = item
        if self.shows(item.kind):
            self.store.insert(self._serial_after(item), item)
        if len(self._items) > CAP:
            self._let_go(CAP // DROP_SHARE)

    def _serial_after(self, item: Item) -> int:
        span = range(self.store.first, self.store.end)
        return self.store.first + bisect_right(span, item.place, key=lambda serial: self.store.row(serial).place)

    def _touch(self, item: Item) -> None:
        serial = self._serial_after(item) - 1
        if self.store.holds(serial) and self.store.row(serial) is item:
            self.store.touch(serial)

    def _let_go(self, count: int) -> None:
        gone, self._items = self._items[:count], self._items[count:]
        self.dropped += count
        self.counts.subtract(item.kind for item in gone)
        self.store.drop(sum(self.shows(item.kind) for item in gone))
        for item in gone:
            if self._found.get((item.kind, item.key)) is item:
                del self._found[item.kind, item.key]

    def _list_anew(self) -> None:
        self.store.clear()
        self.lit = None
        for item in self._items:
            if self.shows(item.kind):
                self.store.append(item)
        self._commit()

    def _commit(self) -> None:
        self.store.commit()
        self.counts_changed.emit()
