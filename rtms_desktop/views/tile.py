"""One picture of the stage, drawn 1:1 as it was decoded, with its label, frame, age and figures (main thread)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.stage_vm import OSD_FULL_FROM, StageViewModel, TileInfo
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import CENTER, LEFT, NO_PEN, SMOOTH, elide

# Bound on the main thread: the first touch of a Qt enum is not thread-safe.
RGB32 = QImage.Format.Format_RGB32
_OPAQUE = Qt.WidgetAttribute.WA_OpaquePaintEvent
_NO_BRUSH = Qt.BrushStyle.NoBrush
_CLICK_FOCUS = Qt.FocusPolicy.StrongFocus
_LEFT_BUTTON = Qt.MouseButton.LeftButton
_TRANSPARENT = Qt.GlobalColor.transparent

LABEL_HEIGHT, LABEL_INSET, PLATE_RADIUS = 22, 6, 3
OSD_LINE, OSD_PAD = 17, 8
STATE_ICONS = {
    "Camera off": "video-off", "Waiting for a keyframe": "loader-circle", "Nobody is sharing": "monitor-up",
    "Waiting for the first picture": "monitor-up", "Not subscribed": "eye", "No video received": "video",
    "Screen share was not asked for": "monitor-off",
}  # fmt: skip


class Tile(QWidget):
    """Shows the newest frame of one key. `acted` when its action is pressed, `opened` at a double click."""

    acted = Signal(object)
    opened = Signal(object)

    def __init__(self, model: StageViewModel, key: tuple[str, int], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(_OPAQUE)
        self.setFocusPolicy(_CLICK_FOCUS)
        self.key = key
        self._model = model
        self._info: TileInfo = model.tile(key)
        self._osd: list[str] = []
        self._age = ""
        self._image: QImage | None = None
        self._frame: Any = None
        self._painted: Any = None
        self._plates: dict[tuple[Any, ...], QPixmap] = {}
        self._action_rect = QRect()
        self._tell()
        theme().changed.connect(self._forget_plates)

    # -- what changes --------------------------------------------------------------------------------------------

    def take_frame(self) -> None:
        """A picture has come for this tile."""
        frame = self._model.frames.get(self.key)
        if frame is not None and frame is not self._frame:
            self._set_frame(frame)
            self.update()

    def _set_frame(self, frame: Any) -> None:
        # The frame owns the pixels; both are kept for as long as they are shown.
        self._frame = frame
        self._image = QImage(frame.bgra, frame.width, frame.height, frame.stride, RGB32)
        self._image.setDevicePixelRatio(self.devicePixelRatioF())

    def refresh(self) -> None:
        """Words and figures may have changed."""
        info = self._model.tile(self.key)
        osd, age = self._model.osd_lines(self.key), self._model.old_frame_text(self.key)
        if (info, osd, age) != (self._info, self._osd, self._age):
            self._info, self._osd, self._age = info, osd, age
            if len(self._plates) > 40:
                self._plates.clear()
            self._tell()
            self.update()

    def _tell(self) -> None:
        info = self._info
        kind = "Share of" if self.key[0] == "share" else "Video of"
        self.setAccessibleName(f"{kind} {info.name}")
        self.setAccessibleDescription(info.state or ("speaking" if info.active else "showing"))

    def _forget_plates(self) -> None:
        self._plates.clear()
        self.update()

    @property
    def has_picture(self) -> bool:
        return self._image is not None and not self._info.state

    # -- drawing -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is not None and not self._info.state:
            self._draw_picture(painter)
        else:
            painter.fillRect(self.rect(), theme().color("tile_empty"))
            self._draw_state(painter)
        if self.key[0] == "video":
            self._draw_label(painter)
        below = self._draw_osd(painter) if self._osd else 0.0
        if self._age:
            self._draw_age(painter, below)
        if self._info.active:
            self._draw_frame(painter, theme().speaker(self._info.colour, on_stage=True))
        elif self.hasFocus():
            self._draw_frame(painter, theme().color("on_stage2"))
        painter.end()
        if self._frame is not None and self._frame is not self._painted and self.has_picture:
            self._painted = self._frame
            self._model.painted(self._frame, self._model.now)

    def _draw_picture(self, painter: QPainter) -> None:
        image = self._image
        assert image is not None
        size, ratio = self.size(), self.devicePixelRatioF()
        width, height = image.width() / ratio, image.height() / ratio
        fits = abs(width - size.width()) <= 2 and abs(height - size.height()) <= 2
        tall = abs(width - size.width()) <= 2 or abs(height - size.height()) <= 2
        if fits and width >= size.width() and height >= size.height():
            painter.drawImage(QPointF(0, 0), image)
            return
        painter.fillRect(self.rect(), theme().color("stage"))
        if tall and width <= size.width() + 2 and height <= size.height() + 2:
            x = round((size.width() - width) / 2 * ratio) / ratio
            y = round((size.height() - height) / 2 * ratio) / ratio
            painter.drawImage(QPointF(x, y), image)
            return
        # Decoded for another size: scaled until the next picture comes in the right one.
        scale = min(size.width() / width, size.height() / height)
        target = QRectF(0, 0, width * scale, height * scale)
        target.moveCenter(QRectF(self.rect()).center())
        painter.drawImage(target, image)

    def _draw_state(self, painter: QPainter) -> None:
        info, rect = self._info, self.rect()
        small = rect.height() < 110
        y = rect.center().y() - (26 if info.detail or info.action else 20)
        icon = theme().pixmap(STATE_ICONS.get(info.state, "video"), "on_stage2", 16 if small else 20)
        if not small:
            painter.drawPixmap(round(rect.center().x() - 10), y - 8, icon)
        painter.setPen(theme().color("on_stage1"))
        painter.setFont(theme().font("dense_medium"))
        words = elide(painter.fontMetrics(), info.state, rect.width() - 16)
        painter.drawText(QRect(8, y + 16, rect.width() - 16, 18), CENTER, words)
        self._action_rect = QRect()
        if info.detail or info.action:
            painter.setFont(theme().font("dense"))
            painter.setPen(theme().speaker(0, on_stage=True) if info.action else theme().color("on_stage2"))
            line = QRect(8, y + 38, rect.width() - 16, 18)
            painter.drawText(line, CENTER, info.action or info.detail)
            if info.action:
                self._action_rect = line

    def _draw_label(self, painter: QPainter) -> None:
        info = self._info
        plate = self._plate(("label", info.name, info.colour, info.voice, self.width()), self._make_label)
        height = plate.height() / plate.devicePixelRatio()
        painter.drawPixmap(QPointF(LABEL_INSET, self.height() - height - LABEL_INSET), plate)

    def _make_label(self) -> QPixmap:
        info, font = self._info, theme().font("dense_medium")
        metrics = QFontMetrics(font)
        name = elide(metrics, info.name, max(20, self.width() - 2 * LABEL_INSET - 44))
        pixmap, painter = self._begin_plate(metrics.horizontalAdvance(name) + 44, LABEL_HEIGHT)
        painter.fillRect(QRectF(7, 5, 3, 12), theme().speaker(info.colour, on_stage=True))
        icon, token = ("mic", "on_stage1") if info.voice else ("mic-off", "on_stage_error")
        painter.drawPixmap(17, 4, theme().pixmap(icon, token, 14, self.devicePixelRatioF()))
        painter.setFont(font)
        painter.setPen(theme().color("on_stage1"))
        painter.drawText(QRectF(36, 0, pixmap.width(), LABEL_HEIGHT), LEFT, name)
        painter.end()
        return pixmap

    def _draw_age(self, painter: QPainter, below: float) -> None:
        """Top right; in a tile that the figures fill, under them."""
        plate = self._plate(("age", self._age), lambda: self._make_words(self._age, "on_stage_warn"))
        width = plate.width() / plate.devicePixelRatio()
        top = below + 4 if below and self.width() < OSD_FULL_FROM else LABEL_INSET
        painter.drawPixmap(QPointF(self.width() - width - LABEL_INSET, top), plate)

    def _make_words(self, words: str, token: str) -> QPixmap:
        font = theme().font("dense")
        pixmap, painter = self._begin_plate(QFontMetrics(font).horizontalAdvance(words) + 14, 20)
        painter.setFont(font)
        painter.setPen(theme().color(token))
        painter.drawText(QRectF(7, 0, pixmap.width(), 20), LEFT, words)
        painter.end()
        return pixmap

    def _draw_osd(self, painter: QPainter) -> float:
        """Top left; returns where it ends."""
        plate = self._plate(("osd", *self._osd), self._make_osd)
        painter.drawPixmap(QPointF(10, 10), plate)
        return 10 + plate.height() / plate.devicePixelRatio()

    def _make_osd(self) -> QPixmap:
        font = theme().font("mono")
        metrics = QFontMetrics(font)
        width = max(metrics.horizontalAdvance(line) for line in self._osd) + 2 * OSD_PAD + 4
        width = min(width, max(40, self.width() - 20))
        pixmap, painter = self._begin_plate(width, len(self._osd) * OSD_LINE + 2 * OSD_PAD - 2)
        painter.setFont(font)
        painter.setPen(theme().color("on_stage1"))
        for number, line in enumerate(self._osd):
            rect = QRectF(OSD_PAD + 2, OSD_PAD - 1 + number * OSD_LINE, width - 2 * OSD_PAD, OSD_LINE)
            painter.drawText(rect, LEFT, elide(metrics, line, width - 2 * OSD_PAD))
        painter.end()
        return pixmap

    def _begin_plate(self, width: int, height: int) -> tuple[QPixmap, QPainter]:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(width * ratio), round(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(_TRANSPARENT)
        painter = QPainter(pixmap)
        painter.setRenderHint(SMOOTH)
        painter.setPen(NO_PEN)
        painter.setBrush(theme().color("plate"))
        painter.drawRoundedRect(QRectF(0, 0, width, height), PLATE_RADIUS, PLATE_RADIUS)
        return pixmap, painter

    def _plate(self, key: tuple[Any, ...], make: Any) -> QPixmap:
        plate = self._plates.get(key)
        if plate is None:
            plate = self._plates[key] = make()
        return plate

    def _draw_frame(self, painter: QPainter, colour: QColor) -> None:
        pen = QPen(colour, 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(_NO_BRUSH)
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    # -- hands ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == _LEFT_BUTTON and self._action_rect.contains(event.position().toPoint()):
            self.acted.emit(self.key)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == _LEFT_BUTTON:
            self.opened.emit(self.key)
