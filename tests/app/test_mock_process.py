"""The bundled server as a child: up, asked, down, and gone with its parent."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import aiohttp
import pytest

from rtms_desktop.app.mock_process import MockOptions, MockProcess
from rtms_desktop.errors import ConnectError, PortInUseError


class Heard:
    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.exits: list[str] = []

    def process(self) -> MockProcess:
        return MockProcess(self.entries.append, self.exits.append)


async def test_start_ask_stop() -> None:
    heard = Heard()
    mock = heard.process()
    info = await mock.start(MockOptions())
    assert info.signaling_url.startswith("ws://127.0.0.1:")
    assert info.webhook["payload"]["rtms_stream_id"]
    async with aiohttp.ClientSession() as client, client.get(f"{info.http_url}/health") as answer:
        assert answer.status == 200
    with pytest.raises(ConnectError, match="did not do"):
        await mock.act("no such action")
    await mock.stop()
    assert heard.entries[0]["event"] == "listening"
    assert heard.exits == []
    with pytest.raises(ConnectError, match="not running"):
        await mock.act("pause")


async def test_a_token_may_begin_with_a_dash() -> None:
    mock = Heard().process()
    await mock.start(MockOptions(secret_token="-dash"))
    assert mock.secret_token == "-dash"
    await mock.stop()


async def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(ConnectError, match="no-such-dialect"):
        await Heard().process().start(MockOptions(dialect="no-such-dialect"))


async def test_a_port_in_use_is_said_as_such() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError) as caught:
            await Heard().process().start(MockOptions(port=taken.getsockname()[1]))
    assert str(taken) not in caught.value.sentence()
    assert "port" in caught.value.sentence().lower()


async def test_an_unexpected_end_is_told() -> None:
    heard = Heard()
    mock = heard.process()
    await mock.start(MockOptions())
    assert mock._process is not None
    os.kill(mock._process.pid, 9)
    async with asyncio.timeout(5):
        while not heard.exits:
            await asyncio.sleep(0.01)
    assert "-9" in heard.exits[0]
    await mock.stop()
