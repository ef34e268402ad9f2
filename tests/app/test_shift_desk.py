"""Live time shift without a window: on the bundled server, with a recording that is being written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import (
    RecordingChanged,
    RecordingState,
    ReplayJumped,
    ReplaySettled,
    SessionClosed,
    SessionOpened,
    ViewShifted,
)
from rtms_desktop.app.hub import AnyEvent
from rtms_desktop.app.mock_process import MockOptions
from rtms_desktop.app.settings import Settings
from rtms_desktop.recording import names
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.session import events as ev

pytestmark = pytest.mark.slow
TOLD = (ev.TranscriptReceived, ev.ChatReceived, ev.ParticipantChanged, ev.SharingChanged)


class Pane:
    """Keeps what is told as a pane does: it forgets when something else is shown, and takes what comes then."""

    def __init__(self, controller: Controller) -> None:
        self.rows: list[Any] = []
        self.opened: list[AnyEvent] = []
        self.sockets: list[ev.LinkStateChanged] = []
        controller.hub.subscribe(self._hear)

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, SessionOpened | ViewShifted | ReplayJumped):
                self.rows.clear()
                self.sockets.clear()
            elif isinstance(event, TOLD):
                self.rows.append(event)
            elif isinstance(event, ev.LinkStateChanged):
                self.sockets.append(event)
            if isinstance(event, SessionOpened | SessionClosed | ViewShifted | ReplaySettled):
                self.opened.append(event)

    def shown(self) -> list[Any]:
        return [getattr(row, "message", row) for row in self.rows]


class Stream:
    """Everything that the stream told since it began, shown or not."""

    def __init__(self, controller: Controller) -> None:
        self.controller, self.pane = controller, Pane(controller)
        self.told: list[Any] = []
        self.ended: list[ev.SessionEnded] = []
        controller.hub.subscribe_stream(self._hear)

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        self.told += [getattr(event, "message", event) for event in events if isinstance(event, TOLD)]
        self.ended += [event for event in events if isinstance(event, ev.SessionEnded)]

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not what():
                await asyncio.sleep(0.005)

    async def back(self, seconds: float = 1.0, *, playing: bool = True) -> Any:
        """Step back and wait until every pane is there; what plays may be live again by itself before long."""
        self.pane.opened.clear()
        self.controller.shift.to(self.controller.clock.now() - seconds, playing=playing)
        await self.settled()
        return self.controller.shift.replay

    async def settled(self) -> None:
        await self.until(lambda: any(isinstance(event, ReplaySettled) for event in self.pane.opened))

    async def grows(self, figure: Callable[[], int]) -> None:
        before = figure()
        await self.until(lambda: figure() > before)

    async def live(self) -> None:
        self.controller.shift.live()
        await self.until(lambda: not self.controller.shift.active)

    async def recorded(self, seconds: float) -> None:
        """Until so much can be stepped back in."""
        shift = self.controller.shift
        await self.until(lambda: not shift.problem)
        begin = shift.begin
        assert begin is not None
        await self.until(lambda: self.controller.machine.now() - begin > seconds)


@asynccontextmanager
async def streaming(folder: Path, *, record: bool = True, split_s: float = 0.0) -> AsyncIterator[Stream]:
    settings = Settings(folder)
    settings.values.split_minutes = split_s / 60
    controller = Controller(settings)
    stream = Stream(controller)
    try:
        await controller.mock.bring_up(MockOptions(resolution="360p"))
        await controller.demo(record=record)
        await stream.until(lambda: stream.told and controller.stream and controller.stream.core.tracks)
        yield stream
    finally:
        await controller.shutdown()


async def test_back_and_forth_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        controller, shift = it.controller, it.controller.shift
        active, live, recorder = controller.stream, controller.pipeline, controller.stream.recorder
        await it.recorded(2.0)
        for _ in range(2):
            replay = await it.back(1.5)
            assert controller.session is replay and controller.stream is active and replay.playing
            assert controller.pipeline is replay.pipeline is not live and controller.clock is replay.clock
            assert shift.behind_s == pytest.approx(1.5, abs=0.5)
            await it.grows(lambda: recorder.stats.bytes_written)
            await it.grows(lambda: len(it.told))
            await it.live()
            assert controller.session is active and controller.pipeline is live
            assert controller.clock is controller.machine and shift.behind_s is None
            assert it.pane.shown() == it.told
        await it.grows(lambda: len(it.told))
        assert it.pane.shown() == it.told
        assert controller.stream.recorder is recorder and not recorder.stats.problem


async def test_what_was_told_before_the_recording_began_is_there_after_the_return(tmp_path: Path) -> None:
    async with streaming(tmp_path, record=False) as it:
        await it.until(lambda: any(type(told).__name__ == "TranscriptData" for told in it.told))
        it.controller.recording.start()
        await it.recorded(1.0)
        replay = await it.back(30.0, playing=False)
        assert replay.position_ms >= replay.begin_ms > 500
        await it.live()
        assert it.pane.shown() == it.told


async def test_what_is_not_shown_any_more_tells_nothing(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        await it.recorded(1.5)
        replay = await it.back(1.2, playing=False)
        await it.live()
        it.pane.opened.clear()
        replay._publish([ReplaySettled(position_ms=0.0)])  # it is put back at leisure
        assert not it.pane.opened and it.pane.shown() == it.told


async def test_fast_presses_add_up_and_the_edge_is_live_again(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        controller, shift = it.controller, it.controller.shift
        await it.recorded(3.0)
        now = controller.machine.now()
        for _ in range(4):
            shift.by(-0.6)
        await it.settled()
        assert controller.clock.now() == pytest.approx(now - 2.4, abs=0.4)
        assert sum(isinstance(event, ViewShifted) for event in it.pane.opened) == 1
        controller.session.set_speed(4.0)
        await it.until(lambda: not shift.active)
        assert controller.session is controller.stream
        shift.by(-1.0)
        shift.live()
        await it.until(lambda: not shift.active and not shift._moving)
        assert controller.session is controller.stream and it.pane.shown() == it.told


async def test_a_pause_stays_where_it_is_and_goes_on_from_there(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        controller, shift = it.controller, it.controller.shift
        await it.recorded(1.0)
        shift.toggle()
        await it.settled()
        here = controller.clock.now()
        await it.until(lambda: shift.behind_s > 1.2)
        assert controller.clock.now() == here and not shift.replay.playing
        shift.toggle()
        await it.until(lambda: controller.clock.now() > here + 0.1)
        assert shift.active and shift.behind_s > 1.0


async def test_without_a_recording_the_view_only_freezes(tmp_path: Path) -> None:
    async with streaming(tmp_path, record=False) as it:
        controller, shift = it.controller, it.controller.shift
        assert "Record" in shift.problem and shift.begin is None
        shift.by(-1.0)
        shift.to(0.0)
        assert not shift.active and not shift.show(controller.machine.now() - 1)
        shift.toggle()
        rows, then = len(it.pane.rows), controller.clock.now()
        await it.grows(lambda: len(it.told))
        assert shift.active and controller.session is controller.stream and controller.pipeline is None
        assert len(it.pane.rows) == rows and controller.clock.now() == then and shift.behind_s > 0
        shift.toggle()
        await it.until(lambda: not shift.active)
        assert it.pane.shown() == it.told and controller.pipeline is controller.live_pipeline


async def test_the_end_leaves_a_recording_like_any_other(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        controller = it.controller
        await it.recorded(1.5)
        replay = await it.back(1.2)
        replay.pause()
        here = replay.position_ms
        it.pane.opened.clear()
        controller.stop()
        await it.until(lambda: controller.stream is None)
        await it.until(lambda: not controller.shift.active)
        assert it.ended and controller.session is replay and replay.position_ms == here
        assert not any(isinstance(event, SessionClosed) for event in it.pane.opened)
        assert controller.recording.state.state is RecordingState.OFF and controller.recent[0].bundle
        await it.until(lambda: replay.source.index.complete)
        assert replay.source.manifest["closed"] and not replay.source.grows
        replay.seek(replay.duration_ms)
        replay.play()
        await it.until(lambda: replay.ended is not None)
        controller.close_recording()
        await it.until(lambda: controller.session is None)
        assert (Path(controller.recent[0].bundle) / names.REPLAY_INDEX).exists()


async def test_the_recording_may_end_while_one_is_back(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        controller = it.controller
        await it.recorded(1.5)
        replay = await it.back(1.2)
        controller.recording.stop()
        await it.until(lambda: replay.source.index.complete)
        assert controller.shift.active and controller.session is replay and controller.stream is not None
        replay.seek(replay.begin_ms)
        await it.until(lambda: replay.settled)
        await it.live()
        assert it.pane.shown() == it.told and "Record" in controller.shift.problem


async def test_a_revoked_stream_leaves_nothing(tmp_path: Path) -> None:
    async with streaming(tmp_path) as it:
        controller = it.controller
        await it.recorded(1.5)
        replay = await it.back(1.2, playing=False)
        folder = replay.source.bundle
        it.pane.opened.clear()
        controller.mock.act("end", reason=8)
        await it.until(lambda: controller.stream is None)
        await it.until(lambda: controller.session is None and controller.recording.state.folder is not None)
        kinds = [type(event) for event in it.pane.opened if not isinstance(event, ReplaySettled)]
        assert kinds == [ViewShifted, SessionClosed] and not it.pane.rows
        assert not folder.exists() and names.tombstone_of(folder).exists()
        assert controller.shift.begin is None and not controller.shift._log.events


async def test_panes_are_empty_when_the_stream_that_they_show_is_revoked(tmp_path: Path) -> None:
    async with streaming(tmp_path, record=False) as it:
        controller = it.controller
        await it.until(lambda: len(it.pane.rows) > 3)
        it.pane.opened.clear()
        controller.mock.act("end", reason=8)
        await it.until(lambda: controller.session is None)
        kinds = [type(event) for event in it.pane.opened if not isinstance(event, ReplaySettled)]
        assert kinds == [ViewShifted, SessionClosed] and not it.pane.rows
        assert {event.link for event in it.pane.sockets} >= {"signaling", "audio", "video"}


async def test_a_recording_that_goes_on_in_another_bundle_is_played_on(tmp_path: Path) -> None:
    bundles: list[Path] = []

    async with streaming(tmp_path, split_s=4.0) as it:
        controller = it.controller

        def note(events: Sequence[AnyEvent]) -> None:
            bundles.extend(
                event.folder
                for event in events
                if isinstance(event, RecordingChanged) and event.folder is not None and event.folder not in bundles
            )

        controller.hub.subscribe(note)
        await it.recorded(2.2)
        replay = await it.back(2.0)
        first = replay.source
        await it.until(lambda: bundles and not first.grows)
        await it.until(lambda: controller.shift.replay is not None and controller.shift.replay.source is not first)
        assert controller.shift.replay.playing
        await it.until(lambda: controller.clock.now() > first.end + 0.2)
        controller.shift.to(first.begin)
        await it.until(lambda: controller.shift.replay.source.bundle == first.bundle)
        assert controller.clock.now() < first.end
        await it.live()
        assert it.pane.shown() == it.told
        manifest = read_manifest(first.bundle)
        assert manifest is not None and manifest["closed"]
