"""Records the stream in the window, watches that it is written, and looks after what was written. Main thread."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.app.bundle_change import is_due
from rtms_desktop.app.doing import begin, tell_failure
from rtms_desktop.app.events import Notice, RecordingChanged, RecordingState, RepairChanged, UnclosedFound
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.library_desk import LibraryDesk
from rtms_desktop.app.recordings import title_from
from rtms_desktop.app.settings import Settings
from rtms_desktop.clock import Clock
from rtms_desktop.errors import DiskError, RtmsError
from rtms_desktop.recording.names import tombstone_of
from rtms_desktop.session.events import Severity
from rtms_desktop.transport.tasks import spawn

if TYPE_CHECKING:
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.recording.recorder import Recorder

log = logging.getLogger(__name__)

LOOK_AFTER_S = 3600.0
REPAIR_FIX = "Nothing was lost. Make room or choose a folder that can be written, then repair it again."
FAILED_FIX = "What was written is kept. Free space or choose another folder, then record again."


class RecordingDesk:
    """Methods return at once; those that are coroutines return when it is done.

    Args:
        stream: gives the stream in the window, until it is put away.
        show: opens a recording in the window.

    Attributes:
        state: as last told.
    """

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        settings: Settings,
        library: LibraryDesk,
        *,
        stream: Callable[[], ActiveSession | None],
        show: Callable[[Path], None],
    ) -> None:
        self.state = RecordingChanged(state=RecordingState.OFF)
        self._hub, self._clock, self._settings, self._library = hub, clock, settings, library
        self._stream, self._show = stream, show
        self._closing = False
        self._looking: asyncio.Task[None] | None = None

    @property
    def writing(self) -> Path | None:
        """The bundle that is being written."""
        recorder = self._recorder
        return None if recorder is None else recorder.folder

    @property
    def free_disk_bytes(self) -> int | None:
        """Free space where recordings go; None where that cannot be asked."""
        folder = self._settings.recordings
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None

    # -- the stream in the window --------------------------------------------------------------------------------

    def start(self) -> None:
        """Record the stream that runs, unless it is recorded; RecordingChanged tells."""
        session = self._stream()
        if session is None or session.ended is not None or session.recorder is not None:
            return
        try:
            floor = self._settings.values.disk_floor_mb * 1_000_000 or None
            recorder = session.record(self._settings.recordings, disk_floor=floor)
        except RtmsError as error:
            tell_failure(self._hub, "recording did not start", error)
            return
        self._changed(RecordingState.RECORDING, recorder.folder, self._clock.wall_ms())
        self._name(session, recorder)

    def stop(self) -> None:
        """End the recording; the stream goes on."""
        begin(self._hub, "stop recording", self.finish())

    async def finish(self) -> None:
        """Like ``stop``, for callers that wait."""
        session, recorder = self._stream(), self._recorder
        if session is None or recorder is None:
            return
        self._changed(RecordingState.FINALISING, recorder.folder, self.state.started_wall_ms)
        folder: Path | None = None
        try:
            folder = await session.stop_recording()
        except RtmsError as error:  # what had to be deleted could not be
            tell_failure(self._hub, "stop recording", error)
        await self._update_library()
        self._changed(RecordingState.OFF, folder)

    async def check(self) -> None:
        """Tell when the recording stalls or fails, and split it when the settings say so; asked twice a second."""
        session, recorder = self._stream(), self._recorder
        if session is None or recorder is None or self.state.state is RecordingState.FINALISING:
            return
        stats = recorder.stats
        if stats.problem:
            await self._fail(session, stats.problem)
            return
        state = RecordingState.STALLED if stats.stalled else RecordingState.RECORDING
        if state is not self.state.state:
            self._changed(state, recorder.folder, self.state.started_wall_ms)
        await self._split(session, recorder)

    async def delete_revoked(self, session: ActiveSession) -> None:
        """Stop reason 8: nothing of the stream may be kept; its recorder has destroyed what it was writing."""
        session.bundles.clear()
        deleted: set[str] = set()
        try:
            done = await self._library.revoke(session.config.stream_id, session.made)
            deleted = {bundle.name for bundle in done.bundles}
            if (problem := done.problem()) is not None:
                tell_failure(self._hub, "delete a revoked stream", problem)
        except RtmsError as error:
            tell_failure(self._hub, "delete a revoked stream", error)
        self._settings.forget_bundles(lambda path: path.name in deleted or tombstone_of(path).exists())

    # -- what was written ----------------------------------------------------------------------------------------

    def look_after(self) -> None:
        """Bring the library up to date, and move what is older than the setting says to the trash; now and hourly."""
        self._looking = spawn(self._look_after(), name="look after the recordings")

    def look_for_unclosed(self) -> None:
        """Offer to repair what a crash left open; UnclosedFound tells."""
        begin(self._hub, "look for recordings that were not closed", self._look_for_unclosed())

    def repair(self, bundle: Path) -> None:
        """Finish a bundle that a crash left open, then show it; RepairChanged tells."""
        begin(self._hub, "repair a recording", self._repair(bundle))

    def close(self) -> None:
        """Repairs end where they are; nothing is lost by that."""
        self._closing = True
        if self._looking is not None:
            self._looking.cancel()

    # -- inside --------------------------------------------------------------------------------------------------

    @property
    def _recorder(self) -> Recorder | None:
        session = self._stream()
        return None if session is None else session.recorder

    def _name(self, session: ActiveSession, recorder: Recorder) -> None:
        """Give a bundle that begins the title that the settings make for it."""
        if template := self._settings.values.title_template:
            product, now = session.invite.product.value.replace("_", " "), self._clock.wall_ms()
            title = title_from(template, product=product, meeting=session.config.meeting_id, wall_ms=now)
            self._library.rename(recorder.folder, title)

    async def _fail(self, session: ActiveSession, problem: str) -> None:
        folder = await session.stop_recording()
        await self._update_library()
        self._changed(RecordingState.FAILED, folder, problem=problem)
        notice = Notice(
            severity=Severity.ERROR, what="Recording stopped", why=problem, fix=FAILED_FIX, action="recording.start"
        )
        self._hub.publish([notice])

    async def _split(self, session: ActiveSession, recorder: Recorder) -> None:
        """Go on in another bundle when the settings say so; the older one is closed a little later."""
        if await session.finish_split() is not None:
            await self._update_library()
        values = self._settings.values
        if is_due(recorder.stats, self._clock.now(), values.split_minutes * 60.0, values.split_mb * 1_000_000):
            newer = None
            try:
                newer = session.split(self._settings.recordings)
            except DiskError as error:  # the recording goes on in the bundle that it has
                log.warning("no new bundle: %s", error.sentence())
            if newer is not None:
                self._changed(RecordingState.RECORDING, newer.folder, self.state.started_wall_ms)
                self._name(session, newer)

    async def _look_after(self) -> None:
        while True:
            await self._update_library()
            self._library.expire(self._settings.values.retention_days)
            await asyncio.sleep(LOOK_AFTER_S)

    async def _look_for_unclosed(self) -> None:
        from rtms_desktop.recording.repair import list_unclosed

        found = await asyncio.to_thread(list_unclosed, self._settings.recordings)
        if found:
            self._hub.publish([UnclosedFound(bundles=tuple(found))])

    async def _repair(self, bundle: Path) -> None:
        from rtms_desktop.recording.repair import Cancelled, repair

        self._hub.publish([RepairChanged(bundle=bundle, progress=0.0)])
        loop = asyncio.get_running_loop()

        def progress(part: float) -> None:
            loop.call_soon_threadsafe(self._hub.publish, [RepairChanged(bundle=bundle, progress=part)])

        try:
            await asyncio.to_thread(repair, bundle, progress, lambda: self._closing)
        except Cancelled:
            return
        except OSError as error:
            raise DiskError(f"{bundle.name} could not be repaired", error.strerror or str(error), REPAIR_FIX) from error
        finally:
            await self._update_library()
            self._hub.publish([RepairChanged(bundle=bundle, progress=1.0, done=True)])
        self._show(bundle)

    async def _update_library(self) -> None:
        try:
            await self._library.update()
        except RtmsError as error:
            tell_failure(self._hub, "look at the recordings", error)

    def _changed(
        self, state: RecordingState, folder: Path | None = None, started_wall_ms: int | None = None, problem: str = ""
    ) -> None:
        self.state = RecordingChanged(state=state, folder=folder, started_wall_ms=started_wall_ms, problem=problem)
        self._hub.publish([self.state])
