"""The metrics of the window's run: counted always, written and served as the settings say. Main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.events import MetricsChanged, Notice
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.metrics import Look, Meter
from rtms_desktop.app.metrics_output import MetricsOutput, look_at
from rtms_desktop.app.settings import Settings
from rtms_desktop.clock import Clock
from rtms_desktop.errors import RtmsError
from rtms_desktop.session.events import SessionEnded, Severity
from rtms_desktop.transport.tasks import spawn

if TYPE_CHECKING:
    from rtms_desktop.app.session import ActiveSession


class MetricsDesk:
    """Args:
        pipeline: gives that of the present session.
        stalled: gives the latest turn of the loop since its last call, seconds.

    Attributes:
        meter: read by whoever shows the figures.
        state: where the metrics go at the moment.
    """

    def __init__(
        self, hub: Hub, clock: Clock, settings: Settings, *, pipeline: Callable[[], Any], stalled: Callable[[], float]
    ) -> None:
        self.meter = Meter(clock.now)
        self.state = MetricsChanged()
        self._hub, self._settings = hub, settings
        self._pipeline, self._stalled = pipeline, stalled
        self._session: ActiveSession | None = None
        self._output = MetricsOutput(self.meter, clock, self._look, self._failed)
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        hub.subscribe_stream(self._note)

    def apply(self) -> None:
        """Write and serve as the settings say now; MetricsChanged tells."""
        spawn(self._apply(), name="metrics settings")

    def watch(self, session: ActiveSession) -> None:
        """Count once a second until this session ends or another is watched."""
        self._session = session
        self._task = spawn(self._output.run(), name="metrics")

    async def close(self) -> None:
        """Stop writing and answering; idempotent."""
        async with self._turn:
            await self._output.close()

    async def _apply(self) -> None:
        values, problem = self._settings.values, ""
        async with self._turn:
            await self._output.close()
            try:
                if values.metrics_file:
                    self._output.open(Path(values.metrics_file))
                if values.metrics_endpoint:
                    await self._output.serve(values.metrics_port)
            except RtmsError as error:
                problem = error.sentence()
        self._changed(problem)

    def _changed(self, problem: str) -> None:
        self.state = MetricsChanged(url=self._output.url, path=self._output.path, problem=problem)
        self._hub.publish([self.state])

    def _failed(self, error: RtmsError) -> None:
        self._changed(error.sentence())
        self._hub.publish([Notice(severity=Severity.WARNING, what=error.what, why=error.why, fix=error.fix)])

    def _note(self, events: Sequence[AnyEvent]) -> None:
        self.meter.hear(events)
        session, task = self._session, self._task
        if session is not None and task is not None and any(isinstance(event, SessionEnded) for event in events):
            task.cancel()
            self.meter.look(look_at(session.core, self._pipeline(), session.recorder))
            self._session = self._task = None
            spawn(self._output.write(), name="last metrics")

    def _look(self) -> Look | None:
        session = self._session
        if session is None:
            return None
        return look_at(session.core, self._pipeline(), session.recorder, self._stalled())
