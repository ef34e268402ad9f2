"""Captions: who says what now, and in a recording what was being said at any time. Main thread."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtms_desktop.session.events import TranscriptReceived
from rtms_desktop.wire.enums import Attribute

STAYS_S = 2.0
"""A caption stays so long after its last word, unless the next one comes."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Who says what now; `name` is the first name."""

    name: str
    colour: int
    text: str


class CaptionTrack:
    """The captions of a recording, each from the first of its words on."""

    def __init__(self, session: Any, caption_of: Callable[[Any], Caption]) -> None:
        lines: dict[tuple[int, int], Any] = {}
        for event in session.timeline():
            if isinstance(event, TranscriptReceived):
                line = event.message
                lines[line.user_id, line.start_time or line.timestamp] = line  # an update takes the place of its line
        said = [
            (session.at_of_server_ms(start), session.at_of_server_ms(max(start, line.end_time)), caption_of(line))
            for (_, start), line in lines.items()
            if line.attribute != Attribute.DELETE and line.text.strip()
        ]
        said.sort(key=lambda one: one[0])
        self._said = said
        self._starts = [start for start, _, _ in said]

    def at(self, now: float) -> Caption | None:
        """What is being said, or has just been."""
        place = bisect_right(self._starts, now) - 1
        if place < 0 or now > self._said[place][1] + STAYS_S:
            return None
        return self._said[place][2]
