"""Gives every message to the part of the session that it concerns. Part of the core."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rtms_desktop.session.events import Event, OtherMessage, SessionStateChanged, StreamStateChanged, WireEvent
from rtms_desktop.session.intake import Intake
from rtms_desktop.session.links import SessionLink
from rtms_desktop.session.media_links import MediaLinks
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.signaling import Signaling
from rtms_desktop.session.stream_status import StreamStatus
from rtms_desktop.wire.enums import EventType, Medium, SessionState, StopReason, StreamState
from rtms_desktop.wire.messages import (
    ChatData,
    DataHandshakeResponse,
    EventUpdate,
    KeepAliveRequest,
    KeepAliveResponse,
    MediaData,
    Message,
    MetaData,
    SessionStateResponse,
    SessionStateUpdate,
    SignalingHandshakeResponse,
    StreamCloseResponse,
    StreamStateResponse,
    StreamStateUpdate,
    TranscriptData,
    UnknownMessage,
    VideoSubscriptionResponse,
)

# State 2 with these reasons, or without any, means a media socket (Zoom RTMS docs).
_MEDIA_INTERRUPTED = frozenset(
    {
        None,
        StopReason.UNDEFINED,
        StopReason.DATA_CONNECTION_INTERRUPTED,
        StopReason.DATA_CONNECTION_CLOSED_ABNORMALLY,
    }
)

# Types of unknown messages counted by name; what else a server may invent is counted together.
_UNKNOWN_KEPT = 64


class Dispatcher:
    """Routes messages that the link's machine found in place.

    Attributes:
        unknown: messages that were not understood, by msg_type.
        close_refused: the server answered our request to end the stream with a refusal.
    """

    def __init__(
        self, signaling: Signaling, media: MediaLinks, intake: Intake, status: StreamStatus, outbox: Outbox
    ) -> None:
        self.unknown: Counter[str] = Counter()
        self.close_refused = False
        self._signaling, self._media, self._intake = signaling, media, intake
        self._status, self._outbox = status, outbox

    def handle(self, link: SessionLink, message: Message, is_ending: bool, now: float) -> bool:
        """One message of ``link``; returns whether the session as a whole may be concerned.

        While the session is ending no answer opens anything any more.
        """
        match message:
            case MediaData():
                self._signaling.link.recovery.proven = True
                self._intake.media(link, message, now)
                return self._status.media(message.timestamp)
            case TranscriptData():
                self._intake.transcript(link, message, now)
                return False
            case ChatData():
                self._intake.chat(link, message, now)
                return False
            case KeepAliveRequest():
                self._intake.time.note(message.timestamp, now)
                return False
            case EventUpdate():
                self._event(link, message, now)
            case StreamStateUpdate() | StreamStateResponse():
                self._stream_state(message, now)
            case SessionStateUpdate() | SessionStateResponse():
                self._session_state(message, now)
            case SignalingHandshakeResponse() | DataHandshakeResponse():
                if not is_ending:
                    self._handshake(link, message, now)
            case _:
                self._other(link, message, now)
        return True

    def _handshake(
        self, link: SessionLink, message: SignalingHandshakeResponse | DataHandshakeResponse, now: float
    ) -> None:
        if isinstance(message, SignalingHandshakeResponse):
            self._signaling.answered(message, now)
            if message.ok:
                self._media.build(self._signaling.media_urls(message), link.dialect, now)
            return
        if message.ok and message.params is not None:
            self._intake.grant(message.params)
        self._media.answered(link, message, now)

    def _event(self, link: SessionLink, message: EventUpdate, now: float) -> None:
        self._tell(WireEvent(at=now, link=link.name, message=message))
        self._intake.event(message, now)
        if message.event_type == EventType.MEDIA_CONNECTION_INTERRUPTED:
            self._media.interrupted(named_media(message.raw), now)

    def _stream_state(self, message: StreamStateUpdate | StreamStateResponse, now: float) -> None:
        reason = message.reason if isinstance(message, StreamStateUpdate) else None
        self._intake.time.note(message.timestamp, now)
        self._tell(StreamStateChanged(at=now, state=message.state, reason=reason, timestamp_ms=message.timestamp))
        self._status.stream(message, self._intake.time.ms(now), now)
        if message.state == StreamState.INTERRUPTED and reason in _MEDIA_INTERRUPTED:
            self._media.interrupted(frozenset(), now)

    def _session_state(self, message: SessionStateUpdate | SessionStateResponse, now: float) -> None:
        self._intake.time.note(message.timestamp, now)
        self._tell(
            SessionStateChanged(
                at=now,
                session_id=message.session_id,
                state=message.state,
                stop_reason=message.stop_reason if isinstance(message, SessionStateUpdate) else None,
                timestamp_ms=message.timestamp,
            )
        )
        if message.state == SessionState.STARTED:
            self._intake.set_zero(message.timestamp, now)
        self._status.session(message, self._intake.time.ms(now), now)

    def _other(self, link: SessionLink, message: Message, now: float) -> None:
        match message:
            case UnknownMessage():
                self._count_unknown(str(message.msg_type))
            case StreamCloseResponse():
                self.close_refused = self.close_refused or not message.ok
            case KeepAliveResponse() | VideoSubscriptionResponse() | MetaData():
                pass
            case _:
                link.anomaly("request_from_server", f"the server sent {type(message).__name__}, as clients do", now)
        self._tell(OtherMessage(at=now, link=link.name, message=message))

    def _count_unknown(self, kind: str) -> None:
        kind = kind[:40]
        self.unknown[kind if kind in self.unknown or len(self.unknown) < _UNKNOWN_KEPT else "other"] += 1

    def _tell(self, event: Event) -> None:
        self._outbox.tell(event)


def named_media(raw: dict[str, Any]) -> frozenset[Medium]:
    """The media that an event names in ``media_type`` (bits or a word); empty when it names none.

    The fields of event 7 are not documented.
    """
    given = raw.get("media_type")
    if isinstance(given, int):
        return frozenset(medium for medium in Medium if given & medium.media_type)
    word = given.lower() if isinstance(given, str) else ""
    return frozenset(medium for medium in Medium if word in (*medium.url_keys, medium.value))
