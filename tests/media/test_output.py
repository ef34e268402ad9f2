"""What the playback clock says is what the device plays (simulated device, simulated time)."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rtms_desktop.media.mixer import Mixer, Packet
from rtms_desktop.media.output import AHEAD_FIRST_MS, DEVICE_START_S, Output
from rtms_desktop.media.pcm import AudioFormat
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.ring import Ring
from rtms_desktop.media.sinks import Mark
from rtms_desktop.wire.enums import Codec
from tests.media.sounds import EPOCH

RATE, PACKET_MS, SLOPE = 8_000, 20, 30
FORMAT = AudioFormat(Codec.L16, RATE)


def ramp(number: int) -> bytes:
    """A packet whose samples say which ms of the second they belong to."""
    ms = number * PACKET_MS % 1000 + np.arange(RATE * PACKET_MS // 1000) * 1000 / RATE
    return (1000 + ms * SLOPE / 2).astype("<i2").tobytes()


class Device:
    """Takes 20 ms at once, `ppm` faster than time, and is heard `latency_s` later."""

    def __init__(self, ppm: float = 0.0, latency_s: float = 0.05) -> None:
        self.name, self.problem, self.channels, self.starved, self.lost = "device", "", 2, 0, False
        self.mark: Mark | None = None
        self.latency_s, self._period = latency_s, 0.02 / (1 + ppm * 1e-6)
        self.played = np.zeros(0, np.int16)
        self._ring: Ring | None = None
        self.due = 0.0

    def start(self, ring: Ring) -> None:
        self._ring = ring

    def stop(self) -> None:
        self._ring = None

    def close(self) -> None:
        self.stop()

    def turn(self, now: float) -> None:
        while self._ring is not None and self.due <= now:
            self.mark = Mark(self.due, self._ring.read, self.latency_s)
            out = np.empty((960, 2), np.int16)
            started = self._ring.written > 0
            got = self._ring.read_into(out)
            self.starved += 960 - got if started else 0
            self.played = np.concatenate([self.played[-48_000:], out[:, 0]])
            self.due += self._period

    def heard_ms(self, now: float) -> float | None:
        """The ms of the second that leaves the loudspeaker now, read from the samples; None where it wraps."""
        taken_after = now - self.latency_s - (self.due - self._period)
        at = len(self.played) - 960 + int(taken_after / self._period * 960)
        if not 100 <= at < len(self.played) - 100 or np.ptp(self.played[at - 100 : at + 100]) > 10 * SLOPE:
            return None  # around the turn of the second
        ms = (float(self.played[at]) - 1000) / SLOPE * 2
        return ms if 50 < ms < 950 else None


def simulate(seconds: float, sender_ppm: float, device: Device, jitter_ms: float = 2.0) -> tuple[list, Output, Mixer]:
    """Returns (time, clock minus sound in ms) every 40 ms."""
    rng = random.Random(6)
    mixer, playback = Mixer(), PlaybackClock()
    output = Output(mixer, playback)
    output.attach(device, 0.0)
    found, number, last, now = [], 0, 0.0, 0.0
    arrival = 0.5
    for step in range(int(seconds * 200)):
        now = step * 0.005
        while arrival <= now:
            mixer.push(Packet(7, ramp(number), EPOCH + number * PACKET_MS, arrival, FORMAT))
            number += 1
            sent = 0.5 + number * PACKET_MS / 1000 / (1 + sender_ppm * 1e-6)
            last = arrival = max(last, sent + abs(rng.gauss(0, jitter_ms / 1000)))
        device.turn(now)
        output.turn(now)
        clock, sound = playback.position_ms(now), device.heard_ms(now)
        if step % 8 == 0 and clock is not None and sound is not None:
            difference = (clock - EPOCH - sound) % 1000
            found.append((now, difference - 1000 if difference > 500 else difference))
    return found, output, mixer


@pytest.mark.slow
@pytest.mark.parametrize(("sender_ppm", "device_ppm"), [(200, 0), (-200, 0), (200, -150)])
def test_ten_minutes_of_drift_and_still_in_sync(sender_ppm: int, device_ppm: int) -> None:
    device = Device(device_ppm)
    found, output, mixer = simulate(600, sender_ppm, device)
    offsets = np.array([offset for at, offset in found if at > 2])
    assert len(offsets) > 12_000
    assert np.abs(offsets).max() < 20
    assert abs(np.median(offsets)) < 4
    assert output.starvations == 0
    assert mixer.tracks[7].underruns == 0
    assert mixer.timeline.skips == 0


def test_the_first_sound_comes_after_the_device_has_begun() -> None:
    device = Device()
    found, output, _ = simulate(3, 0, device)
    assert found[0][0] > DEVICE_START_S
    assert all(abs(offset) < 15 for _, offset in found)
    assert output.ahead_ms == AHEAD_FIRST_MS


def test_nothing_is_mixed_before_the_first_packet() -> None:
    mixer, device = Mixer(), Device()
    output = Output(mixer, PlaybackClock())
    output.turn(0.0)
    output.attach(device, 0.0)
    for step in range(100):
        device.turn(step * 0.005)
        output.turn(step * 0.005)
    assert output.ring_ms == 0
    assert device.starved == 0


def test_after_a_change_of_the_device_the_clock_is_right_again() -> None:
    device, other = Device(), Device(latency_s=0.12)
    mixer, playback = Mixer(), PlaybackClock()
    output = Output(mixer, playback)
    output.attach(device, 0.0)
    number, offsets = 0, []
    for step in range(1200):
        now = step * 0.005
        if step == 400:
            other.due = now
            output.attach(other, now)
        if step % 4 == 0:
            mixer.push(Packet(7, ramp(number), EPOCH + number * PACKET_MS, now, FORMAT))
            number += 1
        playing = other if step >= 400 else device
        playing.turn(now)
        output.turn(now)
        clock, sound = playback.position_ms(now), playing.heard_ms(now)
        if step > 500 and clock is not None and sound is not None:
            offsets.append((clock - EPOCH - sound + 500) % 1000 - 500)
    assert len(offsets) > 400
    assert np.abs(offsets).max() < 15
    assert output.ring_ms <= 50
