"""The mixer under the text tabs: a strip for the master and one for each person. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.mixer_vm import MASTER, MixerViewModel, Strip
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.meter import MeterBar
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import RIGHT, ElidedLabel, Head, button, label, set_kind, tick_while_visible

_NO_BAR = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
_FIXED, _PREFERRED = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred
_TAB_FOCUS = Qt.FocusPolicy.TabFocus
ROW = 28
BUTTON = 20
ROWS_SHOWN = 4


class ValueLabel(QLabel):
    """The number beside a meter; a click on CLIP takes the mark away."""

    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class StripRow(QWidget):
    """Stripe, name, meter, value, mute and solo of one person; the master has a loudspeaker and no buttons."""

    def __init__(self, model: MixerViewModel, strip: Strip, colours: SpeakerColours, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self.strip, self._colours = model, strip, colours
        self.setFixedHeight(ROW)
        self.mark = QLabel()
        self.mark.setFixedSize(16, 16)
        self.name = ElidedLabel(_short(strip.name), "t1", "dense_medium")
        self.name.setSizePolicy(_FIXED, _PREFERRED)
        self.name.setFixedWidth(72)
        self.meter = MeterBar(strip.meter)
        self.value = ValueLabel()
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setProperty("kind", "t2")
        self.value.setFont(theme().font("dense"))
        self.value.setFixedWidth(34)
        self.value.setAlignment(RIGHT)
        self.value.clicked.connect(lambda: self._model.clear_clip(self.strip.user_id))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.DOCK, 0, Space.DOCK, 0)
        row.setSpacing(Space.S)
        for part in (self.mark, self.name):
            row.addWidget(part)
        row.addWidget(self.meter, 1)
        row.addWidget(self.value)
        if strip.user_id == MASTER:
            blank = QWidget()
            blank.setFixedWidth(2 * BUTTON + Space.S)
            row.addWidget(blank)
        else:
            self.mute = self._toggle("M", "Mute", strip.mute, row)
            self.solo = self._toggle("S", "Solo", strip.solo, row)
            self.mute.toggled.connect(lambda on: model.set_person(strip.user_id, mute=on))
            self.solo.toggled.connect(lambda on: model.set_person(strip.user_id, solo=on))
        theme().changed.connect(self._colour)
        self._colour()
        self.show_value()

    def _toggle(self, letter: str, word: str, on: bool, row: QHBoxLayout) -> QToolButton:
        tool = QToolButton()
        tool.setText(letter)
        tool.setCheckable(True)
        tool.setChecked(on)
        tool.setProperty("kind", "mini")
        tool.setFont(theme().font("label_medium"))
        tool.setFocusPolicy(_TAB_FOCUS)
        tool.setAccessibleName(f"{word} {self.strip.name}")
        effect = "is not heard here" if word == "Mute" else "is heard alone here"
        tool.setToolTip(f"{word}: this person {effect}. The recording is not affected")
        row.addWidget(tool)
        return tool

    def _colour(self) -> None:
        if self.strip.user_id == MASTER:
            self.mark.setPixmap(theme().pixmap("volume-2", "text2", 16))
        else:
            token = f"speaker.{self._colours.index(self.strip.user_id) % len(theme().current.speakers)}"
            stripe = QPixmap(3, 16)
            stripe.fill(theme().color(token))
            self.mark.setPixmap(stripe)

    def show_level(self) -> None:
        """The meter moves with every tick; the number at most four times a second (``show_value``)."""
        self.meter.update()
        if self.strip.meter.clipped != (self.value.text() == "CLIP"):
            self.show_value()

    def show_value(self) -> None:
        meter = self.strip.meter
        if meter.text != self.value.text():
            self.value.setText(meter.text)
            self.value.setAccessibleName(f"Level of {self.strip.name}: {meter.text} dBFS")
            set_kind(self.value, "error" if meter.clipped else "t2")
            self.value.setToolTip("Above −1 dBFS; click to clear" if meter.clipped else "RMS level in dBFS")


class NoDevice(QWidget):
    """Said above the strips: levels are measured all the same, only nothing is heard."""

    HIGH = 42

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(self.HIGH)
        self._mark = QLabel()
        self.text = label("No sound device", "t1", "dense_medium")
        note = ElidedLabel("Recording is not affected.", "t3", "dense")
        self.again = button("Look again", kind="link", tip="Look for a sound device again")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.DOCK, 0, Space.S, 0)
        row.setSpacing(Space.S)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        for line in (self.text, note):
            words.addWidget(line)
        words.addStretch(1)
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        row.addWidget(self.again)
        theme().changed.connect(self._colour)
        self._colour()

    def tell(self, problem: str) -> None:
        """Show or, without a problem, hide."""
        self.again.setToolTip(plain_tip(problem) or "Look for a sound device again")
        self.setVisible(bool(problem))

    def _colour(self) -> None:
        self._mark.setPixmap(theme().pixmap("volume-x", "text3", 16))


class Mixer(QWidget):
    """Meters, mute and solo. Pulls levels 30 times a second while it is seen, and repaints only what moves."""

    count_changed = Signal(object)

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Audio"
        self.setAccessibleName("Audio mixer")
        self.model = MixerViewModel(controller, self)
        self._colours = colours
        self.rows: dict[int, StripRow] = {}
        self.head = Head("Audio")
        unit = label("dBFS", "t3", "dense")
        unit.setContentsMargins(0, 0, Space.DOCK - Space.S, 0)  # text ends where the buttons under it end
        self.head.add(unit)
        self.silent = NoDevice()
        self.silent.again.clicked.connect(lambda *_: self.model.rescan())
        self._strips = QWidget()
        self._column = QVBoxLayout(self._strips)
        self._column.setContentsMargins(0, Space.XS, 0, Space.XS)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._strips)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(_NO_BAR)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.head)
        body.addWidget(self.silent)
        body.addWidget(self._scroll, 1)
        self.model.strips_changed.connect(self._make_rows)
        self.model.device_changed.connect(self._show_device)
        self.model.moved.connect(self._show_levels)
        tick_while_visible(self, ticks.frame, self.model.pull)
        tick_while_visible(self, ticks.text, self._show_values)
        self._make_rows()
        self._show_device()

    def sizeHint(self) -> QSize:
        rows = min(ROWS_SHOWN, max(2, len(self.model.strips)))
        silent = NoDevice.HIGH if self.model.device_problem else 0
        return QSize(330, self.head.height() + silent + rows * ROW + 2 * Space.XS)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.head.height() + 2 * ROW)

    def _make_rows(self) -> None:
        wanted = [strip.user_id for strip in self.model.strips]
        kept = {strip.user_id: strip for strip in self.model.strips}
        for user_id, row in list(self.rows.items()):
            if kept.get(user_id) is not row.strip or row.name.full_text() != _short(row.strip.name):
                del self.rows[user_id]
                row.setParent(None)
                row.deleteLater()
        for place, user_id in enumerate(wanted):
            if user_id not in self.rows:
                self.rows[user_id] = StripRow(self.model, kept[user_id], self._colours, self._strips)
                self._column.insertWidget(place, self.rows[user_id])
        self._show_values()
        self.updateGeometry()

    def _show_levels(self, moved: set[int]) -> None:
        for user_id in moved:
            if user_id in self.rows:
                self.rows[user_id].show_level()

    def _show_values(self) -> None:
        for row in self.rows.values():
            row.show_value()
        self.head.note.setText(self.model.format_text())

    def _show_device(self) -> None:
        self.silent.tell(self.model.device_problem)
        self.updateGeometry()


def _short(name: str) -> str:
    """The first name: strips are narrow, and the whole name is in the tooltip."""
    return name.split(" ")[0] if not name.startswith("User ") else name
