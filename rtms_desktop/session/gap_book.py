"""The gaps of all tracks of a session, with what is known about why media is missing. Part of the core."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from rtms_desktop.session.events import Gap, GapClosed, GapOpened, GapReason
from rtms_desktop.session.gaps import TrackGaps
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.wire.enums import Medium

TRACKED = (Medium.AUDIO, Medium.VIDEO)
"""Media that flow all the time; share, transcript and chat pause at will and have gaps only while a socket is down."""

KEPT = 10_000  # closed gaps to remember; the recording has them all

Key = tuple[Medium, int]


class GapBook:
    """Opens, closes and explains gaps.

    Attributes:
        closed: the newest gaps that are over, oldest first.
    """

    def __init__(self, outbox: Outbox, min_ms: int, camera_is_off: Callable[[int], bool]) -> None:
        self.closed: deque[Gap] = deque(maxlen=KEPT)
        self._outbox, self._min_ms, self._camera_is_off = outbox, min_ms, camera_is_off
        self._tracks: dict[Key, TrackGaps] = {}
        self._link_of: dict[Key, str] = {}
        self._text: dict[Medium, Gap] = {}
        self._up: dict[str, frozenset[Medium]] = {}
        self._paused = False
        self._due: float | None = None

    @property
    def open(self) -> list[Gap]:
        """The gaps that go on."""
        return [track.open for track in self._tracks.values() if track.open is not None] + [*self._text.values()]

    def deadline(self) -> float | None:
        """When ``wake`` is wanted; may be early, never late."""
        return self._due

    def unit(self, key: Key, link: str, timestamp_ms: int, step_ms: float, now: float) -> list[Gap]:
        """Media of a tracked medium arrived; returns the gaps that are over by it."""
        self._link_of[key] = link
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = TrackGaps(*key, self._min_ms, self._reason(key))
        told = track.unit(timestamp_ms, step_ms, now)
        due = track.deadline()
        if due is not None and (self._due is None or due < self._due):
            self._due = due
        self._tell(told, now)
        return [gap for gap in told if gap.end_ms is not None]

    def known_until(self, key: Key) -> float | None:
        """Server time up to which the track has brought media."""
        track = self._tracks.get(key)
        return None if track is None else track.end_ms

    def retire(self, key: Key, now: float) -> None:
        """The track ends, or begins anew with its next unit."""
        track = self._tracks.get(key)
        if track is not None:
            self._tell(track.retire(now), now)

    def surroundings(self, up: dict[str, frozenset[Medium]], paused: bool, server_ms: int, now: float) -> None:
        """Which links are up, with the media they carry, and whether the stream is paused."""
        if up == self._up and paused == self._paused:
            return
        before, self._up, self._paused = self._up, up, paused
        for medium in Medium:
            was_up = any(medium in media for media in before.values())
            is_up = any(medium in media for media in up.values())
            if was_up and not is_up:
                self._text_lost(medium, server_ms, now)
            elif is_up and not was_up:
                self._text_back(medium, server_ms, now)
        self.explain(now)

    def explain(self, now: float) -> None:
        """Look again why media would be missing (a camera, a pause, a socket)."""
        for key, track in self._tracks.items():
            self._tell(track.circumstances(self._reason(key), now), now)
        self._find_due()

    def wake(self, now: float) -> None:
        """Time passed."""
        if self._due is None or now < self._due:
            return
        for track in self._tracks.values():
            self._tell(track.tick(now), now)
        self._find_due()

    def end(self, server_ms: int, now: float) -> None:
        """The session is over: so is every gap."""
        for key in self._tracks:
            self.retire(key, now)
        for medium in tuple(self._text):
            self._text_back(medium, server_ms, now)
        self._due = None

    def _find_due(self) -> None:
        self._due = min((due for track in self._tracks.values() if (due := track.deadline()) is not None), default=None)

    def _reason(self, key: Key) -> GapReason:
        medium, user_id = key
        if self._link_of[key] not in self._up:
            return GapReason.SOCKET_DOWN
        if self._paused:
            return GapReason.PAUSE
        if medium is Medium.VIDEO and self._camera_is_off(user_id):
            return GapReason.MUTE
        return GapReason.SILENCE

    def _text_lost(self, medium: Medium, server_ms: int, now: float) -> None:
        if medium in TRACKED:
            return
        gap = Gap(medium=medium, user_id=0, start_ms=server_ms, end_ms=None, reason=GapReason.SOCKET_DOWN)
        self._text[medium] = gap
        self._tell([gap], now)

    def _text_back(self, medium: Medium, server_ms: int, now: float) -> None:
        gap = self._text.pop(medium, None)
        if gap is not None:
            self._tell([replace(gap, end_ms=max(gap.start_ms, server_ms))], now)

    def _tell(self, gaps: list[Gap], now: float) -> None:
        for gap in gaps:
            if gap.end_ms is None:
                self._outbox.tell(GapOpened(at=now, gap=gap))
                continue
            if gap.end_ms > gap.start_ms:
                self.closed.append(gap)
            self._outbox.tell(GapClosed(at=now, gap=gap))
