"""The playhead."""

from __future__ import annotations

import math
import threading

from rtms_desktop.media.replay.clock import ReplayClock
from tests.recording.material import FakeClock


def a_clock(begin: float = 50.0, limit: float = 60.0) -> tuple[FakeClock, ReplayClock]:
    machine = FakeClock(at=1000.0)
    return machine, ReplayClock(machine, begin, limit)


def test_it_stands_at_first_and_runs_when_told() -> None:
    machine, clock = a_clock()
    machine.at += 3
    assert clock.now() == 50.0 and not clock.playing
    clock.play()
    machine.at += 2
    assert clock.now() == 52.0
    clock.pause()
    machine.at += 2
    assert clock.now() == 52.0
    assert clock.wall_ms() == machine.wall


def test_another_speed_begins_where_the_playhead_is() -> None:
    machine, clock = a_clock()
    clock.play()
    machine.at += 1
    clock.set_rate(4.0)
    machine.at += 1
    assert clock.now() == 55.0
    clock.set_rate(0.25)
    machine.at += 4
    assert clock.now() == 56.0
    assert clock.left_s(57.0) == 4.0


def test_it_stops_at_its_limit_and_goes_on_when_that_moves() -> None:
    machine, clock = a_clock()
    clock.play()
    machine.at += 100
    assert clock.now() == 60.0
    clock.set_limit(70.0)
    machine.at += 1
    assert clock.now() == 61.0
    assert clock.left_s(80.0) == math.inf


def test_a_limit_behind_the_playhead_does_not_pull_it_back() -> None:
    machine, clock = a_clock()
    clock.jump(58.0)
    clock.play()
    clock.set_limit(55.0)
    machine.at += 1
    assert clock.now() == 58.0


def test_jumps_are_counted_and_keep_it_playing() -> None:
    machine, clock = a_clock()
    clock.play()
    machine.at += 5
    clock.jump(51.5)
    assert clock.jumps == 1
    machine.at += 1
    assert clock.now() == 52.5


def test_whoever_waits_is_woken_by_any_change() -> None:
    _, clock = a_clock()
    for change in (clock.play, clock.wake_all, lambda: clock.jump(52.0)):
        seen = clock.anchor
        waiter = threading.Thread(target=clock.wait, args=(seen, 5.0))
        waiter.start()
        change()
        waiter.join(4.0)
        assert not waiter.is_alive()
        clock.wait(seen, 5.0)  # changed already: no waiting
