"""The open sockets of the server, known or not. Loop only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from rtms_desktop.mock_server.connection import Connection


class Sockets:
    """`refusing`: nobody gets in (a fault)."""

    def __init__(self) -> None:
        self.refusing = False
        self._open: set[Connection] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open))

    @contextmanager
    def holding(self, connection: Connection) -> Iterator[None]:
        """The connection is open."""
        self._open.add(connection)
        self._none_open.clear()
        try:
            yield
        finally:
            self._open.discard(connection)
            if not self._open:
                self._none_open.set()

    async def wait_until_empty(self) -> None:
        await self._none_open.wait()
