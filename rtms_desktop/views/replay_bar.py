"""The time bar of a recording: the transport row over the labelled rows (main thread)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from rtms_desktop.recording.overview import JumpTo
from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.viewmodels.replay_vm import SPEEDS, ReplayViewModel
from rtms_desktop.viewmodels.replay_words import speed_text
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.replay_rows import ROW, RULER, RowsView
from rtms_desktop.views.theme import theme
from rtms_desktop.views.time_bar import ROOM_GAP, captions_button
from rtms_desktop.views.widgets import IconButton, label, tick_while_visible

HEIGHT, TOP = 178, 42
ROW_SMALL = 13
WIDE = 790
"""From here on the transport row has room for everything beside a loop."""


class ReplayBar(QWidget):
    """Transport row over the rows."""

    def __init__(
        self,
        model: ReplayViewModel,
        marks: MarksViewModel,
        stage: StageViewModel,
        ticks: RenderTick,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Time bar of the recording")
        self.setFixedHeight(HEIGHT)
        self._small = False
        self._model = model
        self.view = RowsView(model, marks)
        self.time = label("", "t1", "timecode")
        self.length = label("", "t3", "dense")
        self._captions = captions_button(stage)
        self._jumps: list[IconButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 5, 12, 3)
        layout.setSpacing(2)
        layout.addLayout(self._make_row())
        layout.addWidget(self.view, 1)
        model.changed.connect(self.refresh)
        model.rows_changed.connect(self._resize)
        tick_while_visible(self, ticks.frame, self._move)
        self.refresh()

    def _make_row(self) -> QHBoxLayout:
        model = self._model
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 0, 0)
        self._row = row
        self.back = self._tool("step-back", "One picture back (,)", lambda: model.step(-1))
        self.play = self._tool("play", "Play (Space)", model.toggle)
        self.play.setProperty("kind", "outlined")
        self.on = self._tool("step-forward", "One picture on (.)", lambda: model.step(1))
        begin = self._tool("skip-back", "To the beginning", model.to_begin)
        end = self._tool("skip-forward", "To the end", model.to_end)
        self._spare = (begin, end, self.length, self._captions)  # keys, menus and the status bar have the same
        for part in (begin, self.back, self.play, self.on, end):
            row.addWidget(part)
        row.addSpacing(4)
        row.addWidget(self.time)
        row.addWidget(self.length)
        row.addStretch(1)
        self.loop = QPushButton()
        self.loop.setProperty("kind", "chosen")
        self.loop.setToolTip("Ends the loop (\\). A and B set it at the playhead.")
        self.loop.clicked.connect(lambda *_: model.loop_clear())
        theme().bind_icon(self.loop, "repeat", "select_text", 14)
        row.addWidget(self.loop)
        for name, kind, key in (("Gap", JumpTo.GAP, "G"), ("Mark", JumpTo.MARK, "N")):
            row.addSpacing(4)
            self._jumps.append(self._jump("chevron-left", f"Previous {name.lower()} (Shift+{key})", kind, False))
            row.addWidget(self._jumps[-1])
            row.addWidget(label(name, "t2", "dense_medium"))
            row.addWidget(self._jump("chevron-right", f"Next {name.lower()} ({key})", kind, True))
        row.addSpacing(4)
        self.speed = QPushButton()
        self.speed.setToolTip("Speed (slower [, faster ])")
        self.speed.setMenu(self._speed_menu())
        row.addWidget(self.speed)
        row.addWidget(self._captions)
        return row

    def _tool(self, icon: str, tip: str, do: Callable[[], None]) -> IconButton:
        tool = IconButton(icon, tip)
        tool.clicked.connect(lambda *_: do())
        return tool

    def _jump(self, icon: str, tip: str, kind: JumpTo, forward: bool) -> IconButton:
        return self._tool(icon, tip, lambda: self._model.jump(kind, forward))

    def _speed_menu(self) -> QMenu:
        menu = QMenu(self)
        for speed in SPEEDS:
            menu.addAction(speed_text(speed)).triggered.connect(lambda *_, speed=speed: self._model.set_speed(speed))
        return menu

    def room(self) -> QRect:
        """What is free in the transport row."""
        left = (self.length if self.length.isVisible() else self.time).geometry().right() + ROOM_GAP
        right = (self.loop if self.loop.isVisible() else self._jumps[0]).geometry().left() - ROOM_GAP
        row = self.play.geometry()
        return QRect(left, row.top(), right - left, row.height())

    # -- following the model -------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Transport, speed and loop; the playhead with them."""
        playing, loop = self._model.playing, self._model.loop_texts()
        self.play.set_icon("pause" if playing else "play")
        self.play.set_tip("Pause (Space)" if playing else "Play (Space)")
        self.speed.setText(self._model.speed_text())
        self.speed.setAccessibleName(f"Speed {self._model.speed_text()}")
        self.loop.setVisible(loop is not None)
        if loop is not None:
            self.loop.setText("  ".join(loop))
            self.loop.setAccessibleName(f"Loop from {loop[0]} to {loop[1]}: end it")
        self.length.setText(self._model.length_text())
        self._make_room()
        self.view.setAccessibleDescription(self._model.summary())
        self._move()

    def _move(self) -> None:
        text = self._model.time_text()
        if text != self.time.text():
            self.time.setText(text)
            self.view.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Neither the time nor the loop is ever cut."""
        tight = self._model.loop_texts() is not None and self.width() < WIDE
        for part in self._spare:
            part.setVisible(not tight)
        self._row.setSpacing(3 if tight else 6)

    def set_small(self, small: bool) -> None:
        """In a low window the rows are low, too: the picture needs the height."""
        self._small = small
        self._resize()

    def _resize(self) -> None:
        """Two people more need two rows more; less than the usual height it only has in a low window."""
        row, least = (ROW_SMALL, 0) if self._small else (ROW, HEIGHT)
        self.setFixedHeight(max(least, TOP + RULER + row * len(self._model.rows)))
        self.view.updateGeometry()
