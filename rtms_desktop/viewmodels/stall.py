"""How late the main thread is: a precise 16 ms timer compared with the clock. Main thread."""

from __future__ import annotations

import time
from array import array

from PySide6.QtCore import QObject, Qt, QTimer

PERIOD_MS = 16
KEEP = 225_000  # an hour of samples; then the oldest half goes
_PRECISE = Qt.TimerType.PreciseTimer
_PARTS = {"p50": 0.5, "p99": 0.99, "p999": 0.999}


class StallMeter(QObject):
    """Collects by how many milliseconds each beat came late. A beat waits for its turn like a click would."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._late_ms = array("f")
        self._due = self._worst_ms = 0.0
        self._beats = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(_PRECISE)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._late_ms = array("f")
        self._arm()

    def stop(self) -> None:
        self._timer.stop()

    def percentiles(self) -> dict[str, float]:
        """``{"p50", "p99", "p999", "max"}`` in ms; zeros before the first beat."""
        ordered = sorted(self._late_ms)
        if not ordered:
            return dict.fromkeys((*_PARTS, "max"), 0.0)
        last = len(ordered) - 1
        picked = {name: ordered[round(last * part)] for name, part in _PARTS.items()} | {"max": ordered[last]}
        return {name: round(value, 2) for name, value in picked.items()}

    def take_worst(self) -> float | None:
        """The latest beat in ms since the last call; None when there was none."""
        worst = self._worst_ms if self._beats else None
        self._worst_ms, self._beats = 0.0, 0
        return worst

    def _arm(self) -> None:
        self._due = time.monotonic() + PERIOD_MS / 1000
        self._timer.start(PERIOD_MS)

    def _beat(self) -> None:
        # Qt may fire up to a millisecond early: that is no lateness.
        late_ms = max(0.0, (time.monotonic() - self._due) * 1000)
        self._worst_ms, self._beats = max(self._worst_ms, late_ms), self._beats + 1
        self._late_ms.append(late_ms)
        if len(self._late_ms) > KEEP:
            del self._late_ms[: KEEP // 2]
        self._arm()
