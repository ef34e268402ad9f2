"""The tape of one session as the driver sees it: it can start in mid-session and still be driven again from the start.

Called on the loop's thread; the recorder behind it has its own.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from rtms_desktop.app.driver import Tape
from rtms_desktop.session.events import SIGNALING

# Besides media a session says a few messages a second. At the bound the oldest go and are counted.
PROLOGUE_RECORDS = 20_000
PROLOGUE_MESSAGE_BYTES = 64 * 1024


class SessionTape:
    """Hands every message and every other input of the core to the recorders, if there are any.

    Without one it remembers all but the media, so that a recording that starts later begins with how the session
    came to be.

    Attributes:
        forgotten: records that the bound pushed out of the prologue.
        observers: are told the same as the recorder; on the loop's thread, so they must be quick.
    """

    def __init__(self) -> None:
        self._sinks: list[Tape] = []
        self._prologue: deque[tuple[Any, ...]] = deque(maxlen=PROLOGUE_RECORDS)
        self._heard: set[tuple[str, int]] = set()
        self.forgotten = 0
        self.observers: list[Tape] = []

    def observe(self, observer: Tape) -> None:
        """Tell ``observer`` what has been, as far as it is remembered, then what comes."""
        for call, *args in self._prologue:
            getattr(observer, call)(*args)
        self.observers.append(observer)

    def attach(self, sink: Tape) -> None:
        """Start writing: first what has been, then what comes."""
        for call, *args in self._prologue:
            getattr(sink, call)(*args)
        self._sinks.append(sink)

    def detach(self, sink: Tape) -> None:
        self._sinks.remove(sink)

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None:
        for sink in self._sinks:
            sink.message(link, attempt, direction, data, at)
        for observer in self.observers:
            observer.message(link, attempt, direction, data, at)
        if self._belongs_to_prologue(link, attempt, direction, data):
            self._remember("message", link, attempt, direction, data, at)

    def control(self, record: dict[str, Any], at: float) -> None:
        for sink in self._sinks:
            sink.control(record, at)
        for observer in self.observers:
            observer.control(record, at)
        self._remember("control", record, at)

    def _belongs_to_prologue(self, link: str, attempt: int, direction: str, data: str | bytes) -> bool:
        """Signaling, what we said, and the first answer of each media link."""
        if len(data) > PROLOGUE_MESSAGE_BYTES:
            return False
        if link == SIGNALING or direction == "out":
            return True
        first = (link, attempt) not in self._heard
        self._heard.add((link, attempt))
        return first

    def _remember(self, *record: Any) -> None:
        if len(self._prologue) == PROLOGUE_RECORDS:
            self.forgotten += 1
        self._prologue.append(record)
