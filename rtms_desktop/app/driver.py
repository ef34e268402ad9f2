"""Drives one SessionCore: sockets and time in, commands out, and every message onto the tape before anything reads it.

Runs on the loop's thread, under qasync and under plain asyncio alike.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from rtms_desktop.clock import Clock
from rtms_desktop.recording import control
from rtms_desktop.session.commands import CloseLink, OpenLink, SendText
from rtms_desktop.session.core import SessionCore
from rtms_desktop.session.events import Event, SessionEnded
from rtms_desktop.transport.link import Link, Reach
from rtms_desktop.wire.redact import MASK

SHORTEST = 12
"""Secrets shorter than this may stand in media by chance."""


class Tape(Protocol):
    """What the driver writes to: every message of every link, and every other input of the core."""

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None: ...

    def control(self, record: dict[str, Any], at: float) -> None: ...


class Driver:
    """Owns the links of one session.

    Attributes:
        ended: result of the session once it is over.
        reach: how far the newest connection of each link came, by link name.
    """

    def __init__(
        self,
        core: SessionCore,
        publish: Callable[[Sequence[Event]], None],
        tape: Tape,
        clock: Clock,
        tls: ssl.SSLContext,
        allowed_hosts: Callable[[], frozenset[str]] = frozenset,
        secrets: Iterable[str] = (),
    ) -> None:
        """``secrets``: some servers repeat a signature in the reason of a refusal; nothing here is to see it there."""
        self.core = core
        self.ended: SessionEnded | None = None
        self.reach: dict[str, Reach] = {}
        self._publish, self._tape, self._clock, self._tls = publish, tape, clock, tls
        self._allowed_hosts = allowed_hosts
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST]
        self._links: dict[str, Link] = {}
        self._leaving: set[Link] = set()
        self._over = asyncio.Event()
        self._timer: asyncio.Handle | None = None
        self._timer_due = float("inf")

    # -- what a person asks ------------------------------------------------------------------------------------

    def start(self) -> None:
        self._request("start")

    def request(self, name: str, **args: Any) -> None:
        """Call ``core.request_<name>``; it goes onto the tape so that the session can be driven again."""
        self._request(f"request_{name}", **args)

    async def wait_ended(self) -> SessionEnded:
        """Return the last event, after every socket is gone."""
        await self._over.wait()
        await self.close()
        assert self.ended is not None
        return self.ended

    async def close(self) -> None:
        """Let go of timer and sockets; idempotent. The core is not told: ask it to disconnect first."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for link in self._links.values():
            link.close()
            self._leaving.add(link)
        self._links.clear()
        for link in tuple(self._leaving):
            await link.wait_closed()
        self._leaving.clear()

    # -- what a link tells (LinkHandler) -----------------------------------------------------------------------

    def link_opened(self, link: Link) -> None:
        now = self._clock.now()
        self._tape.control(control.link_opened(link.name, link.attempt, link.url, now), now)
        self.core.link_opened(link.name, now)
        self._settle(now)

    def link_message(self, link: Link, data: str | bytes) -> None:
        now = self._clock.now()
        data = self._blank(data) if isinstance(data, str) else self._blank_bytes(data)
        self._tape.message(link.name, link.attempt, "in", data, now)
        self.core.receive(link.name, data, now)
        self._settle(now)

    def link_closed(self, link: Link, code: int | None, reason: str) -> None:
        now = self._clock.now()
        self._links.pop(link.name, None)
        reason = self._blank(reason)
        self._tape.control(control.link_closed(link.name, link.attempt, code, reason, now), now)
        self.core.link_closed(link.name, code, reason, now)
        self._settle(now)

    def _blank(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def _blank_bytes(self, data: bytes) -> bytes:
        for secret in self._secrets:
            data = data.replace(secret.encode(), MASK.encode())
        return data

    # -- the core's turn ---------------------------------------------------------------------------------------

    def _request(self, call: str, **args: Any) -> None:
        now = self._clock.now()
        self._tape.control(control.request(call, args, now), now)
        getattr(self.core, call)(**args, now=now)
        self._settle(now)

    def _settle(self, now: float) -> None:
        for command in self.core.take_commands():
            match command:
                case SendText(link=name, text=text):
                    link = self._links.get(name)
                    if link is not None:
                        self._tape.message(name, link.attempt, "out", text, now)
                        link.send(text)
                case OpenLink(link=name, url=url, attempt=attempt):
                    self._links[name] = link = Link(name, url, attempt, self, self._tls, self._allowed_hosts)
                    self.reach[name] = link.reach
                case CloseLink(link=name, code=code, reason=reason):
                    self._let_go(name, code, reason)
        events = self.core.take_events()
        if events:
            if isinstance(events[-1], SessionEnded):
                self.ended = events[-1]
                self._over.set()
            self._publish(events)
        self._arm(now)

    def _let_go(self, name: str, code: int, reason: str) -> None:
        link = self._links.pop(name, None)
        if link is not None:
            self._leaving = {left for left in self._leaving if not left.gone}
            self._leaving.add(link)
            link.close(code, reason)

    def _arm(self, now: float) -> None:
        """Keep one timer, and only ever bring it forward: under qasync a cancelled timer lives on until it fires."""
        due = self.core.next_wakeup()
        if self._over.is_set() or due is None or due >= self._timer_due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        self._timer = asyncio.get_running_loop().call_later(max(0.0, due - now), self._wake)

    def _wake(self) -> None:
        self._timer, self._timer_due = None, float("inf")
        now = self._clock.now()
        due = self.core.next_wakeup()
        if due is not None and due <= now:
            self._tape.control(control.wake(now), now)
            self.core.wake(now)
        self._settle(now)
