"""Payloads to samples."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from rtms_desktop.media.pcm import AudioFormat, PcmDecoder, format_of, guess_format
from rtms_desktop.wire.enums import Codec
from rtms_desktop.wire.messages import AudioParams
from tests.media.sounds import encode, lag_of, noise, tone


def test_l16_is_little_endian_and_interleaved() -> None:
    assert PcmDecoder(AudioFormat()).decode(b"\x01\x00\xff\x7f\x00\x80").tolist() == [[1], [32767], [-32768]]
    stereo = PcmDecoder(AudioFormat(channels=2)).decode(b"\x01\x00\x02\x00\x03\x00\x04\x00")
    assert stereo.tolist() == [[1, 2], [3, 4]]


def test_a_payload_that_ends_inside_a_sample_is_counted_and_used() -> None:
    decoder = PcmDecoder(AudioFormat(channels=2))
    assert decoder.decode(b"\x01\x00\x02\x00\x03").tolist() == [[1, 2]]
    assert decoder.errors == 1
    assert PcmDecoder(AudioFormat()).decode(b"").shape == (0, 1)


@pytest.mark.parametrize(("law", "function"), [("a", "alaw2lin"), ("mu", "ulaw2lin")])
def test_g711_agrees_with_the_reference_tables(law: str, function: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="left the standard library in Python 3.13")
    every = bytes(range(256))
    decoded = PcmDecoder(AudioFormat(Codec.G711, 8000, law=law)).decode(every)
    assert decoded[:, 0].tolist() == np.frombuffer(getattr(audioop, function)(every, 2), np.int16).tolist()


@pytest.mark.parametrize(
    ("name", "audio_format", "frame", "limit"),
    [
        ("pcm_alaw", AudioFormat(Codec.G711, 8_000), 160, 0.999),
        ("pcm_mulaw", AudioFormat(Codec.G711, 8_000, law="mu"), 160, 0.999),
        ("g722", AudioFormat(Codec.G722, 16_000), 320, 0.97),
        ("libopus", AudioFormat(Codec.OPUS, 48_000), 960, 0.95),
    ],
)
def test_codecs_sound_like_their_source(name: str, audio_format: AudioFormat, frame: int, limit: float) -> None:
    source = noise(audio_format.rate, 1.0, band=0.1)
    decoder = PcmDecoder(audio_format)
    blocks = [decoder.decode(payload) for payload in encode(name, source, audio_format.rate, frame)]
    assert {block.shape for block in blocks} == {(frame, 1)}
    heard = np.concatenate(blocks)[:, 0].astype(np.float64)
    wanted = source[:, 0].astype(np.float64)[: len(heard)]
    lag = lag_of(heard, wanted[: len(wanted) // 2])
    assert lag < audio_format.rate * 0.02
    assert np.corrcoef(heard[lag:], wanted[: len(heard) - lag])[0, 1] > limit
    assert decoder.errors == 0


def test_stereo_opus_keeps_its_sides() -> None:
    left, right = tone(48_000, 0.5, 440), tone(48_000, 0.5, 1000, peak=4000)
    decoder = PcmDecoder(AudioFormat(Codec.OPUS, 48_000, 2))
    payloads = encode("libopus", np.hstack([left, right]), 48_000, 960, "stereo")
    heard = np.concatenate([decoder.decode(payload) for payload in payloads]).astype(np.float64)
    assert heard.shape[1] == 2
    assert heard[4800:, 0].std() == pytest.approx(16_384 / 2**0.5, rel=0.1)
    assert heard[4800:, 1].std() == pytest.approx(4000 / 2**0.5, rel=0.1)


@pytest.mark.parametrize("codec", [Codec.OPUS, Codec.G722])
def test_junk_and_nothing_are_counted_and_do_not_end_the_stream(codec: Codec) -> None:
    rate = {Codec.OPUS: 48_000, Codec.G722: 16_000}[codec]
    name, frame = {Codec.OPUS: ("libopus", 960), Codec.G722: ("g722", 320)}[codec]
    decoder = PcmDecoder(AudioFormat(codec, rate))
    payloads = encode(name, noise(rate, 0.2, band=0.1), rate, frame)
    decoder.decode(payloads[0])
    decoder.decode(b"")
    decoder.decode(b"\xff" * 7)
    assert decoder.errors >= 1
    assert len(decoder.decode(payloads[1])) == frame


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (AudioParams(), AudioFormat(Codec.L16, 16_000, 1)),
        (AudioParams(sample_rate=3, channel=2), AudioFormat(Codec.L16, 48_000, 2)),
        (AudioParams(codec=2, sample_rate=1), AudioFormat(Codec.G711, 8_000, 1)),
        (AudioParams(codec=3), AudioFormat(Codec.G722, 16_000, 1)),
        (AudioParams(codec=4, sample_rate=3, channel=2), AudioFormat(Codec.OPUS, 48_000, 2)),
        (AudioParams(codec=99, sample_rate=99, channel=99), AudioFormat(Codec.L16, 16_000, 1)),
        (AudioParams(codec=7), AudioFormat(Codec.L16, 16_000, 1)),
    ],
)
def test_what_was_granted(params: AudioParams, expected: AudioFormat) -> None:
    assert format_of(params) == expected


@pytest.mark.parametrize(
    ("size", "step_ms", "expected"),
    [
        (640, 20, AudioFormat(Codec.L16, 16_000)),
        (3200, 100, AudioFormat(Codec.L16, 16_000)),
        (320, 20, AudioFormat(Codec.L16, 8_000)),
        (1920, 20, AudioFormat(Codec.L16, 48_000)),
        (3840, 20, AudioFormat(Codec.L16, 48_000, 2)),
        (160, 20, AudioFormat(Codec.G711, 8_000)),
        (641, 20, None),
        (640, 0, None),
        (640, -20, None),
    ],
)
def test_what_can_be_guessed(size: int, step_ms: int, expected: AudioFormat | None) -> None:
    assert guess_format(size, step_ms) == expected
