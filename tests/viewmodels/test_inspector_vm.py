from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from rtms_desktop.app.events import RecordingChanged, RecordingState
from rtms_desktop.app.message_rows import Flag
from rtms_desktop.session.events import Anomaly, Severity
from rtms_desktop.viewmodels.inspector_facets import toggled
from rtms_desktop.viewmodels.inspector_rows import CONTENT, DELTA, HEADS, MESSAGE, NO, TIME
from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from tests.app.messages import tape_of_meeting
from tests.fakes.desk import Desk
from tests.fakes.messages import MAYA, TOMAS, Script


@pytest.fixture
def desk(qapp, tmp_path):
    desk = Desk(tmp_path)
    desk.controller.live()
    return desk


@pytest.fixture
def vm(desk):
    vm = InspectorViewModel(desk.controller)
    yield vm
    vm.close()


@pytest.fixture
def script(desk, vm):
    script = Script(desk.controller.session.tape, at=desk.controller.clock.now())
    script.wall_ms = vm.log.rows.wall_ms
    return script


def settle(qtbot, vm):
    qtbot.waitUntil(lambda: not vm.busy, timeout=10_000)
    vm._drain()


def test_rows_come_at_a_tick_and_not_before(vm, script):
    before = vm.shown
    inserted = []
    vm.model.rowsInserted.connect(lambda _, first, last: inserted.append(last - first + 1))
    script.meeting()
    assert vm.shown == before and not inserted
    vm.refresh()
    assert vm.shown == vm.total == vm.log.rows.end and len(inserted) == 1
    vm.refresh()
    assert len(inserted) == 1
    assert vm.status == f"{vm.shown:,} of {vm.total:,}"


def test_cells_read_as_in_the_head(qtbot, vm, script):
    script.meeting()
    vm.refresh()
    gap = int(np.flatnonzero(vm.log.rows.column("flags") & Flag.GAP)[0])
    row = vm.model.row_of(gap)
    assert vm.model.cell(row, MESSAGE) == "15\tMEDIA_DATA_VIDEO"
    assert vm.model.cell(row, TIME).startswith("00:00:12.") and vm.model.cell(row, DELTA).startswith("4,0")
    assert vm.model.cell(row, NO).isdecimal() and vm.model.tint(row) == "warn" and vm.model.tint(row + 1) == ""
    assert vm.model.cell(row, CONTENT) == "…"
    qtbot.waitUntil(lambda: vm.model.cell(row, CONTENT) == "keyframe 320×180 · gap 4.1 s")
    assert len(vm.model.plain([row]).split("\t")) == len(HEADS)


def test_a_wrong_filter_leaves_the_last_one_in_force(vm, script):
    script.meeting()
    vm.refresh()
    assert vm.set_filter("type:video")
    shown = vm.shown
    assert not vm.set_filter("type:vidoe")
    assert str(vm.error) == 'No type is called "vidoe". Did you mean video?'
    assert vm.shown == shown and vm.filter == "type:video"
    script.run(1)
    vm.refresh()
    assert vm.shown == shown + 25
    assert vm.set_filter("") and vm.error is None and vm.shown == vm.total


def test_text_is_searched_in_what_is_there_and_in_what_comes(qtbot, vm, script):
    script.meeting()
    vm.refresh()
    vm.set_filter("nordics")
    settle(qtbot, vm)
    shown = vm.shown
    assert shown == 8 and (np.diff(vm.model.serials) > 0).all()
    script.run(2)
    vm.refresh()
    assert vm.shown == shown + 1


def test_holding_stops_the_table_and_not_the_log(vm, script):
    script.open_all()
    vm.refresh()
    vm.hold(True)
    shown, kept = vm.shown, vm.log.rows.end
    script.run(1)
    vm.refresh()
    assert vm.shown == shown and vm.log.rows.end > kept + 40 and "new" in vm.status
    vm.hold(False)
    assert vm.shown == vm.total


def test_dropped_rows_leave_the_table(vm, script):
    vm.log.rows.cap = 4096
    script.open_all()
    script.run(2)
    vm.refresh()
    script.run(120)
    vm.refresh()
    assert vm.log.rows.first > 0 and vm.model.serial(0) >= vm.log.rows.first
    assert vm.shown == len(vm.log.rows)


def test_anomalies_of_the_session_mark_their_message(desk, vm, script):
    script.open_all()
    script.run(1)
    desk.controller.hub.publish([Anomaly(at=script.at, link="audio", severity=Severity.WARNING, kind="odd", text="x")])
    vm.refresh()
    assert "warn" in {vm.model.tint(row) for row in range(vm.shown - 5, vm.shown)}


def test_a_message_is_looked_at_in_two_steps(qtbot, vm, script):
    script.meeting()
    vm.refresh()
    told = []
    vm.detail_changed.connect(lambda: told.append(vm.detail))
    vm.look_at(int(np.flatnonzero(vm.log.rows.column("kind") == 15)[-1]))
    settle(qtbot, vm)
    assert told and vm.detail.fresh and vm.detail.picture is not None and vm.detail.tree is not None
    vm.look_at(None)
    assert vm.detail is None


def test_a_tape_is_opened_and_read(qtbot, vm, tmp_path):
    vm.open(tape_of_meeting(tmp_path / "t.mcap"))
    settle(qtbot, vm)
    assert vm.log.scanned == 1 and not vm.shown  # nobody has looked yet
    vm.refresh()
    assert vm.shown == vm.total == len(vm.log.rows) > 700
    vm.set_filter("type:video is:gap")
    assert vm.shown == 1
    vm.set_filter("nordics")
    settle(qtbot, vm)
    assert vm.shown == 8
    vm.open(tmp_path / "nothing.mcap")
    assert "there is no recording" in vm.problem


def test_a_replay_shows_its_tape(qtbot, vm, tmp_path):
    tape = tape_of_meeting(tmp_path / "t.mcap")
    vm.follow(SimpleNamespace(is_replay=True, source=SimpleNamespace(path=tape, chunks=SimpleNamespace(origin=0))))
    settle(qtbot, vm)
    vm.refresh()
    assert vm.shown > 700 and vm.log.path == tape


def test_messages_go_elsewhere(qtbot, vm, script, tmp_path):
    script.meeting()
    vm.refresh()
    vm.set_filter("type:handshake")
    said, copied = [], []
    vm.said.connect(said.append)
    vm.copied.connect(copied.append)
    vm.copy(vm.model.serials.tolist(), "json")
    settle(qtbot, vm)
    assert len(json.loads(copied[0])) == vm.shown and "secrets blank" in said[0]
    vm.save(tmp_path / "some.mcap")
    settle(qtbot, vm)
    assert re.fullmatch(rf"{vm.shown} messages saved as some.mcap, with \d+ more that it takes to play them", said[-1])
    copied.clear()
    vm.copy(vm.model.serials.tolist()[-1:], "python")
    settle(qtbot, vm)
    assert "wss://rtms-sjc1.zoom.us/" in copied[0] or "json.loads" in copied[0]
    vm.save(tmp_path / "no" / "some.mcap")
    settle(qtbot, vm)
    assert "could not be written" in said[-1]


def test_what_belongs_to_a_message_is_a_filter(vm, script):
    script.meeting()
    vm.refresh()
    video = int(np.flatnonzero(vm.log.rows.column("kind") == 15)[0])
    assert vm.followed(video, "user") == 'user:"Tomás Rivera"'
    for what in ("user", "link", "track", "type"):
        for serial in (0, 1, video):
            assert vm.set_filter(vm.followed(serial, what)), (what, serial)
            assert serial in vm.model.serials
    vm.set_filter(vm.followed(video, "track"))
    assert {vm.log.rows.user(int(s)) for s in vm.model.serials} == {TOMAS}


def test_facets_count_and_toggle(vm, script):
    script.meeting()
    vm.refresh()
    lines = {(facet.group, facet.text): facet for facet in vm.facets.lines()}
    rows = vm.log.rows
    assert lines["Participant", "Maya Okafor"].count == sum(rows.user(s) == MAYA for s in range(rows.end))
    assert lines["Noticed", "Socket or stream lost"].count == 2
    assert sum(f.count for f in vm.facets.lines() if f.group == "Socket") == vm.total
    text = toggled(toggled("", "link", "video"), "link", "audio")
    assert text == "link:video,audio" and toggled(text, "link", "video") == "link:audio"
    assert toggled("link:video x", "link", "video") == "x"
    assert toggled(toggled("x", "lag", ">500"), "lag", ">500") == "x"
    assert toggled('user:"A B"', "user", "Bob") == 'user:"A B",Bob'
    for facet in vm.facets.lines():
        assert vm.set_filter(toggled("", facet.field, facet.value)) and vm.shown == facet.count, facet


def test_filters_are_kept_under_names(desk, vm):
    vm.set_filter("type:handshake")
    vm.save_filter("Handshakes only")
    assert vm.saved == desk.controller.settings.values.filters == {"Handshakes only": "type:handshake"}
    vm.forget_filter("Handshakes only")
    assert not vm.saved


def test_a_new_session_begins_a_new_log(desk, vm, script):
    script.open_all()
    vm.refresh()
    log = vm.log
    folder = desk.controller.settings.folder
    desk.controller.hub.publish([RecordingChanged(state=RecordingState.RECORDING, folder=folder)])
    assert log.tapes
    vm.follow(desk.controller.session)
    assert vm.log is not log and not vm.log.tapes
