"""How the end of a session becomes an exit code."""

from __future__ import annotations

from rtms_desktop.errors import ConnectError, CutOffError, RejectedError, RtmsError
from rtms_desktop.session.events import EndCause, SessionEnded

KINDS: dict[EndCause, type[RtmsError]] = {
    EndCause.CONNECT_FAILED: ConnectError,
    EndCause.REJECTED: RejectedError,
    EndCause.CUT_OFF: CutOffError,
}


def failure(ended: SessionEnded) -> RtmsError | None:
    """The error behind an end that was not a good one; its sentence names cause and fix. None for a good end."""
    kind = KINDS.get(ended.cause)
    return kind(ended.sentence.rstrip(".")) if kind is not None else None
