from __future__ import annotations

from rtms_desktop.viewmodels.finder import TURN, Finder
from rtms_desktop.viewmodels.rows import RowStore


def finder_over(words: list[str], cap: int = 100_000) -> tuple[RowStore[str], Finder]:
    store: RowStore[str] = RowStore(cap)
    for word in words:
        store.append(word)
    store.commit()
    return store, Finder(store, lambda row: row)


def test_the_newest_hit_is_chosen_and_steps_go_round(qapp):
    _, finder = finder_over(["Alpha", "beta", "ALPHA", "alphabet"])
    finder.search("alpha")
    assert finder.hits == [0, 2, 3] and finder.hit == 3 and finder.summary == "3 of 3"
    finder.step(True)
    assert finder.hit == 0
    finder.step(False)
    assert finder.hit == 3


def test_what_looks_like_a_pattern_is_only_text(qapp):
    _, finder = finder_over(["a.c", "abc"])
    finder.search("a.c")
    assert finder.hits == [0]
    finder.search("(")
    assert finder.hits == [] and finder.summary == "none"


def test_an_empty_query_ends_the_search(qapp):
    _, finder = finder_over(["alpha"])
    finder.search("alpha")
    finder.search("")
    assert finder.hits == [] and finder.needle is None and finder.summary == ""


def test_it_keeps_up_with_new_changed_and_dropped_rows(qapp):
    store, finder = finder_over(["alpha", "beta"], cap=3)
    finder.search("alpha")
    store.append("alpha again")
    store._rows[1] = "alpha too"
    store.touch(1)
    store.commit()
    assert finder.hits == [0, 1, 2]
    store._rows[1] = "beta"
    store.touch(1)
    store.append("gamma")
    store.commit()
    assert finder.hits == [2]


def test_a_long_list_is_searched_in_turns_newest_first(qtbot):
    words = ["beta"] * (2 * TURN + 10)
    words[5] = words[-5] = "alpha"
    _, finder = finder_over(words)
    finder.search("alpha")
    assert finder.hits == [len(words) - 5] and finder.searching
    qtbot.waitUntil(lambda: not finder.searching, timeout=2000)
    assert finder.hits == [5, len(words) - 5] and finder.hit == len(words) - 5
