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
from rtms_desktop.mock_server.requests import Request
from rtms_desktop.mock_server.sources.script import event
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import (
    DataOpt,
    EventType,
    MessageType,
    SessionState,
    StopReason,
    StreamState,
)
from rtms_desktop.wire.messages import (
    EventUpdate,
    Message,
    SessionStateResponse,
    SessionStateUpdate,
    StreamCloseResponse,
    StreamStateResponse,
    StreamStateUpdate,
    VideoSubscriptionResponse,
)

MAX_BUFFER_MS = 60_000
PARTING_S = 0.3
"""Clients close by themselves on message 8; a close frame that overtakes it on another socket would hide the reason."""
AUTOMATIC_EVENTS = frozenset({EventType.FIRST_PACKET_TIMESTAMP, EventType.MEDIA_CONNECTION_INTERRUPTED})
_SESSION_NAMES = {"STARTED": 2, "PAUSED": 3, "RESUMED": 4, "STOPPED": 5}
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

    def _now(self) -> int:
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
        connection.role = SignalingRole(self, connection)
        self._ready = False
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
        self._send_event(event(EventType.FIRST_PACKET_TIMESTAMP, self._session_start_ms))
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
        self._send_event(EventUpdate(event_type=7, timestamp=self._now(), raw=raw))
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
        now = self._now()
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

    # -- what the client asks -------------------------------------------------------------------------------------

    def subscribe(self, request: Request) -> None:
        """Message 5. There is no answer; the people present follow a first wish for joins."""
        events = request.body.get("events")
        if not isinstance(events, list):
            self.truth.emit("refused", "signaling", status=5, reason="Invalid events")
            return
        before = set(self.subscribed)
        for item in events:
            kind = item.get("event_type") if isinstance(item, dict) else None
            if not isinstance(kind, int):
                self.truth.emit("refused", "signaling", status=6, reason="Invalid event type")
                continue
            (self.subscribed.add if item.get("subscribe", True) else self.subscribed.discard)(kind)
        self.truth.emit("subscribed", "signaling", events=sorted(self.subscribed))
        new = self.subscribed - before
        if EventType.PARTICIPANT_JOIN in new:
            self._send_event(event(EventType.PARTICIPANT_JOIN, self._now(), *self.stage.people))
        if EventType.SHARING_START in new and self.stage.sharing:
            sharer = self.stage.everybody[1 % len(self.stage.everybody)]
            self._send_event(event(EventType.SHARING_START, self._now(), sharer))

    def tell_session_state(self, request: Request) -> None:
        asked = request.text("rtms_session_id")
        state = self._session_state() if asked in ("", self.session_id) else SessionState.INACTIVE
        self._reply(SessionStateResponse(session_id=asked or self.session_id, state=state, timestamp=self._now()))

    def tell_stream_state(self) -> None:
        states = {Phase.LIVE: StreamState.ACTIVE, Phase.PAUSED: StreamState.PAUSED}
        state = states.get(self.phase, StreamState.INACTIVE)
        self._reply(StreamStateResponse(stream_id=self.stream_id, state=state, timestamp=self._now()))

    def close_on_request(self) -> None:
        """Message 21."""
        self._reply(StreamCloseResponse(stream_id=self.stream_id, reason="OK", status_code=0, timestamp=self._now()))
        self.stop(StopReason.RECEIVER_REQUEST_CLOSE, final=True)

    def choose_user(self, request: Request) -> None:
        """Message 28: exactly one camera, with data_opt 4 only."""
        user_id, on = request.number("user_id"), request.body.get("subscribe", True) is not False
        code, reason = self._judge_choice(user_id, on)
        if code == 0:
            self.wanted_user = user_id if on else None
            for role in self.media.values():
                role.choose_video()
        self._reply(
            VideoSubscriptionResponse(
                user_id=user_id or 0, ok=code == 0, status_code=code, reason=reason, timestamp=self._now()
            )
        )

    def _judge_choice(self, user_id: int | None, on: bool) -> tuple[int, str]:
        options = [role.params.video.data_opt for role in self.media.values() if role.params.video is not None]
        if DataOpt.VIDEO_SINGLE_INDIVIDUAL not in options:
            return 29, "Invalid video data_opt: individual video needs data_opt 4"
        if user_id not in [person.user_id for person in self.stage.people]:
            return 4, "Invalid payload: no such user_id"
        if on and user_id == self.wanted_user:
            return 44, "Duplicate video subscription"
        return 0, "OK"

    def obey_state(self, request: Request) -> None:
        """Message 9 from a client: only the old dialects let it steer the session."""
        state = request.body.get("state")
        number = _SESSION_NAMES.get(state.upper()) if isinstance(state, str) else state
        if number == SessionState.PAUSED:
            self.pause()
        elif number == SessionState.RESUMED:
            self.resume()
        elif number == SessionState.STOPPED:
            self.stop(StopReason.USER_TRIGGERED, final=False)

    # -- what is said ---------------------------------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        if self.phase is not Phase.LIVE:
            return
        if isinstance(message, EventUpdate):
            self._send_event(message)
            if message.event_type == EventType.ACTIVE_SPEAKER_CHANGE:
                for role in self.media.values():
                    role.choose_video()
            return
        for role in self.media.values():
            role.tell(message)

    def _send_event(self, message: EventUpdate) -> None:
        if message.event_type in AUTOMATIC_EVENTS or message.event_type in self.subscribed:
            self._reply(message)

    def tell(self, message: Message) -> None:
        """Sends a message on the signaling socket, if there is one."""
        self._reply(message)

    def _reply(self, message: Message) -> None:
        if self.signaling is not None:
            self.signaling.send(message)

    def _send_states(self, session: SessionState, stream: StreamState) -> None:
        now = self._now()
        self._reply(SessionStateUpdate(session_id=self.session_id, state=session, timestamp=now))
        self._reply(StreamStateUpdate(state=stream, reason=0, timestamp=now, stream_id=self.stream_id))

    def _session_state(self) -> SessionState:
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


class SignalingRole:
    """A signaling socket after its handshake."""

    name = "signaling"

    def __init__(self, meeting: Meeting, connection: Connection) -> None:
        self._meeting, self._connection = meeting, connection

    @property
    def meeting(self) -> Meeting:
        return self._meeting

    def handle(self, request: Request) -> None:
        meeting = self._meeting
        match request.kind:
            case MessageType.CLIENT_READY_ACK:
                meeting.client_ready()
            case MessageType.EVENT_SUBSCRIPTION:
                meeting.subscribe(request)
            case MessageType.SESSION_STATE_UPDATE:
                meeting.obey_state(request)
            case MessageType.SESSION_STATE_REQ:
                meeting.tell_session_state(request)
            case MessageType.STREAM_STATE_REQ:
                meeting.tell_stream_state()
            case MessageType.STREAM_CLOSE_REQ:
                meeting.close_on_request()
            case MessageType.VIDEO_SUBSCRIPTION_REQ:
                meeting.choose_user(request)

    def lost(self, why: str, clean: bool) -> None:
        self._meeting.signaling_lost(self._connection, why)
