from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from rtms_desktop.app.naming import found_name, has_title, people_in, recording_name, stream_name
from rtms_desktop.recording.library_rows import RecordingEntry

WHEN = datetime(2026, 11, 21, 8, 14)
WALL_MS = round(WHEN.timestamp() * 1000)
FOLDER = Path("/r/20261121T081400Z_EUrfX6xZ.rtmsrec")


@pytest.mark.parametrize(
    ("people", "name"),
    [
        ((), "Meeting 21 Nov"),
        (("", " "), "Meeting 21 Nov"),
        (("Ada Lindqvist",), "Ada Lindqvist"),
        (("Ada Lindqvist", "Mateo Rossi", "Ada Lindqvist"), "Ada, Mateo"),
        (("Ada L", "Ada B", "Mateo Rossi"), "Ada L, Ada B, Mateo Rossi"),
        (tuple(f"P{number} X" for number in range(200)), "P0, P1, P2 +197"),
        (("Two\nlines",), "Two lines"),
    ],
)
def test_a_stream_is_called_by_who_took_part(people: tuple[str, ...], name: str) -> None:
    assert stream_name("meeting", people, WALL_MS) == name


def test_what_is_not_known_is_not_said() -> None:
    assert stream_name("video_sdk", (), WALL_MS) == "Video SDK 21 Nov"
    assert stream_name("", (), WALL_MS) == "Recording 21 Nov"


def _entry(name: str, *people: str) -> RecordingEntry:
    return RecordingEntry(
        name=name, folder=FOLDER, when=WALL_MS, size=1, closed=True, people=people, product="webinar"
    )  # fmt: skip


def test_a_title_goes_before_people_and_an_id_after_them() -> None:
    assert recording_name(_entry("Design review", "Ada Lindqvist")) == "Design review"
    assert recording_name(_entry("EUrfX6xZ", "Ada Lindqvist")) == "Ada Lindqvist"
    assert recording_name(_entry("EUrfX6xZ")) == "Webinar 21 Nov"
    assert has_title("Design review", FOLDER) and not has_title("EUrfX6xZ", FOLDER)


def test_a_line_of_a_search_is_called_as_its_recording() -> None:
    entries = [_entry("EUrfX6xZ", "Ada Lindqvist")]
    assert found_name("EUrfX6xZ", FOLDER, WALL_MS, entries) == "Ada Lindqvist"
    assert found_name("EUrfX6xZ", FOLDER, WALL_MS, []) == "Recording 21 Nov"
    assert found_name("Design review", FOLDER, WALL_MS, entries) == "Design review"


def test_the_people_of_a_manifest() -> None:
    assert people_in({"participants": [{"name": "Ada"}, {"name": None}, 3, {"name": "Mateo"}]}) == ["Ada", "", "Mateo"]
    assert people_in({}) == people_in({"participants": "x"}) == []
