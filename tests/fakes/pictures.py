"""Test pictures: a slide and faces, drawn at any size, as the BGRA bytes that the media pipeline would give."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

RGB32 = QImage.Format.Format_RGB32
_SMOOTH = QPainter.RenderHint.Antialiasing
_NO_PEN = Qt.PenStyle.NoPen

FACES = (
    ("#D9CDBB", "#2B1B17", "#8A5A3C", "#2F6178"),
    ("#453B35", "#3A2A20", "#D29E76", "#6D8350"),
    ("#36415A", "#7A5236", "#E2B08D", "#7A4458"),
    ("#22403C", "#141414", "#6E4A33", "#A8772C"),
    ("#50404F", "#C9A25E", "#EBC3A1", "#3B5B3B"),
    ("#2B3440", "#54331E", "#C98F6A", "#8C8C94"),
)
BARS = (
    ("Nordics", 0.91, "#20499A"),
    ("DACH", 0.73, "#20499A"),
    ("Iberia", 0.46, "#C96A16"),
    ("Benelux", 0.65, "#20499A"),
)


@lru_cache(maxsize=64)
def picture(kind: str, index: int, width: int, height: int) -> bytes:
    """BGRA bytes, ``width * 4`` a row; `kind` is ``video`` (a face) or ``share`` (a slide)."""
    image = QImage(width, height, RGB32)
    painter = QPainter(image)
    painter.setRenderHint(_SMOOTH)
    painter.scale(width / 1280, height / 720)
    if kind == "share":
        _slide(painter)
    else:
        _face(painter, *FACES[index % len(FACES)])
    painter.end()
    return bytes(image.constBits())


def _face(painter: QPainter, wall: str, hair: str, skin: str, shirt: str) -> None:
    painter.fillRect(QRectF(0, 0, 1280, 720), QColor(wall))
    painter.setPen(_NO_PEN)
    painter.setBrush(QColor(wall).lighter(135))
    painter.drawRect(QRectF(880, 60, 300, 250))
    painter.setBrush(QColor(hair))
    painter.drawRoundedRect(QRectF(470, 100, 340, 460), 150, 150)
    painter.setBrush(QColor(shirt))
    painter.drawEllipse(QPointF(640, 780), 380, 260)
    painter.setBrush(QColor(skin))
    painter.drawRect(QRectF(590, 440, 100, 120))
    painter.drawEllipse(QPointF(640, 330), 130, 165)
    painter.setBrush(QColor("#1B1B1B"))
    painter.drawEllipse(QPointF(592, 310), 9, 12)
    painter.drawEllipse(QPointF(688, 310), 9, 12)
    painter.setPen(QColor("#5A2E22"))
    painter.drawArc(QRectF(590, 360, 100, 60), 200 * 16, 140 * 16)


def _slide(painter: QPainter) -> None:
    painter.fillRect(QRectF(0, 0, 1280, 720), QColor("#FCFBF7"))
    painter.fillRect(QRectF(0, 0, 14, 720), QColor("#20499A"))
    font = QFont("Inter")
    font.setPixelSize(52)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#14202E"))
    painter.drawText(QPointF(84, 118), "Checkout rollout: week 3")
    font.setPixelSize(24)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor("#555C64"))
    painter.drawText(QPointF(84, 162), "Share of orders on the new flow, by region")
    for row, (name, share, colour) in enumerate(BARS):
        top = 262.0 + row * 70
        painter.setPen(QColor("#444B53"))
        painter.drawText(QPointF(84, top + 26), name)
        painter.fillRect(QRectF(220, top, 460, 38), QColor("#E4E2DC"))
        painter.fillRect(QRectF(220, top, 460 * share, 38), QColor(colour))
        painter.drawText(QPointF(700, top + 28), f"{share:.0%}")
    painter.drawText(QPointF(850, 280), "One bank refuses 3-D")
    painter.drawText(QPointF(850, 316), "Secure 2.2 tokens.")
