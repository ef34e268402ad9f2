"""JSON for the disk takes whatever the wire gave."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtms_desktop.recording.encoding import to_json


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"a": 1, "é": None}, {"a": 1, "é": None}),
        ({"name": "A\ud800B", "n": 1.5}, {"name": "A?B", "n": 1.5}),
        ({1: "x", "y": {2: "\udfff"}}, {"1": "x", "y": {"2": "?"}}),
        ({"x": Ellipsis}, {"x": "Ellipsis"}),
    ],
)
def test_all_of_it_can_be_read_again(value: Any, read: Any) -> None:
    assert json.loads(to_json(value)) == read
