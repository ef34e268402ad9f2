"""Holes of one track, by timestamps and by the clock."""

from __future__ import annotations

import pytest

from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.session.gaps import TrackGaps
from rtms_desktop.wire.enums import Medium

SILENCE, MUTE, PAUSE, DOWN = GapReason.SILENCE, GapReason.MUTE, GapReason.PAUSE, GapReason.SOCKET_DOWN


def gap(start: int, end: int | None, reason: GapReason) -> Gap:
    return Gap(medium=Medium.AUDIO, user_id=7, start_ms=start, end_ms=end, reason=reason)


@pytest.fixture
def track() -> TrackGaps:
    """Its last unit covers 980-1000 ms and arrived at 10.0 s."""
    found = TrackGaps(Medium.AUDIO, 7, 100)
    assert found.unit(980, 20.0, 10.0) == []
    return found


def test_units_that_follow_each_other_leave_no_gap(track: TrackGaps) -> None:
    for step in range(50):
        assert track.unit(1000 + step * 20, 20.0, 10.02 + step * 0.02) == []


@pytest.mark.parametrize(("start", "told"), [(1099, []), (1100, [gap(1000, None, SILENCE), gap(1000, 1100, SILENCE)])])
def test_small_holes_are_none(track: TrackGaps, start: int, told: list[Gap]) -> None:
    assert track.unit(start, 20.0, 10.1) == told


def test_slow_media_need_a_larger_hole(track: TrackGaps) -> None:
    assert track.unit(1000 + 290, 200.0, 10.3) == []
    assert len(track.unit(1290 + 200 + 300, 200.0, 10.8)) == 2


def test_overlapping_units_are_no_gap(track: TrackGaps) -> None:
    assert track.unit(985, 20.0, 10.02) == []


def test_a_stall_opens_a_gap_before_its_end_is_known(track: TrackGaps) -> None:
    assert track.deadline() == 11.0
    assert track.tick(10.9) == []
    assert track.tick(11.0) == [gap(1000, None, SILENCE)]
    assert track.deadline() is None
    assert track.tick(12.0) == []
    assert track.unit(5000, 20.0, 14.0) == [gap(1000, 5000, SILENCE)]
    assert track.open is None


def test_a_stall_whose_media_come_after_all_was_no_gap(track: TrackGaps) -> None:
    track.tick(11.0)
    assert track.unit(1000, 20.0, 12.5) == [gap(1000, 1000, SILENCE)]


@pytest.mark.parametrize("reason", [MUTE, PAUSE, DOWN])
def test_a_hole_is_explained_by_what_happened_in_it(track: TrackGaps, reason: GapReason) -> None:
    assert track.circumstances(reason, 10.2) == []
    assert track.circumstances(SILENCE, 10.6) == []
    assert track.unit(1700, 20.0, 10.7) == [gap(1000, None, reason), gap(1000, 1700, reason)]
    assert track.unit(2720, 20.0, 11.7)[1].reason is SILENCE


def test_the_stronger_reason_explains_a_short_hole(track: TrackGaps) -> None:
    track.circumstances(DOWN, 10.1)
    track.circumstances(PAUSE, 10.2)
    assert track.unit(1500, 20.0, 10.5)[0].reason is DOWN


def test_the_same_circumstances_change_nothing(track: TrackGaps) -> None:
    track.tick(11.0)
    assert track.circumstances(SILENCE, 12.0) == []


def test_an_open_gap_is_split_where_its_reason_changes(track: TrackGaps) -> None:
    track.tick(11.0)
    assert track.circumstances(DOWN, 13.0) == [gap(1000, 4000, SILENCE), gap(4000, None, DOWN)]
    assert track.circumstances(SILENCE, 15.0) == []
    assert track.deadline() == 16.0
    assert track.tick(15.9) == []
    assert track.tick(16.0) == [gap(4000, 6000, DOWN), gap(6000, None, SILENCE)]
    assert track.unit(9000, 20.0, 18.0) == [gap(6000, 9000, SILENCE)]


def test_media_that_return_with_the_socket_leave_one_gap(track: TrackGaps) -> None:
    track.circumstances(DOWN, 10.01)
    assert track.tick(11.0) == [gap(1000, None, DOWN)]
    track.circumstances(SILENCE, 12.0)
    assert track.unit(3100, 20.0, 12.1) == [gap(1000, 3100, DOWN)]


def test_a_split_too_small_to_be_a_gap_takes_the_new_reason(track: TrackGaps) -> None:
    track.circumstances(MUTE, 10.01)
    track.tick(11.0)
    track.open = gap(1000, None, SILENCE)
    assert track.circumstances(DOWN, 10.05) == [gap(1000, 1000, SILENCE), gap(1000, None, DOWN)]


def test_media_from_before_a_split_withdraw_its_second_half(track: TrackGaps) -> None:
    track.tick(11.0)
    track.circumstances(DOWN, 13.0)
    assert track.unit(3000, 20.0, 14.0) == [gap(4000, 4000, DOWN)]


def test_a_retired_track_closes_its_gap_and_begins_anew(track: TrackGaps) -> None:
    track.tick(11.0)
    assert track.retire(14.0) == [gap(1000, 5000, SILENCE)]
    assert track.deadline() is None
    assert track.tick(99.0) == []
    assert track.retire(15.0) == []
    assert track.unit(90_000, 20.0, 99.0) == []


def test_before_its_first_unit_a_track_has_no_gap() -> None:
    track = TrackGaps(Medium.VIDEO, 7, 100, DOWN)
    assert track.deadline() is None
    assert track.tick(100.0) == []
