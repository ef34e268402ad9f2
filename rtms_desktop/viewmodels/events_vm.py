"""The Events table: what happened, newest at the end, bounded. Main thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from operator import attrgetter
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
from rtms_desktop.viewmodels.news import News
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


@dataclass(frozen=True, slots=True)
class Heard:
    """``news`` None: as its time says."""

    at: float
    event: Any
    news: bool | None = None


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
    """``count_changed``: how many warnings and errors (``errors``) came since ``mark_seen``.

    The application's own events are kept beside the stream's: on the return from another moment of it only those of the
    stream are told again.
    """

    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.model = EventsModel(self)
        self.troubles = 0
        self.errors = 0
        self.seeing = False
        self._product = Product.MEETING
        self._news = News()
        self._own: deque[Heard] = deque(maxlen=CAP)
        self._past: list[Heard] | None = None  # while it is told what was
        self._time: SessionTime | None = None
        self._live = True
        if controller.session is not None:
            self._take_session(controller.session)
        self._batch = Batcher(self._drain, DRAIN_MS, self)
        handlers: dict[type, Any] = dict.fromkeys(DESCRIBED, self._heard)
        handlers |= {
            SessionOpened: self._opened,
            ViewShifted: self._opened,
            ReplayJumped: self._jumped,
            ReplaySettled: self._settled,
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
        self._product, self._live = session.config.product, not session.is_replay
        self._time = SessionTime(session)

    def _opened(self, event: SessionOpened | ViewShifted) -> None:
        self._batch.flush()
        self._take_session(event.session)
        self._news.opened(event)
        self._past = None
        self.model.clear()
        if isinstance(event, SessionOpened):
            self._own.clear()
            self.troubles = self.errors = 0
        self.count_changed.emit(self.troubles)

    def _jumped(self, event: ReplayJumped) -> None:
        self._batch.flush()
        self.model.clear()
        self._past = []

    def _settled(self, event: ReplaySettled) -> None:
        self._batch.flush()
        past, self._past = self._past, None
        if past is not None:
            own = [Heard(each.at, each.event, False) for each in self._own] if self._live else []
            self._show(sorted([*past, *own], key=attrgetter("at")))

    def _heard(self, event: Any) -> None:
        at = getattr(event, "at", None)
        if at is not None:
            self._batch.add(Heard(at, event))
        else:  # the application's own events carry no time, and happen now whatever is shown
            self._own.append(Heard(self._controller.machine.now(), event))
            self._batch.add(Heard(self._controller.clock.now(), event, True))

    def _drain(self, heard: list[Heard]) -> None:
        if self._past is None:
            self._show(heard)
        else:
            self._past += heard

    def _show(self, heard: list[Heard]) -> None:
        rows: list[EventRow] = []
        for each in heard:
            text = describe(each.event, self._product)
            if text is None:
                continue
            news = self._news.take(each.at) if each.news is None else each.news
            if news and not self.seeing and text.severity is not Severity.NOTE:
                self.troubles += 1
                self.errors += text.severity is Severity.ERROR
            if rows and rows[-1].text == text:
                rows[-1] = replace(rows[-1], times=rows[-1].times + 1)
            else:
                clock = short_clock(self._time.of_at(each.at)) if self._time is not None else ""
                rows.append(EventRow(clock, text, each.at))
        if rows:
            self.model.append(rows)
            self.count_changed.emit(self.troubles)
