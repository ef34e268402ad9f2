"""One WebSocket. Runs under any asyncio loop (qasync or plain); all calls and callbacks on the loop's thread."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import websockets
from websockets.asyncio.client import ClientConnection, connect

from rtms_desktop import __version__
from rtms_desktop.errors import HostNotAllowedError, RtmsError
from rtms_desktop.transport.hosts import check_allowed, endpoint, is_loopback
from rtms_desktop.transport.tasks import spawn

# A base64 1080p keyframe passes the library's 1 MiB; the SDK takes more than 10 MB.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
# Frames read ahead before the socket is paused: a burst of buffered audio, not more.
RECEIVE_QUEUE = 64
# We send a handshake, a few subscriptions and keep-alive answers: so many unsent means that nobody reads.
SEND_QUEUE = 256


class LinkHandler(Protocol):
    """Who hears a Link. After ``Link.close()`` none of these is called any more."""

    def link_opened(self, link: Link) -> None: ...

    def link_message(self, link: Link, data: str | bytes) -> None: ...

    def link_closed(self, link: Link, code: int | None, reason: str) -> None:
        """``code`` None: it never opened, ``reason`` says why; 1006: lost without a close frame."""
        ...


@dataclass(slots=True)
class Reach:
    """How far the way to the server could be gone, filled in on the way.

    Attributes:
        address: the address that answered, "" before.
        tls: the version agreed upon, such as "TLSv1.3"; "" before and without TLS.
        seconds: from the first step to there.
        failed: what did not come about: "name", "tls" or "socket"; "" while nothing failed.
        forbidden: why this host was not contacted at all.
    """

    address: str = ""
    tls: str = ""
    seconds: float = 0.0
    failed: str = ""
    forbidden: HostNotAllowedError | None = None


class _Connection(ClientConnection):
    """Notes what it was connected to: asyncio calls this once name, port and TLS have been passed."""

    def __init__(self, told: Callable[[asyncio.BaseTransport], None], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._told = told

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._told(transport)


class _Connect(connect):
    """Takes a redirect for the refusal that it is: it may lead to a host that nobody allowed."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Link:
    """A WebSocket client connection that reports to its handler.

    Args:
        allowed_hosts: beside *.zoom.us and this computer; a signature goes nowhere else, whatever a server names.

    Attributes:
        name: link name, "signaling" or a medium or "all".
        attempt: how often this name has been opened, from 1.
        reach: how far the connection came.
    """

    def __init__(
        self,
        name: str,
        url: str,
        attempt: int,
        handler: LinkHandler,
        tls: ssl.SSLContext,
        allowed_hosts: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self.name, self.url, self.attempt = name, url, attempt
        self.reach = Reach()
        self._handler: LinkHandler | None = handler
        self._tls, self._allowed_hosts = tls, allowed_hosts
        self._outbox: deque[str] = deque()
        self._work = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._ws: ClientConnection | None = None
        self._task = spawn(self._run(), name=f"link {name} #{attempt}")

    def send(self, text: str) -> None:
        """Queue a text frame. A full queue means a dead peer: the socket is aborted and reported as lost."""
        if len(self._outbox) >= SEND_QUEUE:
            if self._ws is not None:
                self._ws.transport.abort()
            return
        self._outbox.append(text)
        self._work.set()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Send what is queued, then close; the handler hears nothing more."""
        self._handler = None
        self._closing = (code, reason)
        self._work.set()
        if self._ws is None:
            self._task.cancel()

    @property
    def gone(self) -> bool:
        """Whether the socket and its tasks have ended."""
        return self._task.done()

    async def wait_closed(self) -> None:
        """Return when the socket is gone."""
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            self._ws = ws = await self._connect()
        except (OSError, ValueError, RtmsError, websockets.WebSocketException) as error:
            self.reach.failed = failed_step(error)
            self.reach.forbidden = error if isinstance(error, HostNotAllowedError) else None
            self._tell_closed(None, f"{explain_connect_error(self.url, error)}. {connect_fix(error)}".rstrip(". "))
            return
        writer = spawn(self._write(ws), name=f"link {self.name} #{self.attempt} writer")
        try:
            if self._handler is not None:
                self._handler.link_opened(self)
            await self._read(ws)
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            ws.transport.abort()
        self._tell_closed(ws.close_code or 1006, ws.close_reason or "")

    async def _connect(self) -> ClientConnection:
        where = check_allowed(self.url, self._allowed_hosts())
        began = asyncio.get_running_loop().time()
        return await _Connect(
            self.url,
            ssl=self._tls if where.secure else None,
            # An http_proxy of the environment must not see traffic that never leaves this computer.
            proxy=None if is_loopback(where.host) else True,
            compression=None,  # media is compressed already; deflate costs ten times the rest
            max_size=MAX_MESSAGE_BYTES,
            max_queue=RECEIVE_QUEUE,
            open_timeout=None,  # the session core has the deadline
            # RTMS has its own keep-alive (message 12) and the core its watchdog: a second one can only kill
            # a good link while this computer is busy.
            ping_interval=None,
            close_timeout=2,
            user_agent_header=f"RTMS-Desktop/{__version__}",
            create_connection=partial(_Connection, partial(self._reached, began)),  # type: ignore[arg-type]  # callable
        )

    def _reached(self, began: float, transport: asyncio.BaseTransport) -> None:
        peer, secured = transport.get_extra_info("peername"), transport.get_extra_info("ssl_object")
        self.reach.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.reach.tls = str(secured.version()) if secured is not None else ""
        self.reach.seconds = asyncio.get_running_loop().time() - began

    async def _read(self, ws: ClientConnection) -> None:
        try:
            async for data in ws:
                if self._handler is not None:
                    self._handler.link_message(self, data)
        except websockets.ConnectionClosed:
            pass

    async def _write(self, ws: ClientConnection) -> None:
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while self._outbox:
                    await ws.send(self._outbox.popleft())
                if self._closing is not None:
                    await ws.close(*self._closing)
                    return
        except websockets.ConnectionClosed:
            pass

    def _tell_closed(self, code: int | None, reason: str) -> None:
        handler, self._handler = self._handler, None
        if handler is not None:
            handler.link_closed(self, code, reason)


def explain_connect_error(url: str, error: Exception) -> str:
    """One clause for a person: why ``url`` could not be opened."""
    if isinstance(error, RtmsError):
        return error.sentence().rstrip(".")
    try:
        where = endpoint(url).authority
    except RtmsError as bad:
        return bad.sentence().rstrip(".")
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate of {where} was not accepted ({error.verify_message.rstrip('.')})"
        case ssl.SSLError():
            return f"no TLS connection to {where} ({error.reason or error})"
        case socket.gaierror():
            return f"the host name of {where} is not known"
        case ConnectionRefusedError():
            return f"nothing listens on {where}"
        case websockets.InvalidStatus():
            return f"{where} answered with HTTP {error.response.status_code} instead of a WebSocket"
        case websockets.InvalidHandshake() | websockets.InvalidMessage() | EOFError():
            return f"{where} does not speak WebSocket ({error})"
        case OSError() if all_refused(error):
            return f"nothing listens on {where}"
        case _:
            return f"{where}: {str(error) or type(error).__name__}"


def failed_step(error: Exception) -> str:
    """Which step towards the server ``error`` stopped; see Reach."""
    return "name" if isinstance(error, socket.gaierror) else "tls" if isinstance(error, ssl.SSLError) else "socket"


def connect_fix(error: Exception) -> str:
    """One sentence for a person: what to do about ``error``; "" where the error itself says it."""
    match error:
        case RtmsError():
            return ""
        case ssl.SSLCertVerificationError() if error.verify_code in _WRONG_NAME:
            return "Use a host name that stands in the certificate."
        case ssl.SSLCertVerificationError():
            return "If you trust the server, give the certificate of its CA with --ca."
        case ssl.SSLError():
            return "Check that the server speaks TLS on this port; ws:// is without."
        case socket.gaierror():
            return "Check the host name, the network and the DNS settings."
        case websockets.InvalidHandshake() | websockets.InvalidMessage() | EOFError():
            return "Check that server_urls is that of an RTMS server."
        case _:
            return "Check that the server runs there, and that no firewall is between."


# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL.
_WRONG_NAME = frozenset({62, 64})


def all_refused(error: OSError) -> bool:
    """asyncio folds several refused addresses of one name into one plain OSError."""
    return "Connect call failed" in str(error)
