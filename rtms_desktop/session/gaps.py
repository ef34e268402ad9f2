"""Finds the holes of one audio or video track: by server timestamps once media is back, by the clock while it is not.

A hole that mixes reasons (someone is silent, then the socket breaks) is told as one gap per reason. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.wire.enums import Medium

STALL_S = 1.0
"""A track that brings nothing for so long is told to have a gap before anybody knows how long it will be."""

_STRENGTH = {GapReason.SILENCE: 0, GapReason.MUTE: 1, GapReason.PAUSE: 2, GapReason.SOCKET_DOWN: 3}


class TrackGaps:
    """The holes of one track. Each method returns gaps to tell: those with ``end_ms`` None have just opened.

    A gap that closes where it started was filled after all (buffered media came late) and is none.

    Attributes:
        end_ms: server time up to which the track is known, None before its first unit.
        open: the gap that goes on.
    """

    def __init__(self, medium: Medium, user_id: int, min_ms: int, reason: GapReason = GapReason.SILENCE) -> None:
        self.end_ms: float | None = None
        self.open: Gap | None = None
        self._medium, self._user_id, self._min_ms = medium, user_id, min_ms
        self._last_at = 0.0
        self._now_reason = self._worst = reason
        self._since = 0.0

    def unit(self, timestamp_ms: int, duration_ms: float, at: float) -> list[Gap]:
        """Media arrived whose timestamp is not older than what is known."""
        told: list[Gap] = []
        if self.end_ms is not None:
            hole = timestamp_ms - self.end_ms
            if self.open is not None:
                told = self._close(timestamp_ms if hole >= self._min_ms else self.open.start_ms)
            elif hole >= max(self._min_ms, 1.5 * duration_ms):
                told = self._open(round(self.end_ms), self._worst) + self._close(timestamp_ms)
        self.end_ms, self._last_at = timestamp_ms + duration_ms, at
        self._worst = self._now_reason
        return told

    def circumstances(self, reason: GapReason, now: float) -> list[Gap]:
        """From now on missing media would be missing for ``reason``."""
        if reason is self._now_reason:
            return []
        self._now_reason, self._since = reason, now
        self._worst = max(self._worst, reason, key=_STRENGTH.__getitem__)
        if self.open is not None and reason is not GapReason.SILENCE:
            return self._split(now, reason)
        return []

    def deadline(self) -> float | None:
        """When ``tick`` is wanted."""
        if self.end_ms is None:
            return None
        if self.open is None:
            return self._last_at + STALL_S
        # Media needs a moment to flow again: only then is its absence called by the new name.
        return self._since + STALL_S if self.open.reason is not self._now_reason else None

    def tick(self, now: float) -> list[Gap]:
        """Time passed."""
        due = self.deadline()
        if due is None or now < due or self.end_ms is None:
            return []
        if self.open is None:
            return self._open(round(self.end_ms), self._worst)
        return self._split(self._since, self._now_reason)

    def retire(self, now: float) -> list[Gap]:
        """The track ends here (its person left, the session is over, its clock jumped)."""
        told = [] if self.open is None else self._close(self._server_ms(now))
        self.end_ms = None
        return told

    def _server_ms(self, at: float) -> int:
        """Server time at a local time, as the track's own last unit lets us guess it."""
        assert self.end_ms is not None
        return round(self.end_ms + max(0.0, at - self._last_at) * 1000)

    def _open(self, start_ms: int, reason: GapReason) -> list[Gap]:
        self.open = Gap(medium=self._medium, user_id=self._user_id, start_ms=start_ms, end_ms=None, reason=reason)
        return [self.open]

    def _close(self, end_ms: int) -> list[Gap]:
        assert self.open is not None
        gap, self.open = self.open, None
        return [replace(gap, end_ms=max(gap.start_ms, end_ms))]

    def _split(self, at: float, reason: GapReason) -> list[Gap]:
        assert self.open is not None
        start_ms = self.open.start_ms
        border_ms = self._server_ms(at)
        if border_ms - start_ms < self._min_ms:
            border_ms = start_ms
        return self._close(border_ms) + self._open(border_ms, reason)
