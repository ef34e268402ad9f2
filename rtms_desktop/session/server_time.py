"""Server time as far as it can be guessed from what the server stamped. Pure."""

from __future__ import annotations


class ServerTime:
    """The newest server timestamp and when it arrived; delay is not known and not taken out."""

    def __init__(self) -> None:
        self._ms: int | None = None
        self._at = 0.0

    @property
    def is_known(self) -> bool:
        return self._ms is not None

    def note(self, timestamp_ms: int, at: float) -> None:
        """A message that is stamped when it is sent (not buffered media) arrived. 0 stands for "no timestamp"."""
        if timestamp_ms > 0:
            self._ms, self._at = timestamp_ms, at

    def ms(self, at: float) -> int:
        """Server milliseconds at a local time; before any timestamp the local time itself."""
        return int(at * 1000) if self._ms is None else self._ms + int((at - self._at) * 1000)
