"""A recording as a session again: the same core, fed from the tape under a clock that can pause, jump and run faster.

Main thread. Whatever shows a session shows a ReplaySession: figures come from ``core``, events from the hub, pictures
and sound from ``pipeline``, and the time from ``clock``. After every jump the hub gets ``ReplayJumped``, then all that
had been told until then, then ``ReplaySettled``, in one batch.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from rtms_desktop.app.events import AppEvent, Notice, ReplayIndexed, ReplayJumped, ReplaySettled
from rtms_desktop.app.naming import people_in, stream_name
from rtms_desktop.app.replay_feed import RecordFeed
from rtms_desktop.app.replay_source import ReplaySource, open_source, unheard
from rtms_desktop.app.replay_transport import Transport
from rtms_desktop.clock import Clock
from rtms_desktop.media.replay.pipeline import ReplayPipeline
from rtms_desktop.media.sinks import Sink
from rtms_desktop.recording.figures import STEP_S, Look
from rtms_desktop.recording.index import Restored, restore
from rtms_desktop.recording.marks import Mark
from rtms_desktop.recording.overview import to_at_of
from rtms_desktop.session.core import SessionCore
from rtms_desktop.session.events import EndCause, Event, SessionEnded, Severity
from rtms_desktop.wire.invite import Invite

TICK_S = 0.015
RECORDS_PER_TURN = 150
"""About 4 ms of the main thread; what is left over comes in the next turn."""

AHEAD_S = 1.0
TOLD_S = 0.25


class ReplaySession(Transport):
    """One recording in the window.

    Attributes:
        core: the session as it stood at the playhead; another object after every jump.
        lead_s: added to times that are told, where they are those of a stream that runs.
        ended: the recorded end, once the playhead has reached it.
        recorder: None, as nothing is recorded.
    """

    is_replay: Literal[True] = True
    recorder = None

    def __init__(
        self, source: ReplaySource, publish: Callable[[Sequence[Event | AppEvent]], None], machine: Clock
    ) -> None:
        """Then ``open_pipeline`` and ``start``."""
        super().__init__(source, publish, machine)
        self.config = source.seed.config
        self.invite = Invite(
            product=self.config.product,
            meeting_id=self.config.meeting_id,
            id_key=self.config.id_key,
            stream_id=self.config.stream_id,
            signaling_url=self.config.signaling_url,
        )
        self.bundles: list[Path] = [source.bundle] if source.bundle is not None else []
        self.core: SessionCore = source.seed.core()
        self.lead_s = 0.0
        self.ended: SessionEnded | None = None
        self._restored: Restored | None = None
        self._feed: RecordFeed | None = None
        self._told_at = -math.inf
        self._looks: tuple[tuple[int, int, int], list[Look]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        publish: Callable[[Sequence[Event | AppEvent]], None],
        machine: Clock,
        *,
        follow: bool = False,
    ) -> ReplaySession:
        """Open a bundle, an open.rtms or a tape; raises BundleError."""
        loop = asyncio.get_running_loop()
        source = await loop.run_in_executor(None, lambda: open_source(path, follow=follow))
        return cls(source, publish, machine)

    # -- what it is ----------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """What a person calls it."""
        source = self.source
        people = people_in(source.manifest)
        return source.title or stream_name(self.invite.product.value, people, source.opened_wall_ms)

    @property
    def settled(self) -> bool:
        """Whether figures and text show the playhead; False while a jump is on its way."""
        return self._target is None and self._restored is not None

    @property
    def progress(self) -> float:
        """How much of the recording is indexed, 0 to 1; beyond, pictures and sound work, the rest waits."""
        return self.source.progress

    def looks(self, first: float, last: float) -> list[Look]:
        """The core's amounts ten times a second between two times of the axis, also behind the playhead."""
        key = (math.floor(first / STEP_S), math.floor(last / STEP_S), self.source.index.until)
        if self._looks is None or self._looks[0] != key:  # several panes ask for the same after a jump
            self._looks = (key, list(self.source.index.figures.looks(first, last)))
        return self._looks[1]

    def timeline(self, since: int = 0) -> list[Event]:
        """What ``history`` gives, of the whole recording: also beyond the playhead, as far as it is indexed.

        ``since``: without so many from its beginning.
        """
        return self.source.index.events[since:]

    def at_of_server_ms(self, server_ms: int) -> float:
        """When what the server stamped so is shown, as a time of the axis."""
        return to_at_of(self.source.index.figures, self.source.chunks.origin / 1e6)(server_ms)

    def history(self) -> list[Event]:
        """All that had been told by the playhead, but media and keep-alives: what a pane that opens late asks for."""
        return list(self.source.index.history(self.clock.now()))

    @property
    def marks(self) -> list[Mark]:
        """What a person marked, by time: all of them, also beyond the playhead."""
        return self.source.marks

    @property
    def can_mark(self) -> bool:
        return self.source.can_mark

    def change_mark(self, change: Mark) -> bool:
        """Take a change of a mark, for the view; whoever asks for it writes it down. False: it cannot be changed."""
        return self.source.change_mark(change)

    def server_ms_of_at(self, at: float) -> int:
        """What the server's clock read at a time of the axis."""
        return self.source.server_ms_of_at(at)

    # -- life ----------------------------------------------------------------------------------------------------

    def open_pipeline(self, sink: Sink | None, wake: Callable[[], None]) -> ReplayPipeline:
        """The pipeline of this recording, closed with it; ``wake`` as for MediaPipeline."""
        self.pipeline = ReplayPipeline(self.clock, self.source.units, sink, wake)
        self.pipeline.set_audio(self.config.params.audio)
        return self.pipeline

    def start(self, at: float | None = None) -> None:
        """Show the beginning, or the moment ``at``, paused; call once, after SessionOpened was told."""
        self._loop = asyncio.get_running_loop()
        self.source.bell = self._ring
        self._use_index()
        self.source.start()
        self._go(self.source.begin if at is None else at)
        self._run(self._follow(), "playhead")

    async def close(self) -> SessionEnded:
        """End all that runs, the pipeline too; returns what ``SessionClosed`` wants. Idempotent."""
        self._closing = True
        self.clock.pause()
        self._woken.set()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._in_thread(self._close_all)
        sentence = "The recording was closed."
        return self.ended or SessionEnded(
            at=self.clock.now(), cause=EndCause.LOCAL, stop_reason=None, status_code=None, reason="", sentence=sentence
        )

    # -- inside --------------------------------------------------------------------------------------------------

    def _close_all(self) -> None:
        """Those who read from the tape first. Blocks."""
        if self.pipeline is not None:
            self.pipeline.close()
        if self.source.bell == self._ring:  # else somebody else shows this source by now
            self.source.bell = unheard
        if not self.source.shared:
            self.source.close()

    async def _follow(self) -> None:
        """Keep the core and everybody who listens at the playhead."""
        while not self._closing:
            try:
                if self._target is not None:
                    await self._arrive(self._target)
                elif self._restored is not None and self._feed is not None:
                    await self._advance(self._restored, self._feed)
                else:
                    await self._wait(None)
            except OSError as error:
                await self._unreadable(error)

    async def _arrive(self, target: float) -> None:
        """Make the core what it was at ``target``, unless the playhead is sent elsewhere meanwhile."""
        index = self.source.index
        while not (index.covered >= target or index.complete or index.failed):
            await self._wait(TOLD_S)
            if self._closing or self._target != target:
                return
        source = self.source
        restored = await self._in_thread(lambda: restore(index, source.chunks, source.seed, target))
        if self._closing or self._target != target:
            return
        self._adopt(restored)

    def _adopt(self, restored: Restored) -> None:
        self._target = None
        self._restored = restored
        self._feed = RecordFeed(self.source.chunks, restored.chunk, restored.row)
        core = restored.drive.core
        assert isinstance(core, SessionCore)
        self.core = core
        history = self.source.index.history(restored.at)
        last = history[-1] if history else None
        self.ended = last if isinstance(last, SessionEnded) else None
        position_ms = (restored.at - self.opened_at) * 1000.0
        if self.pipeline is not None:
            self.pipeline.set_audio(core.granted.audio)
        self._publish([ReplayJumped(position_ms=position_ms), *history, ReplaySettled(position_ms=position_ms)])
        if self.pipeline is not None:
            self.pipeline.show_again()

    async def _unreadable(self, error: OSError) -> None:
        """The disk refuses: stand still and say so; the next jump tries again."""
        self._target = self._restored = self._feed = None
        self.clock.pause()
        self._changed()
        why = error.strerror or str(error)
        what = "The recording cannot be read any further"
        self._publish([Notice(severity=Severity.ERROR, what=what, why=why, fix="Check the disk, then try again.")])
        self._woken.clear()

    async def _advance(self, restored: Restored, feed: RecordFeed) -> None:
        anchor = self.clock.anchor
        now = self.clock.now()
        while feed.wants_more(now + AHEAD_S * anchor.rate) and self._target is None:
            await feed.read_more()
        if self._target is not None:
            return
        records = feed.take(now, RECORDS_PER_TURN)
        told: list[Event] = []
        for record in records:
            told += restored.drive.feed(record)
        if told:
            if isinstance(told[-1], SessionEnded):
                self.ended = told[-1]
            self._publish(told)
        if len(records) == RECORDS_PER_TURN:
            await asyncio.sleep(0)
            return
        if anchor.playing and now >= anchor.limit and not (self.source.grows and self.loop_ms is None):
            self._at_limit()
            return
        await self._wait(TICK_S if anchor.playing else None)

    def _at_limit(self) -> None:
        """At B back to A; at the end of the recording stop."""
        if self.loop_ms is not None and self.position_ms <= self.loop_ms[1] + 1.0:
            self._go(self.opened_at + self.loop_ms[0] / 1000.0)
        else:
            self.clock.pause()
        self._changed()

    def _ring(self) -> None:
        """The index's thread: it has grown."""
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop may close in this very moment
                self._loop.call_soon_threadsafe(self._index_grown)

    def _index_grown(self) -> None:
        if self._closing:
            return
        self._use_index()
        if self.source.follow:
            self._set_limit(self.clock.now())
        self._woken.set()
        now = self.clock.machine.now()
        if now - self._told_at >= TOLD_S or self.source.index.complete:
            self._told_at = now
            self._publish([ReplayIndexed(progress=self.progress, complete=self.source.index.complete)])

    def _use_index(self) -> None:
        index = self.source.index
        self.source.units.set_index(index.places, index.until)

    async def _wait(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()  # whoever waited looks at everything again
