"""Gathers what arrives one by one and hands it on a few times a second. Used by the view-models; main thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

_PRECISE = Qt.TimerType.PreciseTimer
LIMIT = 2000


class Batcher(QObject):
    """A list that empties itself: ``drain(items)`` is called at most once per interval, and not at all while quiet.

    The list is bounded by draining at once when it holds ``LIMIT`` items: text is never dropped here.
    """

    def __init__(self, drain: Callable[[list[Any]], None], interval_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._drain = drain
        self._items: list[Any] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(_PRECISE)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self.flush)

    def add(self, item: Any) -> None:
        self._items.append(item)
        if len(self._items) >= LIMIT:
            self.flush()
        elif not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Hand over what is there now."""
        self._timer.stop()
        if self._items:
            items, self._items = self._items, []
            self._drain(items)


def listen(
    owner: QObject, hub: Any, handlers: Mapping[type, Callable[[Any], object]], *, stream: bool = False
) -> Callable[[], None]:
    """Call ``handlers[type(event)]`` for every event of the hub for as long as ``owner`` lives.

    ``stream``: of the stream that runs, shown or not, in place of what is shown. The result ends it earlier. Looked up
    by exact type: one dictionary access for events nobody here wants.
    """
    find = handlers.get

    def hear(events: Sequence[Any]) -> None:
        for event in events:
            handler = find(type(event))
            if handler is not None:
                handler(event)

    unsubscribe: Callable[[], None] = (hub.subscribe_stream if stream else hub.subscribe)(hear)
    owner.destroyed.connect(lambda *_: unsubscribe())
    return unsubscribe
