"""The time bar under the stage: transport row and the strip of the last ten minutes (main thread)."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from rtms_desktop.recording.marks import Mark
from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.viewmodels.shift_words import pause_tip
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.viewmodels.timebar_vm import Span, Strip, TimeBarViewModel
from rtms_desktop.views.flags import REACH, open_mark_menu, paint_flag
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import LEFT, RIGHT, IconButton, StateDot, button, label, tick_while_visible

HEIGHT, HEIGHT_SMALL = 100, 76
STRIP_TOP, STRIP_TOP_SMALL, STRIP_HEIGHT = 8, 5, 31
ROW, ROW_GAP, SHARE, GAP = 6, 3, 3, 5
MIN_GAP = 3.0
FLAG_OVER = 5
ROOM_GAP, ROOM_LEAST = 12, 280
NO_STREAM = "Nothing is connected."
TRANSPORT = (
    ("step-back", "One picture back (,)"),
    ("pause", "Pause the view (Space)"),
    ("step-forward", "One picture on (.)"),
)
STEP_FIRST = "Pause the view first (Space)."
AT_EDGE = "You see the live edge of the stream (L)"
PAST_ALPHA = 0.55
MARK_TIP = "Mark this moment (Ctrl+B)"
_FIXED = QSizePolicy.Policy.Fixed
_LEFT_BUTTON = Qt.MouseButton.LeftButton
_TOOLTIP = QEvent.Type.ToolTip


class StripView(QWidget):
    """Painted: one row for each recent speaker, the share, the gaps, the flags, and the times under them.

    Signals:
        note_wanted: a mark's id; somebody wants to type its note.
    """

    note_wanted = Signal(str)

    def __init__(self, model: TimeBarViewModel, marks: MarksViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._marks = model, marks
        self._strip: Strip | None = None
        self.setAccessibleName("Time bar")
        self.labelled = True
        self.top = STRIP_TOP
        self.setToolTip("The last ten minutes: who spoke, what was shared, and amber where something is missing.")

    def refresh(self) -> None:
        self._strip = self._model.strip()
        self.setAccessibleDescription(self._model.summary())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground = QRectF(0, self.top, self.width(), STRIP_HEIGHT)
        painter.fillRect(ground, theme().color("track"))
        strip = self._strip
        if strip is None:
            return
        y = self.top + 2.0
        for index, spans in strip.speakers:
            self._draw(painter, strip, spans, y, ROW, theme().speaker(index))
            y += ROW + ROW_GAP
        self._dim_lost_past(painter, strip)
        floor = self.top + STRIP_HEIGHT
        self._draw(painter, strip, strip.share, floor - GAP - SHARE, SHARE, theme().media("share"))
        self._draw(painter, strip, strip.lost, floor - GAP, GAP, theme().color("warn_fill"), MIN_GAP)
        if self.labelled:
            self._draw_labels(painter, strip)
        for mark in strip.marks:
            x = min(self._x_of(strip, mark.at), self.width() - 10.0)
            paint_flag(painter, x, self.top - FLAG_OVER, STRIP_HEIGHT + FLAG_OVER)
        x = min(self._x_of(strip, strip.now if strip.cursor is None else strip.cursor), self.width() - 1.5)
        painter.fillRect(QRectF(x, self.top - 5, 1.5, STRIP_HEIGHT + 5), theme().color("playhead"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click puts the window's cursor there; with a recording the picture goes along."""
        if event.button() == _LEFT_BUTTON:
            self._look_at(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & _LEFT_BUTTON:
            self._look_at(event)

    def _look_at(self, event: QMouseEvent) -> None:
        strip = self._strip
        if strip is not None:
            part = min(max(event.position().x() / self.width(), 0.0), 1.0)
            self._model.look_at(strip.start + part * (strip.now - strip.start))
            self.refresh()

    def mark_at(self, x: float) -> Mark | None:
        """The mark whose flag is under or beside a place."""
        strip = self._strip
        near = [] if strip is None else [m for m in strip.marks if -REACH <= x - self._x_of(strip, m.at) <= 8 + REACH]
        return near[-1] if near else None

    def _x_of(self, strip: Strip, at: float) -> float:
        return (at - strip.start) / (strip.now - strip.start) * self.width()

    def event(self, event: QEvent) -> bool:
        if event.type() == _TOOLTIP and isinstance(event, QHelpEvent):
            mark = self.mark_at(event.pos().x())
            if mark is not None:
                text = f"Mark {self._marks.clock(mark)}\n{mark.text}".strip()
                QToolTip.showText(event.globalPos(), plain_tip(text), self)
                return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        mark = self.mark_at(event.pos().x())
        if mark is not None:
            open_mark_menu(self, self._marks, mark.id, self.note_wanted.emit, event.globalPos())

    def _draw(
        self, painter: QPainter, strip: Strip, spans: list[Span], y: float, height: float, colour, least: float = 1.0
    ) -> None:
        scale = self.width() / (strip.now - strip.start)
        for span in spans:
            left = max(0.0, (span.start - strip.start) * scale)
            right = ((span.end if span.end is not None else strip.now) - strip.start) * scale
            painter.fillRect(QRectF(left, y, max(least, right - left), height), colour)

    def _dim_lost_past(self, painter: QPainter, strip: Strip) -> None:
        """While something is recorded: what came before that is told, but cannot be shown."""
        if strip.start < strip.begin < math.inf:
            x = min(self._x_of(strip, strip.begin), float(self.width()))
            ground = QColor(theme().color("track"))
            ground.setAlphaF(PAST_ALPHA)
            painter.fillRect(QRectF(0, self.top, x, STRIP_HEIGHT), ground)

    def _draw_labels(self, painter: QPainter, strip: Strip) -> None:
        painter.setFont(theme().font("label"))
        painter.setPen(theme().color("text3"))
        scale = self.width() / (strip.now - strip.start)
        top = self.top + STRIP_HEIGHT + 1
        for at, text in strip.labels:
            x = (at - strip.start) * scale
            if x < self.width() - 90:
                painter.drawText(QRectF(x, top, 80, 15), LEFT, text)
        if not strip.past:
            painter.drawText(QRectF(self.width() - 80, top, 80, 15), RIGHT, "live")


class TimeBar(QWidget):
    """Transport row over the strip. The view can be paused and stepped back; the stream goes on."""

    mark_wanted = Signal()

    def __init__(
        self,
        model: TimeBarViewModel,
        marks: MarksViewModel,
        stage: StageViewModel,
        ticks: RenderTick,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Time bar")
        self._model = model
        self.strip = StripView(model, marks)
        self._marks = marks
        self._time = label("00:00:00", "t1", "timecode")
        self._behind = label("", "t3", "dense")
        self._captions = captions_button(stage)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 3)
        layout.setSpacing(2)
        layout.addLayout(self._make_row())
        layout.addWidget(self.strip, 1)
        self.set_small(False)
        model.changed.connect(self._refresh)
        marks.changed.connect(self._refresh)
        ticks.data.connect(model.sample)  # also while hidden: what was not seen then cannot be drawn later
        tick_while_visible(self, ticks.text, self._refresh)

    def room(self) -> QRect:
        """What is free in the transport row."""
        left = (self._behind if self._behind.isVisible() else self._time).geometry().right() + ROOM_GAP
        right = (self._note if self._note.isVisible() else self.mark).geometry().left() - ROOM_GAP
        if right - left < ROOM_LEAST:  # rather over the whole of the remark than over half of it
            right = self.mark.geometry().left() - ROOM_GAP
        row = self._live.geometry()
        return QRect(left, row.top(), right - left, row.height())

    def set_small(self, small: bool) -> None:
        self.setFixedHeight(HEIGHT_SMALL if small else HEIGHT)
        self.strip.labelled = not small
        self.strip.top = STRIP_TOP_SMALL if small else STRIP_TOP
        self._note.setVisible(not small)
        self._behind.setVisible(not small)

    def _make_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.back, self.play, self.on = (IconButton(icon, tip) for icon, tip in TRANSPORT)
        self.back.clicked.connect(lambda *_: self._model.step(-1))
        self.play.clicked.connect(lambda *_: self._model.shift.toggle())
        self.on.clicked.connect(lambda *_: self._model.step(1))
        for tool in (self.back, self.play, self.on):
            row.addWidget(tool)
        self._live = button("Live")
        self._live.setProperty("kind", "soft")
        self._live.clicked.connect(lambda *_: self._model.to_live())
        self._dot = StateDot("ok", self._live)
        self._dot.move(10, 10)
        self._live.setStyleSheet("padding-left: 24px;")
        row.addSpacing(4)
        row.addWidget(self._live)
        row.addSpacing(4)
        row.addWidget(self._time)
        row.addSpacing(4)
        row.addWidget(self._behind)
        row.addStretch(1)
        self._note = label("", "t3", "dense")
        row.addWidget(self._note)
        self.mark = IconButton("bookmark", MARK_TIP)
        self.mark.clicked.connect(lambda *_: self.mark_wanted.emit())
        row.addWidget(self.mark)
        row.addWidget(self._captions)
        return row

    def _refresh(self) -> None:
        self._time.setText(self._model.elapsed_text())
        self._behind.setText(self._model.behind_text())
        self._note.setText(self._model.note)
        self.mark.setEnabled(not self._marks.problem)
        self.mark.set_tip(self._marks.problem or MARK_TIP)
        self._show_transport()
        self.strip.refresh()

    def _show_transport(self) -> None:
        model = self._model
        live, behind = model.live, model.shift.active
        self.play.setEnabled(live)
        self.play.set_icon("pause" if model.playing else "play")
        self.play.set_tip(pause_tip(model.shift, model.playing) if live else NO_STREAM)
        for tool, does in ((self.back, "One picture back (,)"), (self.on, "One picture on (.)")):
            tool.setEnabled(model.shift.replay is not None)
            tool.set_tip(does if tool.isEnabled() else f"{does}. {STEP_FIRST}")
        self._live.setEnabled(live)
        self._live.setToolTip("Back to the live edge of the stream (L)" if behind else AT_EDGE)
        said = "nothing is connected" if not live else "behind live" if behind else "live"
        self._dot.set(model.dot, said)


def captions_button(stage: StageViewModel) -> IconButton:
    """The switch of the captions, for either time bar."""
    made = IconButton("captions", "Captions on or off (C)", checkable=True, on_token="accent")
    made.setProperty("kind", "bare")
    made.setChecked(stage.captions)
    made.clicked.connect(lambda *_: stage.toggle_captions())
    stage.captions_changed.connect(made.setChecked)
    return made
