"""Exports as the window asks for them: in turn, with progress, to be cancelled, and gone with a revoked recording."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from rtms_desktop.app import export_desk
from rtms_desktop.app.events import ExportChanged, ExportLooked, ExportState
from rtms_desktop.app.export_desk import WAITING_MAX, ExportDesk
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.errors import DiskError
from rtms_desktop.recording import bundle_notes
from rtms_desktop.recording.export.options import ExportOptions, Format
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m
from tests.recording.export.studio import meeting, samples


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("desk") / "one.rtmsrec")


@pytest.fixture
def bundle(made_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(made_once, tmp_path / made_once.name)
    return tmp_path / made_once.name


class Desk:
    """A desk, and what it told; ``hold`` keeps the export thread busy until it is set."""

    def __init__(self) -> None:
        self.told: list[AnyEvent] = []
        self._more = asyncio.Event()
        hub = Hub()
        hub.subscribe(self._hear)
        self.keep = self._keep
        self.desk = ExportDesk(hub, m.FakeClock(), keep=lambda bundle, paths: self.keep(bundle, paths))

    async def _keep(self, bundle: Path, paths: Sequence[Path]) -> None:
        bundle_notes.remember_exports(bundle, paths)

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        self.told += events
        self._more.set()

    async def ended(self, number: int) -> ExportChanged:
        async with asyncio.timeout(20):
            while True:
                for event in self.told:
                    if isinstance(event, ExportChanged) and event.number == number:
                        if event.state not in export_desk.ACTIVE:
                            return event
                self._more.clear()
                await self._more.wait()

    async def looked(self) -> ExportLooked:
        async with asyncio.timeout(20):
            while True:
                for event in self.told:
                    if isinstance(event, ExportLooked):
                        return event
                self._more.clear()
                await self._more.wait()


def options(out: Path, kind: Format = Format.WAV, **more: object) -> ExportOptions:
    return ExportOptions(format=kind, out=str(out), **more)  # type: ignore[arg-type]


async def test_exports_follow_each_other_and_are_remembered(tmp_path: Path, bundle: Path) -> None:
    it = Desk()
    first = it.desk.start(bundle, options(tmp_path / "a.wav"), title="Weekly").number
    second = it.desk.start(bundle, options(tmp_path / "a.mp4", Format.MP4)).number
    assert [job.number for job in it.desk.active] == [first, second]
    done = await it.ended(second)
    assert (done.state, done.progress, done.written) == (ExportState.DONE, 1.0, (tmp_path / "a.mp4",))
    assert len(samples(tmp_path / "a.wav")) > 0 and it.desk.active == ()
    changes = [event for event in it.told if isinstance(event, ExportChanged)]
    order = [event.number for event in changes if event.state is ExportState.RUNNING]
    assert order == sorted(order)  # never two at once
    running = [event.progress for event in changes if event.number == first and event.state is ExportState.RUNNING]
    assert running == sorted(running) and running[0] == 0.0 and changes[0].title == "Weekly"
    assert [Path(export.path).name for export in bundle_notes.read_notes(bundle).exports] == ["a.wav", "a.mp4"]
    await it.desk.close()
    await it.desk.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("export")]


async def test_a_cancelled_export_leaves_nothing(tmp_path: Path, bundle: Path) -> None:
    it, out = Desk(), tmp_path / "out"
    out.mkdir()
    running, waiting = (it.desk.start(bundle, options(out / f"{n}.mp4", Format.MP4)).number for n in range(2))
    it.desk.cancel(waiting)
    it.desk.cancel(running)
    assert [(await it.ended(number)).state for number in (running, waiting)] == [ExportState.CANCELLED] * 2
    assert list(out.iterdir()) == [] and bundle_notes.read_notes(bundle).exports == []
    it.desk.cancel(running)
    await it.desk.close()


async def test_the_end_of_the_program_cancels(tmp_path: Path, bundle: Path) -> None:
    it, out = Desk(), tmp_path / "out"
    out.mkdir()
    numbers = [it.desk.start(bundle, options(out / f"{n}.mp4", Format.MP4)).number for n in range(2)]
    await asyncio.sleep(0)
    await it.desk.close()
    for number in numbers:
        assert (await it.ended(number)).state is ExportState.CANCELLED
    assert list(out.iterdir()) == []
    late = it.desk.start(bundle, options(out / "late.wav"))
    assert late.state is ExportState.FAILED
    it.desk.look(bundle)


async def test_a_failure_says_why_and_the_next_one_goes_on(tmp_path: Path, bundle: Path) -> None:
    it = Desk()
    (tmp_path / "taken.wav").write_text("mine")
    failed = it.desk.start(bundle, options(tmp_path / "taken.wav")).number
    good = it.desk.start(bundle, options(tmp_path / "taken.wav", force=True)).number
    end = await it.ended(failed)
    assert end.state is ExportState.FAILED and "exists already" in end.what and end.written == ()
    assert (await it.ended(good)).state is ExportState.DONE
    await it.desk.close()


async def test_too_many_are_refused(tmp_path: Path, bundle: Path) -> None:
    it = Desk()
    numbers = [it.desk.start(bundle, options(tmp_path / f"{n}.txt", Format.TXT)).number for n in range(WAITING_MAX + 2)]
    refused = await it.ended(numbers[-1])
    assert refused.state is ExportState.FAILED and "waiting" in refused.what
    assert (await it.ended(numbers[-2])).state is ExportState.DONE
    await it.desk.close()


async def test_a_recording_that_is_deleted_meanwhile_takes_its_export_along(tmp_path: Path, bundle: Path) -> None:
    it = Desk()

    async def revoked(bundle: Path, paths: Sequence[Path]) -> None:
        assert all(path.exists() for path in paths)
        shutil.rmtree(bundle)
        raise DiskError("gone")

    it.keep = revoked
    end = await it.ended(it.desk.start(bundle, options(tmp_path / "a.wav")).number)
    assert end.state is ExportState.FAILED and "deleted" in end.what and not (tmp_path / "a.wav").exists()
    await it.desk.close()


async def test_a_recording_that_cannot_be_written_to_is_exported_all_the_same(tmp_path: Path, bundle: Path) -> None:
    it = Desk()

    async def read_only(bundle: Path, paths: Sequence[Path]) -> None:
        raise DiskError("read only")

    it.keep = read_only
    end = await it.ended(it.desk.start(bundle, options(tmp_path / "a.wav")).number)
    assert end.state is ExportState.DONE and (tmp_path / "a.wav").exists()
    await it.desk.close()


async def test_what_a_recording_holds(tmp_path: Path, bundle: Path) -> None:
    bundle_notes.set_title(bundle, "Weekly")
    it = Desk()
    it.desk.look(bundle, lambda: (1, 2))
    looked = await it.looked()
    assert looked.contents is not None and looked.span == (1, 2)
    assert looked.contents.title == "Weekly" and looked.contents.people == ((m.ANN, "Ann"), (m.BOB, "Bob <b>&"))
    assert looked.contents.media == {Medium.AUDIO, Medium.VIDEO, Medium.TRANSCRIPT, Medium.CHAT}
    assert 3_900 < looked.contents.length_ms < 4_100
    await it.desk.close()


async def test_what_is_no_recording_holds_nothing(tmp_path: Path) -> None:
    it = Desk()
    it.desk.look(tmp_path / "none")
    looked = await it.looked()
    assert looked.contents is None and "no recording" in looked.what
    await it.desk.close()
