"""Codes as a person sees them: which table explains one, and how a sentence is cut where room is short. Pure."""

from __future__ import annotations

import re

from rtms_desktop.session.events import LinkState, LinkStateChanged
from rtms_desktop.wire.catalogue import Explanation
from rtms_desktop.wire.status import explain_close, explain_status

FIRST_CLOSE_CODE = 1000
"""RFC 6455: smaller numbers are no close codes; here they are statuses of a handshake."""

_CODE = re.compile(r"\b\d+ [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
"""``6 MEETING_ENDED``: number and name."""

_NEXT = re.compile(r"\.\s+(?=[A-Z])")
"""Where the next sentence begins: addresses and versions have full stops too."""


def what_happened(text: str) -> str:
    """``The server refused the connection: 3 INVALID_SIGNATURE``: up to the code, else the first sentence."""
    found = _CODE.search(text)
    return text[: found.end()] if found else _NEXT.split(text, maxsplit=1)[0].rstrip(".")


def outcome_in_short(sentence: str, failed: bool) -> str:
    """``ended · 6 MEETING_ENDED``, for a row of a list: the sentence is cut, never the code; else its reason."""
    found = _CODE.search(sentence)
    if found:
        return f"{'stopped' if failed else 'ended'} · {found[0]}"
    first, _, reason = what_happened(sentence).partition(": ")
    return reason if failed and reason else first


def explain_change(event: LinkStateChanged) -> Explanation | None:
    """Number, name and sentence of the code that came with a change of state; None without one."""
    refused = event.new is LinkState.REFUSED
    if event.code is None:
        return explain_status(None, event.reason) if refused else None
    if refused or event.code < FIRST_CLOSE_CODE:
        return explain_status(event.code, event.reason)
    return explain_close(event.code)
