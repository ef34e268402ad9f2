"""The list at the left: live, recent and recorded sessions; a rail of icons where room is short (main thread)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.sessions_vm import SessionRow, SessionsViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.painted_button import PaintedButton
from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import (
    LEFT,
    NO_PEN,
    RIGHT,
    SMOOTH,
    ElidedLabel,
    Head,
    IconButton,
    Rule,
    button,
    elide,
    label,
    tick_while_visible,
)

RAIL = 44
WIDTH, MIN_WIDTH, MAX_WIDTH = 212, 180, 320
_FIXED, _EXPANDING = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding


class RowButton(PaintedButton):
    """A row of the list: dot or icon, title, time, one line."""

    def __init__(self, row: SessionRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(_EXPANDING, _FIXED)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.row = row
        self._hover = False
        self.set(row)

    def set(self, row: SessionRow) -> None:
        self.row = row
        self.setToolTip(row.tip)
        self.setAccessibleName(f"{row.title} {row.line} {row.time}".strip())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if row.title else Qt.FocusPolicy.NoFocus)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, Height.SESSION_ROW if self.row.title else 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        row, painter = self.row, QPainter(self)
        painter.setRenderHint(SMOOTH)
        if row.selected or (self._hover and row.title):
            painter.fillRect(self.rect(), theme().color("select" if row.selected else "bg2"))
        if self.hasFocus():
            painter.setPen(theme().color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        left, right = 34, self.width() - 10
        if not row.title:
            painter.setFont(theme().font("dense"))
            painter.setPen(theme().color("text3"))
            painter.drawText(QRectF(left, 0, right - left, self.height()), LEFT, row.line)
            return
        self._draw_mark(painter)
        title_token = "select_text" if row.selected else "text1"
        metrics = self._use(painter, "label", "select_text" if row.selected else "text3")
        time_width = metrics.horizontalAdvance(row.time) + 4 if row.time else 0
        painter.drawText(QRectF(left, 6, right - left, 18), RIGHT, row.time)
        metrics = self._use(painter, "medium", title_token)
        painter.drawText(QRectF(left, 6, right - left, 18), LEFT, elide(metrics, row.title, right - left - time_width))
        token = "warn" if row.token == "warn" else "text3"
        metrics = self._use(painter, "dense", "select_text" if row.selected else token)
        painter.setOpacity(0.85 if row.selected else 1.0)
        painter.drawText(QRectF(left, 24, right - left, 16), LEFT, elide(metrics, row.line, right - left))

    def _draw_mark(self, painter: QPainter) -> None:
        if self.row.dot:
            painter.setPen(NO_PEN)
            painter.setBrush(theme().color(self.row.dot))
            painter.drawEllipse(QRectF(13, 11, 8, 8))
        elif self.row.icon:
            painter.drawPixmap(9, 7, theme().pixmap(self.row.icon, self.row.token, 16))

    def _use(self, painter: QPainter, role: str, token: str):
        painter.setFont(theme().font(role))
        painter.setPen(theme().color(token))
        return painter.fontMetrics()

    def enterEvent(self, event) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event) -> None:
        self._hover = False
        self.update()

    def key(self) -> str:
        return self.row.key if self.row.title else ""


class SessionsPanel(QWidget):
    """`chosen(key)`: a row was pressed; `new_wanted`: another stream; `unfold_wanted`: the rail's first button."""

    chosen = Signal(str)
    new_wanted = Signal()
    unfold_wanted = Signal()
    library_wanted = Signal()

    def __init__(
        self, model: SessionsViewModel, receiver: ReceiverViewModel, ticks: RenderTick, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Sessions")
        self._model, self._receiver = model, receiver
        self._rows: dict[str, RowButton] = {}
        self._shape: list[tuple[str, tuple[str, ...]]] = []
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._make_list())
        self._stack.addWidget(self._make_rail())
        self._rail = False
        self.set_rail(False)
        model.changed.connect(self._refresh)
        tick_while_visible(self, ticks.text, self._refresh)
        self._refresh()

    def set_rail(self, rail: bool) -> None:
        self._rail = rail
        self._stack.setCurrentIndex(1 if rail else 0)
        self.setMinimumWidth(RAIL if rail else MIN_WIDTH)
        self.setMaximumWidth(RAIL if rail else MAX_WIDTH)

    @property
    def is_rail(self) -> bool:
        return self._rail

    def rows(self) -> dict[str, RowButton]:
        return dict(self._rows)

    # -- making --------------------------------------------------------------------------------------------------

    def _make_list(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = Head("Sessions")
        library = IconButton("file-play", "All recordings (Ctrl+Shift+O)")
        library.clicked.connect(lambda *_: self.library_wanted.emit())
        head.add(library)
        plus = IconButton("plus", "Watch another stream")
        plus.clicked.connect(lambda *_: self.new_wanted.emit())
        head.add(plus)
        layout.addWidget(head)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setObjectName("panel")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, Space.M, 0, Space.M)
        self._list.setSpacing(0)
        area.setWidget(inner)
        layout.addWidget(area, 1)
        layout.addWidget(Rule())
        layout.addWidget(self._make_receiver())
        return page

    def _make_receiver(self) -> QWidget:
        foot = QWidget()
        foot.setFixedHeight(36)
        layout = QHBoxLayout(foot)
        layout.setContentsMargins(Space.M, 0, Space.XS, 0)
        layout.setSpacing(Space.XS)
        show = IconButton("webhook", "Show the webhooks", size=14, token="text3")
        show.setFixedWidth(20)
        show.clicked.connect(lambda *_: self.chosen.emit("webhooks"))
        self._receiver_line = ElidedLabel("", "t3", "dense")
        self.receiver_button = button("Start", clicked=self._receiver.toggle)
        layout.addWidget(show)
        layout.addWidget(self._receiver_line, 1)
        layout.addWidget(self.receiver_button)
        self._receiver.changed.connect(self._show_receiver)
        self._show_receiver()
        return foot

    def _show_receiver(self) -> None:
        receiver = self._receiver
        self._receiver_line.setText(receiver.short)
        self.receiver_button.setText(receiver.action)
        self.receiver_button.setAccessibleName(f"{receiver.action} the webhook receiver")
        self.receiver_button.setToolTip(receiver.url or "Listen for webhooks on this computer")

    def _make_rail(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(7, Space.S, 7, Space.S)
        layout.setSpacing(14)
        self._rail_buttons: dict[str, IconButton] = {}
        for key, icon, tip in (
            ("unfold", "panel-left", "Show the list of sessions"),
            ("live", "radio", "Nothing is connected"),
            ("mock", "server", "Mock server"),
            ("recent", "history", "Recent sessions and recordings"),
            ("library", "file-play", "All recordings (Ctrl+Shift+O)"),
        ):
            tool = IconButton(icon, tip)
            tool.clicked.connect(lambda _=False, key=key: self._rail_pressed(key))
            layout.addWidget(tool)
            self._rail_buttons[key] = tool
        layout.addStretch(1)
        return page

    def _rail_pressed(self, key: str) -> None:
        if key in ("unfold", "recent"):
            self.unfold_wanted.emit()
        elif key == "library":
            self.library_wanted.emit()
        else:
            self.chosen.emit(key)

    # -- following the model -------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        sections = self._model.sections()
        shape = [(title, tuple(row.key for row in rows)) for title, rows in sections]
        if shape != self._shape:
            self._shape = shape
            self._rebuild(sections)
            return
        for title, rows in sections:
            for row in rows:
                self._rows[f"{title}.{row.key}"].set(row)
        live = self._rows["Live.live"].row if "Live.live" in self._rows else None
        self._rail_buttons["live"].set_tip(f"{live.title}: {live.line}" if live else "Nothing is connected")
        self._rail_buttons["live"].set_icon("radio", "ok" if live and live.dot == "ok" else "text2")

    def _rebuild(self, sections: list[tuple[str, list[SessionRow]]]) -> None:
        while self._list.count():
            item = self._list.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows.clear()
        for number, (title, rows) in enumerate(sections):
            head = label(title, "t3", "label_medium")
            head.setContentsMargins(10, Space.M if number else 0, 0, Space.S)
            self._list.addWidget(head)
            for row in rows:
                entry = RowButton(row)
                entry.pressed.connect(self.chosen)
                self._list.addWidget(entry)
                self._rows[f"{title}.{row.key}"] = entry
        self._list.addStretch(1)
