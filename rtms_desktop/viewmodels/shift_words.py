"""What the window says while another moment of a running stream is shown than its live edge. Pure functions."""

from __future__ import annotations

from typing import Any

from rtms_desktop.viewmodels.replay_words import speed_text
from rtms_desktop.viewmodels.status_figure import Figure

FROZEN = "Recording makes going back possible: start it with Ctrl+R."


def shifted_state(shift: Any) -> Figure:
    """The first segment: ``Time shift paused``."""
    replay = shift.replay
    if replay is None:
        return Figure(
            "state", "", "View paused", "", f"Capture goes on. L goes back to live. {FROZEN}", "text2", "pause"
        )
    note = "paused" if not replay.playing else "" if replay.speed == 1.0 else speed_text(replay.speed)
    tip = "You see an earlier moment of the stream. Capture and recording go on; L goes back to live."
    return Figure("state", "", "Time shift", note, tip, "text2", "history")


def pause_tip(shift: Any, playing: bool) -> str:
    """Of the button that pauses the view."""
    does = "Pause the view" if playing else "Go on"
    return f"{does} (Space). Capture goes on.{f' {shift.problem}' if shift.problem else ''}"
