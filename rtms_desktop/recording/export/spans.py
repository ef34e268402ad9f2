"""Stretches of time: united, turned inside out, and cut out of a timeline. Pure functions, any thread.

A span is ``(start, end)`` with ``start < end``; times are whole milliseconds after session zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from rtms_desktop.recording.media_mkv import Block
from rtms_desktop.session.events import GapReason

Span = tuple[int, int]
Hole = tuple[int, int, GapReason]

_STRENGTH = {
    reason: strength
    for strength, reason in enumerate(
        (GapReason.SILENCE, GapReason.MUTE, GapReason.PAUSE, GapReason.DROPPED_HERE, GapReason.SOCKET_DOWN)
    )
}


def united(spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans in order that cover what any of ``spans`` covers."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def without(start: int, end: int, spans: Iterable[Span]) -> list[Span]:
    """What is left of ``start`` to ``end`` when ``spans`` are taken out."""
    left: list[Span] = []
    for first, last in united(spans):
        if first > start:
            left.append((start, min(first, end)))
        start = max(start, last)
        if start >= end:
            break
    left.append((start, end))
    return [span for span in left if span[0] < span[1]]


def strongest(holes: Iterable[Hole]) -> list[Hole]:
    """Disjoint holes in order; where several lie on each other, the gravest reason is told."""
    listed = [hole for hole in holes if hole[0] < hole[1]]
    edges = sorted({edge for start, end, _ in listed for edge in (start, end)})
    starting = sorted(listed, key=lambda hole: hole[0], reverse=True)
    active: list[Hole] = []
    found: list[Hole] = []
    for start, end in pairwise(edges):
        active = [hole for hole in active if hole[1] > start]
        while starting and starting[-1][0] <= start:
            active.append(starting.pop())
        if not active:
            continue
        reason = max((hole[2] for hole in active), key=_STRENGTH.__getitem__)
        if found and found[-1][1] == start and found[-1][2] is reason:
            found[-1] = found[-1][0], end, reason
        else:
            found.append((start, end, reason))
    return found


class Timeline:
    """Session time to time in the export; ``removed`` are the spans that are cut out.

    Attributes:
        part: all that is wanted of the session; None = all of it. The rest is among what is removed.
    """

    def __init__(self, removed: Iterable[Span] = (), part: Span | None = None) -> None:
        self.part = part
        self.removed: Sequence[Span] = united(removed)
        self._starts = [start for start, _ in self.removed]
        self._before = [0]
        for start, end in self.removed:
            self._before.append(self._before[-1] + end - start)

    def at(self, ms: int) -> int:
        """Where ``ms`` after session zero stands in the export; inside what is cut out, where the cut is."""
        number = bisect_right(self._starts, ms)
        if number and ms < self.removed[number - 1][1]:
            return self.removed[number - 1][0] - self._before[number - 1]
        return ms - self._before[number]

    def wants(self, start: int, end: int) -> bool:
        """Whether something that lasts from ``start`` to ``end`` lies in the part that is exported."""
        return self.part is None or (start < self.part[1] and max(end, start + 1) > self.part[0])

    def cut(self, blocks: Iterable[Block], rate: int) -> Iterator[Block]:
        """Sound that begins at session zero, without what is cut out; empty blocks are left out."""
        position = 0
        for block in blocks:
            end = position + len(block)
            for first, last in self._kept(position, end, rate):
                yield block[first - position : last - position]
            position = end

    def _kept(self, start: int, end: int, rate: int) -> list[Span]:
        samples = ((first * rate // 1000, last * rate // 1000) for first, last in self.removed)
        return without(start, end, [span for span in samples if span[0] < end and span[1] > start])
