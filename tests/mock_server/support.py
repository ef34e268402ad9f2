"""A raw client of the mock server: plain JSON by the `websockets` library, sharing no code with the program."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.server import MockServer
from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.mock_server.sources.pattern import PatternSource
from rtms_desktop.mock_server.truth import TruthLog

L16 = {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 2, "send_rate": 20}
SMALL_VIDEO = {"content_type": 3, "codec": 7, "resolution": 1, "fps": 25, "data_opt": 3}
SMALL_SHARE = {"content_type": 3, "codec": 5, "resolution": 1, "fps": 5}
BITS = {"audio": 1, "video": 2, "deskshare": 4, "transcript": 8, "chat": 16, "all": 32}
PATIENCE_S = 10.0
Message = dict[str, Any]


@contextlib.asynccontextmanager
async def serving(source: Source | None = None, **changes: Any) -> AsyncIterator[Mock]:
    """A running server on free ports with a small pattern meeting."""
    options = MockOptions(**{"port": 0, "media_port": 0, "participants": 2, "resolution": "360p", **changes})
    truth = TruthLog()
    server = MockServer(options, source or PatternSource(options.participants, options.beeps), truth)
    try:
        yield Mock(server, await server.start())
    finally:
        await server.close()


class Mock:
    """The server, what it said first, and ways into it."""

    def __init__(self, server: MockServer, listening: Message) -> None:
        self.server, self.listening = server, listening
        payload = listening["webhook"]["payload"]
        payload = payload.get("object", payload)
        self.stream_id: str = payload["rtms_stream_id"]
        self.meeting_id: str = next(payload[key] for key in ID_KEYS if key in payload)

    @property
    def truth(self) -> list[Message]:
        return list(self.server.truth.records)

    def events(self, name: str) -> list[Message]:
        return [record for record in self.truth if record["event"] == name]

    async def until(self, name: str, count: int = 1) -> Message:
        """Waits for the n-th record of a name."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := self.events(name)) < count:
                await asyncio.sleep(0.005)
        return found[count - 1]

    async def do(self, name: str, **arguments: Any) -> Message:
        return await self.server.control.do(name, arguments)

    def sign(self) -> str:
        listening = self.listening
        text = f"{listening['client_id']},{self.meeting_id},{self.stream_id}"
        return hmac.new(listening["client_secret"].encode(), text.encode(), hashlib.sha256).hexdigest()

    def hello(self, **changes: Any) -> Message:
        """Message 1; a change to None leaves the field out."""
        message = {
            "msg_type": 1,
            "protocol_version": 1,
            "sequence": 1,
            "meeting_uuid": self.meeting_id,
            "rtms_stream_id": self.stream_id,
            "signature": self.sign(),
            **changes,
        }
        return {key: value for key, value in message.items() if value is not None}

    def media_hello(self, media_type: Any, params: Any = None, **changes: Any) -> Message:
        """Message 3."""
        extra = {"msg_type": 3, "sequence": 2, "media_type": media_type, "media_params": params}
        return self.hello(**{**extra, **changes})

    def dial(self, url: str) -> Any:
        return websockets.connect(url, compression=None, proxy=None, max_size=None, max_queue=None)

    @contextlib.asynccontextmanager
    async def socket(self, url: str | None = None) -> AsyncIterator[Peer]:
        """A bare connection, to the signaling URL unless told otherwise."""
        async with self.dial(url or self.listening["signaling_url"]) as socket:
            yield Peer(socket)

    @contextlib.asynccontextmanager
    async def client(
        self, media: dict[str, Any], events: tuple[int, ...] = (), ready: bool = True
    ) -> AsyncIterator[Client]:
        """Joined, with one socket per medium, ready and subscribed."""
        async with self.socket() as signaling, contextlib.AsyncExitStack() as stack:
            await signaling.send(self.hello())
            response = await signaling.receive()
            assert response["status_code"] == 0, response
            client = Client(self, signaling, response["media_server"]["server_urls"], stack)
            for name, params in media.items():
                await client.open(name, params)
            if ready:
                await signaling.send({"msg_type": 7, "rtms_stream_id": self.stream_id})
            if events:
                wishes = [{"event_type": kind, "subscribe": True} for kind in events]
                await signaling.send({"msg_type": 5, "events": wishes})
            yield client


ID_KEYS = ("meeting_uuid", "webinar_uuid", "session_id", "engagement_id", "call_id")


class Peer:
    """One socket; keep-alives are answered and left out of what `receive` gives, unless told otherwise."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.answers = True
        self.keep_alives: list[Message] = []

    async def send(self, message: Message) -> None:
        await self.socket.send(json.dumps(message))

    async def receive_raw(self) -> str | bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await self.socket.recv()

    async def receive(self) -> Message:
        """The next message that is no keep-alive."""
        while True:
            message: Message = json.loads(await self.receive_raw())
            if message["msg_type"] not in (12, "KEEP_ALIVE_REQ"):
                return message
            self.keep_alives.append(message)
            if self.answers:
                kind = 13 if message["msg_type"] == 12 else "KEEP_ALIVE_RESP"
                await self.send({**message, "msg_type": kind})

    async def until(self, test: Callable[[Message], object]) -> Message:
        """The next message that passes."""
        async with asyncio.timeout(PATIENCE_S):
            while not test(message := await self.receive()):
                pass
        return message

    async def kind(self, number: int | str) -> Message:
        return await self.until(lambda message: message["msg_type"] == number)

    async def event(self, number: int) -> Message:
        found = await self.until(lambda message: message["msg_type"] == 6 and message["event"]["event_type"] == number)
        event: Message = found["event"]
        return event

    async def take(self, count: int) -> list[Message]:
        return [await self.receive() for _ in range(count)]

    async def answer_for_ever(self) -> None:
        """Keeps the socket alive until it is closed."""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                message = json.loads(await self.socket.recv())
                if message["msg_type"] == 12:
                    await self.send({**message, "msg_type": 13})

    async def end(self) -> tuple[int | None, str]:
        """Reads to the end; code (1006 = cut) and reason."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self.socket.recv()
            except websockets.ConnectionClosed as closed:
                return (1006, "") if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason)


class Client:
    """All sockets of one stream."""

    def __init__(self, mock: Mock, signaling: Peer, urls: dict[str, str], stack: contextlib.AsyncExitStack) -> None:
        self.mock, self.signaling, self.urls, self._stack = mock, signaling, urls, stack
        self.media: dict[str, Peer] = {}
        self.granted: dict[str, Message] = {}

    async def open(self, name: str, params: Any) -> Peer:
        peer = await self._stack.enter_async_context(self.mock.socket(self.urls[name]))
        wanted = params if name == "all" or params is None else {name: params}
        await peer.send(self.mock.media_hello(BITS[name], wanted))
        response = await peer.receive()
        assert response["msg_type"] == 4 and response["status_code"] == 0, response
        self.granted[name] = response["media_params"]
        self.media[name] = peer
        return peer
