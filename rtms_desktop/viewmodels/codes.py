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


def up_to_code(sentence: str) -> str:
    """``The server refused the connection: 3 INVALID_SIGNATURE``: what happened; the whole sentence without a code."""
    found = _CODE.search(sentence)
    return sentence[: found.end()] if found else sentence


def outcome_in_short(sentence: str, failed: bool) -> str:
    """``ended · 6 MEETING_ENDED``, for a row of a list: the sentence is cut, never the code."""
    found = _CODE.search(sentence)
    return f"{'stopped' if failed else 'ended'} · {found[0]}" if found else sentence


def explain_change(event: LinkStateChanged) -> Explanation | None:
    """Number, name and sentence of the code that came with a change of state; None without one."""
    refused = event.new is LinkState.REFUSED
    if event.code is None:
        return explain_status(None, event.reason) if refused else None
    if refused or event.code < FIRST_CLOSE_CODE:
        return explain_status(event.code, event.reason)
    return explain_close(event.code)
