"""The MediaPipeline of a recording: the same methods, but everything follows the playhead. For the main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtms_desktop.clock import Clock
from rtms_desktop.media.frames import Level, TrackKey, VideoFrame
from rtms_desktop.media.latency import Durations
from rtms_desktop.media.mailbox import FrameMailbox
from rtms_desktop.media.mixer import Gain
from rtms_desktop.media.pcm import AudioFormat, format_of
from rtms_desktop.media.pipeline import OFFSET_SAMPLES, MediaStats, warm_up
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.replay.clock import ReplayClock
from rtms_desktop.media.replay.sound import ReplaySound
from rtms_desktop.media.replay.source import Unit, UnitSource
from rtms_desktop.media.replay.video import ReplayTrack
from rtms_desktop.media.scaling import Size
from rtms_desktop.media.sinks import Sink
from rtms_desktop.session.events import HandshakeAnswered
from rtms_desktop.wire.messages import AudioParams


class ReplayPipeline:
    """Presents the media of a recording at the playhead of ``clock``. For the arguments see MediaPipeline.

    In its frames ``arrived_at`` and ``due_at`` are on the recording's axis, as ``clock.now()`` is.
    """

    def __init__(
        self,
        clock: ReplayClock,
        source: UnitSource,
        sink: Sink | None,
        wake: Callable[[], None],
        g711_law: str = "a",
    ) -> None:
        warm_up()
        self._clock, self._source = clock, source
        self._mailbox = FrameMailbox(wake)
        self._sound = ReplaySound(clock, source, clock.machine, sink, wake)
        self._tracks: dict[TrackKey, ReplayTrack] = {}
        self._law = g711_law
        self._offset = Durations()
        self._late = Durations()
        self._frames_shown = 0
        self._closed = False

    @property
    def machine(self) -> Clock:
        return self._clock.machine

    # -- in ----------------------------------------------------------------------------------------------------

    def handle(self, events: Sequence[object]) -> None:
        """Only learns how sound is coded: media is taken from the recording itself, ahead of the playhead."""
        for event in events:
            if isinstance(event, HandshakeAnswered) and event.granted is not None:
                self.set_audio(event.granted.audio)

    def set_audio(self, params: AudioParams | None) -> None:
        """How sound is coded at the playhead; None: nobody said."""
        if params is not None:
            self._sound.format = format_of(params, self._law)

    @property
    def audio_format(self) -> AudioFormat | None:
        return self._sound.format

    # -- pictures out ------------------------------------------------------------------------------------------

    def set_surface(self, key: TrackKey, width: int | None, height: int | None) -> None:
        """The size in device pixels at which a track is shown; None or 0: hidden."""
        size = Size(width, height) if width and height else None
        track = self._tracks.get(key)
        if track is None and size is not None and not self._closed:
            track = self._tracks[key] = ReplayTrack(key, self._clock, self._source, self._mailbox)
        if track is not None:
            track.set_surface(size)

    def show_again(self) -> None:
        """Hand over the pictures at the playhead once more: whoever shows them has just forgotten all it knew."""
        for track in self._tracks.values():
            track.show_again()
        self._clock.wake_all()

    def take_frames(self) -> dict[TrackKey, VideoFrame]:
        """The newest picture of each track since the last call."""
        return self._mailbox.take()

    def painted(self, frame: VideoFrame, now: float) -> None:
        """The view has drawn ``frame``; ``now`` on the clock's axis."""
        if frame.repeat:
            return
        self._frames_shown += 1
        if not self._clock.playing:
            return
        self._late.add((now - frame.due_at) * 1000.0 / self._clock.rate)
        heard = self._sound.playback.position_ms(self.machine.now())
        if heard is not None:
            self._offset.add(heard - frame.pts_ms)

    def snapshot(self, key: TrackKey) -> VideoFrame | None:
        """The picture shown last, in the size in which it was sent."""
        track = self._tracks.get(key)
        return None if track is None else track.snapshot()

    @property
    def visible(self) -> list[TrackKey]:
        """Tracks that are shown at the moment."""
        return [key for key, track in self._tracks.items() if track.visible]

    def shown(self, key: TrackKey) -> Unit | None:
        """The unit whose picture is shown."""
        track = self._tracks.get(key)
        return None if track is None else track.shown

    # -- sound -------------------------------------------------------------------------------------------------

    def set_sink(self, sink: Sink | None) -> None:
        self._sound.engine.set_sink(sink)

    def set_person(self, user_id: int, *, mute: bool = False, solo: bool = False, volume: float = 1.0) -> None:
        """How one talker is heard; their level is shown as recorded all the same."""
        self._sound.engine.set_gain(user_id, Gain(mute, solo, volume))

    def set_master(self, volume: float) -> None:
        """0 (muted) to 1."""
        self._sound.engine.mixer.master = volume

    def levels(self) -> dict[int, Level]:
        """By user_id, as recorded."""
        return self._sound.engine.levels()

    @property
    def master_level(self) -> Level:
        return self._sound.engine.mixer.master_meter.level

    @property
    def sink_name(self) -> str:
        return self._sound.engine.sink_name

    @property
    def sink_problem(self) -> str:
        return self._sound.engine.problem

    # -- figures -----------------------------------------------------------------------------------------------

    @property
    def av_offset_ms(self) -> float | None:
        """How far the picture is behind the sound, median of the last pictures."""
        return self._offset.recent(OFFSET_SAMPLES)

    @property
    def playback(self) -> PlaybackClock:
        return self._sound.playback

    @property
    def stats(self) -> MediaStats:
        video = {key: track.stats for key, track in self._tracks.items()}
        audio = self._sound.engine.stats
        return MediaStats(
            frames_shown=self._frames_shown,
            frames_dropped=sum(track.dropped for track in video.values()) + self._mailbox.replaced,
            frames_late=sum(track.late for track in video.values()),
            audio_underruns=audio.underruns,
            latency_p50_ms=self._late.quantile(0.5),
            latency_p99_ms=self._late.quantile(0.99),
            playout_ms=audio.playout_ms,
            av_offset_ms=self.av_offset_ms,
            decode_errors=sum(track.errors for track in video.values()),
            lost_references=sum(track.lost_references for track in video.values()),
            queue_depth=0,
            queue_dropped=audio.inbox_dropped,
            video=video,
            audio=audio,
            sink=self.sink_name,
            sink_problem=self.sink_problem,
        )

    def close(self) -> None:
        """Ends and joins every thread; the sink stays open. Any thread."""
        self._closed = True
        for track in list(self._tracks.values()):
            track.close()
        self._sound.close()
