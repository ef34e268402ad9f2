"""Explains every number that a server sends: statuses, stop reasons, close codes, events, states. Any thread."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Literal

from rtms_desktop.wire import event_texts, status_tables, stop_texts
from rtms_desktop.wire.catalogue import CATEGORIES, Explanation, explain_local, explained
from rtms_desktop.wire.enums import EventType, Product, SessionState, StopReason, StreamState, VoiceEventType
from rtms_desktop.wire.lenient import stop_reason
from rtms_desktop.wire.status_texts import explain_name

__all__ = [
    "CATEGORIES",
    "Explanation",
    "explain_close",
    "explain_event",
    "explain_local",
    "explain_state",
    "explain_status",
    "explain_stop",
]

_TEXT = "reason text"  # the table of a name that was read from the server's words
Words = tuple[tuple[re.Pattern[str], str], ...]


def _words(**names: str) -> Words:
    return tuple((re.compile(pattern, re.IGNORECASE), name) for name, pattern in names.items())


# What servers write instead of a number, or beside a number of another table; the first that fits counts.
_PLAIN_WORDS = _words(
    DUPLICATE_SIGNAL_REQUEST=r"duplicate.*signal",
    DUPLICATE_MEDIA_DATA_CONNECTION=r"duplicate.*media",
    DUPLICATE_VIDEO_SUBSCRIPTION=r"duplicate.*video",
    SIGNATURE_NOT_EXIST=r"(missing|no|without) signature",
    INVALID_SIGNATURE=r"(invalid|wrong|bad).*signature|signature.*(invalid|wrong|mismatch|failed)",
    INVALID_MEETING_OR_STREAM_ID=r"meeting or stream",
)
# Too vague to overrule a number that is known.
_VAGUE_WORDS = _words(
    DUPLICATE_CONNECTION=r"duplicate",
    INVALID_CLIENT_ID=r"client.?id",
    INVALID_RTMS_STREAM_ID=r"stream.*(not found|unknown|invalid|ended)|(invalid|unknown).*stream",
    MEETING_NOT_FOUND=r"meeting.*(not found|unknown|ended|over)",
    PROTOCOL_ERROR=r"protocol version",
    INVALID_PAYLOAD=r"missing required",
    PERMISSION_DENIED=r"permission|not allowed|forbidden|denied",
    RATE_LIMIT_EXCEEDED=r"rate limit|too many",
    SERVICE_UNAVAILABLE=r"unavailable",
    INTERNAL_EXCEPTION=r"failed to|internal",
    CONNECTION_TIMEOUT=r"time.?out|timed out",
)


def explain_status(code: int | None, reason: str = "", table: str = "N1") -> Explanation:
    """Explain the status of message 2, 4, 22 or 29.

    The server's words beat the number: four numberings exist, and one number means four things.

    Args:
        code: as received; None when the server sent words only.
        table: the numbering to assume as long as the words do not say otherwise.
    """
    said = _name_in_words(reason)
    if code is not None:
        tables = {table: status_tables.TABLES[table], **status_tables.TABLES}
        known = {name: names[code] for name, names in tables.items() if 0 <= code < len(names)}
        expected = None if code == 0 else said  # success, whatever is written beside it
        matching = [name for name, status in known.items() if expected in (None, status)]
        if matching:
            return explain_name(known[matching[0]], code, matching[0])
    name = said or _search(_VAGUE_WORDS, reason)
    return explain_name(name or "UNKNOWN_STATUS", code, _TEXT if name else table)


def _name_in_words(reason: str) -> str | None:
    as_name = re.sub(r"\W+", "_", reason.strip()).upper().removeprefix("STATUS_")
    if any(as_name in names for names in status_tables.TABLES.values()):
        return None if as_name in ("OK", "SUCCESS") else as_name
    return _search(_PLAIN_WORDS, reason)


def _search(words: Words, reason: str) -> str | None:
    return next((name for pattern, name in words if pattern.search(reason)), None)


def explain_stop(reason: int | str | None) -> Explanation:
    """Explain why a stream ended; a number, its digits, or a name such as ``STOP_BC_MEETING_ENDED``."""
    number = stop_reason(reason)
    if number is None or number not in stop_texts.STOP:
        name = reason if isinstance(reason, str) and reason and number is None else "UNKNOWN"
        return explained(
            name, "The stream ended for a reason that is not known.", "unknown", number=number, table="stop"
        )
    found = StopReason(number)
    return _told(number, found.name, stop_texts.STOP[number], "stop reason", retryable=not found.is_final)


def explain_close(code: int | None) -> Explanation:
    """Explain a WebSocket close code; None = the connection could not be opened."""
    if code is None:
        return explain_local("CONNECTION_FAILED")
    if code in stop_texts.CLOSE:
        name, text = stop_texts.CLOSE[code]
        return _told(code, name, text, "close code", retryable=None)
    name = "PRIVATE" if 3000 <= code < 5000 else "UNKNOWN"
    sentence = "The server closed the connection with a code of its own."
    return explained(name, sentence, "unknown", number=code, table="close code")


def explain_event(event_type: int, product: Product = Product.MEETING) -> Explanation:
    """Explain the number of message 6; 8 and above mean other things in Contact Center."""
    if product is Product.CONTACT_CENTER and event_type in event_texts.VOICE_EVENTS:
        sentence = event_texts.VOICE_EVENTS[event_type]
        return _state(event_type, VoiceEventType, sentence, "voice event")
    sentence = event_texts.EVENTS.get(event_type, "An event whose meaning is not published.")
    return _state(event_type, EventType, sentence, "event")


def explain_state(state: int, kind: Literal["stream", "session"] = "stream") -> Explanation:
    """Explain a stream state (message 8, 20) or session state (9, 11)."""
    if kind == "stream":
        sentences, enum, table = event_texts.STREAM_STATES, StreamState, "stream state"
        return _state(state, enum, sentences.get(state, "A state that is not known."), table)
    return _state(
        state, SessionState, event_texts.SESSION_STATES.get(state, "A state that is not known."), "session state"
    )


def _state(number: int, enum: type[IntEnum], sentence: str, table: str) -> Explanation:
    members = {member.value: member.name for member in enum}
    name = members.get(number, "UNKNOWN")
    return Explanation(number=number, name=name, sentence=sentence, category="state", table=table)


def _told(number: int, name: str, text: stop_texts.Text, table: str, retryable: bool | None) -> Explanation:
    sentence, category, causes, fixes = text
    if category in CATEGORIES:
        return explained(name, sentence, category, causes, fixes, number=number, retryable=retryable, table=table)
    return Explanation(
        number=number,
        name=name,
        sentence=sentence,
        category=category,
        causes=causes,
        fixes=fixes,
        retryable=bool(retryable),
        table=table,
    )
