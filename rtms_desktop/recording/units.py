"""The pictures and the sound of a tape, found by the time at which they are due. Used by replay, from any thread.

Due times lie on the tape's own axis (monotonic seconds of the recording): a unit is due when its server timestamp
would have arrived by the quickest way through the network. So pictures move as evenly as they were taken, and picture
and sound are in sync, however unevenly they arrived.
"""

from __future__ import annotations

import math
import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from rtms_desktop.bitstream import h264, images
from rtms_desktop.recording.chunk_store import ChunkStore
from rtms_desktop.recording.tape_reader import TapeRecord
from rtms_desktop.wire.codec import Reader
from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.messages import MediaData

Key = tuple[str, int]

PLACE_BITS = 24
"""A place is the number of a chunk and, in its lowest bits, that of a record in it: one whole number that sorts."""

KEPT_CHUNKS = 96
CELL_S, HEAD_S = 10.0, 0.5
"""The quickest way is taken from the first half second of media in each ten: it changes with the clocks' drift only."""

SEARCH_CELLS = 12
LOOK_AHEAD_S = 0.5
"""Units may arrive so much after they are due."""

WALK_S = 30.0
"""Without an index, a picture (or its keyframe) further back than this is not searched for."""

_MEDIA = {medium.value: medium for medium in Medium}


class Unit(msgspec.Struct, gc=False):
    """One access unit or audio payload. ``at``: its arrival, ``due``: see above, both in seconds of the tape's axis.

    ``place``: see ``place_of``. ``timed`` False: it had no timestamp of its own.
    """

    key: Key
    data: bytes
    timestamp_ms: int
    at: float
    place: int
    timed: bool = True
    due: float = 0.0
    _starts: bool | None = None

    @property
    def starts(self) -> bool:
        """Whether decoding can start here."""
        if self._starts is None:
            self._starts = starts_decoding(self.data)
        return self._starts


def starts_decoding(data: bytes) -> bool:
    """Whether an access unit is an image or an H.264 keyframe."""
    return images.sniff(data) in ("jpg", "png") or h264.is_keyframe(data)


def place_of(chunk: int, number: int) -> int:
    return chunk << PLACE_BITS | number


@dataclass(slots=True)
class Places:
    """Where the pictures of one track stand, and which of them decoding can start at; both only ever grow."""

    units: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("q"))


class UnitStore:
    """The media units of one tape. ``timeless_ms`` maps an arrival to server time where nothing was stamped."""

    def __init__(self, chunks: ChunkStore, product: Product, origin_ms: float) -> None:
        """``origin_ms``: wall clock (Unix ms) at monotonic zero."""
        self._chunks, self._product, self._origin_ms = chunks, product, origin_ms
        self._lock = threading.RLock()
        self._read: OrderedDict[int, dict[Key, list[Unit]]] = OrderedDict()
        self._placed: set[int] = set()
        self._cells: dict[int, float | None] = {}
        self._index: dict[Key, Places] = {}
        self._indexed_until = 0
        self._searched: dict[Key, tuple[int, int]] = {}

    def set_index(self, places: dict[Key, Places], until: int) -> None:
        """Tell where the pictures stand in all chunks before ``until``."""
        with self._lock:
            self._index, self._indexed_until = places, until

    def grown(self, before: float) -> None:
        """The tape, which ended at ``before``, has grown: what could not be measured at its end is measured anew."""
        with self._lock:
            self._cells = {
                cell: value
                for cell, value in self._cells.items()
                if value is not None and (cell + 1) * CELL_S < before - LOOK_AHEAD_S
            }

    @property
    def end(self) -> float:
        """Where the tape ends by now."""
        return self._chunks.end

    # -- time --------------------------------------------------------------------------------------------------

    def server_ms(self, at: float) -> float:
        """The server time that is shown at ``at``."""
        return at * 1000.0 - self._offset(at)

    def due(self, server_ms: float, near: float | None = None) -> float:
        """When ``server_ms`` is shown; ``near``: about when it arrived."""
        guess = (server_ms - self._origin_ms) / 1000.0 if near is None else near
        return (server_ms + self._offset(guess)) / 1000.0

    # -- pictures ------------------------------------------------------------------------------------------------

    def at(self, key: Key, at: float) -> Unit | None:
        """The newest unit that is due at ``at`` or before."""
        with self._lock:
            number = self._chunks.find(at)
            last = number
            while last + 1 < len(self._chunks) and self._chunks.first_at(last + 1) <= at + LOOK_AHEAD_S:
                last += 1
            while last >= 0:
                for unit in reversed(self._units(last).get(key, ())):
                    if unit.due <= at:
                        return unit
                earlier = self._earlier_chunk(key, last)
                if earlier is None or (self._chunks.last_at(earlier) < at - WALK_S and not self._is_indexed(last)):
                    return None
                last = earlier
            return None

    def after(self, unit: Unit, until: float) -> Unit | None:
        """The next unit of the track if it arrived before ``until``."""
        with self._lock:
            key, number = unit.key, unit.place >> PLACE_BITS
            units = self._units(number).get(key, [])
            following = bisect_right(units, unit.place, key=_place)
            if following < len(units):
                return units[following]
            searched_for, searched = self._searched.get(key, (-1, 0))
            if searched_for == unit.place:
                number = max(number, searched)
            while True:
                later = self._later_chunk(key, number)
                if later is None or self._chunks.first_at(later) > until + LOOK_AHEAD_S:
                    self._searched[key] = (unit.place, number)
                    return None
                found = self._units(later).get(key)
                if found:
                    return found[0]
                number = later

    def before(self, unit: Unit) -> Unit | None:
        """The previous unit of the track."""
        return next(self._backwards(unit), None)

    def keyframe(self, unit: Unit) -> Unit | None:
        """The unit, or the nearest one before it, at which decoding can start."""
        with self._lock:
            if unit.starts:
                return unit
            if self._is_indexed(unit.place >> PLACE_BITS) and unit.key in self._index:
                starts = self._index[unit.key].starts
                place = bisect_right(starts, unit.place) - 1
                return self._unit(unit.key, starts[place]) if place >= 0 else None
            return next((earlier for earlier in self._backwards(unit) if earlier.starts), None)

    # -- sound ---------------------------------------------------------------------------------------------------

    def sound(self, first: float, last: float) -> list[Unit]:
        """The audio units that arrived from ``first`` on and before ``last``, in their order."""
        with self._lock:
            found: list[Unit] = []
            number = self._chunks.find(first)
            while number < len(self._chunks) and self._chunks.first_at(number) < last:
                for key, units in self._units(number).items():
                    if key[0] == Medium.AUDIO.value:
                        found += [unit for unit in units if first <= unit.at < last]
                number += 1
            return sorted(found, key=_place)

    # -- inside --------------------------------------------------------------------------------------------------

    def _backwards(self, unit: Unit) -> Iterator[Unit]:
        key, number = unit.key, unit.place >> PLACE_BITS
        units = self._units(number).get(key, [])
        yield from reversed(units[: bisect_left(units, unit.place, key=_place)])
        while (earlier := self._earlier_chunk(key, number)) is not None:
            if self._chunks.last_at(earlier) < unit.at - WALK_S and not self._is_indexed(number):
                return
            number = earlier
            yield from reversed(self._units(number).get(key, []))

    def _is_indexed(self, number: int) -> bool:
        return number < self._indexed_until

    def _earlier_chunk(self, key: Key, number: int) -> int | None:
        """The next chunk to look into on the way back."""
        if not self._is_indexed(number):
            return number - 1 if number else None
        places = self._index[key].units if key in self._index else _NOWHERE
        place = bisect_left(places, place_of(number, 0)) - 1
        return places[place] >> PLACE_BITS if place >= 0 else None

    def _later_chunk(self, key: Key, number: int) -> int | None:
        if self._is_indexed(number + 1):
            places = self._index[key].units if key in self._index else _NOWHERE
            place = bisect_left(places, place_of(number + 1, 0))
            if place < len(places):
                return places[place] >> PLACE_BITS
            number = self._indexed_until - 1
        return number + 1 if number + 1 < len(self._chunks) else None

    def _unit(self, key: Key, place: int) -> Unit | None:
        units = self._units(place >> PLACE_BITS).get(key, [])
        number = bisect_left(units, place, key=_place)
        return units[number] if number < len(units) and units[number].place == place else None

    def _units(self, number: int) -> dict[Key, list[Unit]]:
        """The units of a chunk with their due times."""
        found = self._units_unplaced(number)
        if number not in self._placed:
            for units in found.values():
                for unit in units:
                    unit.due = (unit.timestamp_ms + self._offset(unit.at)) / 1000.0 if unit.timed else unit.at
            if self._read.get(number) is found:
                self._placed.add(number)
        return found

    def _units_unplaced(self, number: int) -> dict[Key, list[Unit]]:
        found = self._read.get(number)
        if found is not None:
            self._read.move_to_end(number)
            return found
        found = {}
        for row, record in enumerate(self._chunks.records(number)):
            for unit in self._parse(record, place_of(number, row)):
                found.setdefault(unit.key, []).append(unit)
        self._read[number] = found
        self._placed.discard(number)
        if len(self._read) > KEPT_CHUNKS:
            oldest, _ = self._read.popitem(last=False)
            self._placed.discard(oldest)
        return found

    def _parse(self, record: TapeRecord, place: int) -> Iterator[Unit]:
        if record.direction != "in" or record.link not in _LINKS:
            return
        data: str | bytes = record.data if record.opcode == "binary" else record.data.decode("utf-8", "replace")
        at = self._chunks.at(record.time_ns)
        for message in Reader(_MEDIA.get(record.link), self._product).read(data):
            if isinstance(message, MediaData):
                timed = message.timestamp > 0
                timestamp = message.timestamp if timed else round(self._origin_ms + at * 1000.0)
                yield Unit((message.medium.value, message.user_id), message.data, timestamp, at, place, timed)

    def _offset(self, at: float) -> float:
        """Arrival minus server timestamp in ms on the quickest way, at about ``at``; between cells it slides."""
        with self._lock:
            cell, part = divmod(at, CELL_S)
            here, there = self._level(int(cell)), self._level(int(cell) + 1)
            return here + (there - here) * part / CELL_S

    def _level(self, cell: int) -> float:
        """The least of a cell and its neighbours: a backlog after a lost socket is no way through the network."""
        near = [value for number in (cell - 1, cell, cell + 1) if (value := self._measured(number)) is not None]
        if near:
            return min(near)
        for distance in range(2, SEARCH_CELLS):
            for number in (cell - distance, cell + distance):
                if (value := self._measured(number)) is not None:
                    return value
        return -self._origin_ms

    def _measured(self, cell: int) -> float | None:
        if cell not in self._cells:
            self._cells[cell] = self._measure(cell * CELL_S)
        return self._cells[cell]

    def _measure(self, start: float) -> float | None:
        """Arrival minus timestamp of the quickest unit in the first ``HEAD_S`` of media of a cell, in ms."""
        if not len(self._chunks) or start > self._chunks.end or start + CELL_S < self._chunks.first_at(0):
            return None
        number, end = self._chunks.find(start), start + CELL_S
        first = least = math.inf
        while number < len(self._chunks) and self._chunks.first_at(number) < min(end, first + HEAD_S):
            stamped = [
                unit
                for units in self._units_unplaced(number).values()
                for unit in units
                if unit.timed and start <= unit.at < end
            ]
            first = min(first, min((unit.at for unit in stamped), default=first))
            for unit in stamped:
                if unit.at < first + HEAD_S:
                    least = min(least, unit.at * 1000.0 - unit.timestamp_ms)
            number += 1
        return least if least < math.inf else None


_LINKS = frozenset((*_MEDIA, "all"))
_NOWHERE: array[int] = array("q")


def _place(unit: Unit) -> int:
    return unit.place
