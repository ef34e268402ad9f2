"""The core's figures through a whole recording, ten times a second: what lanes and graphs draw around the playhead.

Written by the thread that builds the index, read by all.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from rtms_desktop.session.core import SessionCore
from rtms_desktop.wire.enums import Medium

STEP_S = 0.1
_COLUMNS = 5
_LINK_COLUMNS = 3
TrackId = tuple[Medium, int]


@dataclass(frozen=True, slots=True)
class TrackLook:
    """What TrackStats told at one moment (the same names)."""

    count: int
    bytes: int
    last_ms: int
    last_at: float
    jitter_ms: float


@dataclass(frozen=True, slots=True)
class Look:
    """A core as it was at ``at``, for those who read only its amounts: ``tracks``, ``counts`` and ``links``."""

    at: float
    tracks: Mapping[TrackId, TrackLook]
    counts: Mapping[Medium, int]
    links: Mapping[str, Any]


@dataclass(slots=True)
class Columns:
    """Rows that are written when something changed: the step and the values."""

    width: int
    steps: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def put(self, step: int, row: tuple[float, ...]) -> None:
        if not self.steps or tuple(self.values[-self.width :]) != row:
            self.values.extend(row)
            self.steps.append(step)

    def get(self, step: int) -> tuple[float, ...] | None:
        """The row in force at a step."""
        place = bisect_right(self.steps, step) - 1
        return None if place < 0 else tuple(self.values[place * self.width : (place + 1) * self.width])


class FigureTape:
    """All looks of a recording.

    Attributes:
        tracks: count, bytes, last_ms (0: none), last_at and jitter_ms of every track.
        counts: units of every medium.
        messages: of every link messages in, when its last keep-alive came (0: none) and how many were missed.
    """

    def __init__(self) -> None:
        self.tracks: dict[TrackId, Columns] = {}
        self.counts = Columns(len(Medium))
        self.messages: dict[str, Columns] = {}

    def look(self, core: SessionCore, at: float) -> None:
        """Note the figures as they are at the end of the step before ``at``."""
        step = math.floor(at / STEP_S)
        for key, track in core.tracks.items():
            row = (track.count, track.bytes, track.last_ms or 0, track.last_at, track.jitter_ms)
            self.tracks.setdefault(key, Columns(_COLUMNS)).put(step, row)
        self.counts.put(step, tuple(core.counts[medium] for medium in Medium))
        for name, link in core.links.items():
            stats = link.stats
            alive = (stats.messages_in, stats.last_keep_alive_at or 0.0, stats.missed)
            self.messages.setdefault(name, Columns(_LINK_COLUMNS)).put(step, alive)

    def looks(self, first: float, last: float) -> Iterator[Look]:
        """One look for each tenth of a second from ``first`` to ``last`` (the axis of the recording)."""
        for step in range(math.floor(first / STEP_S), math.floor(last / STEP_S) + 1):
            tracks = {}
            for key, columns in tuple(self.tracks.items()):
                row = columns.get(step)
                if row is not None:
                    count, size, last_ms, last_at, jitter_ms = row
                    tracks[key] = TrackLook(int(count), int(size), int(last_ms), last_at, jitter_ms)
            counts = self.counts.get(step) or (0,) * len(Medium)
            links = {
                name: SimpleNamespace(stats=SimpleNamespace(messages_in=int(row[0])))
                for name, columns in tuple(self.messages.items())
                if (row := columns.get(step)) is not None
            }
            yield Look(step * STEP_S, tracks, {m: int(c) for m, c in zip(Medium, counts, strict=True)}, links)
