"""How long a session had run when it was opened here: pure, used by all who tell a session's time."""

from __future__ import annotations

from typing import Any

_PLAUSIBLE_S = (-60.0, 7 * 86_400.0)


def lead_s(session: Any) -> float:
    """Seconds from the server's zero of a stream to its opening; 0.0 where that is not known or not to be believed."""
    zero_ms = session.core.session_zero_ms
    if zero_ms is None:
        return 0.0
    lead = (session.opened_wall_ms - zero_ms) / 1000
    return lead if _PLAUSIBLE_S[0] <= lead <= _PLAUSIBLE_S[1] else 0.0
