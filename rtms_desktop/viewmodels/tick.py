"""The render tick: everything but pictures is pulled by it. One timer for the whole window; main thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from rtms_desktop.viewmodels.stall import StallMeter

FRAME_MS, DATA_MS, TEXT_MS = 33, 100, 250
_PRECISE = Qt.TimerType.PreciseTimer
_SLACK_S = 0.005  # a timer may fire a little early; the next beat would then come a whole beat late


class RenderTick(QObject):
    """`frame` 30, `data` 10 and `text` 4 times a second while `set_active`; `frame` only while `set_visible`, too.

    Each carries nothing: listeners read the clock of their controller. Idle, the timer is off.

    Attributes:
        stall: how late the main thread is; it measures once somebody starts it.
    """

    frame = Signal()
    data = Signal()
    text = Signal()

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._now = now
        self._active = self._visible = False
        self._data_due = self._text_due = 0.0
        self.stall = StallMeter(self)
        self._timer = QTimer(self)
        self._timer.setTimerType(_PRECISE)
        self._timer.timeout.connect(self.beat)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    @property
    def interval_ms(self) -> int:
        return self._timer.interval()

    def set_active(self, active: bool) -> None:
        """Whether there is a session whose figures change."""
        self._active = active
        self._arrange()

    def set_visible(self, visible: bool) -> None:
        """Whether the window can be seen."""
        self._visible = visible
        self._arrange()

    def beat(self) -> None:
        """One turn of the timer."""
        now = self._now() + _SLACK_S
        if self._visible:
            self.frame.emit()
        if now >= self._data_due:
            self._data_due = _next(self._data_due, DATA_MS, now)
            self.data.emit()
        if now >= self._text_due:
            self._text_due = _next(self._text_due, TEXT_MS, now)
            self.text.emit()

    def _arrange(self) -> None:
        if not self._active:
            self._timer.stop()
            return
        interval = FRAME_MS if self._visible else DATA_MS
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)


def _next(due: float, period_ms: int, now: float) -> float:
    """One period on; after a stall the missed beats are left out."""
    due += period_ms / 1000
    return due if due > now else now + period_ms / 1000
