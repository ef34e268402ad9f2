"""Timestamps that cannot be right: server time and arrival run alike, so none can leap far from the ones before.

One wrong stamp, hours ahead, would otherwise end a track: all that follows would be late. Recorder thread.
"""

from __future__ import annotations

# Zoom sends audio from before READY in one burst (up to 60 s), and clocks drift by less than a second an hour.
TOLERANCE_MS = 5 * 60 * 1000
AGREED = 25
"""So many stamps in a row that agree with each other are a server's new clock, not an error.

A clock set forward is followed. One set back would put all that comes where something stands already: what bears its
stamps goes on where it arrives.
"""


class Stamps:
    """Attributes:
    corrected: units that were put where they arrived, as their stamp could not be right.
    """

    def __init__(self) -> None:
        self.corrected = 0
        self._offset_ms: float | None = None
        self._behind_ms = 0
        self._other_ms = 0.0
        self._agreeing = 0

    def anchor(self, timestamp_ms: int, at: float) -> None:
        """The server said itself what its clock reads; ``at``: arrival in monotonic seconds."""
        self._offset_ms = timestamp_ms + self._behind_ms - at * 1000

    def settle(self, timestamp_ms: int, at: float) -> int:
        """The stamp of a unit, or the server's time of its arrival where the stamp cannot be right."""
        own_offset = timestamp_ms - at * 1000
        offset = own_offset + self._behind_ms
        if self._offset_ms is None:
            self._offset_ms = offset
        if abs(offset - self._offset_ms) <= TOLERANCE_MS:
            self._offset_ms, self._agreeing = offset, 0  # a clock may also run fast
            return timestamp_ms + self._behind_ms
        self._agreeing = self._agreeing + 1 if abs(own_offset - self._other_ms) <= TOLERANCE_MS else 1
        self._other_ms = own_offset
        if self._agreeing >= AGREED:
            behind_ms = round(self._offset_ms - own_offset)
            self._behind_ms = behind_ms if behind_ms > TOLERANCE_MS else 0
            self._offset_ms, self._agreeing = own_offset + self._behind_ms, 0
            return timestamp_ms + self._behind_ms
        self.corrected += 1
        return round(at * 1000 + self._offset_ms)
