"""The Timeline dock: speech, chat, people, share, sockets and marks in one scroll, by time. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.viewmodels.timeline_rows import KIND_ICONS, Item, Kind
from rtms_desktop.viewmodels.timeline_vm import TimelineViewModel
from rtms_desktop.views.filter_chips import FilterChips
from rtms_desktop.views.list_pane import ListPane
from rtms_desktop.views.row_layout import Glyph, RowLayout
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import EmptyState, tick_while_visible

CHAR_PX = 6.6
TIME_WIDTH, ICON_WIDTH = 42, 22
LINE, GAP, SMALL = 18, 4, 14
TURN_GAP = 4
LOW = 260
"""Below so many pixels the chips are one row without words."""

_TINTS = {Severity.WARNING: "warn_bg", Severity.ERROR: "error_bg"}
_TEXTS = {Severity.WARNING: "warn_bg_text", Severity.ERROR: "error"}
TITLE, LINE_TEXT = "Nothing yet", "What is said, written and done appears here in one list."


class TimelineLook:
    """Time, icon, who, and beside or under it what: words that were said or written stand under the name."""

    def __init__(self, model: TimelineViewModel, colours: SpeakerColours) -> None:
        self._model, self._colours = model, colours
        self.plain, self.tip = model.plain, model.tip
        self.line = LINE

    def chars_per_line(self, width: int) -> float:
        return (width - TIME_WIDTH - ICON_WIDTH - 2 * Space.DOCK) / CHAR_PX

    def rough(self, serial: int) -> tuple[int, int]:
        item = self._model.store.row(serial)
        head = LINE + TURN_GAP if _has_head(item) and self._model.opens_turn(serial) else 0
        return head + GAP + (SMALL if item.note else 0), len(item.text) + (0 if _has_head(item) else len(item.who) + 1)

    def lay_out(self, serial: int, width: int) -> RowLayout:
        model, item = self._model, self._model.store.row(serial)
        row = RowLayout(tint=_TINTS.get(item.severity, ""))
        left = Space.DOCK + TIME_WIDTH + ICON_WIDTH
        room = width - left - Space.DOCK
        opens = model.opens_turn(serial)
        row.height = TURN_GAP if opens else 0
        top = row.height
        row.text(model.clock(item), Space.DOCK, TIME_WIDTH, "label", "text3", LINE, y=top + 1)
        if opens:
            row.glyphs.append(Glyph(left - ICON_WIDTH, top + 2, item.icon, item.token, 14))
        if _has_head(item):
            self._words(row, item, left, room, head=opens)
        else:
            self._happening(row, item, left, room)
        row.height = max(row.height, top + LINE) + GAP
        return row

    def _words(self, row: RowLayout, item: Item, left: int, room: int, *, head: bool) -> None:
        """The name above, the words under it."""
        if head:
            name = row.line(self._model.who(item), left, room, "dense_medium", self._name_token(item), row.height, LINE)
            name.marked = True
            row.height += LINE
        token = "text3" if item.deleted else "text1"
        row.text(item.text, left, room, "base", token, LINE, marked=True, struck=item.deleted)
        if item.note:
            row.text(item.note, left, room, "label", "text3", SMALL)

    def _happening(self, row: RowLayout, item: Item, left: int, room: int) -> None:
        """Who and what on one line, or under each other where there is much to say."""
        token = _TEXTS.get(item.severity, "text2")
        if item.kind is Kind.MARKS:
            note = item.text or "Mark"
            row.text(note, left, room, "medium" if item.text else "base", "text1" if item.text else "text2", LINE,
                     marked=True)  # fmt: skip
            return
        who = self._model.who(item)
        if not who:
            row.text(item.text, left, room, "dense", token, LINE, marked=True)
            return
        colour = self._name_token(item) if item.user_id else token
        name = row.line(who, left, room, "dense_medium", colour, row.height, LINE)
        name.marked = True
        short = len(item.text) * CHAR_PX < room - (name.right - left) - Space.M
        if short:
            row.line(item.text, name.right + Space.S, left + room - name.right - Space.S, "dense", token, row.height,
                     LINE).marked = True  # fmt: skip
            row.height += LINE
        else:
            row.height += LINE
            row.text(item.text, left, room, "dense", token, LINE, marked=True)

    def _name_token(self, item: Item) -> str:
        return f"speaker.{self._colours.index(item.user_id) % len(theme().current.speakers)}"


def _has_head(item: Item) -> bool:
    return item.kind in (Kind.SPEECH, Kind.CHAT)


class TimelineDock(QWidget):
    """The list with find, chips and honest auto-scroll.

    Signals:
        note_wanted: a mark's id; somebody wants to type its note.
    """

    note_wanted = Signal(str)

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Timeline"
        self.setAccessibleName("Timeline")
        self._marks = controller.marks
        self.model = TimelineViewModel(controller, self)
        self._empty = EmptyState("list")
        self.pane = ListPane(
            self.model.store, self.model.finder, TimelineLook(self.model, colours), self._empty, "entries", self
        )
        self.pane.list.setAccessibleName("Timeline entries")
        self.chips = FilterChips(KIND_ICONS)
        self.pane.add_under_field(self.chips)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pane)
        self.model.session_changed.connect(self._show_empty)
        self.model.counts_changed.connect(self._show_counts)
        self.model.lit_changed.connect(self.pane.list.light)
        self.chips.toggled.connect(self._toggle)
        self.pane.list.pressed.connect(self.model.pick)
        self.pane.list.activated.connect(self.model.pick)
        self.pane.list.menu_opening.connect(self._add_to_menu)
        self._empty.acted.connect(lambda key: self._show_all())
        tick_while_visible(self, ticks.data, self.model.follow_playhead)
        self._show_empty()
        self._show_counts()

    def start_find(self) -> None:
        """Put the cursor into the find field (Ctrl+F)."""
        self.pane.start_find()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.chips.set_compact(self.height() < LOW)

    # -- which rows ----------------------------------------------------------------------------------------------

    def _toggle(self, kind: Kind) -> None:
        self._show(self.model.shown ^ {kind})

    def _show_all(self) -> None:
        self._show(frozenset())

    def _show(self, kinds: frozenset[Kind]) -> None:
        """What is at the top stays there, as far as it is still in the list."""
        rows, top = self.pane.list, self.pane.list.top_serial
        at = self.model.store.row(top).at if top is not None and not rows.following else None
        self.model.show(kinds)
        self.model.follow_playhead()
        if at is not None and len(self.model.store):
            rows.put_top(self.model.serial_at(at))

    def _show_counts(self) -> None:
        model = self.model
        self.chips.show_counts(model.counts, model.shown)
        self.pane.list.setAccessibleName(f"Timeline, {len(model.store):,} entries")
        if not len(model.store):
            self._show_empty()

    def _show_empty(self) -> None:
        self.pane.set_leader("the playhead" if self.model.replays else "")
        if self.model.shown and sum(self.model.counts.values()):
            kinds = ", ".join(str(kind).lower() for kind in Kind if kind in self.model.shown)
            self._empty.set("list-filter", "Nothing of this kind", f"You see only: {kinds}.", "Show everything")
        else:
            self._empty.set("list", TITLE, LINE_TEXT)

    # -- marks ---------------------------------------------------------------------------------------------------

    def _add_to_menu(self, menu: QMenu, serial: int) -> None:
        """Notes belong to a moment, and a mark is one: the menu of a row offers both."""
        item = self.model.store.row(serial)
        mark_id, why_not = self.model.mark_id(serial), self._marks.problem
        menu.addSeparator()
        if mark_id:
            menu.addAction("Edit note" if item.text else "Add a note").triggered.connect(
                lambda *_: self.note_wanted.emit(mark_id)
            )
            menu.addAction("Delete mark").triggered.connect(lambda *_: self._marks.remove(mark_id))
            return
        add = menu.addAction("Add a note here")
        add.triggered.connect(lambda *_: self._note_at(item.at))
        add.setEnabled(not why_not)
        add.setToolTip(why_not)

    def _note_at(self, at: float) -> None:
        mark = self._marks.add(at)
        if mark is not None:
            self.note_wanted.emit(mark.id)
