"""Reads the figures of the core ten times a second into the monitor's history. Main thread."""

from __future__ import annotations

from typing import Any

from rtms_desktop.session.events import ALL, SIGNALING
from rtms_desktop.viewmodels.graphs import GRAPHS
from rtms_desktop.viewmodels.history import History, step_of
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import Medium

MEDIA = tuple(medium.value for medium in Medium)
HEAVY = ("audio", "video", "share")  # lanes that count bytes; the others count messages
TIMED = ("audio", "video")
FRAMES = "frames"
FRESH_S = 1.0


NAMES = ((SIGNALING, ALL, *MEDIA, FRAMES), tuple(name for graph in GRAPHS for name in graph.names))
"""What is counted, and what is measured."""


class Sampler:
    """``history`` holds an amount for every lane and the series of all graphs."""

    def __init__(self, time: SessionTime) -> None:
        self.history = History(*NAMES)
        self._time = time
        self._seen: dict[object, float] = {}
        self._flowed: set[str] = set()

    def take(self, now: float, core: Any, flowing: set[str]) -> None:
        """One look. ``flowing``: media whose socket is open and allowed; the others leave holes in the graphs."""
        before = self.history.newest
        self.history.advance(step_of(now))
        self.history.look(now)
        skipped = step_of(now) - before - 1 if before is not None else 0
        for name, total in self._totals(core).items():
            grown = self._grown(name, total)
            self.history.add(name, grown)
            if name in HEAVY:
                self.history.add(ALL, grown)
        frames = [self._grown(user, t.count) for (medium, user), t in core.tracks.items() if medium is Medium.VIDEO]
        self.history.add(FRAMES, max(frames, default=0.0))
        flowed, self._flowed = self._flowed, flowing
        for name in flowing:
            bridged = skipped if name in flowed else 0
            self._put_amount(f"bytes.{name}", name, bridged)
            if name == "video":
                self._put_amount("frames.video", FRAMES, bridged)
            if name in TIMED:
                self._measure(name, now, core.tracks)

    def _totals(self, core: Any) -> dict[str, float]:
        """What every lane has carried so far: bytes of media, lines, messages of signaling."""
        totals: dict[str, float] = dict.fromkeys(HEAVY, 0.0)
        for (medium, _user), track in core.tracks.items():
            if medium.value in HEAVY:
                totals[medium.value] += track.bytes
        for medium in (Medium.TRANSCRIPT, Medium.CHAT):
            totals[medium.value] = core.counts.get(medium, 0)
        signaling = core.links.get(SIGNALING)
        totals[SIGNALING] = signaling.stats.messages_in if signaling is not None else 0
        return totals

    def _measure(self, name: str, now: float, tracks: Any) -> None:
        """Lag of the newest unit and the worst jitter among those who send at the moment."""
        known = [track for (medium, _), track in tracks.items() if medium.value == name and track.last_ms is not None]
        fresh = [track for track in known if now - track.last_at < FRESH_S]
        if fresh:
            newest = max(fresh, key=lambda track: track.last_at)
            self.history.put(f"lag.{name}", self._time.lag_ms(newest.last_at, newest.last_ms))
            self.history.put(f"jitter.{name}", max(track.jitter_ms for track in fresh))

    def _put_amount(self, series: str, counted: str, skipped: int) -> None:
        """Copy what has been counted in this step to a series with holes."""
        assert self.history.newest is not None
        self.history.put(series, float(self.history.window(counted, self.history.newest, 1)[0]))
        if skipped > 0:
            self.history.bridge(series, skipped)

    def _grown(self, key: object, total: float) -> float:
        """By how much a counter has grown since the last look; a counter seen for the first time starts here."""
        before = self._seen.get(key, total)
        self._seen[key] = total
        return max(0.0, total - before)
