"""Text of one row, broken into lines and placed: what the looks of the VirtualList build and what it paints."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

from rtms_desktop.views.theme import theme

_WRAP = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
_DIRECTION = Qt.LayoutDirection.LayoutDirectionAuto
_ELIDE = Qt.TextElideMode.ElideRight
_UNDERLINE = QTextCharFormat.UnderlineStyle.SingleUnderline
_LINE_BREAK = "\u2028"


@dataclass(slots=True)
class Piece:
    """A block of text at a place inside its row; ``marked``: hits of the search are shown in it."""

    x: float
    y: float
    layout: QTextLayout
    token: str
    marked: bool = False
    right: float = 0.0  # where the text ends, for what stands beside it


@dataclass(slots=True)
class Glyph:
    """An icon at a place inside its row."""

    x: float
    y: float
    name: str
    token: str
    size: int = 14


@dataclass(slots=True)
class RowLayout:
    """One row, ready to paint.

    Attributes:
        tint: token of the ground of a row that is the trouble, or "".
        flag: token of a stripe at the left edge, or "".
    """

    height: int = 0
    pieces: list[Piece] = field(default_factory=list)
    glyphs: list[Glyph] = field(default_factory=list)
    tint: str = ""
    flag: str = ""

    def text(
        self,
        text: str,
        x: float,
        width: float,
        role: str = "base",
        token: str = "text1",
        line: int = 18,
        *,
        y: float | None = None,
        marked: bool = False,
        struck: bool = False,
    ) -> Piece:
        """Add wrapped plain text. Without ``y`` it goes under everything before it, and the row grows."""
        top = self.height if y is None else y
        layout, height = break_lines(text, theme().font(role), width, line, struck)
        piece = Piece(x, top, layout, token, marked)
        piece.right = x + max((layout.lineAt(n).naturalTextWidth() for n in range(layout.lineCount())), default=0.0)
        self.pieces.append(piece)
        if y is None:
            self.height += height
        return piece

    def line(self, text: str, x: float, width: float, role: str, token: str, y: float, line: int = 18) -> Piece:
        """Add one line at ``y``, cut with an ellipsis; the row does not grow."""
        font = theme().font(role)
        return self.text(QFontMetricsF(font).elidedText(text, _ELIDE, width), x, width + 2, role, token, line, y=y)


def break_lines(
    text: str, font: QFont, width: float, line_height: int, struck: bool = False
) -> tuple[QTextLayout, int]:
    """A layout of ``text`` with lines of a fixed height; how high all of them are."""
    if struck:
        font.setStrikeOut(True)
    layout = QTextLayout(text.replace("\n", _LINE_BREAK), font)
    option = QTextOption()
    option.setWrapMode(_WRAP)
    option.setTextDirection(_DIRECTION)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    layout.beginLayout()
    count = 0
    while True:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(8.0, width))
        line.setPosition(QPointF(0.0, count * line_height + round((line_height - line.height()) / 2)))
        count += 1
    layout.endLayout()
    return layout, max(1, count) * line_height


def paint_row(
    painter: QPainter, row: RowLayout, left: float, top: float, needle: re.Pattern[str] | None, current: bool
) -> None:
    """Paint text and icons of a row at a place; hits of ``needle`` are marked, strongest in the ``current`` row."""
    look = theme()
    for glyph in row.glyphs:
        painter.drawPixmap(QPointF(left + glyph.x, top + glyph.y), look.pixmap(glyph.name, glyph.token, glyph.size))
    for piece in row.pieces:
        painter.setPen(look.color(piece.token))
        marks = _marks(piece.layout, needle, current) if needle is not None and piece.marked else []
        piece.layout.draw(painter, QPointF(left + piece.x, top + piece.y), marks, QRectF())


def _marks(layout: QTextLayout, needle: re.Pattern[str], current: bool) -> list[QTextLayout.FormatRange]:
    look = theme()
    form = QTextCharFormat()
    form.setBackground(look.color("accent_fill" if current else "select"))
    form.setForeground(look.color("on_accent" if current else "select_text"))
    form.setUnderlineStyle(_UNDERLINE)
    marks = []
    for match in needle.finditer(layout.text()):
        mark = QTextLayout.FormatRange()
        mark.start, mark.length, mark.format = match.start(), match.end() - match.start(), form
        marks.append(mark)
    return marks


def plain_tip(text: str) -> str:
    """A tooltip that shows ``text`` as it is: Qt would read what looks like HTML as HTML."""
    return f"<qt>{html.escape(text, quote=False).replace(chr(10), '<br>')}</qt>" if text else ""
