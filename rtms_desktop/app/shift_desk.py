"""Live time shift: look at another moment of the stream that runs, and come back. Main thread; owned by the controller.

The stream goes on untouched. While one has stepped back, a replay of the tape that is being written is shown instead;
what the stream tells then reaches those who look after it, but not the panes (``told`` is the one gate). On the way
back panes get all of it at once, as after a jump in a recording. Without a recording the view can only be frozen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import (
    Notice,
    ReplayJumped,
    ReplaySettled,
    ShiftChanged,
    ViewShifted,
)
from rtms_desktop.app.followed_tapes import FollowedTapes
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.lead import lead_s
from rtms_desktop.app.sound_desk import SoundDesk
from rtms_desktop.app.stream_log import StreamLog
from rtms_desktop.clock import Clock
from rtms_desktop.session.events import Event, Severity
from rtms_desktop.transport.tasks import spawn

if TYPE_CHECKING:
    from rtms_desktop.app.replay import ReplaySession
    from rtms_desktop.app.replay_source import ReplaySource
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.media.pipeline import MediaPipeline
    from rtms_desktop.media.replay.clock import ReplayClock
    from rtms_desktop.media.replay.pipeline import ReplayPipeline

LIVE_EDGE_S = 0.6
"""Playing so close to the end of the tape, one is live again; the tape itself is about half as far behind."""

WATCH_S = 0.1
NOW_S = 0.1
ENDED = "The stream has ended"
NO_TAPE = "Record the stream to be able to step back in it."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the playhead is to go; ``at`` None: to the live edge."""

    at: float | None
    playing: bool = False


@dataclass(slots=True)
class View:
    """What the window shows; the controller's own."""

    session: ActiveSession | ReplaySession | None = None
    pipeline: MediaPipeline | ReplayPipeline | None = None


class ShiftDesk:
    """Methods return at once; those that are coroutines return when it is done.

    Args:
        stream: gives the stream that runs, until it is put away, and its pipeline.
        view: what is shown; changed here on the way back and forth.
        turn: held by whoever changes what runs or is shown.
        wake: as for the pipelines.
    """

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        *,
        stream: Callable[[], tuple[ActiveSession, MediaPipeline] | None],
        view: View,
        sound: SoundDesk,
        turn: asyncio.Lock,
        wake: Callable[[], None],
    ) -> None:
        self._hub, self._clock, self._stream, self._view = hub, clock, stream, view
        self._sound, self._turn, self._wake = sound, turn, wake
        self._log = StreamLog()
        self._replay: ReplaySession | None = None  # shown in place of the stream
        self._frozen: ReplayClock | None = None
        self._tapes = FollowedTapes(hub, shown=self._shown)
        self._watching: asyncio.Task[None] | None = None
        self._wanted: Wanted | None = None
        self._moving = False

    # -- how it stands -------------------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """Whether a stream runs and something else than its live edge is shown."""
        return self._replay is not None or self._frozen is not None

    @property
    def frozen(self) -> ReplayClock | None:
        """The time at which the view was frozen; None while it is not."""
        return self._frozen

    @property
    def replay(self) -> ReplaySession | None:
        """What is shown of the stream's past; None at its live edge."""
        return self._replay

    @property
    def problem(self) -> str:
        """Why one cannot step back, in a sentence; "" when one can."""
        return "" if self._tapes.current is not None or self._replay is not None else NO_TAPE

    @property
    def begin(self) -> float | None:
        """The earliest moment that can be shown (monotonic seconds); None: there is none."""
        return None if self.problem else self._tapes.begin

    @property
    def behind_s(self) -> float | None:
        """How far what is shown lies behind the present; None at the live edge."""
        clock = self._replay.clock if self._replay is not None else self._frozen
        return None if clock is None else max(0.0, self._clock.now() - clock.now())

    # -- what a person does --------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Stop what is shown, or let it go on from there; the stream itself goes on."""
        if self._wanted is not None and self._wanted.at is not None:
            self._go(Wanted(self._wanted.at, not self._wanted.playing))
        elif self._replay is not None:
            self._replay.toggle()
        elif self._frozen is not None:
            self.live()
        elif self._tapes.current is not None:
            self.to(self._clock.now(), playing=False)
        elif not self._moving:
            self._freeze()

    def to(self, at: float, *, playing: bool | None = None) -> None:
        """Show the moment ``at`` (monotonic seconds); ``playing`` None: as now. Without a tape nothing happens."""
        if playing is None:
            playing = self._plays
        newest, begin = self._tapes.current or (self._replay.source if self._replay is not None else None), self.begin
        if newest is not None and begin is not None:
            self._go(Wanted(min(max(at, begin), newest.end), playing))

    def by(self, seconds: float) -> None:
        """So much later, or earlier when negative."""
        self.to(self._here + seconds)

    def show(self, at: float | None) -> bool:
        """As ``to``, or with None or what is not over yet as ``live``; False where there is nothing to step back in."""
        if at is None or at >= self._clock.now() - NOW_S:
            moves = self.active
            self.live()
            return moves
        self.to(at)
        return not self.problem

    def live(self) -> None:
        """Back to the live edge."""
        if self.active or self._moving:
            self._go(Wanted(None))

    # -- the stream ----------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """Another stream begins, and is shown."""
        self._log = StreamLog()
        self._tapes.begin_anew()

    def told(self, events: Sequence[Event]) -> None:
        """What the stream tells, on its way to the hub."""
        self._log.take(events)
        self._hub.tell(events, shown=not self.active)

    async def closed(self) -> None:
        """The stream is over: what is shown of its past stays, as a recording like any other. Turn held."""
        replay = self._replay
        self._forget_stream()
        self._replay = self._frozen = None
        if replay is not None:
            replay.source.shared = False
            await asyncio.to_thread(replay.source.look_again)
            self._hub.publish([Notice(severity=Severity.NOTE, what=ENDED, fix="What you see is its recording.")])
        self._hub.publish([ShiftChanged()])

    async def revoke(self) -> None:
        """Nothing of the meeting may be shown or kept open any more, only how its sockets fared. Turn held."""
        self._log.forget_meeting()
        await self._show_stream()
        await self.close()

    async def close(self) -> None:
        """Let go of every tape; idempotent. What is shown is put back before."""
        self._forget_stream()
        await self._tapes.close()
        if self._watching is not None:
            await self._watching

    # -- inside: where to ----------------------------------------------------------------------------------------

    def _shown(self) -> ReplaySource | None:
        return None if self._replay is None else self._replay.source

    @property
    def _plays(self) -> bool:
        if self._wanted is not None and self._wanted.at is not None:
            return self._wanted.playing
        return self._replay.playing if self._replay is not None else True

    @property
    def _here(self) -> float:
        if self._wanted is not None and self._wanted.at is not None:
            return self._wanted.at
        clock = self._replay.clock if self._replay is not None else self._frozen or self._clock
        return clock.now()

    def _forget_stream(self) -> None:
        self._log, self._wanted = StreamLog(), None
        self._tapes.forget()

    def _go(self, wanted: Wanted) -> None:
        """Fast presses replace each other: the last one counts."""
        if not self._moving and self._seek(wanted):
            return
        self._wanted = wanted
        if not self._moving:
            self._moving = True
            begin(self._hub, "step back in the stream", self._move())

    def _seek(self, wanted: Wanted) -> bool:
        """Where the tape that is shown holds the moment, it only takes a jump."""
        replay = self._replay
        if replay is None or wanted.at is None or self._tapes.bundle(wanted.at) != replay.source.bundle:
            return False
        replay.clock.play() if wanted.playing else replay.clock.pause()
        replay.seek_at(wanted.at)
        return True

    async def _move(self) -> None:
        try:
            async with self._turn:
                while (wanted := self._wanted) is not None:
                    if wanted.at is None:
                        await self._return()
                    elif not self._seek(wanted):
                        await self._shift(wanted.at, wanted.playing)
                    if self._wanted is wanted:
                        self._wanted = None
        finally:
            self._wanted, self._moving = None, False

    # -- inside: there and back ----------------------------------------------------------------------------------

    async def _shift(self, at: float, playing: bool) -> None:
        from rtms_desktop.app.replay import ReplaySession

        stream, source, before = self._stream(), await self._tapes.source(at), self._replay
        if stream is None or source is None:
            return
        await asyncio.to_thread((self._view.pipeline or stream[1]).release_sink)
        stream[1].hide()
        session: ReplaySession = ReplaySession(source, lambda events: self._show(session, events), self._clock)
        session.lead_s = lead_s(stream[0])
        self._replay, self._frozen = session, None
        self._view.session, self._view.pipeline = session, session.open_pipeline(await self._sound.sink(), self._wake)
        self._sound.apply_volume()
        self._hub.show([ViewShifted(session=session)])
        session.start(at)
        if playing:
            session.play()
        self._hub.publish([ShiftChanged()])
        if before is None:
            self._watching = spawn(self._watch(), name="time shift")
        else:
            await self._put_back(before)

    def _show(self, session: ReplaySession, events: Sequence[AnyEvent]) -> None:
        """What a replay tells: until it is put back it goes on, though something else may be shown by then."""
        if self._view.session is session:
            self._hub.show(events)

    async def _return(self) -> None:
        if self.active:
            await self._show_stream()

    async def _show_stream(self) -> None:
        """The live edge, with what the log knows: panes begin anew."""
        stream, replay = self._stream(), self._replay
        if stream is None:
            return
        session, pipeline = stream
        if replay is not None and replay.pipeline is not None:
            await asyncio.to_thread(replay.pipeline.release_sink)
        self._replay = self._frozen = None
        pipeline.take_frames()  # those of the moment at which it was hidden
        self._view.session, self._view.pipeline = session, pipeline
        self._sound.apply_volume()
        position_ms = (self._clock.now() - session.opened_at) * 1000.0
        jumped, settled = ReplayJumped(position_ms=position_ms), ReplaySettled(position_ms=position_ms)
        self._hub.show([ViewShifted(session=session), jumped, *self._log.events, settled])
        self._hub.publish([ShiftChanged()])
        pipeline.set_sink(await self._sound.sink())
        if replay is not None:
            await self._put_back(replay)

    async def _put_back(self, replay: ReplaySession) -> None:
        await replay.close()
        await self._tapes.put_back(replay.source)

    def _freeze(self) -> None:
        """There is nothing to step back in: what is shown stays as it is."""
        from rtms_desktop.media.replay.clock import ReplayClock

        stream = self._stream()
        if stream is None or stream[0].ended is not None:
            return
        now = self._clock.now()
        self._frozen = ReplayClock(self._clock, now, now)
        stream[1].set_sink(None)
        stream[1].hide()
        self._view.pipeline = None
        self._hub.publish([ShiftChanged()])

    def _goes_on(self, source: ReplaySource, now: float) -> bool:
        """Whether a bundle has come to its end and another one holds what follows."""
        ended = not source.grows and now >= source.end - WATCH_S
        return ended and self._tapes.bundle(now) != source.bundle

    async def _watch(self) -> None:
        """At the end of the tape one is live again, or goes on in the next bundle where the recording did."""
        played = False
        while self._replay is not None:
            replay, now = self._replay, self._replay.clock.now()
            source = replay.source
            if replay.playing and source.grows and now >= source.end - LIVE_EDGE_S:
                self.live()
            elif played and self._goes_on(source, now):
                self._go(Wanted(now, playing=True))
            played = replay.playing
            await asyncio.sleep(WATCH_S)
