"""Every number that RTMS puts on the wire, with its name. Values: Zoom RTMS docs and SDK 1.1.0 constants."""

from __future__ import annotations

from enum import IntEnum, IntFlag, StrEnum


class MessageType(IntEnum):
    UNDEFINED = 0
    SIGNALING_HAND_SHAKE_REQ = 1
    SIGNALING_HAND_SHAKE_RESP = 2
    DATA_HAND_SHAKE_REQ = 3
    DATA_HAND_SHAKE_RESP = 4
    EVENT_SUBSCRIPTION = 5
    EVENT_UPDATE = 6
    CLIENT_READY_ACK = 7
    STREAM_STATE_UPDATE = 8
    SESSION_STATE_UPDATE = 9
    SESSION_STATE_REQ = 10
    SESSION_STATE_RESP = 11
    KEEP_ALIVE_REQ = 12
    KEEP_ALIVE_RESP = 13
    MEDIA_DATA_AUDIO = 14
    MEDIA_DATA_VIDEO = 15
    MEDIA_DATA_SHARE = 16
    MEDIA_DATA_TRANSCRIPT = 17
    MEDIA_DATA_CHAT = 18
    STREAM_STATE_REQ = 19
    STREAM_STATE_RESP = 20
    STREAM_CLOSE_REQ = 21
    STREAM_CLOSE_RESP = 22
    META_DATA_AUDIO = 23
    META_DATA_VIDEO = 24
    META_DATA_SHARE = 25
    META_DATA_TRANSCRIPT = 26
    META_DATA_CHAT = 27
    VIDEO_SUBSCRIPTION_REQ = 28
    VIDEO_SUBSCRIPTION_RESP = 29


class MediaType(IntFlag):
    AUDIO = 1
    VIDEO = 2
    SHARE = 4
    TRANSCRIPT = 8
    CHAT = 16
    ALL = 32


class Medium(StrEnum):
    """One kind of media; also the second half of a link's name."""

    AUDIO = "audio"
    VIDEO = "video"
    SHARE = "share"
    TRANSCRIPT = "transcript"
    CHAT = "chat"

    @property
    def media_type(self) -> MediaType:
        return MediaType[self.name]

    @property
    def url_keys(self) -> tuple[str, ...]:
        """Keys of media_server.server_urls (the SDK says deskshare, the JavaScript library sharescreen)."""
        return ("deskshare", "sharescreen", "share") if self is Medium.SHARE else (self.value,)


class Product(StrEnum):
    MEETING = "meeting"
    WEBINAR = "webinar"
    VIDEO_SDK = "video_sdk"
    CONTACT_CENTER = "contact_center"
    PHONE = "phone"

    @property
    def id_key(self) -> str:
        """The key under which the product's webhooks carry the id that is signed."""
        return ID_KEYS[list(Product).index(self)]


ID_KEYS = ("meeting_uuid", "webinar_uuid", "session_id", "engagement_id", "call_id")
"""Every name of the id that is signed, one per Product, in the order in which to look for it."""


class Dialect(StrEnum):
    """The ways in which servers have spoken RTMS; ``production`` is what Zoom speaks today."""

    PRODUCTION = "production"
    FLAT = "flat"
    README = "readme"
    MOCK = "mock"
    BINARY = "binary"


class ContentType(IntEnum):
    UNDEFINED = 0
    RTP = 1
    RAW_AUDIO = 2
    RAW_VIDEO = 3
    FILE_STREAM = 4
    TEXT = 5


class Codec(IntEnum):
    UNDEFINED = 0
    L16 = 1
    G711 = 2
    G722 = 3
    OPUS = 4
    JPG = 5
    PNG = 6
    H264 = 7


class SampleRate(IntEnum):
    SR_8K = 0
    SR_16K = 1
    SR_32K = 2
    SR_48K = 3

    @property
    def hz(self) -> int:
        return (8_000, 16_000, 32_000, 48_000)[self.value]


class Channel(IntEnum):
    MONO = 1
    STEREO = 2


class DataOpt(IntEnum):
    UNDEFINED = 0
    AUDIO_MIXED = 1
    AUDIO_MULTI = 2
    VIDEO_SINGLE_ACTIVE = 3
    VIDEO_SINGLE_INDIVIDUAL = 4
    VIDEO_MIXED_GALLERY = 5


class Resolution(IntEnum):
    SD = 1
    HD = 2
    FHD = 3
    QHD = 4

    @property
    def size(self) -> tuple[int, int]:
        """Nominal (width, height) in pixels."""
        return {1: (640, 360), 2: (1280, 720), 3: (1920, 1080), 4: (2560, 1440)}[self.value]


class SessionState(IntEnum):
    INACTIVE = 0
    INITIALIZE = 1
    STARTED = 2
    PAUSED = 3
    RESUMED = 4
    STOPPED = 5


class StreamState(IntEnum):
    INACTIVE = 0
    ACTIVE = 1
    INTERRUPTED = 2
    TERMINATING = 3
    TERMINATED = 4
    PAUSED = 5
    RESUMED = 6


class EventType(IntEnum):
    """Event numbers of meetings, webinars, Video SDK sessions and phone."""

    UNDEFINED = 0
    FIRST_PACKET_TIMESTAMP = 1
    ACTIVE_SPEAKER_CHANGE = 2
    PARTICIPANT_JOIN = 3
    PARTICIPANT_LEAVE = 4
    SHARING_START = 5
    SHARING_STOP = 6
    MEDIA_CONNECTION_INTERRUPTED = 7
    PARTICIPANT_VIDEO_ON = 8
    PARTICIPANT_VIDEO_OFF = 9
    CHAT_GROUP_CREATE = 10
    CHAT_GROUP_DELETE = 11
    CHAT_GROUP_MEMBERS_ADD = 12
    CHAT_GROUP_MEMBERS_DELETE = 13
    CHAT_GROUP_MEMBER_STATUS_UPDATE = 14


class VoiceEventType(IntEnum):
    """Event numbers of Contact Center voice; 1-7 are those of EventType. 30-34 are IVR events without known names."""

    CONSUMER_ANSWERED = 8
    CONSUMER_END = 9
    USER_ANSWERED = 10
    USER_END = 11
    USER_HOLD = 12
    USER_UNHOLD = 13
    MONITOR_STARTED = 14
    MONITOR_TRANSITIONED = 15
    MONITOR_ENDED = 16
    TAKEOVER_STARTED = 17
    TRANSFER_INITIATED = 18
    TRANSFER_CANCELED = 19
    TRANSFER_ACCEPTED = 20
    TRANSFER_COMPLETED = 21
    TRANSFER_REJECTED = 22
    TRANSFER_TIMEOUT = 23
    CONFERENCE_CANCELED = 24
    CONFERENCE_PARTICIPANT_CANCELED = 25
    CONFERENCE_PARTICIPANT_INVITED = 26
    CONFERENCE_PARTICIPANT_REJECTED = 27
    CONFERENCE_PARTICIPANT_TIMEOUT = 28
    CONFERENCE_PARTICIPANT_LEFT = 29


class Attribute(IntEnum):
    NONE = 0
    NEW = 1
    UPDATE = 2
    DELETE = 3


class ChatOperation(IntEnum):
    NEW = 1
    DELETE = 2
    UPDATE = 3
    ADD_EMOJI_REACTION = 4
    REMOVE_EMOJI_REACTION = 5


class ChatSessionType(IntEnum):
    EVERYONE = 1
    INDIVIDUAL = 2
    CHAT_GROUP = 3
    HOSTS_AND_PANELISTS = 4
    INDIVIDUAL_CC_HOSTS_AND_PANELISTS = 5


class StopReason(IntEnum):
    UNDEFINED = 0
    HOST_TRIGGERED = 1
    USER_TRIGGERED = 2
    USER_LEFT = 3
    USER_EJECTED = 4
    HOST_DISABLED_APP = 5
    MEETING_ENDED = 6
    STREAM_CANCELED = 7
    STREAM_REVOKED = 8
    ALL_APPS_DISABLED = 9
    INTERNAL_EXCEPTION = 10
    CONNECTION_TIMEOUT = 11
    INSTANCE_CONNECTION_INTERRUPTED = 12
    SIGNAL_CONNECTION_INTERRUPTED = 13
    DATA_CONNECTION_INTERRUPTED = 14
    SIGNAL_CONNECTION_CLOSED_ABNORMALLY = 15
    DATA_CONNECTION_CLOSED_ABNORMALLY = 16
    EXIT_SIGNAL = 17
    AUTHENTICATION_FAILURE = 18
    AWAIT_RECONNECTION_TIMEOUT = 19
    RECEIVER_REQUEST_CLOSE = 20
    CUSTOMER_DISCONNECTED = 21
    AGENT_DISCONNECTED = 22
    ADMIN_DISABLED_APP = 23
    KEEP_ALIVE_TIMEOUT = 24
    MANUAL_API_TRIGGERED = 25
    STREAMING_NOT_SUPPORTED = 26

    @property
    def is_final(self) -> bool:
        """Whether the stream will not come back under the same id (no reconnection)."""
        return self.value in {*range(1, 10), *range(20, 24), 25, 26}


def label(enum: type[IntEnum], value: int | None) -> str:
    """``3 INVALID_SIGNATURE``: number and name together; an unknown number stays visible as ``99 UNKNOWN``."""
    if value is None:
        return "none"
    try:
        return f"{value} {enum(value).name}"
    except ValueError:
        return f"{value} UNKNOWN"
