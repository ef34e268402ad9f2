"""The bundled mock server as the window uses it: one at a time, started, asked and listened to. Main thread."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from rtms_desktop.app.credentials import CredentialStore
from rtms_desktop.app.doing import begin, tell_failure
from rtms_desktop.app.events import MockChanged, MockInfo, MockLogged, MockState
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.mock_process import MockOptions, MockProcess
from rtms_desktop.errors import RtmsError

LOG_LINES = 2_000
OVER = ("stopped", "ended")
"""Phases of a stream that nobody can join any more."""


class MockDesk:
    """Owns the server's process. Methods return at once; those that are coroutines return when it is done.

    Args:
        credentials: learn the server's own, so that one can connect to it.

    Attributes:
        state: as last told.
        log: what the server said, oldest first; the oldest go when it is full.
    """

    def __init__(self, hub: Hub, credentials: CredentialStore) -> None:
        self.state = MockChanged(state=MockState.STOPPED)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LINES)
        self._hub, self._credentials = hub, credentials
        self._process: MockProcess | None = None
        self._first_over = False
        self._turn = asyncio.Lock()

    @property
    def info(self) -> MockInfo | None:
        """Where it listens; None while it does not."""
        return self._process.info if self._process else None

    @property
    def secret_token(self) -> str:
        """What it signs webhooks with, "" without a server."""
        return self._process.secret_token if self._process else ""

    def start(self, options: MockOptions | None = None) -> None:
        """Start a server unless one runs; MockChanged tells."""
        begin(self._hub, "start the mock server", self.bring_up(options or MockOptions()))

    def stop(self) -> None:
        begin(self._hub, "stop the mock server", self.close())

    def act(self, name: str, **args: Any) -> None:
        """Ask the server for one action of its /api/control."""
        if self._process is not None:
            begin(self._hub, name, self._process.act(name, **args))

    async def bring_up(self, options: MockOptions) -> MockInfo:
        """The server that runs, else one with these options.

        Raises:
            PortInUseError, ConnectError: it did not come up.
        """
        async with self._turn:  # who comes while it starts gets the same server
            if self._process is not None and self._process.info is not None:
                return self._process.info
            self._changed(MockState.STARTING)
            if self._process is not None:  # it died: its pipes and threads are still there
                await self._process.stop()
            self._process = process = MockProcess(self._said, self._died)
            self._first_over = False
            try:
                info = await process.start(options)
            except RtmsError as error:
                self._changed(MockState.FAILED, problem=error.sentence())
                raise
            self._credentials.remember(info.client_id, info.client_secret, keep=False)
            self._changed(MockState.RUNNING, info)
            return info

    async def invitation(self, info: MockInfo) -> dict[str, Any]:
        """The webhook of a meeting that can be joined: of its first one, or of a new one when that is over.

        Raises:
            ConnectError: the server does not answer.
        """
        if self._process is None or not self._first_over:
            return info.webhook
        webhook: dict[str, Any] = (await self._process.act("start"))["webhook"]
        return webhook

    async def close(self) -> None:
        """End the server; idempotent."""
        process, self._process = self._process, None
        if process is not None:
            await process.stop()
            self._changed(MockState.STOPPED)

    def _said(self, entry: dict[str, Any]) -> None:
        self.log.append(entry)
        self._first_over |= entry.get("event") == "phase" and entry.get("phase") in OVER
        self._hub.publish([MockLogged(entry=entry)])

    def _died(self, said: str) -> None:
        self._changed(MockState.FAILED, problem=said)
        error = RtmsError("it ended by itself", said, "Start it again.")
        tell_failure(self._hub, "the mock server ended", error)

    def _changed(self, state: MockState, info: MockInfo | None = None, problem: str = "") -> None:
        self.state = MockChanged(state=state, info=info, problem=problem)
        self._hub.publish([self.state])
