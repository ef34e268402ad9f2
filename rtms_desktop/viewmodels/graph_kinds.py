"""The graphs that the monitor can show, in the order of their menu, and the series they need. No widgets."""

from __future__ import annotations

from collections.abc import Iterable

from rtms_desktop.session.events import ALL, SIGNALING
from rtms_desktop.viewmodels.graphs import Graph
from rtms_desktop.wire.enums import Medium

MEDIA = tuple(medium.value for medium in Medium)
HEAVY = ("audio", "video", "share")
"""Media that are counted in bytes; the others in lines and messages."""

TIMED = ("audio", "video")
LINKS = (SIGNALING, *MEDIA, ALL)
FIRST = ("bitrate", "fps", "lag", "jitter")
"""What is shown until somebody chooses."""


def _each(kind: str, of: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{kind}.{name}" for name in of)


GRAPHS = (
    Graph(
        "bitrate", "Bitrate", "Bitrate", "Mbit/s", _each("bytes", HEAVY), 1.0, "sum", 8e-6, 0.5, 2, "sum",
        "Payload bits per second of audio, video and share, by arrival. Flat for L16 audio; "
        "video has peaks at keyframes.",
    ),
    Graph(
        "packets", "Packets", "Packets", "/s", _each("packets", HEAVY), 1.0, "sum", 1.0, 50.0, 0, "sum",
        "Media messages per second of audio, video and share, by arrival. Normal: level; audio of each speaker "
        "comes 50 times a second at 20 ms.",
    ),
    Graph(
        "fps", "Video frames", "Frames", "fps", ("frames.video",), 1.0, "sum", 1.0, 30.0, 1, "first",
        "Pictures per second of the busiest video, counted on arrival. Normal: what was asked for (dashed).",
    ),
    Graph(
        "lag", "Lag to server time", "Lag", "ms", ("lag.video", "lag.audio"), 0.5, "max", 1.0, 100.0, 0, "first",
        "This computer's clock at arrival minus the server's timestamp. It holds the difference of both clocks: "
        "look at changes. Normal: below 400 ms and level.",
    ),
    Graph(
        "jitter", "Arrival jitter", "Jitter", "ms", ("jitter.video", "jitter.audio"), 0.5, "max", 1.0, 20.0, 0, "first",
        "Mean deviation of the arrival intervals from the timestamps, as in RFC 3550. Normal: below 20 ms.",
    ),
    Graph(
        "playout", "Playout depth", "Playout", "ms", ("playout.audio",), 1.0, "max", 1.0, 100.0, 0, "first",
        "How long sound and pictures are held back here, so that late packets are still in time. It grows with "
        "jitter and shrinks slowly. Normal: 40 to 200 ms.", own=True,
    ),
    Graph(
        "queue", "Queues", "Queues", "waiting", ("queue.video", "queue.audio"), 1.0, "max", 1.0, 10.0, 0, "sum",
        "Packets that wait here to be decoded, of all people together. Normal: a few; growth means that this "
        "computer does not keep up.", own=True,
    ),
    Graph(
        "drops", "Dropped here", "Drops", "/s", ("drops.video", "drops.audio"), 1.0, "sum", 1.0, 5.0, 1, "sum",
        "Pictures and packets per second that this computer left out: too late to be shown, or a full queue. "
        "Normal: 0. Recordings are not affected.", own=True,
    ),
    Graph(
        "alive", "Keep-alive age", "Alive", "s", _each("alive", LINKS), 0.5, "max", 1.0, 15.0, 0, "most",
        "Seconds since message 12 (KEEP_ALIVE_REQ) came on each open socket, or since it opened; the head tells the "
        "most. Normal: a saw that falls to 0 every 10 s.",
    ),
    Graph(
        "missed", "Keep-alives missed", "Missed", "in all", _each("missed", LINKS), 1.0, "last", 1.0, 3.0, 0, "sum",
        "Whole intervals of 10 s without message 12, counted on each socket since the beginning. Normal: 0.",
    ),
    Graph(
        "cpu", "Own CPU", "CPU", "% of a core", ("cpu.own",), 1.0, "sum", 100.0, 50.0, 0, "first",
        "Processor time of this program, all threads, in per cent of one core. Normal: below 60 with four 720p "
        "videos; the mock server is a process of its own.", own=True,
    ),
    Graph(
        "stall", "Event loop stall", "Stall", "ms", ("stall.own",), 0.5, "max", 1.0, 10.0, 1, "first",
        "How late the main thread was for a timer, the worst in each half second. Clicks and sockets wait as long. "
        "Normal: below 10 ms.", own=True,
    ),
)  # fmt: skip
BY_KEY = {graph.key: graph for graph in GRAPHS}
SERIES = tuple(name for graph in GRAPHS for name in graph.names)


def chosen(keys: Iterable[str]) -> list[Graph]:
    """The graphs of these keys in the order of the menu; those to begin with when none is known."""
    wanted = set(keys) & BY_KEY.keys() or set(FIRST)
    return [graph for graph in GRAPHS if graph.key in wanted]
