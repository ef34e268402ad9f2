"""WAV and FLAC: the samples that were recorded, and no others; gaps as they were asked for."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from rtms_desktop.errors import BundleError, UsageError
from rtms_desktop.recording.export.options import Format, Gaps
from tests.recording import material as m
from tests.recording.export.studio import Studio, ffmpeg_says, made, meeting, needs_ffmpeg, samples

ANN = np.concatenate([m.tone(16_000, 1), np.zeros(16_000, np.int16), m.tone(32_000, 2)])
BOB = np.concatenate([np.zeros(8_000, np.int16), m.tone(8_000, 3)])
MIXED = np.clip(ANN.astype(int) + np.pad(BOB, (0, len(ANN) - len(BOB))), -32768, 32767)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("sound") / "one.rtmsrec")


@needs_ffmpeg
@pytest.mark.parametrize("kind", [Format.WAV, Format.FLAC])
def test_every_speaker_and_the_mix_are_the_samples_recorded(tmp_path: Path, bundle: Path, kind: Format) -> None:
    files = {path.name: path for path in made(bundle, tmp_path / "all", kind)}
    assert sorted(files) == [f"Ann-{m.ANN}.{kind}", f"Bob_b-{m.BOB}.{kind}", f"mixed.{kind}"]
    assert np.array_equal(samples(files[f"Ann-{m.ANN}.{kind}"]), ANN)
    assert np.array_equal(samples(files[f"Bob_b-{m.BOB}.{kind}"]), BOB)
    assert np.array_equal(samples(files[f"mixed.{kind}"]), MIXED)
    assert np.array_equal(samples(files[f"Ann-{m.ANN}.{kind}"]), m.flac_samples(bundle / f"audio/{m.ANN}.flac"))
    assert [ffmpeg_says(path) for path in files.values()] == ["", "", ""]


def test_a_file_is_the_mix_or_the_one_speaker(tmp_path: Path, bundle: Path) -> None:
    (mixed,) = made(bundle, tmp_path / "a.wav", Format.WAV)
    (bob,) = made(bundle, tmp_path / "b.wav", Format.WAV, user_id=m.BOB)
    assert np.array_equal(samples(mixed), MIXED)
    assert np.array_equal(samples(bob), BOB)


def test_closed_up_nothing_invented_is_left(tmp_path: Path, bundle: Path) -> None:
    (ann,) = made(bundle, tmp_path / "a.flac", Format.FLAC, user_id=m.ANN, gaps=Gaps.CLOSE)
    (bob,) = made(bundle, tmp_path / "b.flac", Format.FLAC, user_id=m.BOB, gaps=Gaps.CLOSE)
    assert np.array_equal(samples(ann), np.concatenate([m.tone(16_000, 1), m.tone(32_000, 2)]))
    assert np.array_equal(samples(bob), m.tone(8_000, 3))


def test_files_closed_up_together_share_one_clock(tmp_path: Path, bundle: Path) -> None:
    files = {path.name: samples(path) for path in made(bundle, tmp_path / "all", Format.WAV, gaps=Gaps.CLOSE)}
    # Between 1000 and 2000 ms nobody was heard.
    assert np.array_equal(files["mixed.wav"], np.concatenate([MIXED[:16_000], MIXED[32_000:]]))
    assert np.array_equal(files[f"Bob_b-{m.BOB}.wav"], BOB)


def test_marks_list_every_invented_sample(tmp_path: Path, bundle: Path) -> None:
    made(bundle, tmp_path / "all", Format.WAV, gaps=Gaps.MARK)
    marks = (tmp_path / "all").glob("*.gaps.csv")
    rows = {path.name: list(csv.DictReader(path.read_text().splitlines())) for path in marks}
    lost = {"start": "1.000000", "end": "2.000000", "start_sample": "16000", "samples": "16000"}
    assert rows[f"Ann-{m.ANN}.gaps.csv"] == [lost | {"reason": "socket_down"}]
    assert rows["mixed.gaps.csv"] == [lost | {"reason": "socket_down"}]
    first = {"start": "0.000000", "end": "0.500000", "start_sample": "0", "samples": "8000", "reason": "silence"}
    assert rows[f"Bob_b-{m.BOB}.gaps.csv"] == [first]
    assert np.array_equal(samples(tmp_path / "all" / "mixed.wav"), MIXED)


def test_the_servers_own_mix_is_taken_where_there_is_one(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(16_000, 7), 0, 0, "")
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / "all", Format.WAV)
    assert path.name == "mixed.wav"
    assert np.array_equal(samples(path), m.tone(16_000, 7))


def test_who_is_not_there(tmp_path: Path, bundle: Path) -> None:
    with pytest.raises(UsageError, match=r"no participant 5 .*") as caught:
        made(bundle, tmp_path / "a.wav", Format.WAV, user_id=5)
    assert f"{m.ANN} (Ann)" in caught.value.fix
    studio = Studio(tmp_path / "silent.rtmsrec")
    studio.say("hm", 0, 100)
    with pytest.raises(BundleError, match="no sound"):
        made(studio.close(), tmp_path / "a.wav", Format.WAV)
    assert not (tmp_path / "a.wav").exists()
