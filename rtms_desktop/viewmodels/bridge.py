"""The one crossing from decode threads to the window: a parameterless queued signal, sent once per drain."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

_QUEUED = Qt.ConnectionType.QueuedConnection


class Bridge(QObject):
    """`wake` may be called from any thread; `woken` is then emitted once on the main thread.

    Calls between the first one and that emission cost nothing and add nothing: who listens takes all there is.
    """

    woken = Signal()
    _crossed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._armed = False
        self._crossed.connect(self._arrive, _QUEUED)

    def wake(self) -> None:
        """Something waits to be taken."""
        # Two threads may both see False and emit twice; the second drain then finds nothing, which does no harm.
        if not self._armed:
            self._armed = True
            self._crossed.emit()

    def _arrive(self) -> None:
        self._armed = False  # before the drain: what comes during it must wake us again
        self.woken.emit()
