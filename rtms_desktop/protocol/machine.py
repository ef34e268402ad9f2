"""The client's side of one link, message by message, sans I/O. Driven by ``session.links``; thread-free.

Feed ``open``, ``opened``, ``receive``, ``step`` and ``wake``; afterwards take what it wants to send, how its state
changed and what the server did wrong. Nothing that a server sends makes it raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rtms_desktop.protocol.keepalive import KeepAliveWatch, Limits
from rtms_desktop.protocol.states import OPEN, LinkState, Role, Step, advance, permits
from rtms_desktop.wire.enums import Dialect
from rtms_desktop.wire.messages import (
    ChatData,
    DataHandshakeResponse,
    KeepAliveRequest,
    KeepAliveResponse,
    MediaData,
    Message,
    SignalingHandshakeResponse,
    TranscriptData,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One transition; ``code`` and ``reason``: the close code, or the status of a refused handshake."""

    old: LinkState
    new: LinkState
    cause: str
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something the server should not have done; ``kind`` and ``count`` are for figures, ``text`` for a person."""

    kind: str
    text: str
    count: int = 1


class Timeout(StrEnum):
    """Which patience ran out, in the words of the cause."""

    CONNECT = "no connection in time"
    ANSWER = "no answer to the handshake in time"
    DEAD = "no keep-alive for too long"


class LinkMachine:
    """One link through all its connections.

    Attributes:
        state: where it is.
        handshake: what is sent when the socket opens.
        watch: the keep-alive figures of the present connection.
        opened: the socket of the present connection is open.
        answered: the handshake of the present connection was answered.
    """

    role: ClassVar[Role]
    answer: ClassVar[type[Message]]

    def __init__(self, limits: Limits) -> None:
        self.state = LinkState.CLOSED
        self.handshake: Message | None = None
        self.watch = KeepAliveWatch(limits)
        self.opened = self.answered = False
        self._limits = limits
        self._asked_at = 0.0
        self._outgoing: list[Message] = []
        self._changes: list[Change] = []
        self._faults: list[Fault] = []

    # -- in ----------------------------------------------------------------------------------------------------

    def open(self, handshake: Message, now: float) -> None:
        """A connection is being asked for; ``handshake`` is sent as soon as it is there."""
        self.step(Step.OPEN, "connecting")
        self.handshake = handshake
        self.watch = KeepAliveWatch(self._limits)
        self.opened = self.answered = False
        self._asked_at = now

    def socket_opened(self, now: float) -> None:
        """The WebSocket is there."""
        assert self.handshake is not None
        self.opened = True
        self.watch.start(now)
        self._outgoing.append(self.handshake)

    def receive(self, message: Message, dialect: Dialect, now: float) -> bool:
        """One message of this link; returns False when it is out of place and must have no effect."""
        self.watch.client_asks = dialect is Dialect.README
        match message:
            case KeepAliveRequest():
                self.watch.request(now)
                self._outgoing.append(
                    KeepAliveResponse(timestamp=message.timestamp, sequence=message.sequence, echo=message.echo)
                )
            case KeepAliveResponse():
                self.watch.answer(now)
            case SignalingHandshakeResponse() | DataHandshakeResponse():
                return self._handshake_answered(message)
            case MediaData() | TranscriptData() | ChatData():
                self.watch.data(now)
                self._media_arrived()
            case _:
                pass
        return True

    def _handshake_answered(self, message: SignalingHandshakeResponse | DataHandshakeResponse) -> bool:
        step = Step.ACCEPT if message.ok else Step.REFUSE
        if not isinstance(message, self.answer):
            self._fault("misplaced_answer", f"an answer of the other kind of socket arrived on a {self.role} socket")
            return False
        if self.answered or not permits(self.role, self.state, step):
            self._fault("second_answer", f"the handshake was answered again while {self.state}")
            return False
        self.answered = True
        cause = "handshake accepted" if message.ok else "handshake refused"
        self.step(step, cause, message.status_code, message.reason)
        return True

    def _media_arrived(self) -> None:
        """Signaling has no state for it: a server with one socket for everything may send media there."""

    def wake(self, server_ms: int, now: float) -> Timeout | None:
        """Time passed; ``server_ms`` stamps a keep-alive of ours. Returns what the session has to act upon."""
        if self.state not in OPEN:
            return None
        if not self.opened:
            return Timeout.CONNECT if now >= self._asked_at + self._limits.connect_s else None
        new = self.watch.check(now)
        if new:
            self._fault("keep_alive_missed", f"no keep-alive for {now - self.watch.since:.0f} s", new)
        if self.watch.must_ask(now):
            self._outgoing.append(KeepAliveRequest(timestamp=server_ms))
        return Timeout.DEAD if self.watch.is_dead(now) else None

    def deadline(self) -> float | None:
        """When ``wake`` is wanted at the latest; None: never."""
        if self.state not in OPEN:
            return None
        return self.watch.deadline() if self.opened else self._asked_at + self._limits.connect_s

    def step(self, step: Step, cause: str, code: int | None = None, reason: str = "") -> None:
        """Take one step of ours; LocalProtocolError when the table has no such step."""
        old, self.state = self.state, advance(self.role, self.state, step)
        if old is not self.state:
            self._changes.append(Change(old=old, new=self.state, cause=cause, code=code, reason=reason))

    def _fault(self, kind: str, text: str, count: int = 1) -> None:
        self._faults.append(Fault(kind=kind, text=text, count=count))

    # -- out ---------------------------------------------------------------------------------------------------

    def take_outgoing(self) -> list[Message]:
        """Messages to send, oldest first."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def take_changes(self) -> list[Change]:
        taken, self._changes = self._changes, []
        return taken

    def take_faults(self) -> list[Fault]:
        taken, self._faults = self._faults, []
        return taken


class SignalingMachine(LinkMachine):
    """The link that everything else depends on: without an answer it is lost."""

    role = Role.SIGNALING
    answer = SignalingHandshakeResponse

    def wake(self, server_ms: int, now: float) -> Timeout | None:
        if self._awaits_answer and now >= self._asked_at + self._limits.connect_s:
            return Timeout.ANSWER
        return super().wake(server_ms, now)

    def deadline(self) -> float | None:
        due = super().deadline()
        if due is not None and self._awaits_answer:
            return min(due, self._asked_at + self._limits.connect_s)
        return due

    @property
    def _awaits_answer(self) -> bool:
        return self.state is LinkState.CONNECTING and self.opened


class MediaMachine(LinkMachine):
    """A link that brings media: it may stay silent for ever and must not hold the others back."""

    role = Role.MEDIA
    answer = DataHandshakeResponse

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._patient_until = 0.0
        self._out_of_patience = False

    @property
    def settled(self) -> bool:
        """Whether CLIENT_READY_ACK need not wait for this link any longer."""
        return self.state is not LinkState.CONNECTING or self._out_of_patience

    def open(self, handshake: Message, now: float) -> None:
        super().open(handshake, now)
        self._patient_until, self._out_of_patience = now + self._limits.answer_s, False

    def socket_opened(self, now: float) -> None:
        super().socket_opened(now)
        self._patient_until = now + self._limits.answer_s

    def _media_arrived(self) -> None:
        if self.state is not LinkState.STREAMING:
            self.step(Step.DATA, "media arrives")

    def wake(self, server_ms: int, now: float) -> Timeout | None:
        if not self.settled and now >= self._patient_until:
            self._out_of_patience = True
        if self._silent and now >= self._patient_until:
            self._fault("handshake_unanswered", f"no answer to the handshake within {self._limits.answer_s:g} s")
            self.step(Step.SILENCE, "no answer to the handshake, the socket stays open")
        return super().wake(server_ms, now)

    def deadline(self) -> float | None:
        due = super().deadline()
        if due is not None and (not self.settled or self._silent):
            return min(due, self._patient_until)
        return due

    @property
    def _silent(self) -> bool:
        return self.state is LinkState.CONNECTING and self.opened
