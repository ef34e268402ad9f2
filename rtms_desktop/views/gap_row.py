"""The gap lane: losses solid and labelled, what was to be expected as thin outlines, open losses hatched."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rtms_desktop.viewmodels.gaps import GapBlock, Gaps
from rtms_desktop.views.lane_paint import BAND_COMPACT, hatch
from rtms_desktop.views.theme import theme
from rtms_desktop.views.time_scale import TimeScale
from rtms_desktop.views.widgets import LEFT

_NO_BRUSH = Qt.BrushStyle.NoBrush
HIGH, HIGH_COMPACT, HIGH_EXPECTED = 13, BAND_COMPACT - 2, 8
LEAST = 3  # pixels: the shortest gap that can be seen


class GapRow:
    """Paints one row from ``top`` on, ``row`` pixels high, at one moment ``now``."""

    def __init__(self, scale: TimeScale, now: float, top: int, row: int, compact: bool) -> None:
        self._scale, self._now, self._compact = scale, now, compact
        self._high = HIGH_COMPACT if compact else HIGH
        self._top = top + (row - self._high) // 2

    def paint(self, painter: QPainter, gaps: Gaps) -> None:
        start, end = self._scale.start, self._scale.end
        lost = [(block, self._box(block)) for block in gaps.losses_within(start, end)]
        for block in gaps.within(start, end):
            if not block.lost:
                self._paint_expected(painter, self._box(block))
        for block, box in lost:
            self._paint_loss(painter, box, still_open=block.end is None)
        taken = float(self._scale.left)
        until = [*(box.left() for _, box in lost[1:]), float(self._scale.left + self._scale.width)]
        for (block, box), room in zip(lost, until[: len(lost)], strict=True):
            taken = self._paint_words(painter, block, box, taken, room)

    def _box(self, block: GapBlock) -> QRectF:
        left = max(float(self._scale.left), round(self._scale.x(block.start)))
        right = round(self._scale.x(self._now if block.end is None else block.end))
        return QRectF(left, self._top, max(LEAST, right - left), self._high)

    def _paint_expected(self, painter: QPainter, box: QRectF) -> None:
        thin = QRectF(box.left(), box.center().y() - HIGH_EXPECTED / 2, box.width(), HIGH_EXPECTED)
        painter.setPen(QPen(theme().color("text3"), 1))
        painter.setBrush(_NO_BRUSH)
        painter.drawRect(thin.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_loss(self, painter: QPainter, box: QRectF, *, still_open: bool) -> None:
        if not still_open:
            painter.fillRect(box, theme().color("warn_fill"))
            return
        painter.fillRect(box, theme().color("warn_bg"))
        hatch(painter, box, "warn_fill")
        painter.setPen(QPen(theme().color("warn_fill"), 1))
        painter.setBrush(_NO_BRUSH)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_words(self, painter: QPainter, block: GapBlock, box: QRectF, taken: float, until: float) -> float:
        """The label behind or before a loss, whole or shortened, where it fits; where the free room begins then."""
        painter.setFont(theme().font("label"))
        metrics = painter.fontMetrics()
        whole = block.label(self._now)
        short = whole.split(",")[0].partition(" ")[2]
        behind = max(taken, box.right()) + 6
        before = box.left() - metrics.horizontalAdvance(whole) - 10
        places = [(whole, behind), (whole, before), (short, behind)]
        for text, left in places[2:] if self._compact else places:
            width = metrics.horizontalAdvance(text) + 8
            if left + width <= until if left > box.left() else left >= taken + 6:
                # Expected gaps may lie under the words; what was lost matters more.
                painter.fillRect(QRectF(left - 3, box.top() - 1, width - 2, box.height() + 2), theme().color("bg1"))
                painter.setPen(theme().color("warn"))
                painter.drawText(QRectF(left, box.top() - 4, width, box.height() + 8), LEFT, text)
                return max(box.right(), left + width)
        return box.right()
