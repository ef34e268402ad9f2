"""Random access to the chunks of a tape from several threads, with the newest ones kept. Used by replay."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from pathlib import Path

from rtms_desktop.recording.tape_reader import ChunkPlace, TapeReader, TapeRecord

KEPT_BYTES = 48 * 1024 * 1024


class ChunkStore:
    """The chunks of one tape by number. Raises BundleError for a file that is no tape.

    Attributes:
        origin: nanoseconds of the tape's time at monotonic zero: set once, by whoever has read the seed.
    """

    def __init__(self, path: Path) -> None:
        self._reader = TapeReader(path)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, list[TapeRecord]] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self.origin = 0
        self._first: list[int] = []
        self._last: list[int] = []
        self._take(self._reader.chunks())

    @property
    def path(self) -> Path:
        return self._reader.path

    @property
    def is_finished(self) -> bool:
        """Whether the tape was closed in order."""
        with self._lock:
            return self._reader.is_finished

    def __len__(self) -> int:
        return len(self._last)

    @property
    def end(self) -> float:
        """Monotonic seconds of the newest record."""
        return self.at(self._last[-1]) if self._last else 0.0

    def at(self, time_ns: int) -> float:
        """The monotonic time of a record, as the core was given it."""
        return (time_ns - self.origin) / 1e9

    def first_at(self, number: int) -> float:
        """No record of this chunk or of later ones is earlier."""
        return self.at(self._first[number])

    def last_at(self, number: int) -> float:
        """No record of this chunk or of earlier ones is later."""
        return self.at(self._last[number])

    def find(self, at: float) -> int:
        """The newest chunk that may hold something from before or at ``at``; 0 for times before the tape."""
        return max(0, bisect_right(self._first, round(at * 1e9) + self.origin) - 1)

    def records(self, number: int) -> list[TapeRecord]:
        """All records of one chunk, in order."""
        with self._lock:
            kept = self._kept.get(number)
            if kept is not None:
                self._kept.move_to_end(number)
                return kept
            records = self._reader.chunk(number)
            self._keep(number, records)
            return records

    def refresh(self) -> int:
        """Find what was added to a tape that is still being written; returns the number of chunks."""
        with self._lock:
            self._reader.refresh()
            self._take(self._reader.chunks())
            return len(self)

    def close(self) -> None:
        with self._lock:
            self._reader.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _take(self, places: list[ChunkPlace]) -> None:
        """Add the times of new chunks; they only grow, though a recording that began in mid-session starts with what
        had been said before."""
        for place in places[len(self._last) :]:
            self._first.append(place.first_ns)
            before = len(self._first) - 2
            while before >= 0 and self._first[before] > place.first_ns:
                self._first[before] = place.first_ns
                before -= 1
            # The newest last: whoever sees its length finds the rest complete.
            self._last.append(max(place.last_ns, self._last[-1] if self._last else 0))

    def _keep(self, number: int, records: list[TapeRecord]) -> None:
        size = sum(len(record.data) for record in records)
        self._kept[number], self._sizes[number] = records, size
        self._bytes += size
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, number: int) -> None:
        if self._kept.pop(number, None) is not None:
            self._bytes -= self._sizes.pop(number)
