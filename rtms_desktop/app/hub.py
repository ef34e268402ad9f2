"""Where events part ways: publishers, and two kinds of listeners, in order, on the loop's thread.

The stream that runs and what the window shows are usually one. They part while a recording is shown, and while one has
stepped back in the stream: then panes hear what is shown, and whoever looks after the stream goes on hearing that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from rtms_desktop.app.events import AppEvent
from rtms_desktop.session.events import Event

log = logging.getLogger(__name__)

AnyEvent = Event | AppEvent
Listener = Callable[[Sequence[AnyEvent]], None]


class Hub:
    """Delivers each batch of events to its listeners. A listener that fails is logged and keeps its place."""

    def __init__(self) -> None:
        self._window: list[Listener] = []
        self._stream: list[Listener] = []

    # -- who listens ---------------------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear what is shown, and what the application tells; the result ends it."""
        return _add(self._window, listener)

    def subscribe_stream(self, listener: Listener) -> Callable[[], None]:
        """Hear the stream that runs, shown or not, and what the application tells; the result ends it."""
        return _add(self._stream, listener)

    # -- who tells -----------------------------------------------------------------------------------------------

    def publish(self, events: Sequence[AnyEvent]) -> None:
        """For everybody."""
        self.tell(events, shown=True)

    def tell(self, events: Sequence[AnyEvent], *, shown: bool) -> None:
        """Of the stream that runs; ``shown``: the window shows it at this moment."""
        _deliver(self._stream, events)
        if shown:
            _deliver(self._window, events)

    def show(self, events: Sequence[AnyEvent]) -> None:
        """Of a recording that is shown."""
        _deliver(self._window, events)


def _add(listeners: list[Listener], listener: Listener) -> Callable[[], None]:
    listeners.append(listener)

    def unsubscribe() -> None:
        if listener in listeners:
            listeners.remove(listener)

    return unsubscribe


def _deliver(listeners: list[Listener], events: Sequence[AnyEvent]) -> None:
    if not events:
        return
    for listener in tuple(listeners):
        try:
            listener(events)
        except Exception:  # border: one broken pane must not take the stream from the others
            log.exception("a listener failed on %s", [type(e).__name__ for e in events[:5]])
