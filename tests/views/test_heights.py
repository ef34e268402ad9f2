from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.views.heights import BLOCK, HeightIndex


def plain_find(heights: list[int], y: int) -> int:
    total = 0
    for index, height in enumerate(heights):
        total += height
        if y < total:
            return index
    return len(heights) - 1


steps = st.lists(
    st.one_of(
        st.tuples(st.just("extend"), st.lists(st.integers(1, 90), max_size=700)),
        st.tuples(st.just("drop"), st.integers(0, 900)),
        st.tuples(st.just("set"), st.integers(0, 5000), st.integers(1, 90)),
    ),
    max_size=12,
)


@given(steps, st.integers(0, 60_000))
def test_it_agrees_with_adding_up(steps, y):
    index, plain = HeightIndex(), []
    for step in steps:
        if step[0] == "extend":
            index.extend(np.array(step[1], np.int64))
            plain += step[1]
        elif step[0] == "drop":
            count = min(step[1], len(plain))
            index.drop(count)
            del plain[:count]
        elif plain:
            place = step[1] % len(plain)
            index.set(place, step[2])
            plain[place] = step[2]
    assert len(index) == len(plain) and index.total == sum(plain)
    if plain:
        assert index.find(y) == plain_find(plain, y)
        middle = len(plain) // 2
        assert index.top(middle) == sum(plain[:middle]) and index[middle] == plain[middle]
        places = np.array([0, middle, len(plain) - 1])
        assert index.tops(places).tolist() == [index.top(int(place)) for place in places]


def test_the_first_rows_can_all_go():
    index = HeightIndex()
    index.extend(np.full(3 * BLOCK, 10))
    index.drop(3 * BLOCK)
    index.extend(np.array([7]))
    assert len(index) == 1 and index.total == 7 and index.find(3) == 0
