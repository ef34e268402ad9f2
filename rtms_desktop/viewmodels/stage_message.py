"""What the stage says while there is no picture: connecting, nothing yet, refused, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtms_desktop.session.events import SIGNALING, EndCause, LinkState, Phase
from rtms_desktop.viewmodels.codes import what_happened
from rtms_desktop.viewmodels.figures import short_clock
from rtms_desktop.wire.enums import StopReason, label

STEPS = 13
"""Steps of a connection, counted from the payload to the first keep-alive."""

_DONE = {LinkState.AUTHENTICATED, LinkState.READY, LinkState.STREAMING, LinkState.PAUSED}
_LOST = {LinkState.REFUSED, LinkState.FAILED}


@dataclass(frozen=True, slots=True)
class StageMessage:
    """An empty state of the stage; `title` is empty while pictures or tiles are shown."""

    icon: str = ""
    title: str = ""
    line: str = ""
    action: str = ""
    key: str = ""
    token: str = "text3"
    second: str = ""
    second_key: str = ""


def message_of(session: Any, last: Any, *, has_tiles: bool, now: float) -> StageMessage:
    """`session` is the running one or None, `last` the one that ended before."""
    if session is None:
        return _after(last, now)
    phase = session.core.phase
    if phase in (Phase.IDLE, Phase.CONNECTING):
        number, name = connecting_step(session.core)
        return StageMessage("plug", "Connecting", f"Step {number} of {STEPS}: {name}.", "Cancel", "disconnect")
    if has_tiles:
        return StageMessage()
    if phase is Phase.RECONNECTING:
        return StageMessage("unlink", "Connection lost", "It is being restored.", "Disconnect", "disconnect", "warn")
    if phase is Phase.PAUSED:
        return StageMessage("circle-pause", "Paused by the meeting", "The stream goes on when the host resumes it.")
    line = "Video arrives with the next keyframe or when somebody turns a camera on."
    return StageMessage("video", "Connected, no picture yet", line)


def connecting_step(core: Any) -> tuple[int, str]:
    """Which of the thirteen steps is being done, with its name."""
    signaling = core.links.get(SIGNALING)
    state = signaling.state if signaling is not None else LinkState.CLOSED
    if state is LinkState.CLOSED or (state is LinkState.CONNECTING and not signaling.stats.messages_out):
        return 6, "signaling socket"
    if state not in _DONE:
        return 7, "signaling handshake"
    media = [view.state for name, view in core.links.items() if name != SIGNALING]
    if all(one is LinkState.CLOSED for one in media):
        return 8, "media addresses"
    if not any(one in _DONE for one in media):
        return 9, "media sockets"
    if any(one is LinkState.CONNECTING for one in media):
        return 10, "media handshakes"
    return 11, "ready"


def _after(last: Any, now: float) -> StageMessage:
    ended = getattr(last, "ended", None)
    if last is None or ended is None:
        return StageMessage(
            "plug", "Nothing is connected", "Lanes and pictures appear with the first socket.", "Connect", "start"
        )
    if ended.cause in (EndCause.REJECTED, EndCause.CONNECT_FAILED):
        return StageMessage(
            "circle-x", "Not connected", what_happened(ended.sentence), "Show cause and fix", "cause", "error"
        )
    took = short_clock(ended.at - last.opened_at)
    said = label(StopReason, ended.stop_reason) if ended.stop_reason is not None else what_happened(ended.sentence)
    action, key = ("Open recording", "open_recording") if last.bundles else ("", "")
    second, second_key = ("Export", "export") if last.bundles else ("", "")
    if ended.cause is EndCause.CUT_OFF:
        return StageMessage("unlink", "The stream was cut off", f"{said} after {took}", *(
            (action, key) if action else ("Show cause and fix", "cause")), "error")  # fmt: skip
    return StageMessage(
        "circle-stop", "The stream has ended", f"{said} after {took}", action, key, second=second, second_key=second_key
    )
