"""The sign of a recording in the tray of the desktop, for a window that is minimised or behind others. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from rtms_desktop.app.events import RecordingState
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.views.theme import theme

SIZES = (16, 22, 32, 64)
WORDS = {
    RecordingState.RECORDING: "Recording",
    RecordingState.STALLED: "The recording does not grow",
    RecordingState.FINALISING: "The recording is being closed",
}
_CLEAR, _ANTIALIASING = Qt.GlobalColor.transparent, QPainter.RenderHint.Antialiasing
_NO_PEN = Qt.PenStyle.NoPen


class RecordingTray(QObject):
    """A red disc for as long as something is recorded; a click brings the window to the front. Needs a tray."""

    def __init__(self, model: SessionViewModel, window: QWidget) -> None:
        super().__init__(window)
        self._model, self._window = model, window
        self.icon: QSystemTrayIcon | None = None
        for signal in (model.changed, model.recording_changed):
            signal.connect(self._follow)

    def _follow(self) -> None:
        word = WORDS.get(self._model.recording_state)
        if word is None:
            if self.icon is not None:
                self.icon.hide()
            return
        if self.icon is None:
            if not QSystemTrayIcon.isSystemTrayAvailable():
                return
            self.icon = QSystemTrayIcon(disc(theme().hex("rec")), self)
            self.icon.activated.connect(lambda _: self._to_front())
        self.icon.setToolTip(" · ".join(part for part in (word, self._model.title, "RTMS Desktop") if part))
        self.icon.show()

    def _to_front(self) -> None:
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()


def disc(colour: str) -> QIcon:
    """A disc that fills its square but for a thin margin."""
    icon = QIcon()
    for size in SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(_CLEAR)
        painter = QPainter(pixmap)
        painter.setRenderHint(_ANTIALIASING)
        painter.setPen(_NO_PEN)
        painter.setBrush(QColor(colour))
        margin = size / 8
        painter.drawEllipse(QRectF(margin, margin, size - 2 * margin, size - 2 * margin))
        painter.end()
        icon.addPixmap(pixmap)
    return icon
