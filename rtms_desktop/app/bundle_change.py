"""From one bundle to the next in mid-session: the old one goes on until every picture has begun anew. Loop's thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rtms_desktop.bitstream import h264, images
from rtms_desktop.session.events import Event, MediaReceived
from rtms_desktop.wire.enums import Medium

if TYPE_CHECKING:
    from rtms_desktop.recording.recorder import Recorder, RecorderStats
    from rtms_desktop.session.tracks import TrackStats

Track = tuple[Medium, int]

MOVING_S = 2.0
"""A track without a picture for longer than this is not waited for."""

LONGEST_S = 15.0
"""Keyframes further apart than this are not waited for: the tape holds every picture all the same."""

_PICTURES = (Medium.VIDEO, Medium.SHARE)


class BundleChange:
    """What is still to come before the old bundle may be closed."""

    def __init__(self, old: Recorder, waiting: Iterable[Track], now: float) -> None:
        self.old = old
        self._waiting, self._since = set(waiting), now

    def events(self, events: Sequence[Event]) -> None:
        """The old bundle goes on, and keyframes are ticked off."""
        self.old.events(events)
        for event in events:
            if isinstance(event, MediaReceived) and (event.medium, event.user_id) in self._waiting:
                if h264.is_keyframe(event.data) or images.sniff(event.data) in ("jpg", "png"):
                    self._waiting.discard((event.medium, event.user_id))

    def is_ready(self, now: float) -> bool:
        return not self._waiting or now - self._since > LONGEST_S


def moving_tracks(tracks: Mapping[Track, TrackStats], now: float) -> set[Track]:
    """The picture tracks that carry something at present."""
    return {key for key, stats in tracks.items() if key[0] in _PICTURES and now - stats.last_at < MOVING_S}


def is_due(stats: RecorderStats, now: float, seconds: float, size: float) -> bool:
    """Whether a bundle is long or big enough; 0 = no such limit."""
    return bool((seconds and now - stats.started_at >= seconds) or (size and stats.bytes_written >= size))
