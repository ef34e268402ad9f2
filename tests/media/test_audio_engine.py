"""The audio thread with a recording device."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.media.audio_engine import INBOX, AudioEngine
from rtms_desktop.media.mixer import Gain, Packet
from rtms_desktop.media.output import DEVICE_START_S
from rtms_desktop.media.pcm import AudioFormat
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.wire.enums import Codec
from tests.media.devices import RecordingSink
from tests.media.sounds import EPOCH, noise, packets, upsampled, window_correlations
from tests.media.waiting import until


@pytest.fixture(autouse=True)
def _as_the_program_does():
    """Threads must not hold each other up for 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    yield
    sys.setswitchinterval(before)


class Rig:
    def __init__(self, sink: RecordingSink | None) -> None:
        self.clock, self.playback = SystemClock(), PlaybackClock()
        self.sink = sink
        self.changes = 0
        self.engine = AudioEngine(self.clock, sink, self.playback, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def send(self, sent: list[tuple[int, bytes]], audio_format: AudioFormat, watch=lambda: None) -> float:
        """In real time, when the device runs; returns when the first packet went."""
        never = threading.Event()
        never.wait(DEVICE_START_S + 0.05)
        began = self.clock.now()
        for number, (ts, data) in enumerate(sent):
            never.wait(max(0.0, began + 0.02 * number - self.clock.now()))
            self.engine.feed(Packet(7, data, ts, self.clock.now(), audio_format))
            watch()
        return began


@pytest.fixture
def rig():
    made: list[Rig] = []

    def make(sink: RecordingSink | None) -> Rig:
        made.append(Rig(sink))
        return made[-1]

    yield make
    for one in made:
        one.engine.close()
        if one.sink is not None:
            one.sink.close()


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "channels", "limit"), [(48_000, 2, 0.99), (16_000, 2, 0.97), (16_000, 1, 0.97)])
def test_what_is_played_is_what_was_sent(rig, rate: int, channels: int, limit: float) -> None:
    one = rig(RecordingSink(channels=channels))
    source = noise(rate, 2.0)
    one.send(packets(source, rate), AudioFormat(Codec.L16, rate))
    assert until(lambda: len(one.sink.samples) > 48_000 * 2.2)
    heard = one.sink.samples[:, 0].astype(np.float64)
    found = window_correlations(heard, upsampled(source, rate), search=96)
    assert len(found) >= 15
    assert found.min() > limit, (found.round(3), one.engine.stats)
    assert one.engine.stats.underruns == 0


@pytest.mark.slow
def test_the_clock_says_what_is_heard(rig) -> None:
    one = rig(RecordingSink(latency_s=0.05))
    times: list[tuple[float, float]] = []

    def watch() -> None:
        now = one.clock.now()
        heard = one.playback.position_ms(now)
        if heard is not None:
            times.append((now, heard))

    began = one.send(packets(noise(16_000, 2.0), 16_000), AudioFormat(), watch)
    delays = [(now - began) * 1000 - (heard - EPOCH) for now, heard in times[20:]]
    # 40 ms of buffer, up to 40 ms mixed ahead, 50 ms in the device.
    assert 90 < np.median(delays) < 150
    assert np.ptp(delays[10:]) < 25
    assert one.engine.stats.playout_ms == pytest.approx(np.median(delays), abs=20)
    assert one.engine.stats.drift_ppm == pytest.approx(0, abs=1000)


def test_without_packets_nothing_is_mixed_and_the_thread_rests(rig) -> None:
    one = rig(RecordingSink())
    assert until(lambda: one.sink.mark is not None)
    stats = one.engine.stats
    assert (stats.ring_ms, stats.playout_ms, stats.underruns, stats.tracks) == (0, 0, 0, {})
    assert one.playback.position_ms(one.clock.now()) is None


def test_without_a_sink_time_goes_on(rig) -> None:
    one = rig(None)
    one.send(packets(noise(16_000, 0.4), 16_000), AudioFormat())
    assert until(lambda: one.playback.position_ms(one.clock.now()) is not None)
    assert one.engine.sink_name == "No sound"
    assert one.engine.levels()[7].peak_db > -20


def test_a_lost_device_is_replaced_by_silence_and_named(rig) -> None:
    one = rig(RecordingSink())
    one.send(packets(noise(16_000, 0.2), 16_000), AudioFormat())
    assert one.engine.sink_name == "recorder"
    before = one.changes
    one.sink.lose("recorder has gone")
    assert until(lambda: one.engine.sink_name == "No sound")
    assert until(lambda: one.changes > before)
    assert one.engine.problem == "recorder has gone"
    frozen = one.engine.mixer.timeline.position_ms
    assert until(lambda: one.engine.mixer.timeline.position_ms > frozen + 50)
    new = RecordingSink()
    one.engine.set_sink(new)
    assert until(lambda: one.engine.sink_name == "recorder" and new.blocks)
    assert one.engine.problem == ""
    assert one.engine.stats.ring_ms <= 60
    one.engine.set_sink(None)
    assert until(lambda: one.engine.sink_name == "No sound")


def test_gains_reach_the_mix(rig) -> None:
    one = rig(RecordingSink())
    one.engine.set_gain(7, Gain(mute=True))
    one.send(packets(noise(16_000, 0.3), 16_000), AudioFormat())
    assert until(lambda: len(one.sink.blocks) > 10)
    assert not one.sink.samples.any()
    assert one.engine.levels()[7].peak_db > -20


def test_the_inbox_is_bounded_and_keeps_the_newest(rig) -> None:
    one = rig(None)
    one.engine.close()  # nobody takes anything out
    for number in range(INBOX + 10):
        one.engine.feed(Packet(7, b"\0" * 640, EPOCH + 20 * number, 0.0, AudioFormat()))
    assert one.engine.stats.inbox == INBOX
    assert one.engine.inbox_dropped == 10
    assert one.engine._inbox[0].timestamp_ms == EPOCH + 200


def test_a_device_that_starves_gets_more_mixed_ahead(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtms_desktop.media.output.SETTLE_S", 0.0)
    one = rig(RecordingSink())
    one.send(packets(noise(16_000, 0.2), 16_000), AudioFormat())
    before = one.engine.stats
    one.sink.starved += 960
    assert until(lambda: one.engine.stats.ahead_ms > before.ahead_ms)
    assert one.engine.stats.underruns > before.underruns


def test_a_sink_that_was_released_can_be_given_away(rig) -> None:
    """Whoever shows something else plays there next; this one keeps the time without it."""
    sink = RecordingSink()
    made = rig(sink)
    until(lambda: made.engine._output.sink is sink)
    for _ in range(3):
        made.engine.release_sink()
        assert made.engine._output.sink is not sink and made.engine._output.sink is not None
        made.engine.set_sink(sink)
        until(lambda: made.engine._output.sink is sink)
