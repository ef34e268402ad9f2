"""What the window asks of a pipeline, live or recorded: pictures to paint, how sound is heard, and figures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import av
import numpy as np

from rtms_desktop.media.audio_engine import AudioEngine, AudioStats
from rtms_desktop.media.frames import Level, TrackKey, VideoFrame
from rtms_desktop.media.latency import Durations
from rtms_desktop.media.mailbox import FrameMailbox
from rtms_desktop.media.mixer import Gain
from rtms_desktop.media.picture_track import PictureTrack, VideoTrackStats
from rtms_desktop.media.resampling import TAPS, resample
from rtms_desktop.media.scaling import Scaler, Size
from rtms_desktop.media.sinks import Sink

OFFSET_SAMPLES = 30


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


class Presenter(ABC):
    """Base of the pipelines. All methods are for the main thread, but ``close``.

    Args:
        wake: called from other threads when frames wait to be taken.
        tracks: the pipeline's own, by key; it adds and removes.
    """

    def __init__(self, wake: Callable[[], None], tracks: Mapping[TrackKey, PictureTrack]) -> None:
        warm_up()
        self._mailbox = FrameMailbox(wake)
        self._shown_by = tracks
        self._latency = Durations()
        self._offset = Durations()
        self._frames_shown = 0
        self._closed = False

    @property
    @abstractmethod
    def _engine(self) -> AudioEngine: ...

    # -- pictures ----------------------------------------------------------------------------------------------

    def take_frames(self) -> dict[TrackKey, VideoFrame]:
        """The newest picture of each track whose time has come since the last call."""
        return self._mailbox.take()

    def snapshot(self, key: TrackKey) -> VideoFrame | None:
        """The picture shown last, in the size in which it was sent."""
        track = self._shown_by.get(key)
        return None if track is None else track.snapshot()

    # -- sound -------------------------------------------------------------------------------------------------

    def set_sink(self, sink: Sink | None) -> None:
        self._engine.set_sink(sink)

    def release_sink(self) -> None:
        """Plays nowhere from now on, but in time; returns when the sink may be given to somebody else. Any thread."""
        self._engine.release_sink()

    def set_person(self, user_id: int, *, mute: bool = False, solo: bool = False, volume: float = 1.0) -> None:
        """How one talker is heard; their level is shown as received all the same."""
        self._engine.set_gain(user_id, Gain(mute, solo, volume))

    def set_master(self, volume: float) -> None:
        """0 (muted) to 1."""
        self._engine.mixer.master = volume

    def levels(self) -> dict[int, Level]:
        """By user_id, as received."""
        return self._engine.levels()

    @property
    def master_level(self) -> Level:
        """Of the sum as it is played."""
        return self._engine.mixer.master_meter.level

    @property
    def sink_name(self) -> str:
        return self._engine.sink_name

    @property
    def sink_problem(self) -> str:
        """Why nothing is heard, in a sentence; "" while a device plays."""
        return self._engine.problem

    # -- figures -----------------------------------------------------------------------------------------------

    @property
    def av_offset_ms(self) -> float | None:
        """How far the picture is behind the sound (negative: ahead), median of the last pictures."""
        return self._offset.recent(OFFSET_SAMPLES)

    @property
    def stats(self) -> MediaStats:
        video = {key: track.stats for key, track in self._shown_by.items()}
        audio = self._engine.stats
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
            sink=self.sink_name,
            sink_problem=self.sink_problem,
        )

    def close(self) -> None:
        """Ends and joins every thread; the sink stays open. Any thread."""
        self._closed = True
        for track in list(self._shown_by.values()):
            track.close()
        self._close_sound()

    def _close_sound(self) -> None:
        self._engine.close()
