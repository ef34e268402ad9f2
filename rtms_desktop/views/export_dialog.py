"""The export of a recording: format, what of it, where to; then how far it is (main thread)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent, QPainter, QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.app.events import ExportChanged, ExportState
from rtms_desktop.viewmodels.export_form import EACH, Choice, ExportForm
from rtms_desktop.viewmodels.exports_vm import end_text, progress_text
from rtms_desktop.views.dialogs import DELETE_ON_CLOSE, ConfirmDialog, Dialog
from rtms_desktop.views.theme import Radius, Space, theme
from rtms_desktop.views.widgets import LEFT, NO_PEN, SMOOTH, ElidedLabel, button, elide, label, set_kind

ROW, LIST_WIDTH, KEY_WIDTH = 32, 212, 76
TOP = Qt.AlignmentFlag.AlignTop
_KEY = Qt.Key
_ACTIVE = (ExportState.WAITING, ExportState.RUNNING)


class FormatList(QWidget):
    """The formats as rows, one chosen; arrows move. A row that cannot be chosen says why in its tooltip."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Format")
        self.setFixedWidth(LIST_WIDTH)
        self._rows: list[Choice] = []
        self._current = ""
        theme().changed.connect(self.update)

    def set(self, rows: list[Choice], current: str) -> None:
        if (rows, current) != (self._rows, self._current):
            self._rows, self._current = rows, current
            shown = next((row for row in rows if row.key == current), None)
            self.setAccessibleDescription(f"{shown.key}: {shown.name}. {shown.line}" if shown else "")
            self.updateGeometry()
            self.update()

    def rows(self) -> list[Choice]:
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(LIST_WIDTH, ROW * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        for number, row in enumerate(self._rows):
            top, on = number * ROW, row.key == self._current
            if on:
                painter.setPen(theme().color("accent") if self.hasFocus() else NO_PEN)
                painter.setBrush(theme().color("select"))
                painter.drawRoundedRect(0, top, self.width() - 1, ROW - 2, Radius.CONTROL, Radius.CONTROL)
            token = "select_text" if on else "text_disabled" if row.why_not else "text1"
            painter.setPen(theme().color(token))
            painter.setFont(theme().font("mono"))
            painter.drawText(Space.L, top, 44, ROW - 2, LEFT, row.key)
            painter.setFont(theme().font("base"))
            painter.setPen(theme().color(token if on or row.why_not else "text2"))
            room = self.width() - 68
            painter.drawText(60, top, room, ROW - 2, LEFT, elide(painter.fontMetrics(), row.name, room))

    def mousePressEvent(self, event) -> None:
        self._choose(int(event.position().y()) // ROW)

    def mouseMoveEvent(self, event) -> None:
        number = int(event.position().y()) // ROW
        self.setToolTip(self._rows[number].why_not if 0 <= number < len(self._rows) else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = next((n for n, row in enumerate(self._rows) if row.key == self._current), 0)
        step = {_KEY.Key_Up: -1, _KEY.Key_Down: 1}.get(_KEY(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        number = here + step
        while 0 <= number < len(self._rows) and self._rows[number].why_not:
            number += step
        self._choose(number)

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self._rows) and not self._rows[number].why_not:
            self.chosen.emit(self._rows[number].key)

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()


class ExportDialog(Dialog):
    """One export at a time. Closing it ends nothing: the status bar shows how far it is."""

    def __init__(self, form: ExportForm, parent: QWidget | None = None) -> None:
        super().__init__("Export", parent)
        self.model = form
        form.setParent(self)
        self.setMinimumWidth(760)
        self.body.addWidget(label("Export", "t1", "title"))
        self._subject = ElidedLabel("", "t2")
        self.body.addWidget(self._subject)
        self.body.addSpacing(Space.S)
        self.formats = FormatList()
        self.formats.chosen.connect(form.choose_format)
        columns = QHBoxLayout()
        columns.setSpacing(Space.XXL)
        columns.addWidget(self.formats, 0, TOP)
        self._options = self._make_options()
        columns.addWidget(self._options, 1)
        self.body.addLayout(columns, 1)
        self._make_foot()
        form.changed.connect(self._show)
        self._show()
        self.formats.setFocus()

    # -- making --------------------------------------------------------------------------------------------------

    def _make_options(self) -> QWidget:
        outer = QWidget()
        self._grid = QGridLayout(outer)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(1, 1)
        form = self.model
        self._title, self._sentence = label("", "t1", "strong"), label("", "t2")
        self._sentence.setWordWrap(True)
        self._grid.addWidget(self._title, 0, 0, 1, 2)
        self._grid.addWidget(self._sentence, 1, 0, 1, 2)
        self._grid.setRowMinimumHeight(2, Space.S)
        self.who = self._box("Who", 3, form.choose_who)
        self.gaps = self._box("Gaps", 5, form.choose_gaps)
        self.picture = self._box("Pictures", 7, lambda key: form.choose_black(bool(key)))
        self.part = self._box("Part", 9, form.choose_part)
        self.target = QLineEdit()
        self.target.setAccessibleName("Save as")
        self.target.textEdited.connect(form.choose_target)
        choose = button("Choose", icon="folder-open", clicked=self._choose_target, tip="Choose where to save it")
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.target, 1)
        row.addWidget(choose)
        self._grid.addWidget(self._key("Save as"), 11, 0)
        self._grid.addLayout(row, 11, 1)
        self._hint = label("", "t3", "dense")
        self._hint.setWordWrap(True)
        self._grid.addWidget(self._hint, 12, 1)
        self._grid.setRowStretch(13, 1)
        return outer

    def _key(self, name: str) -> QWidget:
        key = label(name, "t2", "dense")
        key.setFixedSize(KEY_WIDTH, 28)
        key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return key

    def _box(self, name: str, row: int, choose: Callable[[str], object]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.activated.connect(lambda index: choose(box.itemData(index)))
        key, note = self._key(name), label("", "t3", "dense")
        note.setWordWrap(True)
        self._grid.addWidget(key, row, 0)
        self._grid.addWidget(box, row, 1)
        self._grid.addWidget(note, row + 1, 1)
        box.setProperty("key", key)
        box.setProperty("note", note)
        return box

    def _make_foot(self) -> None:
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the export")
        self.says = ElidedLabel("", "t2", "dense")
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, Space.L, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self.says)
        column.addWidget(self.bar)
        self.foot.takeAt(0)
        self.foot.addWidget(words, 1)
        self.show_folder = button("Show in folder", icon="folder-open", clicked=self._show_folder)
        self.open_file = button("Open", icon="external-link", clicked=self._open_file)
        self.stop = button("Cancel export", kind="danger", clicked=self.model.cancel)
        self.stop.setToolTip("End it; nothing of it stays")
        self.foot.addWidget(self.show_folder)
        self.foot.addWidget(self.open_file)
        self.foot.addWidget(self.stop)
        self.leave = button("Close", clicked=self.close)
        self.foot.addWidget(self.leave)
        self.go = button("Export", kind="primary", clicked=self.ask)
        self.go.setDefault(True)
        self.foot.addWidget(self.go)

    # -- following -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        form = self.model
        self._subject.setText(form.subject())
        set_kind(self._subject, "error" if form.problem else "t2")
        rows = form.formats()
        self.formats.set(rows, form.format)
        chosen = next(row for row in rows if row.key == form.format)
        self._title.setText(chosen.name)
        self._sentence.setText(chosen.line)
        self._fill(self.who, form.people(), form.who, least=3)
        self._fill(self.gaps, form.gap_choices(), form.gaps)
        pictures = [Choice("", "The last one stands on", "Video is copied as it was received."),
                    Choice("black", "Black", "Video is encoded again, to one size.")]  # fmt: skip
        self._fill(self.picture, pictures if form.can_be_black else [], "black" if form.black else "")
        self._fill(self.part, form.part_choices(), "part" if form.only_part else "")
        if self.target.text() != form.target:
            self.target.setText(form.target)
            self.target.setCursorPosition(len(form.target))
        self.target.setToolTip(form.target)
        self._show_job(form.job)

    def _fill(self, box: QComboBox, choices: list[Choice], current: str, least: int = 1) -> None:
        key, note = box.property("key"), box.property("note")
        with QSignalBlocker(box):
            if [(c.key, c.name) for c in choices] != [(box.itemData(n), box.itemText(n)) for n in range(box.count())]:
                box.clear()
                for choice in choices:
                    box.addItem(choice.name, choice.key)
            for number, choice in enumerate(choices):
                box.setItemData(number, choice.why_not or choice.line, Qt.ItemDataRole.ToolTipRole)
                items = box.model()
                assert isinstance(items, QStandardItemModel)
                items.item(number).setEnabled(not choice.why_not)
            box.setCurrentIndex(max(0, box.findData(str(current))))
        line = next((choice.line for choice in choices if choice.key == current), "")
        seen = len(choices) >= least
        key.setVisible(seen)
        box.setVisible(seen)
        note.setText(line)
        note.setVisible(seen and bool(line))

    def _show_job(self, job: ExportChanged | None) -> None:
        running = job is not None and job.state in _ACTIVE
        done = job is not None and job.state is ExportState.DONE
        self._options.setEnabled(not running)
        self.formats.setEnabled(not running)
        self.bar.setVisible(running)
        self.bar.setValue(round(job.progress * 1000) if job is not None else 0)
        text = "" if job is None else progress_text(job) if running else end_text(job)
        self.says.setText(text)
        failed = job is not None and job.state is ExportState.FAILED
        set_kind(self.says, "error" if failed else "t1" if done else "t2")
        for part in (self.show_folder, self.open_file):
            part.setVisible(done)
        self.stop.setVisible(running)
        self.go.setVisible(not running and not done)
        set_kind(self.leave, "primary" if done else "")
        self.leave.setToolTip("The export goes on; the status bar shows it." if running else "")
        why_not = self.model.why_not()
        self.go.setEnabled(not why_not)
        self.go.setToolTip(why_not)
        replaced = self.model.replaces()
        hint = why_not if self.model.contents is not None else ""
        self._hint.setText(hint or (f"It replaces {replaced}." if replaced and job is None else ""))
        set_kind(self._hint, "error" if hint else "t3")
        set_kind(self.target, "wrong" if hint and self.model.target else "")

    # -- what a person does --------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Begin, after a question where something would be replaced."""
        replaced = self.model.replaces()
        if not replaced:
            self.model.start()
            return
        question = ConfirmDialog(f"Replace {replaced}?", "What is there now cannot be brought back.", "Replace", self,
                                 danger=True)  # fmt: skip
        question.confirmed.connect(lambda: self.model.start(replace=True))
        question.open()

    def _choose_target(self) -> None:
        folder = self.model.who == EACH
        dialog = QFileDialog(self, "Save as", str(Path(self.model.target).parent))
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # asked when it begins
        dialog.selectFile(Path(self.model.target).name)
        if not folder:
            dialog.setDefaultSuffix(self.model.format)
            dialog.setNameFilter(f"{self.model.format} (*.{self.model.format})")
        dialog.fileSelected.connect(self.model.choose_target)
        dialog.open()

    def _show_folder(self) -> None:
        job = self.model.job
        if job is not None and job.written:
            open_path(job.written[0].parent)

    def _open_file(self) -> None:
        job = self.model.job
        if job is not None and job.written:
            open_path(job.written[0] if len(job.written) == 1 else job.written[0].parent)


def open_path(path: Path) -> None:
    """With whatever the desktop opens it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
