"""What is news in a pane that counts: not the past of a recording, nor what is told again. Main thread.

Who comes back from another moment of a stream is told all of it once more; what was told before is no news then.
"""

from __future__ import annotations

import math

from rtms_desktop.app.events import SessionOpened, ViewShifted


class News:
    def __init__(self) -> None:
        self._live = True
        self._told = -math.inf
        self._after = -math.inf

    def opened(self, event: SessionOpened | ViewShifted) -> None:
        """Something else is shown from now on."""
        self._live = not event.session.is_replay
        if isinstance(event, SessionOpened):
            self._told = -math.inf
        self._after = self._told if self._live else math.inf

    def take(self, at: float) -> bool:
        """Something of a moment (monotonic seconds) is told; whether it is news."""
        if self._live:
            self._told = max(self._told, at)
        return at > self._after
