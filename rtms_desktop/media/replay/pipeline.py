"""The MediaPipeline of a recording: the same methods, but everything follows the playhead. For the main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtms_desktop.clock import Clock
from rtms_desktop.media.audio_engine import AudioEngine
from rtms_desktop.media.frames import TrackKey, VideoFrame
from rtms_desktop.media.pcm import AudioFormat, format_of
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.presenter import Presenter
from rtms_desktop.media.replay.clock import ReplayClock
from rtms_desktop.media.replay.sound import ReplaySound
from rtms_desktop.media.replay.source import Unit, UnitSource
from rtms_desktop.media.replay.video import ReplayTrack
from rtms_desktop.media.scaling import Size
from rtms_desktop.media.sinks import Sink
from rtms_desktop.session.events import HandshakeAnswered
from rtms_desktop.wire.messages import AudioParams


class ReplayPipeline(Presenter):
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
        self._tracks: dict[TrackKey, ReplayTrack] = {}
        super().__init__(wake, self._tracks)
        self._clock, self._source = clock, source
        self._sound = ReplaySound(clock, source, clock.machine, sink, wake)
        self._law = g711_law

    @property
    def _engine(self) -> AudioEngine:
        return self._sound.engine

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

    def painted(self, frame: VideoFrame, now: float) -> None:
        """The view has drawn ``frame``; ``now`` on the clock's axis."""
        if frame.repeat:
            return
        self._frames_shown += 1
        if not self._clock.playing:
            return
        self._latency.add((now - frame.due_at) * 1000.0 / self._clock.rate)
        heard = self._sound.playback.position_ms(self.machine.now())
        if heard is not None:
            self._offset.add(heard - frame.pts_ms)

    @property
    def visible(self) -> list[TrackKey]:
        """Tracks that are shown at the moment."""
        return [key for key, track in self._tracks.items() if track.visible]

    def shown(self, key: TrackKey) -> Unit | None:
        """The unit whose picture is shown."""
        track = self._tracks.get(key)
        return None if track is None else track.shown

    @property
    def playback(self) -> PlaybackClock:
        return self._sound.playback

    def _close_sound(self) -> None:
        self._sound.close()
