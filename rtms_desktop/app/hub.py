"""Where events part ways: one publisher, many listeners, in order, on the loop's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from rtms_desktop.app.events import AppEvent
from rtms_desktop.session.events import Event

log = logging.getLogger(__name__)

AnyEvent = Event | AppEvent
Listener = Callable[[Sequence[AnyEvent]], None]


class Hub:
    """Delivers each batch of events to every listener. A listener that fails is logged and keeps its place."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; the result takes it away again."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, events: Sequence[AnyEvent]) -> None:
        if not events:
            return
        for listener in tuple(self._listeners):
            try:
                listener(events)
            except Exception:  # border: one broken pane must not take the stream from the others
                log.exception("a listener failed on %s", [type(e).__name__ for e in events[:5]])
