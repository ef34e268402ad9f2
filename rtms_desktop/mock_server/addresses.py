"""Under which names the server's two ports are reached. Loop only."""

from __future__ import annotations

from aiohttp import web

from rtms_desktop.mock_server.access import is_loopback_name
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.wire.enums import Medium


class Addresses:
    """`port` and `media_port` are 0 until the server listens."""

    def __init__(self, options: MockOptions) -> None:
        self._options = options
        self.port = self.media_port = 0

    @property
    def http_url(self) -> str:
        return self._url("http", self.port, "")

    @property
    def signaling_url(self) -> str:
        return self._url("ws", self.port, "/signaling")

    @property
    def media_url(self) -> str:
        return self._url("ws", self.media_port, "/media")

    def media_urls(self, request: web.Request) -> dict[str, str]:
        """Message 2's URLs, under the host name that the client used (the SDK's Host header has no port)."""
        host = request.url.host or ""
        if not is_loopback_name(host) and self._options.host in ("127.0.0.1", "::1", "localhost"):
            host = ""
        served = [medium.value for medium in Medium if medium not in self._options.disabled]
        paths = {name: "/deskshare" if name == Medium.SHARE else f"/{name}" for name in served}
        paths["all"] = "/all"
        return {name: self._url("ws", self.media_port, path, host) for name, path in paths.items()}

    def _url(self, scheme: str, port: int, path: str, host: str = "") -> str:
        """By TLS it always says localhost, for which certificates are made."""
        if self._options.tls is not None:
            return f"{scheme}s://localhost:{port}{path}"
        host = host or self._options.host
        if host in ("0.0.0.0", "::", ""):  # where it listens, not where it is reached
            host = "127.0.0.1"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}"
