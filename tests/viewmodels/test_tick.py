from __future__ import annotations

from collections import Counter

from rtms_desktop.viewmodels.tick import DATA_MS, FRAME_MS, RenderTick


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def counted(ticks):
    seen = Counter()
    for name in ("frame", "data", "text"):
        getattr(ticks, name).connect(lambda name=name: seen.update([name]))
    return seen


def beat_for(ticks, clock, seconds, step=FRAME_MS / 1000):
    for _ in range(round(seconds / step)):
        clock.now += step
        ticks.beat()


def test_three_speeds_from_one_timer(qapp):
    clock = Clock()
    ticks = RenderTick(now=clock)
    ticks.set_visible(True)
    seen = counted(ticks)
    beat_for(ticks, clock, 10.0)
    assert 295 <= seen["frame"] <= 305
    assert 95 <= seen["data"] <= 102
    assert 38 <= seen["text"] <= 41


def test_unseen_it_beats_for_data_only(qapp):
    clock = Clock()
    ticks = RenderTick(now=clock)
    ticks.set_visible(False)
    seen = counted(ticks)
    beat_for(ticks, clock, 2.0, DATA_MS / 1000)
    assert seen["frame"] == 0 and seen["data"] >= 19


def test_after_a_long_stall_it_does_not_catch_up(qapp):
    clock = Clock()
    ticks = RenderTick(now=clock)
    seen = counted(ticks)
    ticks.beat()
    clock.now += 5.0
    ticks.beat()
    ticks.beat()
    ticks.beat()
    assert seen["data"] == 2 and seen["text"] == 2


def test_the_timer_runs_only_while_there_is_something_to_show(qapp):
    ticks = RenderTick()
    assert not ticks.running
    ticks.set_visible(True)
    assert not ticks.running
    ticks.set_active(True)
    assert ticks.running and ticks.interval_ms == FRAME_MS
    ticks.set_visible(False)
    assert ticks.running and ticks.interval_ms == DATA_MS
    ticks.set_active(False)
    assert not ticks.running
