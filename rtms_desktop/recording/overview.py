"""A whole recording at a glance: who spoke when, what was shared, what is missing, marks, lines. Pure, any thread.

All times are on the axis of the recording (monotonic seconds of then).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop.recording import names
from rtms_desktop.recording.figures import STEP_S, FigureTape
from rtms_desktop.recording.marks import Mark
from rtms_desktop.session import events as ev
from rtms_desktop.session.events import GapReason
from rtms_desktop.wire.enums import Medium

ToAt = Callable[[int], float]
LOST = (GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE)
SAME_S = 0.05
"""Two targets so close together are one, and the playhead is on a target from which it is no further away."""


class JumpTo(StrEnum):
    """What the playhead can jump to."""

    GAP = "gap"  # something was lost
    SPEAKER = "speaker"
    MARK = "mark"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` to ``end``."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class GapStretch:
    """``lost``: something is missing that was sent; else nothing was to be expected (silence, mute, pause)."""

    start: float
    end: float
    gap: ev.Gap

    @property
    def lost(self) -> bool:
        return self.gap.reason in LOST


@dataclass(slots=True)
class Overview:
    """``speakers``: turns by user_id in the order of first appearance. ``names``: what they are called."""

    speakers: dict[int, list[Stretch]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    share: list[Stretch] = field(default_factory=list)
    gaps: list[GapStretch] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)

    def targets(self, kind: JumpTo) -> list[float]:
        """Where a jump can lead, in order."""
        found: dict[JumpTo, Iterable[float]] = {
            JumpTo.GAP: (gap.start for gap in self.gaps if gap.lost),
            JumpTo.SPEAKER: (turn.start for turns in self.speakers.values() for turn in turns),
            JumpTo.MARK: (mark.at for mark in self.marks),
            JumpTo.LINE: self.lines,
        }
        return sorted(found[kind])

    def next(self, kind: JumpTo, at: float, forward: bool) -> float | None:
        """The nearest target after or before ``at``."""
        targets = self.targets(kind)
        if forward:
            place = bisect_right(targets, at + SAME_S)
            return targets[place] if place < len(targets) else None
        place = bisect_left(targets, at - SAME_S) - 1
        return targets[place] if place >= 0 else None


def overview(events: Sequence[ev.Event], marks: Sequence[Mark], to_at: ToAt, end: float) -> Overview:
    """What the events of a recording say; what is still open ends at ``end``."""
    found = Overview(marks=list(marks))
    speaker: tuple[int, float] | None = None
    shared: float | None = None
    still_open: dict[tuple[Medium, int], ev.Gap] = {}
    for event in events:
        match event:
            case ev.ActiveSpeakerChanged(at=at, user_id=user, user_name=name):
                _end_turn(found, speaker, at)
                speaker = (user, at) if user else None
                found.names.setdefault(user, name)
            case ev.SharingChanged(at=at, sharing=sharing):
                if shared is not None:
                    found.share.append(Stretch(shared, at))
                shared = at if sharing else None
            case ev.GapOpened(gap=gap):
                still_open[gap.medium, gap.user_id] = gap
            case ev.GapClosed(gap=gap):
                still_open.pop((gap.medium, gap.user_id), None)
                if gap.end_ms is not None and gap.end_ms > gap.start_ms:
                    found.gaps.append(GapStretch(to_at(gap.start_ms), to_at(gap.end_ms), gap))
            case ev.TranscriptReceived(message=message):
                found.lines.append(to_at(message.start_time or message.timestamp))
            case ev.SessionEnded(at=at):
                _end_turn(found, speaker, at)
                speaker = None
            case _:
                pass
    _end_turn(found, speaker, end)
    if shared is not None:
        found.share.append(Stretch(shared, end))
    found.gaps += [GapStretch(to_at(gap.start_ms), end, gap) for gap in still_open.values()]
    if not found.speakers:
        _turns_of_lines(found, _spoken(events, to_at))
    return found


def first_view(bundle: Path | None, manifest: Mapping[str, Any], to_at: ToAt, end: float) -> Overview:
    """What manifest and sidecars say at once, before the tape was read through."""
    found = Overview(names={person["user_id"]: person["name"] for person in _rows(manifest.get("participants"))})
    for row in _rows(manifest.get("gaps")):
        try:
            gap = msgspec.convert(row, ev.Gap)
        except msgspec.ValidationError:
            continue
        found.gaps.append(GapStretch(to_at(gap.start_ms), end if gap.end_ms is None else to_at(gap.end_ms), gap))
    lines = [] if bundle is None else _lines_of(bundle / names.TRANSCRIPT)
    found.lines = [to_at(row["start_ms"]) for row in lines]
    _turns_of_lines(found, [(row["user_id"], to_at(row["start_ms"]), to_at(row["end_ms"])) for row in lines])
    return found


def to_at_of(figures: FigureTape, origin_ms: float) -> ToAt:
    """Server milliseconds to the recording's axis, by what the figures say of the way through the network.

    ``origin_ms``: wall clock (Unix ms) at monotonic zero, for times of which nothing is known.
    """

    def to_at(server_ms: int) -> float:
        guess = (server_ms - origin_ms) / 1000.0
        transit = _transit(figures, math.floor(guess / STEP_S))
        return guess if transit is None else (server_ms + transit) / 1000.0

    return to_at


def server_ms_of(figures: FigureTape, origin_ms: float, at: float) -> int:
    """The way back: what the server's clock read at a time of the axis."""
    transit = _transit(figures, math.floor(at / STEP_S))
    return round(at * 1000.0 + origin_ms if transit is None else at * 1000.0 - transit)


def _transit(figures: FigureTape, step: int) -> float | None:
    """The least arrival minus server timestamp among sound and video at that step, in ms."""
    least: float | None = None
    for (medium, _), columns in tuple(figures.tracks.items()):
        row = columns.get(step) if medium in (Medium.AUDIO, Medium.VIDEO) else None
        if row is not None:
            transit = row[3] * 1000.0 - row[2]
            least = transit if least is None else min(least, transit)
    return least


def _end_turn(found: Overview, speaker: tuple[int, float] | None, at: float) -> None:
    if speaker is not None:
        found.speakers.setdefault(speaker[0], []).append(Stretch(speaker[1], at))


def _spoken(events: Sequence[ev.Event], to_at: ToAt) -> list[tuple[int, float, float]]:
    said = [event.message for event in events if isinstance(event, ev.TranscriptReceived)]
    return [
        (line.user_id, to_at(line.start_time or line.timestamp), to_at(line.end_time or line.timestamp))
        for line in said
    ]


def _turns_of_lines(found: Overview, lines: list[tuple[int, float, float]]) -> None:
    """Where nobody said who speaks, the lines of the transcript do; lines of one speaker in a row are one turn."""
    last: tuple[int, float, float] | None = None
    for user, start, end in sorted(lines, key=lambda line: line[1]):
        if last is not None and last[0] == user and start - last[2] < 1.0:
            last = (user, last[1], max(last[2], end))
            continue
        if last is not None:
            found.speakers.setdefault(last[0], []).append(Stretch(last[1], last[2]))
        last = (user, start, max(start, end))
    if last is not None:
        found.speakers.setdefault(last[0], []).append(Stretch(last[1], last[2]))


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _lines_of(path: Path) -> list[dict[str, Any]]:
    """The rows of transcript.jsonl that can be read; the last one may be cut."""
    rows = []
    try:
        data = path.read_bytes()
    except OSError:
        return []
    for line in data.splitlines():
        try:
            row = msgspec.json.decode(line)
            rows.append({key: int(row[key]) for key in ("user_id", "start_ms", "end_ms")})
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            continue
    return rows
