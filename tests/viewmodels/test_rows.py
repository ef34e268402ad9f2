from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.viewmodels.rows import RowStore


def watched(cap: int) -> tuple[RowStore[int], list]:
    store: RowStore[int] = RowStore(cap)
    changes: list = []
    store.committed.connect(changes.append)
    return store, changes


def test_rows_keep_their_serials_when_the_oldest_are_dropped(qapp):
    store, changes = watched(100)
    for number in range(150):
        store.append(number)
    store.commit()
    assert store.end == 150 and store.dropped > 0
    assert all(store.row(serial) == serial for serial in range(store.first, store.end))
    with pytest.raises(IndexError):
        store.row(store.first - 1)
    assert changes[0].dropped == 0 and changes[0].appended == len(store)


def test_nothing_changed_tells_nothing(qapp):
    store, changes = watched(10)
    store.commit()
    store.append(1)
    store.commit()
    store.commit()
    assert len(changes) == 1


def test_a_touched_row_is_told_unless_it_is_new_or_gone(qapp):
    store, changes = watched(10)
    old = store.append(1)
    store.commit()
    store.touch(old)
    store.touch(store.append(2))
    store.touch(99)
    store.commit()
    assert changes[-1].changed == (old,) and changes[-1].appended == 1


def test_an_inserted_row_pushes_the_others_on(qapp):
    store, changes = watched(10)
    for row in "abd":
        store.append(row)
    store.commit()
    assert store.insert(store.first + 2, "c") == store.first + 2 and [*store] == [*"abcd"]
    store.insert(store.end, "e")
    store.commit()
    assert changes[-1].appended == 2 and changes[-1].changed == (store.first + 2,)
    store.drop(3)
    store.commit()
    assert [*store] == [*"de"] and changes[-1].dropped == 3 and store.dropped == 3


def test_clearing_is_one_reset(qapp):
    store, changes = watched(10)
    store.append(1)
    store.commit()
    store.clear()
    store.append(2)
    store.commit()
    assert changes[-1].reset and changes[-1].appended == 1
    assert [*store] == [2]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 50))
def test_a_listener_that_adds_up_the_changes_knows_the_store(batches, cap):
    store, changes = watched(cap)
    first = end = 0
    for batch in batches:
        for number in range(batch):
            store.append(number)
        store.commit()
        if changes:
            change = changes.pop()
            first, end = first + change.dropped, end + change.appended
        assert end - first == len(store) <= cap


def test_who_remembers_a_serial_can_follow_its_row(qapp):
    store, told = RowStore(100), []
    store.committed.connect(told.append)
    for text in "bdf":
        store.append(text)
    store.commit()
    store.insert(0, "a")
    store.insert(2, "c")
    store.append("g")
    store.commit()
    change = told[-1]
    assert [*store] == [*"abcdfg"] and change.inserted == (0, 2)
    assert [store.row(change.moved(serial)) for serial in range(3)] == [*"bdf"]
    store.commit()
    store.touch(0)
    store.commit()
    assert told[-1].inserted == ()
