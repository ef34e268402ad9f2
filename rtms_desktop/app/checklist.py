"""From payload to the first packet of each medium, as numbered steps that light up one by one. Plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rtms_desktop.errors import ConnectError, RejectedError, RtmsError
from rtms_desktop.protocol.states import UP, LinkState
from rtms_desktop.session.events import (
    SIGNALING,
    ChatReceived,
    Event,
    HandshakeAnswered,
    KeepAlive,
    LinkStateChanged,
    MediaReceived,
    ReadySent,
    TranscriptReceived,
)
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.status import explain_status
from rtms_desktop.wire.urls import ALL


class StepState(StrEnum):
    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


NAMES = (
    "Payload understood",
    "Credentials found",
    "Host allowed",
    "Name resolved",
    "TLS opened",
    "Signaling socket open",
    "Signaling handshake",
    "Media addresses received",
    "Media sockets open",
    "Media handshakes",
    "Ready sent",
    "First packet of each medium",
    "Keep-alive answered",
)
PAYLOAD, CREDENTIALS, HOST, NAME, TLS, SOCKET, HANDSHAKE = range(1, 8)
ADDRESSES, MEDIA_SOCKETS, MEDIA_HANDSHAKES, READY, PACKETS, ALIVE = range(8, 14)
# These may be silent for long in a healthy meeting: their first packet is waited for, but not demanded.
MAY_BE_SILENT = frozenset({Medium.SHARE, Medium.TRANSCRIPT, Medium.CHAT})


@dataclass(slots=True)
class Step:
    """``at``: monotonic seconds when it was decided."""

    number: int
    name: str
    state: StepState = StepState.WAITING
    detail: str = ""
    at: float = 0.0
    error: RtmsError | None = None


@dataclass(slots=True)
class Checklist:
    """Fed with events and with what the driver writes on its tape; steps are only ever decided once.

    Attributes:
        problems: what stands in the way of a link, by link; it may heal.
    """

    media: frozenset[Medium]
    steps: list[Step] = field(default_factory=lambda: [Step(n, name) for n, name in enumerate(NAMES, 1)])
    _opened: set[str] = field(default_factory=set)
    _granted: set[str] = field(default_factory=set)
    _heard: set[Medium] = field(default_factory=set)
    _offered: frozenset[str] = frozenset()
    problems: dict[str, RtmsError] = field(default_factory=dict)

    def decide(self, number: int, state: StepState, detail: str, at: float, error: RtmsError | None = None) -> None:
        step = self.steps[number - 1]
        if step.state is StepState.WAITING:
            step.state, step.detail, step.at, step.error = state, detail, at, error

    def passed(self, number: int, detail: str, at: float) -> None:
        self.decide(number, StepState.PASSED, detail, at)

    @property
    def first_waiting(self) -> Step | None:
        return next((step for step in self.steps if step.state is StepState.WAITING), None)

    @property
    def failed(self) -> Step | None:
        return next((step for step in self.steps if step.state is StepState.FAILED), None)

    @property
    def problem(self) -> RtmsError | None:
        """What keeps packets from coming, where a link has said it; media that must deliver come first."""
        quiet = self.quiet_media
        for link in (SIGNALING, ALL, *([medium for medium in quiet if medium not in MAY_BE_SILENT] or quiet)):
            if link in self.problems:
                return self.problems[link]
            if self._granted and link in self._offered - self._granted:
                why, fix = (
                    "the server did not answer its handshake",
                    "Leave it out with --media, or ask its owner.",
                )
                return RejectedError(f"{link} delivers nothing", why, fix)
        return None

    @property
    def quiet_media(self) -> list[Medium]:
        """Media that were asked for and have not delivered yet."""
        return sorted(self.media - self._heard)

    # -- the tape of the driver ----------------------------------------------------------------------------------

    def control(self, record: dict[str, Any], at: float) -> None:
        if record.get("do") == "link_opened":
            link = str(record["link"])
            if link == SIGNALING:
                self.passed(SOCKET, "101 Switching Protocols", at)
            else:
                self._opened.add(link)
                if self._offered <= self._opened:
                    self.passed(MEDIA_SOCKETS, ", ".join(sorted(self._opened)), at)

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None:
        """Messages themselves tell nothing that the events do not."""

    # -- events --------------------------------------------------------------------------------------------------

    def events(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case HandshakeAnswered(link=link, ok=True, urls=urls, at=at) if link == SIGNALING:
                    self.passed(HANDSHAKE, "0 OK", at)
                    self._addresses(urls or {}, at)
                case HandshakeAnswered(link=link, ok=True, at=at):
                    self._granted.add(link)
                    if self._offered <= self._granted:
                        self.passed(MEDIA_HANDSHAKES, self._answers(), at)
                case LinkStateChanged(link=link, new=LinkState.REFUSED, code=code, reason=reason):
                    told = explain_status(code, reason)
                    why, fix = f"{told.label}. {told.sentence}", (*told.fixes, "")[0]
                    self.problems[link] = RejectedError(f"{link} was refused", why, fix)
                case LinkStateChanged(link=link, new=LinkState.INTERRUPTED, code=None, reason=reason) if reason:
                    self.problems[link] = ConnectError(f"{link} could not be opened", *reason.partition(". ")[::2])
                case LinkStateChanged(link=link, new=new) if new in UP:
                    self.problems.pop(link, None)
                case ReadySent(at=at):
                    # The others go on without a medium that was refused or could not be reached.
                    if self._granted:
                        self.passed(MEDIA_SOCKETS, ", ".join(sorted(self._opened)), at)
                        self.passed(MEDIA_HANDSHAKES, self._answers(), at)
                    self.passed(READY, "7 CLIENT_READY_ACK", at)
                case MediaReceived(medium=medium, at=at):
                    self._packet(medium, at)
                case TranscriptReceived(at=at):
                    self._packet(Medium.TRANSCRIPT, at)
                case ChatReceived(at=at):
                    self._packet(Medium.CHAT, at)
                case KeepAlive(link=link, at=at):
                    self.passed(ALIVE, f"12 answered on {link}", at)

    def accept_silence(self, at: float) -> None:
        """Time is up: media that may be silent in a healthy meeting need not have delivered."""
        if self._heard and not (self.media - self._heard - MAY_BE_SILENT):
            quiet = self.quiet_media
            silent = f"; nothing yet on {', '.join(quiet)}" if quiet else ""
            self.passed(PACKETS, ", ".join(sorted(self._heard)) + silent, at)

    def _addresses(self, urls: dict[str, str], at: float) -> None:
        wanted = {medium.value for medium in self.media}
        self._offered = frozenset(wanted & urls.keys()) or frozenset({ALL} & urls.keys())
        if self._offered:
            missing = sorted(wanted - urls.keys()) if self._offered != {ALL} else []
            lack = f"; not offered: {', '.join(missing)}" if missing else ""
            self.passed(ADDRESSES, ", ".join(sorted(urls)) + lack, at)

    def _answers(self) -> str:
        others = "".join(f"; {error.what}: {error.why.rstrip('.')}" for _, error in sorted(self.problems.items()))
        return ", ".join(sorted(self._granted)) + others

    def _packet(self, medium: Medium, at: float) -> None:
        self._heard.add(medium)
        if self.media <= self._heard:
            self.passed(PACKETS, ", ".join(sorted(self._heard)), at)
