"""The lanes of the monitor: one row per socket and one for the gaps, painted by hand. Main thread.

Time runs to the right; while the window follows, "now" is its right edge. Bars stand in fixed places and move on by
whole bars.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from rtms_desktop.session.events import ALL, LinkState
from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.figures import long_clock, short_clock, span
from rtms_desktop.viewmodels.graph_kinds import HEAVY
from rtms_desktop.viewmodels.graphs import ladder
from rtms_desktop.viewmodels.history import step_of
from rtms_desktop.viewmodels.lane_figures import ERROR_STATES, Lane
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.views.gap_row import GapRow
from rtms_desktop.views.lane_paint import BAND, BAND_COMPACT, FLOWING, LEAST, bar_image, draw_state
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import MEDIA_ICONS, Height, theme
from rtms_desktop.views.time_scale import TimeScale
from rtms_desktop.views.time_surface import TimeSurface
from rtms_desktop.views.widgets import CENTER, ELIDE, LEFT, RIGHT

_SMOOTH = QPainter.RenderHint.Antialiasing

GUTTER, GUTTER_COMPACT = 310, 126
HEAD, HEAD_COMPACT = 26, 22
GAPS_TIP = (
    "Losses (socket lost, dropped here), counted for each person and medium, and their lengths together.\n"
    "Silence, mute and pause are no losses; they are thin outlines. Normal: none."
)
LABEL_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120)
LABELS = 5
GROWS = 4
"""So often is a bar painted anew while it grows."""


class Lanes(TimeSurface):
    """The rows. A click sets the cursor, a double click asks for the Inspector there; see TimeHand."""

    def __init__(self, model: MonitorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.compact = False
        self._pointer: QPoint | None = None
        self._drawn: tuple[int, object] | None = None
        self._told: object = None
        self.setAccessibleName("Sockets over time")
        theme().changed.connect(self.update)

    def set_compact(self, compact: bool) -> None:
        if compact != self.compact:
            self.compact = compact
            self.updateGeometry()
            self.update()

    def refresh(self) -> None:
        """At the data tick: paint the times anew when a bar has grown by a quarter, or something has happened."""
        model, scale = self._model, self.scale()
        cursor = model.cursor
        place = None if cursor is None else round(scale.x(cursor))
        now = (scale, step_of(model.now) // max(1, scale.size // GROWS), place)
        drawn = (model.happened, now)
        if drawn != self._drawn:
            again = self._drawn is None or model.happened != self._drawn[0]
            self._drawn = drawn
            self.update(self.rect() if again else self.rect().adjusted(self._gutter, 0, 0, 0))

    def show_figures(self) -> None:
        """At the text tick: paint the figures at the left anew when one of them is another."""
        told = [self._model.figures(lane) for lane in self._model.lanes], self._model.gap_sum()
        if told != self._told:
            self._told = told
            self.update(0, 0, self._gutter, self.height())

    # -- geometry ------------------------------------------------------------------------------------------------

    @property
    def _gutter(self) -> int:
        return GUTTER_COMPACT if self.compact else GUTTER

    @property
    def _head(self) -> int:
        return HEAD_COMPACT if self.compact else HEAD

    @property
    def row_height(self) -> int:
        full = Height.LANE_COMPACT if self.compact else Height.LANE
        rows = len(self._model.lanes) + 1
        return max(Height.LANE_COMPACT, min(full, (self.height() - self._head) // rows))

    def sizeHint(self) -> QSize:
        rows = len(self._model.lanes) + 1
        lane = Height.LANE_COMPACT if self.compact else Height.LANE
        return QSize(700, self._head + rows * lane + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, self._head + (len(self._model.lanes) + 1) * Height.LANE_COMPACT)

    def scale(self) -> TimeScale:
        """The present scale of time."""
        width = self.width() - self._gutter
        return TimeScale.at(self._model.edge, self._model.window_s, self._gutter, width)

    def _time_at(self, place: QPointF) -> float | None:
        return self.scale().time(place.x()) if place.x() >= self._gutter and self._model.active else None

    def _link_at(self, place: QPointF) -> str:
        lane = self.lane_at(place.y())
        return lane.name if lane is not None else ""

    def lane_at(self, y: float) -> Lane | None:
        row = int((y - self._head) // self.row_height)
        return self._model.lanes[row] if 0 <= row < len(self._model.lanes) and y >= self._head else None

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme().color("bg1"))
        if not self._model.active:
            return
        if event.rect().left() < self._gutter:
            self._paint_figures(painter)
        if event.rect().right() >= self._gutter:
            self._paint_time(painter)
        self._focus.paint(painter, self.rect())

    def _paint_figures(self, painter: QPainter) -> None:
        if not self.compact:
            self._paint_heads(painter)
        top = self._head
        for lane in self._model.lanes:
            self._paint_gutter(painter, lane, top)
            top += self.row_height
        self._paint_gap_gutter(painter, top)

    def _paint_time(self, painter: QPainter) -> None:
        scale, top = self.scale(), self._head
        self._paint_times(painter, scale)
        for lane in self._model.lanes:
            self._paint_lane(painter, lane, top, scale)
            top += self.row_height
        GapRow(scale, self._model.now, top, self.row_height, self.compact).paint(painter, self._model.gaps)
        self._paint_playhead(painter, scale, top + self.row_height)
        self._paint_plate(painter, scale)

    def _paint_times(self, painter: QPainter, scale: TimeScale) -> None:
        """Labels and vertical lines every 30 s (more or less in other windows), in fixed places."""
        look = theme()
        every = next((step for step in LABEL_STEPS_S if self._model.window_s / step <= LABELS), LABEL_STEPS_S[-1])
        bottom = self._head + self.row_height * (len(self._model.lanes) + 1)
        painter.setFont(look.font("label"))
        room = 70
        newest = self._model.ends_now
        until = self.width() - 12 - painter.fontMetrics().horizontalAdvance("now" if newest else "00:00:00")
        for number in range(math.ceil(self._model.window_s / every) + 1):
            at = min(scale.end - self._model.window_s + number * every, scale.end)
            x = round(scale.x(at))
            if 0 < number * every < self._model.window_s:
                painter.fillRect(x, self._head, 1, bottom - self._head, look.color("grid"))
            last = at >= scale.end
            if self.compact and number and not last:
                continue
            text = self._time_label(at, scale)
            painter.setPen(look.color("text3"))
            box = QRectF(x - room / 2, 0, room, self._head)
            if number == 0:
                painter.drawText(QRectF(scale.left + 2, 0, room, self._head), LEFT, text)
            elif last:
                painter.drawText(QRectF(self.width() - room - 3, 0, room, self._head), RIGHT, "now" if newest else text)
            elif x + painter.fontMetrics().horizontalAdvance(text) / 2 < until:
                painter.drawText(box, CENTER, text)

    def _time_label(self, at: float, scale: TimeScale) -> str:
        """The session's time, or how long ago where the session was not open yet."""
        if not self._model.ends_now:
            return short_clock(self._model.session_time(at))
        if self.compact:
            return f"−{span(self._model.window_s)}"
        if self._model.age_s >= self._model.window_s:
            return long_clock(self._model.session_time(at))
        return short_clock(at - scale.end)

    def _paint_heads(self, painter: QPainter) -> None:
        look = theme()
        painter.setFont(look.font("label"))
        painter.setPen(look.color("text3"))
        painter.drawText(QRectF(34, 0, 68, self._head), LEFT, "Socket")
        painter.drawText(QRectF(104, 0, 80, self._head), LEFT, "State")
        painter.drawText(QRectF(180, 0, 80, self._head), RIGHT, "Rate")
        painter.drawText(QRectF(250, 0, 48, self._head), RIGHT, "Alive")

    def _paint_gutter(self, painter: QPainter, lane: Lane, top: int) -> None:
        look, row = theme(), self.row_height
        icon = 14 if self.compact else 16
        name = MEDIA_ICONS.get(lane.name, "radio")
        pixmap = look.pixmap(name, f"media.{lane.name}", icon, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(12, top + (row - icon) // 2), pixmap)
        figures = self._model.figures(lane)
        level = {"": "text2", "warn": "warn", "error": "error"}[figures.level]
        closed = self._model.state(lane) is LinkState.CLOSED
        painter.setFont(look.font("dense_medium"))
        painter.setPen(look.color(level if self.compact and figures.level else "text1"))
        painter.drawText(QRectF(34, top, GUTTER_COMPACT - 36 if self.compact else 70, row), LEFT, lane.title)
        if self.compact:
            return
        painter.setFont(look.font("dense"))
        painter.setPen(look.color("text3" if closed else level))
        painter.drawText(QRectF(104, top, 82, row), LEFT, figures.word)
        painter.setPen(look.color("text1"))
        painter.drawText(QRectF(180, top, 80, row), RIGHT, figures.rate)
        painter.setPen(look.color("text2"))
        painter.drawText(QRectF(250, top, 48, row), RIGHT, figures.alive)

    def _band(self, top: int) -> QRectF:
        high = BAND_COMPACT if self.compact or self.row_height < 24 else BAND
        return QRectF(self._gutter, top + (self.row_height - high) // 2, self.width() - self._gutter, high)

    def _paint_lane(self, painter: QPainter, lane: Lane, top: int, scale: TimeScale) -> None:
        band = self._band(top)
        painter.fillRect(QRectF(self._gutter, top + self.row_height - 1, band.width(), 1), theme().color("grid"))
        spans = self._model.spans(lane, scale.start, scale.end)
        flowing = any(one.state in FLOWING for one in spans)
        for one in sorted(spans, key=lambda one: one.state not in FLOWING):
            left = round(scale.x(one.start))
            width = max(LEAST, round(scale.x(min(one.end, self._model.now))) - left)
            if one.state is LinkState.CLOSED and one.start > scale.start and width <= LEAST:
                continue
            end = self.width() if one.end >= scale.end - 1e-6 and one.state in FLOWING else left + width
            box = QRectF(left, band.top(), min(end, self.width()) - left, band.height())
            if one.state in FLOWING and flowing:
                flowing = False
                self._paint_flow(painter, lane, band, spans, scale)
            if one.state not in FLOWING:
                draw_state(painter, box, one.state, lane.name)
            if one.state in ERROR_STATES and one.text:
                self._paint_words(painter, box, one.text)

    def _paint_flow(self, painter: QPainter, lane: Lane, band: QRectF, spans: list, scale: TimeScale) -> None:
        """The ground of all flowing spans, then the bars over the whole width at once."""
        for one in spans:
            if one.state in FLOWING:
                left = round(scale.x(one.start))
                right = self.width() if one.end >= scale.end - 1e-6 else round(scale.x(one.end))
                draw_state(painter, QRectF(left, band.top(), right - left, band.height()), one.state, lane.name)
        values = self._model.bars(lane, scale.last, scale.size, scale.count)
        heavy = lane.name in HEAVY or lane.name == ALL
        peak = max(float(values.max()), 1.0)
        full = ladder(peak * 1.3) if heavy else max(1.25, ladder(peak))
        image = bar_image(
            values, full, scale.width, int(band.height()), self.devicePixelRatioF(), theme().media(lane.name)
        )
        painter.drawImage(QPointF(band.left(), band.top()), image)

    def _paint_words(self, painter: QPainter, box: QRectF, text: str) -> None:
        """Code and name of a refusal, on a ground of their own beside or over the band."""
        look = theme()
        painter.setFont(look.font("label_medium"))
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text) + 14
        left = max(self._gutter, min(box.left() + 4, self.width() - width - 4))
        plate = QRectF(left, box.center().y() - 8, min(width, self.width() - left), 16)
        painter.fillRect(plate, look.color("error_bg"))
        painter.setPen(look.color("error"))
        painter.drawText(plate.adjusted(6, 0, -6, 0), LEFT, metrics.elidedText(text, ELIDE, int(plate.width()) - 12))

    def _paint_gap_gutter(self, painter: QPainter, top: int) -> None:
        look, row = theme(), self.row_height
        icon = 14 if self.compact else 16
        pixmap = look.pixmap("unlink", "text3", icon, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(12, top + (row - icon) // 2), pixmap)
        painter.setFont(look.font("dense_medium"))
        painter.setPen(look.color("text1"))
        painter.drawText(QRectF(34, top, 70, row), LEFT, "Gaps")
        if not self.compact:
            painter.setFont(look.font("dense"))
            painter.setPen(look.color("text2"))
            painter.drawText(QRectF(104, top, 194, row), RIGHT, self._model.gap_sum())

    def _paint_playhead(self, painter: QPainter, scale: TimeScale, bottom: int) -> None:
        cursor = self._model.cursor
        if cursor is not None and scale.start <= cursor <= scale.end:
            painter.setRenderHint(_SMOOTH)
            painter.setPen(QPen(theme().color("playhead"), 1.5))
            x = scale.x(cursor)
            painter.drawLine(QPointF(x, self._head - 4), QPointF(x, bottom))
            painter.setRenderHint(_SMOOTH, False)

    def _paint_plate(self, painter: QPainter, scale: TimeScale) -> None:
        """Time, state and cause of what lies under the pointer."""
        if self._pointer is None or self._pointer.x() < self._gutter or self._pointer.y() < self._head:
            return
        look, at = theme(), scale.time(self._pointer.x())
        if at > self._model.now:
            return
        words = monitor_words.at_words(self._model, self.lane_at(self._pointer.y()), at)
        lines = [long_clock(self._model.session_time(at)), *words]
        painter.setFont(look.font("label"))
        metrics = painter.fontMetrics()
        width = min(360, max(metrics.horizontalAdvance(line) for line in lines) + 20)
        high = 16 * len(lines) + 10
        left = self._pointer.x() + 12
        left = left if left + width <= self.width() else self._pointer.x() - width - 12
        top = min(self._pointer.y() + 12, self.height() - high - 2)
        painter.setRenderHint(_SMOOTH)
        painter.setPen(QPen(look.color("line_strong"), 1))
        painter.setBrush(look.color("bg3"))
        painter.drawRoundedRect(QRectF(left + 0.5, top + 0.5, width, high), 6, 6)
        for number, line in enumerate(lines):
            painter.setPen(look.color("text1" if number == 0 else "text2"))
            box = QRectF(left + 10, top + 5 + 16 * number, width - 18, 16)
            painter.drawText(box, LEFT, metrics.elidedText(line, ELIDE, width - 18))

    # -- input ---------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._hand.move(event):
            self._pointer = None
            return
        self._pointer = event.position().toPoint()
        if self._pointer.x() < self._gutter and self._model.active:
            lane = self.lane_at(self._pointer.y())
            below = self._pointer.y() > self._head + self.row_height * len(self._model.lanes)
            text = self._model.figures(lane).tip if lane is not None else GAPS_TIP if below else ""
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(text), self)
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._pointer = None
        self.update()
