"""The library as the window asks for it, and everything that a revoked stream takes with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import (
    LibraryChanged,
    LibraryFound,
    LibraryPictures,
    Notice,
    RecordingChanged,
    RecordingState,
    RecordingsTrashed,
    SessionClosed,
)
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.library_desk import LibraryDesk
from rtms_desktop.app.recordings import title_from
from rtms_desktop.app.settings import RecentSession
from rtms_desktop.errors import RtmsError
from rtms_desktop.recording import bundle_notes, names
from rtms_desktop.recording.library_rows import State
from rtms_desktop.wire.payload import read_payload
from tests.app.test_controller import Seen, running
from tests.app.test_record import everything, record
from tests.fakes.raw_server import CLIENT_ID, SECRET, STREAM, RawServer
from tests.recording.material import ZERO_MS, FakeClock
from tests.recording.test_library import bundle


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


class Desk:
    """A desk over a folder, and what it told."""

    def __init__(self, root: Path, writing: Path | None = None) -> None:
        self.told: list[AnyEvent] = []
        self._more = asyncio.Event()
        hub = Hub()
        hub.subscribe(self._hear)
        index = root.parent / "index" / "library.sqlite3"
        self.writing = writing
        self.shown: Path | None = None
        self.root = root
        self.desk = LibraryDesk(
            hub,
            FakeClock(wall=ZERO_MS),
            root=lambda: self.root,
            index=index,
            writing=lambda: self.writing,
            shown=lambda: self.shown,
        )

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        self.told += events
        self._more.set()

    async def next(self, kind: type) -> AnyEvent:
        async with asyncio.timeout(10):
            while True:
                for event in self.told:
                    if isinstance(event, kind):
                        self.told.remove(event)
                        return event
                self._more.clear()
                await self._more.wait()


async def test_the_desk_tells_what_it_was_asked(tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    first, second, open_one = bundle(root, 1), bundle(root, 2, lines=("hello there",)), bundle(root, 3, closed=False)
    it = Desk(root, writing=open_one)
    desk = it.desk
    assert [entry.folder for entry in desk.entries] == [open_one, second, first]
    desk.refresh()
    desk.refresh()
    changed = await it.next(LibraryChanged)
    assert isinstance(changed, LibraryChanged)
    assert [entry.folder for entry in changed.entries] == [second, first] == [e.folder for e in desk.entries]
    assert {thread.name for thread in threading.enumerate() if "library" in thread.name} == {"library_0"}
    for text in ("h", "he", "hello"):
        desk.search(text)
    found = await it.next(LibraryFound)
    assert isinstance(found, LibraryFound)
    assert found.text == "hello" and [hit.folder for hit in found.hits] == [second]
    assert not any(isinstance(event, LibraryFound) for event in it.told)
    desk.want_pictures([first])
    assert await it.next(LibraryPictures) == LibraryPictures(pictures={first: b""})
    desk.rename(first, "Weekly")
    changed = await it.next(LibraryChanged)
    assert isinstance(changed, LibraryChanged) and changed.entries[1].name == "Weekly"
    desk.rename(open_one, "Today")
    desk.trash([first, open_one])
    gone = await it.next(RecordingsTrashed)
    assert isinstance(gone, RecordingsTrashed)
    assert [trashed.original for trashed in gone.trashed] == [first] and open_one.exists()
    assert bundle_notes.read_notes(open_one).title == "Today"
    desk.restore(gone.trashed)
    await it.next(LibraryChanged)
    changed = await it.next(LibraryChanged)
    assert isinstance(changed, LibraryChanged) and [entry.folder for entry in changed.entries] == [second, first]
    desk.rename(tmp_path / "nowhere.rtmsrec", "x")
    notice = await it.next(Notice)
    assert isinstance(notice, Notice) and "nowhere.rtmsrec cannot be written to" in notice.what
    it.root = tmp_path / "other"
    desk.refresh()
    assert await it.next(LibraryChanged) == LibraryChanged(entries=())
    await desk.close()
    await desk.close()
    desk.refresh()
    with pytest.raises(RtmsError):
        await desk.update()
    assert not [thread for thread in threading.enumerate() if "library" in thread.name]


async def test_what_is_too_old_goes_to_the_trash(tmp_path: Path) -> None:
    old = bundle(tmp_path / "recordings", -60 * 24 * 3)
    it = Desk(tmp_path / "recordings")
    it.shown = bundle(tmp_path / "recordings", -60 * 24 * 4)
    it.desk.expire(0)
    await it.desk.update()
    it.desk.expire(2)
    gone = await it.next(RecordingsTrashed)
    assert isinstance(gone, RecordingsTrashed) and [trashed.original for trashed in gone.trashed] == [old]
    await it.desk.close()


def test_a_title_is_filled_in() -> None:
    title = title_from("{product} {meeting} {what} {", product="meeting", meeting="m/1", wall_ms=ZERO_MS)
    assert title == "meeting m/1 {what} {"
    assert len(title_from("{date} {time}", product="", meeting="", wall_ms=ZERO_MS)) == 16


async def connect(controller: Controller, seen: Seen, server: RawServer, *, record: bool = False) -> SessionClosed:
    invite = read_payload(server.payload)
    controller.connect(ConnectRequest(invite=invite, client_id=CLIENT_ID, client_secret=SECRET, record=record))
    closed = await seen.until(lambda event: isinstance(event, SessionClosed))
    assert isinstance(closed, SessionClosed)
    return closed


@pytest.mark.slow
async def test_a_session_is_recorded_without_being_asked_and_gets_its_title(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen), RawServer(everything()) as server:
        controller.settings.change(auto_record=True, title_template="{product} by itself")
        await connect(controller, seen, server)
        (entry,) = controller.recordings
        assert (entry.name, entry.closed, entry.has_thumbnail) == ("meeting by itself", True, True)
        assert set(entry.people) >= {"Ann", "Bo"} and entry.length_ms > 0
        assert controller.recent[0].bundle == str(entry.folder)
        controller.library.search("two")
        found = await seen.until(lambda event: isinstance(event, LibraryFound))
        assert isinstance(found, LibraryFound) and [hit.speaker for hit in found.hits] == ["Ann"]


@pytest.mark.slow
async def test_a_revoked_stream_leaves_no_trace_in_the_window(tmp_path: Path) -> None:
    script = everything()
    script.stop_reason = 8
    async with running(tmp_path) as (controller, seen), RawServer(script) as server:
        root = controller.settings.recordings
        earlier = bundle(root, 1, stream=STREAM, lines=("xylophone",))
        other = bundle(root, 2, stream="another")
        export = tmp_path / "film.mp4"
        export.write_text("content")
        bundle_notes.remember_exports(earlier, [export])
        for folder in (earlier, other):
            line = RecentSession(title=folder.name, product="meeting", opened_ms=1, bundle=str(folder))
            controller.settings.remember(line)
        controller.recording.look_after()
        await seen.until(lambda event: isinstance(event, LibraryChanged))
        assert len(controller.recordings) == 2
        closed = await connect(controller, seen, server, record=True)
        assert closed.ended.stop_reason == 8 and closed.session.bundles == []
        assert [entry.folder for entry in controller.recordings] == [other]
        revoked = [entry for entry in controller.library.entries if entry.state is State.REVOKED]
        assert len(revoked) == 2
        assert not export.exists() and not earlier.exists()
        assert {path.suffix for path in root.iterdir() if path != other} == {".json"}
        assert [entry.bundle for entry in controller.recent] == ["", str(other)]
        assert "Ann" not in controller.recent[0].title and controller.recent[0].title.startswith("Meeting ")
        off = [event for event in seen.events if isinstance(event, RecordingChanged)][-1]
        assert off.state is RecordingState.OFF
        assert not [event for event in seen.events if isinstance(event, Notice)]
    for path in tmp_path.rglob("library.sqlite3*"):
        assert b"xylophone" not in path.read_bytes()


async def test_headless_earlier_recordings_of_a_revoked_stream_go_too(tmp_path: Path) -> None:
    script = everything()
    script.stop_reason = 8
    out = tmp_path / "out"
    earlier, other = bundle(out, 1, stream=STREAM), bundle(out, 2, stream="another")
    export = tmp_path / "film.mp4"
    export.write_text("content")
    bundle_notes.remember_exports(earlier, [export])
    async with RawServer(script) as server:
        run = await record(server.payload, out)
    assert run.code == 0, run.err
    assert run.line["stop_reason"] == 8
    assert not export.exists()
    assert {path.name for path in out.iterdir()} == {other.name, names.tombstone_of(earlier).name, run.bundle.name}
    for path in out.glob("*.json"):
        assert STREAM not in path.read_text() and "Ann" not in path.read_text()
