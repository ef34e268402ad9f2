"""The controls of a recording: play, pause, seek, step, loop, speed, jump. Main thread; every call returns at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeVar

from rtms_desktop.app.events import AppEvent, ReplayChanged
from rtms_desktop.app.replay_source import ReplaySource
from rtms_desktop.app.replay_steps import step_target
from rtms_desktop.clock import Clock
from rtms_desktop.media.frames import TrackKey
from rtms_desktop.media.replay.clock import ReplayClock
from rtms_desktop.media.replay.pipeline import ReplayPipeline
from rtms_desktop.recording.overview import JumpTo, Overview
from rtms_desktop.session.events import Event
from rtms_desktop.transport.tasks import spawn

T = TypeVar("T")

SLOWEST, FASTEST = 0.25, 4.0
SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
END_S = 0.015
"""So close to the end, playing begins anew."""


class Transport:
    """Moves the playhead. Positions are ms since the recorded session was opened.

    Attributes:
        clock: the playhead; its ``now()`` is on the same axis as ``opened_at`` and every event's ``at``.
        pipeline: None until it was opened.
        loop_ms: (A, B) while a loop is set.
    """

    def __init__(
        self, source: ReplaySource, publish: Callable[[Sequence[Event | AppEvent]], None], machine: Clock
    ) -> None:
        self.source = source
        self.opened_at, self.opened_wall_ms = source.opened_at, source.opened_wall_ms
        self.clock = ReplayClock(machine, source.begin, source.end)
        self.pipeline: ReplayPipeline | None = None
        self.loop_ms: tuple[float, float] | None = None
        self._publish = publish
        self._target: float | None = None  # where the playhead was sent and the session has not arrived
        self._woken = asyncio.Event()
        self._closing = False
        self._stepping = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- where it is -----------------------------------------------------------------------------------------------

    @property
    def position_ms(self) -> float:
        """The playhead in ms since the recorded session was opened."""
        return (self.clock.now() - self.opened_at) * 1000.0

    @property
    def begin_ms(self) -> float:
        """Where recording began: 0, or later when it was started in mid-session."""
        return (self.source.begin - self.opened_at) * 1000.0

    @property
    def duration_ms(self) -> float:
        """Where the recording ends."""
        return (self.source.end - self.opened_at) * 1000.0

    @property
    def playing(self) -> bool:
        return self.clock.playing

    @property
    def speed(self) -> float:
        return self.clock.rate

    def overview(self) -> Overview:
        """The whole recording at a glance, for the time bar."""
        return self.source.overview()

    # -- transport -----------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Go on; at the end, from the beginning."""
        if self.clock.now() >= self.source.end - END_S and not self.source.grows:
            self._go(self.source.begin)
        self.clock.play()
        self._changed()

    def pause(self) -> None:
        self.clock.pause()
        self._changed()

    def toggle(self) -> None:
        self.pause() if self.playing else self.play()

    def seek(self, position_ms: float) -> None:
        """Put the playhead there; it goes on playing if it did."""
        self.seek_at(self.opened_at + position_ms / 1000.0)

    def seek_by(self, milliseconds: float) -> None:
        self.seek(self.position_ms + milliseconds)

    def seek_at(self, at: float) -> None:
        """``at``: a time of the axis, such as an event's."""
        self._go(at)
        self._changed()

    def seek_server_ms(self, server_ms: int) -> None:
        """To a server timestamp, such as that of a line of the transcript."""
        if not self._closing:
            self._run(self._seek_server(server_ms), "seek")

    def set_speed(self, speed: float) -> None:
        """0.25 to 4."""
        self.clock.set_rate(min(max(speed, SLOWEST), FASTEST))
        self._changed()

    def change_speed(self, faster: bool) -> None:
        """To the next of ``SPEEDS``."""
        ahead = [s for s in SPEEDS if (s > self.speed if faster else s < self.speed)]
        if ahead:
            self.set_speed(ahead[0] if faster else ahead[-1])

    def step(self, frames: int, key: TrackKey | None = None) -> None:
        """Pause, and show the next (+1) or previous (-1) picture of a track, or of whichever shown track has one."""
        if self._closing:
            return
        self.clock.pause()
        self._changed()
        self._run(self._step(frames, key), "step")

    def loop(self, start_ms: float | None, end_ms: float | None = None) -> None:
        """Play from A to B for ever; without A and B, no longer. B None: the end."""
        if start_ms is None:
            self.loop_ms = None
        else:
            end = self.duration_ms if end_ms is None else end_ms
            low, high = sorted((max(start_ms, self.begin_ms), min(end, self.duration_ms)))
            self.loop_ms = (low, high) if high > low else None
        self._set_limit(self.clock.now())
        self._changed()

    def loop_start(self) -> None:
        """A is here."""
        end = self.loop_ms[1] if self.loop_ms is not None and self.loop_ms[1] > self.position_ms else None
        self.loop(self.position_ms, end)

    def loop_end(self) -> None:
        """B is here."""
        start = self.loop_ms[0] if self.loop_ms is not None and self.loop_ms[0] < self.position_ms else self.begin_ms
        self.loop(start, self.position_ms)

    def jump(self, kind: JumpTo, forward: bool = True) -> bool:
        """To the next or previous gap, speaker turn, mark or line; False when there is none."""
        target = self.overview().next(kind, self.clock.now(), forward)
        if target is None:
            return False
        self.seek_at(target)
        return True

    # -- inside --------------------------------------------------------------------------------------------------

    def _go(self, at: float) -> None:
        at = min(max(at, self.source.begin), self.source.end)
        self._target = at
        self._set_limit(at)
        self.clock.jump(at)
        self._woken.set()

    def _set_limit(self, at: float) -> None:
        end = self.source.end
        if self.loop_ms is not None and at < (loop_end := self.opened_at + self.loop_ms[1] / 1000.0):
            end = loop_end
        self.clock.set_limit(end)

    def _changed(self) -> None:
        self._woken.set()
        self._publish(
            [ReplayChanged(playing=self.playing, speed=self.speed, position_ms=self.position_ms, loop_ms=self.loop_ms)]
        )

    async def _step(self, frames: int, key: TrackKey | None) -> None:
        async with self._stepping:  # fast presses follow each other
            keys = [key] if key is not None else self._shown_keys()
            here, units = self.clock.now(), self.source.units
            target = await self._in_thread(lambda: step_target(units, keys, here, frames))
            if target is not None and not self._closing:
                self.seek_at(target)

    def _shown_keys(self) -> list[TrackKey]:
        shown = self.pipeline.visible if self.pipeline is not None else []
        return shown or list(self.source.index.places)

    async def _seek_server(self, server_ms: int) -> None:
        at = await self._in_thread(lambda: self.source.units.due(server_ms))
        if not self._closing:
            self.seek_at(at)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(None, function)

    def _run(self, coro: Coroutine[object, object, None], name: str) -> None:
        task = spawn(coro, name=f"replay {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
