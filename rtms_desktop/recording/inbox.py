"""The queue between the loop's thread and the recorder: bounded by bytes, newest media is dropped first, and loudly.

``put_*`` on one thread (the driver's), ``take`` on one other; neither ever waits for the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from rtms_desktop.session.events import Event, Gap, GapReason, MediaReceived
from rtms_desktop.wire.enums import Medium

LIMIT_BYTES = 64 * 1024 * 1024
# Text, states and control records are small and tell what happened: they get in where media does not any more.
RESERVE_BYTES = 16 * 1024 * 1024
_SMALL_MESSAGE = 4096
_EVENT_BYTES = 400


class TapeMessage(msgspec.Struct, frozen=True, gc=False):
    link: str
    attempt: int
    direction: str
    data: str | bytes
    at: float


class ControlRecord(msgspec.Struct, frozen=True, gc=False):
    record: dict[str, Any]
    at: float


class SessionEvents(msgspec.Struct, frozen=True, gc=False):
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Dropped:
    """What did not get in while the queue was full."""

    messages: int
    bytes: int
    since: float
    until: float
    gaps: tuple[Gap, ...]


Entry = TapeMessage | ControlRecord | SessionEvents | Dropped


class RecorderQueue:
    """Attributes:
    dropped_messages: tape messages that did not get in.
    dropped_units: media units that did not get onto their tracks.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.limit = limit
        self.dropped_messages = self.dropped_units = 0
        self._entries: deque[Entry] = deque()
        # Each number has one writer, so no lock is needed.
        self._bytes_in = self._bytes_out = 0
        self._loss: Dropped | None = None
        self._holes: dict[tuple[Medium, int], tuple[int, int]] = {}

    @property
    def bytes(self) -> int:
        """Payload bytes that wait."""
        return self._bytes_in - self._bytes_out

    def put_message(self, message: TapeMessage) -> None:
        size = len(message.data)
        if not self._has_room(size, small=size < _SMALL_MESSAGE):
            self.dropped_messages += 1
            self._lose(1, size, message.at)
            return
        self._put(message, size)

    def put_control(self, control: ControlRecord) -> None:
        if self._has_room(_EVENT_BYTES, small=True):
            self._put(control, _EVENT_BYTES)
        else:
            self._lose(1, _EVENT_BYTES, control.at)

    def put_events(self, events: Sequence[Event]) -> None:
        size = size_of(events)
        if self._has_room(size, small=False):
            self._put(SessionEvents(events), size)
            return
        kept = []
        for event in events:
            if isinstance(event, MediaReceived):
                self._lose_unit(event)
            else:
                kept.append(event)
        if kept and self._has_room(size_of(kept), small=True):
            self._put(SessionEvents(kept), size_of(kept))

    def take(self) -> Entry | None:
        """The oldest entry, or None."""
        try:
            entry = self._entries.popleft()
        except IndexError:
            return None
        match entry:
            case TapeMessage(data=data):
                self._bytes_out += len(data)
            case SessionEvents(events=events):
                self._bytes_out += size_of(events)
            case ControlRecord():
                self._bytes_out += _EVENT_BYTES
            case Dropped():
                pass
        return entry

    def settle(self) -> None:
        """Put what is known of a loss into the queue; the producer's thread calls it before the end."""
        if self._loss is not None:
            loss, self._loss = self._loss, None
            gaps = tuple(
                Gap(medium=medium, user_id=user, start_ms=start, end_ms=end, reason=GapReason.DROPPED_HERE)
                for (medium, user), (start, end) in self._holes.items()
            )
            self._holes.clear()
            self._entries.append(Dropped(loss.messages, loss.bytes, loss.since, loss.until, gaps))

    # -- inside --------------------------------------------------------------------------------------------

    def _has_room(self, size: int, *, small: bool) -> bool:
        if small:
            return self.bytes + size <= self.limit + RESERVE_BYTES
        # After a loss, one long hole is better than many short ones.
        return self.bytes + size <= (self.limit if self._loss is None else self.limit // 2)

    def _put(self, entry: Entry, size: int) -> None:
        if self._loss is not None and self.bytes + size <= self.limit // 2:
            self.settle()
        self._bytes_in += size
        self._entries.append(entry)

    def _lose(self, messages: int, size: int, at: float) -> None:
        old = self._loss or Dropped(0, 0, at, at, ())
        self._loss = Dropped(old.messages + messages, old.bytes + size, old.since, at, ())

    def _lose_unit(self, event: MediaReceived) -> None:
        self.dropped_units += 1
        key = (event.medium, event.user_id)
        start, _ = self._holes.get(key, (event.timestamp_ms, 0))
        self._holes[key] = (start, event.timestamp_ms)
        self._lose(0, len(event.data), event.at)


def size_of(events: Sequence[Event]) -> int:
    """Bytes that a batch keeps alive, roughly."""
    return sum(len(event.data) if isinstance(event, MediaReceived) else _EVENT_BYTES for event in events)
