"""How the end of a session becomes an exit code."""

from __future__ import annotations

from rtms_desktop.errors import ConnectError, CutOffError, RejectedError, RtmsError
from rtms_desktop.session.events import EndCause, SessionEnded
from rtms_desktop.wire.status import explain_status, explain_stop


def failure(ended: SessionEnded) -> RtmsError | None:
    """The error behind an end that was not a good one, with cause and fix; None for a good end."""
    match ended.cause:
        case EndCause.STOPPED | EndCause.LOCAL:
            return None
        case EndCause.CONNECT_FAILED:
            return ConnectError(
                "could not connect",
                ended.sentence,
                "Check the address, the network and whether the meeting still runs.",
            )
        case EndCause.REJECTED:
            known = explain_status(ended.status_code, ended.reason)
            return RejectedError("the server refused the connection", ended.sentence, " ".join(known.fixes[:1]))
        case EndCause.CUT_OFF:
            fix = " ".join(explain_stop(ended.stop_reason).fixes[:1]) if ended.stop_reason is not None else ""
            return CutOffError("the stream was cut off", ended.sentence, fix)
