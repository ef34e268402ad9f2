"""How each state of a socket is drawn: shape and colour of its band. Called by the lanes at paint time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from rtms_desktop.session.events import LinkState
from rtms_desktop.views.theme import theme

_ARGB = QImage.Format.Format_ARGB32
_DOTS, _DASHES = Qt.PenStyle.DotLine, Qt.PenStyle.DashLine
_NO_BRUSH, _NO_PEN = Qt.BrushStyle.NoBrush, Qt.PenStyle.NoPen
_SMOOTH = QPainter.RenderHint.Antialiasing
_FLAT = Qt.PenCapStyle.FlatCap

BAND, BAND_COMPACT = 15, 11
LEAST = 3  # pixels: the shortest state that can be seen
FLOWING = frozenset({LinkState.STREAMING, LinkState.READY})

Floats = npt.NDArray[np.float32]


def draw_state(painter: QPainter, band: QRectF, state: LinkState, medium: str) -> None:
    """Draw one state into its part of the band (the bars of a flowing one come on top)."""
    look = theme()
    match state:
        case LinkState.CLOSED:
            painter.setPen(_pen("text3", _DOTS))
            y = round(band.center().y()) + 0.5
            painter.drawLine(QPointF(band.left(), y), QPointF(band.right(), y))
        case LinkState.CONNECTING:
            _outline(painter, _middle(band, 7), "text2", _DASHES)
        case LinkState.AUTHENTICATED:
            box = _middle(band, 9)
            painter.fillRect(box, look.media(medium, 0.30))
            painter.setPen(QPen(look.media(medium), 1))
            painter.setBrush(_NO_BRUSH)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        case LinkState.READY | LinkState.STREAMING:
            painter.fillRect(band, look.media(medium, 0.17))
            painter.fillRect(QRectF(band.left(), band.bottom() - 1, band.width(), 1), look.media(medium))
        case LinkState.PAUSED:
            hatch(painter, band, "text3")
        case LinkState.INTERRUPTED:
            painter.fillRect(band, look.color("warn_bg"))
            hatch(painter, band, "warn_fill")
            _outline(painter, band, "warn_fill")
        case LinkState.WAITING:
            _outline(painter, band, "warn_fill", _DASHES)
        case LinkState.CLOSING:
            painter.fillRect(_middle(band, 7), look.color("line_strong"))
        case LinkState.REFUSED | LinkState.FAILED:
            painter.fillRect(band, look.color("error"))


def hatch(painter: QPainter, box: QRectF, token: str) -> None:
    """Lines of 45 degrees, 2 wide, 6 apart."""
    painter.save()
    painter.setClipRect(box)
    painter.setRenderHint(_SMOOTH)
    pen = QPen(theme().color(token), 2)
    pen.setCapStyle(_FLAT)
    painter.setPen(pen)
    height = box.height()
    x = box.left() - height
    while x < box.right():
        painter.drawLine(QPointF(x, box.bottom() + 1), QPointF(x + height + 2, box.top() - 1))
        x += 6
    painter.restore()


def _middle(band: QRectF, height: float) -> QRectF:
    top = round(band.center().y() - height / 2)
    return QRectF(band.left(), top, band.width(), height)


def _outline(painter: QPainter, box: QRectF, token: str, style: Qt.PenStyle | None = None) -> None:
    painter.setBrush(_NO_BRUSH)
    painter.setPen(_pen(token, style))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _pen(token: str, style: Qt.PenStyle | None = None) -> QPen:
    pen = QPen(theme().color(token), 1)
    if style is _DOTS:
        pen.setDashPattern([1, 4])
    elif style is _DASHES:
        pen.setDashPattern([3, 2])
    pen.setCapStyle(_FLAT)
    return pen


@lru_cache(maxsize=32)
def _columns(width: int, count: int, gap: int) -> npt.NDArray[np.int32]:
    """The bar that each pixel column belongs to; -1 between two bars."""
    bars = ((np.arange(width) + 0.5) * count / width).astype(np.int32)
    ahead = np.minimum(np.arange(width) + gap, width - 1)
    bars[(bars[ahead] != bars) & (np.arange(width) < width - gap)] = -1
    return bars


def bar_image(values: Floats, top: float, width: int, height: int, ratio: float, colour: QColor) -> QImage:
    """Bars over the whole width as one picture (a thousand rectangles a paint would be too dear).

    Args:
        values: one per bar; zero draws nothing, anything else at least one pixel.
        top: the value that reaches the full height.
        width, height: logical pixels.
    """
    wide, high = max(1, round(width * ratio)), max(1, round(height * ratio))
    tall = np.ceil(np.minimum(values / top, 1.0) * high)
    columns = _columns(wide, len(values), max(1, round(ratio)))
    per_column = np.where(columns >= 0, tall[columns], 0)
    filled = np.arange(high, 0, -1)[:, None] <= per_column[None, :]
    pixels = np.where(filled, np.uint32(colour.rgba()), np.uint32(0))
    image = QImage(pixels.tobytes(), wide, high, wide * 4, _ARGB).copy()
    image.setDevicePixelRatio(ratio)
    return image
