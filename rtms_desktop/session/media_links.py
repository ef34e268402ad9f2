"""All media links of a session: opened together, repaired one by one. Part of the core."""

from __future__ import annotations

from collections.abc import Iterable

from rtms_desktop.protocol.machine import MediaMachine, Timeout
from rtms_desktop.protocol.states import LOST, OVER, LinkState, Step
from rtms_desktop.session import endings
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.endings import Ending
from rtms_desktop.session.events import HandshakeAnswered, ReconnectScheduled
from rtms_desktop.session.limits import link_limits
from rtms_desktop.session.links import Counters, SessionLink
from rtms_desktop.session.media_plan import PlannedLink, data_handshake, plan_links
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.recovery import Backoff
from rtms_desktop.wire.enums import Dialect, Medium
from rtms_desktop.wire.messages import DataHandshakeResponse
from rtms_desktop.wire.status import explain_status

LOSS = "media loss"
REFUSAL = "refused for now"
ANNOUNCED = "interrupted by server"

# The two signals of one interruption (event 7, state 2) arrive within seconds of each other.
_SAME_INTERRUPTION_S = 5.0
# A socket that is not known to be dead but brought nothing for so long is the likelier one.
_QUIET_S = 2.0


class MediaLinks:
    """Media sockets by name.

    Attributes:
        links: every media link of the session, also those that are over.
        wants_ready: a handshake was completed since CLIENT_READY_ACK last went out.
    """

    def __init__(self, config: SessionConfig, outbox: Outbox, counters: Counters, backoff: Backoff) -> None:
        self.links: dict[str, SessionLink] = {}
        self.wants_ready = False
        self._machines: dict[str, MediaMachine] = {}
        self._refusals: dict[str, tuple[int | None, str]] = {}
        self._suspended = False
        self._heard_by: float | None = None  # nothing was ever heard on any media socket, and is due by then
        self._join_by = 0.0  # until then a first media socket has to come about
        self._config, self._timing = config, config.timing
        self._outbox, self._counters, self._backoff = outbox, counters, backoff

    # -- all together ------------------------------------------------------------------------------------------

    def build(self, urls: dict[str, str], dialect: Dialect, now: float) -> None:
        """Open every planned link; signaling has just been accepted and has told ``urls``."""
        self._suspended = False
        self.wants_ready = False
        self._refusals.clear()
        self._join_by = now + self._timing.connect_s
        plan = plan_links(self._config, urls)
        for name in self.links.keys() - {planned.name for planned in plan}:
            self._retire(self.links[name], now)
        for planned in plan:
            link = self._link(planned, dialect)
            if planned.url:
                link.recovery.extend(now, self._timing.media_window_s)
                self._open(link, planned.url, now)
            else:
                self._not_offered(link, now)

    def _link(self, planned: PlannedLink, dialect: Dialect) -> SessionLink:
        """The link of that name; what signaling speaks is the best guess of what it will speak."""
        link = self.links.get(planned.name)
        if link is None:
            machine = self._machines[planned.name] = MediaMachine(link_limits(self._timing))
            link = self.links[planned.name] = SessionLink(
                planned.name,
                machine,
                self._outbox,
                self._counters,
                media=planned.media,
                product=self._config.product,
            )
        link.dialect = dialect
        return link

    def _retire(self, link: SessionLink, now: float) -> None:
        """The new plan has no such link."""
        if link.state in LOST:
            link.step(Step.END, "replaced by another socket", now)

    def _not_offered(self, link: SessionLink, now: float) -> None:
        link.anomaly("not_offered", f"the server names no URL for {link.name}", now)
        link.recovery.lost_at = None
        if link.state not in OVER:
            link.step(Step.GIVE_UP, "not offered", now)

    def _open(self, link: SessionLink, url: str, now: float) -> None:
        link.open(url, data_handshake(self._config, link.media), now)

    def suspend(self, cause: str, now: float) -> None:
        """Signaling is gone: so is every media socket, until it is back."""
        self._suspended = True
        self.wants_ready = False
        for link in self.links.values():
            if link.is_open:
                link.drop_socket()
            if link.is_open or link.state in LOST:
                self._fall(link, cause, now)

    def _fall(self, link: SessionLink, cause: str, now: float) -> None:
        if link.state is not LinkState.INTERRUPTED:
            link.step(Step.LOSE, cause, now)
        link.recovery.begin(now, self._timing.media_window_s, is_own=False, scenario=cause)
        link.recovery.due = None

    @property
    def settled(self) -> bool:
        """Whether no link holds CLIENT_READY_ACK back."""
        return all(machine.settled for machine in self._machines.values())

    @property
    def delivers(self) -> bool:
        return any(link.state is LinkState.STREAMING for link in self.links.values())

    @property
    def is_impaired(self) -> bool:
        """Whether a link that was up is being repaired."""
        return any(link.is_returning and link.recovery.was_up for link in self.links.values())

    def allow(self, now: float) -> None:
        """CLIENT_READY_ACK went out."""
        self.wants_ready = False
        self._heard_by = now + self._timing.connect_s
        for link in self.links.values():
            if link.state is LinkState.AUTHENTICATED:
                link.step(Step.ALLOW, "allowed to stream", now)

    def pause(self, paused: bool, now: float) -> None:
        """Bring every link in line with the stream's pause."""
        for link in self.links.values():
            if paused and link.state in (LinkState.READY, LinkState.STREAMING):
                link.step(Step.PAUSE, "paused by the server", now)
            elif not paused and link.state is LinkState.PAUSED:
                link.step(Step.RESUME, "resumed", now)

    def ending(self, now: float) -> Ending | None:
        """Set when no link is left that could bring anything, or when none ever said a word."""
        if self._suspended or not self.links:
            return None
        if self._is_dumb(now):
            return endings.dumb_media(self._timing.connect_s)
        join_ends = self._join_ends()
        if any(link.state not in OVER for link in self._planned()) and (join_ends is None or now < join_ends):
            return None
        failed = [link for link in self._planned() if link.was_lost and link.state is not LinkState.REFUSED]
        if not failed:
            return endings.no_media(self._refusals)
        if any(link.recovery.was_up for link in failed):
            return endings.window_expired("Every media connection", self._timing.media_window_s)
        return endings.connect_failed("No media connection could be opened", failed[0].last_problem)

    def _is_dumb(self, now: float) -> bool:
        """Whether the server took every media socket and the ready message, and has been silent on all of them."""
        heard_by = self._silence_ends()
        return heard_by is not None and now >= heard_by

    def _silence_ends(self) -> float | None:
        """Until when a first word is waited for; None: one was heard, or nothing may be expected."""
        if any(link.stats.messages_in for link in self.links.values()):
            return None
        return self._heard_by if any(link.state is LinkState.READY for link in self.links.values()) else None

    def _join_ends(self) -> float | None:
        """Until when a first connection is tried again; None: there was one, or one is on its way."""
        planned = self._planned()
        if self._config.wait_for_server or any(link.recovery.was_up for link in planned):
            return None
        lost = [link for link in planned if link.state in LOST and link.recovery.scenario == LOSS]
        return self._join_by if lost and all(link in lost or link.state in OVER for link in planned) else None

    def _planned(self) -> list[SessionLink]:
        return [link for link in self.links.values() if link.state is not LinkState.CLOSED]

    # -- one by one --------------------------------------------------------------------------------------------

    def answered(self, link: SessionLink, message: DataHandshakeResponse, now: float) -> None:
        """Message 4, already taken by the machine."""
        self._outbox.tell(
            HandshakeAnswered(
                at=now,
                link=link.name,
                ok=message.ok,
                status_code=message.status_code,
                reason=message.reason,
                granted=message.params,
            )
        )
        if not message.ok:
            self._refused(link, message, now)
            return
        link.recovery.duplicates = 0
        if message.payload_encrypted:
            link.anomaly("payload_encrypted", "the server says that it encrypts the media; they cannot be shown", now)
        if link.state is LinkState.AUTHENTICATED:
            self.wants_ready = True

    def _refused(self, link: SessionLink, message: DataHandshakeResponse, now: float) -> None:
        """A refusal that time may heal is retried like a duplicate; any other leaves this link refused."""
        link.drop_socket()
        self._refusals[link.name] = (message.status_code, message.reason)
        waits, recovery = self._timing.duplicate_waits_s, link.recovery
        if not _heals(message.status_code, message.reason) or recovery.duplicates >= len(waits):
            return
        recovery.begin(now, self._timing.media_window_s, is_own=True, scenario=REFUSAL)
        recovery.duplicates += 1
        self._schedule(link, waits[recovery.duplicates - 1], now)

    def closed(self, link: SessionLink, code: int | None, reason: str, now: float) -> None:
        """The socket is gone, or never came about."""
        self._lose(link, "closed by the server" if code is not None else "connection failed", now, code, reason)

    def _lose(
        self, link: SessionLink, cause: str, now: float, code: int | None = None, reason: str = "", scenario: str = LOSS
    ) -> None:
        link.last_problem = reason or cause
        link.step(Step.LOSE, cause, now, code, reason)
        link.recovery.begin(now, self._timing.media_window_s, is_own=True, scenario=scenario)
        if not self._config.wait_for_server:
            self._schedule(link, self._backoff.delay(link.recovery.tries), now)

    def _schedule(self, link: SessionLink, delay: float, now: float) -> None:
        """Plan the next attempt, unless the window closes before it."""
        recovery = link.recovery
        due = recovery.plan(delay, now)
        if due is None or recovery.window_ends is None:
            return
        link.step(Step.SCHEDULE, recovery.scenario, now)
        self._outbox.tell(
            ReconnectScheduled(
                at=now,
                link=link.name,
                due=due,
                attempt=link.attempt + 1,
                window_ends=recovery.window_ends,
                scenario=recovery.scenario,
            )
        )

    def interrupted(self, media: frozenset[Medium], now: float) -> None:
        """The server says that a media socket was lost; ``media``: which, empty when it does not say.

        Both signals of one interruption lead here, and the socket may have told us before: then it is explained.
        Otherwise the link that is named is opened anew; without a name those that are quiet, or else all.
        """
        named = [link for link in self.links.values() if not media or link.media & media]
        explained = [link for link in named if self._is_explained(link, now)]
        for link in explained:
            if link.state is LinkState.INTERRUPTED and not self._suspended:
                self._schedule(link, self._backoff.delay(link.recovery.tries), now)
        if explained:
            return
        up = [link for link in named if link.is_up]
        quiet = [link for link in up if not media and self._is_quiet(link, now)]
        for link in quiet or up:
            link.drop_socket()
            self._lose(link, "the server says that it was interrupted", now, scenario=ANNOUNCED)
            if link.state is LinkState.INTERRUPTED:
                self._schedule(link, self._backoff.delay(link.recovery.tries), now)

    def _is_explained(self, link: SessionLink, now: float) -> bool:
        back_at = link.recovery.reconnected_at
        return link.is_returning or (back_at is not None and now <= back_at + _SAME_INTERRUPTION_S)

    def _is_quiet(self, link: SessionLink, now: float) -> bool:
        flows = link.media & {Medium.AUDIO, Medium.VIDEO}
        last = link.stats.last_message_at
        return bool(flows) and (last is None or now - last > _QUIET_S)

    def wake(self, server_ms: int, now: float) -> None:
        for link in self.links.values():
            was_connecting = link.state is LinkState.CONNECTING
            timeout = link.wake(server_ms, now)
            if timeout is not None:
                self._timed_out(link, timeout, now)
            elif was_connecting and link.state is LinkState.READY:
                self.wants_ready = True  # silent but open: it is not waited for any longer
            if not self._suspended and link.is_returning:
                self._recover(link, now)

    def _timed_out(self, link: SessionLink, timeout: Timeout, now: float) -> None:
        link.drop_socket()
        self._lose(link, timeout.value, now)

    def _recover(self, link: SessionLink, now: float) -> None:
        recovery = link.recovery
        if recovery.expired(now):
            if link.is_open:
                link.drop_socket()
            link.step(Step.GIVE_UP, "reconnect window expired", now)
        elif recovery.due is not None and now >= recovery.due:
            self._open(link, link.url, now)

    def deadlines(self) -> Iterable[float | None]:
        """When each link wants to be looked at; suspended links wait for signaling."""
        if self._suspended:
            return ()
        return (self._silence_ends(), self._join_ends(), *(link.deadline() for link in self.links.values()))


def _heals(code: int | None, reason: str) -> bool:
    """Whether the same request may succeed in a few seconds: the old socket is still held, or trouble at Zoom's."""
    if endings.is_duplicate(code, reason, endings.MEDIA_DUPLICATES):
        return True
    told = explain_status(code, reason)
    return told.retryable and told.category in ("connection", "server")
