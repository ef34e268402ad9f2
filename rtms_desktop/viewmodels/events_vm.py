"""The Events table: what happened, newest at the end, bounded. Main thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from rtms_desktop.app.events import ReplayJumped, ReplaySettled, SessionOpened, ViewShifted
from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.event_texts import DESCRIBED, EventText, describe
from rtms_desktop.viewmodels.figures import short_clock
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import Product

_DISPLAY, _ACCESSIBLE = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole
ROW_ROLE = Qt.ItemDataRole.UserRole
_HORIZONTAL = Qt.Orientation.Horizontal
HEADS = ("Time", "Socket", "Kind", "Code", "What happened")
CAP = 20_000
DROP = 1_000
DRAIN_MS = 200
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line: when (session time, and as monotonic time), the text, and how often it came at once."""

    clock: str
    text: EventText
    at: float
    times: int = 1

    def cells(self) -> tuple[str, ...]:
        text = self.text
        sentence = text.sentence if self.times == 1 else f"{text.sentence} (×{self.times:,})"
        return (self.clock, text.link, text.severity.value, text.code, sentence)


class EventsModel(QAbstractTableModel):
    """Grows at the end; overflow policy: drop oldest, counted in ``dropped``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[EventRow] = []
        self.dropped = 0

    def append(self, rows: list[EventRow]) -> None:
        over = len(self.rows) + len(rows) - CAP
        if over > 0:
            gone = min(len(self.rows), max(over, DROP))
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            del self.rows[:gone]
            self.dropped += gone
            self.endRemoveRows()
        rows = rows[-CAP:]
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
        self.rows += rows
        self.endInsertRows()

    def clear(self) -> None:
        self.beginResetModel()
        self.rows.clear()
        self.dropped = 0
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = self.rows[index.row()]
        if role == _DISPLAY:
            return row.cells()[index.column()]
        if role == ROW_ROLE:
            return row
        if role == _ACCESSIBLE:
            return f"{HEADS[index.column()]}: {row.cells()[index.column()]}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        return HEADS[section] if orientation is _HORIZONTAL and role == _DISPLAY else None


class EventsFilter(QSortFilterProxyModel):
    """Shows all rows, only the troubles, or only the notes on how the server speaks."""

    ALL, TROUBLES, EXPERT = "all", "troubles", "expert"

    def __init__(self, model: EventsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown = self.ALL
        self._model = model
        self.setSourceModel(model)

    def show_only(self, shown: str) -> None:
        self.shown = shown
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        text = self._model.rows[row].text
        if self.shown == self.EXPERT:
            return text.expert
        return self.shown == self.ALL or text.severity is not Severity.NOTE


class EventsViewModel(QObject):
    """``count_changed``: how many warnings and errors (``errors``) came since ``mark_seen``."""

    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.model = EventsModel(self)
        self.troubles = 0
        self.errors = 0
        self.seeing = False
        self._product, self._replays = Product.MEETING, False  # what happened then is no news
        self._catching_up = False
        self._time: SessionTime | None = None
        if controller.session is not None:
            self._take_session(controller.session)
        self._batch = Batcher(self._drain, DRAIN_MS, self)
        handlers: dict[type, Any] = dict.fromkeys(DESCRIBED, self._heard)
        handlers |= {
            SessionOpened: self._opened,
            ViewShifted: self._opened,
            ReplayJumped: self._jumped,
            ReplaySettled: self._heard,
        }
        self.close = listen(self, controller.hub, handlers)

    def plain(self, rows: list[int]) -> str:
        """Rows as text with tabs, for the clipboard."""
        return "\n".join("\t".join(self.model.rows[row].cells()) for row in rows)

    def seek(self, row: EventRow) -> None:
        """Put the window's cursor, in a recording the playhead, where something happened."""
        self._controller.moment.set(row.at)

    def inspect(self, row: EventRow) -> None:
        """Show the messages around a row in the Inspector."""
        self._controller.moment.inspect(row.at, row.text.link)

    def mark_seen(self, seeing: bool) -> None:
        self.seeing = seeing
        if seeing and self.troubles:
            self.troubles = self.errors = 0
            self.count_changed.emit(0)

    def _take_session(self, session: Any) -> None:
        self._product, self._replays = session.config.product, session.is_replay
        self._time = SessionTime(session)

    def _opened(self, event: SessionOpened | ViewShifted) -> None:
        self._batch.flush()
        self._take_session(event.session)
        self.model.clear()
        self.troubles = self.errors = 0
        self.count_changed.emit(0)

    def _jumped(self, event: ReplayJumped) -> None:
        self._batch.flush()
        self.model.clear()
        self._catching_up = True

    def _heard(self, event: Any) -> None:
        at = getattr(event, "at", None)  # the application's own events carry no time
        self._batch.add((self._controller.clock.now() if at is None else at, event))

    def _drain(self, heard: list[tuple[float, Any]]) -> None:
        """What a jump tells comes in a turn of its own; what follows ``ReplaySettled`` is news again."""
        settled = next((n for n, (_, event) in enumerate(heard) if isinstance(event, ReplaySettled)), None)
        if settled is not None:
            self._show(heard[:settled])
            self._catching_up = False
        self._show(heard if settled is None else heard[settled + 1 :])

    def _show(self, heard: list[tuple[float, Any]]) -> None:
        rows: list[EventRow] = []
        for at, event in heard:
            text = describe(event, self._product)
            if text is not None and rows and rows[-1].text == text:
                rows[-1] = replace(rows[-1], times=rows[-1].times + 1)
            elif text is not None:
                clock = short_clock(self._time.of_at(at)) if self._time is not None else ""
                rows.append(EventRow(clock, text, at))
        if not rows:
            return
        self.model.append(rows)
        if not self.seeing and not self._replays and not self._catching_up:
            self.troubles += sum(row.times for row in rows if row.text.severity is not Severity.NOTE)
            self.errors += sum(row.times for row in rows if row.text.severity is Severity.ERROR)
        self.count_changed.emit(self.troubles)
