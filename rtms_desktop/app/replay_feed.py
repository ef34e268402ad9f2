"""The records of a tape in their order, read a little ahead of the playhead. Loop's thread; others do the reading."""

from __future__ import annotations

import asyncio
from collections import deque

from rtms_desktop.recording.chunk_store import ChunkStore
from rtms_desktop.recording.index import is_preface
from rtms_desktop.recording.tape_reader import TapeRecord

AHEAD_CHUNKS = 4


class RecordFeed:
    """From record ``row`` of chunk ``number`` on."""

    def __init__(self, chunks: ChunkStore, number: int, row: int) -> None:
        self._chunks, self._next, self._skip = chunks, number, row
        self._waiting: deque[TapeRecord] = deque()
        self._sizes: deque[int] = deque()  # records of each chunk that still waits

    def take(self, until: float, limit: int) -> list[TapeRecord]:
        """At most ``limit`` records up to the time ``until``."""
        taken: list[TapeRecord] = []
        while self._waiting and len(taken) < limit:
            record = self._waiting[0]
            if self._chunks.at(record.time_ns) > until and not is_preface(record):
                break
            taken.append(self._waiting.popleft())
            self._sizes[0] -= 1
            if not self._sizes[0]:
                self._sizes.popleft()
        return taken

    def wants_more(self, until: float) -> bool:
        """Whether something up to ``until`` may not have been read yet."""
        if self._next >= len(self._chunks):
            return False
        return len(self._sizes) < AHEAD_CHUNKS or self._chunks.first_at(self._next) <= until

    async def read_more(self) -> None:
        """Read the next chunk."""
        records = await asyncio.get_running_loop().run_in_executor(None, self._chunks.records, self._next)
        self._next += 1
        records, self._skip = records[self._skip :], 0
        if records:
            self._waiting.extend(records)
            self._sizes.append(len(records))
