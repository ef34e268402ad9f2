"""A part of a recording: every format holds what lies in it, from its own beginning on, and nothing else."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import av
import numpy as np
import pytest

from rtms_desktop.errors import UsageError
from rtms_desktop.recording.export.options import FillPicture, Format, Gaps
from tests.recording import material as m
from tests.recording.export.studio import luma, made, meeting, pictures, samples

PART = (m.ZERO_MS + 500, m.ZERO_MS + 1500)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("part") / "one.rtmsrec")


@pytest.mark.parametrize("kind", [Format.WAV, Format.FLAC])
def test_sound_is_cut_to_the_sample(tmp_path: Path, bundle: Path, kind: Format) -> None:
    (whole,) = made(bundle, tmp_path / f"whole.{kind}", kind)
    (part,) = made(bundle, tmp_path / f"part.{kind}", kind, span=PART)
    assert np.array_equal(samples(part), samples(whole)[8_000:24_000])


@pytest.mark.parametrize("kind", [Format.MP4, Format.MKV])
def test_a_film_begins_with_the_picture_that_stands_there(tmp_path: Path, bundle: Path, kind: Format) -> None:
    (whole,) = made(bundle, tmp_path / f"whole.{kind}", kind)
    (part,) = made(bundle, tmp_path / f"part.{kind}", kind, span=PART)
    shown = [ms for ms, _ in pictures(part)]
    assert shown[0] == 0 and shown[1:] == [ms - 500 for ms, _ in pictures(whole) if 500 < ms < 1500]
    assert abs(len(samples(part)) - 16_000) <= 2048  # AAC comes in blocks


def test_a_part_in_a_gap_shows_the_last_picture_or_black(tmp_path: Path, bundle: Path) -> None:
    span = (m.ZERO_MS + 2300, m.ZERO_MS + 3100)
    (last,) = made(bundle, tmp_path / "last.mp4", Format.MP4, span=span)
    (black,) = made(bundle, tmp_path / "black.mp4", Format.MP4, span=span, fill_picture=FillPicture.BLACK)
    assert [ms for ms, _ in luma(last)][:2] == [0, 700]
    assert [ms for ms, _ in luma(black)][:2] == [0, 700]
    assert luma(black)[0][1] < 17 < luma(last)[0][1]


def test_marks_of_a_part_count_from_its_beginning(tmp_path: Path, bundle: Path) -> None:
    (path,) = made(bundle, tmp_path / "a.mkv", Format.MKV, span=PART, gaps=Gaps.MARK)
    with av.open(str(path)) as container:
        chapters = [(float(c["start"] * c["time_base"]), c["metadata"]["title"]) for c in container.chapters()]
    assert chapters == [(0.0, "Received"), (0.5, "Gap: socket down")]


def test_words_of_a_part(tmp_path: Path, bundle: Path) -> None:
    (table,) = made(bundle, tmp_path / "a.csv", Format.CSV, span=PART)
    rows = [(row["start"], row["end"], row["speaker"]) for row in csv.DictReader(table.read_text().splitlines())]
    assert rows == [("0.000", "0.400", "Ann"), ("0.700", "1.000", "Bob <b>&")]
    (path,) = made(bundle, tmp_path / "a.json", Format.JSON, span=(m.ZERO_MS + 550, m.ZERO_MS + 750))
    found = json.loads(path.read_text())
    assert [(each["time"], each["text"]) for each in found["chat"]] == [(0.05, "second, edited")]
    assert [each["text"] for each in found["segments"]] == ["hello <world> --> & more"]
    assert found["seconds"] == 0.2 and found["gaps"] == []


@pytest.mark.parametrize(
    ("kind", "span", "what"),
    [
        (Format.WAV, (m.ZERO_MS + 60_000, m.ZERO_MS + 61_000), "nothing in that part"),
        (Format.WAV, (m.ZERO_MS + 2, m.ZERO_MS + 1), "before it begins"),
        (Format.HTML, PART, "the whole recording"),
    ],
)
def test_parts_that_cannot_be(tmp_path: Path, bundle: Path, kind: Format, span: tuple[int, int], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        made(bundle, tmp_path / "out.x", kind, span=span)
    assert list(tmp_path.iterdir()) == []
