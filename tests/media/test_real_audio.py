"""What a real sound server plays is what was sent (PulseAudio with a null sink, through PortAudio and ALSA)."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.media.pipeline import MediaPipeline
from rtms_desktop.media.presenter import MediaStats
from rtms_desktop.media.ring import Ring
from rtms_desktop.media.sinks import PortAudioSink, SilentSink, device_names, open_sink, rescan
from rtms_desktop.session.events import HandshakeAnswered, MediaReceived
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import AudioParams, MediaParams
from tests.fakes.clips import clip
from tests.media.conftest import Monitor, SoundServer
from tests.media.sounds import EPOCH, lag_of, noise, packets, upsampled, window_correlations
from tests.media.waiting import until

pytestmark = [pytest.mark.audio, pytest.mark.slow]

ATTEMPTS, CALM_MS = 4, 8
"""A sound server that had to wait for its turn plays silence, which no program can help: a take that went wrong while
the machine was busy with other things is taken once more."""


@pytest.fixture(autouse=True)
def _as_the_program_does() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    yield
    sys.setswitchinterval(before)


class Meeting:
    """Sends in real time and paints what becomes due, as the program's main thread does."""

    def __init__(self, sink, monitor: Monitor, rate: int) -> None:
        self.clock, self.monitor = SystemClock(), monitor
        self.woken = threading.Event()
        self.pipeline = MediaPipeline(self.clock, sink, self.woken.set)
        params = AudioParams(sample_rate={8_000: 0, 16_000: 1, 32_000: 2, 48_000: 3}[rate])
        self.pipeline.handle([HandshakeAnswered(
            at=0.0, link="audio", ok=True, status_code=0, reason="", granted=MediaParams(audio=params)
        )])  # fmt: skip
        self.pipeline.set_surface(("video", 7), 320, 180)
        self.painted: list[tuple[float, int]] = []  # (monotonic, server ms)
        self.began = self.late_ms = 0.0

    def send(self, source: np.ndarray, rate: int, pictures: tuple[bytes, ...] = ()) -> None:
        todo = [(ts, Medium.AUDIO, data) for ts, data in packets(source, rate)]
        todo += [(EPOCH + 40 * n, Medium.VIDEO, unit) for n, unit in enumerate(pictures)]
        todo.sort(key=lambda item: item[0])
        ready = self.clock.now() + 0.5  # a session connects meanwhile; the device has long begun
        while self.clock.now() < ready:
            self.turn(0.01)
        self.began = self.clock.now()
        for ts, medium, data in todo:
            while (left := self.began + (ts - EPOCH) / 1000 - self.clock.now()) > 0:
                self.turn(min(left, 0.01))
            self.pipeline.handle([MediaReceived(
                at=self.clock.now(), link=medium.value, medium=medium, user_id=7, user_name="", data=data,
                timestamp_ms=ts,
            )])  # fmt: skip
        for _ in range(60):
            self.turn(0.01)

    def turn(self, seconds: float) -> None:
        due = self.clock.now() + seconds
        self.woken.wait(seconds)
        self.woken.clear()
        self.late_ms = max(self.late_ms, (self.clock.now() - due) * 1000)
        for frame in self.pipeline.take_frames().values():
            now = self.clock.now()
            self.pipeline.painted(frame, now)
            self.painted.append((now, frame.pts_ms))
        self.monitor.read()


Check = Callable[[Meeting, MediaStats, np.ndarray], None]


def listen(server: SoundServer, rate: int, source: np.ndarray, check: Check, pictures: tuple[bytes, ...] = ()) -> None:
    """Send, and check what was heard."""
    for left in reversed(range(ATTEMPTS)):
        rescan()
        sink, monitor = open_sink(), Monitor(server)
        assert isinstance(sink, PortAudioSink), sink.problem
        meeting = Meeting(sink, monitor, rate)
        try:
            meeting.send(source, rate, pictures)
            stats, heard = meeting.pipeline.stats, monitor.samples()
        finally:
            meeting.pipeline.close()
            sink.close()
            monitor.close()
        try:
            check(meeting, stats, heard)
            return
        except AssertionError:
            if not left or meeting.late_ms < CALM_MS:
                raise


@pytest.mark.parametrize(("rate", "limit"), [(48_000, 0.99), (16_000, 0.97), (8_000, 0.97)])
def test_the_monitor_hears_the_source(sound_server: SoundServer, rate: int, limit: float) -> None:
    source = noise(rate, 6.0)
    wanted = upsampled(source, rate)

    def check(meeting: Meeting, stats: MediaStats, heard: np.ndarray) -> None:
        found = window_correlations(heard, wanted, search=24)
        assert len(found) > 50
        assert found.min() > limit, (found.round(3), stats.audio)
        assert stats.audio_underruns == 0
        # When the first sample of the source could be read from the monitor.
        lag = lag_of(heard, wanted)
        at = next(at for at, frames in meeting.monitor.arrivals if frames > lag)
        assert (at - meeting.began) * 1000 < 150
        assert stats.playout_ms == pytest.approx((at - meeting.began) * 1000, abs=40)

    listen(sound_server, rate, source, check)


def test_pictures_and_the_monitor_agree(sound_server: SoundServer) -> None:
    source = noise(16_000, 5.0)
    wanted = upsampled(source, 16_000)

    def check(meeting: Meeting, stats: MediaStats, heard: np.ndarray) -> None:
        lag = lag_of(heard, wanted)
        # Reading comes in chunks: the line through the earliest readings is when the samples were played.
        played_at = min(at - (frames - lag) / 48_000 for at, frames in meeting.monitor.arrivals if frames > lag)
        offsets = [(at - played_at) * 1000 - (ts - EPOCH) for at, ts in meeting.painted[25:]]
        assert len(offsets) > 85
        assert abs(np.median(offsets)) < 40, (np.median(offsets), stats.av_offset_ms)
        assert np.quantile(np.abs(offsets - np.median(offsets)), 0.95) < 25
        assert stats.av_offset_ms is not None
        assert abs(stats.av_offset_ms) < 40
        assert stats.latency_p50_ms is not None
        assert stats.latency_p50_ms < 8

    listen(sound_server, 16_000, source, check, clip(120, gop=25))


def test_devices_are_listed(sound_server: SoundServer) -> None:
    rescan()
    assert "default" in device_names()


def test_a_null_device_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch, sound_server: SoundServer) -> None:
    (tmp_path / "asoundrc").write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asoundrc"))
    rescan()
    sink = open_sink()
    assert isinstance(sink, PortAudioSink)
    sink.start(Ring(48_000, sink.channels))
    try:
        assert until(lambda: sink.lost)
        assert "faster than time" in sink.problem
    finally:
        sink.close()


def test_a_server_that_dies_is_survived_and_found_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SoundServer(tmp_path)
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    server.start()
    rescan()
    sink = open_sink()
    pipeline = MediaPipeline(SystemClock(), sink, lambda: None)
    try:
        assert until(lambda: sink.mark is not None and sink.mark.latency_s > 0)
        server.stop(signal.SIGKILL)
        assert until(lambda: sink.lost, 10)
        for number, (ts, data) in enumerate(packets(noise(16_000, 0.4), 16_000)):
            pipeline.handle([MediaReceived(
                at=SystemClock().now(), link="audio", medium=Medium.AUDIO, user_id=7, user_name="", data=data,
                timestamp_ms=ts,
            )])  # fmt: skip
            assert until(lambda n=number: pipeline.stats.audio.tracks and pipeline.stats.audio.tracks[7].packets > n)
        assert until(lambda: pipeline.stats.sink == "No sound")
        assert pipeline.stats.sink_problem == f"{sink.name} has gone"
        assert until(lambda: pipeline.stats.playout_ms > 0)  # time goes on
        sink.close()
        rescan()
        assert isinstance(open_sink(), SilentSink)  # still down
        server.start()
        rescan()
        again = open_sink()
        assert again.problem == ""
        pipeline.set_sink(again)
        assert until(lambda: again.mark is not None)
        assert pipeline.stats.sink_problem == ""
        pipeline.close()
        again.close()
    finally:
        pipeline.close()
        sink.close()
        server.stop()
