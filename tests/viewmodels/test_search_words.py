"""What is typed into the search finds words in any case, order and accent."""

from __future__ import annotations

import pytest

from rtms_desktop.viewmodels.search_words import LONG, Words


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("rollout", "Shall we start with the Rollout?", True),
        ("start rollout", "Shall we start with the rollout?", True),
        ("rollout start", "Shall we start with the rollout?", True),
        ("rollout never", "Shall we start with the rollout?", False),
        ("tomas", "Tomás Rivera", True),
        ("TOMÁS", "tomas rivera", True),
        ("strasse", "Die Straße", True),
        ("привет", "Привет всем", True),
    ],
)
def test_all_words_must_occur(typed: str, text: str, found: bool) -> None:
    assert Words(typed).occur_in(text) is found


def test_nothing_typed_is_nothing_looked_for() -> None:
    assert not Words(" \t ") and Words(" a ")
    assert Words("  two   words ").text == "two words"


def test_names_are_ranked_by_how_they_begin() -> None:
    words = Words("rec")
    ranks = [words.rank(name) for name in ("Record now", "Start or stop recording", "Direct", "Stop")]
    assert ranks == [0, 1, 2, None]


def test_marks_stand_where_the_letters_stand() -> None:
    text = "Die Straße, Tomás und Tomas"
    shown = [text[start:end] for start, end in Words("strasse tomas").marks(text)]
    assert shown == ["Straße", "Tomás", "Tomas"]


def test_marks_that_touch_become_one() -> None:
    assert Words("ab bc").marks("xabcx") == ((1, 4),)


def test_a_long_text_is_cut_to_its_first_hit() -> None:
    text = "so many words " * 40 + "and then the fallback, and on it goes " + "for ever " * 60
    for long in (text, "x " * LONG + text):
        cut = Words("fallback").around(long)
        assert cut.startswith("…") and cut.endswith("…") and "the fallback, and" in cut and len(cut) <= 160
    assert Words("many").around("so\nmany words") == "so many words"
