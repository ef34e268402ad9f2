"""Captions: who says what now, and in a recording what was being said at any time. Main thread."""

from __future__ import annotations

from bisect import bisect_right, insort
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
    """The captions of a recording, each from the first of its words on. ``read_on`` takes what is known since."""

    def __init__(self, session: Any, caption_of: Callable[[Any], Caption]) -> None:
        self._session, self._caption_of = session, caption_of
        self._read = 0
        self._starts: list[tuple[float, int, int]] = []  # when it is shown, and which line
        self._said: dict[tuple[int, int], tuple[float, Caption | None]] = {}  # its end; None: taken back

    def read_on(self) -> None:
        """Take what is new on the recording's timeline."""
        events = self._session.timeline(self._read)
        self._read += len(events)
        for event in events:
            if isinstance(event, TranscriptReceived):
                self._take(event.message)

    def at(self, now: float) -> Caption | None:
        """What is being said, or has just been."""
        place = bisect_right(self._starts, (now, _LAST, _LAST)) - 1
        while place >= 0:
            _, user_id, start = self._starts[place]
            end, caption = self._said[user_id, start]
            if caption is not None:
                return caption if now <= end + STAYS_S else None
            place -= 1
        return None

    def _take(self, line: Any) -> None:
        """An update takes the place of its line."""
        start = line.start_time or line.timestamp
        key = (line.user_id, start)
        if key not in self._said:
            insort(self._starts, (self._session.at_of_server_ms(start), *key))
        shown = line.attribute != Attribute.DELETE and line.text.strip()
        end = self._session.at_of_server_ms(max(start, line.end_time))
        self._said[key] = (end, self._caption_of(line) if shown else None)


_LAST = 1 << 62
