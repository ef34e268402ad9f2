"""Bundles that a crash left open."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcap.reader import make_reader

from rtms_desktop.recording import names
from rtms_desktop.recording.reader import open_recording
from rtms_desktop.recording.repair import QUIET_S, Cancelled, list_unclosed, repair
from rtms_desktop.recording.tape_reader import TapeReader
from tests.fakes.long_recording import make_bundle
from tests.recording import material as m

ROOT = Path(__file__).resolve().parents[2]
Records = list[tuple[int, str, str, bytes]]


def records(bundle: Path) -> Records:
    with TapeReader(bundle / names.TAPE) as reader:
        return [(r.time_ns, r.link, r.direction, r.data) for r in reader.records()]


def check_by_others(tape: Path, count: int) -> None:
    """The mcap package finds a whole file, by its index and by its chunks."""
    with tape.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == count
        assert sum(1 for _ in reader.iter_messages()) == count


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose recorder was killed in the middle."""
    bundle = tmp_path_factory.mktemp("killed") / "x.rtmsrec"
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.recording.live_writer", str(bundle)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) >= 1700:
            break
    writer.send_signal(signal.SIGKILL)
    writer.stdout.close()
    writer.wait()
    return bundle


def copy(bundle: Path, folder: Path) -> Path:
    target = folder / bundle.name
    subprocess.run(["cp", "-a", str(bundle), str(target)], check=True)
    return target


@pytest.mark.slow
def test_nothing_that_was_on_disk_is_missing_after_repair(killed: Path, tmp_path: Path) -> None:
    bundle = copy(killed, tmp_path)
    before, packets = records(bundle), m.mkv_packets(bundle / f"video/{m.ANN}-1.mkv")
    sound = (bundle / f"audio/{m.ANN}.flac").read_bytes()
    lines = (bundle / names.TRANSCRIPT).read_bytes()
    told: list[float] = []
    done = repair(bundle, told.append)
    assert records(bundle) == before
    check_by_others(bundle / names.TAPE, len(before))
    assert m.mkv_packets(bundle / f"video/{m.ANN}-1.mkv") == packets
    assert (bundle / f"audio/{m.ANN}.flac").read_bytes() == sound
    assert (bundle / names.TRANSCRIPT).read_bytes().startswith(lines[: lines.rfind(b"\n") + 1])
    assert (bundle / names.MEDIA).stat().st_size > 0
    opened = open_recording(bundle)
    assert opened.manifest["closed"] and not opened.rebuilt
    assert opened.manifest["repaired"] == done.notes and "index" in done.notes[0]
    assert told == sorted(told) and told[-1] == 1.0
    assert not list(bundle.rglob("*.tmp"))


def test_repairing_a_repaired_bundle_changes_nothing(killed: Path, tmp_path: Path) -> None:
    bundle = copy(killed, tmp_path)
    repair(bundle)
    tape = (bundle / names.TAPE).read_bytes()
    again = repair(bundle)
    assert (bundle / names.TAPE).read_bytes() == tape
    assert again.notes == []


def test_it_is_found_when_nobody_writes_it_any_more(killed: Path, tmp_path: Path) -> None:
    bundle = copy(killed, tmp_path)
    touched = max((bundle / name).stat().st_mtime for name in (names.TAPE, names.MANIFEST))
    (tmp_path / "no bundle").mkdir()
    assert list_unclosed(tmp_path, touched + QUIET_S - 1) == []
    assert list_unclosed(tmp_path, touched + QUIET_S + 1) == [bundle]
    (bundle / names.MANIFEST).unlink()
    assert list_unclosed(tmp_path, touched + QUIET_S + 1) == [bundle]
    repair(bundle)
    assert list_unclosed(tmp_path, touched + 1e6) == []
    assert list_unclosed(tmp_path / "nowhere") == []


@pytest.mark.parametrize("at", range(5))
def test_a_tape_cut_anywhere_keeps_every_message_that_was_readable(tmp_path: Path, at: int) -> None:
    bundle = make_bundle(tmp_path, 3.0, people=1, size=(160, 90), closed=False)
    tape = bundle / names.TAPE
    size = tape.stat().st_size
    os.truncate(tape, size - [0, 1, 700, size // 3, size // 2][at])
    before = records(bundle)
    assert before
    manifest = repair(bundle).manifest
    assert records(bundle) == before
    check_by_others(tape, len(before))
    assert manifest["counts"]["video"] == sum(b'"msg_type":15' in data for _, _, _, data in before)
    assert manifest["closed"]


def test_text_that_is_on_the_tape_alone_is_put_into_the_files(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path, 5.0, people=1, size=(160, 90), closed=False)
    (bundle / names.TRANSCRIPT).write_bytes(b'{"start_ms": 1, "en')
    notes = repair(bundle).notes
    rows = [json.loads(line) for line in (bundle / names.TRANSCRIPT).read_text().splitlines()]
    assert [row["text"] for row in rows] == ["line 0", "line 1", "line 2"]
    assert (bundle / names.TRANSCRIPT_VTT).read_text().count("-->") == 3
    assert any("3 lines" in note for note in notes)


def test_a_cancelled_repair_leaves_all_as_it_was(killed: Path, tmp_path: Path) -> None:
    bundle = copy(killed, tmp_path)
    before = {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    with pytest.raises(Cancelled):
        repair(bundle, cancelled=lambda: True)
    assert {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()} == before
