"""What the status bar says of a recording: what it is, where its playhead stands, how it ended. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rtms_desktop.viewmodels.figures import byte_size, short_clock, span, time_code
from rtms_desktop.viewmodels.status_figure import Figure
from rtms_desktop.wire.enums import StopReason, label


def speed_text(speed: float) -> str:
    """``0.5×``"""
    return f"{speed:g}×"


def replay_state(session: Any) -> Figure:
    """The first segment: ``Replay Meeting abc``."""
    source = session.source
    tip = f"A recording is shown: {(source.bundle or source.path).name}."
    return Figure("state", "", "Replay", session.title, tip, "text2", "file-play")


def replay_figures(session: Any, video: Figure, bitrate: Figure) -> list[Figure]:
    """The left segments; ``video`` and ``bitrate`` as they are at the playhead."""
    then = datetime.fromtimestamp(session.opened_wall_ms / 1000)
    position, length = time_code(session.position_ms / 1000), short_clock(session.duration_ms / 1000)
    lost = [gap for gap in session.overview().gaps if gap.lost]
    seconds = sum(gap.end - gap.start for gap in lost)
    made = [
        Figure("at", "at", position, f"of {length}", "Where the playhead stands, since the session was opened."),
        Figure("speed", "speed", speed_text(session.speed), "", "How fast it plays ([ and ])."),
        Figure("video", video.label, video.value, video.note, video.tip, short=video.short),
        bitrate,
        Figure("gaps", "gaps", str(len(lost)), span(seconds) if lost else "", "Losses in the whole recording."),
        Figure("recorded", "recorded", f"{then.day} {then:%b %Y %H:%M}", "", "When the session was opened."),
    ]
    if session.progress < 1.0:
        tip = "Text, people and figures beyond this part follow; pictures and sound are there already."
        made.insert(1, Figure("indexed", "reading", f"{session.progress:.0%}", "", tip))
    return made


def replay_right(session: Any) -> list[Figure]:
    """How the recording ended, and its size."""
    manifest = session.source.manifest
    stop = manifest.get("stop_reason")
    note = label(StopReason, stop) if isinstance(stop, int) else ""
    closed = Figure("closed", "closed cleanly", "", note, "The recording was finished properly.")
    if not manifest.get("closed"):
        closed = Figure("closed", "", "not closed", "", "It was cut off; all that can be read is shown.", "warn")
    return [closed, Figure("size", "", byte_size(session.source.size), "", "Bytes on disk.")]
