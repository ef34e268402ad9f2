"""One WebSocket of a client, whatever it turns out to be: reading, writing in order, keep-alives, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec
from aiohttp import WSMsgType, web

from rtms_desktop.mock_server.lane import Lane
from rtms_desktop.mock_server.manners import manners_of
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.requests import Request, read_request
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.codec import write
from rtms_desktop.wire.enums import Dialect, MessageType
from rtms_desktop.wire.messages import KeepAliveRequest, KeepAliveResponse, Message

_CLOSE = ""
"""Stands in the lane for the close frame, so that everything before it is sent."""


class Role(Protocol):
    """What a connection became by its handshake."""

    @property
    def name(self) -> str: ...

    def handle(self, request: Request) -> None: ...

    def lost(self, why: str, clean: bool) -> None:
        """The socket is gone; `clean` = the client closed it with 1000."""
        ...


class Door(Protocol):
    """Who reads the handshakes of a connection that has no role yet."""

    def signaling(self, connection: Connection, request: Request) -> None: ...

    def media(self, connection: Connection, request: Request) -> None: ...


class Connection:
    """Loop only. `run` lasts as long as the socket."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.Request,
        door: Door,
        options: MockOptions,
        truth: TruthLog,
        epoch_ms: Callable[[], int],
    ) -> None:
        self._socket, self._request, self._door = socket, request, door
        self._options, self._truth, self._epoch_ms = options, truth, epoch_ms
        self._manners = manners_of(options.dialect)
        self.dialect = options.dialect
        self.role: Role | None = None
        self.path = request.path
        self.lane = Lane(random.Random(), self._note_lost)
        self.quiet_until = 0.0
        """Monotonic seconds until which no keep-alive is sent (a fault)."""
        self._close_with: tuple[int, str] | None = None
        self._ended_here = ""
        self._unanswered = 0
        self._sequence = self._answers = 0

    @property
    def name(self) -> str:
        return self.role.name if self.role is not None else self.path

    @property
    def closed(self) -> bool:
        return self._socket.closed or self._close_with is not None or bool(self._ended_here)

    @property
    def request(self) -> web.Request:
        return self._request

    # -- out ------------------------------------------------------------------------------------------------------

    def send(self, message: Message, media: bool = False) -> None:
        """Queues a message in this connection's dialect."""
        self.send_raw(write(message, self.dialect), media)

    def send_raw(self, payload: str | bytes, media: bool = False) -> None:
        """Queues text or a binary frame as it is."""
        if self._close_with is None:
            self.lane.put(payload, media)

    def finish(self, code: int = 1000, reason: str = "") -> None:
        """Closes with a close frame after everything queued."""
        if self._close_with is None:
            self._close_with = (code, reason)
            self._ended_here = self._ended_here or f"close {code}"
            self.lane.put(_CLOSE)

    def abort(self, why: str = "abort") -> None:
        """Cuts the TCP connection without a close frame."""
        self._ended_here = why
        if self._request.transport is not None:
            self._request.transport.abort()

    def _note_lost(self, payload: str | bytes) -> None:
        size = len(payload)
        self._truth.emit("lost", self.name, bytes=size)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                parcel = await self.lane.get()
                if isinstance(parcel.payload, bytes):
                    await self._socket.send_bytes(parcel.payload)
                elif parcel.payload:
                    await self._socket.send_str(parcel.payload)
                elif self._close_with is not None:
                    code, reason = self._close_with
                    await self._socket.close(code=code, message=reason.encode()[:120])
                    return

    # -- life -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Reads until the socket ends, then tells the role."""
        self._truth.emit("connected", self.path)
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self._write(), name="mock-write")
            beats = [group.create_task(work, name="mock-keep-alive") for work in self._keep_alives()]
            await self._read()
            if self._close_with is None or self._socket.closed:
                writer.cancel()
            for beat in beats:
                beat.cancel()
        self._end()

    def _end(self) -> None:
        code = self._socket.close_code
        by = "server" if self._ended_here else "client"
        fields: dict[str, object] = {"by": by, "code": code, "how": self._ended_here or "closed"}
        fields |= {"keep_alives": self._sequence, "answers": self._answers}
        if self.lane.lost or self.lane.reordered or self.lane.overflowed:
            fields |= {
                "lost": self.lane.lost,
                "reordered": self.lane.reordered,
                "overflowed": self.lane.overflowed,
            }
        self._truth.emit("disconnected", self.name, **fields)
        role, self.role = self.role, None
        if role is not None:
            role.lost(self._ended_here or f"closed by the client with {code}", by == "client" and code == 1000)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                request = read_request(message.data)
                if isinstance(request, str):
                    self._truth.emit("unreadable", self.name, why=request)
                else:
                    self._handle(request)

    def _handle(self, request: Request) -> None:
        if request.named and self.dialect is Dialect.PRODUCTION:
            self.dialect = Dialect.README  # answer in kind
        if request.kind == MessageType.KEEP_ALIVE_RESP:
            self._unanswered = 0
            self._answers += 1
        elif request.kind == MessageType.KEEP_ALIVE_REQ:
            echo = {key: value for key, value in request.body.items() if key != "msg_type"}
            self.send(KeepAliveResponse(timestamp=request.number("timestamp") or 0, echo=echo))
        elif request.kind == MessageType.SIGNALING_HAND_SHAKE_REQ:
            self._door.signaling(self, request)
        elif request.kind == MessageType.DATA_HAND_SHAKE_REQ:
            self._door.media(self, request)
        elif self.role is not None:
            self.role.handle(request)

    # -- keep-alives ----------------------------------------------------------------------------------------------

    def _keep_alives(self) -> list[Coroutine[Any, Any, None]]:
        options, manners = self._options, self._manners
        if manners.keep_alive_s is None:
            return []
        strikes = options.strikes or manners.strikes
        beats: list[Coroutine[Any, Any, None]] = [self._ask(options.keep_alive_s or manners.keep_alive_s, strikes)]
        if manners.second_keep_alive_s is not None:
            beats.append(self._ask_otherwise(manners.second_keep_alive_s))
        return beats

    async def _ask(self, every_s: float, strikes: int) -> None:
        due = time.monotonic() + every_s
        while True:
            await asyncio.sleep(due - time.monotonic())
            due += every_s
            if self._unanswered >= strikes:
                self._truth.emit("keep_alive_lost", self.name, unanswered=self._unanswered)
                self.abort("keep-alive")
                return
            if time.monotonic() < self.quiet_until:
                continue
            self._sequence += 1
            self._unanswered += 1
            self.send(KeepAliveRequest(timestamp=self._epoch_ms(), sequence=self._sequence))

    async def _ask_otherwise(self, every_s: float) -> None:
        body = {"msg_type": int(MessageType.KEEP_ALIVE_REQ), "protocol_version": 1, "status_code": 0}
        while True:
            await asyncio.sleep(every_s)
            self.send_raw(msgspec.json.encode(body).decode())
