"""FLAC on the session's clock: samples as received at their place, zeros in every hole, each with its reason."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtms_desktop.recording.audio_track import AT_ONCE_S, MAX_HOLE_MS, MAX_WAITING, PART_S, AudioTrackWriter
from rtms_desktop.recording.tracks import runs_of
from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import AudioParams
from tests.recording import material as m

L16 = AudioParams()


def write(folder: Path, chunks: list[tuple[bytes, int]], params: AudioParams = L16) -> tuple[AudioTrackWriter, m.Lines]:
    holes = m.Lines()
    writer = AudioTrackWriter(folder, "7", params, holes)
    for data, ms in chunks:
        writer.add(data, ms)
    writer.close()
    return writer, holes


def pieces(samples: np.ndarray, size: int = 320) -> list[bytes]:
    return [samples[start : start + size].tobytes() for start in range(0, len(samples), size)]


def test_samples_stand_at_their_place_with_zeros_in_the_holes(tmp_path: Path) -> None:
    sound = m.tone(3200)
    chunks = pieces(sound)
    stamps = [100, 120, 140, 160, 180, 400, 420, 440, 460, 480]
    writer, holes = write(tmp_path, list(zip(chunks, stamps, strict=True)))
    expected = np.zeros(500 * 16, np.int16)
    expected[1600:3200], expected[6400:8000] = sound[:1600], sound[1600:]
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), expected)
    assert holes.rows == [(writer.paths[0], 16_000, 0, 1600), (writer.paths[0], 16_000, 3200, 3200)]


def test_a_jitter_of_stamps_is_no_hole(tmp_path: Path) -> None:
    sound = m.tone(3200)
    _, holes = write(tmp_path, [(c, n * 20 + (n % 3 - 1) * 6) for n, c in enumerate(pieces(sound))])
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound) and not holes.rows


def test_what_comes_twice_is_written_once(tmp_path: Path) -> None:
    sound = m.tone(1600)
    chunks = list(zip(pieces(sound), range(0, 100, 20), strict=True))
    writer, _ = write(tmp_path, [*chunks[:3], *chunks[1:]])
    assert writer.late == 2
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound)


def test_audio_from_before_session_zero_is_cut_off_there(tmp_path: Path) -> None:
    sound = m.tone(1600)
    write(tmp_path, [(sound.tobytes(), -50)])
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound[800:])


def test_a_stamp_that_cannot_be_right_moves_nothing(tmp_path: Path) -> None:
    sound = m.tone(960)
    chunks = pieces(sound)
    writer, holes = write(tmp_path, [(chunks[0], 0), (chunks[1], MAX_HOLE_MS + 100), (chunks[2], 40)])
    assert writer.misplaced == 1 and not holes.rows
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound)


def test_what_comes_when_zeros_stand_in_its_place_is_told(tmp_path: Path) -> None:
    sound = m.tone(2560)
    chunks = pieces(sound)
    order = (0, 3, 4, 5, 6, 7, 2, 3)
    writer, lines = write(tmp_path, [(chunks[number], number * 20) for number in order])
    assert writer.late == 2
    path = tmp_path / "7.flac"
    assert lines.rows == [(path, 16_000, 320, 640)] and lines.came_late == [(path, 16_000, 640, 320)]
    assert not m.flac_samples(path)[320:960].any()


@pytest.mark.parametrize(
    "order", [(1, 0, 3, 2, 5, 4), (4, 3, 2, 1, 0, 5), (0, 2, 2, 1, 1, 3, 5, 4), (0, 1, 5, 4, 3, 2), (0, 4, 1, 3, 2, 5)]
)
def test_what_comes_out_of_order_stands_in_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    sound = m.tone(1920)
    chunks = pieces(sound)
    writer, lines = write(tmp_path, [(chunks[number], number * 20) for number in order])
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound)
    assert not lines.rows and not lines.came_late and writer.late == len(order) - 6


def test_a_hole_is_not_waited_upon_for_long(tmp_path: Path) -> None:
    lines = m.Lines()
    writer = AudioTrackWriter(tmp_path, "7", L16, lines)
    chunks = pieces(m.tone(1600))
    for number in (0, 2):
        writer.add(chunks[number], number * 20)
    writer.tick()
    writer.add(chunks[4], 80)
    assert not lines.rows
    writer.tick()
    assert lines.rows == [(writer.paths[0], 16_000, 320, 320)]
    writer.add(chunks[3], 60)  # that hole is still open
    writer.add(chunks[1], MAX_HOLE_MS + 1000)  # wrong: where it arrives
    writer.close()
    heard = m.flac_samples(writer.paths[0])
    assert np.array_equal(heard[640:], m.tone(1600)[[*range(640, 1600), *range(320, 640)]])
    assert len(lines.rows) == 1 and not lines.came_late


def test_a_long_hole_is_written_in_parts_and_nobody_waits_for_it(tmp_path: Path) -> None:
    lines = m.Lines()
    writer = AudioTrackWriter(tmp_path, "7", L16, lines)
    sound = m.tone(1600)
    start_s = 2 * PART_S + AT_ONCE_S
    for number, chunk in enumerate(pieces(sound)):
        writer.add(chunk, start_s * 1000 + number * 20)
    path = tmp_path / "7.flac"
    assert lines.rows == [(path, 16_000, 0, start_s * 16_000)]
    assert not path.exists()
    sizes = [0]
    while writer.work():
        sizes.append(path.stat().st_size)
    assert len(sizes) == 1 + 3 + 5 and sizes[0] < sizes[1] < sizes[2] < sizes[3]
    writer.add(sound.tobytes(), start_s * 1000 + 100)
    assert not writer.work()
    writer.close()
    heard = m.flac_samples(path)
    assert not heard[: start_s * 16_000].any()
    assert np.array_equal(heard[start_s * 16_000 :], np.concatenate([sound, sound]))


def test_what_waits_has_a_bound_and_the_end_waits_for_all(tmp_path: Path) -> None:
    writer = AudioTrackWriter(tmp_path, "7", L16, m.Lines())
    sound = m.tone(320 * (MAX_WAITING + 5))
    chunks = pieces(sound)
    lead = 20_000
    for number, chunk in enumerate(chunks):
        writer.add(chunk, lead + number * 20)
        assert (tmp_path / "7.flac").exists() == (number >= MAX_WAITING - 1)
    writer.close()
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac")[lead * 16 :], sound)


def test_a_new_format_begins_a_new_file_on_the_same_clock(tmp_path: Path) -> None:
    holes = m.Lines()
    writer = AudioTrackWriter(tmp_path, "7", L16, holes)
    first, second = m.tone(320), m.tone(960, seed=2)
    writer.add(first.tobytes(), 0)
    writer.set_format(AudioParams(sample_rate=3))
    writer.add(second.tobytes(), 20)
    writer.close()
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), first)
    assert np.array_equal(m.flac_samples(tmp_path / "7-2.flac"), np.concatenate([np.zeros(960, np.int16), second]))
    assert holes.rows == [(tmp_path / "7-2.flac", 48_000, 0, 960)]


def test_stereo_stays_interleaved(tmp_path: Path) -> None:
    sound = m.tone(640)
    write(tmp_path, [(sound.tobytes(), 0)], AudioParams(channel=2))
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound)
    with av.open(str(tmp_path / "7.flac")) as container:
        assert container.streams.audio[0].channels == 2


@pytest.mark.parametrize(
    ("codec", "encoder", "rate", "params"),
    [
        ("g711", "pcm_alaw", 8_000, AudioParams(codec=2, sample_rate=0)),
        ("g722", "g722", 16_000, AudioParams(codec=3, sample_rate=1)),
        ("opus", "libopus", 48_000, AudioParams(codec=4, sample_rate=3)),
    ],
)
def test_coded_audio_becomes_samples(tmp_path: Path, codec: str, encoder: str, rate: int, params: AudioParams) -> None:
    context = av.CodecContext.create(encoder, "w")
    context.sample_rate, context.layout, context.format = rate, "mono", av.AudioFormat("s16")
    context.time_base = Fraction(1, rate)
    if codec == "opus":
        context.options = {"frame_duration": "20"}
    size = rate // 50
    wave = (8000 * np.sin(np.arange(size * 50) * 2 * np.pi * 440 / rate)).astype(np.int16)
    packets = []
    for number in range(50):
        frame = av.AudioFrame.from_ndarray(wave[number * size : (number + 1) * size].reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, number * size, Fraction(1, rate)
        packets += [bytes(packet) for packet in context.encode(frame)]
    write(tmp_path, [(packet, number * 20) for number, packet in enumerate(packets)], params)
    with av.open(str(tmp_path / "7.flac")) as container:
        assert container.streams.audio[0].rate == rate
    heard = m.flac_samples(tmp_path / "7.flac").astype(float)
    assert abs(len(heard) - len(wave)) <= 2 * size
    # The codecs delay by a few milliseconds: the best shift counts.
    middle = heard[size * 10 : size * 40]
    best = max(
        np.corrcoef(middle, wave[size * 10 - shift : size * 40 - shift])[0, 1] for shift in range(0, size * 2, 2)
    )
    assert best > 0.99


@pytest.mark.parametrize("codec", [1, 2, 3, 4, 99])
def test_garbage_is_no_sound(tmp_path: Path, codec: int) -> None:
    params = AudioParams(codec=codec, sample_rate=3)
    writer, _ = write(tmp_path, [(b"", 0), (b"\xff", 20), (b"\xff" * 7, 40), (bytes(960 * 2), 60)], params)
    assert len(writer.paths) <= 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_any_pattern_of_holes(tmp_path: Path, pattern: list[tuple[int, bool]]) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    sound, place, chunks = m.tone(320 * len(pattern)), 0, []
    expected = np.zeros(320 * 6 * len(pattern), np.int16)
    for (skip, doubled), start in zip(pattern, range(0, len(sound), 320), strict=True):
        place += skip
        expected[place * 320 : place * 320 + 320] = sound[start : start + 320]
        chunks += [(sound[start : start + 320].tobytes(), place * 20)] * (2 if doubled else 1)
        place += 1
    _, holes = write(folder, chunks)
    assert np.array_equal(m.flac_samples(folder / "7.flac"), expected[: place * 320])
    assert sum(int(str(row[3])) for row in holes.rows) == 320 * sum(skip for skip, _ in pattern)


def gap(start: int, end: int | None, reason: GapReason) -> Gap:
    return Gap(medium=Medium.AUDIO, user_id=7, start_ms=start, end_ms=end, reason=reason)


def test_a_hole_with_several_reasons_is_told_in_runs() -> None:
    known = [gap(130, 160, GapReason.SOCKET_DOWN), gap(100, 120, GapReason.PAUSE), gap(180, None, GapReason.MUTE)]
    assert runs_of(known, 100, 200) == [
        (100, 120, GapReason.PAUSE),
        (120, 130, GapReason.SILENCE),
        (130, 160, GapReason.SOCKET_DOWN),
        (160, 180, GapReason.SILENCE),
        (180, 200, GapReason.MUTE),
    ]
    assert runs_of([], 5, 9) == [(5, 9, GapReason.SILENCE)]
    assert runs_of([gap(0, 50, GapReason.MUTE), gap(20, 60, GapReason.PAUSE)], 10, 40) == [(10, 40, GapReason.MUTE)]


def test_what_was_flushed_is_in_the_file_before_it_is_closed(tmp_path: Path) -> None:
    sound = m.tone(3200)
    writer = AudioTrackWriter(tmp_path, "7", L16, m.Lines())
    for place, data in enumerate(pieces(sound)):
        writer.add(data, place * 20)
    assert not (tmp_path / "7.flac").exists()
    writer.flush()
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound)
    writer.flush()
    writer.close()
    assert np.array_equal(m.flac_samples(tmp_path / "7.flac"), sound)
