"""A real recording under the view-models: every pane follows the playhead, and history is no news."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import ReplaySettled
from rtms_desktop.app.settings import Settings
from rtms_desktop.recording.overview import JumpTo
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.chat_vm import ChatViewModel
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.events_vm import EventsViewModel
from rtms_desktop.viewmodels.graph_kinds import GRAPHS
from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from rtms_desktop.viewmodels.mixer_vm import MixerViewModel
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.viewmodels.notices_vm import NoticesViewModel
from rtms_desktop.viewmodels.people_vm import PeopleViewModel
from rtms_desktop.viewmodels.replay_vm import ReplayViewModel
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.timeline_rows import Kind
from rtms_desktop.viewmodels.timeline_vm import TimelineViewModel
from rtms_desktop.viewmodels.transcript_vm import TranscriptViewModel
from tests.fakes.long_recording import FIRST_USER, make_bundle

pytestmark = pytest.mark.slow
SECONDS = 40.0


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("panes"), SECONDS, people=2, size=(320, 180))


class Panes:
    def __init__(self, folder: Path) -> None:
        self.bridge = Bridge()
        self.controller = Controller(Settings(folder), wake=self.bridge.wake)
        self.colours = SpeakerColours(self.controller)
        self.stage = StageViewModel(self.controller, self.colours, self.bridge)
        self.session = SessionViewModel(self.controller, self.stage.source_size)
        self.transcript = TranscriptViewModel(self.controller)
        self.timeline = TimelineViewModel(self.controller)
        self.chat = ChatViewModel(self.controller)
        self.people = PeopleViewModel(self.controller)
        self.monitor = MonitorViewModel(self.controller)
        self.events = EventsViewModel(self.controller)
        self.mixer = MixerViewModel(self.controller)
        self.notices = NoticesViewModel(self.controller)
        self.replay = ReplayViewModel(self.controller, self.colours)
        self.jumps = 0
        self.controller.hub.subscribe(self._count)

    def _count(self, events: Any) -> None:
        self.jumps += sum(isinstance(event, ReplaySettled) for event in events)

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not what():
                QApplication.processEvents()
                await asyncio.sleep(0.005)

    async def at(self, seconds: float) -> None:
        """Pause, jump and wait until everybody has arrived."""
        session, before = self.replay.session, self.jumps
        session.pause()
        session.seek(seconds * 1000)
        await self.until(lambda: self.jumps > before and session.settled)


@asynccontextmanager
async def panes(bundle: Path, folder: Path) -> AsyncIterator[Panes]:
    made = Panes(folder)
    made.controller.open_recording(bundle)
    try:
        await made.until(lambda: made.replay.active and made.replay.session.progress == 1.0 and made.jumps)
        yield made
    finally:
        await made.controller.shutdown()
        QApplication.processEvents()


async def test_the_transcript_is_whole_and_lights_what_is_said(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        await made.at(11.0)
        model = made.transcript
        texts = [line.text for line in model.store]
        assert texts[:3] == ["line 0", "line 1", "line 2"] and len(texts) == 20
        model.follow_playhead()
        assert model.lit is not None and model.store.row(model.lit).text == "line 5"
        model.seek(model.store.first + 8)  # said 16.1 s after the beginning
        await made.until(lambda: made.replay.session.settled)
        assert made.replay.position_ms == pytest.approx(16_115, abs=60)
        model.follow_playhead()
        assert model.store.row(model.lit).text == "line 8"
        await made.at(3.0)
        model.follow_playhead()
        assert model.store.row(model.lit).text == "line 1" and len(model.store) == 20


async def test_the_timeline_is_whole_and_lights_what_happens(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        await made.at(11.0)
        model = made.timeline
        assert [item.text for item in model.store if item.kind is Kind.SPEECH][:3] == ["line 0", "line 1", "line 2"]
        assert model.counts[Kind.SPEECH] == 20 and [item.at for item in model.store] == sorted(
            i.at for i in model.store
        )
        mark = made.controller.marks.add(made.replay.session.opened_at + 10.5, "here")
        assert mark is not None
        model.show(frozenset({Kind.SPEECH, Kind.MARKS}))
        model.follow_playhead()
        assert model.lit is not None and model.store.row(model.lit).text == "here"
        line = next(serial for serial in range(model.lit, model.store.end) if model.store.row(serial).text == "line 8")
        model.pick(line)
        await made.until(lambda: made.replay.session.settled)
        model.follow_playhead()
        assert model.lit == line and made.replay.position_ms == pytest.approx(16_115, abs=60)
        assert [block.text for block in made.replay.rows[0].blocks] == ["here"]
        made.controller.marks.remove(mark.id)
        assert model.counts[Kind.MARKS] == 0 and made.replay.rows[0].blocks == ()


async def test_history_is_no_news(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        for seconds in (35.0, 5.0, 39.9, 41.0):
            await made.at(seconds)
            assert made.chat.unread == 0 and made.events.troubles == 0
            assert made.notices.current is None or made.notices.current.key == "audio"
        made.events._batch.flush()
        rows = len(made.events.model.rows)
        await made.at(1.0)
        made.events._batch.flush()
        assert 0 < len(made.events.model.rows) < rows


async def test_people_speaker_and_captions_are_those_of_the_moment(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        made.stage.set_area(640, 400)
        await made.at(12.0)
        assert made.stage.speaker == FIRST_USER + 1024
        assert made.stage.caption.text == "line 5"
        assert {person.user_id for person in made.people.model.people} == {FIRST_USER, FIRST_USER + 1024}
        await made.at(2.0)
        assert made.stage.speaker == FIRST_USER and made.stage.caption.text in ("line 0", "line 1")
        await made.until(lambda: ("video", FIRST_USER) in made.stage.frames)
        assert {strip.user_id for strip in made.mixer.strips} >= {FIRST_USER, FIRST_USER + 1024}


async def test_lanes_and_graphs_show_the_window_around_the_playhead(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        model, session = made.monitor, made.replay.session
        model.set_window(1)
        await made.at(20.0)
        assert model.cursor == pytest.approx(session.opened_at + 20.0, abs=0.02)
        assert model.edge == pytest.approx(session.source.begin + 60.0)  # shorter than the window: from the left
        video = next(lane for lane in model.lanes if lane.name == "video")
        figures = model.figures(video)
        assert figures.word == "streaming" and figures.rate.endswith("kbit/s")
        first = round(session.source.begin * 10) + 10
        frames = model.history.window("frames", first, 300)
        assert frames.sum() == pytest.approx(30 * 25, abs=10)
        values = {graph.key: model.graph_value(graph) for graph in GRAPHS}
        assert float(values["fps"]) == pytest.approx(25, abs=1.5)
        beyond = model.history.window("bytes.video", round(session.source.end * 10) + 5, 20)
        assert np.isnan(beyond).all()
        assert "session_s" not in model.gap_sum() and model.gap_sum().endswith("40 s")
        model.set_cursor(session.opened_at + 30.0)
        assert session.position_ms == pytest.approx(30_000, abs=1)


async def test_the_cursor_of_every_pane_is_the_playhead(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        await made.at(5.0)
        inspector = InspectorViewModel(made.controller)
        try:
            await made.until(lambda: inspector.log is not None and not inspector.busy)
            inspector.refresh()
            assert inspector.shown
            opened = made.replay.session.opened_at
            for set_it in (
                lambda: made.monitor.set_cursor(opened + 20.0),
                lambda: made.transcript.seek(made.transcript.store.first + 8),
                lambda: inspector.cursor.choose(inspector.model.serial(inspector.shown // 2)),
            ):
                before = made.replay.position_ms
                set_it()
                await made.until(
                    lambda before=before: made.replay.position_ms != before and made.replay.session.settled
                )
                at = made.controller.moment.at
                assert at == made.monitor.cursor == pytest.approx(opened + made.replay.position_ms / 1000, abs=0.001)
                serial = inspector.cursor.take()
                if serial is not None:  # what the Inspector chose itself is no news to it
                    assert inspector.cursor.at_of(serial) == pytest.approx(at, abs=0.05)
        finally:
            inspector.close()


async def test_rates_are_there_at_once_after_a_jump(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        await made.at(25.0)
        figures = {figure.key: figure for figure in made.session.figures()}
        assert "25.0 fps" in figures["video"].value and figures["bitrate"].value.endswith("Mbit/s")
        assert figures["at"].value == "00:00:25.000" and figures["at"].note == "of 00:40"
        assert made.session.state.value == "Replay" and not made.session.connected
        assert [figure.key for figure in made.session.right_figures()] == ["closed", "size", "disk"]
        assert "Replay" in made.session.window_title


async def test_the_time_bar_knows_the_whole_recording(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        model = made.replay
        await made.at(12.0)
        assert [row.kind for row in model.rows] == ["marks", "speaker", "speaker", "share", "gaps"]
        assert [row.name for row in model.rows[1:3]] == [f"P{FIRST_USER}", f"P{FIRST_USER + 1024}"]
        assert len(model.rows[1].blocks) == 2
        assert (model.time_text(), model.length_text()) == ("00:00:12.000", "of 00:40")
        model.jump(JumpTo.SPEAKER, True)
        assert model.position_ms == pytest.approx(20_115, abs=30)
        model.loop_start()
        model.seek(25_000)
        model.loop_end()
        assert model.loop_texts() == ("A 00:20", "B 00:25")
        model.loop_clear()
        model.change_speed(False)
        assert model.loop_texts() is None and model.speed_text() == "0.5×"
        labels = model.labels(6)
        assert 3 <= len(labels) <= 7 and labels[1][1] == "00:10"


async def test_after_closing_nothing_is_left(qapp: Any, bundle: Path, tmp_path: Path) -> None:
    async with panes(bundle, tmp_path) as made:
        made.controller.close_recording()
        await made.until(lambda: made.controller.session is None)
        assert not made.replay.active and made.replay.rows == [] and not made.monitor.active
        assert made.session.last_ended is None and made.session.state.value == "Not connected"
        made.replay.toggle()
        made.replay.step(1)
        assert made.replay.time_text() == "00:00:00.000"
