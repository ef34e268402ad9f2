"""How the end of a session becomes an exit code and an explanation."""

from __future__ import annotations

from rtms_desktop.app import checklist as steps
from rtms_desktop.errors import ConnectError, CutOffError, RejectedError, RtmsError
from rtms_desktop.session.events import EndCause, SessionEnded
from rtms_desktop.wire.catalogue import Explanation, explain_local, explained
from rtms_desktop.wire.status import explain_status, explain_stop

KINDS: dict[EndCause, type[RtmsError]] = {
    EndCause.CONNECT_FAILED: ConnectError,
    EndCause.REJECTED: RejectedError,
    EndCause.CUT_OFF: CutOffError,
}


def failure(ended: SessionEnded) -> RtmsError | None:
    """The error behind an end that was not a good one; its sentence names cause and fix. None for a good end."""
    kind = KINDS.get(ended.cause)
    return kind(ended.sentence.rstrip(".")) if kind is not None else None


def explain_end(ended: SessionEnded, step: int) -> Explanation:
    """What stands behind an end at this step of the checklist (0: after the last), with causes and fixes."""
    if ended.stop_reason is not None:
        return explain_stop(ended.stop_reason)
    if ended.status_code is not None or (ended.cause is EndCause.REJECTED and step == steps.MEDIA_HANDSHAKES):
        return explain_status(ended.status_code, ended.reason)
    if ended.cause is EndCause.REJECTED and step == steps.HANDSHAKE:
        return explained("CLOSED_WITHOUT_ANSWER", ended.sentence, "auth", table="local")
    if ended.cause is EndCause.REJECTED:
        return explain_local("NO_MEDIA_URL")
    if ended.cause is EndCause.CUT_OFF:
        return explain_local("RECONNECT_EXPIRED")
    names = {steps.TLS: "TLS_FAILED", steps.HANDSHAKE: "JOIN_TIMEOUT", steps.MEDIA_HANDSHAKES: "JOIN_TIMEOUT"}
    return explain_local(names.get(step, "CONNECTION_FAILED"))
