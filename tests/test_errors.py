"""How an error reads on stderr and in a log."""

from __future__ import annotations

import pytest

from rtms_desktop.errors import RtmsError

CASES = [
    (("the port is taken",), "the port is taken", "the port is taken."),
    (("it failed", "the disk is full"), "it failed: the disk is full.", "it failed: the disk is full."),
    (("it failed", "", "Try again."), "it failed. Try again.", "it failed. Try again."),
    (("it failed", "full.", "Free some."), "it failed: full. Free some.", "it failed: full. Free some."),
]


@pytest.mark.parametrize(("parts", "text", "sentence"), CASES)
def test_nothing_is_left_unsaid(parts: tuple[str, ...], text: str, sentence: str) -> None:
    error = RtmsError(*parts)
    assert (str(error), error.sentence()) == (text, sentence)
