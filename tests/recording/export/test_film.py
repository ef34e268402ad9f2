"""MP4 and MKV: every picture and sample that was recorded, at its time; gaps as they were asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.export.options import FillPicture, Format, Gaps
from rtms_desktop.session.events import GapReason
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m
from tests.recording.export.studio import (
    Studio,
    ffmpeg_hashes,
    ffmpeg_says,
    luma,
    made,
    meeting,
    needs_ffmpeg,
    pictures,
    samples,
)
from tests.recording.export.test_sound import ANN, BOB, MIXED


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("film") / "one.rtmsrec")


def recorded(bundle: Path, user: int = m.ANN, folder: str = "video") -> list[tuple[int, str]]:
    """The pictures of the files that the recorder wrote."""
    paths = sorted((bundle / folder).glob(f"{user}-*.mkv"))
    return [picture for path in paths for picture in pictures(path)]


def sounds_like(heard: np.ndarray, played: np.ndarray) -> float:
    """How alike two sounds are at equal times, 0 to 1; AAC is not exact."""
    size = min(len(heard), len(played))
    if heard.dtype.kind == "f":
        heard = heard * 32768
    return float(np.corrcoef(heard[:size].astype(float), played[:size].astype(float))[0, 1])


@needs_ffmpeg
def test_mp4_decodes_to_the_pictures_that_were_recorded(tmp_path: Path, bundle: Path) -> None:
    (path,) = made(bundle, tmp_path / "a.mp4", Format.MP4)
    assert len({picture.split()[0] for _, picture in recorded(bundle)}) == 2, "the size shall change in mid-stream"
    assert pictures(path) == recorded(bundle)
    assert [ms for ms, _ in pictures(path)] == [n * 40 for n in range(50)] + [3000 + n * 40 for n in range(25)]
    sources = sorted((bundle / "video").glob(f"{m.ANN}-*.mkv"))
    assert ffmpeg_hashes(path) == [each for source in sources for each in ffmpeg_hashes(source)]
    assert ffmpeg_says(path) == ""


def test_mp4_is_what_players_open(tmp_path: Path, bundle: Path) -> None:
    (path,) = made(bundle, tmp_path / "a.mp4", Format.MP4)
    with av.open(str(path)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
    head = path.read_bytes()
    assert head[4:8] == b"ftyp" and head.index(b"moov") < head.index(b"mdat")
    assert sounds_like(samples(path), MIXED) > 0.8


def test_mp4_of_one_participant_and_of_each(tmp_path: Path, bundle: Path) -> None:
    (bob,) = made(bundle, tmp_path / "bob.mp4", Format.MP4, user_id=m.BOB)
    assert pictures(bob) == recorded(bundle, m.BOB)
    assert sounds_like(samples(bob), BOB) > 0.8
    files = made(bundle, tmp_path / "films", Format.MP4)
    assert [path.name for path in files] == [f"Ann-{m.ANN}.mp4", f"Bob_b-{m.BOB}.mp4"]
    assert pictures(files[1]) == recorded(bundle, m.BOB)
    assert sounds_like(samples(files[1]), MIXED) > 0.8


@needs_ffmpeg
def test_mkv_holds_every_track_without_loss(tmp_path: Path, bundle: Path) -> None:
    (path,) = made(bundle, tmp_path / "a.mkv", Format.MKV)
    assert pictures(path, 0) == recorded(bundle)
    assert pictures(path, 1) == recorded(bundle, m.BOB)
    for track, expected in enumerate((MIXED, ANN, BOB)):
        assert np.array_equal(samples(path, track), expected)
    assert ffmpeg_says(path) == ""
    with av.open(str(path)) as container:
        assert [stream.metadata["title"] for stream in container.streams] == [
            "Ann", "Bob <b>&", "mixed", "Ann", "Bob <b>&", "Transcript",
        ]  # fmt: skip
        texts = [bytes(packet).decode() for packet in container.demux(subtitles=0) if packet.size]
    assert texts == ["Ann: hello <world> -> & more", "Bob <b>&: right"]


def test_mkv_of_one_participant(tmp_path: Path, bundle: Path) -> None:
    (path,) = made(bundle, tmp_path / "a.mkv", Format.MKV, user_id=m.BOB)
    assert pictures(path) == recorded(bundle, m.BOB)
    assert np.array_equal(samples(path), BOB)
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio", "subtitle"]


@needs_ffmpeg
@pytest.mark.parametrize("kind", [Format.MP4, Format.MKV])
def test_marks_are_chapters(tmp_path: Path, bundle: Path, kind: Format) -> None:
    (path,) = made(bundle, tmp_path / f"a.{kind}", kind, gaps=Gaps.MARK)
    with av.open(str(path)) as container:
        chapters = [
            (round(float(c["start"] * c["time_base"]), 2), c["metadata"]["title"]) for c in container.chapters()
        ]
    assert chapters == [(0.0, "Received"), (1.0, "Gap: socket down"), (3.0, "Received")]
    assert pictures(path) == recorded(bundle)
    assert ffmpeg_says(path) == ""


@needs_ffmpeg
@pytest.mark.parametrize("kind", [Format.MP4, Format.MKV])
def test_closed_up_picture_and_sound_move_together(tmp_path: Path, kind: Format) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(16_000, 1), 0)
    studio.video(m.clip()[:25], 0)
    for medium in (Medium.AUDIO, Medium.VIDEO):
        studio.gap(medium, m.ANN, 1000, 8000, GapReason.SOCKET_DOWN)
    studio.sound(m.tone(16_000, 2), 8000)
    studio.video(m.clip()[25:], 8000)
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / f"a.{kind}", kind, gaps=Gaps.CLOSE)
    assert [ms for ms, _ in pictures(path)] == [number * 40 for number in range(50)]
    assert [picture for _, picture in pictures(path)] == [picture for _, picture in recorded(bundle)]
    received = np.concatenate([m.tone(16_000, 1), m.tone(16_000, 2)])
    if kind is Format.MKV:
        assert np.array_equal(samples(path), received)
    else:
        assert sounds_like(samples(path), received) > 0.8
    assert ffmpeg_says(path) == ""


@needs_ffmpeg
@pytest.mark.parametrize("kind", [Format.MP4, Format.MKV])
def test_black_in_the_gaps_encodes_to_one_size(tmp_path: Path, bundle: Path, kind: Format) -> None:
    (path,) = made(bundle, tmp_path / f"a.{kind}", kind, fill_picture=FillPicture.BLACK)
    seen = luma(path)
    assert {picture.split()[0] for _, picture in pictures(path)} == {"640x360"}
    black = [ms for ms, light in seen if light < 18]
    assert black == [2000]
    assert [ms for ms, _ in seen if ms != 2000] == [ms for ms, _ in recorded(bundle)]
    assert ffmpeg_says(path) == ""


def test_a_smaller_picture_stands_in_the_middle(tmp_path: Path) -> None:
    """160x120 in 320x180: 240 wide, black left and right."""
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.video(m.clip(), 400)
    studio.video(m.clip(160, 120, 5), 3000)
    (path,) = made(studio.close(), tmp_path / "a.mp4", Format.MP4, fill_picture=FillPicture.BLACK)
    with av.open(str(path)) as container:
        frames = [(frame.pts * 1000 * frame.time_base, frame.to_ndarray()[:180]) for frame in container.decode(video=0)]
    assert frames[0][0] == 0 and frames[0][1].max() < 20, "black before the first picture"
    last = frames[-1][1]
    assert last.shape == (180, 320)
    assert last[:, :36].max() < 24 and last[:, -36:].max() < 24
    assert last[:, 60:260].max() > 150


@needs_ffmpeg
def test_whoever_speaks_is_shown_where_the_server_sent_nobody_else(tmp_path: Path) -> None:
    """Requested was the active speaker: Ann and Bob take turns, each with a key picture of another size."""
    studio = Studio(tmp_path / "one.rtmsrec")
    units = m.clip()
    studio.video(units[:25], 0)
    studio.video(m.clip(160, 96, 20), 1000, m.BOB, "Bob")
    studio.video(units[25:], 1800)
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / "a.mp4", Format.MP4)
    assert pictures(path) == sorted(recorded(bundle) + recorded(bundle, m.BOB))
    large, small = ["320x180"] * 25, ["160x96"] * 20
    assert [picture.split()[0] for _, picture in pictures(path)] == large + small + large
    assert ffmpeg_says(path) == ""
    (black,) = made(bundle, tmp_path / "b.mp4", Format.MP4, fill_picture=FillPicture.BLACK)
    assert [ms for ms, _ in luma(black)] == [ms for ms, _ in pictures(path)]


@needs_ffmpeg
def test_parameter_sets_come_along_when_a_speaker_returns(tmp_path: Path) -> None:
    """The server sends them once per participant: the second turn of Ann begins with a bare IDR picture."""
    studio = Studio(tmp_path / "one.rtmsrec")
    units = m.clip()
    bare = b"\0\0\0\1" + m.nals(units[25])[-1]
    assert bare[4] & 31 == 5
    studio.video(units[:25], 0)
    studio.video(m.clip(160, 96, 20), 1000, m.BOB, "Bob")
    studio.video((bare, *units[26:]), 1800)
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / "a.mp4", Format.MP4)
    assert pictures(path) == sorted(recorded(bundle) + recorded(bundle, m.BOB))
    assert ffmpeg_says(path) == ""


@needs_ffmpeg
def test_motion_jpeg_is_encoded_for_players_and_kept_in_mkv(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.video((m.image("mjpeg", 320, 180),) * 10, 0)
    studio.video(m.clip(), 1000)
    studio.sound(m.tone(16_000), 0)
    bundle = studio.close()
    (mp4,) = made(bundle, tmp_path / "a.mp4", Format.MP4)
    (mkv,) = made(bundle, tmp_path / "a.mkv", Format.MKV)
    with av.open(str(mp4)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
    assert [ms for ms, _ in pictures(mp4)] == [n * 40 for n in range(10)] + [1000 + n * 40 for n in range(50)]
    with av.open(str(mkv)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["mjpeg", "h264", "flac"]
    assert len(pictures(mkv, 0)) == 10 and len(pictures(mkv, 1)) == 50
    assert ffmpeg_says(mp4) == ffmpeg_says(mkv) == ""


def test_a_share_that_came_as_video(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.video(m.clip(160, 96, 20), 0, medium=Medium.SHARE)
    studio.sound(m.tone(16_000), 0)
    bundle = studio.close()
    (path,) = made(bundle, tmp_path / "a.mp4", Format.MP4)
    assert pictures(path) == recorded(bundle, folder="share")
    (path,) = made(bundle, tmp_path / "films", Format.MP4)
    assert path.name == f"share-Ann-{m.ANN}.mp4"


def test_sound_alone_makes_a_film_and_text_alone_none(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(16_000), 0)
    (path,) = made(studio.close(), tmp_path / "a.mp4", Format.MP4)
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
    studio = Studio(tmp_path / "two.rtmsrec")
    studio.say("hm", 0, 100)
    bundle = studio.close()
    for kind in (Format.MP4, Format.MKV):
        with pytest.raises(BundleError, match="neither pictures nor sound"):
            made(bundle, tmp_path / f"none.{kind}", kind)


def test_a_track_that_cannot_be_read_is_left_out(tmp_path: Path, bundle: Path) -> None:
    copy = tmp_path / "copy.rtmsrec"
    shutil.copytree(bundle, copy)
    (copy / "video" / f"{m.BOB}-1.mkv").write_bytes(b"\x1aE\xdf\xa3 nothing")
    (path,) = made(copy, tmp_path / "a.mkv", Format.MKV)
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
