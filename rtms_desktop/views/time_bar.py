"""The time bar under the stage: transport row and the strip of the last ten minutes (main thread)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.viewmodels.timebar_vm import Span, Strip, TimeBarViewModel
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import LEFT, RIGHT, IconButton, StateDot, button, label, tick_while_visible

HEIGHT, HEIGHT_SMALL = 100, 76
STRIP_TOP, STRIP_TOP_SMALL, STRIP_HEIGHT = 8, 5, 31
ROW, ROW_GAP, SHARE, GAP = 6, 3, 3, 5
MIN_GAP = 3.0
NOT_BUILT = "Stepping back in a live session is not part of this version. Record it to keep it."
_FIXED = QSizePolicy.Policy.Fixed


class StripView(QWidget):
    """Painted: one row for each recent speaker, the share, the gaps, and the times under them."""

    def __init__(self, model: TimeBarViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
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
        floor = self.top + STRIP_HEIGHT
        self._draw(painter, strip, strip.share, floor - GAP - SHARE, SHARE, theme().media("share"))
        self._draw(painter, strip, strip.lost, floor - GAP, GAP, theme().color("warn_fill"), MIN_GAP)
        if self.labelled:
            self._draw_labels(painter, strip)
        painter.fillRect(QRectF(self.width() - 1.5, self.top - 5, 1.5, STRIP_HEIGHT + 5), theme().color("playhead"))

    def _draw(
        self, painter: QPainter, strip: Strip, spans: list[Span], y: float, height: float, colour, least: float = 1.0
    ) -> None:
        scale = self.width() / (strip.now - strip.start)
        for span in spans:
            left = max(0.0, (span.start - strip.start) * scale)
            right = ((span.end if span.end is not None else strip.now) - strip.start) * scale
            painter.fillRect(QRectF(left, y, max(least, right - left), height), colour)

    def _draw_labels(self, painter: QPainter, strip: Strip) -> None:
        painter.setFont(theme().font("label"))
        painter.setPen(theme().color("text3"))
        scale = self.width() / (strip.now - strip.start)
        top = self.top + STRIP_HEIGHT + 1
        for at, text in strip.labels:
            x = (at - strip.start) * scale
            if x < self.width() - 90:
                painter.drawText(QRectF(x, top, 80, 15), LEFT, text)
        painter.drawText(QRectF(self.width() - 80, top, 80, 15), RIGHT, "live")


class TimeBar(QWidget):
    """Transport row over the strip. What only a replay can do is disabled and says so."""

    live_wanted = Signal()

    def __init__(
        self, model: TimeBarViewModel, stage: StageViewModel, ticks: RenderTick, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Time bar")
        self._model = model
        self.strip = StripView(model)
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
        ticks.data.connect(model.sample)  # also while hidden: what was not seen then cannot be drawn later
        tick_while_visible(self, ticks.text, self._refresh)

    def set_small(self, small: bool) -> None:
        self.setFixedHeight(HEIGHT_SMALL if small else HEIGHT)
        self.strip.labelled = not small
        self.strip.top = STRIP_TOP_SMALL if small else STRIP_TOP
        self._note.setVisible(not small)
        self._behind.setVisible(not small)

    def _make_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for icon, tip in (
            ("step-back", "One picture back (,)"),
            ("pause", "Pause the view (Space)"),
            ("step-forward", "One picture on (.)"),
        ):  # fmt: skip
            tool = IconButton(icon, f"{tip}. {NOT_BUILT}")
            tool.setEnabled(False)
            row.addWidget(tool)
        self._live = button("Live", tip="You see the live edge of the stream (L)")
        self._live.setProperty("kind", "soft")
        self._live.clicked.connect(lambda *_: self.live_wanted.emit())
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
        self._note = label("last 10 min", "t3", "dense")
        row.addWidget(self._note)
        mark = IconButton("bookmark", "Mark this moment (Ctrl+B). Marks are not part of this version.")
        mark.setEnabled(False)
        row.addWidget(mark)
        row.addWidget(self._captions)
        return row

    def _refresh(self) -> None:
        self._time.setText(self._model.elapsed_text())
        self._behind.setText(self._model.behind_text())
        live = self._model.live
        self._live.setEnabled(live)
        self._dot.set("ok" if live else "text3", "live" if live else "nothing is connected")
        self.strip.refresh()


def captions_button(stage: StageViewModel) -> IconButton:
    """The switch of the captions, for either time bar."""
    made = IconButton("captions", "Captions on or off (C)", checkable=True, on_token="accent")
    made.setProperty("kind", "bare")
    made.setChecked(stage.captions)
    made.clicked.connect(lambda *_: stage.toggle_captions())
    stage.captions_changed.connect(made.setChecked)
    return made
