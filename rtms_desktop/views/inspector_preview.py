"""What a payload looks like: the picture, the shape of a sound, words; and what a picture is made of. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.app.h264_analysis import PictureReport, Unit
from rtms_desktop.app.message_detail import Detail
from rtms_desktop.app.message_preview import Picture, Sound
from rtms_desktop.viewmodels.figures import grouped, lines
from rtms_desktop.views.gop_strip import HEIGHT, HEIGHT_LOW, GopStrip
from rtms_desktop.views.hex_view import HexView
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import CENTER, ElidedLabel, label

_UNIT = Qt.ItemDataRole.UserRole
_RGBA = QImage.Format.Format_RGBA8888
SIDE = 272
LOW = 180
_UNIT_HEIGHT = 19


class PictureView(QWidget):
    """One picture in its frame, or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(60)
        self._image: QImage | None = None
        self._owner: Picture | None = None
        self._words = ""

    @property
    def has_picture(self) -> bool:
        return self._image is not None

    def show_picture(self, picture: Picture | None, words: str) -> None:
        self._owner, self._words = picture, words
        self._image = (
            QImage(picture.rgba, picture.width, picture.height, picture.width * 4, _RGBA)
            if picture is not None
            else None
        )
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.color("stage"))
        if self._image is None:
            painter.setFont(look.font("dense"))
            painter.setPen(look.color("on_stage2"))
            painter.drawText(self.rect(), int(CENTER) | int(Qt.TextFlag.TextWordWrap), self._words)
            return
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        wide, high = round(self._image.width() * scale), round(self._image.height() * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF((self.width() - wide) // 2, (self.height() - high) // 2, wide, high), self._image)


class WaveView(QWidget):
    """The least and greatest sample of every step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(60)
        self._sound: Sound | None = None
        self._words = ""

    def show_sound(self, sound: Sound | None, words: str) -> None:
        self._sound, self._words = sound, words
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.color("track"))
        if self._sound is None:
            painter.setFont(look.font("dense"))
            painter.setPen(look.color("text2"))
            painter.drawText(self.rect(), CENTER, self._words)
            return
        middle, half = self.height() / 2, self.height() / 2 - 4
        painter.setPen(look.color("grid"))
        painter.drawLine(0, round(middle), self.width(), round(middle))
        step = self.width() / len(self._sound.low)
        painter.setPen(QPen(look.media("audio"), max(1.0, step * 0.7)))
        for number, (low, high) in enumerate(zip(self._sound.low, self._sound.high, strict=True)):
            x = round((number + 0.5) * step)
            painter.drawLine(
                x, round(middle - high * half), x, max(round(middle - low * half), round(middle - high * half))
            )


class PreviewPane(QWidget):
    """Picture, sound or words at the left with their facts, the payload's bytes at the right.

    Signals:
        picture_wanted: the serial of another picture of the same group.
    """

    picture_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture, self.wave = PictureView(), WaveView()
        self.group = GopStrip()
        self.group.chosen.connect(self.picture_wanted)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setProperty("kind", "bare")
        self.text.setAccessibleName("Text of the message")
        self.units = QListWidget()
        self.units.setAccessibleName("NAL units")
        self.units.setFont(theme().font("mono"))
        self.units.setFrameShape(QListWidget.Shape.NoFrame)
        self.units.currentItemChanged.connect(self._mark)
        self.hex = HexView("Bytes of the payload")
        self._facts = QWidget()
        self._facts_layout = QVBoxLayout(self._facts)
        self._facts_layout.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._facts_layout.setSpacing(Space.XXS)
        self._rows: list[_Fact] = []
        self._side = QWidget()
        self._side.setFixedWidth(SIDE)
        self._side.setObjectName("panel")
        self._side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        below = QWidget()
        self._below = QVBoxLayout(below)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(0)
        self._below.addWidget(self._facts)
        self._below.addWidget(self.units)
        self._below.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(below)
        column.addWidget(self.picture, 3)
        column.addWidget(self.wave, 3)
        column.addWidget(self.group)
        column.addWidget(scroll, 4)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addWidget(self._side)
        row.addWidget(self.text, 1)
        row.addWidget(self.hex, 1)
        self._serial = -1
        self._compact = False

    def set_compact(self, compact: bool) -> None:
        """Without the bytes beside the picture; they have a tab of their own."""
        self._compact = compact
        self._side.setMinimumWidth(0 if compact else SIDE)
        self._side.setMaximumWidth(16_777_215 if compact else SIDE)
        self.hex.setVisible(not compact and not self._side.isHidden())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where room is short the picture keeps it."""
        super().resizeEvent(event)
        self.group.setFixedHeight(HEIGHT if self.height() >= LOW else HEIGHT_LOW)

    def show_detail(self, detail: Detail) -> None:
        """Fill the parts that this message has."""
        shape = detail.shape
        self.picture.setVisible(shape in ("h264", "image"))
        self.wave.setVisible(shape == "sound")
        self.text.setVisible(shape == "text")
        self._side.setVisible(shape in ("h264", "image", "sound"))
        self.hex.setVisible(shape in ("h264", "image", "sound") and not self._compact)
        for part in (self.units, self.group):
            part.setVisible(shape == "h264" and detail.report is not None)
        if shape == "text":
            self.text.setPlainText(lines(detail.text))
        if self._serial != detail.serial or self.hex.data != detail.payload:
            self.hex.show_bytes(detail.payload)
        self._serial = detail.serial
        waiting = "Decoding" if not detail.fresh else detail.problem or "It cannot be decoded."
        picture = detail.picture
        self.picture.show_picture(picture, waiting if picture is None else _picture_words(picture))
        self.wave.show_sound(detail.sound, waiting if detail.sound is None else "Sound")
        self._show_facts(_facts_of(detail))
        self._show_units(detail.report)
        if detail.report is not None:
            self.group.show_group(detail.report.group, detail.report.place)

    def facts(self) -> list[tuple[str, str]]:
        """What is listed under the picture."""
        return [row.fact for row in self._rows if row.isVisibleTo(self)]

    def _show_facts(self, facts: list[tuple[str, str]]) -> None:
        while len(self._rows) < len(facts):
            row = _Fact()
            self._rows.append(row)
            self._facts_layout.addWidget(row)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(facts))
            if number < len(facts):
                row.show_fact(*facts[number])
        self._facts.setVisible(bool(facts))

    def _show_units(self, report: PictureReport | None) -> None:
        self.units.clear()
        for unit in report.units if report is not None else ():
            item = QListWidgetItem(f"{unit.name:<6}{unit.note}  {grouped(unit.size)} B")
            item.setData(_UNIT, unit)
            self.units.addItem(item)
        self.units.setFixedHeight(_UNIT_HEIGHT * self.units.count() + 2)

    def _mark(self, item: QListWidgetItem | None) -> None:
        unit: Unit | None = item.data(_UNIT) if item is not None else None
        if unit is not None:
            self.hex.mark(unit.begin, unit.end)


class _Fact(QWidget):
    """A name and a value on one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._value = label("", "t3", "label"), ElidedLabel("", "t1", "dense")
        self._name.setFixedWidth(82)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._name)
        row.addWidget(self._value, 1)

    @property
    def fact(self) -> tuple[str, str]:
        return self._name.text(), self._value.full_text()

    def show_fact(self, name: str, value: str) -> None:
        self._name.setText(name)
        self._value.setText(value)
        self.setAccessibleName(f"{name}: {value}")


def _facts_of(detail: Detail) -> list[tuple[str, str]]:
    if detail.report is not None:
        return detail.report.facts()
    if detail.sound is not None:
        sound = detail.sound
        return [
            ("Sound", f"{sound.codec} · {sound.rate} Hz · {sound.seconds * 1000:.0f} ms"),
            ("Peak", f"{sound.peak_db:.1f} dBFS"),
            ("RMS", f"{sound.rms_db:.1f} dBFS"),
        ]
    if detail.picture is not None:
        return [("Picture", f"{detail.picture.source[0]}×{detail.picture.source[1]}")]
    return []


def _picture_words(picture: Picture) -> str:
    damaged = ", damaged" if picture.corrupt else ""
    return f"Picture of this message, {picture.source[0]}×{picture.source[1]}{damaged}"
