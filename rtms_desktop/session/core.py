"""One RTMS stream with all its links, sans I/O: data and time in, commands and events out.

The driver calls it from one thread: ``start``, ``link_opened``, ``receive``, ``link_closed``, ``wake`` and the
``request_*`` methods, each with the present monotonic time; after every call it takes commands and events and asks
when to ``wake``. Nothing that a server sends makes it raise. The same calls with the same random source give the same
commands and events, which is how a recording is a session again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from rtms_desktop.errors import LocalProtocolError
from rtms_desktop.protocol.states import LinkState, Step
from rtms_desktop.session import endings
from rtms_desktop.session.commands import Command
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.dispatch import Dispatcher
from rtms_desktop.session.endings import Ending
from rtms_desktop.session.events import (
    SIGNALING,
    Event,
    Gap,
    Participant,
    Phase,
    PhaseChanged,
    ReadySent,
    SessionEnded,
)
from rtms_desktop.session.intake import Intake
from rtms_desktop.session.links import Counters, LinkView, SessionLink
from rtms_desktop.session.media_links import MediaLinks
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.recovery import Backoff
from rtms_desktop.session.signaling import FAIL_OVER, Signaling
from rtms_desktop.session.stream_status import StreamStatus
from rtms_desktop.session.subscriptions import Subscriptions
from rtms_desktop.session.tracks import TrackStats
from rtms_desktop.wire.enums import Medium, StopReason
from rtms_desktop.wire.messages import (
    ClientReadyAck,
    MediaParams,
    Message,
    SessionStateRequest,
    StreamCloseRequest,
    StreamStateRequest,
)

__all__ = ["LinkView", "SessionCore", "TrackStats"]


class SessionCore:
    """One stream from the first connection to its end.

    Args:
        config: whom to contact, for what.
        rng: spreads the reconnect delays.

    Attributes:
        phase: the session in one word.
    """

    def __init__(self, config: SessionConfig, rng: random.Random) -> None:
        self.phase = Phase.IDLE
        self._config = config
        self._now = 0.0
        self._close_by: float | None = None
        self._quiet_by = 0.0
        self._last_words: Ending | None = None  # how it ends, once what is on its way has arrived
        self._outbox, self._counters = Outbox(), Counters()
        backoff = Backoff(config.timing, rng)
        self._signaling = Signaling(config, self._outbox, self._counters, backoff)
        self._media = MediaLinks(config, self._outbox, self._counters, backoff)
        self._intake = Intake(config, self._outbox)
        self._status = StreamStatus()
        self._subscriptions = Subscriptions(config.product)
        self._dispatcher = Dispatcher(self._signaling, self._media, self._intake, self._status, self._outbox)

    # -- figures -----------------------------------------------------------------------------------------------

    @property
    def links(self) -> Mapping[str, LinkView]:
        """Every link of the session by name, signaling first; also those that are over."""
        return MappingProxyType({SIGNALING: self._signaling.link, **self._media.links})

    @property
    def tracks(self) -> Mapping[tuple[Medium, int], TrackStats]:
        return MappingProxyType(self._intake.tracks)

    @property
    def participants(self) -> Mapping[int, Participant]:
        """Everybody who was ever named, also those who left."""
        return MappingProxyType(self._intake.roster.people)

    @property
    def active_speaker(self) -> int | None:
        return self._intake.roster.speaker

    @property
    def sharer(self) -> int | None:
        """user_id of who shares the screen, as far as known."""
        return self._intake.roster.sharer

    @property
    def granted(self) -> MediaParams:
        """What the media links were given, all together."""
        return self._intake.granted

    @property
    def counts(self) -> Mapping[Medium, int]:
        """Messages received per medium."""
        return MappingProxyType(self._intake.counts)

    @property
    def reconnects(self) -> int:
        """Losses that were repaired; a signaling loss takes the media links with it and counts once."""
        return self._counters.reconnects

    @property
    def anomalies(self) -> Counter[str]:
        """Anomalies of all links by kind."""
        return self._counters.anomalies

    @property
    def unknown(self) -> Counter[str]:
        """Messages that could not be understood, by msg_type."""
        return self._dispatcher.unknown

    @property
    def session_zero_ms(self) -> int | None:
        """Zero of the timeline in server time."""
        return self._intake.zero_ms

    @property
    def session_id(self) -> str:
        return self._status.session_id

    @property
    def stop_reason(self) -> int | None:
        """The reason that the server gave for the end."""
        return self._status.stop_reason

    @property
    def closed_gaps(self) -> Sequence[Gap]:
        """The newest gaps that are over, oldest first."""
        return tuple(self._intake.gaps.closed)

    @property
    def open_gaps(self) -> Sequence[Gap]:
        return tuple(self._intake.gaps.open)

    # -- the driver's calls ------------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Begin. Raises LocalProtocolError the second time."""
        if self.phase is not Phase.IDLE:
            raise LocalProtocolError("a session can be started only once")
        self._pass_time(now)
        self._intake.time.note(self._config.announced_ms or 0, self._now)
        self._signaling.connect(self._now)
        self._settle()

    def link_opened(self, link: str, now: float) -> None:
        """The WebSocket of ``link`` is open. Raises LocalProtocolError for a link that was never asked for."""
        target = self._link(link)
        self._pass_time(now)
        if target.expects(opened=False):
            target.opened(self._now)
            self._settle()

    def receive(self, link: str, data: str | bytes, now: float) -> None:
        """One WebSocket message of ``link``, text or binary. Raises as ``link_opened`` does, never for the data."""
        target = self._link(link)
        self._pass_time(now)
        if not target.expects(opened=True):
            return
        state_before, eventful = target.state, False
        for message in target.read(data, self._now):
            if target.receive(message, self._now):
                eventful |= self._dispatcher.handle(target, message, self.phase is Phase.ENDING, self._now)
        if self._last_words is not None and target is not self._signaling.link:
            self._quiet_by = self._now + self._config.timing.drain_quiet_s
        # Nearly all traffic is media, from which nothing follows.
        if eventful or target.state is not state_before:
            self._settle()

    def link_closed(self, link: str, code: int | None, reason: str, now: float) -> None:
        """The WebSocket of ``link`` is gone (``code`` 1006: without a close frame) or never opened (None)."""
        target = self._link(link)
        self._pass_time(now)
        if not target.is_open:
            return
        if self._status.final_within(self._config.timing.final_grace_s, self._now):
            target.step(Step.END, "closed by the server after its final reason", self._now, code, reason)
            self._status.end(None)
        elif self.phase is Phase.ENDING:
            target.step(Step.LOSE, "closed by the server", self._now, code, reason)
            if target is self._signaling.link and self._last_words is None:
                self._finish_close()
        elif target is self._signaling.link:
            self._signaling.closed(code, reason, self._now)
            self._media.suspend("signaling was lost", self._now)
        else:
            self._media.closed(target, code, reason, self._now)
        self._settle()

    def wake(self, now: float) -> None:
        """Time passed; early calls do nothing."""
        self._pass_time(now)
        if self.phase in (Phase.IDLE, Phase.ENDED):
            return
        if self.phase is Phase.ENDING:
            due = self.next_wakeup()
            if due is not None and self._now >= due:
                self._finish_close()
            return
        server_ms = self._intake.time.ms(self._now)
        self._signaling.wake(server_ms, self._now)
        if not self._signaling.is_accepted and self._signaling.was_accepted:
            self._media.suspend("signaling was lost", self._now)
        self._media.wake(server_ms, self._now)
        self._intake.gaps.wake(self._now)
        self._settle()

    def take_commands(self) -> list[Command]:
        """Commands since the last call, oldest first."""
        return self._outbox.take_commands()

    def take_events(self) -> list[Event]:
        """Events since the last call, oldest first; SessionEnded is the last of all."""
        return self._outbox.take_events()

    def next_wakeup(self) -> float | None:
        """When ``wake`` is wanted at the latest (monotonic seconds), None: never."""
        if self.phase in (Phase.IDLE, Phase.ENDED):
            return None
        if self.phase is Phase.ENDING:
            return self._close_by if self._last_words is None else min(self._close_by or 0.0, self._quiet_by)
        dues = [self._signaling.link.deadline(), self._intake.gaps.deadline(), *self._media.deadlines()]
        return min((due for due in dues if due is not None), default=None)

    # -- what a person or a webhook asks; nothing happens before the start or after the end ---------------------

    def request_stop(self, now: float) -> None:
        """Ask the server to end the stream (message 21), wait a little for it, then close."""
        self._pass_time(now)
        if not self._is_running or self.phase is Phase.ENDING:
            return
        if not self._signaling.is_accepted:
            self._end(endings.local("Stopped here while there was no connection to the server."))
            return
        self._signaling.link.send(StreamCloseRequest(stream_id=self._config.stream_id))
        self._take_leave("stopping", self._config.timing.close_answer_s)

    def request_disconnect(self, now: float) -> None:
        """Only close, with 1000."""
        self._pass_time(now)
        if self._is_running:
            self._end(self._last_words or endings.local("Disconnected."))

    def request_video(self, user_id: int, subscribe: bool, now: float) -> None:
        """Subscribe to one person's video (data_opt 4), or no longer; asked again after a reconnect."""
        self._pass_time(now)
        self._ask(self._subscriptions.change_video(user_id, subscribe, self._intake.time.ms(self._now)))

    def request_subscribe(self, events: Iterable[int], subscribe: bool, now: float) -> None:
        """Subscribe to event numbers, or no longer; asked again after a reconnect."""
        self._pass_time(now)
        self._ask(self._subscriptions.change_events(events, subscribe))

    def request_state(self, now: float) -> None:
        """Ask for the state of stream and session."""
        self._pass_time(now)
        self._ask(StreamStateRequest(stream_id=self._config.stream_id))
        if self._status.session_id:
            self._ask(SessionStateRequest(session_id=self._status.session_id))

    def request_restart(self, config_url: str, now: float) -> None:
        """Fail-over: a new rtms_started named a new signaling URL. Old sockets are closed first."""
        self._pass_time(now)
        if self._is_running and self.phase is not Phase.ENDING:
            self._media.suspend(FAIL_OVER, self._now)
            self._signaling.restart(config_url, FAIL_OVER, self._now)
            self._settle()

    def request_interrupted(self, now: float) -> None:
        """Webhook rtms_interrupted, or a person's "reconnect now": signaling, then media, at once."""
        self._pass_time(now)
        if self._is_running and self.phase is not Phase.ENDING and self._signaling.interrupted(self._now):
            self._media.suspend("interrupted", self._now)
            self._settle()

    def request_ended(self, stop_reason: int | None, now: float) -> None:
        """Webhook rtms_stopped."""
        self._pass_time(now)
        if self._is_running:
            self._status.end(stop_reason)
            self._settle()

    # -- inside ------------------------------------------------------------------------------------------------

    @property
    def _is_running(self) -> bool:
        return self.phase not in (Phase.IDLE, Phase.ENDED)

    def _pass_time(self, now: float) -> None:
        """Time never runs backwards in here."""
        self._now = max(self._now, now)

    def _link(self, name: str) -> SessionLink:
        link = self._signaling.link if name == SIGNALING else self._media.links.get(name)
        if link is None or link.attempt == 0:
            raise LocalProtocolError(f"the session never asked for a link named {name!r}")
        return link

    def _all_links(self) -> list[SessionLink]:
        """Media first: that is the order in which to take leave."""
        return [*self._media.links.values(), self._signaling.link]

    def _ask(self, message: Message) -> None:
        if self._is_running and self.phase is not Phase.ENDING and self._signaling.is_accepted:
            self._signaling.link.send(message)

    def _settle(self) -> None:
        """After every input: what follows from the state that it left."""
        if not self._is_running and self.phase is not Phase.IDLE:
            return
        ending = self._status.over or self._signaling.ending
        if ending is None and self.phase is not Phase.ENDING:
            self._send_ready()
            self._media.pause(self._status.paused, self._now)
            ending = self._media.ending(self._now)
        if ending is not None:
            self._end_after_media(ending)
            return
        if self._dispatcher.close_refused and self.phase is Phase.ENDING:
            self._finish_close()
            return
        self._describe_surroundings()
        if self.phase is not Phase.ENDING:
            self._set_phase(self._present_phase())

    def _send_ready(self) -> None:
        """CLIENT_READY_ACK once every media handshake of this round is done, and what signaling must be told again."""
        if not self._signaling.is_accepted or not self._media.settled:
            return
        link = self._signaling.link
        is_first = link.state is LinkState.AUTHENTICATED
        if not self._media.wants_ready and not (is_first and (self._media.delivers or not self._config.media)):
            return
        link.send(ClientReadyAck(stream_id=self._config.stream_id))
        self._outbox.tell(ReadySent(at=self._now))
        link.step(Step.ALLOW, "ready sent", self._now)
        self._media.allow(self._now)
        if is_first:
            for message in self._subscriptions.all(self._intake.time.ms(self._now)):
                link.send(message)

    def _describe_surroundings(self) -> None:
        """A link that takes leave still delivers."""
        up = {link.name: link.media for link in self._all_links() if link.is_up or link.state is LinkState.CLOSING}
        self._intake.gaps.surroundings(up, self._status.paused, self._intake.time.ms(self._now), self._now)

    def _present_phase(self) -> Phase:
        is_ready = self._signaling.link.state is LinkState.READY
        if self._status.paused and is_ready:
            return Phase.PAUSED
        if self._media.delivers:  # some servers do not wait for our ready
            return Phase.STREAMING
        if not is_ready:
            return Phase.RECONNECTING if self._signaling.was_ready else Phase.CONNECTING
        return Phase.RECONNECTING if self._media.is_impaired else Phase.CONNECTED

    def _set_phase(self, new: Phase) -> None:
        old, self.phase = self.phase, new
        if old is not new:
            self._outbox.tell(PhaseChanged(at=self._now, old=old, new=new))

    def _take_leave(self, why: str, seconds: float) -> None:
        """Nothing is begun any more; the links go on delivering for so long."""
        self._close_by = self._now + seconds
        if self.phase is not Phase.ENDING:
            for link in self._all_links():
                if link.state not in (LinkState.REFUSED, LinkState.FAILED, LinkState.CLOSED):
                    link.step(Step.CLOSE, why, self._now)
            self._set_phase(Phase.ENDING)

    def _end_after_media(self, ending: Ending) -> None:
        """End, unless media may be on its way: signaling is a socket of its own and overtakes the others."""
        is_expected = any(link.is_open for link in self._media.links.values())
        if ending is not self._status.over or ending.stop_reason == StopReason.STREAM_REVOKED or not is_expected:
            self._end(ending)
        elif self._last_words is None:
            self._last_words = ending
            self._quiet_by = self._now + self._config.timing.drain_quiet_s
            self._take_leave("the stream has ended", self._config.timing.drain_s)

    def _finish_close(self) -> None:
        """What was waited for has come, or had its time."""
        unanswered = endings.local("Stopped here; the server did not say that the stream has ended.")
        self._end(self._last_words or unanswered)

    def _end(self, ending: Ending) -> None:
        self._intake.gaps.end(self._intake.time.ms(self._now), self._now)
        for link in self._all_links():
            if link.is_open:
                link.drop_socket()
            if link.state not in (LinkState.REFUSED, LinkState.FAILED):
                link.step(Step.END, "the session is over", self._now)
        self._set_phase(Phase.ENDED)
        self._outbox.tell(
            SessionEnded(
                at=self._now,
                cause=ending.cause,
                stop_reason=ending.stop_reason,
                status_code=ending.status_code,
                reason=ending.reason,
                sentence=ending.sentence,
            )
        )
