"""Recordings in the program: opened, put away, refused, repaired; what only a stream can do stays undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import (
    Notice,
    RecordingChanged,
    ReplaySettled,
    SessionClosed,
    SessionOpened,
)
from rtms_desktop.app.hub import AnyEvent
from rtms_desktop.app.settings import Settings
from rtms_desktop.recording import names
from rtms_desktop.session.events import SessionEnded
from tests.fakes.long_recording import make_bundle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("controller"), 12.0, people=2, size=(320, 180))


class Program:
    def __init__(self, folder: Path) -> None:
        self.events: list[AnyEvent] = []
        self.controller = Controller(Settings(folder))
        self.controller.hub.subscribe(self.events.extend)

    def of(self, kind: type) -> list[AnyEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not what():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def program(folder: Path) -> AsyncIterator[Program]:
    made = Program(folder)
    try:
        yield made
    finally:
        await made.controller.shutdown()


async def test_a_recording_takes_the_place_of_a_session_and_brings_its_clock(bundle: Path, tmp_path: Path) -> None:
    async with program(tmp_path) as made:
        controller, machine = made.controller, made.controller.clock
        controller.open_recording(bundle / names.OPEN_FILE if (bundle / names.OPEN_FILE).exists() else bundle)
        await made.until(lambda: made.of(ReplaySettled))
        session = controller.session
        assert session is not None and session.is_replay and session.playing
        assert made.of(SessionOpened)[0].session is session  # type: ignore[attr-defined]
        assert controller.clock is session.clock and controller.clock is not machine
        for command in (controller.stop, controller.disconnect, controller.reconnect_now, controller.recording.start):
            command()
        assert not made.of(RecordingChanged) and not made.of(SessionClosed)
        controller.close_recording()
        await made.until(lambda: made.of(SessionClosed))
        assert controller.session is None and controller.pipeline is None and controller.clock is machine
        assert controller.recent == []


async def test_another_recording_replaces_the_first(bundle: Path, tmp_path: Path) -> None:
    async with program(tmp_path) as made:
        made.controller.open_recording(bundle)
        await made.until(lambda: made.of(ReplaySettled))
        first = made.controller.session
        made.controller.open_recording(bundle / names.TAPE)
        await made.until(lambda: len(made.of(SessionOpened)) == 2)
        kinds = [type(event) for event in made.events if isinstance(event, SessionOpened | SessionClosed)]
        assert kinds == [SessionOpened, SessionClosed, SessionOpened]
        assert made.controller.session is not first


async def test_what_is_no_recording_is_refused_and_the_present_one_stays(bundle: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mcap"
    broken.write_bytes(b"no tape")
    async with program(tmp_path / "config") as made:
        made.controller.open_recording(bundle)
        await made.until(lambda: made.of(SessionOpened))
        made.controller.open_recording(broken)
        await made.until(lambda: made.of(Notice))
        made.controller.open_recording(tmp_path / "nowhere.rtmsrec")
        await made.until(lambda: len(made.of(Notice)) == 2)
        assert "there is no recording" in made.of(Notice)[1].what  # type: ignore[attr-defined]
        assert made.controller.session is not None and not made.of(SessionClosed)


async def test_the_end_that_was_recorded_is_no_trouble_of_today(bundle: Path, tmp_path: Path) -> None:
    async with program(tmp_path) as made:
        made.controller.open_recording(bundle)
        await made.until(lambda: made.of(ReplaySettled))
        session = made.controller.session
        assert session is not None and session.is_replay
        session.seek(session.duration_ms)
        await made.until(lambda: made.of(SessionEnded))
        assert not made.of(Notice) and made.controller.session is session


async def test_what_was_repaired_is_shown(tmp_path: Path) -> None:
    async with program(tmp_path) as made:
        left = make_bundle(made.controller.settings.recordings, 3.0, people=1, size=(320, 180), closed=False)
        made.controller.recording.repair(left)
        await made.until(lambda: made.of(SessionOpened))
        assert made.controller.session is not None and made.controller.session.is_replay
