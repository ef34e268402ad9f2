"""The session's timeline: where on it a moment of this machine or of the server lies. Used by text and monitor."""

from __future__ import annotations

from typing import Any

_PLAUSIBLE_S = (-60.0, 7 * 86_400.0)


class SessionTime:
    """Seconds since the session's zero (event 1 where the server named it, else the opening of the session here).

    The server's clock and ours may differ; a zero that lies implausibly far away is not believed. In a recording time
    counts from the opening of the recorded session, and the recording itself knows when the server's times are shown.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    @property
    def lead_s(self) -> float:
        """How long the session had run when it was opened here."""
        zero_ms = self._session.core.session_zero_ms
        if zero_ms is None or self._session.is_replay:
            return 0.0
        lead = (self._session.opened_wall_ms - zero_ms) / 1000
        return lead if _PLAUSIBLE_S[0] <= lead <= _PLAUSIBLE_S[1] else 0.0

    def of_at(self, at: float) -> float:
        """Of a monotonic time in seconds."""
        return float(at - self._session.opened_at + self.lead_s)

    def of_server_ms(self, ms: int) -> float:
        """Of a server timestamp in Unix milliseconds."""
        if self._session.is_replay:
            return float(self._session.at_of_server_ms(ms) - self._session.opened_at)
        zero_ms = self._session.core.session_zero_ms
        return (ms - (self._session.opened_wall_ms if zero_ms is None else zero_ms)) / 1000

    def at_of_server_ms(self, ms: int) -> float:
        """The monotonic time at which the server's clock read ``ms``, taking both clocks as one."""
        return self.of_server_ms(ms) - self.lead_s + float(self._session.opened_at)

    def lags_ms(self, ats: Any, server_ms: Any) -> Any:
        """The same for arrays."""
        return self._session.opened_wall_ms + (ats - self._session.opened_at) * 1000 - server_ms

    def lag_ms(self, at: float, ms: int) -> float:
        """Arrival here minus the server's timestamp; with clocks that disagree it can be negative."""
        return float(self._session.opened_wall_ms + (at - self._session.opened_at) * 1000 - ms)
