"""What each event and state says, in words."""

from __future__ import annotations

EVENTS: dict[int, str] = {
    0: "An event without a meaning.",
    1: "The first media packet: the zero of the session's timeline.",
    2: "Another participant speaks now.",
    3: "Participants joined, or were there before.",
    4: "Participants left.",
    5: "A participant began to share a screen.",
    6: "Screen sharing ended.",
    7: "Zoom lost a media connection to this program and waits for it to come back.",
    8: "A participant switched the camera on.",
    9: "A participant switched the camera off.",
    10: "A chat group was made.",
    11: "A chat group was deleted.",
    12: "Members joined a chat group.",
    13: "Members left a chat group.",
    14: "The status of a chat group member changed.",
}

VOICE_EVENTS: dict[int, str] = {
    8: "The customer answered.",
    9: "The customer hung up.",
    10: "An agent answered.",
    11: "An agent left the call.",
    12: "An agent put the call on hold.",
    13: "An agent resumed the call.",
    14: "A supervisor began to monitor the call.",
    15: "A supervisor changed the way of monitoring.",
    16: "A supervisor stopped monitoring.",
    17: "A supervisor took the call over.",
    18: "A transfer of the call began.",
    19: "The transfer was cancelled.",
    20: "The transfer was accepted.",
    21: "The transfer is complete.",
    22: "The transfer was rejected.",
    23: "Nobody answered the transfer.",
    24: "The conference was cancelled.",
    25: "The invitation to the conference was cancelled.",
    26: "Somebody was invited to the conference.",
    27: "Somebody rejected the invitation to the conference.",
    28: "Somebody did not answer the invitation to the conference.",
    29: "Somebody left the conference.",
    **dict.fromkeys(range(30, 35), "An event of the voice menu (IVR) whose name is not published."),
}

STREAM_STATES: dict[int, str] = {
    0: "The stream does nothing yet.",
    1: "The stream runs.",
    2: "The stream is interrupted: Zoom lost a connection and waits for it to come back.",
    3: "The stream is about to end.",
    4: "The stream has ended.",
    5: "The stream is paused.",
    6: "The stream goes on after a pause.",
}

SESSION_STATES: dict[int, str] = {
    0: "The session does nothing yet.",
    1: "The session is being prepared.",
    2: "The session has started.",
    3: "The session is paused: no media will come until it is resumed.",
    4: "The session goes on after a pause.",
    5: "The session has ended; the stream stays, and a new session may start.",
}
