"""Stretches of time: what is cut out is cut out everywhere, to the sample."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.recording.export.spans import Timeline, strongest, united, without
from rtms_desktop.session.events import GapReason

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)
HOLES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from(list(GapReason))), max_size=8)
ORDER = ["silence", "mute", "pause", "dropped_here", "socket_down"]


def points(spans: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in spans for point in range(start, end)}


@given(SPANS)
def test_united_covers_the_same_and_nothing_twice(spans: list[tuple[int, int]]) -> None:
    joined = united(spans)
    assert points(joined) == points(spans)
    assert all(end < start for (_, end), (start, _) in pairwise(joined))


@given(st.integers(0, 60), st.integers(0, 60), SPANS)
def test_without_is_the_difference(start: int, end: int, spans: list[tuple[int, int]]) -> None:
    assert points(without(start, end, spans)) == set(range(start, end)) - points(spans)


@given(HOLES)
def test_the_gravest_reason_wins(holes: list[tuple[int, int, GapReason]]) -> None:
    told = {point: reason for start, end, reason in strongest(holes) for point in range(start, end)}
    expected: dict[int, GapReason] = {}
    for start, end, reason in sorted(holes, key=lambda hole: ORDER.index(hole[2])):
        expected |= dict.fromkeys(range(start, end), reason)
    assert told == expected
    assert len(told) == sum(end - start for start, end, _ in strongest(holes))


@given(SPANS, st.lists(st.integers(0, 30), max_size=6))
def test_sound_and_times_are_cut_alike(removed: list[tuple[int, int]], sizes: list[int]) -> None:
    """At 1000 samples a second, sample and millisecond are one."""
    timeline = Timeline(removed)
    total = sum(sizes)
    whole = np.arange(total, dtype=np.int16).reshape(-1, 1)
    edges = np.cumsum([0, *sizes])
    blocks = [whole[start:end] for start, end in pairwise(edges)]
    left = [int(sample) for block in timeline.cut(iter(blocks), 1000) for sample in block[:, 0]]
    assert left == [point for point in range(total) if point not in points(removed)]
    assert [timeline.at(point) for point in left] == list(range(len(left)))
    assert [timeline.at(point) for point in range(100)] == sorted(timeline.at(point) for point in range(100))


def test_inside_a_cut_every_time_is_the_cut() -> None:
    timeline = Timeline([(10, 20), (30, 40)])
    assert [timeline.at(ms) for ms in (0, 9, 10, 15, 19, 20, 29, 35, 40, 100)] == [
        0, 9, 10, 10, 10, 10, 19, 20, 20, 80,
    ]  # fmt: skip
