"""The library: what it says of recordings, what it finds in them, what it survives, and what it forgets for good."""

from __future__ import annotations

import json
import os
import sqlite3
from io import BytesIO
from pathlib import Path

import av
import pytest

from rtms_desktop.errors import BundleError, DiskError
from rtms_desktop.recording import bundle_notes, names, trash
from rtms_desktop.recording.library import Library, open_library
from rtms_desktop.recording.library_rows import State
from rtms_desktop.recording.manifest import read_manifest, write_manifest
from rtms_desktop.recording.recorder import destroy_bundle
from rtms_desktop.recording.revocation import delete_stream
from tests.recording import material as m

DAY_MS = 86_400_000


def bundle(
    root: Path,
    number: int = 1,
    *,
    lines: tuple[str, ...] = ("good morning everyone",),
    chat: tuple[str, ...] = (),
    stream: str = m.STREAM,
    **changes: object,
) -> Path:
    """A bundle without media, as the recorder leaves it."""
    started = m.ZERO_MS + number * 60_000
    folder = root / names.bundle_name(started, f"meeting/{number}==")
    folder.mkdir(parents=True)
    manifest = {
        "schema": 1, "app_version": "1", "product": "meeting", "ids": {"rtms_stream_id": stream}, "profile": "",
        "started_ms": started, "session_zero_ms": started, "requested": {}, "granted": {},
        "observed": {"audio": {"1": {"messages": 9, "first_ms": started, "last_ms": started + 5_000}}},
        "participants": [{"user_id": 1, "name": "Ann"}, {"user_id": 2, "name": "Bo"}, {"user_id": 3, "name": ""}],
        "counts": {}, "gaps": [], "reconnects": 0, "files": [], "closed": True, "stop_reason": 6, **changes,
    }  # fmt: skip
    write_manifest(folder, manifest)
    rows = [
        {"start_ms": started + n, "end_ms": started + n + 1, "user_id": 1, "user_name": "Ann", "text": text}
        for n, text in enumerate(lines)
    ]
    (folder / names.TRANSCRIPT).write_text("".join(json.dumps(row) + "\n" for row in rows))
    rows = [
        {"timestamp": started + n, "message_id": str(n), "sender_id": 2, "sender_name": "Bo", "text": text}
        for n, text in enumerate(chat)
    ]
    (folder / names.CHAT).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "recordings").mkdir()
    return tmp_path / "recordings"


@pytest.fixture
def library(root: Path, tmp_path: Path):
    made = Library(root, tmp_path / "config" / "library.sqlite3")
    yield made
    made.close()


def test_an_entry_says_what_the_bundle_holds(root: Path, library: Library) -> None:
    first, second = bundle(root, 1), bundle(root, 2, repaired=["the tape was cut"])
    third = bundle(root, 3, closed=False)
    assert library.scan() and not library.scan()
    entries = library.entries()
    assert [entry.folder for entry in entries] == [third, second, first]
    assert [entry.state for entry in entries] == [State.OPEN, State.REPAIRED, State.CLOSED]
    assert [entry.closed for entry in entries] == [False, True, True]
    entry = entries[-1]
    assert (entry.name, entry.when, entry.length_ms) == ("meeting_1", m.ZERO_MS + 60_000, 5_000)
    assert entry.people == ("Ann", "Bo") and entry.product == "meeting"
    files = ("transcript.jsonl", "chat.jsonl")
    assert entry.size == sum((first / name).stat().st_size for name in files)
    assert not entry.has_thumbnail and library.thumbnail(first) == b""


def test_the_index_follows_the_folder(root: Path, library: Library) -> None:
    first, second = bundle(root, 1), bundle(root, 2)
    library.scan(writing=second)
    assert [entry.folder for entry in library.entries()] == [first]
    assert library.scan()
    with (first / names.TRANSCRIPT).open("a") as file:
        file.write(json.dumps({"start_ms": 9, "end_ms": 9, "user_id": 1, "text": "one more line"}) + "\n")
    assert library.search("more") == []
    assert library.scan() and len(library.search("more")) == 1
    first.rename(root.parent / first.name)
    assert library.scan()
    assert [entry.folder for entry in library.entries()] == [second]
    assert library.search("more") == []


def test_search_finds_words_in_all_recordings(root: Path, library: Library) -> None:
    first = bundle(root, 1, lines=("The Budget for next year", "café noir"), chat=("see the budget sheet",))
    second = bundle(root, 2, lines=("no budgets today",))
    library.scan()
    hits = library.search("budget")
    assert [(hit.folder, hit.kind) for hit in hits] == [(second, "transcript"), (first, "transcript"), (first, "chat")]
    assert [hit.text[slice(*hit.marks[0])] for hit in hits] == ["budgets", "Budget", "budget"]
    assert (hits[1].speaker, hits[1].at_ms) == ("Ann", m.ZERO_MS + 60_000)
    assert hits[2].speaker == "Bo"
    assert [hit.folder for hit in library.search("budget year")] == [first]
    assert [hit.text for hit in library.search("CAFE")] == ["café noir"]
    assert {hit.kind for hit in library.search("ann")} == {"person"}
    assert library.search("udget") == []
    assert len(library.search("budget", limit=1)) == 1


@pytest.mark.parametrize(
    "text", ["", "  ", '"', "AND", "NEAR(", "*", "text:x", "'; DROP TABLE lines", "\x00\x01", "(", "-"]
)
def test_no_search_is_an_error(root: Path, library: Library, text: str) -> None:
    bundle(root, 1)
    library.scan()
    assert library.search(text) == []


def test_scripts_without_spaces_are_found_in_the_middle(root: Path, library: Library) -> None:
    bundle(root, 1, lines=("本日は会議を始めます",))
    library.scan()
    (hit,) = library.search("会議")
    assert hit.text[slice(*hit.marks[0])] == "会議"


def test_deleted_lines_are_not_found(root: Path, library: Library) -> None:
    folder = bundle(root, 1, lines=())
    rows = [{"start_ms": 5, "end_ms": 6, "user_id": 1, "text": "secret", "attribute": n} for n in (1, 3)]
    (folder / names.TRANSCRIPT).write_text("".join(json.dumps(row) + "\n" for row in rows))
    library.scan()
    assert library.search("secret") == []


def test_a_title_is_kept_in_the_bundle(root: Path, library: Library, tmp_path: Path) -> None:
    folder = bundle(root, 1)
    library.scan()
    library.rename(folder, "  Weekly \n review\x00 ")
    assert library.entries()[0].name == "Weekly review" and folder.is_dir()
    assert [hit.kind for hit in library.search("weekly")] == ["title"]
    assert names.LIBRARY_NOTES not in names.list_files(folder)
    other = Library(root, tmp_path / "other.sqlite3")
    other.scan()
    assert other.entries()[0].title == "Weekly review"
    other.close()
    library.rename(folder, "")
    assert library.entries()[0].name == "meeting_1"


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut", "old", "no table"])
def test_a_damaged_index_is_made_again(root: Path, tmp_path: Path, damage: str) -> None:
    folder, index = bundle(root, 1), tmp_path / "library.sqlite3"
    library = Library(root, index)
    assert library.rebuilt
    library.scan()
    library.close()
    match damage:
        case "garbage":
            index.write_bytes(b"this is no database " * 500)
        case "empty":
            index.write_bytes(b"")
        case "cut":
            index.write_bytes(index.read_bytes()[:5000])
        case _:
            with sqlite3.connect(index) as db:
                db.execute("UPDATE meta SET version = 0" if damage == "old" else "DROP TABLE recordings")
            db.close()
    again = Library(root, index)
    again.scan()
    assert [entry.folder for entry in again.entries()] == [folder]
    assert len(again.search("morning")) == 1
    again.close()


def test_damage_under_way_is_repaired_as_well(root: Path, library: Library, tmp_path: Path) -> None:
    bundle(root, 1)
    library.scan()
    with sqlite3.connect(tmp_path / "config" / "library.sqlite3") as db:
        db.execute("DROP TABLE lines")
    db.close()
    assert len(library.search("morning")) == 1


def test_another_folder_gets_another_index(root: Path, tmp_path: Path) -> None:
    bundle(root, 1)
    index = tmp_path / "library.sqlite3"
    for folder, count in ((root, 1), (tmp_path / "none", 0), (root, 1)):
        library = Library(folder, index)
        library.scan()
        assert len(library.entries()) == count
        library.close()
    with pytest.raises(BundleError):
        open_library(index, tmp_path / "x.sqlite3")
    with pytest.raises(DiskError):
        Library(root, index / "below" / "library.sqlite3")


def test_a_thumbnail_comes_from_the_first_keyframe_or_image(root: Path, library: Library) -> None:
    plain, filmed, shared, broken = (bundle(root, number) for number in range(1, 5))
    (filmed / "video").mkdir()
    with av.open(str(filmed / "video" / "1-1.mkv"), "w") as out:
        stream = out.add_stream("libx264", 25, {"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for _ in range(3):
            out.mux(stream.encode(av.VideoFrame(640, 480, "yuv420p")))
        out.mux(stream.encode(None))
    (shared / "share").mkdir()
    (shared / "share" / "1000.png").write_bytes(m.image("png", 1000, 500))
    (broken / "video").mkdir()
    (broken / "video" / "1-1.mkv").write_bytes(b"no film" * 100)
    library.scan()
    sizes = {}
    for folder in (filmed, shared):
        with av.open(BytesIO(library.thumbnail(folder)), format="jpeg_pipe") as picture:
            frame = next(picture.decode(video=0))
            sizes[folder] = (frame.width, frame.height)
    assert sizes == {filmed: (240, 180), shared: (320, 160)}
    assert {entry.folder: entry.has_thumbnail for entry in library.entries()} == {
        plain: False, filmed: True, shared: True, broken: False,
    }  # fmt: skip


def test_deleting_goes_to_the_desktops_trash_and_back(root: Path, library: Library, tmp_path: Path) -> None:
    folder = bundle(root, 1)
    library.scan()
    trashed = library.trash(folder)
    assert library.entries() == [] and not folder.exists()
    assert trashed.place.parent == tmp_path / "data" / "Trash" / "files"
    assert trashed.note is not None
    note = trashed.note.read_text()
    assert note.startswith("[Trash Info]\n") and f"Path={folder}\n" in note.replace("%20", " ")
    second = bundle(root, 1)
    assert library.trash(second).place.name != folder.name
    assert trash.restore(trashed) == folder and not trashed.note.exists()
    library.refresh(folder)
    assert len(library.entries()) == 1


def test_without_a_desktops_trash_a_hidden_folder_serves(
    root: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_desktop_trash", lambda: None)
    folder = bundle(root, 1)
    library.scan()
    trashed = library.trash(folder)
    assert trashed.place == root / ".trash" / folder.name
    assert not library.scan() and library.entries() == []
    old = trashed.place.stat().st_mtime + 31 * 86_400
    assert trash.empty_old(root, old - 3 * 86_400) == 0
    assert trash.empty_old(root, old) == 1 and not trashed.place.exists()


def test_retention_takes_the_old_but_never_an_open_one(root: Path, library: Library) -> None:
    old, open_one, writing = bundle(root, 1), bundle(root, 2, closed=False), bundle(root, 3)
    fresh = bundle(root, 60 * 24 * 3)
    library.scan()
    now = m.ZERO_MS + 60_000 + 2 * DAY_MS + 10_000
    gone = library.expire(2, now, [writing])
    assert [trashed.original for trashed in gone] == [old]
    assert {path for path in root.iterdir() if path.suffix == names.BUNDLE_SUFFIX} == {open_one, writing, fresh}
    assert library.expire(2, now, [writing]) == [] == library.expire(0, now + 90 * DAY_MS, [])


def test_a_revoked_stream_leaves_nothing_but_a_tombstone(root: Path, library: Library, tmp_path: Path) -> None:
    first, second = bundle(root, 1, lines=("xylophone",)), bundle(root, 2, closed=False)
    trashed, other = bundle(root, 3, lines=("zeppelin",)), bundle(root, 4, stream="another")
    export, changed = tmp_path / "film.mp4", tmp_path / "text.txt"
    for path in (export, changed):
        path.write_text("content")
    bundle_notes.remember_exports(first, [export, changed, tmp_path / "never.srt"])
    changed.write_text("somebody else wrote this")
    snapshot = tmp_path / "snapshot.png"
    snapshot.write_bytes(b"picture")
    library.scan()
    place = library.trash(trashed)
    done = delete_stream(root, m.STREAM, 1_000, made=[snapshot, tmp_path / "gone.png"])
    library.erase(done.bundles)
    library.scan()
    assert done.problem() is None
    assert set(done.bundles) == {first, second, place.place}
    assert place.note is not None and not place.note.exists() and not place.place.exists()
    assert not export.exists() and not snapshot.exists() and changed.exists()
    assert sorted(path.name for path in root.iterdir()) == sorted(
        [other.name, names.tombstone_of(first).name, names.tombstone_of(second).name]
    )
    states = {entry.folder: entry.state for entry in library.entries()}
    assert states == {first: State.REVOKED, second: State.REVOKED, other: State.CLOSED}
    assert library.search("xylophone") == []
    library.close()
    for path in (tmp_path / "config").iterdir():
        data = path.read_bytes()
        assert b"xylophone" not in data and b"zeppelin" not in data, path


def test_an_export_that_cannot_be_deleted_is_told(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, export = bundle(root, 1), tmp_path / "film.mp4"
    export.write_text("content")
    bundle_notes.remember_exports(folder, [export])
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == export:
            raise PermissionError(13, "Permission denied")
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    done = delete_stream(root, m.STREAM, 1_000)
    problem = done.problem()
    assert problem is not None and str(export) in problem.sentence() and not folder.exists()
    again = bundle(root, 9)
    bundle_notes.remember_exports(again, [export])
    with pytest.raises(DiskError, match="export"):
        destroy_bundle(again, m.STREAM, 1, 8)
    assert not again.exists()


def test_damaged_bundles_are_listed_all_the_same(root: Path, library: Library) -> None:
    odd = root / "odd.rtmsrec"
    odd.mkdir()
    (odd / names.MANIFEST).write_text("{")
    (odd / names.LIBRARY_NOTES).write_text("[1")
    (odd / names.TRANSCRIPT).write_text('{"start_ms": "x"}\n{\n')
    os.utime(odd, (1000, 1000))
    strange = bundle(root, 1, observed={"audio": {"1": {"last_ms": None}}}, participants=[{"name": None}, 7])
    library.scan()
    entries = {entry.folder: entry for entry in library.entries()}
    assert entries[odd].state is State.OPEN and entries[odd].when == 1_000_000 and entries[odd].name == "odd.rtmsrec"
    assert entries[strange].people == () and entries[strange].length_ms == 0
    manifest = read_manifest(strange)
    assert manifest is not None
