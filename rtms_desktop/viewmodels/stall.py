"""How late the main thread is: a precise 16 ms timer compared with the clock. Main thread."""

from __future__ import annotations

import time
from array import array

from PySide6.QtCore import QObject, Qt, QTimer

PERIOD_MS = 16
KEEP = 225_000  # an hour of samples; then the oldest half goes
_PRECISE = Qt.TimerType.PreciseTimer


class StallMeter(QObject):
    """Collects by how many milliseconds each beat came late. A beat waits for its turn like a click would."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._late_ms = array("f")
        self._due = 0.0
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
        """``{"p50", "p99", "max"}`` in ms; zeros before the first beat."""
        ordered = sorted(self._late_ms)
        if not ordered:
            return {"p50": 0.0, "p99": 0.0, "max": 0.0}
        last = len(ordered) - 1
        picked = {"p50": ordered[round(last * 0.5)], "p99": ordered[round(last * 0.99)], "max": ordered[last]}
        return {name: round(value, 2) for name, value in picked.items()}

    def _arm(self) -> None:
        self._due = time.monotonic() + PERIOD_MS / 1000
        self._timer.start(PERIOD_MS)

    def _beat(self) -> None:
        # Qt may fire up to a millisecond early: that is no lateness.
        self._late_ms.append(max(0.0, (time.monotonic() - self._due) * 1000))
        if len(self._late_ms) > KEEP:
            del self._late_ms[: KEEP // 2]
        self._arm()
