"""Marks: on the tape, in the sidecar, after repair, and changed in replay."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from rtms_desktop.errors import DiskError
from rtms_desktop.recording import marks as mk
from rtms_desktop.recording import names
from rtms_desktop.recording.index import Index, IndexBuilder
from rtms_desktop.recording.index_file import keep, load
from rtms_desktop.recording.manifest import read_manifest, write_manifest
from rtms_desktop.recording.marks import Mark, MarkBook, mark_record, read_marks, taped_mark, write_marks
from rtms_desktop.recording.reader import read_seed
from rtms_desktop.recording.repair import repair
from rtms_desktop.recording.tape_reader import TapeReader
from tests.recording import live
from tests.recording import material as m


def mark(number: int, text: str = "", at: float = 10.0, removed: bool = False) -> Mark:
    return Mark(f"m{number}", at, m.ZERO_MS + number * 100, text, removed)


def recorded(folder: Path, *changes: Mark) -> Path:
    session = live.LiveSession(folder)
    session.join()
    for change in changes:
        now = session.clock.at
        session.recorder.control(mark_record(change, now), now)
    session.talk()
    session.end()
    return session.recorder.close()


def texts(bundle: Path) -> list[str]:
    book = read_marks(bundle)
    return [] if book is None else [found.text for found in book.marks]


# -- the book --------------------------------------------------------------------------------------------------


def test_the_newest_change_counts_and_what_is_deleted_stays_deleted() -> None:
    book = MarkBook([mark(1, "later", at=20.0), mark(2, "first", at=5.0), mark(3, "never")])
    book.take(mark(1, "renamed", at=20.0))
    book.take(mark(3, "gone", removed=True))
    assert [found.text for found in book.marks] == ["first", "renamed"]
    assert book.find("m1") == mark(1, "renamed", at=20.0) and book.find("m3") is None and book.find("x") is None
    assert MarkBook(book.changes).changes == book.changes and "gone" not in str(book.changes)


def test_a_note_is_one_plain_line() -> None:
    book = MarkBook([mark(1, "  a\n<b>\tc\x00\u2028d  " + "x" * 400)])
    (kept,) = book.marks
    assert kept.text.startswith("a <b> c d xxx") and len(kept.text) == mk.MAX_TEXT


def test_too_many_marks_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mk, "MAX_MARKS", 2)
    book = MarkBook([mark(1), mark(2)])
    assert not book.take(mark(3)) and book.take(mark(2, "still altered"))
    assert [found.text for found in book.marks] == ["", "still altered"]


def test_what_a_tape_says_is_read_with_care() -> None:
    record = mark_record(mark(1, "decision"), 12.5)
    assert taped_mark(record) == mark(1, "decision") and record["now"] == 12.5
    assert taped_mark({"do": "wake", "now": 1.0}) is None
    assert taped_mark(record | {"id": ""}) is None and taped_mark(record | {"at": "soon"}) is None


# -- recording -------------------------------------------------------------------------------------------------


def test_a_mark_stands_on_the_tape_and_beside_it(tmp_path: Path) -> None:
    changes = (mark(1), mark(1, "decision"), mark(2, "wrong"), mark(2, removed=True))
    bundle = recorded(tmp_path / "x.rtmsrec", *changes)
    lines = [json.loads(line) for line in (bundle / names.MARKS).read_text("utf-8").splitlines()]
    assert lines[1] == {"id": "m1", "at": 10.0, "server_ms": m.ZERO_MS + 100, "text": "decision"}
    assert lines[3]["removed"] is True and texts(bundle) == ["decision"]
    manifest = read_manifest(bundle)
    assert manifest is not None and names.MARKS in manifest["files"]
    with TapeReader(bundle / names.TAPE) as reader:
        taped = [taped_mark(r.json()) for r in reader.records() if r.is_control]
        seed = read_seed(reader)
    assert [found for found in taped if found is not None] == list(changes)
    index = Index()
    IndexBuilder(index, bundle / names.TAPE, seed, 0).run()
    assert MarkBook(index.marks).marks == [mark(1, "decision")]
    keep(index, tmp_path / "index.bin", bundle / names.TAPE, seed)
    kept = load(tmp_path / "index.bin", bundle / names.TAPE, seed)
    assert kept is not None and kept.marks == index.marks and len(kept.marks) == 4


def test_a_secret_in_a_note_does_not_reach_the_disk(tmp_path: Path) -> None:
    session = live.LiveSession(tmp_path / "x.rtmsrec")
    session.recorder.control(mark_record(mark(1, f"it is {m.SECRET} now"), 1235.0), 1235.0)
    bundle = session.recorder.close()
    assert texts(bundle) == ["it is *** now"]
    assert m.SECRET.encode() not in (bundle / names.TAPE).read_bytes()


def test_a_revoked_stream_takes_its_marks_along(tmp_path: Path) -> None:
    session = live.LiveSession(tmp_path / "x.rtmsrec")
    session.recorder.control(mark_record(mark(1, "secret plan"), 1235.0), 1235.0)
    session.recorder.destroy()
    assert not (tmp_path / "x.rtmsrec").exists()
    assert not any("secret plan" in path.read_text("utf-8") for path in tmp_path.iterdir())


# -- repair ----------------------------------------------------------------------------------------------------


def left_open(bundle: Path) -> Path:
    manifest = read_manifest(bundle)
    assert manifest is not None
    write_manifest(bundle, manifest | {"closed": False})
    return bundle


def test_repair_brings_back_what_only_the_tape_knows(tmp_path: Path) -> None:
    bundle = left_open(recorded(tmp_path / "x.rtmsrec", mark(1, "one"), mark(2), mark(2, "two", at=11.0)))
    lines = (bundle / names.MARKS).read_bytes().splitlines(keepends=True)
    (bundle / names.MARKS).write_bytes(lines[0] + lines[1][:9])
    done = repair(bundle)
    assert texts(bundle) == ["one", "two"] and any("marks.jsonl: 2 lines" in note for note in done.notes)
    (bundle / names.MARKS).unlink()
    repair(bundle)
    assert texts(bundle) == ["one", "two"]


def test_repair_leaves_what_a_person_changed_since(tmp_path: Path) -> None:
    bundle = left_open(recorded(tmp_path / "x.rtmsrec", mark(1, "one"), mark(2, "two")))
    book = read_marks(bundle)
    assert book is not None
    for change in (mark(1, "renamed"), mark(2, removed=True), mark(3, "added")):
        book.take(change)
    write_marks(bundle, book)
    done = repair(bundle)
    assert texts(bundle) == ["renamed", "added"] and not any("marks" in note for note in done.notes)


# -- the sidecar afterwards ------------------------------------------------------------------------------------


def test_a_bundle_without_a_sidecar_gets_one_and_lists_it(tmp_path: Path) -> None:
    bundle = recorded(tmp_path / "x.rtmsrec")
    (bundle / names.MARKS).unlink()
    manifest = read_manifest(bundle)
    assert manifest is not None and read_marks(bundle) is None
    write_manifest(bundle, manifest | {"files": [name for name in manifest["files"] if name != names.MARKS]})
    write_marks(bundle, MarkBook([mark(1, "late")]))
    manifest = read_manifest(bundle)
    assert manifest is not None and manifest["files"] == names.list_files(bundle) and texts(bundle) == ["late"]


def test_a_sidecar_may_come_from_anywhere(tmp_path: Path) -> None:
    good = msgspec.json.encode(mark(1, "good\u0007 <b>"))
    rows = [b"", b"[]", b'{"id": 7}', b"\xff\xfe", good[:-3], good, b'{"id":"x","at":1e999,"server_ms":0,"text":""}']
    (tmp_path / names.MARKS).write_bytes(b"\n".join(rows))
    assert texts(tmp_path) == ["good <b>"]
    (tmp_path / names.MARKS).write_bytes(b" " * (mk.MAX_BYTES + 1))
    assert read_marks(tmp_path) is None


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be written"):
        write_marks(tmp_path / "missing.rtmsrec", MarkBook([mark(1)]))
