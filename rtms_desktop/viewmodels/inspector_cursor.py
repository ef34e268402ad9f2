"""Which row of the Inspector lies at the window's cursor, and the way back. Called by its view-model; main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rtms_desktop.app.events import MomentChanged, PaneAsked
from rtms_desktop.app.message_log import Log
from rtms_desktop.app.message_rows import Array

SAME_S = 0.002
"""Two moments so close together are one: a playhead stands where it was sent."""

NEAR_ROWS = 256
"""Rows on either side that are looked through first for a message of a link."""


class InspectorCursor:
    """Times are monotonic seconds of the session.

    Args:
        log: the log that is shown, and the serials of its rows that pass the filter.

    Attributes:
        origin: ns of the log's time at monotonic zero; None: the log belongs to no session.
    """

    def __init__(self, moment: Any, log: Callable[[], tuple[Log | None, Array]]) -> None:
        self._moment, self._log = moment, log
        self.origin: int | None = None
        self._asked: tuple[float, str] | None = None
        self._looked: float | None = None

    def at_of(self, serial: int) -> float | None:
        """When a row happened; None where that is not known."""
        log, _ = self._log()
        if log is None or self.origin is None:
            return None
        try:
            return float(log.rows.value("time", serial) - self.origin) / 1e9
        except IndexError:
            return None

    def choose(self, serial: int) -> None:
        """A person looks at a row: everybody looks there."""
        at = self.at_of(serial)
        if at is not None:
            self._looked = at
            self._moment.set(at)

    def show_in_lanes(self, serial: int) -> None:
        log, _ = self._log()
        at = self.at_of(serial)
        if at is not None and log is not None:
            self._looked = at
            self._moment.show_in_lanes(at, log.rows.channel(serial).link)

    def moved(self, event: MomentChanged) -> None:
        """The cursor was put somewhere; what this pane itself did is no news."""
        if event.at is None:
            self._asked = self._looked = None
        elif self._looked is None or abs(event.at - self._looked) > SAME_S:
            self._asked = event.at, ""

    def asked(self, event: PaneAsked) -> None:
        """A person wants to see the messages of a moment."""
        self._asked, self._looked = (event.at, event.link), event.at

    def take(self) -> int | None:
        """The shown row nearest to where the cursor was put elsewhere, once; None: nowhere, or nothing is shown."""
        asked, self._asked = self._asked, None
        log, serials = self._log()
        if asked is None or log is None or self.origin is None or not len(serials):
            return None
        at, link = asked
        self._looked = at
        return _nearest(log, serials, round(at * 1e9) + self.origin, link)


def _nearest(log: Log, serials: Array, time: int, link: str) -> int:
    """Rows stand in the order of time: few of them have to be looked at, however many there are."""
    rows = log.rows
    here = int(np.searchsorted(serials, rows.first + int(np.searchsorted(rows.column("time"), time))))
    channels = [number for number, channel in enumerate(rows.channels) if channel.link == link]
    reach = NEAR_ROWS
    while True:
        near = serials[max(0, here - reach) : here + reach]
        wanted = near[np.isin(rows.column("channel")[near - rows.first], channels)] if channels else near
        whole = len(near) == len(serials)
        if len(wanted) or whole:
            wanted = wanted if len(wanted) else near
            return int(wanted[np.argmin(np.abs(rows.column("time")[wanted - rows.first] - time))])
        reach *= 8
