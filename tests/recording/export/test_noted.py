"""Marks in every export: chapters of films, lines and comments of texts, a section of the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import av
import pytest

from rtms_desktop.recording import names
from rtms_desktop.recording.export.options import Format, Gaps
from rtms_desktop.recording.marks import Mark, MarkBook, mark_record, write_marks
from rtms_desktop.session.events import GapReason
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m
from tests.recording.export.studio import Studio, made

NOTES = (("opening <b>", 400), ("", 1500), ("decision", 2500))
PART = (m.ZERO_MS + 1000, m.ZERO_MS + 2000)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds with three marks, one of them without a note, and a fourth that was deleted."""
    studio = Studio(tmp_path_factory.mktemp("noted") / "one.rtmsrec")
    studio.sound(m.tone(16_000, 1), 0)
    studio.gap(Medium.AUDIO, m.ANN, 1000, 2000, GapReason.SOCKET_DOWN)
    studio.sound(m.tone(16_000, 2), 2000)
    studio.video(m.clip(frames=70), 0)
    studio.say("hello", 100, 900)
    for number, (text, ms) in enumerate(NOTES):
        change = Mark(f"m{number}", studio.clock.at + ms / 1000, m.ZERO_MS + ms, text)
        studio.recorder.control(mark_record(change, studio.clock.at), studio.clock.at)
    for removed in (False, True):
        change = Mark("gone", studio.clock.at, m.ZERO_MS + 10, "regretted", removed)
        studio.recorder.control(mark_record(change, studio.clock.at), studio.clock.at)
    return studio.close()


def text(bundle: Path, folder: Path, kind: Format, **options: object) -> str:
    (path,) = made(bundle, folder / f"out.{kind}", kind, force=True, **options)
    return path.read_text("utf-8")


def chapters(path: Path) -> list[tuple[float, str]]:
    with av.open(str(path)) as container:
        return [(round(float(c["start"] * c["time_base"]), 2), c["metadata"]["title"]) for c in container.chapters()]


@pytest.mark.parametrize("kind", [Format.MP4, Format.MKV])
def test_a_chapter_begins_with_every_mark(tmp_path: Path, bundle: Path, kind: Format) -> None:
    (path,) = made(bundle, tmp_path / f"a.{kind}", kind)
    assert chapters(path) == [(0.0, "Start"), (0.4, "opening <b>"), (1.5, "Mark 2"), (2.5, "decision")]


def test_chapters_of_marks_and_gaps_stand_together(tmp_path: Path, bundle: Path) -> None:
    (path,) = made(bundle, tmp_path / "a.mkv", Format.MKV, gaps=Gaps.MARK)
    assert chapters(path) == [
        (0.0, "Received"), (0.4, "opening <b>"), (1.0, "Gap: socket down"), (1.5, "Mark 2"), (2.0, "Received"),
        (2.5, "decision"),
    ]  # fmt: skip
    (part,) = made(bundle, tmp_path / "part.mkv", Format.MKV, span=PART)
    assert chapters(part) == [(0.0, "opening <b>"), (0.5, "Mark 2")]


def test_texts_hold_the_marks(tmp_path: Path, bundle: Path) -> None:
    assert text(bundle, tmp_path, Format.TXT).splitlines() == [
        "[00:00:00.100] Ann: hello",
        "[00:00:00.400] [mark: opening <b>]",
        "[00:00:01.500] [mark]",
        "[00:00:02.500] [mark: decision]",
    ]
    rows = list(csv.DictReader(text(bundle, tmp_path, Format.CSV).splitlines()))
    assert [(row["start"], row["end"], row["text"]) for row in rows][3] == ("2.500", "2.500", "[mark: decision]")
    head = ("WEBVTT", "NOTE mark 00:00:00.400 opening &lt;b&gt;", "NOTE mark 00:00:01.500")
    assert text(bundle, tmp_path, Format.VTT).split("\n\n")[:3] == list(head)
    assert "mark" not in text(bundle, tmp_path, Format.SRT)  # it has no comments
    told = json.loads(text(bundle, tmp_path, Format.JSON, span=PART))
    assert told["marks"] == [{"time": 0.5, "text": ""}]
    page = text(bundle, tmp_path, Format.HTML)
    assert "<h2>Marks</h2>" in page and "opening &lt;b&gt;" in page and "<b>" not in page
    assert page.count('class="mark"') == len(NOTES)


def test_what_was_deleted_is_in_no_export(tmp_path: Path, bundle: Path) -> None:
    for kind in (Format.VTT, Format.TXT, Format.CSV, Format.JSON, Format.HTML):
        assert "regretted" not in text(bundle, tmp_path, kind)


def test_the_sidecar_has_the_last_word_and_a_bare_tape_its_own(tmp_path: Path, bundle: Path) -> None:
    changed = tmp_path / bundle.name
    changed.mkdir()
    for path in bundle.rglob("*"):
        if path.is_file():
            (changed / path.relative_to(bundle)).parent.mkdir(exist_ok=True)
            (changed / path.relative_to(bundle)).write_bytes(path.read_bytes())
    write_marks(changed, MarkBook([Mark("m0", 0.0, m.ZERO_MS + 400, "renamed")]))
    assert json.loads(text(changed, tmp_path, Format.JSON))["marks"] == [{"time": 0.4, "text": "renamed"}]
    bare = tmp_path / "bare.mcap"
    bare.write_bytes((bundle / names.TAPE).read_bytes())
    assert len(json.loads(text(bare, tmp_path, Format.JSON))["marks"]) == len(NOTES)


def test_marks_alone_are_text_enough(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    change = Mark("m", studio.clock.at, m.ZERO_MS + 400, "only this")
    studio.recorder.control(mark_record(change, studio.clock.at), studio.clock.at)
    assert text(studio.close(), tmp_path, Format.TXT) == "[00:00:00.400] [mark: only this]\n"
