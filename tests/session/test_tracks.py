"""Figures of one track, with numbers worked out by hand."""

from __future__ import annotations

import pytest

from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.session.tracks import LONGEST_HOLE_MS, TrackStats
from rtms_desktop.wire.enums import Medium


def audio(step_ms: float = 20.0) -> TrackStats:
    return TrackStats(medium=Medium.AUDIO, user_id=7, step_ms=step_ms)


def gap(start: int, end: int | None, reason: GapReason) -> Gap:
    return Gap(medium=Medium.AUDIO, user_id=7, start_ms=start, end_ms=end, reason=reason)


def test_counts_and_times() -> None:
    track = audio()
    for number in range(5):
        assert track.add(1000 + number * 20, 640, 1 + number * 0.02) == ""
    assert (track.count, track.bytes, track.first_ms, track.last_ms, track.last_at) == (5, 3200, 1000, 1080, 1.08)


def test_a_steady_flow_has_no_jitter() -> None:
    track = audio()
    for number in range(50):
        track.add(number * 20, 640, number * 0.02)
    assert track.jitter_ms == pytest.approx(0, abs=1e-9)


def test_jitter_is_that_of_rfc_3550() -> None:
    track = audio()
    track.add(0, 1, 0.0)
    track.add(20, 1, 0.036)  # 16 ms late: J = 16/16
    assert track.jitter_ms == pytest.approx(1.0)
    track.add(40, 1, 0.056)  # on time after that: J = 1 - 1/16
    assert track.jitter_ms == pytest.approx(1 - 1 / 16)


def test_the_step_is_the_median_of_what_was_seen() -> None:
    track = audio(20.0)
    track.add(0, 1, 0.0)
    for number, timestamp in enumerate((100, 200)):
        track.add(timestamp, 1, number)
        assert track.step_ms == 20.0
    track.add(300, 1, 3)
    assert track.step_ms == 100.0
    track.add(900, 1, 4)  # one hole changes nothing
    assert track.step_ms == 100.0
    track.add(900, 1, 4)  # nor do two units of one time
    assert track.step_ms == 100.0


def test_a_late_packet_does_not_move_the_track() -> None:
    track = audio()
    track.add(1000, 1, 1.0)
    assert track.add(980, 1, 1.1) == "late"
    assert (track.late, track.last_ms, track.last_at, track.count) == (1, 1000, 1.1, 2)
    assert track.add(1020, 1, 1.2) == ""


def test_a_clock_that_is_set_back_is_followed() -> None:
    track = audio()
    track.add(1000, 1, 1.0)
    assert track.add(799, 1, 1.1) == "clock_back"
    assert track.last_ms == 799
    assert track.add(819, 1, 1.2) == ""


def test_a_clock_that_jumps_is_followed() -> None:
    track = audio()
    track.add(1000, 1, 1.0)
    assert track.add(1000 + LONGEST_HOLE_MS, 1, 1.1) == ""
    assert track.add(1001 + 2 * LONGEST_HOLE_MS, 1, 1.2) == "clock_jump"
    assert track.last_ms == 1001 + 2 * LONGEST_HOLE_MS


def test_text_may_come_in_any_order() -> None:
    track = TrackStats(medium=Medium.TRANSCRIPT, user_id=7)
    track.add_text(2000, 5, 1.0)
    track.add_text(1000, 5, 2.0)
    assert (track.count, track.bytes, track.first_ms, track.last_ms, track.late) == (2, 10, 2000, 1000, 0)


def test_lost_units_are_those_of_a_broken_socket_not_those_of_silence() -> None:
    track = audio()
    track.note_holes([gap(0, 400, GapReason.SOCKET_DOWN)], 400, 100)
    assert (track.gaps, track.lost) == (1, 20)
    track.note_holes([gap(0, 400, GapReason.SILENCE), gap(500, 500, GapReason.SOCKET_DOWN)], 400, 100)
    assert (track.gaps, track.lost) == (2, 20)


@pytest.mark.parametrize(("hole", "lost"), [(0.0, 0), (9.0, 0), (20.0, 1), (60.0, 3), (100.0, 0), (-20.0, 0)])
def test_audio_packets_missing_in_a_small_hole_are_lost(hole: float, lost: int) -> None:
    track = audio()
    track.note_holes([], hole, 100)
    assert track.lost == lost


def test_video_is_not_expected_to_step_like_a_clock() -> None:
    track = TrackStats(medium=Medium.VIDEO, user_id=7, step_ms=40.0)
    track.note_holes([], 80.0, 100)
    assert track.lost == 0


def test_without_a_step_nothing_is_lost() -> None:
    track = audio(0.0)
    track.note_holes([gap(0, 400, GapReason.SOCKET_DOWN)], 400, 100)
    assert (track.gaps, track.lost) == (1, 0)
