from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.session.events import LinkState
from rtms_desktop.viewmodels.history import STEPS, History, LinkStates, decimate, per_bin, step_of

HOLE = np.float32(np.nan)


def a_history() -> History:
    return History(counted=("bytes",), measured=("lag",))


def test_a_step_is_a_tenth_of_a_second():
    assert [step_of(at) for at in (0.0, 0.1, 0.3, 0.7, 12.3)] == [0, 1, 3, 7, 123]


def test_steps_in_which_nobody_wrote_stay_empty():
    history = a_history()
    history.advance(100)
    history.add("bytes", 3)
    history.put("lag", 7)
    history.advance(103)
    history.add("bytes", 5)
    assert history.window("bytes", 99, 6).tolist() == [0, 3, 0, 0, 5, 0]
    lag = history.window("lag", 100, 4)
    assert lag[0] == 7 and np.isnan(lag[1:]).all()


def test_a_bridge_fills_only_what_was_skipped():
    history = a_history()
    for step in (100, 104):
        history.advance(step)
        history.put("lag", step)
    history.bridge("lag", 3)
    assert history.window("lag", 100, 5).tolist() == [100, 0, 0, 0, 104]


def test_what_is_older_than_the_ring_reads_as_never_written():
    history = a_history()
    history.advance(0)
    history.add("bytes", 9)
    history.advance(STEPS + 5)
    assert history.window("bytes", 0, 3).tolist() == [0, 0, 0]
    assert history.window("bytes", STEPS, 6).tolist() == [0] * 6


def test_a_long_sleep_wipes_the_whole_ring_once():
    history = a_history()
    history.advance(0)
    history.add("bytes", 9)
    history.advance(10 * STEPS)
    assert history.window("bytes", 9 * STEPS + 1, STEPS - 1).sum() == 0


def test_states_become_spans_that_cover_the_window():
    states = LinkStates()
    states.change(10, LinkState.CONNECTING, attempt=1)
    states.change(11, LinkState.STREAMING)
    states.change(20, LinkState.INTERRUPTED, "1006")
    spans = states.spans(5, 30)
    assert [(s.start, s.end, s.state) for s in spans] == [
        (5, 10, LinkState.CLOSED),
        (10, 11, LinkState.CONNECTING),
        (11, 20, LinkState.STREAMING),
        (20, 30, LinkState.INTERRUPTED),
    ]
    assert spans[-1].text == "1006"
    assert [s.state for s in states.spans(12, 13)] == [LinkState.STREAMING]
    assert [s.state for s in LinkStates().spans(1, 2)] == [LinkState.CLOSED]


def test_bins_take_the_highest_or_the_last_that_is_there():
    values = np.array([1, HOLE, 3, HOLE, HOLE, HOLE], np.float32)
    assert per_bin(values, 3, "max")[0] == 3 and math.isnan(per_bin(values, 3, "max")[1])
    assert per_bin(values, 2, "last")[0] == 1 and math.isnan(per_bin(values, 2, "last")[2])
    assert per_bin(np.ones(6, np.float32), 3, "sum").tolist() == [3, 3]


@pytest.mark.filterwarnings("error")
@given(
    st.lists(st.one_of(st.none(), st.floats(-100, 100, width=32)), min_size=1, max_size=400),
    st.integers(1, 60),
)
def test_decimation_keeps_the_extremes_the_order_and_the_holes(values, columns):
    array = np.array([math.nan if v is None else v for v in values], np.float32)
    places, thin = decimate(array, columns)
    assert len(thin) == len(places) <= max(2 * columns, len(array) if len(array) <= 2 * columns else 2 * columns)
    assert (np.diff(places) >= 0).all() or np.isnan(thin).any()
    known = array[~np.isnan(array)]
    left = thin[~np.isnan(thin)]
    if len(known):
        assert left.max() == known.max() and left.min() == known.min()
    else:
        assert not len(left)
