"""The one cursor of the window: where in time everybody looks. Owned by the controller; main thread, no Qt.

Panes call ``set`` when a person picks a moment and follow ``MomentChanged`` on the hub. In a recording the cursor is
the playhead, so setting it seeks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rtms_desktop.app.events import MomentChanged, PaneAsked, ReplaySettled, SessionClosed, SessionOpened, ViewShifted
from rtms_desktop.app.hub import AnyEvent, Hub

NOW_S = 0.1
"""So close to now, the cursor lets go."""


def _stays(at: float | None) -> bool:
    return False


class Moment:
    """Times are monotonic seconds of the session's clock.

    Args:
        now: the clock of what is shown.
        shift: asked to show this moment (None: the present) of the stream that runs; False: it cannot.
    """

    def __init__(self, hub: Hub, now: Callable[[], float], shift: Callable[[float | None], bool] = _stays) -> None:
        self._hub, self._now, self._shift = hub, now, shift
        self._session: Any = None
        self._end: float | None = None
        self._at: float | None = None
        hub.subscribe(self._heard)

    @property
    def at(self) -> float | None:
        """The cursor; None: everybody shows what is now. In a recording it is always somewhere: the playhead."""
        if self._session is not None and self._session.is_replay:
            return self._now()
        return self._at

    def set(self, at: float | None) -> None:
        """Put it somewhere; None, or a time that is not over yet, lets it go. Without a session nothing happens."""
        session = self._session
        if session is None or self._shift(at):
            return
        if session.is_replay:
            if at is not None:
                session.seek_at(at)  # ReplaySettled tells when everybody is there
            return
        if at is not None:
            at = max(at, session.opened_at)
            if at >= (self._now() if self._end is None else self._end) - NOW_S:
                at = None
        if at != self._at:
            self._at = at
            self._hub.publish([MomentChanged(at=at)])

    def inspect(self, at: float, link: str = "") -> None:
        """Show the message at a moment in the Inspector: the nearest of that link, or of all."""
        self._show("inspector", at, link)

    def show_in_lanes(self, at: float, link: str = "") -> None:
        """Show a moment in the lanes and graphs."""
        self._show("monitor", at, link)

    def _show(self, pane: str, at: float, link: str) -> None:
        self.set(at)
        self._hub.publish([PaneAsked(pane=pane, at=at, link=link)])

    def _heard(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, SessionOpened | ViewShifted):
                self._session, self._at, self._end = event.session, None, None
            elif isinstance(event, SessionClosed) and event.session is self._session:
                if event.session.is_replay:
                    self._session = None
                else:
                    self._end = event.ended.at
            elif isinstance(event, ReplaySettled):
                self._hub.publish([MomentChanged(at=self.at)])
