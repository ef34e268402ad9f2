"""The status bar: one segment per figure, dropped from the right as room shrinks; recording and disk never go."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QToolTip, QWidget

from rtms_desktop.viewmodels.exports_vm import ExportsViewModel
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.viewmodels.status_figure import Figure
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.painted_button import PaintedButton
from rtms_desktop.views.theme import Height, theme
from rtms_desktop.views.widgets import LEFT, NO_PEN, SMOOTH, tick_while_visible

_FIXED, _MINIMUM = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum
PAD, WORD_GAP = 10, 6
SHORT_BELOW = 1100


class Segment(PaintedButton):
    """``label value note`` with a line at its right (or left) edge; painted, so that figures can change cheaply."""

    def __init__(self, figure: Figure, parent: QWidget | None = None, *, line_left: bool = False) -> None:
        super().__init__(parent)
        self.setSizePolicy(_FIXED, _FIXED)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._line_left, self._short = line_left, False
        self._figure = Figure("")
        self._widest = 0
        self.set(figure)

    @property
    def figure(self) -> Figure:
        return self._figure

    def set(self, figure: Figure, *, short: bool = False) -> None:
        if (figure, short) == (self._figure, self._short):
            return
        if short != self._short or figure.key != self._figure.key:
            self._widest = 0
        self._figure, self._short = figure, short
        self.setToolTip(figure.tip)
        words = " ".join(part for part in (figure.label, figure.value, figure.note) if part)
        self.setAccessibleName(words)
        self.setAccessibleDescription(figure.tip)
        width = self._wanted()
        # Figures stand still: a segment grows at once and shrinks only when much room is left over.
        if width > self._widest or width < self._widest - 24:
            self._widest = width
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._widest, Height.STATUS)

    def _value(self) -> str:
        return self._figure.short if self._short and self._figure.short else self._figure.value

    def _note(self) -> str:
        drop = self._short and self._figure.key in ("alive", "gaps", "disk")
        return "" if drop else self._figure.note

    def _wanted(self) -> int:
        plain, strong = QFontMetrics(theme().font("dense")), QFontMetrics(theme().font("dense_medium"))
        figure = self._figure
        width = 2 * PAD
        if figure.key == "state":
            width += 18 if figure.icon else 14
        elif figure.icon:
            width += 20
        if figure.key == "rec":
            width += 50 - WORD_GAP
            parts = [strong.horizontalAdvance(self._value())]
        else:
            parts = [plain.horizontalAdvance(figure.label), strong.horizontalAdvance(self._value())]
            parts.append(plain.horizontalAdvance(self._note()))
        shown = [part for part in parts if part]
        return width + sum(shown) + WORD_GAP * (len(shown) - (figure.key != "rec"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        figure, height = self._figure, self.height()
        painter.fillRect(QRect(0 if self._line_left else self.width() - 1, 0, 1, height), theme().color("line"))
        x = float(PAD)
        if figure.key == "state":
            x = self._paint_state(painter, x)
        elif figure.icon:
            painter.drawPixmap(QPointF(x, 5), theme().pixmap(figure.icon, "text3", 14))
            x += 20
        if figure.key == "rec":
            x = self._paint_rec(painter, x)
        else:
            x = self._word(painter, x, figure.label, "text3", "dense")
        token = "text1" if figure.key in ("rec", "state") and figure.token != "error" else figure.token
        x = self._word(painter, x, self._value(), token, "dense_medium")
        self._word(painter, x, self._note(), "text2" if figure.key == "state" else "text3", "dense")
        if self.hasFocus():
            painter.setPen(theme().color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(2.5, 3.5, self.width() - 6, height - 7), 3, 3)

    def _paint_state(self, painter: QPainter, x: float) -> float:
        if self._figure.icon:
            pixmap: QPixmap = theme().pixmap(self._figure.icon, self._figure.token, 14)
            painter.drawPixmap(QPointF(x - 2, 6), pixmap)
            return x + 18
        painter.setPen(NO_PEN)
        painter.setBrush(theme().color(self._figure.token))
        painter.drawEllipse(QRectF(x, 9, 8, 8))
        return x + 14

    def _paint_rec(self, painter: QPainter, x: float) -> float:
        bad = self._figure.token == "error"
        painter.setPen(theme().color("error_line") if bad else NO_PEN)
        painter.setBrush(theme().color("error_bg" if bad else "rec"))
        painter.drawRoundedRect(QRectF(x, 5, 44, 16), 3, 3)
        ink = theme().color("error" if bad else "on_rec")
        painter.setPen(NO_PEN)
        painter.setBrush(ink)
        painter.drawEllipse(QRectF(x + 5, 10, 6, 6))
        painter.setPen(ink)
        painter.setFont(theme().font("label_strong"))
        painter.drawText(QRectF(x + 15, 5, 30, 16), LEFT, "REC")
        return x + 50

    def _word(self, painter: QPainter, x: float, text: str, token: str, role: str) -> float:
        if not text:
            return x
        font = theme().font(role)
        painter.setFont(font)
        painter.setPen(theme().color(token))
        painter.drawText(QRectF(x, 0, self.width(), self.height()), LEFT, text)
        return x + QFontMetrics(font).horizontalAdvance(text) + WORD_GAP

    def key(self) -> str:
        return self._figure.key

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:
            QToolTip.showText(self.mapToGlobal(self.rect().topLeft()), self._figure.tip, self)
        else:
            super().keyPressEvent(event)


class StatusBar(QWidget):
    """`pressed(key)`: somebody wants to see what explains a figure."""

    pressed = Signal(str)

    def __init__(
        self, model: SessionViewModel, ticks: RenderTick, exports: ExportsViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._exports = exports
        self.setFixedHeight(Height.STATUS + 1)
        self.setAccessibleName("Status bar")
        self._model = model
        self._segments: dict[str, Segment] = {}
        self._left, self._right = QHBoxLayout(), QHBoxLayout()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 1, 0, 0)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # segments go, the bar never pushes
        layout.setSpacing(0)
        for part in (self._left, self._right):
            part.setSpacing(0)
        layout.addLayout(self._left)
        layout.addStretch(1)
        layout.addLayout(self._right)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, _FIXED)
        for signal in (model.changed, model.recording_changed):
            signal.connect(self.refresh)
        tick_while_visible(self, ticks.text, self.refresh)
        theme().changed.connect(self._repaint)

    def segments(self) -> dict[str, Segment]:
        """What is shown, by key."""
        return {key: segment for key, segment in self._segments.items() if not segment.isHidden()}

    def refresh(self) -> None:
        left = [self._model.state, *self._model.figures()]
        export = self._exports.figure()
        right = [*([export] if export is not None else []), *self._model.right_figures()]
        short = self.width() < SHORT_BELOW
        for figures, layout, line_left in ((left, self._left, False), (right, self._right, True)):
            for place, figure in enumerate(figures):
                self._segment(figure, layout, place, line_left=line_left).set(figure, short=short)
        wanted = {figure.key for figure in (*left, *right)}
        for key, segment in self._segments.items():
            if key not in wanted:
                segment.hide()
        self._drop(left, right)

    def _segment(self, figure: Figure, layout: QHBoxLayout, place: int, *, line_left: bool) -> Segment:
        segment = self._segments.get(figure.key)
        if segment is None:
            segment = self._segments[figure.key] = Segment(figure, self, line_left=line_left)
            segment.pressed.connect(self.pressed)
            layout.insertWidget(place, segment)
        return segment

    def _drop(self, left: list[Figure], right: list[Figure]) -> None:
        room = self.width() - sum(self._segments[figure.key].sizeHint().width() for figure in right)
        for figure in right:
            self._segments[figure.key].show()
        for figure in left:
            segment = self._segments[figure.key]
            room -= segment.sizeHint().width()
            segment.setVisible(room >= 0 or figure.key == "state")

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("bg1"))
        painter.fillRect(QRect(0, 0, self.width(), 1), theme().color("line"))

    def _repaint(self) -> None:
        self.update()
