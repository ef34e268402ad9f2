"""What tells a person something: the banner under the toolbar and the toast over the stage."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from rtms_desktop.views.theme import Height, Radius, Space, theme
from rtms_desktop.views.widgets import SMOOTH, ElidedLabel, IconButton, button

TOAST_MS = 4000
TOAST_WIDTH, TOAST_HEIGHT = 320, 40

# severity -> ground, edge, icon, text
LOOKS = {
    "error": ("error_bg", "error", "circle-x", "error"),
    "warning": ("warn_bg", "warn", "triangle-alert", "warn"),
    "note": ("select", "accent", "info", "accent"),
}


class Banner(QWidget):
    """One sentence with what, why and what next as a button; 36 high with a coloured edge at the left."""

    acted = Signal()
    dismissed = Signal()
    muted = Signal()
    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(Height.BANNER)
        self._muting = ""
        self._look = LOOKS["note"]
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self._text = ElidedLabel("", "t1", "base")
        self._action = button("", kind="link", clicked=self.acted.emit)
        self._close = IconButton("x", "Dismiss this message", size=14)
        self._close.clicked.connect(lambda *_: self.dismissed.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(15, 0, Space.S, 0)
        layout.setSpacing(10)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        self._more = IconButton("ellipsis", "What to do with alerts of this kind", size=14)
        self._more.clicked.connect(lambda *_: self._open_menu())
        layout.addWidget(self._action)
        layout.addWidget(self._more)
        layout.addWidget(self._close)
        self.hide()
        theme().changed.connect(self._colour)

    def show_notice(
        self, severity: str, text: str, action: str = "", *, closable: bool = True, icon: str = "", muting: str = ""
    ) -> None:
        """``muting``: what alerts of this kind are called, where they may be muted."""
        self._muting = muting
        self._more.setVisible(bool(muting))
        look = LOOKS[severity]
        self._look = (look[0], look[1], icon or look[2], look[3])
        self._text.setText(text)
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self._close.setVisible(closable)
        self.setAccessibleName(text)
        self._colour()
        self.show()

    def text(self) -> str:
        return self._text.full_text()

    def action_button(self) -> QWidget:
        return self._action

    def close_button(self) -> QWidget:
        return self._close

    def more_button(self) -> QWidget:
        return self._more

    def make_menu(self) -> QMenu:
        """What can be done with alerts of the kind that is shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Mute alerts of this kind: {self._muting}").triggered.connect(lambda *_: self.muted.emit())
        menu.addAction("Alert settings…").triggered.connect(lambda *_: self.settings_wanted.emit())
        return menu

    def _open_menu(self) -> None:
        self.make_menu().popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _colour(self) -> None:
        self._icon.setPixmap(theme().pixmap(self._look[2], self._look[3], 16))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color(self._look[0]))
        painter.fillRect(QRect(0, 0, 3, self.height()), theme().color(self._look[1]))


class Toast(QWidget):
    """A short word on what the user just did; goes away by itself after 4 s. Never for errors."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._do: Callable[[], object] | None = None
        self.setFixedSize(TOAST_WIDTH, TOAST_HEIGHT)
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self._name = "info"
        self._text = ElidedLabel("", "t1", "base")
        self._action = button("", kind="link", clicked=self._act)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, 0, Space.M, 0)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._action)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()
        theme().changed.connect(self._colour)

    def say(self, text: str, icon: str = "check", action: str = "", do: Callable[[], object] | None = None) -> None:
        """``do``: what the button called ``action`` does."""
        self._name, self._do = icon, do
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(text)
        self._colour()
        self.place()
        self.show()
        self.raise_()
        self._timer.start(TOAST_MS)

    def text(self) -> str:
        return self._text.full_text()

    def place(self) -> None:
        """Bottom right of the parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.move(parent.width() - self.width() - Space.XL, parent.height() - self.height() - Space.XL)

    def _act(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

    def _colour(self) -> None:
        self._icon.setPixmap(theme().pixmap(self._name, "text2", 16))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        painter.setPen(theme().color("line_strong"))
        painter.setBrush(theme().color("bg3"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), Radius.TOAST, Radius.TOAST)


class FocusRing(QWidget):
    """Draws the 2 px accent ring with a 2 px gap around a button that was reached by keyboard."""

    GAP = 4

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def around(self, target: QWidget | None) -> None:
        window = self.parentWidget()
        if target is None or window is None or not target.isVisible() or target.window() is not window:
            self.hide()
            return
        rect = QRect(target.mapTo(window, target.rect().topLeft()), target.size())
        self.setGeometry(rect.adjusted(-self.GAP, -self.GAP, self.GAP, self.GAP))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        pen = painter.pen()
        pen.setWidth(2)
        pen.setColor(theme().color("accent"))
        painter.setPen(pen)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)
