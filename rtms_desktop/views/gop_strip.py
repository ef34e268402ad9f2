"""The group of pictures that a picture belongs to: a bar for each, by its size; a click looks at it. Main thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from rtms_desktop.app.h264_analysis import GroupPicture
from rtms_desktop.viewmodels.figures import grouped
from rtms_desktop.views.theme import theme

HEIGHT, HEIGHT_LOW = 44, 22
MARGIN, MARK = 4, 2
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class GopStrip(QWidget):
    """``chosen``: the serial of the message whose picture is wanted."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Group of pictures")
        self._group: Sequence[GroupPicture] = ()
        self._place = 0
        theme().changed.connect(self.update)

    def show_group(self, group: Sequence[GroupPicture], place: int) -> None:
        """``place``: which picture is looked at."""
        self._group, self._place = group, place
        kinds = Counter(picture.kind for picture in group)
        lost = sum(picture.lost for picture in group)
        said = ", ".join(f"{kinds[kind]} {kind}" for kind in ("I", "P", "B") if kinds[kind])
        missing = f", {lost} lost" if lost else ""
        self.setAccessibleDescription(f"{len(group)} pictures: {said}{missing}; picture {place + 1} is shown")
        self.update()

    def tip_at(self, x: float) -> str:
        """What lies there: ``12 of 25: P, 1,234 bytes``."""
        number = self._number(x)
        picture = self._group[number]
        lost = f", {picture.lost} lost before it" if picture.lost else ""
        return (
            f"{number + 1} of {len(self._group)}: {picture.kind or 'no picture'}, {grouped(picture.size)} bytes{lost}"
        )

    def _number(self, x: float) -> int:
        return min(len(self._group) - 1, max(0, int(x * len(self._group) / max(1, self.width()))))

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.color("track"))
        if not self._group:
            return
        step = self.width() / len(self._group)
        gap = 1.0 if step >= 4 else 0.0
        most = max(picture.size for picture in self._group) or 1
        high = self.height() - 2 * MARGIN - MARK
        for number, picture in enumerate(self._group):
            left = number * step
            if number == self._place:
                painter.fillRect(QRectF(left, 0, max(2.0, step), self.height()), look.color("select"))
                painter.fillRect(QRectF(left, self.height() - MARK, max(2.0, step), MARK), look.color("playhead"))
            # The root, so that what follows a keyframe can be seen beside it.
            tall = max(2.0, round((picture.size / most) ** 0.5 * high))
            self._bar(painter, QRectF(left, self.height() - MARGIN - tall, max(1.0, step - gap), tall), picture.kind)
            if picture.lost:
                painter.fillRect(QRectF(max(0.0, left - 1), 0, 2, self.height()), look.color("warn_fill"))
        if self.hasFocus():
            painter.setPen(QPen(look.color("accent"), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _bar(self, painter: QPainter, box: QRectF, kind: str) -> None:
        """I is solid, P is lighter, B only an outline: to be told apart without colour."""
        look = theme()
        if kind == "B" and box.width() >= 3:
            painter.setPen(QPen(look.media("video"), 1))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            painter.fillRect(box, look.media("video") if kind == "I" else look.media("video", 0.55))

    # -- hands -----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._group:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._group and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._group[self._number(event.position().x())].serial)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif 0 <= self._place + step < len(self._group):
            self.chosen.emit(self._group[self._place + step].serial)
