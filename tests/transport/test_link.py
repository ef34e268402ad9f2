"""A Link against real sockets: opened, heard, closed, lost, and never heard after close."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from rtms_desktop.errors import PayloadError
from rtms_desktop.transport.hosts import endpoint
from rtms_desktop.transport.link import SEND_QUEUE, Link, connect_fix, explain_connect_error
from rtms_desktop.transport.tls import client_context


class Handler:
    """Keeps what it is told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self._changed = asyncio.Event()

    def link_opened(self, link: Link) -> None:
        self._tell("opened")

    def link_message(self, link: Link, data: str | bytes) -> None:
        self._tell("message", data)

    def link_closed(self, link: Link, code: int | None, reason: str) -> None:
        self._tell("closed", code, reason)

    def _tell(self, *what: object) -> None:
        self.told.append(what)
        self._changed.set()

    async def until(self, condition: Callable[[list[tuple[object, ...]]], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition(self.told):
                self._changed.clear()
                await self._changed.wait()


def _url(server: Server) -> str:
    return f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@pytest.fixture
def tls() -> ssl.SSLContext:
    return client_context()


async def test_text_and_binary_arrive_as_they_were_sent(tls: ssl.SSLContext) -> None:
    async def talk(ws: ServerConnection) -> None:
        await ws.send("text")
        await ws.send(b"\x00binary")
        assert await ws.recv() == "answer"
        await ws.close(1000, "done")

    handler = Handler()
    async with serve(talk, "127.0.0.1", 0) as server:
        link = Link("signaling", _url(server), 1, handler, tls)
        await handler.until(lambda told: len(told) == 3)
        link.send("answer")
        await handler.until(lambda told: told[-1][0] == "closed")
        await link.wait_closed()
    assert handler.told == [("opened",), ("message", "text"), ("message", b"\x00binary"), ("closed", 1000, "done")]


async def test_a_message_of_ten_megabytes_passes(tls: ssl.SSLContext) -> None:
    async def talk(ws: ServerConnection) -> None:
        await ws.send("x" * 10_700_000)
        await ws.wait_closed()

    handler = Handler()
    async with serve(talk, "127.0.0.1", 0) as server:
        link = Link("video", _url(server), 1, handler, tls)
        await handler.until(lambda told: len(told) == 2)
        link.close()
        await link.wait_closed()
    assert len(str(handler.told[1][1])) == 10_700_000


async def test_tcp_loss_is_1006(tls: ssl.SSLContext) -> None:
    async def talk(ws: ServerConnection) -> None:
        ws.transport.abort()

    handler = Handler()
    async with serve(talk, "127.0.0.1", 0) as server:
        link = Link("video", _url(server), 1, handler, tls)
        await handler.until(lambda told: told[-1:] == [("closed", 1006, "")])
        await link.wait_closed()


async def test_close_sends_what_is_queued_and_says_no_more(tls: ssl.SSLContext) -> None:
    heard: list[str | bytes] = []
    gone = asyncio.Event()

    async def talk(ws: ServerConnection) -> None:
        async for data in ws:
            heard.append(data)
        heard.append(f"{ws.close_code}")
        gone.set()

    handler = Handler()
    async with serve(talk, "127.0.0.1", 0) as server:
        link = Link("signaling", _url(server), 1, handler, tls)
        await handler.until(lambda told: told == [("opened",)])
        link.send("last words")
        link.close(1000, "bye")
        await link.wait_closed()
        await gone.wait()
    assert heard == ["last words", "1000"]
    assert handler.told == [("opened",)]


async def test_nobody_there(tls: ssl.SSLContext) -> None:
    handler = Handler()
    link = Link("signaling", "ws://127.0.0.1:9", 1, handler, tls)
    await handler.until(lambda told: bool(told))
    await link.wait_closed()
    (told,) = handler.told
    assert told[:2] == ("closed", None)
    assert str(told[2]).startswith("nothing listens on 127.0.0.1:9. Check that the server runs there")


async def test_something_else_answers(tls: ssl.SSLContext) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    handler = Handler()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        link = Link("signaling", f"ws://127.0.0.1:{port}", 1, handler, tls)
        await handler.until(lambda told: bool(told))
        await link.wait_closed()
    assert handler.told[0][1] is None
    assert "HTTP 404" in str(handler.told[0][2])


async def test_a_redirect_is_not_followed(tls: ssl.SSLContext) -> None:
    """It could lead a signature to a host that nobody allowed."""
    asked: list[str] = []

    async def talk(ws: ServerConnection) -> None:
        asked.append("elsewhere")

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.append("here")
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {_url(elsewhere)}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    handler = Handler()
    server = await asyncio.start_server(redirect, "127.0.0.1", 0)
    async with serve(talk, "127.0.0.1", 0) as elsewhere, server:
        link = Link("audio", f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", 1, handler, tls)
        await handler.until(lambda told: bool(told))
        await link.wait_closed()
    assert asked == ["here"]
    assert "HTTP 302" in str(handler.told[0][2])


@pytest.mark.parametrize("allowed", [False, True])
async def test_a_url_of_the_server_leads_to_allowed_hosts_only(tls: ssl.SSLContext, allowed: bool) -> None:
    handler = Handler()
    hosts = frozenset({"rtms.invalid"} if allowed else ())
    link = Link("audio", "ws://rtms.invalid/audio", 1, handler, tls, lambda: hosts)
    await handler.until(lambda told: bool(told))
    await link.wait_closed()
    told = str(handler.told[0][2])
    assert ("--allow-host rtms.invalid" in told) is not allowed
    assert ("the host name of rtms.invalid:80 is not known" in told) is allowed


@pytest.mark.parametrize(("code", "fix"), [(62, "host name that stands in the certificate"), (18, "--ca")])
def test_each_trouble_with_a_certificate_has_its_fix(code: int, fix: str) -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, "as it is."
    assert explain_connect_error("wss://localhost", error).endswith("(as it is)")
    assert fix in connect_fix(error)


@pytest.mark.parametrize("url", ["wss://rtms.zoom.us@evil.example", "wss://user:word@127.0.0.1/"])
def test_a_url_with_a_user_name_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(PayloadError) as caught:
        endpoint(url)
    assert "it holds a user name in front of" in caught.value.sentence()
    assert "word" not in caught.value.sentence()


async def test_close_while_connecting_is_silent(tls: ssl.SSLContext) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    handler = Handler()
    server = await asyncio.start_server(never, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        link = Link("signaling", f"ws://127.0.0.1:{port}", 1, handler, tls)
        await asyncio.sleep(0.05)
        link.close()
        await link.wait_closed()
    assert handler.told == []


async def test_a_peer_that_never_reads_is_given_up(tls: ssl.SSLContext) -> None:
    async def deaf(ws: ServerConnection) -> None:
        ws.transport.pause_reading()
        await done.wait()
        ws.transport.abort()

    done = asyncio.Event()
    handler = Handler()
    async with serve(deaf, "127.0.0.1", 0) as server:
        link = Link("signaling", _url(server), 1, handler, tls)
        await handler.until(lambda told: told == [("opened",)])
        for _ in range(SEND_QUEUE + 1):
            link.send("x")
        await handler.until(lambda told: told[-1][0] == "closed")
        await link.wait_closed()
        done.set()
    assert handler.told[-1][1] == 1006


@pytest.mark.parametrize(
    ("url", "host", "port", "known"),
    [
        ("wss://rtms-sjc1.zoom.us", "rtms-sjc1.zoom.us", 443, True),
        ("ws://rtms-sjc1.zoom.us", "rtms-sjc1.zoom.us", 80, False),
        ("wss://zoom.us.example.org", "zoom.us.example.org", 443, False),
        ("wss://evilzoom.us", "evilzoom.us", 443, False),
        ("ws://localhost:9092/signaling", "localhost", 9092, True),
        ("ws://[::1]:9092", "::1", 9092, True),
        ("ws://127.8.8.8:1", "127.8.8.8", 1, True),
        ("ws://0.0.0.0:9092", "0.0.0.0", 9092, False),
    ],
)
def test_which_hosts_are_known(url: str, host: str, port: int, known: bool) -> None:
    found = endpoint(url)
    assert (found.host, found.port, found.known) == (host, port, known)
