"""Keeps web pages of other sites away from a server that listens on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def is_loopback_name(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    host = host.strip("[]").lower()
    if host in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_strangers(bound_host: str) -> Middleware:
    """A middleware: no request under a foreign Host name (DNS rebinding), none that another site's page has made.

    Steering by /api is for this machine only, wherever the server listens.
    """
    local = is_loopback_name(bound_host)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.url.host or ""
        if local and not is_loopback_name(host):
            raise web.HTTPForbidden(text="This server answers to localhost only.\n")
        origin = urlsplit(request.headers.get("origin", "")).hostname
        if origin is not None and origin != host and not is_loopback_name(origin):
            raise web.HTTPForbidden(text="Pages of other sites may not use this server.\n")
        if request.path.startswith("/api/") and request.remote is not None and not is_loopback_name(request.remote):
            raise web.HTTPForbidden(text="The mock server is steered from its own machine only.\n")
        return await handler(request)

    return check
