"""Watches over the keep-alives of one link. Called by the link machine.

Zoom RTMS docs: the server sends message 12 about every 10 s on every socket; a client that has heard none for 65 s
builds the socket anew. Some of the text says "only when idle", so arriving media counts as life too. In the README
dialect it is the client who asks, every 30 s.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Patience with one link, in seconds.

    Attributes:
        connect_s: for the connection, and on signaling for the answer to the handshake too.
        answer_s: for message 4; and how long an unopened media socket holds the others back.
        keep_alive_every_s: between two messages 12.
        keep_alive_limit_s: without a sign of life, then the link is dead.
        ask_every_s: between two messages 12 of ours (README dialect).
    """

    connect_s: float = 10.0
    answer_s: float = 5.0
    keep_alive_every_s: float = 10.0
    keep_alive_limit_s: float = 65.0
    ask_every_s: float = 30.0


class KeepAliveWatch:
    """Counts what does not come.

    Attributes:
        missed: whole intervals without message 12, counted when the message is late by half an interval.
        heard: how many came.
        since: when the last one came, or the socket opened.
        interval_s: between the last two, None before the second.
        client_asks: the server speaks the dialect in which the client sends message 12.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.missed = 0
        self.heard = 0
        self.interval_s: float | None = None
        self.client_asks = False
        self._answered = False
        self.since = self._life = self._asked = 0.0
        self._missed_now = 0

    def start(self, now: float) -> None:
        """The socket opened."""
        self.since = self._life = self._asked = now

    def request(self, now: float) -> None:
        """Message 12 arrived."""
        self.interval_s = now - self.since if self.heard else None
        self.since = self._life = now
        self.heard += 1
        self._missed_now = 0

    def answer(self, now: float) -> None:
        """Message 13 arrived: our own question was heard."""
        self._answered = True
        self._life = now

    def data(self, now: float) -> None:
        """Media arrived."""
        self._life = now

    @property
    def _server_asks(self) -> bool:
        return self.heard > 0 or not self.client_asks

    def deadline(self) -> float:
        """When ``check`` has something to say at the earliest."""
        due = []
        if self._server_asks:
            due.append(self._late_at())
        else:
            due.append(self._asked + self._limits.ask_every_s)
        if self._server_asks or self._answered:
            due.append(self._life + self._limits.keep_alive_limit_s)
        return min(due)

    def _late_at(self) -> float:
        return self.since + self._limits.keep_alive_every_s * (self._missed_now + 1.5)

    def check(self, now: float) -> int:
        """Count what is missing; returns how many intervals were newly missed."""
        if not self._server_asks or now < self._late_at():
            return 0
        whole = int((now - self.since) / self._limits.keep_alive_every_s - 0.5)
        new = max(1, whole - self._missed_now)  # rounding must not make it due and not due at once
        self._missed_now += new
        self.missed += new
        return new

    def must_ask(self, now: float) -> bool:
        """Whether a message 12 of ours is due; asking restarts the wait."""
        if self._server_asks or now < self._asked + self._limits.ask_every_s:
            return False
        self._asked = now
        return True

    def is_dead(self, now: float) -> bool:
        return (self._server_asks or self._answered) and now >= self._life + self._limits.keep_alive_limit_s
