"""The clock that pictures follow."""

from __future__ import annotations

import random

import pytest

from rtms_desktop.media.playback_clock import PlaybackClock


def test_it_knows_nothing_before_it_is_told() -> None:
    clock = PlaybackClock()
    assert clock.position_ms(1.0) is None
    assert clock.due(1000.0) is None


def test_position_and_due_are_each_others_inverse() -> None:
    clock = PlaybackClock()
    clock.observe(10.0, 5000.0, 1.01)
    assert clock.position_ms(11.0) == pytest.approx(6010.0)
    due = clock.due(7000.0)
    assert due is not None
    assert clock.position_ms(due) == pytest.approx(7000.0)


def test_noise_of_the_device_is_smoothed() -> None:
    rng, clock = random.Random(5), PlaybackClock()
    errors = []
    for step in range(2000):
        at = step * 0.01
        clock.observe(at, at * 1000 + rng.uniform(-15, 15), 1.0)
        position = clock.position_ms(at)
        assert position is not None
        errors.append(abs(position - at * 1000))
    assert max(errors[200:]) < 6.0


def test_a_jump_is_followed_at_once() -> None:
    clock = PlaybackClock()
    clock.observe(0.0, 0.0, 1.0)
    clock.observe(1.0, 1100.0, 1.0)
    assert clock.position_ms(1.0) == 1100.0
    clock.clear()
    assert clock.position_ms(1.0) is None
