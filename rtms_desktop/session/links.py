"""One link as the session holds it: state machine, reader, figures and recovery, wired to the outbox."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rtms_desktop.protocol.machine import LinkMachine, Timeout
from rtms_desktop.protocol.states import LOST, OPEN, UP, LinkState, Step
from rtms_desktop.session.commands import CloseLink, OpenLink, SendText
from rtms_desktop.session.events import Anomaly, DialectDetected, KeepAlive, LinkStateChanged, Reconnected, Severity
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.recovery import Recovery
from rtms_desktop.wire.codec import Reader, write
from rtms_desktop.wire.enums import Dialect, Medium, Product
from rtms_desktop.wire.messages import KeepAliveRequest, Message


@dataclass(slots=True)
class LinkStats:
    """Figures over all connections of one link; times are monotonic seconds, sizes bytes of message text."""

    messages_in: int = 0
    messages_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    last_message_at: float | None = None
    last_keep_alive_at: float | None = None
    keep_alives: int = 0
    missed: int = 0
    anomalies: int = 0


class LinkView:
    """What others may read of a link.

    Attributes:
        name: link name.
        media: what it was asked to carry; empty for signaling.
        url: where it connects, "" before the first time.
        attempt: how often it was opened.
        opened_at: when its present or last socket opened, monotonic seconds.
        last_problem: why it was last lost, for a person.
        stats: figures over all its connections.
    """

    def __init__(self, name: str, media: frozenset[Medium], machine: LinkMachine) -> None:
        self.name, self.media = name, media
        self.url = ""
        self.attempt = 0
        self.opened_at: float | None = None
        self.last_problem = ""
        self.stats = LinkStats()
        self._machine = machine

    @property
    def state(self) -> LinkState:
        return self._machine.state

    @property
    def is_open(self) -> bool:
        """Whether there is a socket, or one is being opened."""
        return self._machine.state in OPEN

    @property
    def is_up(self) -> bool:
        """Whether it is ready, streaming or paused."""
        return self._machine.state in UP


@dataclass(slots=True)
class Counters:
    """What all links of a session count together."""

    anomalies: Counter[str] = field(default_factory=Counter)
    reconnects: int = 0


class SessionLink(LinkView):
    """A LinkView that can act. Every change of state, fault and answer of its machine passes through here."""

    def __init__(
        self,
        name: str,
        machine: LinkMachine,
        outbox: Outbox,
        counters: Counters,
        *,
        media: frozenset[Medium] = frozenset(),
        product: Product = Product.MEETING,
        dialect: Dialect = Dialect.PRODUCTION,
    ) -> None:
        super().__init__(name, media, machine)
        self.recovery = Recovery()
        self.dialect = dialect
        self._outbox, self._counters, self._product = outbox, counters, product
        self._reader = Reader(None, product)

    # -- the socket --------------------------------------------------------------------------------------------

    def open(self, url: str, handshake: Message, now: float) -> None:
        """Ask for a connection; the old one must have been lost, refused or ended."""
        self.url = url
        self.attempt += 1
        self.recovery.due = None
        self._reader = Reader(next(iter(self.media)) if len(self.media) == 1 else None, self._product)
        self._machine.open(handshake, now)
        self._outbox.do(OpenLink(link=self.name, url=url, attempt=self.attempt))
        self._pass_on(now)

    def opened(self, now: float) -> None:
        """The socket is there: the handshake goes out."""
        self.opened_at = now
        self._machine.socket_opened(now)
        self._pass_on(now)

    def drop_socket(self) -> None:
        """Close the socket with 1000; nothing of it is heard any more."""
        self._outbox.do(CloseLink(link=self.name, code=1000, reason=""))

    def expects(self, *, opened: bool) -> bool:
        """Whether a report of a socket that is open (or not yet) fits; late reports of a dropped one do not."""
        return self.is_open and self._machine.opened is opened

    # -- messages ----------------------------------------------------------------------------------------------

    def read(self, data: str | bytes, now: float) -> tuple[Message, ...]:
        """The messages in one WebSocket message; what was odd about them is told."""
        self.stats.messages_in += 1
        self.stats.bytes_in += len(data)
        self.stats.last_message_at = now
        messages = self._reader.read(data)
        for note in self._reader.take_notes():
            if note.kind != "dialect":  # told as DialectDetected
                self.anomaly(note.kind, note.text, now, Severity(note.severity))
        if self._reader.dialect is not Dialect.PRODUCTION and self._reader.dialect is not self.dialect:
            self.dialect = self._reader.dialect
            self._outbox.tell(DialectDetected(at=now, link=self.name, dialect=self.dialect.value))
        return messages

    def receive(self, message: Message, now: float) -> bool:
        """Let the machine see a message; False when it is out of place."""
        in_place = self._machine.receive(message, self.dialect, now)
        self._pass_on(now)
        if isinstance(message, KeepAliveRequest):
            self.stats.keep_alives += 1
            self.stats.last_keep_alive_at = now
            self._outbox.tell(KeepAlive(at=now, link=self.name, interval_s=self._machine.watch.interval_s))
        return in_place

    def send(self, message: Message) -> None:
        """Send in the dialect of this connection."""
        text = write(message, self.dialect)
        self.stats.messages_out += 1
        self.stats.bytes_out += len(text)
        self._outbox.do(SendText(link=self.name, text=text))

    # -- state -------------------------------------------------------------------------------------------------

    def step(self, step: Step, cause: str, now: float, code: int | None = None, reason: str = "") -> None:
        self._machine.step(step, cause, code, reason)
        self._pass_on(now)

    def wake(self, server_ms: int, now: float) -> Timeout | None:
        """Time passed; see LinkMachine.wake."""
        timeout = self._machine.wake(server_ms, now)
        self._pass_on(now)
        return timeout

    @property
    def was_lost(self) -> bool:
        """Whether it is down by a loss, however that ended."""
        return self.recovery.lost_at is not None

    @property
    def is_returning(self) -> bool:
        """Whether it is down and its recovery has something to wait for."""
        return self.state in LOST or (self.state is LinkState.CONNECTING and self.recovery.lost_at is not None)

    def deadline(self) -> float | None:
        """When it has to be looked at, for its machine's sake or for its recovery's."""
        due = self._machine.deadline()
        again = self.recovery.deadline() if self.is_returning else None
        return again if due is None else due if again is None else min(due, again)

    def anomaly(self, kind: str, text: str, now: float, severity: Severity = Severity.WARNING) -> None:
        """Count and tell something that should not be."""
        self.stats.anomalies += 1
        self._counters.anomalies[kind] += 1
        self._outbox.tell(Anomaly(at=now, link=self.name, severity=severity, kind=kind, text=text))

    def _pass_on(self, now: float) -> None:
        """Turn what the machine decided into commands and events."""
        for message in self._machine.take_outgoing():
            self.send(message)
        for fault in self._machine.take_faults():
            if fault.kind == "keep_alive_missed":
                self.stats.missed += fault.count
            self.anomaly(fault.kind, fault.text, now)
        for change in self._machine.take_changes():
            self._outbox.tell(
                LinkStateChanged(
                    at=now,
                    link=self.name,
                    old=change.old,
                    new=change.new,
                    cause=change.cause,
                    code=change.code,
                    reason=change.reason,
                )
            )
            if change.new is LinkState.STREAMING:
                self.recovery.proven = True
            if change.new in UP and self.recovery.back_at is None:
                self._came_back(now)

    def _came_back(self, now: float) -> None:
        down_s = self.recovery.back(now)
        if down_s is not None:
            self._counters.reconnects += self.recovery.is_own
            self._outbox.tell(Reconnected(at=now, link=self.name, down_s=down_s, own=self.recovery.is_own))
