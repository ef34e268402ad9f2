"""The tapes of the stream that runs, followed while they are written, so that a step back is there at once.

Used by the time shift, on the main thread. Of each bundle that is being written the index is kept up to date, on a
thread of its own; one that is finished is opened again when somebody goes that far back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.app.events import RecordingChanged, RecordingState, ShiftChanged
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.errors import BundleError
from rtms_desktop.transport.tasks import spawn

if TYPE_CHECKING:
    from rtms_desktop.app.replay_source import ReplaySource

LOOK_S = 0.1
FIRST_CHUNK_S, FIRST_CHUNK_TRIES = 0.2, 50
"""A tape can be read from its first flush on."""

PATIENCE_S = 5.0
"""A tape is finished and indexed to its end so soon after its recording, or never."""


class FollowedTapes:
    """``shown``: gives the one that is shown, if any; it is left to its session."""

    def __init__(self, hub: Hub, *, shown: Callable[[], ReplaySource | None]) -> None:
        self._hub, self._shown = hub, shown
        self._tapes: dict[Path, ReplaySource] = {}  # those that are being written, oldest first
        self._begins: dict[Path, float] = {}  # of every bundle of the stream, oldest first
        self._known: set[Path] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stream = 0
        self._ending = False
        hub.subscribe_stream(self._note)

    @property
    def current(self) -> ReplaySource | None:
        """The one that grows."""
        return next((tape for tape in reversed(self._tapes.values()) if tape.grows), None)

    @property
    def begin(self) -> float | None:
        """The earliest moment of all; None: there is none."""
        return min(self._begins.values(), default=None)

    def bundle(self, at: float) -> Path | None:
        """Where to show a moment from: the bundle that is shown while it holds it, else the newest that does."""
        shown = self._shown()
        if shown is not None and shown.begin <= at < shown.end - LOOK_S:
            return shown.bundle
        return next((bundle for bundle, begin in reversed(self._begins.items()) if begin <= at), None)

    async def source(self, at: float) -> ReplaySource | None:
        """To show a moment from; that of a bundle that is finished lives only while it is shown. Raises BundleError."""
        from rtms_desktop.app.replay_source import open_source

        bundle = self.bundle(at)
        if bundle is None or bundle in self._tapes:
            return None if bundle is None else self._tapes[bundle]
        return await asyncio.to_thread(open_source, bundle)

    async def put_back(self, source: ReplaySource) -> None:
        """It is not shown any more."""
        if source.shared and source not in self._tapes.values():  # its recording has ended meanwhile
            await asyncio.to_thread(source.close)

    def begin_anew(self) -> None:
        """Another stream begins."""
        self.forget()
        self._known.clear()
        self._ending = False

    def forget(self) -> None:
        """The stream is over; what is finished by itself is let go of then."""
        self._stream += 1
        self._tapes.clear()
        self._begins.clear()

    async def close(self) -> None:
        """Let go of every tape now; idempotent."""
        self.forget()
        self._ending = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    # -- inside --------------------------------------------------------------------------------------------------

    def _note(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, RecordingChanged) and event.folder is not None:
                if event.state is RecordingState.RECORDING and event.folder not in self._known:
                    self._known.add(event.folder)
                    task = spawn(self._follow(event.folder), name="follow the recording")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    async def _follow(self, folder: Path) -> None:
        """Keep the index of what is being recorded up to date."""
        stream, source = self._stream, await self._open(folder)
        if source is None:
            return
        if stream != self._stream:  # it is over already
            await asyncio.to_thread(source.close)
            return
        source.shared = True
        self._tapes[folder], self._begins[folder] = source, source.begin
        source.start()
        self._hub.publish([ShiftChanged()])
        patience = PATIENCE_S
        while source.grows and not self._ending and patience > 0:
            patience -= LOOK_S if self._tapes.get(folder) is not source else 0.0
            await asyncio.sleep(LOOK_S)
        self._tapes.pop(folder, None)
        if source.shared and self._shown() is not source:
            await asyncio.to_thread(source.close)
        self._hub.publish([ShiftChanged()])

    async def _open(self, folder: Path) -> ReplaySource | None:
        from rtms_desktop.app.replay_source import open_source

        for _ in range(FIRST_CHUNK_TRIES):
            await asyncio.sleep(FIRST_CHUNK_S)
            if self._ending:
                return None
            try:
                source = await asyncio.to_thread(open_source, folder, follow=True)
            except (BundleError, OSError):
                continue
            return source
        return None
