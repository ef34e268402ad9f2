"""When something is worth an alert and in which words: one pure rule for each kind. Read by `app.alerts` only.

A rule looks at figures and says what is wrong now. ``on``: the alert stands already, so the way back has to be longer
than the way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from rtms_desktop.session.events import Severity


class AlertKind(StrEnum):
    """In the order in which the settings list them."""

    SILENCE = "silence"
    FROZEN = "frozen"
    LAG = "lag"
    DISK = "disk"
    RECONNECTING = "reconnecting"
    STALL = "stall"
    RECORDING = "recording"
    REVOKED = "revoked"


NEVER_MUTED = frozenset({AlertKind.RECORDING})
"""What is not written is lost for good: nobody may miss it."""

AUDIBLE_DB = -50.0
"""Peaks below this are room noise and comfort noise."""

BACK_S = 1.0
"""A picture or a sound that is younger than this counts as coming again."""

LAG_BACK = 0.7
DISK_BACK = 1.25
DISK_URGENT_S = 120.0
NEAR_FLOOR_BYTES = 100_000_000


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds of the alerts, and who is told; kept in the settings.

    Attributes:
        silence_s: nothing to hear for so long.
        frozen_s: no video for so long.
        lag_s, lag_for_s: further behind live than this, for so long.
        disk_minutes: room for less than so many minutes of recording.
        stall_ms: the program stood still for so long.
        muted: kinds that have no banner and no desktop notification; they stay in the list of events.
        desktop: desktop notifications while the window is not in front.
    """

    silence_s: Annotated[int, msgspec.Meta(ge=5, le=3600)] = 60
    frozen_s: Annotated[int, msgspec.Meta(ge=2, le=600)] = 5
    lag_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 2.0
    lag_for_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 5
    disk_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 15
    stall_ms: Annotated[int, msgspec.Meta(ge=200, le=60_000)] = 1000
    muted: tuple[str, ...] = ()
    desktop: bool = False

    def mutes(self, kind: AlertKind) -> bool:
        return kind.value in self.muted and kind not in NEVER_MUTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A video track that is on screen; ``last_at``: when it last brought a picture, monotonic seconds."""

    user_id: int
    name: str
    last_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A socket that was lost: when it is opened again, and until when that is tried (monotonic seconds)."""

    link: str
    due: float
    window_ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one look found; None or empty: not known, or nothing that could go wrong is going on.

    Attributes:
        audio_since, video_since: since when the socket delivers, or would; None while it is down or paused.
        spoke_at: when it first was known that somebody speaks: they were heard, or named by the server.
        heard_at: when something audible was last played; ``audio_at``: when audio data last came.
        shown: the tracks on screen whose camera is on.
        behind_s: how far what is heard is behind its arrival.
        seconds_left, free_bytes, floor_bytes: of the disk of a recording that goes on.
        stalled_s: since when that recording has not grown, if it should have.
        stood_still_s: the longest time for which the loop was not served since the last look.
        revoked: code and name of the reason, once the stream was taken back.
    """

    audio_since: float | None = None
    spoke_at: float | None = None
    heard_at: float | None = None
    audio_at: float | None = None
    video_since: float | None = None
    shown: tuple[Shown, ...] = ()
    behind_s: float | None = None
    seconds_left: float | None = None
    free_bytes: int | None = None
    floor_bytes: int = 0
    stalled_s: float | None = None
    waiting: Waiting | None = None
    stood_still_s: float = 0.0
    revoked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong now. ``subject`` tells several of one kind apart; ``action``: what helps, as in Notice."""

    subject: str = ""
    severity: Severity = Severity.WARNING
    what: str
    why: str = ""
    fix: str = ""
    action: str = ""


Find = Callable[[Facts, Limits, float, bool], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A finding has to stand for ``begin_s`` before it is an alert and to be gone for ``end_s`` before it is over."""

    find: Find
    end_s: float = 0.0
    begin_s: Callable[[Limits], float] = lambda limits: 0.0


def _silence(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    if facts.audio_since is None or facts.spoke_at is None:
        return
    start = max(facts.audio_since, facts.spoke_at)
    limit = BACK_S if on else float(limits.silence_s)
    quiet = now - max(start, facts.heard_at or 0.0)
    if quiet < limit:
        return
    absent = now - max(start, facts.audio_at or 0.0)
    why = f"no audio has come for {span(int(absent))}" if absent >= min(quiet, limit) else "what comes is silence"
    yield Finding(
        what=f"Nothing to hear for {span(int(quiet))}",
        why=why,
        fix="All may be muted; if somebody speaks, look at their microphone.",
    )


def _frozen(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    if facts.video_since is None:
        return
    for track in facts.shown:
        age = now - max(facts.video_since, track.last_at)
        if age >= (BACK_S if on else limits.frozen_s):
            yield Finding(
                subject=str(track.user_id),
                what=f"The picture of {track.name} stands still" if track.name else "The picture stands still",
                why=f"no video has come for {span(int(age))}, though its socket is open",
                fix="Reconnecting may help.",
                action="reconnect_now",
            )


def _lag(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    if facts.behind_s is not None and facts.behind_s >= limits.lag_s * (LAG_BACK if on else 1.0):
        yield Finding(
            what=f"{facts.behind_s:.1f} s behind live",
            why="packets come late or in bursts",
            fix="Look at lag and jitter in the Monitor: the network, or a computer that is busy.",
        )


def _disk(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    left, free = facts.seconds_left, facts.free_bytes
    back = DISK_BACK if on else 1.0
    near = free is not None and free - facts.floor_bytes < NEAR_FLOOR_BYTES * back
    if not near and (left is None or left >= limits.disk_minutes * 60.0 * back):
        return
    urgent = near or (left is not None and left < DISK_URGENT_S)
    room = "Little room" if left is None else f"Room for {span(left)} of recording"
    yield Finding(
        severity=Severity.ERROR if urgent else Severity.WARNING,
        what=f"{room} is left",
        why="" if free is None else f"{free / 1e9:.1f} GB are free, {facts.floor_bytes / 1e9:.1f} GB stay free",
        fix="Free some space; the recording is closed in time and kept.",
        action="window.recordings",
    )


def _reconnecting(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    waiting = facts.waiting
    if waiting is None:
        return
    due, left = max(0, round(waiting.due - now)), max(0, round(waiting.window_ends - now))
    trying = f"Trying again in {due} s" if due else "Trying again now"
    yield Finding(
        subject=waiting.link,
        what=f"{waiting.link.capitalize()} socket lost",
        fix=f"{trying}, {left} s left.",
        action="reconnect_now" if due else "",
    )


def _stall(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    if facts.stood_still_s * 1000.0 >= limits.stall_ms:
        yield Finding(
            what=f"The program stood still for {span(facts.stood_still_s)}",
            why="this computer is too busy for it",
            fix="Close other programs or show fewer pictures. What came meanwhile was kept.",
        )


def _recording(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    if facts.stalled_s is not None:
        yield Finding(
            severity=Severity.ERROR,
            what="The recording does not grow",
            why="the disk may be slow or full",
            fix="What was written is kept.",
            action="window.recordings",
        )


def _revoked(facts: Facts, limits: Limits, now: float, on: bool) -> Iterator[Finding]:
    if facts.revoked:
        yield Finding(
            severity=Severity.ERROR,
            what=f"The stream was taken back: {facts.revoked}",
            fix="Nothing of it may be kept: recordings and exports of it are deleted.",
        )


RULES: dict[AlertKind, Rule] = {
    AlertKind.REVOKED: Rule(_revoked),
    AlertKind.RECORDING: Rule(_recording, 2.0),
    AlertKind.RECONNECTING: Rule(_reconnecting),
    AlertKind.DISK: Rule(_disk, 10.0, lambda limits: 2.0),
    AlertKind.FROZEN: Rule(_frozen, 2.0),
    AlertKind.SILENCE: Rule(_silence, 1.0),
    AlertKind.LAG: Rule(_lag, 3.0, lambda limits: float(limits.lag_for_s)),
    AlertKind.STALL: Rule(_stall, 10.0),
}


def span(seconds: float) -> str:
    """A length in words: ``4 s``, ``1 min 05 s``, ``14 min``, ``2 h 05 min``."""
    whole = int(seconds)
    if whole < 10 and seconds < 9.95 and seconds != whole:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60:02} s" if whole % 60 else f"{whole // 60} min"
    minutes = whole // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
