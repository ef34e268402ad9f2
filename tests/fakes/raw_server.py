"""A scripted RTMS server of plain JSON: written from the protocol alone, it shares no code with the program.

It speaks the current production form and counts what it sent, so that a client can be held to account.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from websockets import ConnectionClosed, ConnectionClosedError
from websockets.asyncio.server import Server, ServerConnection, serve

T0 = 1_749_000_000_000
CLIENT_ID, SECRET = "cid-raw", "secret-raw-1234"
MEETING, STREAM = "m/Raw+1==", "stream-raw-1"
SIGNATURE = hmac.new(SECRET.encode(), f"{CLIENT_ID},{MEETING},{STREAM}".encode(), hashlib.sha256).hexdigest()
BITS = {"audio": 1, "video": 2, "deskshare": 4, "transcript": 8, "chat": 16}
KINDS = {"audio": 14, "video": 15, "deskshare": 16, "transcript": 17, "chat": 18}
DEFAULTS: dict[str, dict[str, int]] = {
    "audio": {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 2, "send_rate": 20},
    "video": {"content_type": 3, "codec": 7, "resolution": 2, "fps": 25, "data_opt": 3},
    "deskshare": {"content_type": 3, "codec": 5, "resolution": 3, "fps": 1},
    "transcript": {"content_type": 5},
    "chat": {"content_type": 5},
}


@dataclass
class Script:
    """What the server does. ``media`` maps a medium to the contents of its messages, in order."""

    media: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    binary: bool = False
    status: int = 0
    reason: str = ""
    silent: bool = False  # accepts the socket and says nothing
    garbage: Iterable[str | bytes] = ()  # sent on each socket before anything else of the stream
    keep_alives: int = 2
    pause_s: float = 0.0  # between two messages of one medium
    abort_media: str = ""  # this medium's socket is torn down once, half-way
    abort_signaling: bool = False  # signaling is torn down once, after the first keep-alive
    stop_reason: int | None = 6
    media_status: dict[str, int] = field(default_factory=dict)
    granted: dict[str, dict[str, int]] = field(default_factory=dict)  # against what was asked for
    shape: Callable[[dict[str, Any]], dict[str, Any] | bytes] | None = None  # another form of a media message
    mute: bool = False  # message 3 is never answered: media flow from the start, as with the reference mock server
    close_media: str = ""  # this medium's socket is closed with a close frame once, half-way
    urls: dict[str, str] = field(default_factory=dict)  # named for a medium instead of a URL of this server
    restart_session: bool = False  # at the end the session stops with a reason, and another begins


class Frame(NamedTuple):
    """One WebSocket message as it went over the wire; ``direction`` as the client sees it: "in" or "out"."""

    name: str
    attempt: int
    direction: str
    opcode: str
    data: bytes


class RawServer:
    """``async with RawServer(script) as server``; ``server.payload`` is what to paste."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.sent: Counter[str] = Counter()
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.connections: Counter[str] = Counter()
        self.problems: list[str] = []
        self.frames: list[Frame] = []
        self._server: Server | None = None
        self._ready = asyncio.Event()
        self._next: Counter[str] = Counter()
        self._named: dict[ServerConnection, tuple[str, int]] = {}
        self._done = asyncio.Event()
        self._gone = asyncio.Event()

    async def __aenter__(self) -> RawServer:
        self._server = await serve(self._serve, "127.0.0.1", 0, compression=None, max_size=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    @property
    def payload(self) -> str:
        body = {"meeting_uuid": MEETING, "rtms_stream_id": STREAM, "server_urls": f"ws://127.0.0.1:{self.port}"}
        return json.dumps({"event": "meeting.rtms_started", "event_ts": T0, "payload": body})

    async def _serve(self, ws: ServerConnection) -> None:
        assert ws.request is not None
        name = ws.request.path.strip("/") or "signaling"
        self.connections[name] += 1
        self._named[ws] = (name, self.connections[name])
        if self.script.silent:
            await ws.wait_closed()
        elif name == "signaling":
            await self._signal(ws)
        else:
            await self._stream(ws, name)

    # -- signaling -----------------------------------------------------------------------------------------------

    async def _signal(self, ws: ServerConnection) -> None:
        first = await self._receive(ws, "signaling")
        status, reason = self.script.status, self.script.reason
        if first.get("msg_type") != 1 or first.get("protocol_version") != 1:
            status, reason = 1, "invalid message type"
        elif first.get("signature") != SIGNATURE:
            status, reason = 3, "invalid signature"
        if status:
            await self._send(ws, {"msg_type": 2, "status_code": status, "reason": reason})
            await ws.close(1000)
            return
        urls = {name: f"ws://127.0.0.1:{self.port}/{name}" for name in self.script.media} | self.script.urls
        answer = {"msg_type": 2, "protocol_version": 1, "status_code": 0, "reason": ""}
        await self._send(ws, answer | {"media_server": {"server_urls": urls}})
        async with beside(self._read_signaling(ws)):
            await self._until_ready(ws)
            await self._announce(ws)
            await self._finish(ws)

    async def _announce(self, ws: ServerConnection) -> None:
        for data in self.script.garbage:
            await self._send(ws, data)
        await self._send(ws, {"msg_type": 6, "event": {"event_type": 1, "timestamp": T0}})
        await self._send(ws, {"msg_type": 9, "rtms_session_id": "S1", "state": 2, "timestamp": T0})
        await self._send(ws, {"msg_type": 8, "state": 1, "timestamp": T0})
        people = [{"user_id": 16778240, "user_name": "Ann"}, {"user_id": 16778241, "user_name": "Bo"}]
        await self._send(ws, {"msg_type": 6, "event": {"event_type": 3, "timestamp": T0, "participants": people}})
        speaker = {"event_type": 2, "timestamp": T0 + 5, "user_id": 16778240, "user_name": "Ann"}
        await self._send(ws, {"msg_type": 6, "event": speaker})
        for number in range(self.script.keep_alives):
            await self._send(ws, {"msg_type": 12, "timestamp": T0 + number, "sequence": number + 1})
        if self.script.abort_signaling and self.connections["signaling"] == 1:
            await asyncio.sleep(0.1)
            self._ready.clear()
            ws.transport.abort()

    async def _finish(self, ws: ServerConnection) -> None:
        async with beside(ws.wait_closed(), then=self._gone.set):
            while not self._done.is_set() and not self._gone.is_set():
                await asyncio.sleep(0.005)
        if not self._done.is_set():
            self._gone.clear()
            return
        if self.script.restart_session:
            stopped = {"msg_type": 9, "rtms_session_id": "S1", "state": 5, "timestamp": T0 + 50_000}
            await self._send(ws, stopped | {"reason": 11, "stop_reason": 11})
            await self._send(ws, {"msg_type": 9, "rtms_session_id": "S2", "state": 2, "timestamp": T0 + 51_000})
        if self.script.stop_reason is None:
            await ws.wait_closed()
            return
        await asyncio.sleep(0.1)
        await self._send(ws, {"msg_type": 8, "state": 4, "reason": self.script.stop_reason, "timestamp": T0 + 60_000})
        await ws.close(1000)

    async def _read_signaling(self, ws: ServerConnection) -> None:
        while True:
            message = await self._receive(ws, "signaling")
            if message.get("msg_type") == 7:
                self._ready.set()
            elif message.get("msg_type") == 21:
                answer = {"msg_type": 22, "rtms_stream_id": STREAM, "status_code": 0, "reason": "OK"}
                await self._send(ws, answer)
                await self._send(ws, {"msg_type": 8, "state": 4, "reason": 20, "timestamp": T0 + 60_000})

    # -- media ---------------------------------------------------------------------------------------------------

    async def _stream(self, ws: ServerConnection, name: str) -> None:
        request = await self._receive(ws, name)
        if request.get("msg_type") != 3 or request.get("media_type") != BITS[name]:
            self.problems.append(f"{name}: bad handshake {request}")
        status = self.script.media_status.get(name, 0)
        asked = (request.get("media_params") or {}).get(name) or {}
        params = DEFAULTS[name] | asked | self.script.granted.get(name, {})
        answer = {"msg_type": 4, "protocol_version": 1, "status_code": status, "reason": "", "payload_encrypted": False}
        if not self.script.mute:
            await self._send(ws, answer | {"media_params": {name: params}})
        if status:
            await ws.close(1000)
            self._check_done()
            return
        async with beside(self._read_media(ws, name)):
            if not self.script.mute:
                await self._until_ready(ws)
            for data in self.script.garbage:
                await self._send(ws, data)
            await self._send_media(ws, name)
            self._check_done()
            await ws.wait_closed()

    async def _send_media(self, ws: ServerConnection, name: str) -> None:
        contents = self.script.media[name]
        await self._send(ws, {"msg_type": 12, "timestamp": T0, "sequence": 1})
        while self._next[name] < len(contents):
            if self._next[name] == len(contents) // 2 and self.connections[name] == 1:
                if self.script.abort_media == name:
                    ws.transport.abort()
                    return
                if self.script.close_media == name:
                    await ws.close(1011, "trouble here")
                    return
            content = contents[self._next[name]]
            self._next[name] += 1
            message = {"msg_type": KINDS[name], "content": content}
            await self._send(ws, self.script.shape(message) if self.script.shape else message)
            self.sent[name] += 1
            await asyncio.sleep(self.script.pause_s)

    async def _read_media(self, ws: ServerConnection, name: str) -> None:
        while True:
            await self._receive(ws, name)

    async def _until_ready(self, ws: ServerConnection) -> None:
        """Return when CLIENT_READY_ACK came; raises ConnectionClosed when the client leaves first."""
        loop = asyncio.get_running_loop()
        waits = {loop.create_task(self._ready.wait()), loop.create_task(ws.wait_closed())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not self._ready.is_set():
            raise ConnectionClosedError(None, None)

    def _check_done(self) -> None:
        wanted = {name: len(contents) for name, contents in self.script.media.items()}
        if all(self._next[name] >= count or self.script.media_status.get(name) for name, count in wanted.items()):
            self._done.set()

    # -- frames --------------------------------------------------------------------------------------------------

    async def _send(self, ws: ServerConnection, message: dict[str, Any] | str | bytes) -> None:
        data = message
        if isinstance(data, dict):
            data = json.dumps(data)
            data = data.encode() if self.script.binary else data
        self._log(ws, "in", data)
        await ws.send(data)

    def _log(self, ws: ServerConnection, direction: str, data: str | bytes) -> None:
        name, attempt = self._named[ws]
        opcode = "text" if isinstance(data, str) else "binary"
        self.frames.append(Frame(name, attempt, direction, opcode, data.encode() if isinstance(data, str) else data))

    async def _receive(self, ws: ServerConnection, name: str) -> dict[str, Any]:
        data = await ws.recv()
        self._log(ws, "out", data)
        message = json.loads(data)
        assert isinstance(message, dict)
        self.received.append((name, message))
        return message


@asynccontextmanager
async def beside(coro: Coroutine[Any, Any, object], then: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
    """Runs ``coro`` while the block runs; a socket that closes under it ends it quietly."""

    async def quietly() -> None:
        try:
            await coro
        except ConnectionClosed:
            pass
        then()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(quietly())
        try:
            yield
        except ConnectionClosed:
            pass
        finally:
            task.cancel()


def audio(count: int, user_id: int = 16778240, name: str = "Ann", step_ms: int = 20) -> list[dict[str, Any]]:
    """``count`` chunks of 16 kHz mono L16, each with its number as samples."""
    made = []
    for number in range(count):
        data = (number % 30_000).to_bytes(2, "little") * (16 * step_ms)
        made.append(_content(user_id, name, data, T0 + number * step_ms))
    return made


def frames(access_units: Iterable[bytes], user_id: int = 16778240, name: str = "Ann", step_ms: int = 40) -> list[Any]:
    return [_content(user_id, name, data, T0 + number * step_ms) for number, data in enumerate(access_units)]


def transcript(lines: Iterable[str], user_id: int = 16778240, name: str = "Ann") -> list[dict[str, Any]]:
    made = []
    for number, line in enumerate(lines):
        start = T0 + number * 1000
        times = {"start_time": start, "end_time": start + 900, "timestamp": start}
        made.append({"user_id": user_id, "user_name": name, "data": line, "language": 9, "attribute": 1} | times)
    return made


def chat(lines: Iterable[str]) -> list[dict[str, Any]]:
    sender = {"user_id": 16778241, "user_name": "Bo"}
    return [
        {
            "operation_type": 1,
            "message_id": f"A{number}",
            "chat_session": {"type": 1},
            "sender": sender,
            "data": line,
            "timestamp": T0 + number * 500,
        }
        for number, line in enumerate(lines)
    ]


def _content(user_id: int, name: str, data: bytes, timestamp: int) -> dict[str, Any]:
    coded = base64.b64encode(data).decode()
    return {"user_id": user_id, "user_name": name, "data": coded, "length": len(data), "timestamp": timestamp}
