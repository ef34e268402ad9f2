"""The signaling link: first connection, duplicates, loss, fail-over. Part of the core."""

from __future__ import annotations

from rtms_desktop.protocol.machine import SignalingMachine, Timeout
from rtms_desktop.protocol.states import LinkState, Step
from rtms_desktop.session import endings
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.endings import Ending
from rtms_desktop.session.events import SIGNALING, HandshakeAnswered, ReconnectScheduled
from rtms_desktop.session.limits import link_limits
from rtms_desktop.session.links import Counters, SessionLink
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.recovery import Backoff
from rtms_desktop.wire.enums import Dialect
from rtms_desktop.wire.messages import SignalingHandshakeRequest, SignalingHandshakeResponse
from rtms_desktop.wire.urls import media_paths

LOSS = "signaling loss"
DUPLICATE = "duplicate"
FAIL_OVER = "fail-over"
ANNOUNCED = "interrupted by server"

_CHECK = "check that server_urls is that of an RTMS server, and that no firewall is between"
# An announcement of an interruption may arrive after we have come back from it.
_ANNOUNCED_LATE_S = 10.0


class Signaling:
    """Keeps the one link alive that all others hang on.

    Attributes:
        link: the signaling link.
        url: where it connects; a fail-over changes it.
        was_accepted: a handshake has succeeded at least once: from then on a loss is repaired.
        ending: set when nothing more is to be tried.
    """

    def __init__(self, config: SessionConfig, outbox: Outbox, counters: Counters, backoff: Backoff) -> None:
        self.url = config.signaling_url
        self.was_accepted = False
        self.ending: Ending | None = None
        machine = SignalingMachine(link_limits(config.timing))
        self.link = SessionLink(SIGNALING, machine, outbox, counters, product=config.product)
        self._config, self._timing = config, config.timing
        self._outbox, self._backoff = outbox, backoff

    @property
    def is_accepted(self) -> bool:
        """Whether the present connection may be used."""
        return self.link.state in (LinkState.AUTHENTICATED, LinkState.READY)

    @property
    def was_ready(self) -> bool:
        """Whether the session has been ready before."""
        return self.link.recovery.was_up

    @property
    def is_down(self) -> bool:
        """Whether a connection that was there is being repaired."""
        return self.link.recovery.lost_at is not None

    def connect(self, now: float) -> None:
        handshake = SignalingHandshakeRequest(
            meeting_id=self._config.meeting_id,
            stream_id=self._config.stream_id,
            signature=self._config.signature,
            id_key=self._config.id_key,
            buffer_data=self._config.buffer_data,
        )
        self.link.open(self.url, handshake, now)

    def answered(self, message: SignalingHandshakeResponse, now: float) -> None:
        """Message 2, already taken by the machine."""
        self._outbox.tell(
            HandshakeAnswered(
                at=now,
                link=SIGNALING,
                ok=message.ok,
                status_code=message.status_code,
                reason=message.reason,
                urls=self.media_urls(message),
            )
        )
        if message.ok:
            self.was_accepted = True
            return
        self.link.drop_socket()
        waits, recovery = self._timing.duplicate_waits_s, self.link.recovery
        is_duplicate = endings.is_duplicate(message.status_code, message.reason, endings.SIGNALING_DUPLICATES)
        if is_duplicate and recovery.duplicates < len(waits):
            recovery.begin(now, self._timing.signaling_window_s, is_own=True, scenario=DUPLICATE)
            recovery.duplicates += 1
            if self._schedule(waits[recovery.duplicates - 1], now):
                return
        self.ending = endings.rejected(message.status_code, message.reason)

    def media_urls(self, message: SignalingHandshakeResponse) -> dict[str, str]:
        """Where the media are; a server of the README dialect need not say it."""
        if message.ok and not message.urls and self.link.dialect is Dialect.README:
            return media_paths(self.link.url)
        return message.urls

    def closed(self, code: int | None, reason: str, now: float) -> None:
        """The socket is gone, or never came about."""
        if self.was_accepted:
            self._lose("closed by the server" if code is not None else "connection failed", now, code, reason)
            return
        was_opened = self.link.expects(opened=True)
        self.link.step(Step.GIVE_UP, "the first connection is not retried", now, code, reason)
        if was_opened and code == 1000:
            self.ending = endings.closed_instead_of_answer(reason)
        elif was_opened:
            detail = f"{reason}; {_CHECK}" if reason else _CHECK
            self.ending = endings.connect_failed(f"The server closed the connection with code {code}", detail)
        else:
            self.ending = endings.connect_failed(f"Could not connect to {self.url}", reason)

    def _lose(self, cause: str, now: float, code: int | None = None, reason: str = "", scenario: str = LOSS) -> None:
        self.link.step(Step.LOSE, cause, now, code, reason)
        self.link.recovery.begin(now, self._timing.signaling_window_s, is_own=True, scenario=scenario)
        if not self._config.wait_for_server:
            self._schedule(self._backoff.delay(self.link.recovery.tries), now)

    def _schedule(self, delay: float, now: float) -> bool:
        """Plan the next attempt; False when the window closes before it."""
        recovery = self.link.recovery
        due = recovery.plan(delay, now)
        if due is None or recovery.window_ends is None:
            return False
        self.link.step(Step.SCHEDULE, recovery.scenario, now)
        self._outbox.tell(
            ReconnectScheduled(
                at=now,
                link=SIGNALING,
                due=due,
                attempt=self.link.attempt + 1,
                window_ends=recovery.window_ends,
                scenario=recovery.scenario,
            )
        )
        return True

    def restart(self, url: str, scenario: str, now: float) -> None:
        """Leave the old socket and connect to ``url`` at once."""
        self.url = url
        if self.link.is_open:
            self.link.drop_socket()
            self.link.step(Step.LOSE, scenario, now)
        recovery = self.link.recovery
        recovery.begin(now, self._timing.signaling_window_s, is_own=True, scenario=scenario)
        recovery.extend(now, self._timing.signaling_window_s)
        self._schedule(0.0, now)
        self.connect(now)

    def interrupted(self, now: float) -> bool:
        """The server announced an interruption; returns whether a new connection is made for it."""
        back_at = self.link.recovery.reconnected_at
        is_repaired = back_at is not None and now <= back_at + _ANNOUNCED_LATE_S and not self.is_down
        if is_repaired or self.link.state is LinkState.CONNECTING:
            return False
        self.restart(self.url, ANNOUNCED, now)
        return True

    def wake(self, server_ms: int, now: float) -> None:
        timeout = self.link.wake(server_ms, now)
        if timeout is not None:
            self._timed_out(timeout, now)
        recovery = self.link.recovery
        if self.ending is not None or not self.link.is_returning:
            return
        if recovery.expired(now):
            self._expire(now)
        elif recovery.due is not None and now >= recovery.due:
            self.connect(now)

    def _timed_out(self, timeout: Timeout, now: float) -> None:
        self.link.drop_socket()
        if self.was_accepted:
            self._lose(timeout.value, now)
            return
        self.link.step(Step.GIVE_UP, timeout.value, now)
        detail = f"{timeout.value} ({self._timing.connect_s:g} s); {_CHECK}"
        self.ending = endings.connect_failed(f"Could not connect to {self.url}", detail)

    def _expire(self, now: float) -> None:
        if self.link.is_open:
            self.link.drop_socket()
        self.link.step(Step.GIVE_UP, "reconnect window expired", now)
        if self.was_accepted:
            self.ending = endings.window_expired("The signaling connection", self._timing.signaling_window_s)
        else:
            self.ending = endings.connect_failed(f"Could not connect to {self.url}", "the stream stays taken")
