"""One stream (one rtms_stream_id): its session, its sockets, and what the server does when they come and go."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.manners import manners_of
from rtms_desktop.mock_server.media_role import MediaRole
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sources.script import event
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import (
    EventType,
    SessionState,
    StopReason,
    StreamState,
)
from rtms_desktop.wire.messages import (
    EventUpdate,
    Message,
    SessionStateUpdate,
    StreamStateUpdate,
)

MAX_BUFFER_MS = 60_000
PARTING_S = 0.3
"""Clients close by themselves on message 8; a close frame that overtakes it on another socket would hide the reason."""
AUTOMATIC_EVENTS = frozenset({EventType.FIRST_PACKET_TIMESTAMP, EventType.MEDIA_CONNECTION_INTERRUPTED})
WebhookSink = Callable[[str, "Meeting", dict[str, Any]], None]


class Phase(StrEnum):
    """Where a stream stands."""

    ANNOUNCED = "announced"
    JOINING = "joining"
    LIVE = "live"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    ENDED = "ended"


_STATE_OF_PHASE = {
    Phase.LIVE: SessionState.STARTED,
    Phase.PAUSED: SessionState.PAUSED,
    Phase.STOPPED: SessionState.STOPPED,
}


class Meeting:
    """Loop only. `notify(kind, meeting, fields)` sends the webhooks "stopped" and "interrupted"."""

    def __init__(
        self, stage: Stage, truth: TruthLog, options: MockOptions, notify: WebhookSink, meeting_id: str, stream_id: str
    ) -> None:
        self.stage, self.truth, self.options, self._notify = stage, truth, options, notify
        self.meeting_id, self.stream_id = meeting_id, stream_id
        self.phase = Phase.ANNOUNCED
        self.session_id = ""
        self.signaling: Connection | None = None
        self.media: dict[str, MediaRole] = {}
        self.subscribed: set[int] = set()
        self.wanted_user: int | None = None
        self.stop_reason: int | None = None
        self._ready = False
        self._was_paused = False
        self._announced_ms = stage.media_ms()
        self._lost_ms: float | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        stage.listen(self._hear)

    # -- figures --------------------------------------------------------------------------------------------------

    @property
    def accepts(self) -> bool:
        """Whether a client may join now."""
        return self.phase not in (Phase.STOPPED, Phase.ENDED)

    @property
    def figures(self) -> dict[str, Any]:
        """What GET /api/state says."""
        return {
            "meeting_id": self.meeting_id,
            "stream_id": self.stream_id,
            "session_id": self.session_id,
            "phase": self.phase.value,
            "signaling": self.signaling is not None,
            "media": sorted(self.media),
            "subscribed": sorted(self.subscribed),
            "sent": {name: dict(role.sent) for name, role in self.media.items()},
            "stop_reason": self.stop_reason,
        }

    def now(self) -> int:
        """Unix milliseconds by the server's clock."""
        return self.stage.epoch_ms()

    # -- sockets come ---------------------------------------------------------------------------------------------

    def join(self, connection: Connection) -> None:
        """A signaling socket has been verified and answered."""
        self._cancel("signaling")
        for role in list(self.media.values()):  # left over from before the interruption
            role.connection.abort("replaced")
            self._forget(role)
        old, self.signaling = self.signaling, connection
        if old is not None:
            old.role = None
            old.finish(1000, "replaced by a new signaling connection")
        self._ready = False
        self.wanted_user = None
        self._set_phase(Phase.JOINING)

    def add_media(self, role: MediaRole) -> None:
        """A media socket has been granted and answered."""
        self.media[role.name] = role
        role.connection.role = role
        for medium in role.media:
            self._cancel(f"media {medium.value}")
        if self._ready:
            if self.phase is Phase.LIVE:
                role.start(self._backlog_from())
        elif "ready" not in self._timers:
            self._start_timer("ready", self.options.lenient_ready_s, self.client_ready)

    def client_ready(self) -> None:
        """Message 7, or the patience for it is over: media start."""
        self._cancel("ready")
        if self._ready or self.signaling is None:
            return
        self._ready = True
        self.stage.begin()
        fresh = not self.session_id
        if fresh:
            self.session_id = uuid.uuid4().hex.upper()
            self._session_start_ms = self.stage.epoch_ms()
        self.truth.emit(
            "started", stream=self.stream_id, session=self.session_id, zero_ms=self.stage.clock.zero_ms, fresh=fresh
        )
        self.tell_event(event(EventType.FIRST_PACKET_TIMESTAMP, self._session_start_ms))
        self._send_states(SessionState.STARTED, StreamState.ACTIVE)
        self._set_phase(Phase.LIVE)
        if self._was_paused:
            self.pause()
            return
        for role in self.media.values():
            role.start(self._backlog_from())
        self._lost_ms = None

    def _backlog_from(self) -> float | None:
        """Media time from which buffered audio is owed; None = from now."""
        since = self._lost_ms if self._lost_ms is not None else self._announced_ms
        if not self.options.buffer_audio or since is None:
            return None
        return max(since, self.stage.clock.media_ms() - MAX_BUFFER_MS)

    # -- sockets go -----------------------------------------------------------------------------------------------

    def media_lost(self, role: MediaRole, why: str, clean: bool) -> None:
        """A media socket is gone: tell the client and wait for its return."""
        if self.media.get(role.name) is not role:
            return
        self._forget(role)
        if clean or self.signaling is None or self.phase not in (Phase.LIVE, Phase.PAUSED):
            return
        self._lost_ms = self.stage.media_ms()
        media_type = sum(int(medium.media_type) for medium in role.media)
        raw = {"event_type": 7, "media_type": media_type}
        self.tell_event(EventUpdate(event_type=7, timestamp=self.now(), raw=raw))
        self.truth.emit("media_interrupted", role.name, why=why)
        for medium in role.media:
            self._start_timer(
                f"media {medium.value}",
                self.options.media_window_s,
                lambda: self.stop(StopReason.DATA_CONNECTION_INTERRUPTED, final=True),
            )

    def signaling_lost(self, connection: Connection, why: str) -> None:
        """The signaling socket is gone: everything is interrupted until it returns or the window closes."""
        if self.signaling is not connection:
            return
        self.signaling = None
        self._ready = False
        self._cancel_all()
        if self.phase in (Phase.STOPPED, Phase.ENDED):
            return
        self._was_paused = self.phase is Phase.PAUSED
        if self.phase in (Phase.LIVE, Phase.PAUSED):
            self._lost_ms = self.stage.media_ms()
        self._set_phase(Phase.INTERRUPTED, why=why)
        for role in self.media.values():
            role.stop()
        self._notify("interrupted", self, {})
        reason = StopReason.KEEP_ALIVE_TIMEOUT if why == "keep-alive" else StopReason.AWAIT_RECONNECTION_TIMEOUT
        self._start_timer("signaling", self.options.signaling_window_s, lambda: self.stop(reason, final=True))

    def _forget(self, role: MediaRole) -> None:
        self.media.pop(role.name, None)
        role.stop()

    # -- what the operator does -----------------------------------------------------------------------------------

    def pause(self) -> None:
        if self.phase is Phase.LIVE:
            self._was_paused = True
            for role in self.media.values():
                role.stop()
            self._send_states(SessionState.PAUSED, StreamState.PAUSED)
            self._set_phase(Phase.PAUSED)

    def resume(self) -> None:
        if self.phase is Phase.PAUSED:
            self._was_paused = False
            self._send_states(SessionState.RESUMED, StreamState.RESUMED)
            self._set_phase(Phase.LIVE)
            for role in self.media.values():
                role.start()

    def stop(self, reason: int, *, final: bool) -> None:
        """Ends the session: states, close frames, webhook. `final` = the stream id will not come back."""
        if self.phase is Phase.ENDED or (self.phase is Phase.STOPPED and not final):
            return
        already = self.phase is Phase.STOPPED
        self._cancel_all()
        self.stop_reason = reason
        self._set_phase(Phase.ENDED if final else Phase.STOPPED, reason=reason)
        if already:
            return
        self._tell_the_end(reason)
        self._notify("stopped", self, {"stop_reason": reason})

    def _tell_the_end(self, reason: int) -> None:
        now = self.now()
        ended = StreamStateUpdate(state=StreamState.TERMINATED, reason=reason, timestamp=now, stream_id=self.stream_id)
        if self.signaling is not None:
            if self.session_id:
                stopped = SessionState.STOPPED
                self.signaling.send(
                    SessionStateUpdate(session_id=self.session_id, state=stopped, stop_reason=reason, timestamp=now)
                )
            self.signaling.send(ended)
        for role in list(self.media.values()):
            self._forget(role)
            if manners_of(self.options.dialect).ends_on_media:
                role.connection.send(ended)
            self._close_soon(role.connection)
        if self.signaling is not None:
            self._close_soon(self.signaling)
            self.signaling = None
        self._ready = False

    def _close_soon(self, connection: Connection) -> None:
        asyncio.get_running_loop().call_later(PARTING_S, connection.finish, 1000, "stream ended")

    def start_again(self) -> None:
        """The same ids are open to a new session."""
        if self.phase is Phase.STOPPED:
            self.session_id, self.stop_reason, self._was_paused, self._lost_ms = "", None, False, None
            self._announced_ms = self.stage.media_ms()
            self._set_phase(Phase.ANNOUNCED)

    def close(self) -> None:
        """Forgets timers and the stage; sockets are the server's."""
        self._cancel_all()
        self.stage.unlisten(self._hear)

    def choose_user(self, user_id: int | None) -> None:
        """The one camera of individual video, or none."""
        self.wanted_user = user_id
        for role in self.media.values():
            role.choose_video()

    # -- what is said ---------------------------------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        if self.phase is not Phase.LIVE:
            return
        if isinstance(message, EventUpdate):
            self.tell_event(message)
            if message.event_type == EventType.ACTIVE_SPEAKER_CHANGE:
                for role in self.media.values():
                    role.choose_video()
            return
        if isinstance(message, SessionStateUpdate):  # a recorded pause: its media have that hole already
            paused = message.state == SessionState.PAUSED
            self._send_states(SessionState(message.state), StreamState.PAUSED if paused else StreamState.RESUMED)
            return
        for role in self.media.values():
            role.tell(message)

    def tell_event(self, message: EventUpdate) -> None:
        """Sends an event if the client wants it; numbers 1 and 7 come unasked."""
        if message.event_type in AUTOMATIC_EVENTS or message.event_type in self.subscribed:
            self.tell(message)

    def tell(self, message: Message) -> None:
        """Sends a message on the signaling socket, if there is one."""
        if self.signaling is not None:
            self.signaling.send(message)

    def _send_states(self, session: SessionState, stream: StreamState) -> None:
        now = self.now()
        self.tell(SessionStateUpdate(session_id=self.session_id, state=session, timestamp=now))
        self.tell(StreamStateUpdate(state=stream, reason=0, timestamp=now, stream_id=self.stream_id))

    @property
    def session_state(self) -> SessionState:
        return _STATE_OF_PHASE.get(self.phase, SessionState.INITIALIZE)

    def _set_phase(self, phase: Phase, **fields: Any) -> None:
        if phase is not self.phase:
            self.phase = phase
            self.truth.emit("phase", phase=phase.value, stream=self.stream_id, **fields)

    # -- timers ---------------------------------------------------------------------------------------------------

    def _start_timer(self, name: str, seconds: float, then: Callable[[], None]) -> None:
        self._cancel(name)

        def fire() -> None:
            self._timers.pop(name, None)
            then()

        self._timers[name] = asyncio.get_running_loop().call_later(seconds, fire)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _cancel_all(self) -> None:
        for name in list(self._timers):
            self._cancel(name)
