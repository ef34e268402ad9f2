"""Everything between the session's events and what is seen and heard. All methods are for the main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import av
import numpy as np

from rtms_desktop.clock import Clock
from rtms_desktop.media.audio_engine import AudioEngine, AudioStats
from rtms_desktop.media.frames import Level, TrackKey, VideoFrame
from rtms_desktop.media.latency import Durations
from rtms_desktop.media.mailbox import FrameMailbox
from rtms_desktop.media.mixer import Gain, Packet
from rtms_desktop.media.pcm import AudioFormat, format_of
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.resampling import TAPS, resample
from rtms_desktop.media.scaling import Scaler, Size
from rtms_desktop.media.sinks import Sink
from rtms_desktop.media.video_track import VideoTrack, VideoTrackStats
from rtms_desktop.session.events import HandshakeAnswered, MediaReceived
from rtms_desktop.wire.enums import Medium

MAX_VIDEO_TRACKS = 64
"""Overflow: the track that has been silent longest is closed."""

OFFSET_SAMPLES = 30

FAR_FUTURE_MS = 10**14
"""A timestamp beyond the year 5000 is none; positions in samples would lose their precision there."""


def warm_up() -> None:
    """Pays on the calling thread what numpy and FFmpeg cost when they are first touched."""
    resample(np.zeros((2 * TAPS, 1), np.float32), float(TAPS), 1.0, 1)
    picture = av.VideoFrame(16, 16, "yuv420p")
    Scaler().scale(picture, Size(8, 8))
    av.CodecContext.create("h264", "r").open()


@dataclass(frozen=True, slots=True)
class MediaStats:
    """What the health page and ``--stats`` show. ``latency_ms``: arrival to paint, the playout hold taken out."""

    frames_shown: int
    frames_dropped: int
    frames_late: int
    audio_underruns: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    playout_ms: float
    av_offset_ms: float | None
    decode_errors: int
    lost_references: int
    queue_depth: int
    queue_dropped: int
    video: dict[TrackKey, VideoTrackStats]
    audio: AudioStats
    sink: str
    sink_problem: str


class MediaPipeline:
    """Decodes what arrives and presents it on one clock.

    ``wake`` is called from other threads when frames wait to be taken or the sound device changed. ``g711_law``: "a" as
    Zoom's docs say, "mu" for servers that differ. Without a sink (None) nothing is heard, but in time.
    """

    def __init__(self, clock: Clock, sink: Sink | None, wake: Callable[[], None], g711_law: str = "a") -> None:
        warm_up()
        self._clock = clock
        self._playback = PlaybackClock()
        self._mailbox = FrameMailbox(wake)
        self._audio = AudioEngine(clock, sink, self._playback, changed=wake)
        self._tracks: dict[TrackKey, VideoTrack] = {}
        self._fed_at: dict[TrackKey, float] = {}
        self._surfaces: dict[TrackKey, Size | None] = {}
        self._format: AudioFormat | None = None
        self._law = g711_law
        self._latency = Durations()
        self._offset = Durations()
        self._frames_shown = 0
        self._closed = False

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

    def take_frames(self) -> dict[TrackKey, VideoFrame]:
        """The newest picture of each track whose time has come since the last call."""
        return self._mailbox.take()

    def painted(self, frame: VideoFrame, now: float) -> None:
        """The view has drawn ``frame``; ``now`` in monotonic seconds."""
        if frame.repeat:
            return
        self._frames_shown += 1
        self._latency.add((now - frame.arrived_at - frame.held_s) * 1000.0)
        heard = self._playback.position_ms(now)
        if heard is not None:
            self._offset.add(heard - frame.pts_ms)

    def snapshot(self, key: TrackKey) -> VideoFrame | None:
        """The picture shown last, in the size in which it was sent."""
        track = self._tracks.get(key)
        return None if track is None else track.snapshot()

    # -- sound -------------------------------------------------------------------------------------------------

    def set_sink(self, sink: Sink | None) -> None:
        self._audio.set_sink(sink)

    def set_person(self, user_id: int, *, mute: bool = False, solo: bool = False, volume: float = 1.0) -> None:
        """How one talker is heard; their level is shown as received all the same."""
        self._audio.set_gain(user_id, Gain(mute, solo, volume))

    def set_master(self, volume: float) -> None:
        """0 (muted) to 1."""
        self._audio.mixer.master = volume

    def levels(self) -> dict[int, Level]:
        """By user_id, as received."""
        return self._audio.levels()

    @property
    def master_level(self) -> Level:
        """Of the sum as it is played."""
        return self._audio.mixer.master_meter.level

    @property
    def sink_name(self) -> str:
        return self._audio.sink_name

    @property
    def sink_problem(self) -> str:
        """Why nothing is heard, in a sentence; "" while a device plays."""
        return self._audio.problem

    # -- figures -----------------------------------------------------------------------------------------------

    @property
    def av_offset_ms(self) -> float | None:
        """How far the picture is behind the sound (negative: ahead), median of the last pictures."""
        return self._offset.recent(OFFSET_SAMPLES)

    @property
    def playback(self) -> PlaybackClock:
        return self._playback

    @property
    def stats(self) -> MediaStats:
        video = {key: track.stats for key, track in self._tracks.items()}
        audio = self._audio.stats
        return MediaStats(
            frames_shown=self._frames_shown,
            frames_dropped=sum(track.dropped for track in video.values()) + self._mailbox.replaced,
            frames_late=sum(track.late for track in video.values()),
            audio_underruns=audio.underruns,
            latency_p50_ms=self._latency.quantile(0.5),
            latency_p99_ms=self._latency.quantile(0.99),
            playout_ms=audio.playout_ms,
            av_offset_ms=self.av_offset_ms,
            decode_errors=sum(track.errors for track in video.values()),
            lost_references=sum(track.lost_references for track in video.values()),
            queue_depth=sum(track.queue for track in video.values()),
            queue_dropped=sum(track.queue_dropped for track in video.values()) + audio.inbox_dropped,
            video=video,
            audio=audio,
            sink=self._audio.sink_name,
            sink_problem=self._audio.problem,
        )

    def close(self) -> None:
        """Ends and joins every thread; the sink stays open. Any thread."""
        self._closed = True
        for track in list(self._tracks.values()):
            track.close()
        self._audio.close()
