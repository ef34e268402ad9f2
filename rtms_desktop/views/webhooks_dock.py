"""The Webhooks dock: where it listens, what came in and whether it can be trusted. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHelpEvent, QHideEvent, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.inbox_vm import ROW_ROLE, InboxRow, InboxViewModel
from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, RIGHT, EmptyState, IconButton, Rule, StateDot, button, label

_SELECTED = QStyle.StateFlag.State_Selected
_SINGLE = QAbstractItemView.SelectionMode.SingleSelection
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class InboxDelegate(QStyledItemDelegate):
    """Two lines: event and time; verdict and stream. What is not trusted is amber, with an icon and the reason."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(100, Height.SESSION_ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box = theme(), option.rect
        row: InboxRow = index.data(ROW_ROLE)
        selected = bool(option.state & _SELECTED)
        if selected or row.doubt:
            painter.fillRect(box, look.color("select" if selected else "warn_bg"))
        loud = "select_text" if selected else "warn_bg_text" if row.doubt else ""
        icon, token = ("shield-alert", "warn") if row.doubt else ("shield-check", "text2")
        painter.drawPixmap(box.left() + 12, box.top() + 7, look.pixmap(icon, token, 16))
        left, right = box.left() + 38, box.right() - 12
        self._line(painter, QRect(left, box.top() + 5, right - left, 18), row.clock, "label", loud or "text3", RIGHT)
        title = QRect(left, box.top() + 5, right - left - 60, 18)
        self._line(painter, title, row.event, "medium", loud or "text1")
        words = " · ".join(part for part in (row.verdict, "duplicate" if row.duplicate else "", row.ident) if part)
        self._line(painter, QRect(left, box.top() + 24, right - left, 16), words, "dense", loud or "text3")

    def _line(self, painter: QPainter, area: QRect, text: str, role: str, token: str, side: Any = LEFT) -> None:
        painter.setFont(theme().font(role))
        painter.setPen(theme().color(token))
        painter.drawText(area, side, painter.fontMetrics().elidedText(text, ELIDE, area.width()))

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Any) -> bool:
        row = index.data(ROW_ROLE) if index.isValid() else None
        text = f"{row.words()}\n{row.sentence}" if row is not None else ""
        QToolTip.showText(event.globalPos(), plain_tip(text), view)
        return True


class WebhooksDock(QWidget):
    """``connect_wanted(received)``: a trusted announcement; ``settings_wanted``: the token is to be entered."""

    count_changed = Signal(object)
    connect_wanted = Signal(object)
    settings_wanted = Signal()

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Webhooks"
        self.setAccessibleName("Webhooks")
        self.receiver = ReceiverViewModel(controller, self)
        self.inbox = InboxViewModel(controller, self)
        self.table = text_table_view(self.inbox, "Webhooks", Height.SESSION_ROW)
        self.table.horizontalHeader().hide()
        self.table.setItemDelegate(InboxDelegate(self.table))
        self.table.setSelectionMode(_SINGLE)
        self.empty = EmptyState("webhook", "No webhooks yet", "")
        self.empty.acted.connect(lambda _: self.receiver.toggle())
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_head())
        layout.addWidget(Rule())
        layout.addWidget(self._stack, 1)
        layout.addWidget(Rule())
        layout.addWidget(self._make_foot())
        self.receiver.changed.connect(self._show_state)
        self.inbox.rowsInserted.connect(lambda *_: self._show_body())
        self.inbox.modelReset.connect(self._show_body)
        self.inbox.count_changed.connect(self.count_changed)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_chosen())
        self.table.doubleClicked.connect(lambda *_: self.connect_chosen())
        theme().changed.connect(self.table.viewport().update)
        self._show_state()
        self._show_body()
        self._show_chosen()

    # -- making --------------------------------------------------------------------------------------------------

    def _make_head(self) -> QWidget:
        self.dot = StateDot()
        self.address = QLineEdit()
        self.address.setReadOnly(True)
        self.address.setFont(theme().font("mono"))
        self.address.setAccessibleName("Address of the receiver")
        self.address.setPlaceholderText("not listening")
        self.copy_button = IconButton("copy", "Copy the address")
        self.copy_button.clicked.connect(lambda *_: QGuiApplication.clipboard().setText(self.receiver.url))
        self.toggle_button = button("Start", clicked=self.receiver.toggle)
        self.advice = label("", "t3", "dense")
        self.advice.setWordWrap(True)
        self.settings_button = button("Webhook settings", kind="link", clicked=self.settings_wanted.emit)
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(Space.DOCK, Space.M, Space.DOCK, Space.M)
        column.setSpacing(Space.S)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.dot)
        row.addWidget(self.address, 1)
        row.addWidget(self.copy_button)
        row.addWidget(self.toggle_button)
        column.addLayout(row)
        column.addWidget(self.advice)
        link = QHBoxLayout()
        link.setContentsMargins(-4, 0, 0, 0)  # the word, not the edge of its button, stands under the words
        link.addWidget(self.settings_button)
        link.addStretch(1)
        column.addLayout(link)
        return head

    def _make_foot(self) -> QWidget:
        self.sentence = label("", "t2", "dense")
        self.sentence.setWordWrap(True)
        self.connect_button = button("Connect", kind="primary", clicked=self.connect_chosen)
        self.copy_body = button("Copy body", kind="flat", icon="copy", token="text2", clicked=self._copy_body)
        self._foot = QWidget()
        column = QVBoxLayout(self._foot)
        column.setContentsMargins(Space.DOCK, Space.M, Space.DOCK, Space.M)
        column.setSpacing(Space.M)
        column.addWidget(self.sentence)
        row = QHBoxLayout()
        row.addWidget(self.connect_button)
        row.addWidget(self.copy_body)
        row.addStretch(1)
        column.addLayout(row)
        return self._foot

    # -- following -----------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        receiver = self.receiver
        self.dot.set("ok" if receiver.listening else "text3", receiver.line)
        self.address.setText(receiver.url)
        self.copy_button.setEnabled(receiver.listening)
        self.copy_button.setToolTip("Copy the address" if receiver.listening else "Start the receiver first")
        self.toggle_button.setText(receiver.action)
        self.toggle_button.setAccessibleName(f"{receiver.action} the webhook receiver")
        self.advice.setText(receiver.problem or receiver.advice)
        line = "They appear here as they come." if receiver.listening else "The receiver is off."
        self.empty.set("webhook", "No webhooks yet", line, "" if receiver.listening else "Start")

    def _show_body(self) -> None:
        self._stack.setCurrentIndex(1 if self.inbox.rows else 0)
        self.table.setAccessibleDescription(f"{len(self.inbox.rows)} webhooks, newest first")

    def chosen(self) -> InboxRow | None:
        rows = self.table.selectionModel().selectedRows()
        return rows[0].data(ROW_ROLE) if rows else None

    def _show_chosen(self) -> None:
        row = self.chosen()
        self._foot.setVisible(row is not None)
        if row is not None:
            self.sentence.setText(row.sentence)
            self.connect_button.setEnabled(row.can_connect)
            why = "Only a trusted announcement of a stream can be connected to"
            self.connect_button.setToolTip("Connect to this stream" if row.can_connect else why)

    def connect_chosen(self) -> None:
        row = self.chosen()
        if row is not None and row.can_connect:
            self.connect_wanted.emit(row.received)

    def _copy_body(self) -> None:
        row = self.chosen()
        if row is not None:
            QGuiApplication.clipboard().setText(row.received.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.connect_chosen()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_state()
        self.inbox.mark_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.inbox.mark_seen(False)
