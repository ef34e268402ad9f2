"""Gathers what a manifest says from the session's events: live in the recorder, and again when a tape is driven.

Recorder thread, or the thread that reads a bundle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from rtms_desktop.bitstream import h264, images
from rtms_desktop.bitstream.bits import BitstreamError
from rtms_desktop.recording.manifest import SCHEMA, Manifest, RecordingInfo
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Codec, Medium, SampleRate, SessionState, StreamState
from rtms_desktop.wire.messages import AudioParams

MAX_INTERVAL_MS = 2000


class TrackFigures:
    """What was really seen of one participant in one medium."""

    def __init__(self) -> None:
        self.codec = ""
        self.messages = self.bytes = 0
        self.first_ms = self.last_ms = 0
        self.sizes: list[tuple[int, int]] = []
        self.sample_rates: list[int] = []
        self.channels = 0
        self._heard: AudioParams | None = None
        self._intervals: Counter[int] = Counter()

    def seen(self, data: bytes, timestamp_ms: int) -> None:
        if self.messages:
            self._intervals[min(max(timestamp_ms - self.last_ms, 0), MAX_INTERVAL_MS)] += 1
        else:
            self.first_ms = timestamp_ms
        self.last_ms = timestamp_ms
        self.messages += 1
        self.bytes += len(data)

    def hear(self, params: AudioParams) -> None:
        """How this sound is coded."""
        if params is self._heard:
            return
        self._heard = params
        self.codec = Codec(params.codec).name.lower() if params.codec in list(Codec) else str(params.codec)
        self.channels = params.channel
        rate = SampleRate(params.sample_rate).hz if params.sample_rate in list(SampleRate) else 0
        if rate not in self.sample_rates:
            self.sample_rates.append(rate)

    def look(self, data: bytes) -> None:
        """Codec and size of a picture, read off the pictures that tell them."""
        kind = images.sniff(data)
        size: tuple[int, int] | None = None
        if kind in ("jpg", "png"):
            self.codec, size = kind, images.image_size(data)
        else:
            au = h264.to_annexb(data)
            size = picture_size(au)  # parameter sets may travel alone
            if size is not None or h264.is_keyframe(au):
                self.codec = "h264"
        if size is not None and size not in self.sizes:
            self.sizes.append(size)

    @property
    def fps(self) -> float | None:
        """Pictures a second, from the median distance of the server's timestamps."""
        half = (sum(self._intervals.values()) + 1) // 2
        for interval in sorted(self._intervals):
            half -= self._intervals[interval]
            if half <= 0:
                return round(1000 / interval, 2) if interval else None
        return None

    def to_dict(self, medium: Medium) -> dict[str, Any]:
        figures = {
            "codec": self.codec,
            "messages": self.messages,
            "bytes": self.bytes,
            "first_ms": self.first_ms,
            "last_ms": self.last_ms,
        }
        if medium is Medium.AUDIO:
            return figures | {"sample_rates": self.sample_rates, "channels": self.channels}
        return figures | {"resolutions": [list(size) for size in self.sizes], "fps": self.fps}


class SessionSummary:
    """Fed with events in order; ``manifest()`` gives all keys but ``files``.

    Attributes:
        zero_ms: session zero in server time; before it is told, the first media timestamp.
        granted: media parameters as granted, else as requested, by medium.
        audio_params: how audio is coded: as granted, else as requested, else Zoom's default.
    """

    def __init__(self, info: RecordingInfo) -> None:
        self.info = info
        self.zero_ms = info.session_zero_ms
        self.granted: dict[str, Any] = {}
        self.counts: Counter[Medium] = Counter()
        self.gaps: list[ev.Gap] = []
        self.open_gaps: dict[tuple[Medium, int], ev.Gap] = {}
        self.reconnects = 0
        self.stop_reason: int | None = None
        self._people: dict[int, str] = {}
        self._tracks: dict[Medium, dict[int, TrackFigures]] = {}
        self.audio_params = self._audio_params()

    def feed(self, events: Iterable[ev.Event]) -> None:
        for event in events:
            if isinstance(event, ev.MediaReceived):
                self._media(event)
            else:
                self._other(event)

    def dropped(self, gaps: Iterable[ev.Gap]) -> None:
        """Runs that this program itself had to let go."""
        self.gaps += gaps

    def manifest(self, *, files: list[str], closed: bool) -> Manifest:
        """All keys of the manifest."""
        info = self.info
        return {
            "schema": SCHEMA,
            "app_version": info.app_version,
            "product": info.product,
            "ids": info.ids,
            "profile": info.profile,
            "started_ms": info.started_ms,
            "session_zero_ms": self.zero_ms,
            "requested": info.requested,
            "granted": self.granted,
            "observed": {
                medium.value: {str(user): figures.to_dict(medium) for user, figures in sorted(tracks.items())}
                for medium, tracks in self._tracks.items()
            },
            "participants": [{"user_id": user, "name": name} for user, name in self._people.items()],
            "counts": {medium.value: self.counts[medium] for medium in Medium},
            "gaps": [gap_row(gap) for gap in (*self.gaps, *self.open_gaps.values())],
            "reconnects": self.reconnects,
            "files": files,
            "closed": closed,
            "stop_reason": self.stop_reason,
        }

    # -- inside --------------------------------------------------------------------------------------------

    def _media(self, event: ev.MediaReceived) -> None:
        medium = event.medium
        self.counts[medium] += 1
        if self.zero_ms is None:
            self.zero_ms = event.timestamp_ms
        track = self._tracks.setdefault(medium, {}).setdefault(event.user_id, TrackFigures())
        track.seen(event.data, event.timestamp_ms)
        if medium is Medium.AUDIO:
            track.hear(self.audio_params)
        else:
            track.look(event.data)
        if event.user_name and not self._people.get(event.user_id):
            self._people[event.user_id] = event.user_name

    def _audio_params(self) -> AudioParams:
        params = self.granted.get(Medium.AUDIO) or self.info.requested.get(Medium.AUDIO)
        try:
            return msgspec.convert(params or {}, AudioParams)
        except msgspec.ValidationError:
            return AudioParams()

    def _other(self, event: ev.Event) -> None:
        match event:
            case ev.TranscriptReceived():
                self.counts[Medium.TRANSCRIPT] += 1
            case ev.ChatReceived():
                self.counts[Medium.CHAT] += 1
            case ev.SessionZero(timestamp_ms=zero):
                # The zero never moves once something was placed by it.
                self.zero_ms = zero if self.zero_ms is None else self.zero_ms
            case ev.HandshakeAnswered(ok=True, granted=granted) if granted is not None:
                named = msgspec.to_builtins(granted)
                self.granted |= {medium: params for medium, params in named.items() if params is not None}
                self.audio_params = self._audio_params()
            case ev.ParticipantChanged(participant=person):
                self._people[person.user_id] = person.user_name or self._people.get(person.user_id, "")
            case ev.GapOpened(gap=gap):
                self.open_gaps[gap.medium, gap.user_id] = gap
            case ev.GapClosed(gap=gap):
                self.open_gaps.pop((gap.medium, gap.user_id), None)
                # One that ends where it began was filled after all: buffered media came late.
                if gap.end_ms is None or gap.end_ms > gap.start_ms:
                    self.gaps.append(gap)
            case ev.Reconnected(own=own):
                self.reconnects += own
            case ev.SessionStateChanged(state=SessionState.STARTED | SessionState.RESUMED):
                self.stop_reason = None  # it goes on: what ended before is no end
            case ev.SessionStateChanged(state=SessionState.STOPPED, stop_reason=int(reason)):
                self.stop_reason = reason
            case ev.StreamStateChanged(state=StreamState.TERMINATED, reason=int(reason)):
                self.stop_reason = reason
            case ev.SessionEnded(stop_reason=int(reason)):
                self.stop_reason = reason
            case _:
                pass


def picture_size(au: bytes) -> tuple[int, int] | None:
    """Size of the pictures, from the SPS before the first slice; None where there is none."""
    sps, _ = h264.parameter_sets(au)
    if sps is None:
        return None
    try:
        parsed = h264.Sps.parse(sps)
    except BitstreamError:
        return None
    return parsed.width, parsed.height


def gap_row(gap: ev.Gap) -> dict[str, Any]:
    return {
        "medium": gap.medium.value,
        "user_id": gap.user_id,
        "start_ms": gap.start_ms,
        "end_ms": gap.end_ms,
        "reason": gap.reason.value,
    }
