"""The Transcript dock: what was said, by speaker, with the time at the left. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.viewmodels.transcript_vm import TranscriptViewModel
from rtms_desktop.views.row_layout import RowLayout
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import tick_while_visible
from rtms_desktop.views.words_dock import WordsDock

CHAR_PX = 6.6  # mean width of a letter of the base font
TIME_WIDTH = 42
LINE, HEAD, TURN_GAP, ROW_GAP = 18, 20, 6, 4


class TranscriptLook:
    """One line: the speaker above the first of a turn, the time, the words."""

    def __init__(self, model: TranscriptViewModel, colours: SpeakerColours) -> None:
        self._model, self._colours = model, colours
        self.plain, self.tip = model.plain, model.tip
        self.line = LINE

    def chars_per_line(self, width: int) -> float:
        return (width - TIME_WIDTH - 2 * Space.DOCK) / CHAR_PX

    def rough(self, serial: int) -> tuple[int, int]:
        head = HEAD + TURN_GAP if self._model.opens_turn(serial) else 0
        return head + ROW_GAP, len(self._model.store.row(serial).text)

    def lay_out(self, serial: int, width: int) -> RowLayout:
        model, line = self._model, self._model.store.row(serial)
        row = RowLayout()
        left, room = Space.DOCK, width - 2 * Space.DOCK
        if model.opens_turn(serial):
            row.height = TURN_GAP
            name = line.user_name or f"User {line.user_id}"
            token = f"speaker.{self._colours.index(line.user_id) % len(theme().current.speakers)}"
            row.text(name, left, room, "dense_medium", token, HEAD, marked=True)
        top = row.height
        gone = line.deleted
        words = row.text(
            line.text, left + TIME_WIDTH, room - TIME_WIDTH, "base", "text3" if gone else "text1", LINE,
            marked=True, struck=gone,
        )  # fmt: skip
        row.text(model.clock(line), left, TIME_WIDTH, "label", "text3", LINE, y=top + 1)
        note = "deleted" if gone else "changed" if line.updates else ""
        if note:
            row.text(note, left + TIME_WIDTH, room - TIME_WIDTH, "label", "text3", 14)
        row.height = max(row.height, int(words.y) + LINE) + ROW_GAP
        return row


class TextDock(WordsDock):
    """Transcript with find, honest auto-scroll and copying."""

    title, things, icon = "Transcript", "lines", "captions"
    none_yet = ("No words yet", "Lines appear as people speak.")

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        model = TranscriptViewModel(controller, self)
        self.build(model, TranscriptLook(model, colours))
        model.count_changed.connect(self._counted)
        model.lit_changed.connect(self.pane.list.light)
        tick_while_visible(self, ticks.data, model.follow_playhead)

    def _counted(self, count: int) -> None:
        self.pane.list.setAccessibleName(f"Transcript, {count:,} lines")
        dropped = self.model.store.dropped
        self.pane.field.setPlaceholderText(f"Find in the last {count:,} lines" if dropped else "Find in text")

    def show_empty(self) -> None:
        self.pane.leader = "the playhead" if self.model.replays else ""
        super().show_empty()
