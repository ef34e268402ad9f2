"""The ways in which a session ends, each with its sentence for a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.session.events import EndCause
from rtms_desktop.wire.enums import StopReason
from rtms_desktop.wire.status import Explanation, explain_status, explain_stop

CUT_OFF_REASONS = frozenset({*range(10, 20), 24})
"""Stop reasons that end a stream against everybody's will (Zoom RTMS docs)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why it is over; see SessionEnded."""

    cause: EndCause
    sentence: str
    stop_reason: int | None = None
    status_code: int | None = None
    reason: str = ""


def stopped(reason: int | None, reason_text: str = "") -> Ending:
    """The server ended the stream; without a reason it is taken for a regular end."""
    if reason is None or reason == StopReason.UNDEFINED:
        sentence = "The server ended the stream without saying why."
        return Ending(cause=EndCause.STOPPED, stop_reason=reason, reason=reason_text, sentence=sentence)
    told = explain_stop(reason)
    cause = EndCause.CUT_OFF if reason in CUT_OFF_REASONS else EndCause.STOPPED
    sentence = f"The server ended the stream: {told.label}. {told.sentence}"
    if cause is EndCause.CUT_OFF:
        sentence += _advice(told)
    return Ending(cause=cause, stop_reason=reason, reason=reason_text or told.name, sentence=sentence)


def rejected(code: int | None, reason: str) -> Ending:
    """The signaling handshake was answered with a status that is not success."""
    told = explain_status(code, reason)
    sentence = f"The server refused the connection: {_named(told, reason)}. {told.sentence}{_advice(told)}"
    return Ending(cause=EndCause.REJECTED, status_code=code, reason=reason, sentence=sentence)


def closed_instead_of_answer(reason: str) -> Ending:
    """Zoom closes with 1000, without message 2, when the signature is wrong (Zoom RTMS docs)."""
    sentence = (
        "The server closed the connection instead of answering the handshake. The likely cause is an invalid "
        "signature: check that client ID and client secret belong to the app that was announced the stream."
    )
    return Ending(cause=EndCause.REJECTED, reason=reason, sentence=sentence)


def no_media(refusals: dict[str, tuple[int | None, str]]) -> Ending:
    """Every media link was refused or not offered; ``refusals``: link -> status and reason of those refused."""
    if not refusals:
        sentence = "The server offers none of the media that were asked for. Check the scopes of the app."
        return Ending(cause=EndCause.REJECTED, reason="not offered", sentence=sentence)
    link, (code, reason) = next(iter(refusals.items()))
    told = explain_status(code, reason)
    sentence = f"The server refused all media; {link}: {_named(told, reason)}. {told.sentence}{_advice(told)}"
    return Ending(cause=EndCause.REJECTED, status_code=code, reason=reason, sentence=sentence)


def connect_failed(what: str, detail: str) -> Ending:
    """The first connection did not come about. ``what`` is one clause."""
    sentence = f"{what}: {detail}." if detail else f"{what}."
    return Ending(cause=EndCause.CONNECT_FAILED, reason=detail, sentence=sentence)


def dumb_media(seconds: float) -> Ending:
    """The media sockets were opened, and neither an answer nor anything else ever came on one of them."""
    sentence = (
        f"No media connection answered its handshake or brought anything within {seconds:g} s of the ready message. "
        "Check that the media URLs of the server lead to its media server, then connect again."
    )
    return Ending(cause=EndCause.CONNECT_FAILED, reason="media handshakes unanswered", sentence=sentence)


def window_expired(what: str, seconds: float) -> Ending:
    sentence = f"{what} was lost and did not come back within {seconds:g} s. Check the network, then connect again."
    return Ending(cause=EndCause.CUT_OFF, reason="reconnect window expired", sentence=sentence)


def local(sentence: str) -> Ending:
    return Ending(cause=EndCause.LOCAL, sentence=sentence)


def is_duplicate(code: int | None, reason: str, numbers: frozenset[int]) -> bool:
    """Whether the server still holds an older socket of ours. Text beats number; ``numbers`` fit the kind of socket."""
    if "duplicate" in reason.lower():
        return True
    if code not in numbers:
        return False
    name = explain_status(code, reason).name
    return not reason or "DUPLICATE" in name or "CONNECTION_EXIST" in name


SIGNALING_DUPLICATES = frozenset({8, 17})
"""DUPLICATE_SIGNAL_REQUEST in the numbering of today and in that of the reference mock server."""

MEDIA_DUPLICATES = frozenset({15, 16})
"""Another socket of that type, or one for all types, is still open."""


def _named(told: Explanation, reason: str) -> str:
    return f"{told.label} ({reason})" if reason else told.label


def _advice(told: Explanation) -> str:
    return f" {told.fixes[0]}" if told.fixes else ""
