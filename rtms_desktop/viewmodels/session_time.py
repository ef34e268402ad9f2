"""The session's timeline: where on it a moment of this machine or of the server lies. Used by text and monitor."""

from __future__ import annotations

from typing import Any

from rtms_desktop.app.lead import lead_s


class SessionTime:
    """Seconds since the session's zero (event 1 where the server named it, else the opening of the session here).

    The server's clock and ours may differ; a zero that lies implausibly far away is not believed. In a recording time
    counts from the opening of the recorded session, in a stream that one has stepped back in as in the stream; and the
    recording itself knows when the server's times are shown.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    @property
    def lead_s(self) -> float:
        """How long the session had run when it was opened here."""
        return float(self._session.lead_s) if self._session.is_replay else lead_s(self._session)

    def of_at(self, at: float) -> float:
        """Of a monotonic time in seconds."""
        return float(at - self._session.opened_at + self.lead_s)

    def of_server_ms(self, ms: int) -> float:
        """Of a server timestamp in Unix milliseconds."""
        if self._session.is_replay:
            return float(self._session.at_of_server_ms(ms) - self._session.opened_at + self.lead_s)
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
