"""The way to a server, tried without saying anything: its name, its port, its certificate. Coroutines, any loop."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtms_desktop.errors import ConnectError, RtmsError
from rtms_desktop.transport.hosts import Endpoint, endpoint
from rtms_desktop.transport.link import connect_fix, explain_connect_error

if TYPE_CHECKING:
    from rtms_desktop.app.connect import ConnectRequest
    from rtms_desktop.app.contacts import Contacts

OPEN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """How far a connection would come before its first message.

    Attributes:
        passed: what was found, in order, in words.
        error: what stands in the way, or None.
        ms: how long it took.
    """

    passed: tuple[str, ...]
    error: RtmsError | None
    ms: int


async def preflight(request: ConnectRequest, contacts: Contacts) -> Preflight:
    """Try it; nothing is signed and nothing is sent. Raises nothing."""
    began, passed, error = time.monotonic(), list[str](), None
    try:
        url = request.invite.signaling_url
        tls, where = contacts.admit(request), endpoint(url)
        passed.append("host allowed")
        passed.append(await resolve(where))
        passed.append(await open_socket(url, where, tls))
    except RtmsError as found:
        error = found
    return Preflight(passed=tuple(passed), error=error, ms=round((time.monotonic() - began) * 1000))


async def resolve(where: Endpoint) -> str:
    """``2 addresses``. Raises ConnectError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except OSError as error:
        why = f"the host name {where.host} is not known"
        raise ConnectError("the server was not found", why, "Check the network and the DNS settings.") from error
    return f"{len(found)} address{'es' if len(found) > 1 else ''}"


async def open_socket(url: str, where: Endpoint, tls: ssl.SSLContext) -> str:
    """``TLSv1.3, certificate valid``, or that the port is open where nothing is encrypted. Raises ConnectError.

    A connection that is only opened: it separates a closed port from a bad certificate from a bad answer.
    """
    try:
        async with asyncio.timeout(OPEN_S):
            _, writer = await asyncio.open_connection(
                where.host, where.port, ssl=tls if where.secure else None, happy_eyeballs_delay=0.25
            )
    except (OSError, TimeoutError) as error:
        raise ConnectError(
            "the server was not reached", explain_connect_error(url, error), connect_fix(error)
        ) from error
    secured = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return f"{secured.version()}, certificate valid" if secured is not None else f"port {where.port} is open"
