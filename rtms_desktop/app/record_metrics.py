"""The metrics of ``record``: counted from the session's events, written and served as its options say."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rtms_desktop.app.loop_watch import LoopWatch
from rtms_desktop.app.metrics import Look, Meter
from rtms_desktop.app.metrics_output import MetricsOutput, look_at
from rtms_desktop.app.session import ActiveSession
from rtms_desktop.clock import Clock
from rtms_desktop.errors import DiskError, UsageError
from rtms_desktop.session.events import Event
from rtms_desktop.transport.tasks import spawn


class RecordMetrics:
    """Args:
    path: file that a line is added to every second, or None.
    port: port of the endpoint, 0 = any free one, or None.
    """

    def __init__(self, clock: Clock, path: Path | None, port: int | None) -> None:
        if path is not None and str(path) == "-":
            why = "standard output belongs to the report of the recording"
            raise UsageError("metrics cannot go to -", why, "Give --metrics the name of a file.")
        self._path, self._port = path, port
        self._meter = Meter(clock.now)
        self._loop = LoopWatch(clock)
        self._stalled = self._loop.reader()
        self._output = MetricsOutput(self._meter, clock, self._look, self._failed)
        self._session: ActiveSession | None = None

    async def start(self) -> None:
        """Open the file and the port. Raises DiskError, PortInUseError."""
        if self._path is not None:
            self._output.open(self._path)
        if self._port is not None:
            print(f"metrics: {await self._output.serve(self._port)}", file=sys.stderr)

    def watch(self, session: ActiveSession) -> None:
        """Count this session from now on."""
        self._session = session
        self._meter.opened(session)
        self._loop.start()
        self._task = spawn(self._output.run(), name="metrics")

    def hear(self, events: Sequence[Event]) -> None:
        self._meter.hear(events)

    async def finish(self) -> None:
        """Write the last line and let go; idempotent."""
        if self._session is not None:
            self._task.cancel()
            self._loop.stop()
            await self._output.step()
            self._session = None
        await self._output.close()

    def _look(self) -> Look | None:
        session = self._session
        return None if session is None else look_at(session.core, None, session.recorder, self._stalled())

    def _failed(self, error: DiskError) -> None:
        print(f"rtms-desktop: {error.sentence()}", file=sys.stderr)
