"""Timestamps that leap: one alone is put where it arrived, a clock that was set is followed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rtms_desktop.recording.bundle_writer import BundleWriter
from rtms_desktop.recording.inbox import SessionEvents
from rtms_desktop.recording.stamps import AGREED, TOLERANCE_MS, Stamps
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m

HOUR_MS = 3_600_000


def test_what_is_near_the_clock_stays_as_it_is() -> None:
    stamps = Stamps()
    stamps.anchor(m.ZERO_MS, 1000.0)
    for step, off in enumerate((0, 40, -60_000, 30, TOLERANCE_MS - 100)):
        stamp = m.ZERO_MS + step * 20 + off
        assert stamps.settle(stamp, 1000.0 + step * 0.02) == stamp
    assert stamps.corrected == 0


def test_a_clock_that_runs_fast_is_followed() -> None:
    stamps = Stamps()
    for second in range(0, 7200, 60):
        assert stamps.settle(m.ZERO_MS + second * 2000, 50.0 + second) == m.ZERO_MS + second * 2000
    assert stamps.corrected == 0


def test_a_leap_is_an_error_until_many_agree() -> None:
    stamps = Stamps()
    assert stamps.settle(m.ZERO_MS, 10.0) == m.ZERO_MS
    assert stamps.settle(m.ZERO_MS + 5 * HOUR_MS, 10.02) == m.ZERO_MS + 20
    assert stamps.settle(m.ZERO_MS + 40, 10.04) == m.ZERO_MS + 40
    assert stamps.corrected == 1
    settled = [stamps.settle(m.ZERO_MS + HOUR_MS + n * 20, 20.0 + n * 0.02) for n in range(AGREED + 2)]
    assert settled[0] == m.ZERO_MS + 10_000
    assert settled[AGREED - 1 :] == [m.ZERO_MS + HOUR_MS + n * 20 for n in range(AGREED - 1, AGREED + 2)]
    assert stamps.corrected == AGREED


def test_a_clock_set_back_goes_on_where_it_was_and_may_be_set_right_again() -> None:
    stamps = Stamps()
    stamps.anchor(m.ZERO_MS, 0.0)
    back = [stamps.settle(m.ZERO_MS - HOUR_MS + n * 20, n * 0.02) for n in range(AGREED * 2)]
    assert back == [m.ZERO_MS + n * 20 for n in range(AGREED * 2)]
    assert stamps.corrected == AGREED - 1
    right = [stamps.settle(m.ZERO_MS + 1000 + n * 20, 1 + n * 0.02) for n in range(AGREED * 2)]
    assert right == [m.ZERO_MS + 1000 + n * 20 for n in range(AGREED * 2)]
    assert stamps.corrected == 2 * (AGREED - 1)


def sound_of(folder: Path, stamps: list[int], arrivals: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """(sent, written) samples of 20 ms blocks; stamps in ms after zero, arrivals in seconds after it."""
    writer = BundleWriter(folder / "x.rtmsrec", m.info(), 1000.0)
    writer.write(SessionEvents([m.zero()]))
    sound = m.tone(320 * len(stamps))
    for number, (stamp, arrival) in enumerate(zip(stamps, arrivals, strict=True)):
        data = sound[number * 320 : number * 320 + 320].tobytes()
        writer.write(SessionEvents([m.media(Medium.AUDIO, data, stamp, at=1000.0 + arrival)]))
    assert writer.finish(None) == []
    return sound, m.flac_samples(writer.folder / f"audio/{m.ANN}.flac")


def test_a_wrong_stamp_in_a_burst_costs_no_sound(tmp_path: Path) -> None:
    """Ten blocks arrive at once: the time of arrival says no better than half a second where one belongs."""
    stamps = [n * 20 + (5 * HOUR_MS if n % 7 == 3 else 0) for n in range(50)]
    sent, written = sound_of(tmp_path, stamps, [n // 10 * 0.2 + 0.2 for n in range(50)])
    assert np.array_equal(written, sent)


def test_sound_goes_on_when_the_clock_is_set_back(tmp_path: Path) -> None:
    stamps = [n * 20 - (HOUR_MS if n >= 50 else 0) for n in range(150)]
    sent, written = sound_of(tmp_path, stamps, [n * 0.02 for n in range(150)])
    assert np.array_equal(written, sent)


def test_one_wrong_stamp_ends_neither_sound_nor_pictures(tmp_path: Path) -> None:
    """Five hours ahead: the sound would be zeros from here to there, and all that follows too late."""
    writer = BundleWriter(tmp_path / "x.rtmsrec", m.info(), 1000.0)
    writer.write(SessionEvents([m.zero()]))
    sound, units = m.tone(16_000), m.clip()
    for number in range(25):
        ms = number * 40
        stamp = ms + (5 * HOUR_MS if number == 10 else 0)
        data = sound[number * 640 : number * 640 + 640].tobytes()
        at = 1000.0 + ms / 1000
        video = m.media(Medium.VIDEO, units[number], stamp, at=at)
        writer.write(SessionEvents([m.media(Medium.AUDIO, data, stamp, at=at), video]))
    assert writer.finish(None) == []
    assert np.array_equal(m.flac_samples(writer.folder / f"audio/{m.ANN}.flac"), sound)
    assert [ms for ms, _ in m.mkv_packets(writer.folder / f"video/{m.ANN}-1.mkv")] == [n * 40 for n in range(25)]
    assert any("cannot be right" in problem for problem in writer.track_problems)


def test_who_is_first_heard_after_twenty_minutes_stands_there(tmp_path: Path) -> None:
    """That is no error, as the clock ran with it; the long silence is written when there is time."""
    writer = BundleWriter(tmp_path / "x.rtmsrec", m.info(), 1000.0)
    late_s = 20 * 60
    writer.write(SessionEvents([m.zero()]))
    # Somebody else has been heard all the time; here each minute.
    for second in range(0, late_s, 60):
        data = bytes(640)
        writer.write(SessionEvents([m.media(Medium.VIDEO, data, second * 1000, m.BOB, at=1000.0 + second)]))
    sound = m.tone(320)
    writer.write(SessionEvents([m.media(Medium.AUDIO, sound.tobytes(), late_s * 1000, at=1000.0 + late_s)]))
    path = writer.folder / f"audio/{m.ANN}.flac"
    assert not path.exists()
    writer.sync()
    writer.sync()  # what belongs before it would have come by now
    writer.work()
    assert path.stat().st_size > 0
    writer.abandon()
    row = (writer.folder / "gaps.csv").read_text().splitlines()[-1].split(",")
    assert row[5:] == ["0", str(late_s * 16_000), "silence"]
    heard = m.flac_samples(path)
    assert len(heard) == late_s * 16_000 + 320
    assert np.array_equal(heard[-320:], sound)
