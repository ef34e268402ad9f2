"""Everything between the session's events and what is seen and heard. All methods are for the main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtms_desktop.clock import Clock
from rtms_desktop.media.audio_engine import AudioEngine
from rtms_desktop.media.frames import TrackKey, VideoFrame
from rtms_desktop.media.mixer import Packet
from rtms_desktop.media.pcm import AudioFormat, format_of
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.presenter import Presenter
from rtms_desktop.media.scaling import Size
from rtms_desktop.media.sinks import Sink
from rtms_desktop.media.video_track import VideoTrack
from rtms_desktop.session.events import HandshakeAnswered, MediaReceived
from rtms_desktop.wire.enums import Medium

MAX_VIDEO_TRACKS = 64
"""Overflow: the track that has been silent longest is closed."""

FAR_FUTURE_MS = 10**14
"""A timestamp beyond the year 5000 is none; positions in samples would lose their precision there."""


class MediaPipeline(Presenter):
    """Decodes what arrives and presents it on one clock.

    ``wake`` is called from other threads when frames wait to be taken or the sound device changed. ``g711_law``: "a" as
    Zoom's docs say, "mu" for servers that differ. Without a sink (None) nothing is heard, but in time.
    """

    def __init__(self, clock: Clock, sink: Sink | None, wake: Callable[[], None], g711_law: str = "a") -> None:
        self._tracks: dict[TrackKey, VideoTrack] = {}
        super().__init__(wake, self._tracks)
        self._clock = clock
        self._playback = PlaybackClock()
        self._audio = AudioEngine(clock, sink, self._playback, changed=wake)
        self._fed_at: dict[TrackKey, float] = {}
        self._surfaces: dict[TrackKey, Size | None] = {}
        self._format: AudioFormat | None = None
        self._law = g711_law

    @property
    def _engine(self) -> AudioEngine:
        return self._audio

    # -- in ----------------------------------------------------------------------------------------------------

    def handle(self, events: Sequence[object]) -> None:
        """Takes what concerns media out of the session's events."""
        if self._closed:
            return
        for event in events:
            if isinstance(event, MediaReceived):
                self._receive(event)
            elif isinstance(event, HandshakeAnswered) and event.granted is not None and event.granted.audio is not None:
                self._format = format_of(event.granted.audio, self._law)

    def _receive(self, event: MediaReceived) -> None:
        timed = 0 < event.timestamp_ms < FAR_FUTURE_MS  # raw binary frames carry no time
        timestamp_ms = event.timestamp_ms if timed else self._clock.wall_ms()
        if event.medium is Medium.AUDIO:
            self._audio.feed(Packet(event.user_id, event.data, timestamp_ms, event.at, self._format, timed))
        elif event.medium in (Medium.VIDEO, Medium.SHARE):
            self._track((event.medium.value, event.user_id), event.at).feed(event.data, timestamp_ms, event.at)

    def _track(self, key: TrackKey, now: float) -> VideoTrack:
        track = self._tracks.get(key)
        if track is None:
            if len(self._tracks) >= MAX_VIDEO_TRACKS:
                oldest = min(self._fed_at, key=lambda key: self._fed_at[key])
                self._tracks.pop(oldest).close()
                del self._fed_at[oldest]
            track = self._tracks[key] = VideoTrack(key, self._clock, self._playback, self._mailbox)
            track.set_surface(self._surfaces.get(key))
        self._fed_at[key] = now
        return track

    # -- pictures out ------------------------------------------------------------------------------------------

    def set_surface(self, key: TrackKey, width: int | None, height: int | None) -> None:
        """The size in device pixels at which a track is shown; None or 0: hidden, decoded only as far as needed."""
        size = Size(width, height) if width and height else None
        self._surfaces[key] = size
        if key in self._tracks:
            self._tracks[key].set_surface(size)

    def hide(self) -> None:
        """No track is shown any more: each decodes only as far as needed to be shown again."""
        for key in tuple(self._surfaces):
            self.set_surface(key, None, None)

    @property
    def visible(self) -> list[TrackKey]:
        """Tracks that are shown at the moment."""
        return [key for key, size in self._surfaces.items() if size is not None]

    def painted(self, frame: VideoFrame, now: float) -> None:
        """The view has drawn ``frame``; ``now`` in monotonic seconds."""
        if frame.repeat:
            return
        self._frames_shown += 1
        self._latency.add((now - frame.arrived_at - frame.held_s) * 1000.0)
        heard = self._playback.position_ms(now)
        if heard is not None:
            self._offset.add(heard - frame.pts_ms)

    @property
    def playback(self) -> PlaybackClock:
        return self._playback
