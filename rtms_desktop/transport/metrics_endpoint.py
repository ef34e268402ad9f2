"""``GET /metrics`` on this computer, for a Prometheus that runs here. Loop's thread."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from rtms_desktop.transport.hosts import is_loopback
from rtms_desktop.transport.local_http import listen

HOST = "127.0.0.1"
DEFAULT_PORT = 9464


class MetricsEndpoint:
    """Args:
    text: gives the page; called for every request.
    content_type: of that page, with its parameters.
    """

    def __init__(self, text: Callable[[], str], content_type: str) -> None:
        self.url = ""
        self._text, self._content_type = text, content_type
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = DEFAULT_PORT) -> str:
        """Listen; returns the address. Port 0: any free one. Raises PortInUseError."""
        app = web.Application()
        app.router.add_get("/metrics", self._answer)
        self._runner = await listen(app, HOST, port)
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}/metrics"
        return self.url

    async def stop(self) -> None:
        runner, self._runner, self.url = self._runner, None, ""
        if runner is not None:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        # A page of the web that names this computer by a name of its own may not read it.
        if not is_loopback(request.url.host or ""):
            raise web.HTTPForbidden(text="Ask for it as 127.0.0.1.\n")
        return web.Response(body=self._text().encode(), headers={"Content-Type": self._content_type})
