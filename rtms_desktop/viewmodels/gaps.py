"""The holes of a session, gathered for the gap lane: what was lost, what was to be expected. Main thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.viewmodels.figures import scenario_words, span

GAPS_MAX = 2000
LOST = frozenset({GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE})
_WORDS = {
    GapReason.SILENCE: "silence",
    GapReason.MUTE: "muted",
    GapReason.PAUSE: "paused",
    GapReason.SOCKET_DOWN: "socket lost",
    GapReason.DROPPED_HERE: "dropped here",
}


@dataclass(slots=True)
class GapBlock:
    """One hole on the monotonic clock; ``end`` None while it is open."""

    medium: str
    user_id: int
    start: float
    end: float | None
    lost: bool
    reason: str
    scenario: str = ""

    def seconds(self, now: float) -> float:
        return max(0.0, (now if self.end is None else self.end) - self.start)

    def label(self, now: float) -> str:
        """``video 4.1 s, socket lost, scenario 3``"""
        parts = [f"{self.medium} {span(self.seconds(now))}", self.reason]
        if self.scenario:
            parts.append(scenario_words(self.scenario))
        return ", ".join(parts)


class Gaps:
    """Open and closed gaps, the oldest dropped after two thousand; the sums keep counting."""

    def __init__(self) -> None:
        self.blocks: deque[GapBlock] = deque(maxlen=GAPS_MAX)
        self._open: dict[tuple[str, int], GapBlock] = {}
        self._closed_count = 0
        self._closed_s = 0.0

    def open(self, gap: Gap, start: float, scenario: str) -> None:
        scenario = scenario if gap.reason is GapReason.SOCKET_DOWN else ""
        block = GapBlock(gap.medium.value, gap.user_id, start, None, gap.reason in LOST, _WORDS[gap.reason], scenario)
        self._open[gap.medium.value, gap.user_id] = block
        self.blocks.append(block)

    def close(self, gap: Gap, start: float, end: float, scenario: str) -> None:
        """The gap is over; one that was never announced is told in one piece."""
        block = self._open.pop((gap.medium.value, gap.user_id), None)
        if block is None:
            block = GapBlock(gap.medium.value, gap.user_id, start, end, False, "")
            self.blocks.append(block)
        block.start, block.end = start, end
        block.lost, block.reason = gap.reason in LOST, _WORDS[gap.reason]
        block.scenario = block.scenario or (scenario if gap.reason is GapReason.SOCKET_DOWN else "")
        if block.lost:
            self._closed_count += 1
            self._closed_s += end - start

    def count_lost(self, medium: str | None = None) -> int:
        """How many holes were losses; with a medium only those still remembered of it."""
        if medium is not None:
            return sum(block.lost for block in self.blocks if block.medium == medium)
        return self._closed_count + sum(block.lost for block in self._open.values())

    def seconds_lost(self, now: float, medium: str | None = None) -> float:
        if medium is not None:
            return sum(block.seconds(now) for block in self.blocks if block.lost and block.medium == medium)
        return self._closed_s + sum(block.seconds(now) for block in self._open.values() if block.lost)

    def losses_within(self, start: float, end: float) -> list[GapBlock]:
        """The losses that touch this time; those that overlap (several people, several media) are told as one."""
        found: list[GapBlock] = []
        for block in sorted((b for b in self.within(start, end) if b.lost), key=lambda block: block.start):
            last = found[-1] if found else None
            if last is None or (last.end is not None and block.start > last.end):
                found.append(replace(block))
                continue
            if block.medium not in last.medium.split(", "):
                last.medium += f", {block.medium}"
            last.end = None if last.end is None or block.end is None else max(last.end, block.end)
            last.scenario = last.scenario or block.scenario
        return found

    def within(self, start: float, end: float) -> list[GapBlock]:
        """Those that touch the time from ``start`` to ``end``, expected ones first so that losses lie on top."""
        found = [b for b in self.blocks if b.start < end and (b.end is None or b.end > start)]
        return sorted(found, key=lambda block: block.lost)
