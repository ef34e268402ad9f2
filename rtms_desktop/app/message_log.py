"""The live log of messages: every message of every link, both ways, as columns and a bounded store of bodies.

Fed by the session's tape on the loop's thread, a few microseconds a message; read by the inspector.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rtms_desktop.app.message_opening import Opening, OpeningBook
from rtms_desktop.app.message_rows import (
    CONTROL_KINDS,
    GAP_MS,
    NO_LAG,
    OTHER_CONTROL,
    WAKE,
    Array,
    Channel,
    Flag,
    Rows,
)
from rtms_desktop.app.message_scan import MEDIA_KINDS, scan, user_name
from rtms_desktop.app.message_trouble import Judge, control_flags
from rtms_desktop.errors import BundleError
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.session.events import Anomaly, Event, GapClosed, GapReason
from rtms_desktop.wire.enums import Product
from rtms_desktop.wire.redact import redact_bytes

ROWS = 1_000_000
RING_BYTES = 64 * 1024 * 1024
_LOSSES = frozenset({GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE})
_LOOK_BACK = 12
_CHUNKS_HELD = 2
_SAME_TIME = 256
"""No turn of the loop sends or reads more messages than this at one time."""


class Bodies(Protocol):
    """Whole messages by serial, secrets blanked; made on the main thread, asked on any one thread."""

    def get(self, serial: int) -> bytes | None:
        """None: no longer held."""

    def many(self, serials: Array) -> Iterator[bytes | None]:
        """The same for many serials in order, quicker."""

    def close(self) -> None: ...


class Log(Protocol):
    """What the inspector shows: rows, and the messages behind them."""

    rows: Rows
    product: Product

    @property
    def scanned(self) -> float:
        """How much has been looked at, 0 to 1."""

    def bodies(self, serials: Array) -> Bodies: ...

    def opening(self) -> Iterable[Opening]:
        """How the session and its sockets came to be, in order. Asked on the main thread, gone through on any one."""


class BodyRing:
    """The newest messages as they came. Overflow policy: drop oldest, counted in ``dropped``."""

    def __init__(self, limit: int = RING_BYTES) -> None:
        self.limit = limit
        self.bytes = self.dropped = 0
        self.first = 0
        self._held: list[str | bytes | None] = []
        self._gone = 0  # at the head of the list

    def __len__(self) -> int:
        return len(self._held) - self._gone

    def put(self, data: str | bytes) -> None:
        self._held.append(data)
        self.bytes += len(data)
        while self.bytes > self.limit and self._gone < len(self._held):
            old = self._held[self._gone]
            self.bytes -= len(old or b"")
            self._held[self._gone] = None
            self._gone += 1
            self.first += 1
            self.dropped += 1
        if self._gone > 4096 and self._gone * 2 > len(self._held):
            del self._held[: self._gone]
            self._gone = 0

    def get(self, serial: int) -> str | bytes | None:
        position = serial - self.first
        return self._held[position + self._gone] if 0 <= position < len(self) else None

    def part(self, begin: int, end: int) -> tuple[int, list[str | bytes | None]]:
        """(serial of the first, what is held) of the serials from ``begin`` to ``end``."""
        first = max(begin, self.first)
        offset = self._gone - self.first
        return first, self._held[first + offset : max(first, end) + offset]


class MessageLog:
    """One session's messages. ``message``, ``control``: what a tape is told; ``events``: what the core told.

    Attributes:
        tapes: recordings of this session, which hold what the ring does not any more.
    """

    scanned = 1.0

    def __init__(
        self, product: Product = Product.MEETING, *, cap: int = ROWS, ring: int = RING_BYTES, wall_ms: int = 0
    ) -> None:
        """``wall_ms``: what to add to monotonic milliseconds to get Unix milliseconds."""
        self.product = product
        self.rows = Rows(cap)
        self.rows.wall_ms = wall_ms
        self.ring = BodyRing(ring)
        self.tapes: list[Path] = []
        self._opening = OpeningBook()
        self._judge = Judge(product)
        self._last: dict[str, int] = {}  # ns of the newest row of a link
        self._media: dict[str, tuple[int, int]] = {}  # ns and attempt of the newest media of a link
        self._numbers: dict[str, int] = {}

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None:
        rows, time = self.rows, round(at * 1e9)
        channel = Channel(link, attempt, direction, "text" if isinstance(data, str) else "binary")
        found = scan(data, link)
        kind, user = found.kind, found.user
        flags = self._judge.flags(channel, kind, data) | (Flag.KEY if found.key else 0)
        if kind in MEDIA_KINDS and direction == "in":
            delta, again = self._media_delta(link, attempt, time)
            flags |= Flag.GAP if again and delta > GAP_MS else 0
        else:
            delta = (time - self._last[link]) / 1e6 if link in self._last else float("nan")
        self._last[link] = time
        number = self._numbers[link] = self._numbers.get(link, 0) + 1
        if user is not None and user not in rows.names:
            rows.names[user] = user_name(data)
        rows.append(
            time=time,
            delta=delta,
            channel=rows.channel_number(channel),
            kind=kind,
            user=rows.user_number(user),
            size=_size(data),
            lag=_lag(time // 1_000_000 + rows.wall_ms - found.stamp) if found.stamp and direction == "in" else NO_LAG,
            number=number,
            flags=flags,
        )
        self._opening.put(rows.end - 1, kind, channel, time, data)
        self.ring.put(data)

    def control(self, record: dict[str, Any], at: float) -> None:
        kind = CONTROL_KINDS.get(str(record.get("do")), OTHER_CONTROL)
        if kind == WAKE:
            return  # a timer of the program itself: no message, and there are many
        rows, time, body = self.rows, round(at * 1e9), to_json(record)
        link, attempt = str(record.get("link") or "control"), record.get("attempt")
        channel = Channel(link, attempt if isinstance(attempt, int) else 0, "", "text")
        rows.append(
            time=time,
            delta=(time - self._last[link]) / 1e6 if link in self._last else float("nan"),
            channel=rows.channel_number(channel),
            kind=kind,
            user=0,
            size=len(body),
            lag=NO_LAG,
            number=0,
            flags=control_flags(record),
        )
        self._last[link] = time
        self._opening.put(rows.end - 1, kind, channel, time, body)
        self.ring.put(body)

    def events(self, events: Sequence[Any]) -> None:
        """Mark the messages that the session took for trouble; an event carries the time of its message."""
        for event in events:
            if isinstance(event, Anomaly):
                self._flag(event, event.link, Flag.UNUSUAL)
            elif isinstance(event, GapClosed) and event.gap.reason in _LOSSES and event.gap.end_ms is not None:
                if event.gap.end_ms - event.gap.start_ms > GAP_MS:
                    self._flag(event, event.gap.medium.value, Flag.GAP)

    def bodies(self, serials: Array) -> Bodies:
        """What ``serials`` need: taken from the ring now, from the tape when it is asked for."""
        return _LiveBodies(self, serials)

    def opening(self) -> tuple[Opening, ...]:
        return self._opening.so_far()

    def _media_delta(self, link: str, attempt: int, time: int) -> tuple[float, bool]:
        before = self._media.get(link)
        self._media[link] = (time, attempt)
        return ((time - before[0]) / 1e6, before[1] != attempt) if before else (float("nan"), False)

    def _flag(self, event: Event, link: str, flag: int) -> None:
        rows, time = self.rows, round(event.at * 1e9)
        for serial in range(rows.end - 1, max(rows.first, rows.end - _LOOK_BACK) - 1, -1):
            if rows.value("time", serial) == time and rows.channel(serial).link == link:
                rows.flag(serial, flag)
                rows.version += 1
                return


class _LiveBodies:
    """Takes references and columns of the range that ``serials`` span, so that the log may go on meanwhile."""

    def __init__(self, log: MessageLog, serials: Array) -> None:
        rows = log.rows
        begin = int(serials.min()) if len(serials) else rows.end
        end = int(serials.max()) + 1 if len(serials) else rows.end
        self._ring_first, self._held = log.ring.part(begin, end)
        self._first = max(rows.first, begin - _SAME_TIME)
        missing = log.tapes and begin < self._ring_first
        span = (self._first - rows.first, max(self._first, end) - rows.first) if missing else (0, 0)
        self._times, self._numbers = (rows.column(name, *span).copy() for name in ("time", "channel"))
        self._channels = rows.channels
        self._tapes = [TapeFinder(path) for path in log.tapes] if missing else []

    def get(self, serial: int) -> bytes | None:
        place = serial - self._ring_first
        data = self._held[place] if 0 <= place < len(self._held) else None
        if data is not None:
            return redact_bytes(data.encode("utf-8", "replace") if isinstance(data, str) else data)
        position = serial - self._first
        if not self._tapes or not 0 <= position < len(self._times):
            return None
        channel, time = self._channels[int(self._numbers[position])], int(self._times[position])
        found = (tape.find(channel, time, self._ordinal(position)) for tape in self._tapes)
        return next((body for body in found if body is not None), None)

    def many(self, serials: Array) -> Iterator[bytes | None]:
        return map(self.get, serials.tolist())

    def _ordinal(self, position: int) -> int:
        """How many rows of the same channel and time stand before this one."""
        before = position
        while before and self._times[before - 1] == self._times[position]:
            before -= 1
        return int(np.count_nonzero(self._numbers[before:position] == self._numbers[position]))

    def close(self) -> None:
        for tape in self._tapes:
            tape.close()


class TapeFinder:
    """Finds messages of this session on a tape of it, also while it is written. One thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: TapeReader | None = None
        self._origin: int | None = None
        self._chunks: OrderedDict[int, dict[tuple[str, int, str, int], list[bytes]]] = OrderedDict()

    def find(self, channel: Channel, time: int, ordinal: int) -> bytes | None:
        """The message of ``channel`` at a monotonic time in ns; several of one time are told apart by ``ordinal``."""
        try:
            reader = self._open()
            if reader is None or self._origin is None:
                return None
            at = time + self._origin
            if not any(place.last_ns >= at for place in reader.chunks()[-1:]):
                reader.refresh()
            for number, place in enumerate(reader.chunks()):
                if place.first_ns <= at <= place.last_ns:
                    same = self._chunk(reader, number).get((channel.link, channel.attempt, channel.direction, at), [])
                    if ordinal < len(same):
                        return same[ordinal]
        except (BundleError, OSError):
            pass  # deleted or moved meanwhile: then it is not held
        return None

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _open(self) -> TapeReader | None:
        if self._reader is None:
            self._reader = TapeReader(self._path)
            self._origin = next(self._origins(self._reader), None)
        return self._reader

    @staticmethod
    def _origins(reader: TapeReader) -> Iterator[int]:
        for record in reader.records():
            now = record.json().get("now") if record.is_control else None
            if isinstance(now, int | float):
                yield record.time_ns - round(now * 1e9)

    def _chunk(self, reader: TapeReader, number: int) -> dict[tuple[str, int, str, int], list[bytes]]:
        held = self._chunks.get(number)
        if held is None:
            held = self._chunks[number] = {}
            for record in reader.chunk(number):
                attempt = int(record.json().get("attempt") or 0) if record.is_control else record.attempt
                link = str(record.json().get("link") or "control") if record.is_control else record.link
                held.setdefault((link, attempt, record.direction, record.time_ns), []).append(record.data)
            while len(self._chunks) > _CHUNKS_HELD:
                self._chunks.popitem(last=False)
        return held


def _size(data: str | bytes) -> int:
    """Bytes on the wire."""
    return len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode("utf-8", "replace"))


def _lag(ms: int) -> int:
    return ms if abs(ms) < 86_400_000 else NO_LAG
