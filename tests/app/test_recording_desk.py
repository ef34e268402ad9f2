"""The recording desk over a stream that can be recorded, stalls, fails and is split at will."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.app.events import (
    AppEvent,
    LibraryChanged,
    Notice,
    RecordingChanged,
    RecordingState,
    RepairChanged,
    UnclosedFound,
)
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.library_desk import LibraryDesk
from rtms_desktop.app.recording_desk import RecordingDesk
from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import DiskError
from rtms_desktop.recording import bundle_notes
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.wire.enums import Product
from tests.fakes.long_recording import make_bundle
from tests.recording.material import ZERO_MS, FakeClock
from tests.recording.test_library import bundle


class Stream:
    """As much of ActiveSession as the desk asks for."""

    def __init__(self) -> None:
        self.ended: object = None
        self.recorder: Any = None
        self.refusal: DiskError | None = None
        self.splits = 0
        self.invite = SimpleNamespace(product=Product.MEETING)
        self.config = SimpleNamespace(meeting_id="m 1", stream_id="s")

    def record(self, folder: Path, *, disk_floor: int | None = None) -> Any:
        self.disk_floor = disk_floor
        if self.refusal is not None:
            raise self.refusal
        stats = SimpleNamespace(problem="", stalled=False, started_at=0.0, bytes_written=0)
        made = bundle(folder, self.splits + 1)
        self.recorder = SimpleNamespace(folder=made, stats=stats)
        return self.recorder

    def split(self, folder: Path) -> Any:
        self.splits += 1
        return self.record(folder)

    async def finish_split(self) -> None:
        return None

    async def stop_recording(self) -> Path:
        folder: Path = self.recorder.folder
        self.recorder = None
        return folder


class Room:
    def __init__(self, folder: Path) -> None:
        self.told: list[AnyEvent] = []
        self.shown: list[Path] = []
        self.stream: Any = Stream()
        self.settings, clock = Settings(folder), FakeClock(wall=ZERO_MS)
        hub = Hub()
        hub.subscribe(self.told.extend)
        self.library = LibraryDesk(
            hub,
            clock,
            root=lambda: self.settings.recordings,
            index=folder / "library.sqlite3",
            writing=lambda: self.desk.writing,
        )
        self.desk = RecordingDesk(
            hub, clock, self.settings, self.library, stream=lambda: self.stream, show=self.shown.append
        )

    def of(self, kind: type[AppEvent]) -> Sequence[Any]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def states(self) -> list[RecordingState]:
        return [event.state for event in self.of(RecordingChanged)]

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not what():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Room]:
    room = Room(folder)
    try:
        yield room
    finally:
        await room.library.close()


async def test_a_recording_begins_once_gets_its_title_and_ends_in_the_library(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        room.settings.values.title_template = "{product} {meeting}"
        desk = room.desk
        desk.start()
        desk.start()
        folder = desk.writing
        assert folder is not None
        assert desk.state == RecordingChanged(
            state=RecordingState.RECORDING, folder=folder, started_wall_ms=ZERO_MS
        ) and room.states == [RecordingState.RECORDING]
        await room.until(lambda: bundle_notes.read_notes(folder).title == "meeting m 1")
        desk.stop()
        await room.until(lambda: desk.state.state is RecordingState.OFF)
        assert room.states[1:] == [RecordingState.FINALISING, RecordingState.OFF] and room.stream.disk_floor is None
        assert desk.writing is None and desk.state.folder == folder
        assert [entry.folder for entry in room.of(LibraryChanged)[-1].entries] == [folder]
        await desk.finish()
        assert len(room.states) == 3


async def test_what_has_ended_or_is_no_stream_is_not_recorded(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        room.stream.ended = "over"
        room.desk.start()
        room.stream = None
        room.desk.start()
        await room.desk.check()
        await room.desk.finish()
        assert not room.told and room.desk.writing is None


async def test_as_much_of_the_disk_stays_free_as_was_set(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        room.settings.values.disk_floor_mb = 2_000
        room.desk.start()
        assert room.stream.disk_floor == 2_000_000_000


async def test_a_recording_that_cannot_begin_says_why(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        room.stream.refusal = DiskError("no folder", "it is read-only", "Choose another.")
        room.desk.start()
        assert [(notice.what, notice.fix) for notice in room.of(Notice)] == [("no folder", "Choose another.")]
        assert room.desk.state.state is RecordingState.OFF


@pytest.mark.expects_log("rtms_desktop.app.recording_desk")
async def test_stalls_and_splits_keep_the_beginning_and_a_failure_offers_to_record_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        desk, stream = room.desk, room.stream
        desk.start()
        await desk.check()
        first = stream.recorder
        first.stats.stalled = True
        await desk.check()
        await desk.check()
        first.stats.stalled = False
        await desk.check()
        assert room.states == [RecordingState.RECORDING, RecordingState.STALLED, RecordingState.RECORDING]
        room.settings.values.split_mb, room.settings.values.title_template = 1, "{meeting}"
        first.stats.bytes_written = 1_000_000
        await desk.check()
        second = desk.writing
        assert second is not None and second != first.folder and desk.state.folder == second
        await room.until(lambda: bundle_notes.read_notes(second).title == "m 1")
        assert {event.started_wall_ms for event in room.of(RecordingChanged)} == {ZERO_MS}
        stream.recorder.stats.bytes_written, stream.refusal = 1_000_000, DiskError("full")
        await desk.check()
        assert room.states[-1:] == [RecordingState.RECORDING] and not room.of(Notice)
        stream.recorder.stats.problem = "the disk is full"
        await desk.check()
        (notice,) = room.of(Notice)
        assert (notice.why, notice.action) == ("the disk is full", "recording.start")
        assert room.states[-1:] == [RecordingState.FAILED] and desk.state.problem == notice.why and desk.writing is None


async def test_free_space_is_asked_where_recordings_will_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as room:
        room.settings.change(recordings=str(tmp_path / "not" / "there" / "yet"))
        asked: list[Path] = []

        def disk_usage(folder: Path) -> Any:
            asked.append(folder)
            if len(asked) > 1:
                raise OSError
            return SimpleNamespace(free=42)

        monkeypatch.setattr("shutil.disk_usage", disk_usage)
        assert room.desk.free_disk_bytes == 42 and asked == [tmp_path]
        assert room.desk.free_disk_bytes is None


async def left_open(room: Room) -> Path:
    left = make_bundle(room.settings.recordings, 3.0, people=1, size=(320, 180), closed=False)
    for file in (left, *left.rglob("*")):
        os.utime(file, (1, 1))
    room.desk.look_for_unclosed()
    await room.until(lambda: room.of(UnclosedFound))
    assert room.of(UnclosedFound)[0].bundles == (left,)
    return left


async def test_what_a_crash_left_open_is_found_repaired_and_shown(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        left = await left_open(room)
        room.desk.repair(left)
        await room.until(lambda: room.shown)
        told = room.of(RepairChanged)
        assert told[-1].done and not told[0].done and room.shown == [left]
        manifest = read_manifest(left)
        assert manifest is not None and manifest["closed"]


async def test_a_repair_ends_with_the_program(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        left = await left_open(room)
        room.desk.close()
        room.desk.repair(left)
        await room.until(lambda: room.of(RepairChanged) and room.of(RepairChanged)[-1].done)
        await asyncio.sleep(0)
        manifest = read_manifest(left)
        assert not room.shown and not room.of(Notice) and not (manifest and manifest["closed"])


async def test_looking_after_expires_what_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with opened(tmp_path) as room:
        old = bundle(room.settings.recordings, -60 * 24 * 3)
        new = bundle(room.settings.recordings, 0)
        room.settings.values.retention_days = 2
        room.desk.look_after()
        await room.until(lambda: not old.exists())
        assert new.exists()
        room.desk.close()


async def test_what_grows_too_old_meanwhile_expires_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("rtms_desktop.app.recording_desk.LOOK_AFTER_S", 0.01)
    async with opened(tmp_path) as room:
        room.settings.values.retention_days = 2
        room.desk.look_after()
        await room.until(lambda: room.of(LibraryChanged))
        old = bundle(room.settings.recordings, -60 * 24 * 3)
        await room.until(lambda: not old.exists())
        room.desk.close()
