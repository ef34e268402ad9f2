"""A recording that is served again: the same bytes at the same distances, and it ends as it ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtms_desktop.app.bundle_source import BundleSource
from rtms_desktop.app.connect import configure
from rtms_desktop.app.credentials import Credential
from rtms_desktop.app.mock import open_any
from rtms_desktop.app.session import ActiveSession
from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import BundleError
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sources.base import AudioFormat, PictureFormat
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.recording.reader import replay
from rtms_desktop.session import events as ev
from rtms_desktop.session.config import ALL_MEDIA
from rtms_desktop.transport.tls import client_context
from rtms_desktop.wire.enums import Codec, Medium
from rtms_desktop.wire.messages import AudioParams, MediaParams, ShareParams, VideoParams
from rtms_desktop.wire.payload import read_payload
from tests.fakes.long_recording import CYCLE, FIRST_USER, cycle, make_bundle, server_ms
from tests.mock_server.support import SMALL_VIDEO, Mock, serving

PARAMS = MediaParams(
    audio=AudioParams(), video=VideoParams(resolution=1, fps=10), share=ShareParams(codec=7, resolution=1, fps=5)
)
MIXED = MediaParams(audio=AudioParams(data_opt=1), video=VideoParams(resolution=1, fps=10), share=ShareParams(fps=2))
SOUND = AudioFormat(Codec.L16, 16_000, 1, 20, mixed=False)
PICTURE = PictureFormat(Codec.H264, 640, 360, 25)


async def record(mock: Mock, folder: Path, params: MediaParams, seconds: float | None) -> Path:
    """Joins, records for so long or until the server ends it, and returns the bundle."""
    listening = mock.listening
    credential = Credential(listening["client_id"], listening["client_secret"])
    invite = read_payload(json.dumps(listening["webhook"]))
    session = ActiveSession(
        invite,
        configure(invite, credential, ALL_MEDIA, params),
        publish=lambda events: None,
        clock=SystemClock(),
        tls=client_context(None),
    )
    session.record(folder)
    session.start()
    if seconds is not None:
        await asyncio.sleep(seconds)
        session.driver.request("disconnect")
    await session.driver.wait_ended()
    bundle = await session.stop_recording()
    assert bundle is not None
    return bundle


def content(bundle: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What was received, by track, with timestamps."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for _, events in replay(bundle / "tape.mcap"):
        for event in events:
            match event:
                case ev.MediaReceived():
                    row = (event.timestamp_ms, event.user_id, event.user_name, event.data)
                    found.setdefault(f"{event.medium.value}/{event.user_id}", []).append(row)
                case ev.TranscriptReceived(message=line):
                    times = (line.start_time, line.end_time)
                    found.setdefault("transcript", []).append((line.timestamp, *times, line.user_id, line.text))
                case ev.ChatReceived(message=chat):
                    fixed = msgspec.structs.replace(chat, timestamp=0)
                    found.setdefault("chat", []).append((chat.timestamp, fixed))
                case ev.ActiveSpeakerChanged():
                    found.setdefault("speaker", []).append((event.timestamp_ms, event.user_id, event.user_name))
                case ev.SharingChanged():
                    found.setdefault("sharing", []).append((event.timestamp_ms, event.sharing, event.user_id))
                case _:
                    pass
    return found


def shift(first: Sequence[tuple[Any, ...]], second: Sequence[tuple[Any, ...]]) -> int:
    """By how many milliseconds two lists of rows differ, all rows alike; else it fails."""
    assert len(first) == len(second)
    distance = {int(b[0] - a[0]) for a, b in zip(first, second, strict=True)}
    assert len(distance) == 1, distance
    return distance.pop()


@pytest.mark.slow
@pytest.mark.parametrize("params", [PARAMS, MIXED], ids=["individual", "mixed"])
async def test_what_was_recorded_is_received_again(tmp_path: Path, params: MediaParams) -> None:
    async with serving(resolution=None) as mock:
        bundle = await record(mock, tmp_path / "a", params, 4.0)
    async with serving(BundleSource(bundle), resolution=None) as mock:
        again = await record(mock, tmp_path / "b", MediaParams(), None)
        assert mock.stream_id not in (bundle / "manifest.json").read_text()
    first, second = content(bundle), content(again)
    assert first.keys() == second.keys() >= {"chat", "speaker", "sharing"}
    assert {name.partition("/")[0] for name in first} >= {"audio", "video", "share"}
    shifts = set()
    for name in first:
        shifts.add(shift(first[name], second[name]))
        keep = 3 if name == "transcript" else 1
        assert [row[keep:] for row in second[name]] == [row[keep:] for row in first[name]], name
    assert len(shifts) == 1
    before, after = read_manifest(bundle), read_manifest(again)
    assert before is not None and after is not None
    for key in ("granted", "counts"):
        assert after[key] == before[key], key
    assert {p["user_id"]: p["name"] for p in after["participants"]} == {
        p["user_id"]: p["name"] for p in before["participants"]
    }
    assert before["stop_reason"] is None and after["stop_reason"] == 6
    zero = after["session_zero_ms"] - before["session_zero_ms"]
    assert abs(zero - shifts.pop()) <= 20  # the recording's first moment is the new session's first moment


def test_units_come_when_they_came_and_say_when_they_were_made(tmp_path: Path) -> None:
    source = BundleSource(make_bundle(tmp_path, 6.0, people=2))
    stream = source.video(FIRST_USER, PICTURE, 1_000_000)
    assert stream is not None
    stream.seek(2.0)
    units, dues = [], []
    while stream.due_ms < 7000:
        dues.append(stream.due_ms)
        units += stream.take()
    assert [unit.data for unit in units] == [cycle(640, 360)[n % CYCLE] for n in range(len(units))]
    base = server_ms(0.05)
    assert [unit.timestamp - 1_000_000 for unit in units[:3]] == [server_ms(s) - base for s in (0.1, 0.14, 0.18)]
    assert dues[0] == pytest.approx(50, abs=0.01)
    assert all(0 <= due - (50 + 40 * n) < 7 for n, due in enumerate(dues))
    assert stream.take() == ()
    source.close()


def test_who_comes_late_starts_at_a_keyframe(tmp_path: Path) -> None:
    source = BundleSource(make_bundle(tmp_path, 6.0, people=1))
    video, audio = source.video(FIRST_USER, PICTURE, 0), source.audio(SOUND, 0)
    assert video is not None and audio is not None
    video.seek(1000)
    assert video.due_ms == pytest.approx(2050, abs=7)
    assert video.take()[0].data == cycle(640, 360)[50]
    audio.seek(1000)
    assert 1000 <= audio.due_ms < 1020
    assert source.share(PICTURE, 0) is None
    source.close()


def test_a_loop_goes_round_without_a_seam(tmp_path: Path) -> None:
    source = BundleSource(make_bundle(tmp_path, 3.0, people=1), loop=True)
    assert source.recorded.end_ms is None
    stream = source.video(FIRST_USER, PICTURE, 0)
    assert stream is not None
    stream.seek(0)
    units, dues = [], []
    for _ in range(160):
        dues.append(stream.due_ms)
        units += stream.take()
    per_round = next(n for n in range(1, 160) if units[n].data == units[0].data)
    length = dues[per_round] - dues[0]
    assert 3300 < length < 3400  # three seconds of pictures, and the quiet tail
    assert dues == sorted(dues)
    assert units[per_round].timestamp - units[0].timestamp == pytest.approx(length, abs=1)
    told = source.happenings(5_000)
    texts = [
        happening.message.text for happening in (next(told) for _ in range(6)) if hasattr(happening.message, "text")
    ]
    assert texts == ["line 0", "line 1", "line 0", "line 1"]
    stream.seek(length * 7 + 100)
    assert stream.due_ms == pytest.approx(length * 7 + 2050, abs=7)
    source.close()


async def test_the_meeting_ends_as_it_ended_and_can_begin_again(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path, 2.0, people=1)
    async with serving(BundleSource(bundle), speed=4.0) as mock:
        for turn in range(2):
            if turn:
                webhook = (await mock.do("start"))["webhook"]
                mock.stream_id, mock.meeting_id = (
                    webhook["payload"]["rtms_stream_id"],
                    webhook["payload"]["meeting_uuid"],
                )
            async with mock.client({"audio": None, "video": SMALL_VIDEO}) as client:
                assert client.granted["audio"]["audio"]["data_opt"] == 2
                loop = asyncio.get_running_loop()
                started = loop.time()
                end = await client.signaling.kind(8)
                while end.get("state") != 4:
                    end = await client.signaling.kind(8)
                assert end["reason"] == 6
                assert 0.4 < loop.time() - started < 2.0  # 2.35 s at four times the speed, and the tail
        sent = [record["counts"] for record in mock.events("sent")]
        video = [counts[f"video/{FIRST_USER}"] for counts in sent if f"video/{FIRST_USER}" in counts]
        assert video == [48, 48]


async def test_the_command_plays_recordings_files_and_the_pattern(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path, 1.0, people=1)
    for name in (bundle, bundle / "tape.mcap"):
        source = open_any(MockOptions(source=str(name)))
        assert isinstance(source, BundleSource)
        source.close()
    assert open_any(MockOptions()).recorded is None
    with pytest.raises(BundleError):
        open_any(MockOptions(source=str(tmp_path / "none.rtmsrec")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BundleError):
        open_any(MockOptions(source=str(tmp_path / "empty")))
    assert Medium.VIDEO in ALL_MEDIA
