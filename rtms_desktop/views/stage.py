"""The stage: tiles in their layout, the line about a share, captions, the recording frame, and what stands there else.

It is dark in both themes. Tiles repaint when their picture comes; everything else at the text tick (main thread).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.caption_track import Caption
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.viewmodels.stage_layout import CAPTION_BAND, Box
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.theme import theme
from rtms_desktop.views.tile import LABEL_HEIGHT, LABEL_INSET, PLATE_RADIUS, Tile
from rtms_desktop.views.widgets import LEFT, NO_PEN, SMOOTH, EmptyState, elide, label, tick_while_visible

_OPAQUE = Qt.WidgetAttribute.WA_OpaquePaintEvent
_NO_MOUSE = Qt.WidgetAttribute.WA_TransparentForMouseEvents
_NO_BRUSH = Qt.BrushStyle.NoBrush
_WRAP = QTextOption.WrapMode.WordWrap

REC_FRAME = 2
SMALL_STAGE = 320
CHAT_MIN = 120
CAPTION_LINES = 2


class CaptionBar(QWidget):
    """At most two lines: in the free band with the name before them, or on a plate over the pictures."""

    SIZES = {"caption": 26, "caption_small": 20, "caption_full": 38}

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(_NO_MOUSE)
        self._caption: Caption | None = None
        self._role, self._in_band = "caption", True
        self._shown: list[str] = []
        self.hide()

    def show_caption(self, caption: Caption | None, area: QRect, role: str, *, in_band: bool) -> None:
        """`area` is the band, or the lower edge of the picture that the plate may cover."""
        self._caption, self._role, self._in_band = caption, role, in_band
        self.setVisible(caption is not None)
        if caption is None:
            return
        self.setAccessibleName(f"Caption: {caption.name}: {caption.text}")
        if in_band:
            self._shown = self._lines(caption, min(area.width() - 18, self._band_width()))
        else:
            self._shown = self._lines(caption, min(round(area.width() * 0.8), 640))
        self.setGeometry(area if in_band else self._plate_geometry(area))
        self.raise_()
        self.update()

    def _lines(self, caption: Caption, width: int) -> list[str]:
        """The last two lines of the text as it wraps: what was said last is what matters."""
        name = f"{caption.name}  " if self._in_band and caption.name else ""
        layout = QTextLayout(name + caption.text, theme().font(self._role))
        option = QTextOption()
        option.setWrapMode(_WRAP)
        layout.setTextOption(option)
        layout.beginLayout()
        lines = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            lines.append((name + caption.text)[line.textStart() : line.textStart() + line.textLength()].strip())
        layout.endLayout()
        return lines[-CAPTION_LINES:]

    def _band_width(self) -> int:
        return round(self.SIZES[self._role] * 18.5)

    def _plate_geometry(self, area: QRect) -> QRect:
        lines = self._shown
        metrics = QFontMetrics(theme().font(self._role))
        width = max((metrics.horizontalAdvance(line) for line in lines), default=0) + 18
        height = len(lines) * self.SIZES[self._role] + 4
        rect = QRect(0, 0, width, height)
        rect.moveCenter(area.center())
        rect.moveBottom(area.bottom() - 8)
        return rect

    def paintEvent(self, event: QPaintEvent) -> None:
        caption = self._caption
        if caption is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        if not self._in_band:
            painter.setPen(NO_PEN)
            painter.setBrush(theme().color("plate"))
            painter.drawRoundedRect(QRectF(self.rect()), PLATE_RADIUS, PLATE_RADIUS)
        font = theme().font(self._role)
        metrics, height = QFontMetrics(font), self.SIZES[self._role]
        lines = self._shown
        top = (self.height() - len(lines) * height) / 2
        painter.setFont(font)
        for number, line in enumerate(lines):
            x = (self.width() - metrics.horizontalAdvance(line)) / 2
            y = top + number * height + (height + metrics.ascent() - metrics.descent()) / 2
            self._draw_line(painter, QPointF(x, y), line, metrics, first=number == 0)

    def _draw_line(self, painter: QPainter, at: QPointF, line: str, metrics: QFontMetrics, *, first: bool) -> None:
        caption = self._caption
        assert caption is not None
        if first and self._in_band and caption.name and line.startswith(caption.name):
            painter.setPen(theme().speaker(caption.colour, on_stage=True))
            font = theme().font(self._role)
            font.setWeight(font.Weight.DemiBold)
            painter.setFont(font)
            painter.drawText(at, caption.name)
            at = QPointF(at.x() + metrics.horizontalAdvance(caption.name + "  "), at.y())
            line = line[len(caption.name) :].lstrip()
            painter.setFont(theme().font(self._role))
        painter.setPen(theme().color("on_stage1"))
        painter.drawText(at, line)


class Stage(QWidget):
    """`acted(key)`: the action of an empty state. `full_screen_wanted`: a picture was double clicked."""

    acted = Signal(str)
    full_screen_wanted = Signal()

    def __init__(
        self, model: StageViewModel, session: SessionViewModel, ticks: RenderTick, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(_OPAQUE)
        self.setMinimumSize(320, 180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Stage")
        self._model, self._session = model, session
        self._tiles: dict[tuple[str, int], Tile] = {}
        self._full_screen = False
        self._rec = False
        self._message = EmptyState(on_stage=True, parent=self)
        self._message.acted.connect(self.acted)
        self._captions = CaptionBar(self)
        self._badge = label("", "rec", "dense_strong", parent=self)
        self._badge.setAccessibleName("Recording")
        self._badge.hide()
        model.arranged.connect(self._arrange)
        model.frame_arrived.connect(self._frame)
        model.caption_changed.connect(self._show_caption)
        model.chat_changed.connect(self.update)
        model.captions_changed.connect(lambda on: self._show_caption())
        model.message_changed.connect(self._show_message)
        model.tiles_changed.connect(self._refresh_tiles)
        model.osd_changed.connect(lambda level: self._refresh_tiles())
        session.recording_changed.connect(self._recording)
        tick_while_visible(self, ticks.text, model.refresh)
        tick_while_visible(self, ticks.text, self._show_badge)
        self._show_message()

    # -- for the window ------------------------------------------------------------------------------------------

    def set_full_screen(self, on: bool) -> None:
        self._full_screen = on
        self._show_caption()
        self._show_badge()
        self.update()

    def tiles(self) -> dict[tuple[str, int], Tile]:
        return dict(self._tiles)

    def focused_key(self) -> tuple[str, int] | None:
        """The tile that a snapshot is taken of: the focused one, else the large one, else any."""
        for key, tile in self._tiles.items():
            if tile.hasFocus():
                return key
        main = self._model.main_key
        return main if main in self._tiles else next(iter(self._tiles), None)

    def message(self) -> EmptyState:
        return self._message

    def caption_bar(self) -> CaptionBar:
        return self._captions

    # -- following the model -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._message.setGeometry(self.rect())
        self._show_badge()
        self._model.set_area(self.width(), self.height(), self.devicePixelRatioF())

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._model.set_area(self.width(), self.height(), self.devicePixelRatioF())
        self._model.set_visible(True)

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self._model.set_visible(False)

    def _arrange(self) -> None:
        places = self._model.arrangement.tiles if not self._model.message.title else {}
        for key in [key for key in self._tiles if key not in places]:
            tile = self._tiles.pop(key)
            if tile.hasFocus():
                self.setFocus()  # Qt would give it to some button, which the next Space would press
            tile.hide()
            tile.deleteLater()
        for key, box in places.items():
            tile = self._tiles.get(key) or self._make_tile(key)
            tile.setGeometry(*box)
            tile.refresh()
            tile.show()
        self._captions.raise_()
        self._show_caption()
        self.update()

    def _make_tile(self, key: tuple[str, int]) -> Tile:
        tile = self._tiles[key] = Tile(self._model, key, self)
        tile.acted.connect(lambda key: self._model.subscribe(key[1]))
        tile.opened.connect(lambda key: self.full_screen_wanted.emit())
        tile.take_frame()
        return tile

    def _frame(self, key: Any) -> None:
        tile = self._tiles.get(key)
        if tile is not None:
            if not tile.has_picture:
                tile.refresh()
            tile.take_frame()

    def _refresh_tiles(self) -> None:
        for tile in self._tiles.values():
            tile.refresh()

    def _show_message(self) -> None:
        message = self._model.message
        self._message.set(
            message.icon, message.title, message.line, message.action, message.key, token=message.token,
            second=message.second, second_key=message.second_key,
        )  # fmt: skip
        self._message.setVisible(bool(message.title))
        self._message.raise_()
        self._arrange()

    def _show_caption(self) -> None:
        caption = self._model.caption if self._tiles else None
        band = self._model.arrangement.caption_band
        large = self.height() >= SMALL_STAGE and (band is None or band.height >= CAPTION_BAND)
        role = "caption_full" if self._full_screen else "caption" if large else "caption_small"
        if band is not None:
            self._captions.show_caption(caption, QRect(*band), role, in_band=True)
            return
        main = self._model.arrangement.tiles.get(self._model.main_key or ("", 0))
        area = QRect(*main) if main is not None and self._model.layout != "gallery" else self.rect()
        if self._model.layout != "share":  # a share has no name on it
            area.setBottom(area.bottom() - LABEL_HEIGHT - LABEL_INSET)
        self._captions.show_caption(caption, area, role, in_band=False)

    def _recording(self) -> None:
        if self._rec != self._session.is_recording:
            self._rec = self._session.is_recording
            self.update()

    # -- drawing -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("stage"))
        if self._model.arrangement.share_line is not None and self._tiles:
            self._draw_share_line(painter)
        if self._rec:
            pen = QPen(theme().color("rec"), REC_FRAME)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.setBrush(_NO_BRUSH)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _show_badge(self) -> None:
        """In full screen nothing else says that a recording runs."""
        self._badge.setVisible(self._full_screen and self._session.is_recording)
        if self._badge.isVisible():
            self._badge.setText(self._session.recording_text)
            self._badge.adjustSize()
            self._badge.move(self.width() - self._badge.width() - 12, 12)
            self._badge.raise_()

    def _draw_share_line(self, painter: QPainter) -> None:
        line = self._model.arrangement.share_line
        assert line is not None
        who, figures = self._model.share_text()
        if not who:
            return
        painter.drawPixmap(line.x, line.y + 6, theme().pixmap("monitor-up", "stage_share", 14))
        font = theme().font("dense")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme().color("on_stage2"))
        x = line.x + 20
        who = elide(metrics, who, line.width // 2)
        painter.drawText(QRectF(x, line.y + 2, line.width, line.height - 2), LEFT, who)
        x += metrics.horizontalAdvance(who) + 10
        painter.setPen(theme().color("on_stage3"))
        painter.drawText(QRectF(x, line.y + 2, line.width, line.height - 2), LEFT, figures)
        self._draw_chat(painter, metrics, line, x + metrics.horizontalAdvance(figures) + 32)

    def _draw_chat(self, painter: QPainter, metrics: QFontMetrics, line: Box, left: float) -> None:
        """The newest chat message at the right end of the line: the chat itself may be behind another tab."""
        said = self._model.chat()
        right = self.width() - line.x
        if said is None or right - left < CHAT_MIN:
            return
        name = f"{said.name}  "
        text = elide(metrics, said.text, round(right - left - metrics.horizontalAdvance(name) - 20))
        x = right - metrics.horizontalAdvance(name + text)
        painter.drawPixmap(round(x) - 20, line.y + 6, theme().pixmap("message-square", "stage_chat", 14))
        painter.setPen(theme().speaker(said.colour, on_stage=True))
        painter.drawText(QRectF(x, line.y + 2, right - x, line.height - 2), LEFT, name)
        painter.setPen(theme().color("on_stage2"))
        x += metrics.horizontalAdvance(name)
        painter.drawText(QRectF(x, line.y + 2, right - x, line.height - 2), LEFT, text)
