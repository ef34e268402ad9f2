"""The mock desk over the real server, and over one that dies."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rtms_desktop.app.credentials import CredentialStore
from rtms_desktop.app.events import MockChanged, MockLogged, MockState, Notice
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.mock_desk import MockDesk
from rtms_desktop.app.mock_process import MockOptions
from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import PortInUseError


class Room:
    def __init__(self, folder: Path) -> None:
        self.told: list[AnyEvent] = []
        hub = Hub()
        hub.subscribe(self.told.extend)
        self.credentials = CredentialStore(Settings(folder))
        self.desk = MockDesk(hub, self.credentials)

    @property
    def states(self) -> list[MockState]:
        return [event.state for event in self.told if isinstance(event, MockChanged)]

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not what():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Room]:
    room = Room(folder)
    try:
        yield room
    finally:
        await room.desk.close()


async def test_who_comes_while_it_starts_gets_the_same_server(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        desk = room.desk
        assert (desk.info, desk.secret_token) == (None, "")
        desk.act("pause")  # nobody is there to do it
        desk.start(MockOptions(secret_token="token"))
        first, second = await asyncio.gather(desk.bring_up(MockOptions()), desk.bring_up(MockOptions()))
        assert first is second is desk.info and desk.secret_token == "token"
        assert desk.state == MockChanged(state=MockState.RUNNING, info=first)
        assert room.credentials.secret(first.client_id) == first.client_secret
        desk.act("no such act")
        await room.until(lambda: any(isinstance(event, Notice) for event in room.told))
        assert [event.entry for event in room.told if isinstance(event, MockLogged)] == list(desk.log)
        assert desk.log[0]["event"] == "listening"
        desk.stop()
        await room.until(lambda: desk.state.state is MockState.STOPPED)
        await desk.close()
        assert room.states == [MockState.STARTING, MockState.RUNNING, MockState.STOPPED]


async def test_who_is_late_is_invited_to_a_new_meeting(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        info = await room.desk.bring_up(MockOptions())
        assert await room.desk.invitation(info) is info.webhook
        room.desk.act("end", reason=6)
        await room.until(lambda: any(entry.get("phase") == "ended" for entry in room.desk.log))
        fresh = await room.desk.invitation(info)
        assert fresh["payload"]["rtms_stream_id"] != info.webhook["payload"]["rtms_stream_id"]


async def test_a_server_that_dies_is_told_and_can_be_started_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        first = await room.desk.bring_up(MockOptions())
        process = room.desk._process
        assert process is not None and process._process is not None
        os.kill(process._process.pid, 9)
        await room.until(lambda: room.desk.state.state is MockState.FAILED)
        notice = room.told[-1]
        assert isinstance(notice, Notice) and notice.what == "it ended by itself" and room.desk.info is None
        second = await room.desk.bring_up(MockOptions())
        assert second.client_id and second is not first and room.states[-1] is MockState.RUNNING


async def test_a_port_in_use_fails_with_its_sentence(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(PortInUseError) as caught:
                await room.desk.bring_up(MockOptions(port=taken.getsockname()[1]))
        assert room.desk.state == MockChanged(state=MockState.FAILED, problem=caught.value.sentence())
