"""Exports as the window asks for them: one at a time on the thread ``export``, told by the hub. Main thread, no Qt."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.app.events import ExportChanged, ExportLooked, ExportState
from rtms_desktop.clock import Clock
from rtms_desktop.errors import RtmsError
from rtms_desktop.transport.tasks import spawn

if TYPE_CHECKING:
    from rtms_desktop.app.hub import Hub
    from rtms_desktop.recording.export.options import ExportOptions

log = logging.getLogger(__name__)

WAITING_MAX = 8
"""Exports that may wait for their turn; one more is refused."""

Span = tuple[int, int]
ACTIVE = (ExportState.WAITING, ExportState.RUNNING)


@dataclass(slots=True)
class _Job:
    told: ExportChanged
    options: ExportOptions
    cancelled: threading.Event = field(default_factory=threading.Event)
    began: float = 0.0


class ExportDesk:
    """Methods are called on the main thread and return at once.

    Args:
        keep: notes in a bundle what was made of it, so that it goes when the stream is revoked; raises RtmsError.
    """

    def __init__(self, hub: Hub, clock: Clock, *, keep: Callable[[Path, Sequence[Path]], Awaitable[None]]) -> None:
        self._hub, self._clock, self._keep = hub, clock, keep
        self._jobs: dict[int, _Job] = {}
        self._asked = 0
        self._turn = asyncio.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._closing = False

    @property
    def active(self) -> tuple[ExportChanged, ...]:
        """What runs, then what waits for its turn."""
        return tuple(job.told for job in self._jobs.values())

    def look(self, recording: Path, span: Callable[[], Span] | None = None) -> None:
        """Find out what a recording holds; ExportLooked tells. ``span`` is called on the thread, as it may read."""
        if not self._closing:
            spawn(self._look(recording, span), name="look at what can be exported")

    def start(self, recording: Path, options: ExportOptions, *, title: str = "") -> ExportChanged:
        """Export as soon as the ones before are done; returns what was told first, others of its number follow."""
        self._asked += 1
        told = ExportChanged(
            number=self._asked, recording=recording, title=title or recording.stem, format=options.format,
            out=Path(options.out), state=ExportState.WAITING,
        )  # fmt: skip
        if self._closing or len(self._jobs) > WAITING_MAX:
            told = replace(told, state=ExportState.FAILED, what="Too many exports are waiting")
            self._hub.publish([told])
            return told
        job = self._jobs[told.number] = _Job(told, options)
        self._tell(job)
        spawn(self._work(job), name=f"export {options.format}")
        return told

    def cancel(self, number: int) -> None:
        """End an export that waits or runs; nothing of it stays."""
        if number in self._jobs:
            self._jobs[number].cancelled.set()

    async def close(self) -> None:
        """Cancel everything and wait until nothing half-written is left; idempotent."""
        self._closing = True
        for job in self._jobs.values():
            job.cancelled.set()
        async with self._turn:  # who waited before has seen that it is cancelled
            pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.get_running_loop().run_in_executor(None, pool.shutdown)

    # -- inside --------------------------------------------------------------------------------------------------

    async def _work(self, job: _Job) -> None:
        ended = replace(job.told, state=ExportState.FAILED, what="The export broke off")
        try:
            async with self._turn:
                if job.cancelled.is_set():
                    ended = replace(job.told, state=ExportState.CANCELLED)
                else:
                    ended = await self._export(job)
        finally:
            del self._jobs[job.told.number]
            job.told = ended
            self._tell(job)

    async def _export(self, job: _Job) -> ExportChanged:
        from rtms_desktop.recording.export.options import ExportCancelled
        from rtms_desktop.recording.export.run import export

        loop = asyncio.get_running_loop()
        job.began = self._clock.now()
        self._progress(job, 0.0)

        def progress(part: float) -> None:
            loop.call_soon_threadsafe(self._progress, job, part)

        def work() -> list[Path]:
            return export(job.told.recording, job.options, progress, job.cancelled.is_set)

        try:
            written = await loop.run_in_executor(self._thread(), work)
            await self._remember(job.told.recording, written)
        except ExportCancelled:
            return replace(job.told, state=ExportState.CANCELLED)
        except RtmsError as error:
            log.info("export: %s", error.sentence())
            return replace(job.told, state=ExportState.FAILED, what=error.what, why=error.why)
        return replace(job.told, state=ExportState.DONE, progress=1.0, written=tuple(written))

    async def _remember(self, recording: Path, written: Sequence[Path]) -> None:
        """Raises RtmsError when the recording was deleted meanwhile; what was made of it is then deleted too."""
        from rtms_desktop.recording.reader import locate

        try:
            bundle, _ = locate(recording)
            if bundle is not None:
                await self._keep(bundle, written)
        except RtmsError as error:
            if recording.exists():  # a disk that is only read
                log.info("an export is not remembered: %s", error.sentence())
                return
            for path in written:
                path.unlink(missing_ok=True)
            raise RtmsError("the recording was deleted while it was exported", "nothing of it was kept") from error

    async def _look(self, recording: Path, span: Callable[[], Span] | None) -> None:
        from rtms_desktop.recording.export.contents import contents_of

        loop = asyncio.get_running_loop()
        try:
            contents = await loop.run_in_executor(None, contents_of, recording)
            part = await loop.run_in_executor(None, span) if span is not None else None
        except RtmsError as error:
            self._hub.publish([ExportLooked(recording=recording, what=error.what, why=error.why)])
        else:
            self._hub.publish([ExportLooked(recording=recording, contents=contents, span=part)])

    def _thread(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")
        return self._pool

    def _progress(self, job: _Job, part: float) -> None:
        if job.told.number not in self._jobs:  # a word that was on its way when the end was told
            return
        seconds = self._clock.now() - job.began
        job.told = replace(job.told, state=ExportState.RUNNING, progress=part, seconds=seconds)
        self._tell(job)

    def _tell(self, job: _Job) -> None:
        self._hub.publish([job.told])
