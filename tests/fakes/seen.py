"""What a person sees of a widget: the texts and coloured boxes that it paints, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtSvg import QSvgGenerator

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Words:
    """A painted text; ``x`` and ``y`` of the beginning of its base line."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    colour: str


class Seen:
    """A picture of ``widget`` as its painting made it, in pixels of the widget."""

    def __init__(self, widget: Any) -> None:
        self.words: list[Words] = []
        self.boxes: list[Box] = []
        self._read(ElementTree.fromstring(_paint(widget)), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), "")

    def row(self, text: str) -> list[str]:
        """All that stands in the row (lane, line of a table) that begins with a text, from the left."""
        head = next(words for words in self.words if words.text == text)
        return [words.text for words in sorted(self.words, key=lambda words: words.x) if abs(words.y - head.y) < 6]

    def rows(self) -> list[list[str]]:
        """Every row from the top."""
        found: dict[int, list[Words]] = {}
        for words in self.words:
            found.setdefault(round(words.y / 8), []).append(words)
        return [[words.text for words in sorted(row, key=lambda words: words.x)] for _, row in sorted(found.items())]

    def _read(self, element: ElementTree.Element, matrix: tuple[float, ...], fill: str) -> None:
        fill = element.get("fill", fill)
        if "transform" in element.attrib:
            matrix = _times(
                matrix, [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", element.get("transform", ""))]
            )
        if element.tag == f"{SVG}text" and element.text and element.text.strip():
            x, y = _at(matrix, float(element.get("x", 0)), float(element.get("y", 0)))
            self.words.append(Words(x, y, element.text.strip()))
        elif element.tag == f"{SVG}rect":
            x, y = _at(matrix, float(element.get("x", 0)), float(element.get("y", 0)))
            self.boxes.append(Box(x, y, float(element.get("width", 0)), float(element.get("height", 0)), fill))
        for child in element:
            self._read(child, matrix, fill)


def _paint(widget: Any) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(widget.logicalDpiX())
    generator.setSize(widget.size())
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    widget.render(generator)
    return bytes(data.data())


def _times(a: tuple[float, ...], b: list[float]) -> tuple[float, ...]:
    return (
        a[0] * b[0] + a[2] * b[1], a[1] * b[0] + a[3] * b[1], a[0] * b[2] + a[2] * b[3], a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4], a[1] * b[4] + a[3] * b[5] + a[5],
    )  # fmt: skip


def _at(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]
