"""When pictures are shown."""

from __future__ import annotations

import itertools

import av
import pytest

from rtms_desktop.media.access_units import AccessUnit
from rtms_desktop.media.decoding import Picture
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.presentation import FREE_MAX_MS, FREE_MIN_MS, MAX_HELD, DueTimes, Held, HeldPictures

EPOCH = 1_700_000_000_000
PICTURE = Picture(av.VideoFrame(16, 16, "yuv420p"), 0, True, False)


def unit(pts_ms: int, arrived_at: float) -> AccessUnit:
    return AccessUnit(b"x", EPOCH + pts_ms, arrived_at)


def heard(at: float, server_ms: float, rate: float = 1.0) -> PlaybackClock:
    clock = PlaybackClock()
    clock.observe(at, EPOCH + server_ms, rate)
    return clock


def test_with_sound_a_picture_is_due_when_its_time_is_heard() -> None:
    times = DueTimes(heard(100.0, 1000))
    frame = unit(1080, 100.01)
    times.note(frame)
    assert times.due(frame) == pytest.approx(100.08)


def test_sound_that_is_far_away_is_not_the_sound_of_this_picture() -> None:
    times = DueTimes(heard(100.0, -60_000))  # a backlog of a minute is being played
    frame = unit(1000, 100.0)
    times.note(frame)
    assert times.due(frame) == pytest.approx(100.0 + FREE_MIN_MS / 1000)


def test_without_sound_pictures_are_evenly_spaced_and_soon() -> None:
    times = DueTimes(PlaybackClock())
    delays_ms = [0, 12, 3, 9, 1, 0, 14, 2] * 10
    frames = [unit(40 * n, 50.0 + 0.04 * n + delay / 1000) for n, delay in enumerate(delays_ms)]
    due = []
    for frame in frames:
        times.note(frame)
        due.append(times.due(frame))
    steps = [round(1000 * (b - a)) for a, b in itertools.pairwise(due[10:])]
    assert set(steps) == {40}
    holds = [d - frame.arrived_at for d, frame in zip(due[10:], frames[10:], strict=True)]
    assert min(holds) >= 0.0
    assert max(holds) <= 0.02


def test_without_sound_the_hold_is_bounded() -> None:
    times = DueTimes(PlaybackClock())
    for number, delay in enumerate((0, 0, 500, 0)):
        frame = unit(40 * number, 50.0 + 0.04 * number + delay / 1000)
        times.note(frame)
    assert times.due(frame) - frame.arrived_at <= FREE_MAX_MS / 1000 + 1e-6


def test_another_time_base_is_believed_at_once() -> None:
    times = DueTimes(PlaybackClock())
    times.note(unit(0, 50.0))
    frame = unit(3_600_000, 50.04)
    times.note(frame)
    assert times.due(frame) == pytest.approx(50.04 + FREE_MIN_MS / 1000)


def held_pictures(clock: PlaybackClock, pts: list[int]) -> HeldPictures:
    times = DueTimes(clock)
    held = HeldPictures(times)
    for value in pts:
        frame = unit(value, 100.0)
        times.note(frame)
        held.add(Held(PICTURE, frame, 100.0))
    return held


def test_the_newest_due_picture_wins_and_the_others_are_counted() -> None:
    held = held_pictures(heard(100.0, 0), [10, 20, 30, 90])
    assert held.next_due() == pytest.approx(100.01)
    assert held.take(100.0) is None
    taken = held.take(100.035)
    assert taken is not None
    assert taken[0].unit.pts_ms == EPOCH + 30
    assert taken[1] == pytest.approx(100.03)
    assert (held.superseded, len(held)) == (2, 1)


def test_the_time_moves_with_the_clock() -> None:
    clock = heard(100.0, 0)
    held = held_pictures(clock, [50])
    clock.observe(100.0, EPOCH - 100, 1.0)  # the sound was set back
    assert held.take(100.1) is None
    assert held.next_due() == pytest.approx(100.15)


def test_too_many_held_pictures_are_shown_early() -> None:
    held = held_pictures(heard(100.0, 0), [500 + n for n in range(MAX_HELD + 3)])
    taken = held.take(100.0)
    assert taken is not None
    assert len(held) == MAX_HELD
    assert held.superseded == 2


def test_nothing_is_due_where_nothing_is_held() -> None:
    held = HeldPictures(DueTimes(PlaybackClock()))
    assert held.next_due() is None
    assert held.take(1e9) is None
