"""The filter bar of the Inspector: field with completion, counts, what is wrong, and what can be done. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QListView, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import IconButton, SearchField, button, label, set_kind

_DELAY_MS = 180
FOLD_BELOW = 700
_POPUP = QCompleter.CompletionMode.UnfilteredPopupCompletion
_LEAVING = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End})
PLACEHOLDER = 'type:audio  user:"Ann"  gap>200  dir:in  size>10k  /text/'


class FilterField(SearchField):
    """Completes the word at the cursor; Enter applies at once, Esc empties."""

    def __init__(self, model: InspectorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(PLACEHOLDER, parent, icon="list-filter", name="Filter of messages")
        self._model = model
        self.setFont(theme().font("mono"))
        self._words = QStringListModel(self)
        self.completer_ = QCompleter(self._words, self)
        self.completer_.setCompletionMode(_POPUP)
        self.completer_.setWidget(self)
        self.completer_.setMaxVisibleItems(10)
        self._popup = QListView()
        self._popup.setFont(theme().font("mono"))
        self._popup.setAccessibleName("Completions")
        self.completer_.setPopup(self._popup)
        self.completer_.activated.connect(self.take)
        self.textEdited.connect(lambda *_: self.offer())

    def offer(self) -> None:
        """Show what the word at the cursor could become."""
        _, found = self._model.completions(self.text(), self.cursorPosition())
        self._words.setStringList(found[:40])
        popup = self._popup
        if not found or not self.hasFocus():
            popup.hide()
            return
        self.completer_.complete()
        popup.setCurrentIndex(self._words.index(-1, 0))

    def words(self) -> list[str]:
        return self._words.stringList()

    def take(self, word: str) -> None:
        """Put a completion in the place of the word at the cursor."""
        at = self.cursorPosition()
        begin, _ = self._model.completions(self.text(), at)
        tail = self.text()[at:]
        gap = "" if word.endswith(":") or tail.startswith(" ") else " "
        self.setText(self.text()[:begin] + word + gap + tail)
        self.setCursorPosition(begin + len(word) + len(gap))
        if word.endswith(":"):
            self.offer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _LEAVING:
            self._popup.hide()
        if event.key() == Qt.Key.Key_Down and not self._popup.isVisible():
            self.offer()
            return
        super().keyPressEvent(event)


class FilterBar(QWidget):
    """``focus_table``: the person is done with the field."""

    focus_table = Signal()
    save_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, model: InspectorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.field = FilterField(model)
        self.count = label("", "t3", "dense", parent=self.field)
        self.clear = IconButton("x", "Clear the filter", self.field, size=14)
        self.clear.setFixedSize(20, 20)
        self.clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clear.clicked.connect(lambda *_: self.field.clear())
        self.save = button("Save filter", icon="bookmark-plus", clicked=self.save_wanted.emit)
        self.save.setToolTip("Keep this filter under a name")
        self.hold = button("Hold view", icon="pause")
        self.hold.setToolTip("Stop the table; what arrives is kept and recorded all the same")
        self.hold.setCheckable(True)
        self.hold.toggled.connect(self._hold)
        self.export = IconButton("download", "Save the messages that are shown as a tape")
        self.export.clicked.connect(lambda *_: self.export_wanted.emit())
        self.wrong = label("", "error", "dense")
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        for part, stretch in ((self.field, 1), (self.save, 0), (self.hold, 0), (self.export, 0)):
            row.addWidget(part, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.DOCK, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.XS)
        layout.addLayout(row)
        layout.addWidget(self.wrong)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_DELAY_MS)
        self._delay.timeout.connect(self.apply)
        self.field.textChanged.connect(lambda *_: self._delay.start())
        self.field.returnPressed.connect(self._entered)
        self.field.installEventFilter(self)
        model.changed.connect(self.refresh)
        self.refresh()

    def set_text(self, text: str) -> None:
        """Put a filter into the field and apply it."""
        self.field.setText(text)
        self.apply()

    def apply(self) -> None:
        self._delay.stop()
        self._model.set_filter(self.field.text())

    def refresh(self) -> None:
        """Show counts and what is wrong."""
        error = self._model.error
        self.count.setText(self._model.status if self._model.log is not None else "")
        self.wrong.setText(str(error) if error is not None else self._model.problem)
        self.wrong.setVisible(bool(self.wrong.text()))
        set_kind(self.field, "wrong" if error is not None else "")
        self.field.setAccessibleDescription(self.wrong.text() or self.count.text())
        self.save.setEnabled(bool(self._model.filter) and error is None)
        self.export.setEnabled(self._model.shown > 0)
        if self.hold.isChecked() != self._model.held:
            self.hold.setChecked(self._model.held)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons lose their texts where room is short."""
        super().resizeEvent(event)
        narrow = self.width() < FOLD_BELOW
        self.save.setText("" if narrow else "Save filter")
        self.hold.setText("" if narrow else "Hold view")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        """Counts and the cross stand inside the field, at its right."""
        shown = bool(self.field.text())
        self.clear.setVisible(shown)
        self.count.adjustSize()
        right = self.field.width() - (26 if shown else 8)
        self.clear.move(self.field.width() - 24, (self.field.height() - 20) // 2)
        self.count.move(right - self.count.width(), (self.field.height() - self.count.height()) // 2)
        self.count.setVisible(self.field.width() > 360)
        self.field.setTextMargins(0, 0, self.field.width() - right + self.count.width(), 0)

    def _hold(self, held: bool) -> None:
        if held != self._model.held:
            self._model.hold(held)
        theme().bind_icon(self.hold, "play" if held else "pause", "text1")

    def _entered(self) -> None:
        self.apply()
        if self._model.error is None:
            self.focus_table.emit()
