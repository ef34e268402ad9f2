"""What each status name means, in words; names that follow a pattern (medium, field, defect) are put together."""

from __future__ import annotations

import re

from rtms_desktop.wire.catalogue import Explanation, explained

_MEDIA = {
    "AUDIO": "audio",
    "VIDEO": "video",
    "DESKSHARE": "screen share",
    "TRANSCRIPT": "transcript",
    "CHAT": "chat",
}
_FIELDS = {
    "CONTENT_TYPE": "content type",
    "SAMPLE_RATE": "sample rate",
    "CHANNEL": "number of channels",
    "CODEC": "codec",
    "DATA_OPT": "data option",
    "SEND_RATE": "send rate",
    "FRAME_SIZE": "frame size",
    "RESOLUTION": "resolution",
    "FPS": "frame rate",
    "SOURCE_LANGUAGE": "source language",
    "TARGET_LANGUAGE": "target language",
}
_ALLOWED = {
    ("AUDIO", "CONTENT_TYPE"): "Use content_type 2 (raw audio).",
    ("AUDIO", "SAMPLE_RATE"): "Use 8, 16, 32 or 48 kHz; Opus needs 48 kHz, G.711 8 kHz, G.722 16 kHz.",
    ("AUDIO", "CHANNEL"): "Use mono; stereo exists only for L16 and Opus.",
    ("AUDIO", "CODEC"): "Use L16, G.711, G.722 or Opus at the sample rate that belongs to it.",
    ("AUDIO", "DATA_OPT"): "Use 1 (mixed) or 2 (one stream per speaker).",
    ("AUDIO", "SEND_RATE"): "Use a multiple of 20 ms up to 1000 ms; codecs other than L16 need 20 ms.",
    ("AUDIO", "FRAME_SIZE"): "Leave the frame size out: it follows from sample rate and send rate.",
    ("VIDEO", "CONTENT_TYPE"): "Use content_type 3 (raw video).",
    ("VIDEO", "CODEC"): "Use H.264 above 5 frames per second, JPG, PNG or H.264 up to 5.",
    ("VIDEO", "RESOLUTION"): "Use SD, HD, FHD or QHD.",
    ("VIDEO", "DATA_OPT"): "Use 3 (active speaker) or 4 (chosen participant).",
    ("VIDEO", "FPS"): "Use 1 to 30 frames per second, at most 5 with JPG or PNG.",
    ("DESKSHARE", "CONTENT_TYPE"): "Use content_type 3 (raw video).",
    ("DESKSHARE", "CODEC"): "Use JPG or PNG at 1 frame per second, H.264 above.",
    ("DESKSHARE", "RESOLUTION"): "Use SD, HD, FHD or QHD.",
    ("DESKSHARE", "FPS"): "Use 1 frame per second with JPG or PNG, up to 30 with H.264.",
    ("TRANSCRIPT", "CONTENT_TYPE"): "Use content_type 5 (text).",
    ("TRANSCRIPT", "SOURCE_LANGUAGE"): "Use a language number from -1 to 36, or leave it out.",
    ("TRANSCRIPT", "TARGET_LANGUAGE"): "Use a language number from 0 to 36, or leave it out.",
    ("CHAT", "CONTENT_TYPE"): "Use content_type 5 (text).",
}
_THINGS = {
    "MSG_TYPE": "msg_type",
    "MEETING_UUID": "the id of the meeting, webinar, session or engagement",
    "RTMS_STREAM_ID": "rtms_stream_id",
    "SIGNATURE": "the signature",
    "EVENTS": "the list of events",
    "EVENT_TYPE": "event_type",
    "MEDIA_TYPE": "media_type",
    "MEDIA_PARAMS": "media_params",
}
_DEFECTS = {
    "NOT_EXIST": "is missing",
    "NOT_STRING": "is no text",
    "IS_EMPTY": "is empty",
    "VALUE_NOT_ARRAY": "is no array",
    "VALUE_NOT_UINT": "is no whole number",
    "NOT_UINT": "is no whole number",
    "INVALID": "has a value that the server does not support",
}
_MEDIUM = "|".join(_MEDIA)
_FIELD = "|".join(_FIELDS)
_NOT_SUPPORTED = re.compile(rf"MEDIA_TYPE_({_MEDIUM})_NOT_SUPPORT")
_GROUP = re.compile(rf"INVALID_MEDIA_({_MEDIUM})_PARAMS")
_PARAMETER = re.compile(rf"(?:INVALID_MEDIA_)?({_MEDIUM})_({_FIELD})(?:_(INVALID|NOT_UINT))?")
_THING = re.compile(rf"({'|'.join(_THINGS)})_({'|'.join(_DEFECTS)})")
_BUFFER = re.compile(r"INVALID_(AUDIO|VIDEO)_DATA_BUFFER")

_OWN_BUG = ("Report this as a bug if you did not change the request.",)
_USE_WEBHOOK = ("Use the payload of the webhook unchanged.",)

# name: (sentence, category, causes, fixes); empty causes or fixes are those of the category
_TEXTS: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "OK": ("The request was accepted.", "state", (), ()),
    "SUCCESS": ("The request was accepted.", "state", (), ()),
    "INVALID_MESSAGE_TYPE": (
        "The server did not expect this kind of message here.",
        "request",
        ("A message went to a media socket that belongs on signaling, or the other way round.",),
        _OWN_BUG,
    ),
    "INVALID_RTMS_STREAM_ID": ("The server does not know this stream.", "stream", (), ()),
    "INVALID_STREAM_ID": ("The server does not know this stream.", "stream", (), ()),
    "STREAM_NOT_FOUND": ("The server does not know this stream.", "stream", (), ()),
    "SESSION_NOT_FOUND": ("The server does not know this session.", "stream", (), ()),
    "RTMS_SESSION_NOT_FOUND": ("The server does not know this session.", "stream", (), ()),
    "INVALID_RTMS_SESSION_ID": ("The server does not know this session.", "stream", (), ()),
    "INVALID_MEETING_OR_STREAM_ID": ("Meeting and stream do not belong together, or have ended.", "stream", (), ()),
    "INVALID_SIGNATURE": ("The signature of the handshake is wrong.", "auth", (), ()),
    "INVALID_CLIENT_ID": ("The server does not know this client id.", "auth", (), ()),
    "INVALID_TOKEN": ("The server did not accept the token.", "auth", (), ()),
    "INVALID_PAYLOAD": (
        "The server could not read the message.",
        "request",
        ("A required field is missing.", "The server expects another dialect of the protocol."),
        _USE_WEBHOOK + _OWN_BUG,
    ),
    "INVALID_JSON_MSG": ("The server could not read the message as JSON.", "request", (), _OWN_BUG),
    "INVALID_JSON_MSG_SIZE": ("The message was too short or too long for the server.", "request", (), _OWN_BUG),
    "INVALID_PARAMETER": ("A parameter of the request is not supported.", "request", (), ()),
    "INVALID_EVENTS": ("The list of events in the subscription is malformed.", "request", (), _OWN_BUG),
    "INVALID_EVENT_TYPE": (
        "The server does not know an event that was subscribed to.",
        "request",
        ("Meetings and Contact Center number their events differently.",),
        ("Choose the right product for this payload.",),
    ),
    "INVALID_EVENT_SUBSCRIBE": ("The event subscription was refused.", "request", (), ()),
    "INVALID_MEDIA_TYPE": ("The server does not know the media type that was asked for.", "request", (), ()),
    "MEDIA_TYPE_INVALID_VALUE": (
        "The media types that were asked for cannot be combined like this.",
        "request",
        ("A bit outside of audio, video, share, transcript and chat was set.", "A socket serves only its own type."),
        ("Open one socket per medium.",),
    ),
    "NO_MEDIA_TYPE_SPECIFIED": ("The request names no media type.", "request", (), ("Choose at least one medium.",)),
    "DUPLICATE_SIGNAL_REQUEST": ("Another signaling connection for this stream is still open.", "connection", (), ()),
    "DUPLICATE_CONNECTION": ("Another connection for this stream is still open.", "connection", (), ()),
    "DUPLICATE_MEDIA_DATA_CONNECTION": (
        "Another media connection for this medium is still open.", "connection", (), (),
    ),
    "MEDIA_DATA_ALL_CONNECTION_EXIST": (
        "One connection for all media is open, so none for a single medium can be added.",
        "connection",
        ("Single sockets and the one for all media were mixed.", "Another client holds the stream."),
        ("Close the connection for all media first.",),
    ),
    "INVALID_MEDIA_PARAMS": ("The media parameters cannot be read or do not fit each other.", "request", (), ()),
    "INVALID_CLIENT_READY_ACK": (
        "The server did not expect the client to be ready yet.",
        "request",
        ("It was sent before a media connection was accepted, or with another stream id.",),
        _OWN_BUG,
    ),
    "DUPLICATE_VIDEO_SUBSCRIPTION": (
        "This participant's video is subscribed to already.",
        "request",
        ("The same participant was chosen twice.",),
        ("Nothing needs to be done: the video goes on.",),
    ),
    "INTERNAL_EXCEPTION": ("Something failed inside the server.", "server", (), ()),
    "SERVER_ERROR": ("Something failed inside the server.", "server", (), ()),
    "SERVICE_UNAVAILABLE": ("The service is not available at the moment.", "server", (), ()),
    "POST_FIRST_PACKET_FAILURE": ("The server could not announce the first media packet.", "server", (), ()),
    "CHAT_SESSION_KEY_NOT_AVAILABLE": (
        "The key of the chat is not there yet.",
        "server",
        ("The meeting has just begun.", "Chat in this meeting is encrypted end to end."),
        ("Try again in a few seconds.",),
    ),
    "CONNECTION_TIMEOUT": (
        "The server waited too long for the handshake.",
        "network",
        ("The network is slow or loses packets.", "This computer was too busy to answer."),
        ("Try again.",),
    ),
    "TIMEOUT": ("The server waited too long for an answer.", "network", (), ("Try again.",)),
    "CONNECTION_CLOSED": ("The server closed the connection.", "network", (), ("Try again.",)),
    "INVALID_MEETING_UUID": ("The server does not know this meeting.", "meeting", (), ()),
    "MEETING_NOT_FOUND": ("The server does not know this meeting.", "meeting", (), ()),
    "PERMISSION_DENIED": ("The app may not receive this stream.", "permission", (), ()),
    "RATE_LIMIT_EXCEEDED": ("Too many requests were made.", "limit", (), ()),
    "MAX_CONNECTIONS": ("The account has as many connections as it may have.", "limit", (), ()),
    "PROTOCOL_ERROR": ("The server did not accept this version of the protocol.", "protocol", (), ()),
    "HANDSHAKE_FAILED": ("The server broke the handshake off.", "protocol", (), ()),
    "MEDIA_NOT_AVAILABLE": ("The medium that was asked for is not there.", "media", (), ()),
    "ENCRYPTION_ERROR": ("Encryption could not be agreed upon.", "security", (), ()),
}  # fmt: skip


def explain_name(name: str, number: int | None, table: str) -> Explanation:
    """The explanation of a status name of any table; names in no table are category "unknown"."""
    if name in _TEXTS:
        sentence, category, causes, fixes = _TEXTS[name]
        if category == "state":
            return Explanation(number=number, name=name, sentence=sentence, category=category, table=table)
    else:
        sentence, category, causes, fixes = _composed(name)
    return explained(name, sentence, category, causes, fixes, number=number, table=table)


def _composed(name: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    if found := _NOT_SUPPORTED.fullmatch(name):
        medium = _MEDIA[found[1]]
        return f"The server offers no {medium} for this stream.", "media", (), _leave_out(medium)
    if found := _BUFFER.fullmatch(name):
        return f"The server could not read a packet of {_MEDIA[found[1]]}.", "server", (), ()
    if found := _GROUP.fullmatch(name):
        return f"The {_MEDIA[found[1]]} parameters cannot be read or do not fit each other.", "request", (), ()
    if found := _PARAMETER.fullmatch(name):
        medium, field = _MEDIA[found[1]], _FIELDS[found[2]]
        sentence = f"The {field} of the {medium} parameters {_DEFECTS[found[3] or 'INVALID']}."
        return sentence, "request", (), (_ALLOWED[found[1], found[2]],)
    if found := _THING.fullmatch(name):
        return f"In the request, {_THINGS[found[1]]} {_DEFECTS[found[2]]}.", "request", (), _USE_WEBHOOK + _OWN_BUG
    return "The server gave a reason that no known table has.", "unknown", (), ()


def _leave_out(medium: str) -> tuple[str, ...]:
    return (f"Add the {medium} scope to the app, or leave {medium} out: the other media go on without it.",)
