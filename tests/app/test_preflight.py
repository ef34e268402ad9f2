"""The way to a server is tried without a word to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from rtms_desktop.app.connect import ConnectRequest, understand
from rtms_desktop.app.contacts import Contacts
from rtms_desktop.app.preflight import Preflight, preflight
from rtms_desktop.app.settings import Settings
from rtms_desktop.wire.enums import Product
from rtms_desktop.wire.payload import started_webhook


def request(url: str) -> ConnectRequest:
    hook = started_webhook(Product.MEETING, "m==", "stream", url, event_ts=1)
    invite = understand(json.dumps(hook)).invite
    assert invite is not None
    return ConnectRequest(invite=invite, client_id="", client_secret="")


async def tried(url: str, folder: Path, *hosts: str) -> Preflight:
    return await preflight(request(url), Contacts(Settings(folder), frozenset(hosts), None))


async def test_an_open_port_is_found_and_hears_nothing(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.read())
        except ConnectionError:
            heard.append(b"")
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await tried(f"ws://127.0.0.1:{port}", tmp_path)
        while not heard:
            await asyncio.sleep(0)
    assert found.error is None and heard == [b""]
    assert found.passed == ("host allowed", "1 address", f"port {port} is open")


async def test_a_closed_port_says_so(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    found = await tried(f"ws://127.0.0.1:{port}", tmp_path)
    assert found.error is not None and found.error.what == "the server was not reached" and found.error.fix
    assert len(found.passed) == 2


async def test_a_port_that_speaks_no_tls_says_so(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 no\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        found = await tried(f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path)
    assert found.error is not None and found.error.why


async def test_a_host_that_nobody_allowed_is_not_even_looked_up(tmp_path: Path) -> None:
    found = await tried("wss://example.invalid", tmp_path)
    assert found.passed == () and found.error is not None
    found = await tried("wss://example.invalid", tmp_path, "example.invalid")
    assert found.passed == ("host allowed",)
    assert found.error is not None and "not known" in found.error.why
