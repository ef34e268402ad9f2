"""One frozen struct per RTMS message, normalised: whatever dialect a server speaks, the core sees only these.

Times are Unix milliseconds, ``user_id`` is the int of the wire (strings of digits are converted), text is text.
Field meanings: Zoom RTMS docs; optional fields carry the default that stands for "absent".
"""

from __future__ import annotations

from typing import Any

import msgspec

from rtms_desktop.wire.enums import Medium


class AudioParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """media_params.audio; numbers of ContentType, SampleRate, Channel, Codec, DataOpt; send_rate in ms."""

    content_type: int = 2
    sample_rate: int = 1
    channel: int = 1
    codec: int = 1
    data_opt: int = 2
    send_rate: int = 20


class VideoParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    content_type: int = 3
    codec: int = 7
    resolution: int = 2
    fps: int = 25
    data_opt: int = 3


class ShareParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    content_type: int = 3
    codec: int = 5
    resolution: int = 3
    fps: int = 1


class TranscriptParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    content_type: int = 5
    src_language: int | None = None
    enable_lid: bool | None = None
    target_language: int | None = None


class ChatParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    content_type: int = 5


class MediaParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """media_params of messages 3 and 4; None = not named."""

    audio: AudioParams | None = None
    video: VideoParams | None = None
    share: ShareParams | None = None
    transcript: TranscriptParams | None = None
    chat: ChatParams | None = None


SERVER_DEFAULTS = MediaParams(
    audio=AudioParams(data_opt=1),
    video=VideoParams(codec=5, fps=5),
    share=ShareParams(),
    transcript=TranscriptParams(),
    chat=ChatParams(),
)
"""What a server assumes for parameters that a request leaves out (Zoom RTMS docs)."""


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Base of all messages."""


class SignalingHandshakeRequest(Message, frozen=True, gc=False, kw_only=True):  # 1
    meeting_id: str
    stream_id: str
    signature: str
    id_key: str = "meeting_uuid"
    protocol_version: int = 1
    sequence: int = 1
    buffer_data: bool | None = None
    client_agent: str = ""


class SignalingHandshakeResponse(Message, frozen=True, gc=False, kw_only=True):  # 2
    """``ok`` is the dialect-independent verdict; ``urls`` maps audio/video/share/transcript/chat/all to a URL."""

    ok: bool
    status_code: int | None = None
    reason: str = ""
    urls: dict[str, str] = {}
    region: str = ""
    sequence: int = 1


class DataHandshakeRequest(Message, frozen=True, gc=False, kw_only=True):  # 3
    meeting_id: str
    stream_id: str
    signature: str
    media_type: int
    params: MediaParams | None = None
    id_key: str = "meeting_uuid"
    protocol_version: int = 1
    sequence: int = 2
    payload_encryption: bool = False


class DataHandshakeResponse(Message, frozen=True, gc=False, kw_only=True):  # 4
    ok: bool
    status_code: int | None = None
    reason: str = ""
    params: MediaParams | None = None
    payload_encrypted: bool = False
    sequence: int = 2


class EventSubscription(Message, frozen=True, gc=False, kw_only=True):  # 5
    """``events`` = ((event_type, subscribe), ...)."""

    events: tuple[tuple[int, bool], ...]


class Person(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    user_id: int
    user_name: str = ""


class EventUpdate(Message, frozen=True, gc=False, kw_only=True):  # 6
    """``people``: who the event names (speaker, joiners, leavers, sharer); ``raw``: the whole event object."""

    event_type: int
    timestamp: int = 0
    people: tuple[Person, ...] = ()
    raw: dict[str, Any] = {}


class ClientReadyAck(Message, frozen=True, gc=False, kw_only=True):  # 7
    stream_id: str


class StreamStateUpdate(Message, frozen=True, gc=False, kw_only=True):  # 8
    state: int
    reason: int | None = None
    timestamp: int = 0
    stream_id: str = ""
    reason_text: str = ""


class SessionStateUpdate(Message, frozen=True, gc=False, kw_only=True):  # 9
    session_id: str = ""
    state: int
    stop_reason: int | None = None
    timestamp: int = 0
    reason_text: str = ""


class SessionStateRequest(Message, frozen=True, gc=False, kw_only=True):  # 10
    session_id: str


class SessionStateResponse(Message, frozen=True, gc=False, kw_only=True):  # 11
    session_id: str = ""
    state: int
    timestamp: int = 0


class KeepAliveRequest(Message, frozen=True, gc=False, kw_only=True):  # 12
    """``echo``: every scalar received besides msg_type, to be copied into the answer."""

    timestamp: int = 0
    sequence: int | None = None
    echo: dict[str, Any] = {}


class KeepAliveResponse(Message, frozen=True, gc=False, kw_only=True):  # 13
    timestamp: int = 0
    sequence: int | None = None
    echo: dict[str, Any] = {}


class MediaData(Message, frozen=True, gc=False, kw_only=True):  # 14, 15, 16
    """Audio, video or share: the bytes after base64, never empty.

    ``user_id`` 0 is the mixed audio. A party that is named by ``channel_id`` alone (Contact Center) gets a stable
    stand-in number. ``binary`` marks a raw frame without envelope: it has no timestamp (0) and no user.
    """

    medium: Medium
    user_id: int
    data: bytes
    timestamp: int
    user_name: str = ""
    channel_id: str = ""
    binary: bool = False


class TranscriptData(Message, frozen=True, gc=False, kw_only=True):  # 17
    user_id: int
    text: str
    timestamp: int
    user_name: str = ""
    start_time: int = 0
    end_time: int = 0
    language: int | None = None
    attribute: int | None = None
    channel_id: str = ""


class ChatFile(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    file_id: str = ""
    file_name: str = ""
    file_size: int = 0


class ChatData(Message, frozen=True, gc=False, kw_only=True):  # 18
    text: str
    timestamp: int
    operation: int = 1
    message_id: str = ""
    parent_message_id: str = ""
    sender: Person | None = None
    receiver: Person | None = None
    session_type: int | None = None
    session_id: str = ""
    files: tuple[ChatFile, ...] = ()
    deleted_files: tuple[str, ...] = ()


class StreamStateRequest(Message, frozen=True, gc=False, kw_only=True):  # 19
    stream_id: str


class StreamStateResponse(Message, frozen=True, gc=False, kw_only=True):  # 20
    stream_id: str = ""
    state: int
    timestamp: int = 0


class StreamCloseRequest(Message, frozen=True, gc=False, kw_only=True):  # 21
    stream_id: str


class StreamCloseResponse(Message, frozen=True, gc=False, kw_only=True):  # 22
    stream_id: str = ""
    ok: bool = True
    status_code: int | None = None
    reason: str = ""
    timestamp: int = 0


class MetaData(Message, frozen=True, gc=False, kw_only=True):  # 23-27
    msg_type: int
    raw: dict[str, Any] = {}


class VideoSubscriptionRequest(Message, frozen=True, gc=False, kw_only=True):  # 28
    user_id: int
    subscribe: bool = True
    timestamp: int = 0


class VideoSubscriptionResponse(Message, frozen=True, gc=False, kw_only=True):  # 29
    user_id: int
    ok: bool
    status_code: int | None = None
    reason: str = ""
    timestamp: int = 0
    subscribe: bool | None = None


class UnknownMessage(Message, frozen=True, gc=False, kw_only=True):
    """Anything that could not be read as one of the above; never an error. ``why`` says what was wrong with it."""

    msg_type: int | str | None = None
    why: str = ""
    raw: Any = None
