"""What the core tells. ``at`` is the monotonic time in seconds that the caller passed in; ``*_ms`` is server time.

Link names: ``signaling``, ``audio``, ``video``, ``share``, ``transcript``, ``chat``, ``all``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rtms_desktop.protocol.states import LinkState as LinkState
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import ChatData, EventUpdate, MediaParams, Message, TranscriptData

SIGNALING = "signaling"
ALL = "all"


class Phase(StrEnum):
    """The whole session in one word."""

    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"  # ready was sent, nothing arrived yet
    STREAMING = "streaming"
    PAUSED = "paused"
    RECONNECTING = "reconnecting"
    ENDING = "ending"
    ENDED = "ended"


class EndCause(StrEnum):
    """Why a session ended; the command line maps it to its exit code."""

    STOPPED = "stopped"  # the server's final reason (1-9, 20-23, 25, 26): exit 0
    LOCAL = "local"  # we closed: exit 0
    CONNECT_FAILED = "connect_failed"  # exit 3
    REJECTED = "rejected"  # a status that is not success: exit 4
    CUT_OFF = "cut_off"  # reasons 10-19, 24, or the reconnect window expired: exit 5


class GapReason(StrEnum):
    SILENCE = "silence"
    MUTE = "mute"
    PAUSE = "pause"
    SOCKET_DOWN = "socket_down"
    DROPPED_HERE = "dropped_here"


class Severity(StrEnum):
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChanged(Event):
    old: Phase
    new: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStateChanged(Event):
    """``code`` and ``reason``: WebSocket close code, or the status of a refused handshake (then ``refused``)."""

    link: str
    old: LinkState
    new: LinkState
    cause: str = ""
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAnswered(Event):
    """Message 2 or 4 arrived. ``granted``: what a media link was given. ``urls``: what signaling named."""

    link: str
    ok: bool
    status_code: int | None
    reason: str
    granted: MediaParams | None = None
    urls: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadySent(Event):
    """CLIENT_READY_ACK went out on signaling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectScheduled(Event):
    """``link`` is opened again at ``due``; the window for it closes at ``window_ends`` (monotonic seconds).

    ``attempt`` is that of the OpenLink to come; ``scenario`` says why, such as "media loss" or "duplicate".
    """

    link: str
    due: float
    attempt: int
    window_ends: float
    scenario: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected(Event):
    """The link is ready again after ``down_s`` seconds: media may flow, or does already.

    ``own`` False: it fell with signaling, and that loss is counted there.
    """

    link: str
    down_s: float
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAlive(Event):
    """Message 12 arrived on ``link`` and was answered; ``interval_s`` since the previous one (None: the first)."""

    link: str
    interval_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStateChanged(Event):
    """Message 9 or 11; ``state`` is a SessionState number."""

    session_id: str
    state: int
    stop_reason: int | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStateChanged(Event):
    """Message 8 or 20; ``state`` is a StreamState number, ``reason`` a StopReason number."""

    state: int
    reason: int | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionZero(Event):
    """The zero of the session's timeline in server time: event 1, else STARTED, else the first media timestamp."""

    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReceived(Event):
    """One encoded unit of audio, video or share as it came (bytes after base64, nothing else done to it)."""

    link: str
    medium: Medium
    user_id: int
    user_name: str
    data: bytes
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptReceived(Event):
    link: str
    message: TranscriptData


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReceived(Event):
    link: str
    message: ChatData


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    user_id: int
    user_name: str
    present: bool = True
    video_on: bool | None = None  # None: nobody has said


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantChanged(Event):
    """Someone joined, left, was named or turned a camera on or off; also told when media first names somebody."""

    participant: Participant
    joined: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSpeakerChanged(Event):
    user_id: int
    user_name: str
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingChanged(Event):
    sharing: bool
    user_id: int | None
    user_name: str
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WireEvent(Event):
    """Message 6 as received, whatever its type (the typed events above follow it where the type is understood)."""

    link: str
    message: EventUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMessage(Event):
    """A message that changes no state of ours: 13, 22, 29, metadata (23-27), requests from a server, unknown ones."""

    link: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A hole in one track, in server milliseconds; ``end_ms`` None while it is open."""

    medium: Medium
    user_id: int
    start_ms: int
    end_ms: int | None
    reason: GapReason


@dataclass(frozen=True, slots=True, kw_only=True)
class GapOpened(Event):
    gap: Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class GapClosed(Event):
    """The gap that GapOpened announced is over; one that ends where it starts was filled after all: no gap."""

    gap: Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly(Event):
    """Something the server should not have done, or that we did not understand; counted by ``kind``."""

    link: str
    severity: Severity
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectDetected(Event):
    link: str
    dialect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """The last event of a session. ``stop_reason``: what the server said, else None. ``sentence``: for a person."""

    cause: EndCause
    stop_reason: int | None
    status_code: int | None
    reason: str
    sentence: str
