"""The buttons and choices of the mock server's dock, as data: what each sends and when it makes sense."""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.wire.enums import StopReason

SOURCES = (("pattern", "Pattern and tone"),)
PEOPLE = (1, 2, 3, 4, 6)
DIALECTS = ("production", "flat", "readme", "mock", "binary")
PICTURES = tuple((size, fps) for size in ("360p", "720p", "1080p") for fps in (25, 30, 15))
LINKS = ("video", "audio", "share", "transcript", "chat", "media")
DELAYS_MS = (100, 200, 500, 1000, 3000)
DELAY_MS = 500
REASONS = tuple(StopReason)

_RUNNING = ("joining", "live", "paused", "interrupted")


@dataclass(frozen=True, slots=True)
class Act:
    """One button: the act it sends, where it stands, and in which phases of the stream it makes sense."""

    key: str
    text: str
    icon: str
    tip: str
    phases: tuple[str, ...] = ()  # empty: whenever the server runs
    otherwise: str = ""
    takes: tuple[str, ...] = ()


MEETING_ACTS = (
    Act("start", "Start Meeting", "play", "Announce a new meeting by webhook",
        ("", "announced", "stopped", "ended"), "A meeting is running"),
    Act("pause", "Pause RTMS", "pause", "Pause the stream: 3 PAUSED", ("live",), "Nothing is streaming"),
    Act("resume", "Resume RTMS", "circle-play", "Go on: 4 RESUMED", ("paused",), "The stream is not paused"),
    Act("stop", "Stop RTMS", "square", "Stop the stream with this reason; the meeting goes on",
        ("announced", *_RUNNING), "The stream has stopped already", ("reason",)),
    Act("start_again", "Start RTMS", "radio", "Announce the same meeting again", ("stopped",),
        "The stream has not been stopped"),
    Act("end", "End Meeting", "phone-off", "End the meeting with this reason",
        ("announced", "stopped", *_RUNNING), "The meeting has ended", ("reason",)),
)  # fmt: skip
_NO_CLIENT = "No client is connected"
FAULT_ACTS = (
    Act("drop", "Drop media", "unplug", "Cut the socket without a close frame", _RUNNING, _NO_CLIENT, ("link",)),
    Act("drop_signaling", "Drop signaling", "radio", "Cut the signaling socket", _RUNNING, _NO_CLIENT),
    Act("server_failure", "Server failure", "cloud-off", "Cut everything and let nobody in for 3 s"),
    Act("skip_keep_alive", "Skip keep-alive", "heart-off", "Send no 12 KEEP_ALIVE_REQ for 30 s", _RUNNING, _NO_CLIENT),
    Act("delay", "Delay", "timer", "Hold every message of this socket back for so long",
        _RUNNING, _NO_CLIENT, ("link", "ms")),
    Act("jitter", "Jitter", "activity", "Hold messages back by chance, up to so long",
        _RUNNING, _NO_CLIENT, ("link", "ms")),
    Act("lose", "Lose packets", "scissors", "Leave out 5 % of the messages", _RUNNING, _NO_CLIENT, ("link",)),
    Act("burst", "Burst", "layers", "Hold everything back for so long, then send it at once",
        _RUNNING, _NO_CLIENT, ("link", "ms")),
    Act("reorder", "Reorder", "shuffle", "Swap 10 % of the messages", _RUNNING, _NO_CLIENT, ("link",)),
    Act("bad_json", "Bad JSON", "braces", "Send half a message", _RUNNING, _NO_CLIENT, ("link",)),
    Act("wrong_status", "Wrong status", "key-round", "Refuse the next signaling handshake: 3 INVALID_SIGNATURE"),
    Act("new_resolution", "New resolution", "scan", "Change the size of the picture in the running stream",
        _RUNNING, _NO_CLIENT),
)  # fmt: skip
CALM = Act("calm", "Fair weather", "sun", "Take all faults back", _RUNNING, _NO_CLIENT)
ACTS = {act.key: act for act in (*MEETING_ACTS, *FAULT_ACTS, CALM)}
