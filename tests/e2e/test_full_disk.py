"""The disk is full in mid-recording: what is told, what is kept, and that the live stream goes on."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import Notice, RecordingChanged, RecordingState
from rtms_desktop.app.hub import AnyEvent
from rtms_desktop.app.mock_process import MockOptions
from rtms_desktop.recording import names
from rtms_desktop.recording.reader import open_recording
from rtms_desktop.session.events import MediaReceived, Phase
from rtms_desktop.wire.enums import Medium
from tests.app.test_controller import Seen, running
from tests.e2e.busy_meeting import make_meeting
from tests.e2e.test_kill_recorder import PATIENCE_S, mock_server
from tests.fakes.small_disk import SmallDisk, small_disk
from tests.recording.export.studio import ffmpeg_says
from tests.recording.material import flac_samples, mkv_packets

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
FREE = 300_000
KINDS = ["full", "limit"]


def check_kept(bundle: Path) -> None:
    """What was written before the disk was full can be opened and played."""
    found = open_recording(bundle)
    assert found.manifest["counts"]["audio"] > 10
    assert found.manifest["counts"]["video"] > 10
    media = [path for path in bundle.rglob("*") if path.suffix in (".mkv", ".flac")]
    assert {path.suffix for path in media} == {".mkv", ".flac"}
    assert all(len(mkv_packets(path)) > 5 for path in media if path.suffix == ".mkv")
    assert all(len(flac_samples(path)) > 3200 for path in media if path.suffix == ".flac")
    if shutil.which("ffmpeg") is not None:
        assert {ffmpeg_says(path) for path in media} == {""}
    assert not list(bundle.rglob("*.tmp"))


@pytest.mark.parametrize("kind", KINDS)
async def test_record_ends_with_6_and_says_what_why_and_what_next(tmp_path: Path, kind: str) -> None:
    async with mock_server(make_meeting(tmp_path / "source", 60.0)) as mock:
        webhook = await mock.invite()
        with small_disk(kind, tmp_path / "disk", free=FREE) as disk:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "rtms_desktop", "record", json.dumps(webhook), "--out", str(disk.folder),
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=os.environ | {"ZOOM_CLIENT_ID": mock.listening["client_id"],
                                  "ZOOM_CLIENT_SECRET": mock.listening["client_secret"]},
            )  # fmt: skip
            async with asyncio.timeout(PATIENCE_S):
                out, err = await process.communicate()
            assert process.returncode == 6, err.decode()
            assert "Traceback" not in err.decode()
            (sentence,) = [line for line in err.decode().splitlines() if line.startswith("rtms-desktop: ")]
            assert re.match("rtms-desktop: recording stopped: .*" + disk.why, sentence)
            assert sentence.endswith("What was written is kept. Free some space or choose another folder with --out.")
            told = json.loads(out.decode().splitlines()[-1])
            assert told["event"] == "recorded" and told["counts"]["video"] > 10
            check_kept(Path(told["bundle"]))


@pytest.mark.expects_log("rtms_desktop.recording")
@pytest.mark.parametrize("kind", KINDS)
async def test_in_the_app_the_stream_goes_on_and_can_be_recorded_again(tmp_path: Path, kind: str) -> None:
    async with running(tmp_path / "config") as (controller, seen):
        controller.mock.start(MockOptions(source=str(make_meeting(tmp_path / "source", 60.0))))
        controller.try_it_now()
        await seen.until(lambda event: isinstance(event, MediaReceived) and event.medium is Medium.VIDEO)
        with small_disk(kind, tmp_path / "disk", free=FREE) as disk:
            controller.settings.values.recordings = str(disk.folder)
            await until_it_is_full(controller, seen, disk)
            disk.make_room()
            controller.recording.start()
            await recording_is(seen, RecordingState.RECORDING)
            await more(seen, Medium.VIDEO, 30)
            controller.recording.stop()
            done = await recording_is(seen, RecordingState.OFF)
            assert done.folder is not None
            manifest = json.loads((done.folder / names.MANIFEST).read_bytes())
            assert manifest["closed"] and manifest["counts"]["video"] > 20
            check_kept(done.folder)
            await controller.shutdown()  # while there still is a disk


async def until_it_is_full(controller: Controller, seen: Seen, disk: SmallDisk) -> None:
    session, pipeline = controller.session, controller.pipeline
    assert session is not None and pipeline is not None
    controller.recording.start()
    failed = await recording_is(seen, RecordingState.FAILED)
    assert re.search(disk.why, failed.problem)
    notice = await seen.until(lambda event: isinstance(event, Notice) and event.what == "Recording stopped")
    assert isinstance(notice, Notice)
    assert notice.why == failed.problem
    assert "Free space" in notice.fix and notice.action
    assert failed.folder is not None
    check_kept(failed.folder)
    # The stream is the same, nothing broke off, and pictures are still decoded and shown.
    keys = [("video", user_id) for medium, user_id in session.core.tracks if medium is Medium.VIDEO]
    assert len(keys) == 2
    for key in keys:
        pipeline.set_surface(key, 160, 90)
    pipeline.take_frames()
    await more(seen, Medium.AUDIO, 50)
    shown: set[tuple[str, int]] = set()
    async with asyncio.timeout(PATIENCE_S):
        while shown != set(keys):
            await more(seen, Medium.VIDEO, 2)
            shown |= pipeline.take_frames().keys()
    assert controller.session is session and session.core.phase is Phase.STREAMING
    assert session.core.reconnects == 0


async def recording_is(seen: Seen, state: RecordingState) -> RecordingChanged:
    found = await seen.until(lambda event: isinstance(event, RecordingChanged) and event.state is state, PATIENCE_S)
    assert isinstance(found, RecordingChanged)
    seen.events[:] = [event for event in seen.events if not isinstance(event, RecordingChanged)]
    return found


async def more(seen: Seen, medium: Medium, count: int) -> None:
    """Wait until so many units have come from now on."""
    before = set(map(id, seen.events))

    def is_new(event: AnyEvent) -> bool:
        nonlocal count
        if isinstance(event, MediaReceived) and event.medium is medium and id(event) not in before:
            count -= 1
        return count <= 0

    await seen.until(is_new)
