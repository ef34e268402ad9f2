"""The ground truth: every action, fault, connection and state as one record; printed as JSON lines when asked."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

KEPT = 500
MAX_LINES = 20_000
_FAREWELL_S = 1.0


class LinePrinter:
    """Writes lines to a file descriptor in its own thread: a reader that is slow or gone never holds the server up.

    Overflow policy: while 20 000 lines wait, further ones are left out and counted in `dropped`.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(MAX_LINES)
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="mock-print", daemon=True)
        self._thread.start()

    def print(self, record: dict[str, Any]) -> None:
        """Queues one record as a line of JSON. Any thread."""
        try:
            self._lines.put_nowait(msgspec.json.encode(record) + b"\n")
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Waits until everything is written, at most a second."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(_FAREWELL_S)

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError:  # nobody listens any more
                return


class TruthLog:
    """Records in order of time. Loop only.

    Each has `event`, `t_ms` (Unix milliseconds of this machine) and `link` ("" = the whole server); while the meeting
    runs also `media_ms`, the media time (timestamps on the wire are `zero_ms` of "started" plus it).
    """

    def __init__(self, printer: LinePrinter | None = None) -> None:
        self._printer = printer
        self.records: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.media_ms: Callable[[], float | None] = lambda: None

    def emit(self, event: str, link: str = "", **fields: Any) -> None:
        """Writes one record down."""
        record: dict[str, Any] = {"event": event, "t_ms": time.time_ns() // 1_000_000, "link": link}
        media_ms = self.media_ms()
        if media_ms is not None:
            record["media_ms"] = round(media_ms, 1)
        record |= fields
        self.records.append(record)
        if self._printer is not None:
            self._printer.print(record)
