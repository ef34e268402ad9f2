"""Where an export is written: nothing is seen before all is whole, and nothing stays of what failed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rtms_desktop.errors import UsageError
from rtms_desktop.recording.export.options import ExportOptions, Format
from rtms_desktop.recording.export.workplace import Workplace

RECORDING = Path("/r/x.rtmsrec")


def place(out: str | Path, kind: Format = Format.VTT, recording: Path = RECORDING, **more: bool) -> Workplace:
    return Workplace(ExportOptions(format=kind, out=str(out), **more), recording)


def test_a_file_appears_whole_at_the_end(tmp_path: Path) -> None:
    with place(tmp_path / "a.vtt") as work:
        work.main_file().write_text("x")
        assert not (tmp_path / "a.vtt").exists()
        assert work.commit() == [tmp_path / "a.vtt"]
    assert os.listdir(tmp_path) == ["a.vtt"]


@pytest.mark.parametrize("out", ["new/", "new", "old", "old/"])
def test_folders(tmp_path: Path, out: str) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "other").write_text("stays")
    with place(f"{tmp_path}/{out}", Format.WAV) as work:
        assert work.is_folder
        work.file("a.wav").write_text("a")
        work.file("b.wav").write_text("b")
        written = work.commit()
    folder = tmp_path / out.strip("/")
    assert written == [folder / "a.wav", folder / "b.wav"]
    assert sorted(os.listdir(folder)) == ["a.wav", "b.wav", *(["other"] if "old" in out else [])]
    assert sorted(os.listdir(tmp_path)) == sorted({"old", folder.name})


def test_one_file_into_a_folder_is_named_as_the_recording(tmp_path: Path) -> None:
    with place(tmp_path) as work:
        work.main_file().write_text("x")
        assert work.commit() == [tmp_path / "x.vtt"]


def test_a_name_without_suffix_is_a_file_where_one_file_is_made(tmp_path: Path) -> None:
    assert not place(tmp_path / "notes", Format.TXT).is_folder


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), place(tmp_path / "a.vtt") as work:
        work.main_file().write_text("half")
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_files_that_exist_are_replaced_by_force_only(tmp_path: Path) -> None:
    out = tmp_path / "a.vtt"
    out.write_text("old")
    with pytest.raises(UsageError, match="exists already"):
        place(out)
    assert out.read_text() == "old"
    with place(out, force=True) as work:
        work.main_file().write_text("new")
        assert out.read_text() == "old"
        work.commit()
    assert out.read_text() == "new"


def test_a_name_that_is_taken_under_way_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "a.vtt"
    with pytest.raises(UsageError, match="exists already"), place(out) as work:
        work.main_file().write_text("new")
        out.write_text("somebody else's")
        work.commit()
    assert out.read_text() == "somebody else's"


def test_places_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        place(tmp_path / "none" / "a.vtt")
    (tmp_path / "a.vtt").mkdir()
    (tmp_path / "a.vtt" / "x.vtt").mkdir()
    with pytest.raises(UsageError, match="is a folder"), place(tmp_path / "a.vtt") as work:
        work.main_file()


@pytest.mark.parametrize("out", ["media.mkv", "audio/1.flac", "", "new/"])
def test_the_recording_itself_is_never_touched(tmp_path: Path, out: str) -> None:
    bundle = tmp_path / "one.rtmsrec"
    (bundle / "audio").mkdir(parents=True)
    with pytest.raises(UsageError, match="belongs to the recording"):
        place(f"{bundle}/{out}", Format.FLAC, bundle, force=True)
    tape = tmp_path / "tape.mcap"
    tape.write_text("")
    with pytest.raises(UsageError, match="belongs to the recording"):
        place(tape, Format.WAV, tape, force=True)
