"""The whole program without its window, on the bundled server: connect, faults, recording, the end."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rtms_desktop.app import controller as controller_module
from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import (
    MockState,
    Notice,
    RecordingChanged,
    RecordingState,
    SessionClosed,
    SessionOpened,
    WebhookArrived,
)
from rtms_desktop.app.hub import AnyEvent
from rtms_desktop.app.mock_process import MockOptions
from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import HostNotAllowedError
from rtms_desktop.session.events import (
    ChatReceived,
    EndCause,
    GapReason,
    LinkState,
    MediaReceived,
    Phase,
    Reconnected,
    TranscriptReceived,
)
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.payload import read_payload

pytestmark = pytest.mark.slow


class Seen:
    """Every event of a controller, and a way to wait for one."""

    def __init__(self, controller: Controller) -> None:
        self.events: list[AnyEvent] = []
        self._more = asyncio.Event()
        controller.hub.subscribe(self._hear)

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        self.events.extend(events)
        self._more.set()

    async def until(self, condition: Callable[[AnyEvent], bool], seconds: float = 20) -> AnyEvent:
        start = 0
        async with asyncio.timeout(seconds):
            while True:
                for event in self.events[start:]:
                    if condition(event):
                        return event
                start = len(self.events)
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Controller, Seen]]:
    controller = Controller(Settings(folder))
    try:
        yield controller, Seen(controller)
    finally:
        await controller.shutdown()


def media(medium: Medium) -> Callable[[AnyEvent], bool]:
    return lambda event: isinstance(event, MediaReceived) and event.medium is medium


async def test_try_it_now_brings_every_medium(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now()
        for medium in (Medium.AUDIO, Medium.VIDEO, Medium.SHARE):
            await seen.until(media(medium))
        await seen.until(lambda event: isinstance(event, TranscriptReceived))
        await seen.until(lambda event: isinstance(event, ChatReceived), 40)
        assert controller.session is not None
        assert controller.session.core.phase is Phase.STREAMING
        assert controller.mock.state.state is MockState.RUNNING


async def test_at_the_end_of_the_program_a_recording_waits_for_nothing_that_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_module, "FINALISE_S", 0.0)
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now(record=True)
        await seen.until(media(Medium.VIDEO))
    (bundle,) = (tmp_path / "recordings").glob("*.rtmsrec")
    assert json.loads((bundle / "manifest.json").read_bytes())["closed"] is True
    assert list(bundle.glob("video/*.mkv")) and not (bundle / "media.mkv").exists()


async def test_a_dropped_socket_comes_back_and_the_gap_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now()
        await seen.until(media(Medium.VIDEO))
        controller.mock.act("drop", link="video", how="abort")
        back = await seen.until(lambda event: isinstance(event, Reconnected))
        assert isinstance(back, Reconnected)
        assert back.link == "video"
        assert back.down_s < 5
        assert controller.session is not None
        core = controller.session.core
        assert core.links["audio"].attempt == 1
        await seen.until(media(Medium.VIDEO))
        async with asyncio.timeout(5):
            while not any(gap.reason is GapReason.SOCKET_DOWN for gap in core.closed_gaps):
                await asyncio.sleep(0.05)


async def test_recording_starts_in_mid_session_and_is_whole(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now()
        await seen.until(media(Medium.VIDEO))
        controller.recording.start()
        await asyncio.sleep(2)
        controller.recording.stop()
        done = await seen.until(
            lambda event: (
                isinstance(event, RecordingChanged) and event.state is RecordingState.OFF and event.folder is not None
            )
        )
        assert isinstance(done, RecordingChanged)
        assert done.folder is not None
        manifest = json.loads((done.folder / "manifest.json").read_text())
    assert manifest["closed"] is True
    assert manifest["counts"]["video"] > 20
    assert manifest["granted"]["audio"]["codec"] == 1
    assert len(manifest["participants"]) >= 2


async def test_ending_the_meeting_ends_the_session(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now()
        await seen.until(media(Medium.AUDIO))
        controller.mock.act("end")
        closed = await seen.until(lambda event: isinstance(event, SessionClosed))
        assert isinstance(closed, SessionClosed)
        assert (closed.ended.cause, closed.ended.stop_reason) == (EndCause.STOPPED, 6)
        assert controller.session is None
        assert "MEETING_ENDED" in controller.recent[0].outcome


async def test_stop_asks_the_server(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now()
        await seen.until(media(Medium.AUDIO))
        controller.stop()
        closed = await seen.until(lambda event: isinstance(event, SessionClosed))
        assert isinstance(closed, SessionClosed)
        assert closed.ended.stop_reason == 20


async def test_a_wrong_secret_is_explained(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        info = await controller.mock.bring_up(MockOptions())
        invite = read_payload(json.dumps(info.webhook))
        controller.connect(ConnectRequest(invite=invite, client_id=info.client_id, client_secret="wrong"))
        notice = await seen.until(lambda event: isinstance(event, Notice))
        assert isinstance(notice, Notice)
        assert "3 INVALID_SIGNATURE" in notice.what
        assert "client secret" in notice.what


async def test_an_unknown_host_needs_a_yes(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, _seen):
        body = {"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": "wss://rtms.example.org"}
        request = ConnectRequest(invite=read_payload(json.dumps(body)), client_id="c", client_secret="s")
        with pytest.raises(HostNotAllowedError):
            await controller.connect_now(request)


async def test_pause_and_resume_show(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.try_it_now()
        await seen.until(media(Medium.VIDEO))
        assert controller.session is not None
        core = controller.session.core
        controller.mock.act("pause")
        await _until(lambda: core.phase is Phase.PAUSED)
        controller.mock.act("resume")
        await _until(lambda: core.phase is Phase.STREAMING)
        await _until(lambda: core.links["video"].state is LinkState.STREAMING)


async def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_webhooks_of_the_mock_server_are_heard_and_steer_the_session(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        await controller.webhooks.listen(0)
        url = controller.webhooks.state.url
        await controller.mock.bring_up(MockOptions(webhook_url=url))
        arrived = await seen.until(lambda event: isinstance(event, WebhookArrived))
        assert isinstance(arrived, WebhookArrived)
        assert arrived.received.trusted, arrived.received.verdict
        assert arrived.received.webhook is not None
        assert controller.connect_if_complete(arrived.received.text)
        await seen.until(media(Medium.AUDIO))
        controller.mock.act("end")
        closed = await seen.until(lambda event: isinstance(event, SessionClosed))
        assert isinstance(closed, SessionClosed)
        assert closed.ended.stop_reason == 6


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
async def test_a_media_file_becomes_a_meeting(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25", "-t", "2", "-c:v", "libx264", film],
        check=True,
    )
    async with running(tmp_path / "config") as (controller, seen):
        controller.try_it_now()
        await seen.until(media(Medium.VIDEO))
        first = controller.mock.info
        del seen.events[:]
        controller.rehearse(film)
        await seen.until(lambda event: isinstance(event, SessionOpened))
        del seen.events[:]
        await seen.until(media(Medium.VIDEO))
        assert controller.mock.info is not None and controller.mock.info != first
