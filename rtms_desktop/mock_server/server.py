"""The mock server: two ports, the meetings it knows, its stage, and the start and end of everything. Loop only."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
from typing import Any

from aiohttp import web

from rtms_desktop.errors import PortInUseError, UsageError
from rtms_desktop.mock_server.access import refuse_strangers
from rtms_desktop.mock_server.addresses import Addresses
from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.control import Control
from rtms_desktop.mock_server.handshakes import Handshakes
from rtms_desktop.mock_server.http_api import HttpApi
from rtms_desktop.mock_server.manners import manners_of
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sockets import Sockets
from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.tasks import Tasks
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import Medium, StopReason

MEDIA_PATHS = {
    "audio": {Medium.AUDIO},
    "video": {Medium.VIDEO},
    "deskshare": {Medium.SHARE},
    "sharescreen": {Medium.SHARE},
    "share": {Medium.SHARE},
    "transcript": {Medium.TRANSCRIPT},
    "chat": {Medium.CHAT},
    "all": set(Medium),
    "media": set(Medium),
}
"""By the last part of a path: old clients add it to the address that the webhook gave them."""
MAX_MESSAGE = 16 << 20
GOODBYE_S = 1.0
"""How long clients get to answer the close frame when the server ends."""


class MockServer:
    """Start with `start`, end with `close`; both once."""

    def __init__(self, options: MockOptions, source: Source, truth: TruthLog | None = None) -> None:
        self._options = options
        self.truth = truth or TruthLog()
        self.stage = Stage(source, options.clock_ppm, options.speed)
        self.truth.media_ms = self.stage.media_ms
        self.tasks = Tasks()
        self.addresses = Addresses(options)
        self.sockets = Sockets()
        self.meetings = Meetings(options, self.stage, self.truth, self.addresses, self.tasks)
        self._handshakes = Handshakes(options, self.stage, self.truth, self.meetings, self.addresses)
        self.control = Control(options, self.stage, self.truth, self.meetings, self.sockets, self._handshakes)
        self.stage.on_end = self.control.end_all
        self._runner: web.AppRunner | None = None

    # -- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> dict[str, Any]:
        """Opens both ports and announces the first meeting; returns the record "listening".

        Raises PortInUseError when a port is taken and UsageError when the certificate cannot be used.
        """
        app = web.Application(middlewares=[refuse_strangers(self._options.host)], client_max_size=1 << 20)
        api = HttpApi(self._options, self.stage, self.truth, self.meetings, self.sockets, self.control)
        api.add_routes(app.router)
        app.router.add_get("/{path:(?!api/).*}", self._open_socket)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        tls = self._tls_context()
        self.addresses.port = await self._listen(self._options.port, tls)
        same = self._options.media_port == self._options.port != 0
        self.addresses.media_port = self.addresses.port if same else await self._listen(self._options.media_port, tls)
        if self._options.buffer_audio:
            self.stage.begin()
        meeting = self.meetings.announce(self._options.meeting_id, self._options.stream_id)
        return {
            "event": "listening",
            "t_ms": self.stage.epoch_ms(),
            "link": "",
            "http_url": self.addresses.http_url,
            "signaling_url": self.addresses.signaling_url,
            "media_url": self.addresses.media_url,
            "client_id": self._options.client_id,
            "client_secret": self._options.client_secret,
            "secret_token": self._options.secret_token,
            "webhook": self.meetings.started(meeting),
        }

    async def _listen(self, port: int, tls: ssl.SSLContext | None) -> int:
        assert self._runner is not None
        site = web.TCPSite(self._runner, self._options.host, port, ssl_context=tls)
        try:
            await site.start()
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                taken = "is in use" if error.errno == errno.EADDRINUSE else "may not be opened by this user"
                raise PortInUseError(
                    f"port {port} {taken}", fix="Choose another with --port and --media-port; 0 takes any free one."
                ) from error
            raise UsageError(f"cannot listen on {self._options.host}", str(error.strerror or error)) from error
        return int(self._runner.addresses[-1][1])

    def _tls_context(self) -> ssl.SSLContext | None:
        if self._options.tls is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        certificate, key = self._options.tls
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            fix = "Give two PEM files: --tls CERT KEY."
            raise UsageError("the certificate cannot be used", str(error), fix) from error
        return context

    async def close(self) -> None:
        """Ends what still runs with EXIT_SIGNAL, then closes sockets, feeds and ports."""
        for meeting in self.meetings:
            if meeting.signaling is not None:
                meeting.stop(StopReason.EXIT_SIGNAL, final=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.sockets.wait_until_empty(), GOODBYE_S)
        for connection in self.sockets:
            connection.abort("server closes")
        await self.tasks.finish()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.meetings.close()
        await self.stage.close()

    # -- sockets --------------------------------------------------------------------------------------------------

    async def _open_socket(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("upgrade", "").lower() != "websocket":
            if request.path == "/":
                return web.Response(text="This is the RTMS mock server. GET /api/state tells how it is.\n")
            raise web.HTTPNotFound(text="No such page.\n")
        if self.sockets.refusing:
            raise web.HTTPServiceUnavailable(text="The server is down, as a test has asked.\n")
        # Zoom's SDK offers the subprotocol "websocket"; others offer none.
        socket = web.WebSocketResponse(protocols=("websocket",), compress=False, max_msg_size=MAX_MESSAGE, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket, request, self._handshakes, self._options, self.truth, self.stage.epoch_ms)
        with self.sockets.holding(connection):
            media = MEDIA_PATHS.get(request.path.rpartition("/")[2])
            if not manners_of(self._options.dialect).media_handshake and media is not None:
                self._handshakes.open_unasked(connection, frozenset(media))
            await connection.run()
        return socket
