"""``export`` as a program: every format of a session recorded from the mock server; signals and bad arguments."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from rtms_desktop.app.export import main
from rtms_desktop.errors import DiskError, RtmsError, UsageError
from rtms_desktop.recording.bundle_notes import delete_exports, read_notes
from rtms_desktop.recording.media_mkv import mix
from tests.recording.export.studio import ffmpeg_hashes, ffmpeg_says, meeting, needs_ffmpeg, samples

FORMATS = ("mp4", "mkv", "wav", "flac", "vtt", "srt", "txt", "json", "csv", "html")
MEDIA = FORMATS[:4]


def program(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "rtms_desktop", *words]
    variables = os.environ | (env or {})
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Eight seconds of the mock server, so that somebody has finished a sentence."""
    command = [sys.executable, "-m", "rtms_desktop", "mock", "--port", "0", "--media-port", "0", "--fps", "15"]
    mock = subprocess.Popen([*command, "--resolution", "360p"], stdout=subprocess.PIPE, text=True)
    assert mock.stdout is not None
    try:
        told: dict[str, Any] = json.loads(mock.stdout.readline())
        env = {"ZOOM_CLIENT_ID": told["client_id"], "ZOOM_CLIENT_SECRET": told["client_secret"]}
        folder = tmp_path_factory.mktemp("recorded")
        done = program("record", json.dumps(told["webhook"]), "--out", str(folder), "--duration", "8", env=env)
        assert done.returncode == 0, done.stderr
        yield Path(json.loads(done.stdout.splitlines()[-1])["bundle"])
    finally:
        mock.terminate()
        mock.communicate(timeout=10)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("small") / "one.rtmsrec")


@needs_ffmpeg
@pytest.mark.e2e
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_of_a_recorded_session(tmp_path: Path, recorded: Path, kind: str) -> None:
    out = tmp_path / f"film.{kind}"
    done = program("export", str(recorded), "--format", kind, "-o", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{out}\n", "")
    assert os.listdir(tmp_path) == [out.name]
    if kind in MEDIA:
        assert ffmpeg_says(out) == ""
    else:
        assert "Good morning everyone" in out.read_text("utf-8")


@needs_ffmpeg
@pytest.mark.e2e
def test_exported_pictures_are_the_pictures_recorded(tmp_path: Path, recorded: Path) -> None:
    done = program("export", str(recorded), "--format", "mp4", "-o", f"{tmp_path}/films")
    assert done.returncode == 0, done.stderr
    films = sorted((tmp_path / "films").iterdir())
    tracks = sorted((recorded / "video").glob("*-1.mkv"))
    assert len(films) == len(tracks) == 3
    by_user = {film.stem.rpartition("-")[2]: film for film in films}
    for track in tracks:
        film = by_user[track.stem.partition("-")[0]]
        assert ffmpeg_hashes(film) == ffmpeg_hashes(track)
        assert times(film) == times(track)
    assert len(ffmpeg_hashes(tracks[0])) > 50


def times(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [round(frame.pts * frame.time_base * 1000) for frame in container.decode(video=0)]


@pytest.mark.e2e
@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_exported_samples_are_the_samples_recorded(tmp_path: Path, recorded: Path, kind: str) -> None:
    done = program("export", str(recorded), "--format", kind, "-o", f"{tmp_path}/voices/")
    assert done.returncode == 0, done.stderr
    sources = sorted((recorded / "audio").glob("*.flac"))
    assert sources
    for source in sources:
        (exported,) = (tmp_path / "voices").glob(f"*{source.stem}.{kind}")
        assert np.array_equal(samples(exported), samples(source))
    mixed = np.concatenate(list(mix(sources, 16_000)))[:, 0]
    assert np.array_equal(samples(tmp_path / "voices" / f"mixed.{kind}"), mixed)


def test_paths_that_were_written_are_told(tmp_path: Path, small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(small), "--format", "wav", "-o", f"{tmp_path}/voices", "--gaps", "mark"]) == 0
    told = capsys.readouterr()
    assert [Path(line) for line in told.out.splitlines()] == sorted((tmp_path / "voices").iterdir())
    assert len(told.out.splitlines()) == 6 and told.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "0:00.55", "--to", "00:00:00.75"], ["hello <world> --> & more"]),
        (["--to", "0.3"], ["hello <world> --> & more"]),
        (["--from", "1.1"], ["right"]),
    ],
)
def test_a_part_is_told_in_the_times_of_the_recording(
    tmp_path: Path, small: Path, words: list[str], said: list[str]
) -> None:
    out = tmp_path / "a.json"
    assert main([str(small), "--format", "json", "-o", str(out), *words]) == 0
    assert [each["text"] for each in json.loads(out.read_text())["segments"]] == said


@pytest.mark.parametrize(
    ("words", "why"), [(["--from", "2", "--to", "1"], "before it begins"), (["--from", "5:00"], "nothing in that part")]
)
def test_a_part_that_cannot_be(tmp_path: Path, small: Path, words: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        main([str(small), "--format", "wav", "-o", str(tmp_path / "a.wav"), *words])


@pytest.mark.parametrize("time", ["soon", "1:2:3:4", "1:75", "-3", "nan"])
def test_no_time_at_all(tmp_path: Path, small: Path, time: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(small), "--format", "wav", "-o", str(tmp_path / "a.wav"), f"--from={time}"])
    assert "--from" in capsys.readouterr().err


def test_what_was_made_goes_with_the_recording(tmp_path: Path) -> None:
    bundle, out = meeting(tmp_path / "one.rtmsrec"), tmp_path / "a.txt"
    assert main([str(bundle), "--format", "txt", "-o", str(out)]) == 0
    assert [export.path for export in read_notes(bundle).exports] == [str(out)]
    assert delete_exports(bundle) == [] and not out.exists()


@pytest.mark.parametrize("stays", [True, False])
def test_a_recording_that_cannot_be_noted_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stays: bool
) -> None:
    bundle, out = meeting(tmp_path / "one.rtmsrec"), tmp_path / "a.txt"

    def refuse(*_: object) -> None:
        if not stays:
            shutil.rmtree(bundle)
        raise DiskError("one.rtmsrec cannot be written to")

    monkeypatch.setattr("rtms_desktop.app.export.remember_exports", refuse)
    if stays:
        assert main([str(bundle), "--format", "txt", "-o", str(out)]) == 0
        assert "not remembered: one.rtmsrec cannot be written to." in capsys.readouterr().err
    else:
        with pytest.raises(RtmsError, match="deleted"):
            main([str(bundle), "--format", "txt", "-o", str(out)])
    assert out.exists() is stays


def test_a_file_that_exists_needs_force(tmp_path: Path, small: Path) -> None:
    out = tmp_path / "a.txt"
    out.write_text("mine")
    words = ["export", str(small), "--format", "txt", "-o", str(out)]
    done = program(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rtms-desktop: ") and "--force" in done.stderr and "Traceback" not in done.stderr
    assert out.read_text() == "mine"
    assert program(*words, "--force").returncode == 0
    assert "hello" in out.read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "doc", "-o", "x"],
        ["--format", "mp4"],
        ["-o", "x"],
        ["--format", "mp4", "-o", "x", "--gaps", "what"],
        ["--format", "mp4", "-o", "x", "--user", "Ann"],
    ],
)
def test_bad_usage(small: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(small), *words])
    assert caught.value.code == 2


def test_an_unknown_participant(tmp_path: Path, small: Path) -> None:
    with pytest.raises(UsageError, match="no participant 7"):
        main([str(small), "--format", "mp4", "-o", str(tmp_path / "a.mp4"), "--user", "7"])


def test_the_disk_is_full(small: Path) -> None:
    done = program("export", str(small), "--format", "wav", "-o", "/proc/a.wav")
    assert done.returncode == 6, done.stderr
    assert "Traceback" not in done.stderr


def test_a_signal_stops_it_and_nothing_stays(tmp_path: Path, small: Path) -> None:
    """The terminal is a pseudo terminal, so that progress is told; the first number is the moment to stop."""
    ours, theirs = os.openpty()
    command = [
        sys.executable,
        "-m",
        "tests.app.slow_export",
        str(small),
        "--format",
        "mp4",
        "-o",
        str(tmp_path / "a.mp4"),
    ]
    process = subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    try:
        assert b"%" in os.read(ours, 100)
        assert [name for name in os.listdir(tmp_path) if name.endswith(".part")]
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (1, b"")
    assert b"cancelled" in os.read(ours, 1000)
    os.close(ours)
    assert os.listdir(tmp_path) == []
