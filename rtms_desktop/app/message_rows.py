"""Columns of messages: a million rows in some forty megabytes. Filled by one thread, read by the main thread.

A row that stands stays as it is; readers look no further than ``len(rows)``, which grows last.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntFlag
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtms_desktop.app.message_scan import MEDIA_KINDS, UNREADABLE
from rtms_desktop.wire.enums import MessageType

Array = NDArray[Any]
Mask = NDArray[np.bool_]

UNREAD = -1
"""Type of a row whose message has not been looked at yet."""
CONTROL_KINDS = {
    "link_opened": -2,
    "link_closed": -3,
    "request": -4,
    "wake": -5,
    "seed": -6,
    "recording": -7,
    "dropped": -8,
    "mark": -9,
}
OTHER_CONTROL = -10
WAKE = CONTROL_KINDS["wake"]
CONTROL_NAMES = {
    UNREAD: "…",
    -2: "socket opened",
    -3: "socket closed",
    -4: "request",
    -5: "timer",
    -6: "session began",
    -7: "recording began",
    -8: "not recorded",
    -9: "mark",
    OTHER_CONTROL: "note",
    UNREADABLE: "unreadable",
}
NO_LAG = -(1 << 31)


class Flag(IntFlag):
    """What is worth noticing about a message."""

    KEY = 1
    GAP = 2  # media begin again after a socket was lost, or after a hole that the session counts as a loss
    REFUSED = 4
    UNUSUAL = 8  # an anomaly: unexpected field, wrong order
    MALFORMED = 16
    LOST = 32  # a socket or the stream was interrupted


WARN = Flag.GAP | Flag.UNUSUAL | Flag.LOST
BAD = Flag.REFUSED | Flag.MALFORMED


class Channel(NamedTuple):
    """Where messages ran. ``direction`` is in, out, or "" for what happened here (opened, closed, asked for)."""

    link: str
    attempt: int
    direction: str
    opcode: str


def type_name(kind: int) -> str:
    """``MEDIA_DATA_VIDEO``, or words for what is no message."""
    if kind < 0:
        return CONTROL_NAMES.get(kind, "note")
    try:
        return MessageType(kind).name
    except ValueError:
        return "UNKNOWN"


def type_label(kind: int) -> str:
    """``15 MEDIA_DATA_VIDEO``"""
    return type_name(kind) if kind < 0 else f"{kind} {type_name(kind)}"


_COLUMNS: dict[str, Any] = {
    "time": np.int64,  # ns
    "delta": np.float32,  # ms since the one before; NaN for none
    "channel": np.uint16,
    "kind": np.int16,
    "user": np.uint16,  # index into users
    "size": np.uint32,
    "lag": np.int32,  # ms
    "number": np.uint32,  # counted per link, from 1
    "flags": np.uint8,
    "chunk": np.uint32,
    "offset": np.uint32,
}
MAX_USERS = 65_000
MAX_CHANNELS = 65_000
_FIRST_CAPACITY = 4096


class Rows:
    """Rows under serial numbers that never change; ``first`` is the oldest that is held.

    Overflow policy: at ``cap`` rows the oldest sixteenth is dropped, counted in ``dropped``.

    Attributes:
        channels: what ``channel`` counts. ``users``: ids; index 0 stands for nobody (None).
        names: of users, as messages named them.
        wall_ms: what to add to ``time`` in ms to get Unix milliseconds. ``zero``: ns of ``time`` at session time 0.
    """

    def __init__(self, cap: int = 1_000_000, *, places: bool = False) -> None:
        self.cap = cap
        self.first = self.dropped = 0
        self.channels: list[Channel] = []
        self.users: list[int | None] = [None]
        self.names: dict[int, str] = {}
        self.wall_ms = 0
        self.zero = 0
        self.version = 0  # of everything but the end: dropped rows, rows that were read anew
        self._channel_of: dict[Channel, int] = {}
        self._user_of: dict[int | None, int] = {None: 0}
        self._fields = [name for name in _COLUMNS if places or name not in ("chunk", "offset")]
        self._arrays = {name: np.zeros(0, _COLUMNS[name]) for name in self._fields}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def end(self) -> int:
        """One past the newest serial."""
        return self.first + self._count

    @property
    def bytes(self) -> int:
        return sum(array.nbytes for array in self._arrays.values())

    def column(self, name: str, begin: int = 0, end: int | None = None) -> Array:
        """A view of rows ``begin`` to ``end`` (positions, not serials)."""
        return self._arrays[name][begin : self._count if end is None else end]

    def value(self, name: str, serial: int) -> Any:
        """One cell as a Python number. Raises IndexError for a row that is not held."""
        position = serial - self.first
        if not 0 <= position < self._count:
            raise IndexError(serial)
        return self._arrays[name][position].item()

    def channel(self, serial: int) -> Channel:
        number: int = self.value("channel", serial)
        return self.channels[number]

    def user(self, serial: int) -> int | None:
        number: int = self.value("user", serial)
        return self.users[number]

    def seconds(self, serial: int) -> float:
        """Session time."""
        return float(self.value("time", serial) - self.zero) / 1e9

    def channel_number(self, channel: Channel) -> int:
        number = self._channel_of.get(channel)
        if number is None:
            number = self._channel_of[channel] = min(len(self.channels), MAX_CHANNELS)
            if number == len(self.channels):
                self.channels.append(channel)
        return number

    def user_number(self, user: int | None) -> int:
        number = self._user_of.get(user)
        if number is None:
            number = min(len(self.users), MAX_USERS)
            if number == len(self.users):
                self._user_of[user] = number
                self.users.append(user)
        return number

    def append(self, **cells: Any) -> int:
        """Add one row; its serial."""
        count = self._count
        if count == len(self._arrays["time"]):
            self._make_room()
            count = self._count
        arrays = self._arrays
        for name, cell in cells.items():
            arrays[name][count] = cell
        self._count = count + 1
        return self.first + count

    def adopt(self, arrays: dict[str, Array]) -> None:
        """Take over whole columns, all of one length; those that are missing are zero."""
        count = len(next(iter(arrays.values())))
        self._arrays = {name: arrays.get(name, np.zeros(count, _COLUMNS[name])) for name in self._fields}
        self._count = count

    def flag(self, serial: int, flags: int) -> None:
        """Mark a row that is held."""
        position = serial - self.first
        if 0 <= position < self._count:
            self._arrays["flags"][position] |= flags

    def array(self, name: str) -> Array:
        """A whole column, to be filled by whoever owns the rows."""
        return self._arrays[name]

    def links(self) -> list[str]:
        """Names of the links that were seen, in order."""
        return list(dict.fromkeys(channel.link for channel in self.channels))

    def people(self) -> Iterator[tuple[int, str]]:
        """(id, name) of everybody who was seen."""
        for user in self.users[1:]:
            if user is not None:
                yield user, self.names.get(user, "")

    def _make_room(self) -> None:
        room = len(self._arrays["time"])
        if room < self.cap:
            wanted = min(self.cap, max(_FIRST_CAPACITY, room * 2))
            for name, array in self._arrays.items():
                grown = np.zeros(wanted, array.dtype)
                grown[: self._count] = array[: self._count]
                self._arrays[name] = grown
            return
        gone = max(1, self.cap // 16)
        for array in self._arrays.values():
            array[: self._count - gone] = array[gone : self._count].copy()
        self.first += gone
        self.dropped += gone
        self._count -= gone
        self.version += 1


def fill_deltas(rows: Rows) -> None:
    """Compute ``delta``, ``number`` and the flag of gaps for all rows at once, as they would have come one by one."""
    time, channel, kind = rows.array("time"), rows.array("channel"), rows.array("kind")
    delta, number, flags = rows.array("delta"), rows.array("number"), rows.array("flags")
    delta[:] = np.nan
    media_kind = np.isin(kind, list(MEDIA_KINDS))
    links = np.array([rows.links().index(c.link) for c in rows.channels] or [0])
    attempts = np.array([c.attempt for c in rows.channels] or [0])
    incoming = np.array([c.direction == "in" for c in rows.channels] or [False])
    sent = np.array([c.direction != "" for c in rows.channels] or [False])
    link = links[channel]
    for name in range(len(rows.links())):
        here = np.flatnonzero(link == name)
        counted = here[sent[channel[here]]]
        number[counted] = np.arange(1, len(counted) + 1)
        delta[here[1:]] = np.diff(time[here]) / 1e6
        media = here[media_kind[here] & incoming[channel[here]]]
        if len(media):
            delta[media[0]] = np.nan
            delta[media[1:]] = np.diff(time[media]) / 1e6
            again = media[1:][np.diff(attempts[channel[media]]) != 0]
            flags[again[delta[again] > GAP_MS]] |= np.uint8(Flag.GAP)


GAP_MS = 200.0
"""Shorter holes at a reconnection are none: the server keeps what it could not send for a while."""
