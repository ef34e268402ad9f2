"""A signaling socket after its handshake: the messages by which a client asks for things. Loop only."""

from __future__ import annotations

from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.manners import manners_of
from rtms_desktop.mock_server.meeting import Meeting, Phase
from rtms_desktop.mock_server.requests import Request
from rtms_desktop.mock_server.sources.script import event
from rtms_desktop.wire.enums import DataOpt, EventType, MessageType, SessionState, StopReason, StreamState
from rtms_desktop.wire.messages import (
    SessionStateResponse,
    StreamCloseResponse,
    StreamStateResponse,
    VideoSubscriptionResponse,
)

_STATE_NUMBERS = {"STARTED": 2, "PAUSED": 3, "RESUMED": 4, "STOPPED": 5}


class SignalingRole:
    """Answers one client on behalf of its meeting."""

    name = "signaling"

    def __init__(self, meeting: Meeting, connection: Connection) -> None:
        self._meeting, self._connection = meeting, connection

    def handle(self, request: Request) -> None:
        match request.kind:
            case MessageType.CLIENT_READY_ACK:
                self._meeting.client_ready()
            case MessageType.EVENT_SUBSCRIPTION:
                self._subscribe(request)
            case MessageType.SESSION_STATE_UPDATE:
                self._obey_state(request)
            case MessageType.SESSION_STATE_REQ:
                self._tell_session_state(request)
            case MessageType.STREAM_STATE_REQ:
                self._tell_stream_state()
            case MessageType.STREAM_CLOSE_REQ:
                self._close()
            case MessageType.VIDEO_SUBSCRIPTION_REQ:
                self._choose_user(request)

    def lost(self, why: str, clean: bool) -> None:
        self._meeting.signaling_lost(self._connection, why)

    def _subscribe(self, request: Request) -> None:
        """Message 5. There is no answer; the people present follow a first wish for joins."""
        meeting, events = self._meeting, request.body.get("events")
        if not isinstance(events, list):
            meeting.truth.emit("refused", self.name, status=5, reason="Invalid events")
            return
        before = set(meeting.subscribed)
        for item in events:
            kind = item.get("event_type") if isinstance(item, dict) else None
            if not isinstance(kind, int):
                meeting.truth.emit("refused", self.name, status=6, reason="Invalid event type")
                continue
            (meeting.subscribed.add if item.get("subscribe", True) else meeting.subscribed.discard)(kind)
        meeting.truth.emit("subscribed", self.name, events=sorted(meeting.subscribed))
        self._tell_present(meeting.subscribed - before)

    def _tell_present(self, new: set[int]) -> None:
        """What had begun before the client wished to hear of it."""
        meeting, stage = self._meeting, self._meeting.stage
        if EventType.PARTICIPANT_JOIN in new:
            if present := stage.introduced:
                meeting.tell_event(event(EventType.PARTICIPANT_JOIN, meeting.now(), *present))
        if EventType.SHARING_START in new and stage.sharing:
            meeting.tell_event(event(EventType.SHARING_START, meeting.now(), stage.sharer))

    def _tell_session_state(self, request: Request) -> None:
        meeting, asked = self._meeting, request.text("rtms_session_id")
        state = meeting.session_state if asked in ("", meeting.session_id) else SessionState.INACTIVE
        session_id = asked or meeting.session_id
        meeting.tell(SessionStateResponse(session_id=session_id, state=state, timestamp=meeting.now()))

    def _tell_stream_state(self) -> None:
        meeting = self._meeting
        states = {Phase.LIVE: StreamState.ACTIVE, Phase.PAUSED: StreamState.PAUSED}
        state = states.get(meeting.phase, StreamState.INACTIVE)
        meeting.tell(StreamStateResponse(stream_id=meeting.stream_id, state=state, timestamp=meeting.now()))

    def _close(self) -> None:
        """Message 21."""
        meeting = self._meeting
        now = meeting.now()
        meeting.tell(StreamCloseResponse(stream_id=meeting.stream_id, reason="OK", status_code=0, timestamp=now))
        meeting.stop(StopReason.RECEIVER_REQUEST_CLOSE, final=True)

    def _choose_user(self, request: Request) -> None:
        """Message 28: exactly one camera, with data_opt 4 only."""
        meeting = self._meeting
        user_id, on = request.number("user_id"), request.body.get("subscribe", True) is not False
        code, reason = self._judge_choice(user_id, on)
        if code == 0:
            meeting.choose_user(user_id if on else None)
        meeting.tell(
            VideoSubscriptionResponse(
                user_id=user_id or 0, ok=code == 0, status_code=code, reason=reason, timestamp=meeting.now()
            )
        )

    def _judge_choice(self, user_id: int | None, on: bool) -> tuple[int, str]:
        meeting = self._meeting
        granted = [role.params.video.data_opt for role in meeting.media.values() if role.params.video is not None]
        if DataOpt.VIDEO_SINGLE_INDIVIDUAL not in granted:
            return 29, "Invalid video data_opt: individual video needs data_opt 4"
        if user_id not in [person.user_id for person in meeting.stage.people]:
            return 4, "Invalid payload: no such user_id"
        if on and user_id == meeting.wanted_user:
            return 44, "Duplicate video subscription"
        return 0, "OK"

    def _obey_state(self, request: Request) -> None:
        """Message 9 from a client: only the old dialects let it steer the session."""
        meeting = self._meeting
        if manners_of(meeting.options.dialect).media_handshake:
            return
        state = request.body.get("state")
        number = _STATE_NUMBERS.get(state.upper()) if isinstance(state, str) else state
        if number == SessionState.PAUSED:
            meeting.pause()
        elif number == SessionState.RESUMED:
            meeting.resume()
        elif number == SessionState.STOPPED:
            meeting.stop(StopReason.USER_TRIGGERED, final=False)
