"""A frame around panes that were reached by keyboard; painted widgets have no style sheet to show their focus."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen

from rtms_desktop.views.theme import theme

_REASON = Qt.FocusReason
_BY_HAND = frozenset({_REASON.MouseFocusReason, _REASON.PopupFocusReason, _REASON.ActiveWindowFocusReason})
_NO_BRUSH = Qt.BrushStyle.NoBrush


class KeyFocus:
    """Remembers how the focus came; ``paint`` draws the frame when it came by key."""

    def __init__(self) -> None:
        self._shown = False

    def came(self, event: QFocusEvent) -> None:
        self._shown = event.reason() not in _BY_HAND

    def gone(self) -> None:
        self._shown = False

    def paint(self, painter: QPainter, area: QRect) -> None:
        if self._shown:
            painter.setBrush(_NO_BRUSH)
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
