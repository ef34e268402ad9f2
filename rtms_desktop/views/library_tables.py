"""The two tables of the recordings page, painted: recordings with their pictures, and lines that were found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPixmap, QPixmapCache
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.viewmodels.library_rows import (
    HIT_LINE,
    HIT_NAME,
    HIT_TIME,
    HIT_WHEN,
    LENGTH,
    NAME,
    NUMBERS,
    PEOPLE,
    SIZE,
    STATE,
    STATES,
    WHEN,
    HitsModel,
    LibraryModel,
    LibraryRow,
)
from rtms_desktop.viewmodels.library_vm import LibraryViewModel
from rtms_desktop.views.tables import dress
from rtms_desktop.views.theme import Height, Radius, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, NO_PEN, RIGHT, SMOOTH, elide

ROW = 56
PICTURE = QSize(80, 45)
PAD, GAP, SIDE = 12, 12, 6
WIDTHS = {WHEN: 136, LENGTH: 70, PEOPLE: 64, SIZE: 76, STATE: 120}
HIT_WIDTHS = {HIT_NAME: 200, HIT_WHEN: 136, HIT_TIME: 64}
# What goes where the table is narrower, first to last.
DROPPED = ((720, PEOPLE), (640, SIZE))
HIT_DROPPED = ((620, HIT_WHEN),)
KINDS = {"chat": "message-square", "person": "user", "title": "file-play", "mark": "bookmark"}
_SELECTED, _FOCUS = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_HasFocus
_FIXED, _STRETCH = QHeaderView.ResizeMode.Fixed, QHeaderView.ResizeMode.Stretch
_ROUGH = Qt.AspectRatioMode.KeepAspectRatioByExpanding
_SMOOTHLY = Qt.TransformationMode.SmoothTransformation
_ONLY_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_KEY = Qt.Key
_EDIT_KEY = QAbstractItemView.EditTrigger.EditKeyPressed
_FALLING = Qt.SortOrder.DescendingOrder


class RecordingDelegate(QStyledItemDelegate):
    """Picture, title and people in the first column; figures in the others."""

    def __init__(self, model: LibraryViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        rows: LibraryModel = index.model()
        row = rows.row(index.row())
        if row is None:
            return
        look, box, column = theme(), option.rect, index.column()
        chosen = bool(option.state & _SELECTED)
        painter.save()
        if chosen:
            painter.fillRect(box, look.color("select"))
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, look.color("line"))
        if column == NAME:
            self._paint_name(painter, box, row, chosen, bool(option.state & _FOCUS))
        elif column == STATE:
            _, icon, token, _ = STATES[row.state]
            painter.drawPixmap(box.left() + SIDE, box.center().y() - 7, look.pixmap(icon, token, 14))
            loud = token == "warn" and not chosen
            self._words(
                painter, box.adjusted(SIDE + 20, 0, -4, 0), row.state_word(), chosen, "warn" if loud else "text2"
            )
        else:
            text = rows.text(row, column)
            self._words(
                painter, box.adjusted(SIDE, 0, -SIDE, 0), text, chosen, "text2", RIGHT if column in NUMBERS else LEFT
            )
        painter.restore()

    def _words(self, painter: QPainter, box: QRect, text: str, chosen: bool, token: str, align=LEFT) -> None:
        painter.setFont(theme().font("dense"))
        painter.setPen(theme().color("select_text" if chosen else token))
        painter.drawText(box, align, painter.fontMetrics().elidedText(text, ELIDE, box.width()))

    def _paint_name(self, painter: QPainter, box: QRect, row: LibraryRow, chosen: bool, focused: bool) -> None:
        look = theme()
        place = QRect(box.left() + PAD, box.top() + (ROW - PICTURE.height()) // 2, PICTURE.width(), PICTURE.height())
        self._paint_picture(painter, place, row)
        words = self.words_rect(box)
        line = row.line() if row.is_there else row.folder.stem
        half = words.height() // 2 if line else words.height()
        painter.setFont(look.font("medium"))
        painter.setPen(look.color("select_text" if chosen else "text1" if row.is_there else "text3"))
        metrics = painter.fontMetrics()
        top = QRect(words.left(), words.top(), words.width(), half)
        painter.drawText(top, LEFT, elide(metrics, one_line(row.name, 200), words.width()))
        if line:
            painter.setFont(look.font("dense"))
            painter.setPen(look.color("select_text" if chosen else "text3"))
            below = QRect(words.left(), words.top() + half, words.width(), half)
            painter.drawText(below, LEFT, elide(painter.fontMetrics(), line, words.width()))
        if focused:
            painter.fillRect(box.left(), box.top(), 2, box.height(), look.color("accent"))

    def _paint_picture(self, painter: QPainter, place: QRect, row: LibraryRow) -> None:
        path = QPainterPath()
        path.addRoundedRect(QRectF(place), Radius.LABEL, Radius.LABEL)
        painter.setRenderHint(SMOOTH)
        painter.setPen(NO_PEN)
        pixmap = self._pixmap(row) if row.has_picture else None
        if pixmap is not None:
            painter.setClipPath(path)
            left, top = (pixmap.width() - place.width()) // 2, (pixmap.height() - place.height()) // 2
            painter.drawPixmap(place, pixmap, QRect(left, top, place.width(), place.height()))
            painter.setClipping(False)
            return
        painter.fillPath(path, theme().color("bg3"))
        icon = "file-play" if row.is_there else "ban"
        painter.drawPixmap(place.center().x() - 8, place.center().y() - 8, theme().pixmap(icon, "text3", 16))

    def _pixmap(self, row: LibraryRow) -> QPixmap | None:
        data = self._model.picture(row.folder)
        if not data:
            return None
        key, pixmap = f"recording.{row.folder}.{len(data)}", QPixmap()
        if not QPixmapCache.find(key, pixmap):
            pixmap.loadFromData(data)
            pixmap = pixmap.scaled(PICTURE, _ROUGH, _SMOOTHLY)
            QPixmapCache.insert(key, pixmap)
        return pixmap

    def words_rect(self, box: QRect) -> QRect:
        """Where title and people stand."""
        left = box.left() + PAD + PICTURE.width() + GAP
        return QRect(left, box.top() + 10, max(0, box.right() - left - 8), ROW - 20)

    # -- renaming in place -----------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Any) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Title")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Any) -> None:
        words = self.words_rect(option.rect)
        editor.setGeometry(QRect(words.left() - 9, words.center().y() - 14, words.width() + 9, 28))


class RecordingsTable(QTableView):
    """``open_wanted``, ``delete_wanted``, ``undo_wanted``: by key or double click; F2 renames in place."""

    open_wanted = Signal()
    delete_wanted = Signal()
    undo_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = _KEY(event.key())
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif key in (_KEY.Key_Return, _KEY.Key_Enter):
            self.open_wanted.emit()
        elif key == _KEY.Key_Delete:
            self.delete_wanted.emit()
        elif key == _KEY.Key_Z and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.undo_wanted.emit()
        elif key == _KEY.Key_F2:
            self.edit(self.currentIndex().siblingAtColumn(NAME))
        else:
            super().keyPressEvent(event)

    def seen(self) -> list[LibraryRow]:
        """The rows in sight."""
        model: LibraryModel = self.model()  # type: ignore[assignment]
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        last = model.rowCount() - 1 if last < 0 else last
        return [row for number in range(first, last + 1) if (row := model.row(number)) is not None]

    def chosen(self) -> list[LibraryRow]:
        model: LibraryModel = self.model()  # type: ignore[assignment]
        numbers = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [row for number in numbers if (row := model.row(number)) is not None]

    def choose(self, folder: Path) -> None:
        """Select a recording and bring it into sight."""
        model: LibraryModel = self.model()  # type: ignore[assignment]
        number = model.number_of(folder)
        if number >= 0:
            choose_row(self, number)
            self.scrollTo(model.index(number, NAME))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        for below, column in DROPPED:
            self.setColumnHidden(column, self.viewport().width() < below)


def recordings_table(model: LibraryViewModel) -> RecordingsTable:
    view = dress(RecordingsTable(), model.model, "Recordings", ROW)
    view.setItemDelegate(RecordingDelegate(model, view))
    view.setEditTriggers(_EDIT_KEY)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    _columns(view, NAME, WIDTHS)
    heads = view.horizontalHeader()
    heads.setSortIndicator(WHEN, _FALLING)
    view.setSortingEnabled(True)
    heads.setSectionsClickable(True)
    return view


class HitDelegate(QStyledItemDelegate):
    """The line with what was searched for set off."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        hits: HitsModel = index.model()
        hit = hits.hit(index.row())
        if hit is None:
            return
        look, column = theme(), index.column()
        chosen = bool(option.state & _SELECTED)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, look.color("select"))
        box = option.rect.adjusted(PAD if column == HIT_NAME else SIDE, 0, -SIDE, 0)
        text = hits.data(index)
        painter.setFont(look.font("dense_medium" if column == HIT_NAME else "dense"))
        token = "text1" if column in (HIT_NAME, HIT_LINE) else "text2"
        painter.setPen(look.color("select_text" if chosen else token))
        if column != HIT_LINE:
            align = RIGHT if column == HIT_TIME else LEFT
            painter.drawText(box, align, painter.fontMetrics().elidedText(text, ELIDE, box.width()))
        else:
            self._paint_line(painter, box, hit, text, chosen)
        painter.restore()

    def _paint_line(self, painter: QPainter, box: QRect, hit: Any, text: str, chosen: bool) -> None:
        look = theme()
        icon = look.pixmap(KINDS.get(hit.kind, "captions"), "select_text" if chosen else "text3", 14)
        painter.drawPixmap(box.left(), box.center().y() - 6, icon)
        x, shift = box.left() + 22, len(text) - len(hit.text)
        marks = [(start + shift, end + shift) for start, end in hit.marks]
        at = 0
        for start, end in [*marks, (len(text), len(text))]:
            for part, strong in ((text[at:start], False), (text[start:end], True)):
                room = box.right() - x
                if not part or room <= 0:
                    continue
                painter.setFont(look.font("dense_strong" if strong else "dense"))
                metrics = painter.fontMetrics()
                painter.setPen(look.color("select_text" if chosen else "accent" if strong else "text1"))
                painter.drawText(QRect(x, box.top(), room, box.height()), LEFT, elide(metrics, part, room))
                x += metrics.horizontalAdvance(part)
            at = end


class HitsTable(QTableView):
    """``open_wanted(row)``: a click or Enter on a line."""

    open_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(lambda index: self.open_wanted.emit(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _KEY(event.key()) in (_KEY.Key_Return, _KEY.Key_Enter) and self.currentIndex().isValid():
            self.open_wanted.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        for below, column in HIT_DROPPED:
            self.setColumnHidden(column, self.viewport().width() < below)


def hits_table(model: HitsModel) -> HitsTable:
    view = dress(HitsTable(), model, "Found", Height.ROW_COMFORTABLE)
    view.setItemDelegate(HitDelegate(view))
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    _columns(view, HIT_LINE, HIT_WIDTHS)
    return view


def _columns(view: QTableView, wide: int, widths: dict[int, int]) -> None:
    heads = view.horizontalHeader()
    heads.setStretchLastSection(False)
    heads.setSectionResizeMode(_FIXED)
    heads.setSectionResizeMode(wide, _STRETCH)
    for column, width in widths.items():
        heads.resizeSection(column, width)


def first_row(view: QTableView) -> None:
    """The keyboard begins at the top."""
    if view.model().rowCount(QModelIndex()) and not view.currentIndex().isValid():
        choose_row(view, 0)


def choose_row(view: QTableView, number: int) -> None:
    """This row and no other, whatever keys are held down."""
    view.selectionModel().setCurrentIndex(view.model().index(number, 0), _ONLY_ROW)
