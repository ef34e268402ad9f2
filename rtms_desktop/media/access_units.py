"""Bounded queue of encoded pictures in front of a decoder; filled by the main thread, emptied by a decode thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MAX_UNITS = 90
MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture as it came: server time in ms, arrival in monotonic seconds."""

    data: bytes
    pts_ms: int
    arrived_at: float


class AccessUnitQueue:
    """FIFO with the overflow policy "drop to next keyframe".

    When full, everything waiting is dropped, and so is what follows until ``is_start`` says that decoding can start
    again; a decoder never sees a hole without knowing (``skipped`` is then true once). Not locked: the owner does that.
    """

    def __init__(self, is_start: Callable[[bytes], bool], max_units: int = MAX_UNITS, max_bytes: int = MAX_BYTES):
        self._units: deque[AccessUnit] = deque()
        self._is_start = is_start
        self._max_units, self._max_bytes = max_units, max_bytes
        self._bytes = 0
        self._waiting = False
        self._skipped = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._units)

    def put(self, unit: AccessUnit) -> None:
        if self._units and (len(self._units) >= self._max_units or self._bytes + len(unit.data) > self._max_bytes):
            self.dropped += len(self._units)
            self._units.clear()
            self._bytes = 0
            self._waiting = self._skipped = True
        if self._waiting:
            if not self._is_start(unit.data):
                self.dropped += 1
                return
            self._waiting = False
        self._units.append(unit)
        self._bytes += len(unit.data)

    def get(self) -> AccessUnit | None:
        if not self._units:
            return None
        unit = self._units.popleft()
        self._bytes -= len(unit.data)
        return unit

    def take_skipped(self) -> bool:
        """Whether units were dropped since the last call."""
        skipped, self._skipped = self._skipped, False
        return skipped
