"""Which table explains the code of a link's change of state; every surface that shows one asks here. Pure."""

from __future__ import annotations

from rtms_desktop.session.events import LinkState, LinkStateChanged
from rtms_desktop.wire.catalogue import Explanation
from rtms_desktop.wire.status import explain_close, explain_status

FIRST_CLOSE_CODE = 1000
"""RFC 6455: smaller numbers are no close codes; here they are statuses of a handshake."""


def explain_change(event: LinkStateChanged) -> Explanation | None:
    """Number, name and sentence of the code that came with a change of state; None without one."""
    refused = event.new is LinkState.REFUSED
    if event.code is None:
        return explain_status(None, event.reason) if refused else None
    if refused or event.code < FIRST_CLOSE_CODE:
        return explain_status(event.code, event.reason)
    return explain_close(event.code)
