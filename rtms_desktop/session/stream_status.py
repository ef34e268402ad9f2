"""What the server says about stream and session: running, paused, ending, over. Part of the core."""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.session.endings import Ending, stopped
from rtms_desktop.wire.enums import SessionState, StopReason, StreamState
from rtms_desktop.wire.messages import (
    SessionStateResponse,
    SessionStateUpdate,
    StreamStateResponse,
    StreamStateUpdate,
)

# Media stamped so much later than a pause was not under way when it began: the pause is over.
PAUSE_OVER_AFTER_MS = 1000

_FINAL = frozenset(reason.value for reason in StopReason if reason.is_final)
_STREAM_PAUSED: dict[int, bool] = {StreamState.PAUSED: True, StreamState.RESUMED: False, StreamState.ACTIVE: False}
_SESSION_PAUSED: dict[int, bool] = {SessionState.PAUSED: True, SessionState.RESUMED: False, SessionState.STARTED: False}


@dataclass(slots=True)
class StreamStatus:
    """Stream and session as the server tells them.

    Attributes:
        session_id: of the newest session of the stream.
        paused: the server says that nothing is being sent.
        stop_reason: the newest reason that the server gave for an end.
        over: how the stream ended, None while it goes on.
    """

    session_id: str = ""
    paused: bool = False
    stop_reason: int | None = None
    over: Ending | None = None
    _paused_ms: int = 0
    _final_at: float | None = None

    def stream(self, message: StreamStateUpdate | StreamStateResponse, server_ms: int, now: float) -> None:
        """Message 8 or 20."""
        reason = message.reason if isinstance(message, StreamStateUpdate) else None
        text = message.reason_text if isinstance(message, StreamStateUpdate) else ""
        if message.state == StreamState.TERMINATED:
            self.end(reason, text)
            return
        self._note_reason(reason, now)
        self._pause(_STREAM_PAUSED.get(message.state), server_ms)

    def session(self, message: SessionStateUpdate | SessionStateResponse, server_ms: int, now: float) -> None:
        """Message 9 or 11. A session that stopped is not the end of the stream: another may follow."""
        self.session_id = message.session_id or self.session_id
        if message.state in (SessionState.STARTED, SessionState.RESUMED):
            self.stop_reason = self._final_at = None  # it goes on: what ended before is no end
        elif isinstance(message, SessionStateUpdate):
            self._note_reason(message.stop_reason, now)
        self._pause(_SESSION_PAUSED.get(message.state), server_ms)

    def end(self, reason: int | None, text: str = "") -> None:
        """The stream is over; a reason that was announced a moment ago fills in for a missing one."""
        self.stop_reason = self.stop_reason if reason is None else reason
        self.over = stopped(self.stop_reason, text)

    def final_within(self, seconds: float, now: float) -> bool:
        """Whether a final reason came so recently that a socket which closes now is no loss."""
        return self._final_at is not None and now <= self._final_at + seconds

    def media(self, timestamp_ms: int) -> bool:
        """Media arrived; returns whether a pause is over by it: its stamp is well after the pause began."""
        if self.paused and timestamp_ms > self._paused_ms + PAUSE_OVER_AFTER_MS:
            self.paused = False
            return True
        return False

    def _note_reason(self, reason: int | None, now: float) -> None:
        if reason in _FINAL:
            self.stop_reason, self._final_at = reason, now

    def _pause(self, paused: bool | None, server_ms: int) -> None:
        if paused is None:
            return
        if paused and not self.paused:
            self._paused_ms = server_ms
        self.paused = paused
