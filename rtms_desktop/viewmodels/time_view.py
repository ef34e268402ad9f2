"""Which stretch of time the lanes and graphs show: how long, and whether its right edge follows what happens. Pure."""

from __future__ import annotations

WINDOWS_MIN = (1, 2, 5, 10)
FIRST_WINDOW_S = 120.0
LEAST_S, MOST_S = 5.0, 600.0
STEP = 1.25
"""One notch of the wheel or one press of + makes the window so many times shorter."""


class TimeView:
    """A window of ``window_s`` seconds. Times are monotonic seconds.

    While it follows, its right edge is given by others (now, or half a window behind a recording's playhead); every
    method that moves it is told that edge and the ``first`` and ``last`` moments of which something is known.
    """

    def __init__(self) -> None:
        self.window_s = FIRST_WINDOW_S
        self._edge: float | None = None

    @property
    def follows(self) -> bool:
        return self._edge is None

    def edge(self, following: float) -> float:
        """The right edge, when the one that follows is ``following``."""
        return following if self._edge is None else self._edge

    def follow(self) -> None:
        self._edge = None

    def set_window(self, seconds: float) -> None:
        self.window_s = min(max(seconds, LEAST_S), MOST_S)

    def zoom(self, factor: float, at: float, following: float, first: float, last: float) -> None:
        """Show ``factor`` times as much; ``at`` stays where it is, or the edge does while the window follows."""
        edge, before = self.edge(following), self.window_s
        self.set_window(before * factor)
        if self._edge is not None:
            self._place(at + (edge - at) * self.window_s / before, first, last)

    def pan(self, seconds: float, following: float, first: float, last: float) -> None:
        """Look so much later, or earlier when negative; at the newest moment the window follows again."""
        self._place(self.edge(following) + seconds, first, last)

    def _place(self, edge: float, first: float, last: float) -> None:
        self._edge = None if edge >= last else max(edge, min(first + self.window_s, last))
