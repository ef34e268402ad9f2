"""Small parts that several panes share: labels, buttons, pills, rows, empty states. Used by all views; main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QDragEnterEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.views.theme import Height, Space, theme

PLAIN = Qt.TextFormat.PlainText
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
ELIDE = Qt.TextElideMode.ElideRight
SMOOTH = QPainter.RenderHint.Antialiasing
NO_PEN = Qt.PenStyle.NoPen
_EXPAND, _FIXED, _IGNORED = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored
_SHOW, _HIDE = QEvent.Type.Show, QEvent.Type.Hide
_TAB_FOCUS = Qt.FocusPolicy.TabFocus
_POINTING = Qt.CursorShape.PointingHandCursor
_LEADING = QLineEdit.ActionPosition.LeadingPosition


def label(text: str = "", kind: str = "t1", role: str = "base", *, parent: QWidget | None = None) -> QLabel:
    """A plain-text label in one of the text levels (``t1 t2 t3 ok warn error accent``) and one of the font roles."""
    result = QLabel(text, parent)
    result.setTextFormat(PLAIN)
    result.setProperty("kind", kind)
    result.setFont(theme().font(role))
    return result


def set_kind(widget: QWidget, kind: str) -> None:
    """Choose another variant of the style sheet for a widget that is already shown."""
    if widget.property("kind") != kind:
        widget.setProperty("kind", kind)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(
    text: str, *, kind: str = "", icon: str = "", token: str = "text1", tip: str = "", tall: bool = False,
    clicked: Callable[[], object] | None = None,
) -> QPushButton:  # fmt: skip
    """A push button: outlined by default, or ``primary flat danger link rec_on rec_bad``."""
    result = QPushButton(text)
    if kind:
        result.setProperty("kind", kind)
    if tall:
        result.setProperty("tall", True)
    if icon:
        theme().bind_icon(result, icon, token)
    result.setAccessibleName(text)
    result.setToolTip(tip)
    result.setAutoDefault(False)
    result.setSizePolicy(_FIXED, _FIXED)
    if kind == "link":
        result.setCursor(_POINTING)
    if clicked is not None:
        result.clicked.connect(lambda *_: clicked())
    return result


class IconButton(QToolButton):
    """A flat button with only an icon: its tooltip is also its accessible name."""

    def __init__(
        self, icon: str, tip: str, parent: QWidget | None = None, *, token: str = "text2", size: int = 16,
        checkable: bool = False, on_token: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setCheckable(checkable)
        self.setFocusPolicy(_TAB_FOCUS)
        self._token, self._size, self._on_token = token, size, on_token or "select_text"
        self.set_icon(icon)
        self.set_tip(tip)

    def set_icon(self, icon: str, token: str | None = None) -> None:
        theme().bind_icon(self, icon, token or self._token, self._size, self._on_token)

    def set_tip(self, tip: str) -> None:
        self.setToolTip(tip)
        self.setAccessibleName(tip)


class ElidedLabel(QLabel):
    """One line that is cut with an ellipsis where room is short; the whole text is then the tooltip."""

    def __init__(self, text: str = "", kind: str = "t1", role: str = "base", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(PLAIN)
        self.setProperty("kind", kind)
        self.setFont(theme().font(role))
        self.setSizePolicy(_IGNORED, QSizePolicy.Policy.Preferred)
        self._full = ""
        self.setText(text)

    def setText(self, text: str) -> None:
        if text != self._full or not self.text():
            self._full = text
            self.setAccessibleName(text)
            self._cut()

    def full_text(self) -> str:
        return self._full

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._full) + 2
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, ELIDE, max(self.width(), 8))
        super().setText(shown)
        self.setToolTip(self._full if shown != self._full else "")
        self.updateGeometry()


class Pill(QWidget):
    """A count in a small rounded field: ``grey`` total, ``blue`` unread, ``red`` failing. Empty text hides it."""

    def __init__(self, text: str = "", kind: str = "grey", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._kind = "", kind
        self.setFont(theme().font("label_medium"))
        self.setSizePolicy(_FIXED, _FIXED)
        self.set(text, kind)

    @property
    def text(self) -> str:
        return self._text

    def set(self, text: str, kind: str = "grey") -> None:
        if (text, kind) == (self._text, self._kind) and self.isHidden() == (not text):
            return
        self._text, self._kind = text, kind
        self.setVisible(bool(text))
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(16, self.fontMetrics().horizontalAdvance(self._text) + 12), 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_pill(painter, QRectF(self.rect()), self._text, self._kind)


def paint_pill(painter: QPainter, rect: QRectF, text: str, kind: str) -> None:
    """Draw a count pill into `rect`; the painter's font is set to the label font."""
    ground, ink, edge = {
        "grey": ("bg3", "text2", ""), "blue": ("accent_fill", "on_accent", ""),
        "red": ("error_bg", "error", "error_line"),
    }[kind]  # fmt: skip
    painter.save()
    painter.setRenderHint(SMOOTH)
    painter.setPen(theme().color(edge) if edge else NO_PEN)
    painter.setBrush(theme().color(ground))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), rect.height() / 2, rect.height() / 2)
    painter.setPen(theme().color(ink))
    painter.setFont(theme().font("label_medium"))
    painter.drawText(rect, CENTER, text)
    painter.restore()


class StateDot(QWidget):
    """The one small dot of a session: a colour token, with its meaning as tooltip and accessible name."""

    def __init__(self, token: str = "text3", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self.setFixedSize(8, 8)

    def set(self, token: str, meaning: str = "") -> None:
        self.setToolTip(meaning)
        self.setAccessibleName(meaning)
        if token != self._token:
            self._token = token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        painter.setPen(NO_PEN)
        painter.setBrush(theme().color(self._token))
        painter.drawEllipse(QRectF(self.rect()))


class SearchField(QLineEdit):
    """A line edit with a search icon and, where there is room, the key that leads here; Esc empties it."""

    WORDS_AT = 32
    """Left edge of the text."""

    def __init__(
        self, placeholder: str, parent: QWidget | None = None, *, icon: str = "search", name: str = "", hint: str = ""
    ) -> None:
        super().__init__(parent)
        self._hint = label(hint, "t3", "label", parent=self)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(lambda *_: self._place_hint())
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setClearButtonEnabled(False)
        self._icon = self.addAction(theme().icon(icon, "text3"), _LEADING)
        theme().bind_icon(self._icon, icon, "text3")
        self.setTextMargins(-Space.S, 0, 0, 0)  # Qt leaves more between icon and words than within the field
        for tool in self.findChildren(QToolButton):  # Qt's own, for the icon
            tool.setAccessibleName(self.accessibleName())
            tool.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_hint()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file is for the window, which opens it; here only its name would be typed."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def _place_hint(self) -> None:
        self._hint.adjustSize()
        self._hint.move(self.width() - self._hint.width() - Space.M, (self.height() - self._hint.height()) // 2)
        words = self.WORDS_AT + self.fontMetrics().horizontalAdvance(self.placeholderText())
        self._hint.setVisible(bool(self._hint.text()) and not self.text() and self._hint.x() >= words + Space.S)

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class KeyValueRow(QWidget):
    """A label of fixed width, a value, a remark in the third text level and optionally an icon at the right end."""

    def __init__(
        self, key: str, parent: QWidget | None = None, *, key_width: int = 92, mono: bool = False, marked: bool = True
    ) -> None:
        """`marked`: whether room is kept for the icon."""
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M)
        self._name = label(key, "t3", "dense")
        self._name.setFixedWidth(key_width)
        self.value = ElidedLabel("", "t1", "mono" if mono else "medium")
        self.note = ElidedLabel("", "t3", "dense")
        self.mark = QLabel()
        self.mark.setFixedSize(16, 16)
        self.mark.setVisible(marked)
        layout.addWidget(self._name)
        layout.addWidget(self.value, 0)
        layout.addWidget(self.note, 1)
        layout.addWidget(self.mark)
        self.value.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._mark = ("", "")
        self._key = key
        theme().changed.connect(self._paint_mark)

    def set_key(self, key: str) -> None:
        self._key = key
        self._name.setText(key)

    def set(self, value: str, note: str = "", mark: str = "", token: str = "ok") -> None:
        """`mark` names an icon in the colour of `token`, or is empty."""
        self.value.setText(value)
        self.note.setText(note)
        self.setAccessibleName(f"{self._key}: {value} {note}".strip())
        self._mark = (mark, token)
        self._paint_mark()

    def _paint_mark(self) -> None:
        name, token = self._mark
        if name:
            self.mark.setPixmap(theme().pixmap(name, token, 16))
        else:
            self.mark.clear()


class SegmentedButtons(QWidget):
    """A row of which one is chosen; `chosen` tells its key."""

    chosen = Signal(str)

    def __init__(
        self, options: Sequence[tuple[str, str, str]], parent: QWidget | None = None, *, text_on_chosen: bool = True
    ) -> None:
        """`options`: (key, icon, text)."""
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._text_on_chosen = text_on_chosen
        self._buttons: dict[str, QToolButton] = {}
        self._texts: dict[str, str] = {}
        for number, (key, icon, text) in enumerate(options):
            tool = QToolButton()
            tool.setCheckable(True)
            tool.setFocusPolicy(_TAB_FOCUS)
            tool.setProperty("kind", "segment")
            tool.setProperty("side", self._side(number, len(options)))
            tool.setToolTip(text)
            tool.setAccessibleName(text)
            tool.setFont(theme().font("dense_medium"))
            if icon:
                theme().bind_icon(tool, icon, "text2", 16, "select_text")
            else:
                tool.setText(text)
            tool.clicked.connect(lambda _=False, key=key: self._clicked(key))
            layout.addWidget(tool)
            self._group.addButton(tool)
            self._buttons[key], self._texts[key] = tool, (text if icon else "")
        self.setSizePolicy(_FIXED, _FIXED)

    @staticmethod
    def _side(number: int, count: int) -> str:
        if count == 1:
            return "only"
        return "first" if number == 0 else "last" if number == count - 1 else "middle"

    def button(self, key: str) -> QToolButton:
        return self._buttons[key]

    def set_tip(self, key: str, tip: str) -> None:
        self._buttons[key].setToolTip(tip)

    def set_current(self, key: str) -> None:
        self._buttons[key].setChecked(True)
        self._show_text()

    def set_text_on_chosen(self, on: bool) -> None:
        self._text_on_chosen = on
        self._show_text()

    def _clicked(self, key: str) -> None:
        self._show_text()
        self.chosen.emit(key)

    def _show_text(self) -> None:
        for key, tool in self._buttons.items():
            if self._texts[key]:
                with_text = self._text_on_chosen and tool.isChecked()
                tool.setText(f" {self._texts[key]}" if with_text else "")
                style = Qt.ToolButtonStyle
                tool.setToolButtonStyle(style.ToolButtonTextBesideIcon if with_text else style.ToolButtonIconOnly)


class EmptyState(QWidget):
    """Icon, title, one line and at most one or two actions, in the middle of an empty pane."""

    acted = Signal(str)
    """key of the pressed action"""

    def __init__(
        self, icon: str = "", title: str = "", line: str = "", action: str = "", parent: QWidget | None = None, *,
        on_stage: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._on_stage = on_stage
        self._picture = QLabel()
        self._title = label("", "t1", "empty" if on_stage else "strong")
        self._line = label("", "t2" if not on_stage else "", "base" if on_stage else "dense")
        self._action = button("", kind="link", clicked=lambda: self.acted.emit(self._key))
        self._second = button("", kind="link", clicked=lambda: self.acted.emit(self._second_key))
        self._key, self._second_key, self._icon, self._token = "", "", icon, "text3"
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        layout.setSpacing(Space.S)
        layout.addStretch(1)
        for part in (self._picture, self._title, self._line):
            part.setAlignment(CENTER)
            layout.addWidget(part)
        self._line.setWordWrap(True)
        actions = QHBoxLayout()
        actions.setSpacing(Space.XL)
        actions.addStretch(1)
        actions.addWidget(self._action)
        actions.addWidget(self._second)
        actions.addStretch(1)
        layout.addLayout(actions)
        layout.addStretch(1)
        self.set(icon, title, line, action)
        theme().changed.connect(self._colour)

    def set(
        self, icon: str, title: str, line: str = "", action: str = "", key: str = "", *, token: str = "text3",
        primary: bool = False, tip: str = "", second: str = "", second_key: str = "",
    ) -> None:  # fmt: skip
        self._icon, self._token, self._key, self._second_key = icon, token, key or action, second_key
        self._second.setText(second)
        self._second.setAccessibleName(second)
        self._second.setVisible(bool(second))
        self._title.setText(title)
        self._line.setText(line)
        self._line.setVisible(bool(line))
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setToolTip(tip)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{title}. {line}".strip())
        self._colour()

    def action_button(self) -> QPushButton:
        return self._action

    def title_text(self) -> str:
        return self._title.text()

    def line_text(self) -> str:
        return self._line.text()

    def _colour(self) -> None:
        token = self._token
        if self._on_stage:
            token = {"text3": "on_stage2", "error": "on_stage_error", "warn": "on_stage_warn"}.get(token, token)
            self._title.setStyleSheet(f"color: {theme().hex('on_stage1')};")
            self._line.setStyleSheet(f"color: {theme().hex('on_stage2')};")
            for part in (self._action, self._second):
                part.setStyleSheet(f"color: {theme().current.stage_speakers[0]};")
        if self._icon:
            self._picture.setPixmap(theme().pixmap(self._icon, token, 24))


class Rule(QFrame):
    """A line of one pixel."""

    def __init__(self, parent: QWidget | None = None, *, vertical: bool = False, length: int = 0) -> None:
        super().__init__(parent)
        self.setProperty("kind", "line")
        if vertical:
            self.setFixedWidth(1)
            if length:
                self.setFixedHeight(length)
        else:
            self.setFixedHeight(1)


class Head(QWidget):
    """The 32 px head of a dock or section: title, remark, and room for controls at the right (`add`)."""

    def __init__(self, title: str, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "head")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Height.HEAD)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(Space.DOCK, 0, Space.S, 0)
        self._layout.setSpacing(Space.M)
        self.title = label(title, "t1", "dense_strong")
        self.note = ElidedLabel(note, "t3", "dense")
        self._layout.addWidget(self.title)
        self._layout.addWidget(self.note, 1)

    def add(self, widget: QWidget) -> None:
        self._layout.addWidget(widget)


class WhileVisible(QObject):
    """Hands `signal` on to `slot` only while `widget` can be seen: hidden panes cost nothing."""

    def __init__(self, widget: QWidget, signal: SignalInstance, slot: Callable[[], None]) -> None:
        super().__init__(widget)
        self._slot, self._seen = slot, widget.isVisible()
        widget.installEventFilter(self)
        # Connected for life: at the end the source may be gone before the widget hides, and could not be left then.
        signal.connect(self._tick)

    def _tick(self) -> None:
        if self._seen:
            self._slot()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == _SHOW:
            self._seen = True
            self._slot()
        elif event.type() == _HIDE:
            self._seen = False
        return False


def tick_while_visible(widget: QWidget, signal: SignalInstance, slot: Callable[[], None]) -> WhileVisible:
    """`slot` follows `signal` (of the render tick) while `widget` is shown, and is called once whenever it appears."""
    return WhileVisible(widget, signal, slot)


def elide(metrics: QFontMetrics, text: str, width: int) -> str:
    return metrics.elidedText(text, ELIDE, width)


def fill(painter: QPainter, rect: QRect | QRectF, colour: QColor) -> None:
    painter.fillRect(rect, colour)
