"""The ground truth: every action, fault, connection and state as one record; printed as JSON lines when asked."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

import msgspec

KEPT = 500
Listener = Callable[[dict[str, Any]], None]


class TruthLog:
    """Records in order of time. Loop only.

    Each has `event`, `t_ms` (Unix milliseconds of this machine) and `link` ("" = the whole server); while the meeting
    runs also `media_ms`, the media time (timestamps on the wire are `zero_ms` of "started" plus it).
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self.records: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.listeners: list[Listener] = []
        self.media_ms: Callable[[], float | None] = lambda: None

    def emit(self, event: str, link: str = "", **fields: Any) -> None:
        """Writes one record down."""
        record: dict[str, Any] = {"event": event, "t_ms": time.time_ns() // 1_000_000, "link": link}
        media_ms = self.media_ms()
        if media_ms is not None:
            record["media_ms"] = round(media_ms, 1)
        record |= fields
        self.records.append(record)
        self.write(record)
        for listener in self.listeners:
            listener(record)

    def write(self, record: dict[str, Any]) -> None:
        """Prints a record when JSON lines are wanted; a reader that has gone is no reason to stop serving."""
        if self._out is None:
            return
        try:
            self._out.write(msgspec.json.encode(record).decode() + "\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self._out = None


def stdout_log(json_lines: bool) -> TruthLog:
    """The log of the command: on stdout, or silent."""
    return TruthLog(sys.stdout if json_lines else None)
