"""Exports as a whole: cut recordings and bare tapes, progress, stopping, full disks."""

from __future__ import annotations

import json
import os
import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from rtms_desktop.errors import BundleError, DiskError, UsageError
from rtms_desktop.recording.export.options import ExportCancelled, ExportOptions, FillPicture, Format, Gaps
from rtms_desktop.recording.export.run import export
from rtms_desktop.recording.recorder import Recorder
from tests.recording import live
from tests.recording import material as m
from tests.recording.export.studio import Studio, ffmpeg_says, made, meeting, needs_ffmpeg, pictures, samples


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sockets broke twice, and everything went over the wire."""
    folder = tmp_path_factory.mktemp("run") / "one.rtmsrec"
    return live.scenario(folder).recorder.close()


@pytest.fixture(scope="module")
def meeting_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("run2") / "one.rtmsrec")


def contents(paths: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


@needs_ffmpeg
@pytest.mark.parametrize("kind", list(Format))
def test_every_format_of_a_session_whose_sockets_broke(tmp_path: Path, bundle: Path, kind: Format) -> None:
    (path,) = made(bundle, tmp_path / f"a.{kind}", kind)
    if kind in (Format.MP4, Format.MKV, Format.WAV, Format.FLAC):
        assert ffmpeg_says(path) == ""
    if kind in (Format.MP4, Format.MKV):
        source = [picture for file in sorted((bundle / "video").glob("*.mkv")) for picture in pictures(file)]
        assert pictures(path) == source and len(source) > 10
    if kind in (Format.MKV, Format.WAV, Format.FLAC):
        assert np.array_equal(samples(path), m.flac_samples(bundle / f"audio/{m.ANN}.flac"))


@pytest.mark.parametrize("kind", [Format.MKV, Format.WAV, Format.VTT, Format.JSON, Format.HTML])
def test_a_bare_tape_exports_as_its_bundle(tmp_path: Path, bundle: Path, kind: Format) -> None:
    tape = tmp_path / "one.mcap"
    shutil.copy(bundle / "tape.mcap", tape)
    (from_tape,) = made(tape, tmp_path / f"tape.{kind}", kind)
    (from_bundle,) = made(bundle, tmp_path / f"bundle.{kind}", kind)
    if kind is Format.MKV:
        assert pictures(from_tape) == pictures(from_bundle)
        assert np.array_equal(samples(from_tape), samples(from_bundle))
    elif kind is Format.JSON:
        ours, theirs = json.loads(from_tape.read_bytes()), json.loads(from_bundle.read_bytes())
        assert ours.pop("recording") == theirs.pop("recording") == "one"
        assert ours == theirs
    elif kind is Format.HTML:
        assert "hello" in from_tape.read_text("utf-8") and "LinkStateChanged" in from_tape.read_text("utf-8")
    else:
        assert from_tape.read_bytes() == from_bundle.read_bytes()
    assert sorted(os.listdir(tmp_path)) == sorted([f"bundle.{kind}", f"tape.{kind}", "one.mcap"])


@pytest.mark.parametrize("lost", ["transcript.jsonl", "chat.jsonl", "gaps.csv", "audio", "video", "manifest.json"])
def test_what_a_bundle_has_lost_comes_from_its_tape(tmp_path: Path, bundle: Path, lost: str) -> None:
    copy = tmp_path / "one.rtmsrec"
    shutil.copytree(bundle, copy)
    shutil.rmtree(copy / lost) if (copy / lost).is_dir() else (copy / lost).unlink()
    for kind in (Format.MKV, Format.JSON):
        made(copy, tmp_path / f"a.{kind}", kind)
        made(bundle, tmp_path / f"b.{kind}", kind)
    assert pictures(tmp_path / "a.mkv") == pictures(tmp_path / "b.mkv")
    assert np.array_equal(samples(tmp_path / "a.mkv"), samples(tmp_path / "b.mkv"))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@needs_ffmpeg
def test_a_recording_that_is_still_open_or_was_cut(tmp_path: Path) -> None:
    """The folder is copied while the recorder has it open, and its files end in the middle of a line."""
    session = live.LiveSession(tmp_path / "open.rtmsrec")
    session.join()
    session.stream(0, 1200)
    session.talk()
    recorder = session.recorder
    for _ in range(200):
        if not recorder.stats.queue_bytes and (recorder.folder / "chat.jsonl").stat().st_size:
            break
        threading.Event().wait(0.02)
    cut = tmp_path / "cut.rtmsrec"
    shutil.copytree(recorder.folder, cut)
    recorder.close()
    with (cut / "transcript.jsonl").open("ab") as file:
        file.write(b'{"start_ms": 17490000')
    assert json.loads((cut / "manifest.json").read_bytes())["closed"] is False
    for kind in Format:
        (path,) = made(cut, tmp_path / f"a.{kind}", kind)
        if kind in (Format.MP4, Format.MKV, Format.WAV, Format.FLAC):
            assert ffmpeg_says(path) == ""
    assert "<v Ann>hello" in (tmp_path / "a.vtt").read_text("utf-8")
    assert len(pictures(tmp_path / "a.mp4")) >= 20
    # Received were the first 1200 ms; the encoder still held a block or two.
    (path,) = made(cut, tmp_path / "closed.wav", Format.WAV, gaps=Gaps.CLOSE)
    heard = samples(path)
    assert 1100 * 16 < len(heard) <= 1200 * 16
    assert np.array_equal(heard, m.tone(32_000)[: len(heard)])
    assert "cut off" in (tmp_path / "a.html").read_text("utf-8")


@pytest.mark.parametrize("kind", list(Format))
def test_progress_goes_from_nothing_to_all_and_never_back(tmp_path: Path, meeting_bundle: Path, kind: Format) -> None:
    told: list[float] = []
    export(meeting_bundle, ExportOptions(format=kind, out=str(tmp_path / f"a.{kind}")), told.append)
    assert told == sorted(told) and told[0] == 0.0 and told[-1] == 1.0
    if kind in (Format.MP4, Format.MKV, Format.WAV, Format.FLAC):
        assert len(told) > 3


@pytest.mark.parametrize("kind", list(Format))
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_stopping_leaves_nothing(tmp_path: Path, meeting_bundle: Path, kind: Format, calls: int) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > calls

    out = tmp_path / f"a.{kind}"
    options = ExportOptions(format=kind, out=str(out))
    try:
        export(meeting_bundle, options, cancelled=cancelled)
    except ExportCancelled:
        assert os.listdir(tmp_path) == []
    else:
        assert asked <= calls and out.exists()


def test_stopping_keeps_what_was_there_before(tmp_path: Path, meeting_bundle: Path) -> None:
    out = tmp_path / "a.mp4"
    out.write_text("old")
    for fill in FillPicture:
        with pytest.raises(ExportCancelled):
            options = ExportOptions(format=Format.MP4, out=str(out), force=True, fill_picture=fill)
            export(meeting_bundle, options, cancelled=iter([False] * 4 + [True] * 9).__next__)
    assert out.read_text() == "old" and os.listdir(tmp_path) == ["a.mp4"]


@contextmanager
def small_disk(limit: int) -> Iterator[None]:
    """No file may grow beyond ``limit`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("kind", list(Format))
def test_a_disk_that_refuses_is_told_and_nothing_stays(tmp_path: Path, meeting_bundle: Path, kind: Format) -> None:
    with pytest.raises(DiskError, match="was not written") as caught, small_disk(100):
        made(meeting_bundle, tmp_path / f"a.{kind}", kind)
    assert caught.value.why
    assert os.listdir(tmp_path) == []


def test_options_that_do_not_fit(tmp_path: Path, meeting_bundle: Path) -> None:
    with pytest.raises(UsageError, match="black"):
        made(meeting_bundle, tmp_path / "a.wav", Format.WAV, fill_picture=FillPicture.BLACK)
    with pytest.raises(UsageError, match="no name"):
        export(meeting_bundle, ExportOptions(format=Format.WAV, out=""))
    with pytest.raises(BundleError, match="no recording"):
        made(tmp_path / "none", tmp_path / "a.wav", Format.WAV)


def test_ids_of_any_sign_have_their_files(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(3200), 0, -5, "Odd")
    studio.video(m.clip(160, 96, 20), 0, -5, "Odd")
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / "a.wav", Format.WAV, user_id=-5)
    assert np.array_equal(samples(path), m.tone(3200))
    assert len(pictures(made(bundle, tmp_path / "a.mp4", Format.MP4)[0])) == 20


def test_a_manifest_of_nonsense(tmp_path: Path, meeting_bundle: Path) -> None:
    copy = tmp_path / "one.rtmsrec"
    shutil.copytree(meeting_bundle, copy)
    told = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_text(json.dumps(told | {"gaps": "many"}))
    with pytest.raises(BundleError, match="manifest cannot be read"):
        made(copy, tmp_path / "a.vtt", Format.VTT)
    assert os.listdir(tmp_path) == ["one.rtmsrec"]


def test_a_gap_that_was_never_closed_ends_with_the_recording(tmp_path: Path) -> None:
    session = live.LiveSession(tmp_path / "one.rtmsrec")
    session.join()
    session.stream(0, 600)
    session.lose("audio")
    session.stream(600, 1200)
    bundle = session.recorder.close()
    (path,) = made(bundle, tmp_path / "a.json", Format.JSON, gaps=Gaps.MARK)
    told = json.loads(path.read_bytes())
    assert all(gap["start"] <= gap["end"] <= told["seconds"] for gap in told["gaps"])


def test_a_recording_in_mid_session_keeps_session_time(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(16_000), 5000)
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / "a.wav", Format.WAV)
    assert np.array_equal(samples(path), np.concatenate([np.zeros(80_000, np.int16), m.tone(16_000)]))
    (path,) = made(bundle, tmp_path / "b.wav", Format.WAV, gaps=Gaps.CLOSE)
    assert np.array_equal(samples(path), m.tone(16_000))


def test_without_any_media_time_begins_with_the_first_word(tmp_path: Path) -> None:
    clock = m.FakeClock()
    recorder = Recorder(tmp_path / "one.rtmsrec", m.info(), clock, disk_floor=0)
    recorder.events([m.said("first", 7000, 8000, user_name=""), m.said("second", 9000, 9900, user_name="Ann")])
    (path,) = made(recorder.close(), tmp_path / "a.txt", Format.TXT)
    assert path.read_text("utf-8") == "[00:00:00.000] Ann: first\n[00:00:02.000] Ann: second\n"


@pytest.mark.parametrize("fill", list(FillPicture))
def test_damage_inside_a_track_costs_only_what_is_damaged(
    tmp_path: Path, meeting_bundle: Path, fill: FillPicture
) -> None:
    copy = tmp_path / "one.rtmsrec"
    shutil.copytree(meeting_bundle, copy)
    track = copy / "video" / f"{m.ANN}-1.mkv"
    whole = bytearray(track.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 64] = m.tone(32, 9).tobytes()
    track.write_bytes(whole[: len(whole) * 9 // 10])
    (path,) = made(copy, tmp_path / "a.mp4", Format.MP4, fill_picture=fill)
    with av.open(str(path)) as container:
        times = [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.pts is not None]
    assert times == sorted(times) and times[-1] == 3 + 24 * Fraction(40, 1000)
