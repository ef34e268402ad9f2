"""Voices, turns and beeps, and that every codec carries them."""

from __future__ import annotations

import av
import numpy as np
import pytest

from rtms_desktop.mock_server.sources.barcode import read_mark
from rtms_desktop.mock_server.sources.base import AudioFormat, MediaStream, PictureFormat
from rtms_desktop.mock_server.sources.pattern import PatternSource
from rtms_desktop.mock_server.sources.script import Script
from rtms_desktop.mock_server.sources.voice import BEEP_MS, Voice
from rtms_desktop.wire.enums import Codec

RAW_BYTES = {(8000, 1): 320, (16000, 1): 640, (32000, 1): 1280, (48000, 1): 1920, (48000, 2): 3840}


def open_audio(form: AudioFormat, people: int = 3) -> MediaStream:
    stream = PatternSource(people).audio(form, 0)
    stream.seek(1000)
    return stream


def l16(rate: int = 16000, channels: int = 1, block_ms: int = 20, mixed: bool = True) -> AudioFormat:
    return AudioFormat(Codec.L16, rate, channels, block_ms, mixed)


def collect(stream: MediaStream, blocks: int) -> bytes:
    return b"".join(unit.data for _ in range(blocks) for unit in stream.take())


def tone(samples: np.ndarray, rate: int, hertz: float) -> float:
    """Amplitude of one frequency."""
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / rate)
    return float(2 * abs(np.mean(samples * wave)))


@pytest.mark.parametrize(("rate", "channels"), RAW_BYTES)
@pytest.mark.parametrize("block_ms", [20, 100, 1000])
def test_l16_has_the_documented_size(rate: int, channels: int, block_ms: int) -> None:
    (unit,) = open_audio(l16(rate, channels, block_ms)).take()
    assert len(unit.data) == RAW_BYTES[rate, channels] * block_ms // 20
    assert (unit.user_id, unit.user_name, unit.timestamp) == (0, "", 1000)


def test_all_rates_carry_the_same_voice() -> None:
    """The spectrum below 3 kHz does not depend on the rate."""
    spectra = []
    for rate in (8000, 16000, 32000, 48000):
        samples = np.frombuffer(collect(open_audio(l16(rate)), 150), "<i2").astype(float)
        spectra.append(np.abs(np.fft.rfft(samples))[: 3 * 3000] / rate)
    for spectrum in spectra[1:]:
        assert np.corrcoef(spectra[0], spectrum)[0, 1] > 0.98


@pytest.mark.parametrize(
    ("codec", "name", "rate", "channels", "size"),
    [
        (Codec.G711, "pcm_alaw", 8000, 1, 160),
        (Codec.G722, "g722", 16000, 1, 160),
        (Codec.OPUS, "opus", 48000, 1, None),
        (Codec.OPUS, "opus", 48000, 2, None),
    ],
)
def test_coded_audio_decodes_to_the_source(codec: Codec, name: str, rate: int, channels: int, size: int | None) -> None:
    coded = open_audio(AudioFormat(codec, rate, channels, 20, True))
    plain = np.frombuffer(collect(open_audio(l16(rate)), 200), "<i2").astype(float)
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = rate, "stereo" if channels == 2 else "mono"
    heard = []
    for number in range(200):
        (unit,) = coded.take()
        assert unit.timestamp == 1000 + 20 * number
        assert size is None or len(unit.data) == size
        frames = decoder.decode(av.Packet(unit.data))
        assert sum(frame.samples for frame in frames) in (rate // 50, rate // 50 - 312)  # Opus skips its lead-in
        for frame in frames:
            samples = frame.to_ndarray()
            heard.append(samples[0] if frame.format.is_planar else samples.reshape(-1, channels)[:, 0])
    sound = np.concatenate(heard).astype(float)
    # Codecs delay by a few milliseconds: compare at the best shift.
    best = _best_correlation(plain, sound)
    assert best > (0.9 if codec is Codec.OPUS else 0.98)


def _best_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """The highest correlation of the middle of one with the other, shifted by up to 20 ms of 48 kHz."""
    part = one[5000:20000]
    return max(float(np.corrcoef(part, other[5000 + shift : 20000 + shift])[0, 1]) for shift in range(-960, 961, 1))


def test_only_who_speaks_sends_in_multi() -> None:
    script = Script(PatternSource(3).people)
    stream = PatternSource(3).audio(l16(mixed=False), 0)
    heard: dict[int, list[int]] = {}
    for _ in range(60_000 // 20):
        for unit in stream.take():
            heard.setdefault(unit.user_id, []).append(unit.timestamp)
    for index, person in enumerate(script.people):
        wanted = {
            at for at in range(0, 60_000, 20) if any(turn.index == index for turn in script.turns(at, at + 20 - 1 / 16))
        }
        assert set(heard[person.user_id]) == wanted
    simultaneous = set(heard[script.people[2].user_id]) & set(heard[script.people[0].user_id])
    assert simultaneous  # somebody cuts in


def test_the_voice_is_loud_enough_and_does_not_clip() -> None:
    samples = np.frombuffer(collect(open_audio(l16()), 200), "<i2").astype(float) / 32768
    loud = np.sqrt(np.mean(samples**2))
    assert 0.05 < loud < 0.3 and np.abs(samples).max() < 0.99


def test_voices_differ_in_pitch() -> None:
    def pitch(index: int) -> float:
        samples = Voice(index).samples(16000, 0, 16000 * 6).reshape(-1, 960)
        loud = [part for part in samples if np.sqrt(np.mean(part**2)) > 0.08]
        lags = [int(np.argmax(np.correlate(part, part, "full")[959 + 50 : 959 + 270])) + 50 for part in loud]
        return 16000 / float(np.median(lags))

    assert pitch(0) > pitch(1) * 1.4


def test_beep_and_white_square_stand_in_the_same_frame() -> None:
    source = PatternSource(2)
    sound = source.audio(l16(), 0)
    quiet = PatternSource(2, beeps=False).audio(l16(), 0)
    video = source.video(source.people[0].user_id, PictureFormat(Codec.H264, 640, 360, 25), 0)
    assert video is not None
    decoder = av.CodecContext.create("h264", "r")
    for second in range(1, 4):
        for stream in (sound, quiet, video):
            stream.seek(second * 1000)
        (first,) = decoder.decode(av.Packet(video.take()[0].data))
        (next_one,) = decoder.decode(av.Packet(video.take()[0].data))
        assert read_mark(first.to_ndarray()[:360]) and not read_mark(next_one.to_ndarray()[:360])
        difference = np.frombuffer(collect(sound, 50), "<i2").astype(float) - np.frombuffer(collect(quiet, 50), "<i2")
        beep, rest = np.split(difference, [16 * BEEP_MS])
        assert tone(beep, 16000, 1000) > 0.04 * 32768
        assert np.abs(rest).max() <= 1
