"""Reads states, keep-alives and their requests (messages 7 to 13, 19 to 22, 28 and 29) in every dialect."""

from __future__ import annotations

from typing import Any

from rtms_desktop.wire.answers import Fields, says_ok, stream_id, verdict
from rtms_desktop.wire.context import Context, Unreadable
from rtms_desktop.wire.enums import Dialect, SessionState, StreamState
from rtms_desktop.wire.lenient import flag, named, number, pick, stop_reason, text, time_ms, user_id
from rtms_desktop.wire.messages import (
    ClientReadyAck,
    KeepAliveRequest,
    KeepAliveResponse,
    Message,
    SessionStateRequest,
    SessionStateResponse,
    SessionStateUpdate,
    StreamCloseRequest,
    StreamCloseResponse,
    StreamStateRequest,
    StreamStateResponse,
    StreamStateUpdate,
    VideoSubscriptionRequest,
    VideoSubscriptionResponse,
)

_SESSION_ID_KEYS = ("rtms_session_id", "rmts_session_id", "session_id")


def ready_or_state(obj: Fields, ctx: Context) -> Message:
    """7 is the client's ready; older Python servers sent the stream's state under this number."""
    if "state" in obj:
        return stream_state(obj, ctx)
    return ClientReadyAck(stream_id=stream_id(obj))


def _stop_reason(obj: Fields, ctx: Context) -> tuple[int | None, str]:
    given = pick(obj, "reason", "stop_reason")
    words = given if isinstance(given, str) else ""
    if words.strip().upper().startswith("STOP_BC_"):
        ctx.sign(Dialect.MOCK, "stop reasons are names")
    found = stop_reason(given)
    return (stop_reason(obj.get("stop_reason")) if found is None else found), words


def stream_state(obj: Fields, ctx: Context) -> Message:
    reason, words = _stop_reason(obj, ctx)
    return StreamStateUpdate(
        state=_state(obj, StreamState),
        reason=reason,
        timestamp=time_ms(obj.get("timestamp")),
        stream_id=stream_id(obj),
        reason_text=words,
    )


def session_state(obj: Fields, ctx: Context) -> Message:
    if "ui_state" in obj or "is_broadcast" in obj:
        ctx.sign(Dialect.MOCK, "session states carry ui_state")
    reason, words = _stop_reason(obj, ctx)
    return SessionStateUpdate(
        session_id=text(pick(obj, *_SESSION_ID_KEYS)),
        state=_state(obj, SessionState),
        stop_reason=reason,
        timestamp=time_ms(obj.get("timestamp")),
        reason_text=words,
    )


def _state(obj: Fields, enum: type[SessionState] | type[StreamState]) -> int:
    found = named(obj.get("state"), enum, "RTMS_", "STREAM_STATE_", "SESSION_STATE_", "STREAM_", "SESSION_")
    if found is None:
        raise Unreadable("a state message without a readable state")
    return found


def session_state_request(obj: Fields, ctx: Context) -> Message:
    return SessionStateRequest(session_id=text(pick(obj, *_SESSION_ID_KEYS)))


def session_state_response(obj: Fields, ctx: Context) -> Message:
    return SessionStateResponse(
        session_id=text(pick(obj, *_SESSION_ID_KEYS)),
        state=_state(obj, SessionState),
        timestamp=time_ms(obj.get("timestamp")),
    )


def stream_state_request(obj: Fields, ctx: Context) -> Message:
    return StreamStateRequest(stream_id=stream_id(obj))


def stream_state_response(obj: Fields, ctx: Context) -> Message:
    return StreamStateResponse(
        stream_id=stream_id(obj), state=_state(obj, StreamState), timestamp=time_ms(obj.get("timestamp"))
    )


def close_request(obj: Fields, ctx: Context) -> Message:
    return StreamCloseRequest(stream_id=stream_id(obj))


def close_response(obj: Fields, ctx: Context) -> Message:
    ok, code, reason = verdict(obj, says_ok(obj), ctx)
    return StreamCloseResponse(
        stream_id=stream_id(obj), ok=ok, status_code=code, reason=reason, timestamp=time_ms(obj.get("timestamp"))
    )


def _echo(obj: Fields) -> dict[str, Any]:
    return {key: value for key, value in obj.items() if key != "msg_type" and isinstance(value, str | int | float)}


def keep_alive_request(obj: Fields, ctx: Context) -> Message:
    return KeepAliveRequest(
        timestamp=time_ms(obj.get("timestamp")), sequence=number(obj.get("sequence")), echo=_echo(obj)
    )


def keep_alive_response(obj: Fields, ctx: Context) -> Message:
    return KeepAliveResponse(
        timestamp=time_ms(obj.get("timestamp")), sequence=number(obj.get("sequence")), echo=_echo(obj)
    )


def video_request(obj: Fields, ctx: Context) -> Message:
    return VideoSubscriptionRequest(
        user_id=_required_user(obj),
        subscribe=flag(obj.get("subscribe")) is not False,
        # The SDK sends its uptime here: no time of day, so nothing to normalise.
        timestamp=number(obj.get("timestamp")) or 0,
    )


def video_response(obj: Fields, ctx: Context) -> Message:
    ok, code, reason = verdict(obj, says_ok(obj), ctx)
    return VideoSubscriptionResponse(
        user_id=_required_user(obj),
        ok=ok,
        status_code=code,
        reason=reason,
        timestamp=number(obj.get("timestamp")) or 0,
        subscribe=flag(obj.get("subscribe")),
    )


def _required_user(obj: Fields) -> int:
    found = user_id(obj.get("user_id"))
    if found is None:
        raise Unreadable("a video subscription without user_id")
    return found
