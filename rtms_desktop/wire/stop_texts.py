"""What each stop reason and each WebSocket close code means, in words."""

from __future__ import annotations

Text = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""(sentence, category, causes, fixes); category "ended" is no failure."""

_NEW_STREAM = "Wait for the next rtms_started webhook."
_START_AGAIN = "Start the app in the meeting again: that makes a new stream."
_KEEP_UP = "Close what keeps this computer busy: keep-alives must be answered within seconds."

STOP: dict[int, Text] = {
    0: ("The stream ended without a reason.", "unknown", ("The server gave none.",), (_NEW_STREAM,)),
    1: ("The host stopped the stream.", "ended", (), ()),
    2: ("A user stopped the app's stream.", "ended", (), ()),
    3: ("The user who runs the app left.", "ended", (), ("Rejoin as that user and start the app again.",)),
    4: ("The user who runs the app was removed.", "ended", (), ("Ask the host.",)),
    5: ("The host switched the app off.", "ended", (), ("Ask the host to allow the app.",)),
    6: ("The meeting ended.", "ended", (), ()),
    7: ("A participant asked for the stream to be cancelled.", "ended", (), ("Ask the participants for consent.",)),
    8: (
        "The stream was revoked: everything recorded of it must be deleted.",
        "ended",
        ("Consent to the stream was withdrawn.",),
        ("Delete every copy; the recording made by this program is deleted by itself.",),
    ),
    9: ("All apps were switched off in the meeting.", "ended", (), ("Ask the host to allow apps.",)),
    10: ("Something failed inside Zoom.", "server", (), (_START_AGAIN,)),
    11: (
        "The connection took too long to be made.",
        "network",
        ("The webhook was answered too late.", "The network is slow."),
        ("Connect at once when the webhook arrives.", _START_AGAIN),
    ),
    12: ("Zoom lost the meeting's server.", "server", ("A server of Zoom was replaced.",), (_NEW_STREAM, _START_AGAIN)),
    13: ("The signaling connection was interrupted.", "network", (), (_NEW_STREAM,)),
    14: ("A media connection was interrupted.", "network", (), ("Wait: it is opened again by itself.",)),
    15: (
        "The signaling connection was closed from this side without a goodbye.",
        "network",
        ("The program was killed.", "The network changed, for example from Wi-Fi to mobile."),
        (_START_AGAIN,),
    ),
    16: (
        "A media connection was closed from this side without a goodbye.",
        "network",
        ("The program was killed.", "The network changed, for example from Wi-Fi to mobile."),
        (_START_AGAIN,),
    ),
    17: ("Zoom's media server was shut down.", "server", ("Maintenance.",), (_NEW_STREAM, _START_AGAIN)),
    18: ("The handshake was not authentic.", "auth", (), ()),
    19: (
        "The connection did not come back in time.",
        "network",
        ("The network was down for longer than a minute.",),
        (_START_AGAIN,),
    ),
    20: ("The stream ended because this side asked for it.", "ended", (), ()),
    21: ("The customer hung up.", "ended", (), ()),
    22: ("The agent hung up.", "ended", (), ()),
    23: ("An administrator switched the app off.", "ended", (), ("Ask the account administrator.",)),
    24: (
        "Three keep-alives in a row were not answered.",
        "network",
        ("This computer was too busy or asleep.", "The network was interrupted."),
        (_KEEP_UP, _START_AGAIN),
    ),
    25: ("The stream was stopped through Zoom's API.", "ended", (), ()),
    26: ("The contact center queue does not support streaming.", "ended", (), ("Enable it for the queue.",)),
}

CLOSE: dict[int, tuple[str, Text]] = {
    1000: ("NORMAL", ("The connection was closed in order.", "ended", (), ())),
    1001: (
        "GOING_AWAY",
        ("The server is going away.", "server", ("The server restarts.",), ("Wait: it is opened again by itself.",)),
    ),
    1002: ("PROTOCOL_ERROR", ("The other side saw a violation of the WebSocket protocol.", "protocol", (), ())),
    1003: ("UNSUPPORTED_DATA", ("The other side cannot handle this kind of frame.", "protocol", (), ())),
    1005: ("NO_STATUS", ("The connection was closed without saying why.", "ended", (), ())),
    1006: (
        "ABNORMAL",
        (
            "The connection was lost without a close frame.",
            "network",
            ("The network was interrupted.", "The server died.", "A proxy cut an idle connection."),
            ("Wait: it is opened again by itself.",),
        ),
    ),
    1007: ("INVALID_DATA", ("A text frame held bytes that are no UTF-8.", "protocol", (), ())),
    1008: (
        "POLICY_VIOLATION",
        ("The server closed the connection by its rules.", "permission", (), ("Read the server's text.",)),
    ),
    1009: (
        "TOO_BIG",
        (
            "A message was larger than the other side accepts.",
            "protocol",
            ("A screen share picture of unusual size.",),
            ("Ask for a smaller resolution or JPG.",),
        ),
    ),
    1010: ("EXTENSION_MISSING", ("The client wanted an extension that the server lacks.", "protocol", (), ())),
    1011: ("SERVER_ERROR", ("The server failed while handling the connection.", "server", (), ())),
    1012: ("SERVICE_RESTART", ("The server restarts.", "server", (), ("Wait: it is opened again by itself.",))),
    1013: ("TRY_AGAIN_LATER", ("The server is overloaded.", "limit", (), ())),
    1014: ("BAD_GATEWAY", ("A gateway before the server got no valid answer.", "server", (), ())),
    1015: ("TLS_FAILED", ("TLS could not be agreed upon.", "security", (), ())),
}
