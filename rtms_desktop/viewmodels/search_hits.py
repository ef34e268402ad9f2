"""What the search of the window finds: hits in groups, and the rows that its popover shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from rtms_desktop.viewmodels.figures import grouped
from rtms_desktop.viewmodels.search_words import Marks, Words

MOST = 5
"""Hits of one group that are shown."""


class Group(Enum):
    """Where a hit is from, in the order of the popover: its title, and its icon with the token of its colour."""

    RECENT = "Last searches", "history", "text3"
    COMMANDS = "Commands", "chevron-right", "text2"
    PEOPLE = "People", "user", "text2"
    TRANSCRIPT = "Transcript", "captions", "media.transcript"
    CHAT = "Chat", "message-square", "media.chat"
    MARKS = "Marks", "bookmark", "text1"
    EVENTS = "Events", "list", "text2"
    MESSAGES = "Messages", "braces", "text2"
    RECORDINGS = "Recordings", "file-play", "text2"

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def icon(self) -> tuple[str, str]:
        return self.value[1], self.value[2]


WHOLE = {
    Group.TRANSCRIPT: "Show all in the transcript",
    Group.CHAT: "Show all in the chat",
    Group.MARKS: "Show all in the timeline",
    Group.MESSAGES: "Show all in the Inspector",
    Group.RECORDINGS: "Show all in the recordings",
}
"""What leads to the rest of a group, where another part of the window can show it."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the window. ``key``: what `run` knows it by; ``shortcut``: as the menu writes it."""

    key: str
    name: str
    shortcut: str = ""
    on: bool = False
    """it has two states, and this one is in force"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One row to go to.

    Attributes:
        key: tells hits of a group apart.
        text: what is shown; ``marks``: (start, end) in it of what was searched for.
        lead: who said it or what it is of, before the text.
        side: time or key, at the right.
        user_id: whose colour the lead has; 0 = nobody's.
        at: where it is on the session's axis, monotonic seconds; None = nowhere.
        target: what the part of the window that shows it knows it by.
    """

    group: Group
    key: str
    text: str
    marks: Marks = ()
    lead: str = ""
    lead_marks: Marks = ()
    side: str = ""
    user_id: int = 0
    at: float | None = None
    target: Any = None
    icon: tuple[str, str] = ("", "")
    whole: bool = False
    """it stands for all hits of its group"""

    def spoken(self) -> str:
        """The row in words, for a screen reader."""
        parts = (self.group.title, self.lead, self.text, self.side)
        return ", ".join(part for part in parts if part)


@dataclass(slots=True)
class Found:
    """What is known of one group. ``more``: there are further ones than were counted; ``pending``: still looking."""

    group: Group
    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    more: bool = False
    pending: bool = False
    whole: Any = None
    """the target of the row that leads to all of them"""

    def add(self, hit: Hit) -> None:
        self.hits.append(hit)

    @property
    def count(self) -> str:
        """``1,204``, ``30+``"""
        return f"{grouped(self.total)}{'+' if self.more or self.pending else ''}"


@dataclass(frozen=True, slots=True)
class Head:
    """The title over the hits of a group."""

    group: Group
    count: str


Row = Head | Hit


def rows_of(groups: Iterable[Found]) -> list[Row]:
    """Groups that have something to show, each under its head; behind a long one the way to the rest."""
    rows: list[Row] = []
    for found in groups:
        if not found.hits:
            continue
        rows.append(Head(found.group, found.count if found.total else ""))
        rows += found.hits
        words = WHOLE.get(found.group)
        if words and (found.total > len(found.hits) or found.more):
            icon = ("arrow-right", "accent")
            rows.append(Hit(found.group, "all", words, target=found.whole, icon=icon, whole=True))
    return rows


def named(group: Group, key: str, text: str, words: Words, **more: Any) -> Hit:
    """A hit whose text is cut to where the words are, and marked."""
    line = words.around(text)
    return Hit(group, key, line, words.marks(line), lead_marks=words.marks(more.get("lead", "")), **more)
