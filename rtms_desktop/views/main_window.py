"""The window before it has anything in it: its place, ground and name, on the screen at once. Main thread.

Made by the composition root, shown, and then furnished with a body (`views.body`), which is offered every event of the
window. Nothing may be imported here that a bare Qt window does not need: even the namespace `Qt` costs 19 ms when it
is first touched. Closing the window only asks (`quit_requested`); `finish` really closes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSettings, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QLabel, QMainWindow

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QCloseEvent

    from rtms_desktop.viewmodels.bridge import Bridge
    from rtms_desktop.views.body import Body
    from rtms_desktop.views.theme_tokens import Tokens

SIZE, SMALLEST = (1440, 900), (1024, 640)
TOOLBAR, STATUS = 44, 26
GROUND = ("bg0", "bg1", "text3")
"""The tokens that the empty window is painted with: ground, strips, the name."""


class MainWindow(QMainWindow):
    """`first_painted` is emitted once, when the first picture of the window has gone to the screen.

    Attributes:
        body: everything in it; None until it is furnished.
    """

    first_painted = Signal()
    quit_requested = Signal()
    body: Body | None = None

    def __init__(self, settings_dir: Path) -> None:
        super().__init__()
        self._finished = False
        self.setObjectName("main")
        self.setWindowTitle("RTMS Desktop")
        self.setMinimumSize(*SMALLEST)
        self._store = QSettings(str(settings_dir / "window.ini"), QSettings.Format.IniFormat)
        self.setCentralWidget(_Ground(self._last_ground(), self))
        self.resize(*SIZE)
        geometry = self._store.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def furnish(self, controller: Any, bridge: Bridge | None = None) -> Body:
        """Fill the window; once."""
        from rtms_desktop.views.body import Body  # imports all that the window will show: a third of a second

        self.body = Body(self, controller, bridge, self._store)
        self.setCentralWidget(self.body)
        self.body.begin()
        return self.body

    def event(self, event: QEvent) -> bool:
        """Whatever happens to the window is offered to the body first."""
        return (self.body is not None and self.body.window_event(event)) or super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(self._finished)
        if self._finished:
            return
        if self.body is None:
            self.quit_requested.emit()
        else:
            self.body.ask_to_quit()

    def finish(self) -> None:
        """The program has put everything away: remember the layout and go. Idempotent."""
        if self._finished:
            return
        self._finished = True
        if not self.isFullScreen():
            self._store.setValue("geometry", self.saveGeometry())
        if self.body is not None:
            self.body.close_all()
        self._store.sync()
        self.close()

    def remember_ground(self, tokens: Tokens) -> None:
        """Keep the colours for the next start."""
        self._store.setValue("ground", [getattr(tokens, name) for name in GROUND])

    def _last_ground(self) -> list[str]:
        """The colours that the window had when it was closed; before the first time, those of the system."""
        last = self._store.value("ground")
        if not isinstance(last, list) or len(last) != len(GROUND):
            from PySide6.QtCore import Qt

            from rtms_desktop.views.theme_tokens import DARK, LIGHT

            light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
            last = [getattr(LIGHT if light else DARK, name) for name in GROUND]
        return last


class _Ground(QLabel):
    """The bare ground with the name, and the strips where the toolbar and the status bar will be.

    A style sheet, and no painter: the choice between the forms of `setPen` or `fillRect` alone loads all names of Qt.
    """

    def __init__(self, colours: list[str], window: MainWindow) -> None:
        super().__init__(window.windowTitle(), window)
        self._window = window
        self._painted = False
        ground, strip, text = colours
        self.setStyleSheet(
            f"background: {ground}; color: {text}; qproperty-alignment: AlignCenter;"
            f"border-top: {TOOLBAR}px solid {strip}; border-bottom: {STATUS}px solid {strip};"
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            # The picture goes to the screen when this call returns.
            QTimer.singleShot(0, self._window, self._window.first_painted.emit)
