"""The one time that pictures follow: which server time is being heard now. Written by the audio thread, read by all."""

from __future__ import annotations

from typing import NamedTuple

SNAP_MS = 60.0
"""A larger disagreement is a jump of the sound; a smaller one is noise of the device's clock and is smoothed."""

SMOOTHING = 0.08


class Anchor(NamedTuple):
    at: float  # monotonic seconds
    server_ms: float
    rate: float  # server ms for each ms of ours


class PlaybackClock:
    """Maps server milliseconds to monotonic seconds and back; without sound it knows nothing (None)."""

    def __init__(self) -> None:
        self._anchor: Anchor | None = None  # replaced as a whole: readers need no lock

    def observe(self, at: float, server_ms: float, rate: float) -> None:
        """The sound of ``server_ms`` leaves the loudspeaker at ``at``."""
        predicted = self.position_ms(at)
        if predicted is None or abs(server_ms - predicted) > SNAP_MS:
            self._anchor = Anchor(at, server_ms, rate)
        else:
            self._anchor = Anchor(at, predicted + SMOOTHING * (server_ms - predicted), rate)

    def clear(self) -> None:
        self._anchor = None

    def position_ms(self, at: float) -> float | None:
        """Server time heard at monotonic ``at``."""
        anchor = self._anchor
        return None if anchor is None else anchor.server_ms + (at - anchor.at) * 1000.0 * anchor.rate

    def due(self, server_ms: float) -> float | None:
        """Monotonic seconds at which ``server_ms`` is heard."""
        anchor = self._anchor
        return None if anchor is None else anchor.at + (server_ms - anchor.server_ms) / (1000.0 * anchor.rate)
