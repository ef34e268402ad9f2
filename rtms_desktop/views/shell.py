"""The main window before it has anything in it: its place, ground and name, on the screen at once (main thread).

Made by the composition root through `MainWindow`. Nothing may be imported here that a bare Qt window does not need:
even the namespace `Qt` costs 19 ms when it is first touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QLabel, QMainWindow

if TYPE_CHECKING:
    from rtms_desktop.views.theme_tokens import Tokens

SIZE, SMALLEST = (1440, 900), (1024, 640)
TOOLBAR, STATUS = 44, 26
GROUND = ("bg0", "bg1", "text3")
"""The tokens that the empty window is painted with: ground, strips, the name."""


class Shell(QMainWindow):
    """`first_painted` is emitted once, when the first picture of the window has gone to the screen.

    Attributes:
        furnished: whether the parts are there; until then no event may reach for them.
    """

    first_painted = Signal()

    def __init__(self, settings_dir: Path) -> None:
        super().__init__()
        self.furnished = False
        self.setObjectName("main")
        self.setWindowTitle("RTMS Desktop")
        self.setMinimumSize(*SMALLEST)
        self._store = QSettings(str(settings_dir / "window.ini"), QSettings.Format.IniFormat)
        self.setCentralWidget(_Ground(self._last_ground(), self))
        self.resize(*SIZE)
        geometry = self._store.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

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

    def __init__(self, colours: list[str], shell: Shell) -> None:
        super().__init__(shell.windowTitle(), shell)
        self._shell = shell
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
            QTimer.singleShot(0, self._shell, self._shell.first_painted.emit)
