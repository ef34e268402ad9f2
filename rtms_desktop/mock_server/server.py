"""The mock server: two ports, the meetings it knows, its stage, and the start and end of everything. Loop only."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import os
import secrets
import ssl
from typing import Any

from aiohttp import web

from rtms_desktop.errors import PortInUseError, UsageError
from rtms_desktop.mock_server.access import is_loopback_name, refuse_strangers
from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.control import Control
from rtms_desktop.mock_server.handshakes import Handshakes
from rtms_desktop.mock_server.http_api import HttpApi
from rtms_desktop.mock_server.manners import manners_of
from rtms_desktop.mock_server.meeting import Meeting
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.tasks import Tasks
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.mock_server.webhooks import WebhookSender
from rtms_desktop.wire.announce import interrupted_webhook, started_webhook, stopped_webhook
from rtms_desktop.wire.enums import Medium, StopReason

SIGNALING_PATHS = ("/", "/signaling")
MEDIA_PATHS = {
    "/audio": {Medium.AUDIO},
    "/video": {Medium.VIDEO},
    "/deskshare": {Medium.SHARE},
    "/sharescreen": {Medium.SHARE},
    "/share": {Medium.SHARE},
    "/transcript": {Medium.TRANSCRIPT},
    "/chat": {Medium.CHAT},
    "/all": set(Medium),
    "/media": set(Medium),
}
MAX_MESSAGE = 16 << 20
GOODBYE_S = 1.0
"""How long clients get to answer the close frame when the server ends."""
OPERATOR = "mock-operator"


class MockServer:
    """Start with `start`, end with `close`; both once."""

    def __init__(self, options: MockOptions, source: Source, truth: TruthLog | None = None) -> None:
        self.options = options
        self.truth = truth or TruthLog()
        self.stage = Stage(source, options.clock_ppm, options.speed)
        self.stage.on_end = lambda reason: self.control.end_all(reason)
        self.truth.media_ms = self.stage.media_ms
        self.meetings: dict[str, Meeting] = {}
        self.connections: set[Connection] = set()
        self.tasks = Tasks()
        self.webhooks = WebhookSender(options.secret_token, self.truth)
        self._manners = manners_of(options.dialect)
        self.handshakes = Handshakes(self, self._manners)
        self.control = Control(self)
        self.refusing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._runner: web.AppRunner | None = None
        self.port = self.media_port = 0

    def epoch_ms(self) -> int:
        return self.stage.epoch_ms()

    # -- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> dict[str, Any]:
        """Opens both ports and announces the first meeting; returns the record "listening".

        Raises PortInUseError when a port is taken and UsageError when the certificate cannot be used.
        """
        app = web.Application(middlewares=[refuse_strangers(self.options.host)], client_max_size=1 << 20)
        HttpApi(self).add_routes(app.router)
        app.router.add_get("/{path:.*}", self._open_socket)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        tls = self._tls_context()
        self.port = await self._listen(self.options.port, tls)
        same = self.options.media_port == self.options.port != 0
        self.media_port = self.port if same else await self._listen(self.options.media_port, tls)
        if self.options.buffer_audio:
            self.stage.begin()
        meeting = self.new_meeting(self.options.meeting_id, self.options.stream_id)
        return {
            "event": "listening",
            "t_ms": self.epoch_ms(),
            "link": "",
            "http_url": self.url("http", self.port, ""),
            "signaling_url": self.signaling_url(),
            "media_url": self.url("ws", self.media_port, "/media"),
            "client_id": self.options.client_id,
            "client_secret": self.options.client_secret,
            "secret_token": self.options.secret_token,
            "webhook": self.started(meeting),
        }

    async def _listen(self, port: int, tls: ssl.SSLContext | None) -> int:
        assert self._runner is not None
        site = web.TCPSite(self._runner, self.options.host, port, ssl_context=tls)
        try:
            await site.start()
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                taken = "is in use" if error.errno == errno.EADDRINUSE else "may not be opened by this user"
                raise PortInUseError(
                    f"port {port} {taken}", fix="Choose another with --port and --media-port; 0 takes any free one."
                ) from error
            raise UsageError(f"cannot listen on {self.options.host}", str(error.strerror or error)) from error
        return int(self._runner.addresses[-1][1])

    def _tls_context(self) -> ssl.SSLContext | None:
        if self.options.tls is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        certificate, key = self.options.tls
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            fix = "Give two PEM files: --tls CERT KEY."
            raise UsageError("the certificate cannot be used", str(error), fix) from error
        return context

    async def close(self) -> None:
        """Ends what still runs with EXIT_SIGNAL, then closes sockets, feeds and ports."""
        for meeting in self.meetings.values():
            if meeting.signaling is not None:
                meeting.stop(StopReason.EXIT_SIGNAL, final=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), GOODBYE_S)
        for connection in list(self.connections):
            connection.abort("server closes")
        await self.tasks.finish()
        if self._runner is not None:
            await self._runner.cleanup()
        for meeting in self.meetings.values():
            meeting.close()
        await self.stage.close()
        await self.webhooks.close()

    # -- sockets --------------------------------------------------------------------------------------------------

    async def _open_socket(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("upgrade", "").lower() != "websocket":
            if request.path == "/":
                return web.Response(text="This is the RTMS mock server. GET /api/state tells how it is.\n")
            raise web.HTTPNotFound(text="No such page.\n")
        known = request.path in SIGNALING_PATHS or request.path in MEDIA_PATHS or request.path.startswith("/media")
        if not known:
            raise web.HTTPNotFound(text="RTMS is served at /signaling, /audio, /video and the like.\n")
        if self.refusing:
            raise web.HTTPServiceUnavailable(text="The server is down, as a test has asked.\n")
        # Zoom's SDK offers the subprotocol "websocket"; others offer none.
        socket = web.WebSocketResponse(protocols=("websocket",), compress=False, max_msg_size=MAX_MESSAGE, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(self, socket, request, self._manners, self.options.dialect)
        self.connections.add(connection)
        self._idle.clear()
        try:
            if not self._manners.media_handshake and request.path in MEDIA_PATHS:
                self.handshakes.open_unasked(connection, frozenset(MEDIA_PATHS[request.path]))
            await connection.run()
        finally:
            self.connections.discard(connection)
            if not self.connections:
                self._idle.set()
        return socket

    # -- names ----------------------------------------------------------------------------------------------------

    def url(self, scheme: str, port: int, path: str, host: str = "") -> str:
        """A URL of this server; by TLS it always says localhost, for which certificates are made."""
        if self.options.tls is not None:
            return f"{scheme}s://localhost:{port}{path}"
        host = host or self.options.host
        if host in ("0.0.0.0", "::", ""):  # where it listens, not where it is reached
            host = "127.0.0.1"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}"

    def signaling_url(self) -> str:
        return self.url("ws", self.port, "/signaling")

    def media_urls(self, request: web.Request) -> dict[str, str]:
        """Message 2's URLs, under the host name that the client used (the SDK's Host header has no port)."""
        host = request.url.host or ""
        if not is_loopback_name(host) and self.options.host in ("127.0.0.1", "::1", "localhost"):
            host = ""
        served = [medium.value for medium in Medium if medium not in self.options.disabled]
        paths = {name: "/deskshare" if name == Medium.SHARE else f"/{name}" for name in served}
        paths["all"] = "/all"
        return {name: self.url("ws", self.media_port, path, host) for name, path in paths.items()}

    # -- meetings and their webhooks ------------------------------------------------------------------------------

    def new_meeting(self, meeting_id: str = "", stream_id: str = "") -> Meeting:
        """Announces a stream that a client may join."""
        meeting = Meeting(
            self.stage,
            self.truth,
            self.options,
            self._notify,
            meeting_id or base64.b64encode(os.urandom(16)).decode(),
            stream_id or secrets.token_hex(16),
        )
        self.meetings[meeting.stream_id] = meeting
        return meeting

    def started(self, meeting: Meeting) -> dict[str, Any]:
        """The webhook that announces a meeting."""
        return started_webhook(
            self.options.product,
            meeting.meeting_id,
            meeting.stream_id,
            self.signaling_url(),
            event_ts=self.epoch_ms(),
            dialect=self.options.dialect,
            extra={"operator_id": OPERATOR},
        )

    def interrupted(self, meeting: Meeting) -> dict[str, Any]:
        return interrupted_webhook(
            self.options.product,
            meeting.meeting_id,
            meeting.stream_id,
            event_ts=self.epoch_ms(),
            dialect=self.options.dialect,
        )

    def _stopped(self, meeting: Meeting, stop_reason: int) -> dict[str, Any]:
        return stopped_webhook(
            self.options.product,
            meeting.meeting_id,
            meeting.stream_id,
            stop_reason,
            event_ts=self.epoch_ms(),
            dialect=self.options.dialect,
        )

    def _notify(self, kind: str, meeting: Meeting, fields: dict[str, Any]) -> None:
        webhook = self.interrupted(meeting) if kind == "interrupted" else self._stopped(meeting, fields["stop_reason"])
        self.send_webhook(webhook)

    def send_webhook(self, webhook: dict[str, Any], url: str = "") -> None:
        """Posts in the background, when there is somebody to post to."""
        url = url or self.options.webhook_url
        if url:
            self.tasks.start(self.webhooks.send(url, webhook), "mock-webhook")
