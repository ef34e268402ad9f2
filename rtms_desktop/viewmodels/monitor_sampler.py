"""Reads the figures of the core ten times a second into the monitor's history. Main thread."""

from __future__ import annotations

from typing import Any

from rtms_desktop.session.events import ALL, SIGNALING, LinkState
from rtms_desktop.viewmodels.graph_kinds import HEAVY, LINKS, MEDIA, SERIES, TIMED
from rtms_desktop.viewmodels.history import History, step_of
from rtms_desktop.viewmodels.own_figures import OwnFigures
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.viewmodels.stall import StallMeter
from rtms_desktop.wire.enums import Medium

FRAMES = "frames"
OPEN = frozenset({LinkState.READY, LinkState.STREAMING, LinkState.PAUSED})
"""States in which the server sends keep-alives."""

FRESH_S = 1.0
UP = frozenset({LinkState.READY, LinkState.STREAMING})
"""States in which media may flow."""

NAMES = ((SIGNALING, ALL, *MEDIA, FRAMES), SERIES)
"""What is counted, and what is measured."""


class Sampler:
    """``history`` holds an amount for every lane and the series of all graphs."""

    def __init__(self, time: SessionTime, stall: StallMeter | None = None) -> None:
        self.history = History(*NAMES)
        self._time = time
        self._seen: dict[object, float] = {}
        self._flowed: set[str] = set()
        self._own = OwnFigures(stall)

    def take(self, now: float, core: Any, flowing: set[str], pipeline: Any = None) -> None:
        """One look. ``flowing``: media whose socket is open and allowed; the others leave holes in the graphs."""
        before = self.history.newest
        self.history.advance(step_of(now))
        self.history.look(now)
        skipped = step_of(now) - before - 1 if before is not None else 0
        packets = dict.fromkeys(HEAVY, 0.0)
        frames = 0.0
        totals: dict[str, float] = dict.fromkeys(HEAVY, 0.0)
        for (medium, user), track in core.tracks.items():
            if medium.value in packets:
                came = self._grown((medium, user), track.count)
                packets[medium.value] += came
                totals[medium.value] += track.bytes
                frames = max(frames, came) if medium is Medium.VIDEO else frames
        for name, total in (totals | self._lines(core)).items():
            grown = self._grown(name, total)
            self.history.add(name, grown)
            if name in HEAVY:
                self.history.add(ALL, grown)
        self.history.add(FRAMES, frames)
        flowed, self._flowed = self._flowed, flowing
        for name in flowing:
            bridged = skipped if name in flowed else 0
            self._put_amount(f"bytes.{name}", self._amount(name), bridged)
            self._put_amount(f"packets.{name}", packets[name], bridged)
            if name == "video":
                self._put_amount("frames.video", frames, bridged)
            if name in TIMED:
                self._measure(name, now, core.tracks)
        self._keep_alives(now, core.links)
        self._own.take(self.history, pipeline, skipped)

    def _lines(self, core: Any) -> dict[str, float]:
        """What the other lanes have carried so far: lines, messages of signaling."""
        signaling = core.links.get(SIGNALING)
        return {
            SIGNALING: signaling.stats.messages_in if signaling is not None else 0,
            **{medium.value: core.counts.get(medium, 0) for medium in (Medium.TRANSCRIPT, Medium.CHAT)},
        }

    def _keep_alives(self, now: float, links: Any) -> None:
        for name, view in links.items():
            stats = view.stats
            if name in LINKS and view.state in OPEN:
                self.history.put(f"missed.{name}", stats.missed)
                since = [at for at in (stats.last_keep_alive_at, view.opened_at) if at is not None]
                if since:  # what came on the socket before does not count
                    self.history.put(f"alive.{name}", max(0.0, now - max(since)))

    def _amount(self, counted: str) -> float:
        """What has been counted in this step."""
        assert self.history.newest is not None
        return float(self.history.window(counted, self.history.newest, 1)[0])

    def _measure(self, name: str, now: float, tracks: Any) -> None:
        """Lag of the newest unit and the worst jitter among those who send at the moment."""
        known = [track for (medium, _), track in tracks.items() if medium.value == name and track.last_ms is not None]
        fresh = [track for track in known if now - track.last_at < FRESH_S]
        if fresh:
            newest = max(fresh, key=lambda track: track.last_at)
            self.history.put(f"lag.{name}", self._time.lag_ms(newest.last_at, newest.last_ms))
            self.history.put(f"jitter.{name}", max(track.jitter_ms for track in fresh))

    def _put_amount(self, series: str, amount: float, skipped: int) -> None:
        """Put an amount into a series that has holes."""
        self.history.put(series, amount)
        if skipped > 0:
            self.history.bridge(series, skipped)

    def _grown(self, key: object, total: float) -> float:
        """By how much a counter has grown since the last look; a counter seen for the first time starts here."""
        before = self._seen.get(key, total)
        self._seen[key] = total
        return max(0.0, total - before)
