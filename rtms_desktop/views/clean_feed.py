"""A frameless window with nothing but the large picture of the stage, for a capture program to pick up (main thread).

Its title never changes, so that a capture finds it again. Drag it with the mouse; a double-click or Esc closes it.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.views.theme import theme

TITLE = "RTMS Desktop clean feed"
SIZE = (1280, 720)
_RGB32 = QImage.Format.Format_RGB32
_SMOOTH = QPainter.RenderHint.SmoothPixmapTransform
_LEFT_BUTTON = Qt.MouseButton.LeftButton


class CleanFeed(QWidget):
    """Shows the newest picture of `StageViewModel.main_key`, letterboxed, without names, captions or figures."""

    closed = Signal()

    def __init__(self, model: StageViewModel) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setObjectName("clean_feed")
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self._model = model
        self._frame: Any = None
        self.resize(*SIZE)
        model.frame_arrived.connect(self._came)
        model.arranged.connect(self._newest)
        self._newest()

    def _came(self, key: object) -> None:
        if key == self._model.main_key:
            self._newest()

    def _newest(self) -> None:
        key = self._model.main_key
        frame = self._model.frames.get(key) if key is not None else None
        if frame is not self._frame:
            self._frame = frame
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("stage"))
        frame = self._frame
        if frame is None:
            return
        image = QImage(frame.bgra, frame.width, frame.height, frame.stride, _RGB32)
        scale = min(self.width() / frame.width, self.height() / frame.height)
        box = QRectF(0, 0, frame.width * scale, frame.height * scale)
        box.moveCenter(QRectF(self.rect()).center())
        painter.setRenderHint(_SMOOTH)
        painter.drawImage(box, image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        ratio = self.devicePixelRatioF()
        self._model.set_feed((round(self.width() * ratio), round(self.height() * ratio)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        handle = self.windowHandle()
        if event.button() == _LEFT_BUTTON and handle is not None:
            handle.startSystemMove()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._model.set_feed(None)
        self.closed.emit()
        super().closeEvent(event)
