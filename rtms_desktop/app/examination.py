"""The Doctor's file on the present connection: its thirteen steps, and why it stopped. Main thread; plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rtms_desktop.app import checklist as steps
from rtms_desktop.app.causes import Cause, Evidence, Facts, facts_of, weigh
from rtms_desktop.app.checklist import Checklist, Step, StepState
from rtms_desktop.app.events import (
    ConnectAsked,
    ConnectDenied,
    MachineChecked,
    ReplayIndexed,
    SessionClosed,
    SessionOpened,
)
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.outcome import explain_end, failure
from rtms_desktop.app.recorded_checklist import RecordedChecklist
from rtms_desktop.clock import Clock
from rtms_desktop.errors import HostNotAllowedError, RtmsError
from rtms_desktop.session.events import SIGNALING, EndCause, Event, KeepAlive, SessionEnded
from rtms_desktop.wire.catalogue import Explanation, explain_local

if TYPE_CHECKING:
    from rtms_desktop.app.machine import Check
    from rtms_desktop.app.replay import ReplaySession
    from rtms_desktop.app.session import ActiveSession

SILENCE_S = 10.0
"""So long media are waited for that may be silent in a healthy meeting."""

_OWN = (ConnectAsked, ConnectDenied, SessionOpened, SessionEnded, MachineChecked)
_TITLES = {
    steps.PAYLOAD: "The payload was not understood",
    steps.CREDENTIALS: "There is nothing to sign with",
    steps.HOST: "The host was not contacted",
    steps.NAME: "The host name is not known",
    steps.TLS: "The certificate was not accepted",
    steps.SOCKET: "The server was not reached",
    steps.HANDSHAKE: "The server refused the handshake",
    steps.ADDRESSES: "The server named no media addresses",
    steps.MEDIA_SOCKETS: "The media sockets did not open",
    steps.MEDIA_HANDSHAKES: "The server refused the media",
    steps.READY: "The stream did not begin",
    steps.PACKETS: "No packet arrived",
    steps.ALIVE: "No keep-alive came",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a connection stopped.

    Attributes:
        code: number and name, or the name of a local failure.
        sentence: what happened, in full.
        fixes: what to do, in order.
        causes: the likeliest first, those that are ruled out last.
        may_retry: whether trying again without a change can help.
        credentials: whether the credentials are what to look at.
    """

    title: str
    code: str
    sentence: str
    fixes: tuple[str, ...]
    causes: tuple[Cause, ...]
    may_retry: bool
    credentials: bool


class Examination:
    """Listens to the hub for as long as the program runs.

    Attributes:
        listing: the steps of the newest connection, None before the first.
        verdict: why it stopped; None while nothing is wrong.
        machine: the checks of this computer, None before the first, empty while they run.
        began: monotonic seconds when the first socket was asked for.
    """

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.listing: Checklist | None = None
        self.facts: Facts | None = None
        self.verdict: Verdict | None = None
        self.machine: tuple[Check, ...] | None = None
        self.began = 0.0
        self._clock = clock
        self._session: ActiveSession | None = None
        self._live = False
        self._listeners: list[Callable[[], None]] = []
        self._recorded: RecordedChecklist | None = None
        hub.subscribe_stream(self._hear)
        hub.subscribe(self._hear_shown)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @property
    def failed(self) -> Step | None:
        return self.listing.failed if self.listing is not None else None

    # -- the tape of the session ---------------------------------------------------------------------------------

    def control(self, record: dict[str, Any], at: float) -> None:
        """What the driver notes beside the messages: when a socket opened."""
        listing, session = self.listing, self._session
        if listing is None or session is None or not self._live:
            return
        before = self._state()
        if record.get("do") == "link_opened" and record.get("link") == SIGNALING:
            self._came_through(listing, session)
        listing.control(record, at)
        self._tell(before)

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None:
        """Messages tell nothing that the events do not."""

    # -- the hub -------------------------------------------------------------------------------------------------

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        if not self._live and not any(isinstance(event, _OWN) for event in events):
            return
        before = self._state()
        for event in events:
            match event:
                case ConnectAsked(request=request):
                    self._begin(facts_of(request, self._clock.wall_ms()), Checklist(request.media))
                case ConnectDenied(error=error):
                    self._deny(error)
                case SessionOpened(session=session):
                    self._open(session)
                case SessionEnded() if self._session is not None:
                    self._end(event)
                case MachineChecked(checks=checks):
                    self.machine = checks
                case Event() if self._live and self._session is not None and self.listing is not None:
                    self.listing.events([event])
                    if isinstance(event, KeepAlive) and event.at - self.began >= SILENCE_S:
                        self.listing.accept_silence(event.at)
        if self._live and self.listing is not None and self.listing.first_waiting is None:
            self._live = False
        self._tell(before)

    def _hear_shown(self, events: Sequence[AnyEvent]) -> None:
        """A recording is read little by little, and put away."""
        if self._recorded is None:
            return
        before = self._state()
        for event in events:
            if isinstance(event, ReplayIndexed) and self._recorded is not None:
                self._recorded.read_on()
            elif isinstance(event, SessionClosed) and event.session.is_replay:
                self.listing = None if self.recorded else self.listing
                self._recorded = None
        self._tell(before)

    @property
    def recorded(self) -> bool:
        """Whether the steps are those of a recording."""
        return self._recorded is not None and self.listing is self._recorded.listing

    def _begin(self, facts: Facts, listing: Checklist) -> None:
        now = self._clock.now()
        self.facts, self.listing, self.verdict, self.began = facts, listing, None, now
        self._session, self._live = None, True
        listing.passed(steps.PAYLOAD, ", ".join(part for part in (facts.event, facts.form) if part), now)
        listing.passed(steps.CREDENTIALS, f"client id {_short(facts.client_id)}", now)

    def _deny(self, error: RtmsError) -> None:
        if self.listing is None:
            return
        local = "HOST_NOT_ALLOWED" if isinstance(error, HostNotAllowedError) else "INVALID_CONFIG"
        self.listing.decide(steps.HOST, StepState.FAILED, error.sentence(), self._clock.now(), error)
        self._stop(explain_local(local), error.sentence())

    def _open(self, session: ActiveSession | ReplaySession) -> None:
        if session.is_replay:  # what was recorded is no connection of this computer
            self._session, self._live, self.facts, self.verdict = None, False, None, None
            self._recorded = RecordedChecklist(session)
            self.listing, self.began = self._recorded.listing, session.opened_at
            self._recorded.read_on()
            return
        if self.listing is None or self.facts is None or self._session is not None:
            return
        self._session, self.began = session, session.opened_at
        self.listing.passed(steps.HOST, self.facts.host, session.opened_at)
        session.tape.observe(self)

    def _came_through(self, listing: Checklist, session: ActiveSession) -> None:
        reach = session.driver.reach[SIGNALING]
        listing.passed(steps.NAME, reach.address, session.opened_at)
        secured = session.opened_at + reach.seconds
        if reach.tls:
            listing.passed(steps.TLS, f"{reach.tls.removeprefix('TLSv')}, certificate valid", secured)
        else:
            listing.decide(steps.TLS, StepState.SKIPPED, "ws: not encrypted", secured)

    def _end(self, ended: SessionEnded) -> None:
        listing, error = self.listing, failure(ended)
        self._live = False
        if listing is None or error is None:
            return
        if ended.cause is EndCause.CONNECT_FAILED:
            self._mark_unreached(listing, ended.at)
        step = listing.first_waiting
        found = explain_end(ended, step.number if step is not None else 0)
        if step is not None:
            listing.decide(step.number, StepState.FAILED, found.label, ended.at, error)
        self._stop(found, ended.sentence)

    def _mark_unreached(self, listing: Checklist, at: float) -> None:
        """Steps that were passed, or jumped over, before the one that failed."""
        reach = self._session.driver.reach.get(SIGNALING) if self._session is not None else None
        failed = reach.failed if reach is not None else ""
        if failed in ("tls", "socket"):
            listing.decide(steps.NAME, StepState.PASSED, reach.address if reach is not None else "", at)
        elif not failed:
            listing.decide(steps.NAME, StepState.SKIPPED, "no answer", at)
        if failed in ("socket", ""):
            plain = self._session is not None and self._session.invite.signaling_url.startswith("ws:")
            listing.decide(steps.TLS, StepState.SKIPPED, "ws: not encrypted" if plain else "not reached", at)

    def _stop(self, found: Explanation, sentence: str) -> None:
        self._live = False
        assert self.listing is not None and self.facts is not None
        step = self.listing.failed
        reached = self.listing.steps[steps.SOCKET - 1].state is StepState.PASSED
        title = _TITLES[step.number] if step is not None else "The stream was cut off"
        is_auth = found.category == "auth"
        if is_auth:
            title = f"{'Zoom' if self.facts.zoom else 'The server'} refused the signature"
        elif step is not None and step.number > steps.HANDSHAKE and found.table == "stop reason":
            title = "The server ended the stream"
        self.verdict = Verdict(
            title=title,
            code=found.label,
            sentence=_joined(_without(found.fixes, sentence), self._course(step), _retrying(found.retryable)),
            fixes=found.fixes,
            causes=tuple(weigh(found.causes, Evidence(facts=self.facts, reached=reached))),
            may_retry=found.retryable,
            credentials=is_auth,
        )

    def _course(self, step: Step | None) -> str:
        """When it happened, where that was measured."""
        if step is None or step.number != steps.HANDSHAKE or self.listing is None:
            return ""
        after = (step.at - self.listing.steps[steps.SOCKET - 1].at) * 1000
        return f"The answer came {after:.0f} ms after message 1."

    def _state(self) -> tuple[object, ...]:
        decided = 0 if self.listing is None else sum(s.state is not StepState.WAITING for s in self.listing.steps)
        return id(self.listing), decided, self.verdict, self.machine

    def _tell(self, before: tuple[object, ...]) -> None:
        if self._state() != before:
            for listener in tuple(self._listeners):
                listener()


def _short(client_id: str) -> str:
    return client_id if len(client_id) <= 12 else f"{client_id[:6]}…{client_id[-4:]}"


def _without(fixes: tuple[str, ...], sentence: str) -> str:
    """What happened, without the advice: that is told apart."""
    for fix in fixes:
        sentence = sentence.replace(fix, "")
    return " ".join(sentence.split())


def _retrying(may: bool) -> str:
    return "Trying again may help." if may else "Trying again without a change cannot help."


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
