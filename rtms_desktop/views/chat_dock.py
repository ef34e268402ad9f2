"""The Chat dock: messages with their audience, replies, reactions, edits, deletions and files. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.chat_vm import ChatLine, ChatViewModel
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.row_layout import Glyph, RowLayout
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.words_dock import WordsDock

CHAR_PX = 6.6
TIME_WIDTH = 42
LINE, HEAD, SMALL, GAP = 18, 20, 16, 10
REST_WIDTH = 104  # kept free beside the name of a file


class ChatLook:
    """One message: sender and marks above, time at the left, then words and everything that hangs on them."""

    def __init__(self, model: ChatViewModel, colours: SpeakerColours) -> None:
        self._model, self._colours = model, colours
        self.plain, self.tip = model.plain, model.tip
        self.line = LINE

    def chars_per_line(self, width: int) -> float:
        return (width - TIME_WIDTH - 2 * Space.DOCK) / CHAR_PX

    def rough(self, serial: int) -> tuple[int, int]:
        line = self._model.store.row(serial)
        extra = bool(line.reply_to) + bool(line.reactions) + len(line.files) + (line.edited or line.deleted)
        return HEAD + extra * SMALL + GAP, len(line.text)

    def lay_out(self, serial: int, width: int) -> RowLayout:
        line = self._model.store.row(serial)
        row = RowLayout(height=2)
        left, room = Space.DOCK + TIME_WIDTH, width - TIME_WIDTH - 2 * Space.DOCK
        self._head(row, line, Space.DOCK, width - 2 * Space.DOCK)
        top = row.height
        row.text(self._model.clock(line.timestamp_ms), Space.DOCK, TIME_WIDTH, "label", "text3", LINE, y=top + 1)
        reply = self._model.reply_line(line)
        if reply:
            row.glyphs.append(_glyph(left, row.height + 1, "undo-2"))
            row.line(reply, left + 18, room - 18, "label", "text3", row.height, SMALL)
            row.height += SMALL
        if line.stray:
            row.text(line.stray, left, room, "dense", "text3", LINE)
        if line.text:
            token = "text3" if line.deleted else "text1"
            row.text(line.text, left, room, "base", token, LINE, marked=True, struck=line.deleted)
        for name, rest in self._model.file_lines(line):
            row.glyphs.append(_glyph(left, row.height + 2, "file-text"))
            shown = row.line(name, left + 18, room - 18 - REST_WIDTH, "dense", "text2", row.height, LINE)
            row.line(rest, shown.right + 8, REST_WIDTH - 8, "label", "text3", row.height, LINE)
            row.height += LINE
        for text in (self._model.reaction_line(line), self._model.state_line(line)):
            if text:
                row.text(text, left, room, "label", "text3", SMALL)
        row.height = max(row.height, top + LINE) + GAP - 2
        return row

    def _head(self, row: RowLayout, line: ChatLine, left: int, room: int) -> None:
        token = f"speaker.{self._colours.index(line.user_id) % len(theme().current.speakers)}"
        name = row.line(line.user_name or f"User {line.user_id}", left, room, "dense_medium", token, row.height, HEAD)
        name.marked = True
        audience = self._model.audience(line)
        if audience:
            x = name.right + 8
            row.glyphs.append(_glyph(x, row.height + 4, "lock" if line.receiver or "private" in audience else "users"))
            row.line(audience, x + 16, left + room - x - 16, "label", "text2", row.height, HEAD)
        row.height += HEAD


def _glyph(x: float, y: float, name: str) -> Glyph:
    return Glyph(x, y, name, "text3", 12)


class ChatDock(WordsDock):
    """Chat with find and honest auto-scroll; ``count_changed`` carries the number of unread messages."""

    title, things, icon = "Chat", "messages", "message-square"
    none_yet = ("No chat messages", "They appear as people write.")

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        model = ChatViewModel(controller, self)
        self.build(model, ChatLook(model, colours))
        model.count_changed.connect(self.count_changed)
        model.store.committed.connect(lambda _: self._show_reading())
        self.pane.list.following_changed.connect(lambda _: self._show_reading())

    def _show_reading(self) -> None:
        self.model.mark_read(self.isVisible() and self.pane.list.following)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_reading()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.model.mark_read(False)
