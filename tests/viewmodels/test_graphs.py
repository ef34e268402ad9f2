from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.viewmodels.figures import DASH
from rtms_desktop.viewmodels.graph_kinds import BY_KEY, FIRST, GRAPHS
from rtms_desktop.viewmodels.graphs import grid_values, ladder
from rtms_desktop.viewmodels.history import History

BITRATE, FRAMES, LAG, JITTER = (BY_KEY[key] for key in FIRST)


def filled(name: str, values: list[float | None], first: int = 1000) -> History:
    history = History(counted=(), measured=tuple(n for graph in GRAPHS for n in graph.names))
    for step, value in enumerate(values, first):
        history.advance(step)
        history.look(step / 10 + 0.03)
        if value is not None:
            history.put(name, value)
    return history


def test_scales_grow_in_steps():
    assert [ladder(v) for v in (0.4, 1.0, 1.1, 2.5, 7, 9, 11, 260)] == [0.4, 1, 1.5, 3, 8, 10, 15, 300]
    assert ladder(0) == 0


@pytest.mark.parametrize("high", [0.5, 1, 1.5, 20, 30, 60, 100, 200, 400])
def test_three_to_five_lines_with_both_ends(high):
    values = grid_values(0.0, high)
    assert 3 <= len(values) <= 5 and values[0] == 0 and values[-1] == pytest.approx(high)


def test_bytes_per_second_become_megabit():
    history = filled("bytes.video", [12_500] * 60)  # 125 kB/s
    data = BITRATE.data(history, 1060, 40, 100)
    assert data.curves[1].medium == "video" and data.curves[1].y.tolist() == pytest.approx([1.0] * 4)
    assert BITRATE.value(history, 1059) == "1.00"


def test_part_of_a_second_is_no_measure_of_a_second():
    history = filled("frames.video", [2.5] * 15 + [None] * 10 + [2.5] * 15)
    y = FRAMES.data(history, 1040, 40, 100).curves[0].y
    assert y[[0, 3]] == pytest.approx(25) and np.isnan(y[1:3]).all()


def test_bins_stay_where_they_are_while_time_goes_on():
    history = filled("frames.video", [float(n) for n in range(100)])
    early = FRAMES.data(history, 1090, 30, 100).curves[0]
    late = FRAMES.data(history, 1095, 30, 100).curves[0]
    assert early.y.tolist() == late.y.tolist()
    assert (early.x - late.x).tolist() == pytest.approx([0.5] * 3)


def test_a_clock_that_is_behind_gives_a_scale_below_zero():
    data = LAG.data(filled("lag.video", [-120.0] * 100), 1100, 100, 100)
    assert data.low == -150 and data.high == 100


def test_figures_are_a_dash_where_nothing_was_measured():
    history = filled("lag.video", [184.0] * 20 + [None] * 30)
    assert LAG.value(history, 1015) == "184"
    assert LAG.value(history, 1049) == DASH


def test_rates_are_right_although_the_looks_come_unevenly():
    history = History(counted=(), measured=("frames.video",))
    last, at = 1000.0, 1000.0
    for number in range(60):
        at += 0.11 if number % 2 else 0.13
        frames = round(at * 25) - round(last * 25)
        before = history.newest
        history.advance(int(at * 10 + 1e-6))
        history.look(at)
        history.put("frames.video", frames)
        history.bridge("frames.video", history.newest - before - 1 if before is not None else 0)
        last = at
    step = history.newest
    assert float(FRAMES.value(history, step)) == pytest.approx(25, abs=0.6)
    y = FRAMES.data(history, step, 50, 100).curves[0].y
    assert y.tolist() == pytest.approx([25] * len(y), abs=1.1)
