"""Marks as a person sets them: live, before a recording and while it is closed, and in replay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.app.events import MarksChanged, Notice, RecordingChanged, RecordingState, SessionClosed, SessionOpened
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.marks_desk import MarksDesk
from rtms_desktop.app.replay import ReplaySession
from rtms_desktop.app.session import ActiveSession
from rtms_desktop.recording import names
from rtms_desktop.recording.marks import Mark, MarkBook, read_marks, write_marks
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.events import EndCause, SessionEnded
from rtms_desktop.transport.tls import client_context
from rtms_desktop.wire.payload import read_payload
from tests.fakes.long_recording import OPENED_AT, make_bundle, server_ms
from tests.fakes.raw_server import STREAM
from tests.recording import live
from tests.recording.material import ZERO_MS, FakeClock

BODY = {"meeting_uuid": "m1", "rtms_stream_id": STREAM, "server_urls": "ws://127.0.0.1:1"}


class Desk:
    """The desk over a hub, and what it told."""

    def __init__(self) -> None:
        self.hub, self.clock = Hub(), FakeClock(at=500.0, wall=ZERO_MS)
        self.shown: Any = None
        self.told: list[AnyEvent] = []
        self.desk = MarksDesk(self.hub, shown=lambda: self.shown, now=lambda: self.clock.now())
        self.hub.subscribe(self._hear)

    def _hear(self, events: Sequence[AnyEvent]) -> None:
        self.told += events

    def open(self, session: Any) -> None:
        self.shown = session
        self.hub.publish([SessionOpened(session=session)])

    def texts(self) -> list[str]:
        return [mark.text for mark in self.desk.marks]

    def last_told(self) -> list[str]:
        told = [event for event in self.told if isinstance(event, MarksChanged)]
        return [mark.text for mark in told[-1].marks] if told else []


def stream(clock: FakeClock) -> ActiveSession:
    """One that was never connected."""
    invite = read_payload(json.dumps(BODY))
    config = SessionConfig(
        meeting_id=invite.meeting_id, stream_id=invite.stream_id, signature="0" * 64,
        signaling_url=invite.signaling_url, product=invite.product,
    )  # fmt: skip
    return ActiveSession(invite, config, publish=lambda events: None, clock=clock, tls=client_context(None))


def end(session: ActiveSession, at: float) -> SessionEnded:
    ended = SessionEnded(at=at, cause=EndCause.LOCAL, stop_reason=None, status_code=None, reason="", sentence="")
    session.driver.ended = ended
    return ended


def in_bundle(bundle: Path) -> list[str]:
    book = read_marks(bundle)
    return [] if book is None else [mark.text for mark in book.marks]


async def test_nothing_can_be_marked_without_a_session() -> None:
    it = Desk()
    assert it.desk.mark_now() is None and it.desk.marks == []
    assert it.desk.problem == "Nothing is connected, and no recording is open."


async def test_a_mark_lies_where_it_was_set_and_takes_a_note(tmp_path: Path) -> None:
    it = Desk()
    session = stream(it.clock)
    it.open(session)
    assert it.desk.problem == ""
    it.clock.at += 7.25
    mark = it.desk.mark_now()
    assert mark is not None and mark.at == 507.25 and mark.server_ms == ZERO_MS + 7250 and mark.text == ""
    it.clock.at += 30
    it.desk.note(mark.id, " decision \n<b>")
    assert it.desk.marks == [Mark(mark.id, 507.25, ZERO_MS + 7250, "decision <b>")]
    assert it.last_told() == ["decision <b>"]
    before = len(it.told)
    it.desk.note(mark.id, "decision <b>")
    it.desk.note("unknown", "x")
    assert len(it.told) == before
    it.desk.remove(mark.id)
    assert it.desk.marks == [] and it.last_told() == []


async def test_marks_from_before_the_recording_are_carried_in(tmp_path: Path) -> None:
    it = Desk()
    session = stream(it.clock)
    it.open(session)
    early, gone = it.desk.add(500.5, "early"), it.desk.add(500.6, "gone")
    assert early is not None and gone is not None
    it.desk.remove(gone.id)
    it.clock.at += 5
    session.record(tmp_path)
    it.desk.note(early.id, "early, noted")
    it.desk.mark_now()
    bundle = await session.stop_recording()
    assert bundle is not None and in_bundle(bundle) == ["early, noted", ""]


async def test_a_closed_recording_learns_what_becomes_of_its_marks(tmp_path: Path) -> None:
    it = Desk()
    session = stream(it.clock)
    it.open(session)
    session.record(tmp_path)
    mark = it.desk.add(500.0, "one")
    assert mark is not None
    bundle = await session.stop_recording()
    assert bundle is not None
    it.desk.note(mark.id, "renamed")
    it.desk.add(501.0, "after the recording")
    await it.desk.settle()
    assert in_bundle(bundle) == ["renamed"]


async def test_a_note_typed_while_the_stream_ends_is_kept(tmp_path: Path) -> None:
    it = Desk()
    session = stream(it.clock)
    it.open(session)
    session.record(tmp_path)
    mark = it.desk.mark_now()
    assert mark is not None
    bundle = await session.stop_recording()
    assert bundle is not None
    session.bundles.clear()  # it is not known as finished yet
    it.shown = None
    it.hub.publish([SessionClosed(session=session, ended=end(session, it.clock.at))])
    it.desk.note(mark.id, "typed late")
    assert it.texts() == ["typed late"] and it.desk.mark_now() is None
    assert it.desk.problem.startswith("The stream has ended")
    it.hub.publish([RecordingChanged(state=RecordingState.OFF, folder=bundle)])
    await it.desk.settle()
    assert in_bundle(bundle) == ["typed late"]


async def test_while_one_has_stepped_back_the_marks_are_those_of_the_stream(tmp_path: Path) -> None:
    it = Desk()
    session = stream(it.clock)
    it.open(session)
    session.record(tmp_path)
    past = SimpleNamespace(is_replay=True, marks=[], can_mark=False, source=SimpleNamespace(bundle=tmp_path))
    it.shown, it.clock.at = past, 493.0  # the tape that is being written, at another moment
    mark = it.desk.mark_now()
    assert mark is not None and mark.at == 493.0 and session.marks == [mark] and it.desk.problem == ""
    end(session, 520.0)  # what is shown of its past stays
    assert it.desk.marks == [] and it.desk.mark_now() is None
    bundle = await session.stop_recording()
    assert bundle is not None and in_bundle(bundle) == [""]


# -- replay ----------------------------------------------------------------------------------------------------


async def opened(it: Desk, path: Path, until: Callable[[ReplaySession], bool]) -> ReplaySession:
    session = await ReplaySession.open(path, it.hub.publish, it.clock)
    it.open(session)
    session.start()
    async with asyncio.timeout(10):
        while not until(session):
            await asyncio.sleep(0.01)
    return session


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Two seconds of a meeting, marked once."""
    scene = live.scenario(tmp_path / "x.rtmsrec")
    path = scene.recorder.close()
    write_marks(path, MarkBook([Mark("one", 1235.0, ZERO_MS + 100, "one")]))
    return path


async def test_in_replay_the_sidecar_is_the_truth(bundle: Path) -> None:
    it = Desk()
    session = await opened(it, bundle, lambda session: session.progress == 1.0)
    assert it.texts() == ["one"] == [mark.text for mark in session.overview().marks]
    tape = (bundle / names.TAPE).read_bytes()
    it.desk.note("one", "renamed")
    added = it.desk.add(session.opened_at + 1.0, "added")
    assert added is not None and [mark.text for mark in session.overview().marks] == ["renamed", "added"]
    await it.desk.settle()
    assert in_bundle(bundle) == ["renamed", "added"]
    it.desk.remove("one")
    await it.desk.settle()
    assert in_bundle(bundle) == ["added"] and (bundle / names.TAPE).read_bytes() == tape
    await session.close()
    again = await opened(Desk(), bundle, lambda session: True)
    assert [mark.text for mark in again.marks] == ["added"]
    await again.close()


async def test_a_mark_of_replay_knows_the_servers_time(tmp_path: Path) -> None:
    it = Desk()
    session = await opened(it, make_bundle(tmp_path, 4.0), lambda session: session.progress == 1.0)
    mark = it.desk.add(OPENED_AT + 2.0)
    assert mark is not None and abs(mark.server_ms - server_ms(2.0)) < 60
    assert abs(session.at_of_server_ms(mark.server_ms) - mark.at) < 0.02
    await it.desk.settle()
    await session.close()


async def test_a_bare_tape_has_no_place_for_marks(bundle: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.mcap"
    bare.write_bytes((bundle / names.TAPE).read_bytes())
    it = Desk()
    session = await opened(it, bare, lambda session: session.progress == 1.0)
    assert it.desk.mark_now() is None and "without its bundle" in it.desk.problem
    await session.close()


async def test_a_disk_that_refuses_is_told(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    it = Desk()
    session = await opened(it, bundle, lambda session: session.progress == 1.0)
    monkeypatch.setattr("rtms_desktop.recording.marks.write_atomic", refuse)
    it.desk.note("one", "lost")
    await it.desk.settle()
    await asyncio.sleep(0)
    (notice,) = (event for event in it.told if isinstance(event, Notice))
    assert "cannot be written" in notice.what
    await session.close()


def refuse(path: Path, data: bytes) -> None:
    raise OSError(30, "Read-only file system")
