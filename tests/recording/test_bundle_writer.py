"""One bundle being written: losses, limits and odd media, entry by entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtms_desktop.recording import tracks
from rtms_desktop.recording.bundle_writer import BundleWriter
from rtms_desktop.recording.export.options import Format, Gaps
from rtms_desktop.recording.inbox import Dropped, SessionEvents, TapeMessage
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import AudioParams, MediaParams
from tests.recording import material as m
from tests.recording.export.studio import made


@pytest.fixture
def bundle(tmp_path: Path) -> BundleWriter:
    writer = BundleWriter(tmp_path / "x.rtmsrec", m.info(), 1000.0)
    writer.write(SessionEvents([m.zero()]))
    return writer


def finish(bundle: BundleWriter) -> dict[str, Any]:
    assert bundle.finish(None) == []
    told = json.loads((bundle.folder / "manifest.json").read_bytes())
    assert isinstance(told, dict)
    return told


def rows(bundle: BundleWriter) -> list[list[str]]:
    return [line.split(",") for line in (bundle.folder / "gaps.csv").read_text().splitlines()[1:]]


def tell(bundle: BundleWriter, *events: ev.Event) -> None:
    bundle.write(SessionEvents(events))


def test_audio_that_was_dropped_here_is_named_so(bundle: BundleWriter) -> None:
    tell(bundle, m.media(Medium.AUDIO, bytes(640), 0))
    lost = ev.Gap(
        medium=Medium.AUDIO, user_id=m.ANN, start_ms=m.ZERO_MS + 20, end_ms=m.ZERO_MS + 80,
        reason=ev.GapReason.DROPPED_HERE,
    )  # fmt: skip
    bundle.write(Dropped(4, 2560, 1000.0, 1001.0, (lost,)))
    tell(bundle, m.media(Medium.AUDIO, bytes(640), 100))
    told = finish(bundle)
    assert [row[5:] for row in rows(bundle)] == [["320", "1280", "dropped_here"]]
    assert told["gaps"] == [
        {
            "medium": "audio", "user_id": m.ANN, "start_ms": m.ZERO_MS + 20, "end_ms": m.ZERO_MS + 100,
            "reason": "dropped_here",
        }
    ]  # fmt: skip


def test_audio_that_came_too_late_for_its_place_is_no_silence(bundle: BundleWriter, tmp_path: Path) -> None:
    """The zeros stand already: the tape has the sound, and gaps.csv and exports say that the file has not."""
    for ms in (0, 60, 80, 100, 120, 140, 40):
        tell(bundle, m.media(Medium.AUDIO, bytes([ms]) * 640, ms))
    finish(bundle)
    assert [row[5:] for row in rows(bundle)] == [["320", "640", "silence"], ["640", "320", "dropped_here"]]
    (marks,) = (
        path for path in made(bundle.folder, tmp_path / "a.wav", Format.WAV, gaps=Gaps.MARK) if path.suffix == ".csv"
    )
    assert [line.split(",")[2:] for line in marks.read_text().splitlines()[1:]] == [
        ["320", "320", "silence"], ["640", "320", "dropped_here"],
    ]  # fmt: skip


def test_a_reason_that_is_told_behind_the_media_counts(bundle: BundleWriter) -> None:
    gap = ev.Gap(
        medium=Medium.AUDIO, user_id=m.ANN, start_ms=m.ZERO_MS, end_ms=m.ZERO_MS + 500, reason=ev.GapReason.PAUSE
    )
    tell(bundle, m.media(Medium.AUDIO, bytes(640), 500), ev.GapClosed(at=1000.0, gap=gap))
    finish(bundle)
    assert [row[7] for row in rows(bundle)] == ["pause"]


def test_a_gap_that_was_filled_after_all_is_none(bundle: BundleWriter) -> None:
    gap = ev.Gap(medium=Medium.AUDIO, user_id=m.ANN, start_ms=5, end_ms=None, reason=ev.GapReason.SILENCE)
    tell(bundle, ev.GapOpened(at=1000.0, gap=gap))
    assert bundle.summary.manifest(files=[], closed=False)["gaps"][0]["end_ms"] is None
    closed = ev.Gap(medium=Medium.AUDIO, user_id=m.ANN, start_ms=5, end_ms=5, reason=ev.GapReason.SILENCE)
    tell(bundle, ev.GapClosed(at=1000.0, gap=closed))
    assert finish(bundle)["gaps"] == []


def test_audio_is_decoded_as_it_was_granted(bundle: BundleWriter) -> None:
    granted = MediaParams(audio=AudioParams(codec=2, sample_rate=0))
    tell(
        bundle,
        ev.HandshakeAnswered(at=1.0, link="audio", ok=True, status_code=0, reason="", granted=granted),
        m.media(Medium.AUDIO, bytes([0xD5]) * 160, 0),
    )
    told = finish(bundle)
    assert len(m.flac_samples(bundle.folder / f"audio/{m.ANN}.flac")) == 160
    assert told["observed"]["audio"][str(m.ANN)]["codec"] == "g711"
    assert told["granted"]["audio"]["codec"] == 2


def test_a_camera_that_sends_png_leaves_files(bundle: BundleWriter) -> None:
    tell(bundle, m.media(Medium.VIDEO, m.image("png"), 100), m.media(Medium.VIDEO, m.image("png"), 100))
    told = finish(bundle)
    assert (bundle.folder / f"video/{m.ANN}-100.png").read_bytes() == m.image("png")
    assert (bundle.folder / f"video/{m.ANN}-100-2.png").exists()
    assert told["observed"]["video"][str(m.ANN)]["codec"] == "png"


def avcc(au: bytes) -> bytes:
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in m.nals(au))


def test_sizes_are_seen_however_the_video_is_packed(bundle: BundleWriter) -> None:
    """Lengths instead of start codes; every NAL unit in a message of its own."""
    alone = [b"\0\0\0\1" + nal for nal in m.nals(m.clip(frames=1)[0])]
    tell(bundle, m.media(Medium.VIDEO, avcc(m.clip(frames=1)[0]), 0))
    tell(bundle, *(m.media(Medium.VIDEO, unit, 0, m.BOB) for unit in alone))
    told = finish(bundle)["observed"]["video"]
    for user in (m.ANN, m.BOB):
        assert (told[str(user)]["codec"], told[str(user)]["resolutions"]) == ("h264", [[320, 180]])


def test_a_share_by_video_becomes_a_track(bundle: BundleWriter) -> None:
    tell(bundle, *(m.media(Medium.SHARE, unit, number * 40) for number, unit in enumerate(m.clip(frames=10))))
    told = finish(bundle)
    assert len(m.mkv_packets(bundle.folder / f"share/{m.ANN}-1.mkv")) == 10
    assert told["counts"]["share"] == 10


def test_more_tracks_than_files_may_be_open(bundle: BundleWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "MAX_TRACKS", 3)
    tell(bundle, *(m.media(Medium.AUDIO, bytes(640), 0, user) for user in range(1, 7)))
    assert len(bundle.track_problems) == 1 and "on the tape only" in bundle.track_problems[0]
    assert finish(bundle)["counts"]["audio"] == 6
    assert sorted(path.name for path in bundle.folder.glob("audio/*")) == ["1.flac", "2.flac", "3.flac"]


def test_a_lost_video_link_waits_for_a_key_picture(bundle: BundleWriter) -> None:
    units = m.clip()
    tell(bundle, *(m.media(Medium.VIDEO, unit, number * 40) for number, unit in enumerate(units[:5])))
    lost = ev.LinkStateChanged(at=1.0, link="video", old=ev.LinkState.STREAMING, new=ev.LinkState.WAITING)
    tell(bundle, lost)
    tell(bundle, *(m.media(Medium.VIDEO, unit, (number + 10) * 40) for number, unit in enumerate(units[10:])))
    finish(bundle)
    stamps = [[ms for ms, _ in m.mkv_packets(path)] for path in sorted(bundle.folder.glob("video/*.mkv"))]
    assert stamps == [[0, 40, 80, 120, 160], [number * 40 for number in range(25, 50)]]


def test_binary_frames_lose_what_is_named_a_secret_and_nothing_else(bundle: BundleWriter) -> None:
    raw = b'\x00"token":"abcd' + bytes(range(256))
    bundle.write(TapeMessage("audio", 1, "in", b'{"session_key":"abcdef","n":1}', 1001.0))
    bundle.write(TapeMessage("audio", 1, "in", raw, 1002.5))
    finish(bundle)
    with TapeReader(bundle.folder / "tape.mcap") as reader:
        records = [record for record in reader.records() if not record.is_control]
    assert [record.data for record in records] == [b'{"session_key":"***","n":1}', raw.replace(b"abcd", b"***", 1)]
    started_ns = (m.ZERO_MS + 5_000) * 1_000_000
    assert [record.time_ns - started_ns for record in records] == [1_000_000_000, 2_500_000_000]


def test_text_that_is_no_message_loses_secrets_too(bundle: BundleWriter) -> None:
    for text in ('[{"signature":"abcdef"}, 1]', 'refused "token": "abcdef" of Ann', "nothing to hide"):
        bundle.write(TapeMessage("signaling", 1, "in", text, 1001.0))
    finish(bundle)
    with TapeReader(bundle.folder / "tape.mcap") as reader:
        data = [record.data for record in reader.records() if not record.is_control]
    assert data == [b'[{"signature":"***"}, 1]', b'refused "token": "***" of Ann', b"nothing to hide"]
