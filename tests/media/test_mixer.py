"""What is heard of whom."""

from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.media.mixer import BLOCK, KNEE, MAX_TALKERS, Gain, Mixer, Packet, soft_clip
from rtms_desktop.media.pcm import AudioFormat
from rtms_desktop.wire.enums import Codec
from tests.media.sounds import EPOCH, encode, noise, packets, tone, upsampled, window_correlations

L16 = AudioFormat()


def play(
    talkers: dict[int, list[tuple[int, bytes]]],
    seconds: float,
    mixer: Mixer | None = None,
    audio_format: AudioFormat | None = L16,
) -> np.ndarray:
    """Everything that comes out (48 kHz, stereo) when packets arrive on time."""
    mixer = mixer or Mixer()
    todo = sorted((ts, user, data) for user, sent in talkers.items() for ts, data in sent)
    blocks, now, index = [], 5.0, 0
    while now < 5.0 + seconds:
        while index < len(todo) and (todo[index][0] - EPOCH) / 1000 + 5.0 <= now + 1e-9:
            ts, user, data = todo[index]
            mixer.push(Packet(user, data, ts, (ts - EPOCH) / 1000 + 5.0, audio_format))
            index += 1
        block, _, _ = mixer.render(now)
        assert block.shape == (BLOCK, 2)
        blocks.append(block)
        now += 0.01
    return np.concatenate(blocks)


@pytest.mark.parametrize(("rate", "limit"), [(48_000, 0.999), (32_000, 0.999), (16_000, 0.999), (8_000, 0.999)])
def test_what_goes_in_comes_out(rate: int, limit: float) -> None:
    source = noise(rate, 3.0)
    heard = play({7: packets(source, rate)}, 3.2, audio_format=AudioFormat(Codec.L16, rate))
    assert (heard[:, 0] == heard[:, 1]).all()
    found = window_correlations(heard[:, 0].astype(np.float64), upsampled(source, rate), search=24)
    assert len(found) > 20
    assert found.min() > limit


def test_stereo_keeps_its_sides() -> None:
    source = noise(48_000, 1.0, channels=2)
    heard = play({7: packets(source, 48_000)}, 1.1, audio_format=AudioFormat(Codec.L16, 48_000, 2)).astype(np.float64)
    for side in (0, 1):
        wanted = source[:, side].astype(np.float64)
        assert window_correlations(heard[:, side], wanted, search=24).min() > 0.99
        assert window_correlations(heard[:, 1 - side], wanted, search=24).max() < 0.5


def test_talkers_are_summed_on_one_timeline() -> None:
    one, two = noise(16_000, 2.0, seed=1) // 2, noise(16_000, 2.0, seed=2) // 2
    heard = play({1: packets(one, 16_000), 2: packets(two, 16_000)}, 2.1)[:, 0].astype(np.float64)
    both = upsampled(one, 16_000) + upsampled(two, 16_000)
    assert window_correlations(heard, both, search=24).min() > 0.99


@pytest.mark.parametrize(
    ("gains", "audible"),
    [
        ({}, {1, 2}),
        ({1: Gain(mute=True)}, {2}),
        ({1: Gain(solo=True)}, {1}),
        ({1: Gain(solo=True), 2: Gain(solo=True, mute=True)}, {1}),
        ({3: Gain(solo=True)}, set()),
        ({1: Gain(mute=True), 2: Gain(mute=True)}, set()),
    ],
)
def test_mute_and_solo(gains: dict[int, Gain], audible: set[int]) -> None:
    mixer = Mixer()
    for user, gain in gains.items():
        mixer.set_gain(user, gain)
    sent = {1: packets(tone(16_000, 1.0, 500), 16_000), 2: packets(tone(16_000, 1.0, 2000), 16_000)}
    heard = play(sent, 1.0, mixer)[12_000:36_000, 0].astype(np.float64)
    power = np.abs(np.fft.rfft(heard)) / len(heard)
    found = {user for user, hz in ((1, 500), (2, 2000)) if power[hz // 2] > 1000}
    assert found == audible
    assert mixer.levels()[1].peak_db == pytest.approx(-6, abs=0.5)  # the meter shows what comes in


def test_volume_and_master() -> None:
    mixer = Mixer()
    mixer.set_gain(1, Gain(volume=0.5))
    mixer.master = 0.5
    heard = play({1: packets(tone(16_000, 1.0), 16_000)}, 1.0, mixer)
    assert np.abs(heard[12_000:36_000]).max() == pytest.approx(4096, rel=0.01)
    assert mixer.master_meter.level.peak_db == pytest.approx(-18.1, abs=0.2)
    mixer.master = 0.0
    assert not play({1: packets(tone(16_000, 1.0), 16_000)}, 0.3, mixer)[BLOCK:].any()


def test_a_gain_that_changes_does_not_click() -> None:
    mixer = Mixer()
    sent = packets(tone(16_000, 2.0, 200, peak=10_000), 16_000)
    heard = [play({1: sent[:50]}, 1.0, mixer)]
    mixer.set_gain(1, Gain(mute=True))
    for number in range(5):
        heard.append(mixer.render(6.0 + number * 0.01)[0])
    steps = np.abs(np.diff(np.concatenate(heard)[24_000:, 0].astype(int)))
    assert steps.max() < 2 * 10_000 * 2 * np.pi * 200 / 48_000
    assert not heard[-1].any()


def test_too_loud_is_rounded_off_and_never_wraps() -> None:
    sent = {user: packets(tone(16_000, 1.0, 440, peak=30_000), 16_000) for user in (1, 2, 3)}
    heard = play(sent, 1.0)[12_000:36_000, 0].astype(int)
    assert 0.99 * 32_767 < np.abs(heard).max() <= 32_767
    assert np.abs(np.diff(heard)).max() < 12_000


def test_soft_clip_leaves_what_is_not_loud_alone() -> None:
    quiet = np.linspace(-KNEE * 32_767, KNEE * 32_767, 99, dtype=np.float32)[:, None]
    same = quiet.copy()
    soft_clip(same)
    assert (same == quiet).all()
    loud = np.array([[-90_000.0], [31_000.0], [90_000.0]], np.float32)
    soft_clip(loud)
    assert np.abs(loud).max() <= 32_767
    assert loud[1, 0] < 31_000
    assert loud[0, 0] == -loud[2, 0]


def test_a_muted_talker_leaves_a_silence_that_is_no_underrun() -> None:
    mixer = Mixer()
    sent = packets(noise(16_000, 4.0), 16_000)
    heard = play({1: sent[:50] + sent[100:150]}, 3.2, mixer)
    stats = mixer.tracks[1].stats(mixer.timeline.position_ms)
    assert (stats.underruns, stats.gaps, stats.packets) == (0, 1, 100)
    loud = np.abs(heard[:, 0]).reshape(-1, BLOCK).max(axis=1) > 0
    assert loud.sum() == pytest.approx(200, abs=4)


def test_a_late_packet_is_an_underrun() -> None:
    mixer = Mixer()
    sent = packets(noise(16_000, 1.0), 16_000)
    for number, (ts, data) in enumerate(sent[:20]):
        mixer.push(Packet(1, data, ts, 5 + 0.02 * number, L16))
        mixer.render(5 + 0.02 * number)
        mixer.render(5.01 + 0.02 * number)
    for number in range(10):  # 100 ms of nothing
        mixer.render(5.4 + 0.01 * number)
    for ts, data in sent[20:26]:
        mixer.push(Packet(1, data, ts, 5.5, L16))
    stats = mixer.tracks[1].stats(mixer.timeline.position_ms)
    assert stats.underruns == 1
    assert 40 <= stats.late_ms <= 80
    assert stats.gaps == 0


def test_a_jump_of_the_timeline_cross_fades() -> None:
    mixer = Mixer()
    sent = packets(tone(16_000, 3.0, 200, peak=10_000), 16_000)
    heard = [play({1: sent[:50]}, 1.0, mixer)]
    for number, (ts, data) in enumerate(sent[50:70]):  # the route is 400 ms shorter from now on
        mixer.push(Packet(1, data, ts, 6.0 + number * 0.001, L16))
    for number in range(10):
        heard.append(mixer.render(6.02 + number * 0.01)[0])
    assert mixer.timeline.skips == 1
    steps = np.abs(np.diff(np.concatenate(heard)[24_000:, 0].astype(int)))
    assert steps.max() < 2.5 * 10_000 * 2 * np.pi * 200 / 48_000


def test_without_a_handshake_the_format_is_guessed() -> None:
    mixer = Mixer()
    heard = play({1: packets(noise(48_000, 2.0), 48_000)}, 2.1, mixer, audio_format=None)
    assert mixer.tracks[1].format == AudioFormat(Codec.L16, 48_000)
    source = upsampled(noise(48_000, 2.0), 48_000)[4800:]
    assert window_correlations(heard[:, 0].astype(np.float64), source, search=24).min() > 0.99


def test_packets_without_timestamps_follow_each_other() -> None:
    mixer, source = Mixer(), noise(16_000, 4.0)
    blocks = []
    for number, (_, data) in enumerate(packets(source, 16_000)):
        late = 0.015 if number % 3 == 1 else 0.0
        came = EPOCH + 20 * number + int(late * 1000)
        mixer.push(Packet(1, data, came, 5 + 0.02 * number + late, L16, timed=False))
        blocks += [mixer.render(5 + 0.02 * number + step)[0] for step in (0.0, 0.01)]
    heard = np.concatenate(blocks)[:, 0].astype(np.float64)
    assert mixer.tracks[1].gaps == 0
    assert window_correlations(heard, upsampled(source, 16_000), search=24).min() > 0.99


def test_the_number_of_talkers_is_bounded() -> None:
    mixer = Mixer()
    for user in range(MAX_TALKERS + 5):
        mixer.push(Packet(user, b"\0" * 640, EPOCH + user, 5.0 + user / 1000, L16))
    assert set(mixer.tracks) == set(range(5, MAX_TALKERS + 5))
    mixer.render(5.1)


def test_the_format_may_change_in_the_stream() -> None:
    mixer = Mixer()
    play({1: packets(noise(16_000, 0.5), 16_000)}, 0.5, mixer)
    mixer.push(Packet(1, b"\x55" * 160, EPOCH + 500, 5.5, AudioFormat(Codec.G711, 8_000)))
    mixer.render(5.51)
    assert mixer.tracks[1].format.rate == 8_000


@pytest.mark.parametrize(
    ("name", "audio_format", "frame"),
    [("pcm_alaw", AudioFormat(Codec.G711, 8_000), 160), ("libopus", AudioFormat(Codec.OPUS, 48_000), 960)],
)
def test_codecs_reach_the_mix(name: str, audio_format: AudioFormat, frame: int) -> None:
    source = noise(audio_format.rate, 2.0, band=0.1)
    sent = [(EPOCH + 20 * n, data) for n, data in enumerate(encode(name, source, audio_format.rate, frame))]
    heard = play({1: sent}, 2.0, audio_format=audio_format)[:, 0].astype(np.float64)
    assert np.median(window_correlations(heard, upsampled(source, audio_format.rate), search=24)) > 0.95
