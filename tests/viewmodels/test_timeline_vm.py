"""All that happened in one list: order, turns, changes, filters, marks, bounds."""

from __future__ import annotations

import pytest

from rtms_desktop.session.events import LinkState, LinkStateChanged, Reconnected, SessionStateChanged, Severity
from rtms_desktop.viewmodels import timeline_vm
from rtms_desktop.viewmodels.timeline_rows import Kind
from rtms_desktop.viewmodels.timeline_vm import TimelineViewModel
from rtms_desktop.wire.enums import SessionState
from rtms_desktop.wire.messages import Person
from tests.fakes.desk import IRIS, MAYA, TOMAS, Desk


@pytest.fixture
def desk(tmp_path, qapp):
    it = Desk(tmp_path)
    it.controller.live(streaming=False)
    return it


@pytest.fixture
def model(desk):
    made = TimelineViewModel(desk.controller)
    yield made
    made.close()


def plain(model):
    model._batch.flush()
    return [model.plain(serial) for serial in range(model.store.first, model.store.end)]


def wait(desk, seconds):
    desk.controller.clock.seconds += seconds


def test_everything_stands_in_one_list_by_time(desk, model):
    controller = desk.controller
    controller.core.session_zero_ms = controller.clock.wall_ms()
    controller.join(MAYA)
    controller.join(TOMAS)
    wait(desk, 2)
    desk.transcript("Shall we start?", MAYA)
    wait(desk, 2)
    desk.chat("The link is in the notes", "a1", sender=TOMAS)
    controller.share(TOMAS)
    wait(desk, 2)
    controller.marks.add(controller.clock.now(), "decision")
    wait(desk, 2)
    controller.share(None)
    controller.leave(TOMAS)
    assert plain(model) == [
        "00:00 Maya Okafor joined",
        "00:00 Tomás Rivera joined",
        "00:02 Maya Okafor: Shall we start?",
        "00:04 Tomás Rivera: The link is in the notes",
        "00:04 Tomás Rivera started sharing",
        "00:06 Mark: decision",
        "00:08 Somebody stopped sharing",
        "00:08 Tomás Rivera left",
    ]
    counted = {kind: count for kind, count in model.counts.items() if count}
    assert counted == {Kind.PEOPLE: 3, Kind.SPEECH: 1, Kind.CHAT: 1, Kind.SHARE: 2, Kind.MARKS: 1}


def test_what_was_said_before_stands_before_although_it_comes_later(desk, model):
    start = desk.controller.clock.wall_ms()
    wait(desk, 3)
    desk.chat("quick", "a1")
    changes = []
    plain(model)
    model.store.committed.connect(changes.append)
    desk.transcript("said first", start_ms=start + 1000)
    assert [line.partition(" ")[2] for line in plain(model)] == ["Maya Okafor: said first", "Maya Okafor: quick"]
    assert [(change.appended, change.changed) for change in changes] == [(1, (model.store.first,))]


def test_a_clock_that_is_plainly_another_one_is_not_believed(desk, model):
    desk.transcript("an hour ahead", start_ms=desk.controller.clock.wall_ms() + 3_600_000)
    wait(desk, 1)
    desk.chat("now", "a1")
    assert [line[:5] for line in plain(model)] == ["00:00", "00:01"]


def test_turns_go_on_until_somebody_else_or_something_else_comes(desk, model):
    for text, user in (("one", MAYA), ("two", MAYA), ("three", TOMAS)):
        desk.transcript(text, user)
        wait(desk, 2)
    desk.chat("between", "a1")
    wait(desk, 1)
    desk.transcript("four", TOMAS)
    plain(model)
    first = model.store.first
    assert [model.opens_turn(first + n) for n in range(5)] == [True, False, True, True, True]
    model.show(frozenset({Kind.SPEECH}))
    first = model.store.first
    assert [model.opens_turn(first + n) for n in range(4)] == [True, False, True, False]


def test_changes_of_the_server_change_the_rows(desk, model):
    start = desk.controller.clock.wall_ms()
    desk.transcript("helo", start_ms=start)
    desk.chat("for you", "a1", receiver=Person(user_id=TOMAS, user_name="Tomás Rivera"), session_type=2)
    desk.chat("gone", "a2")
    plain(model)
    changes = []
    model.store.committed.connect(lambda change: changes.append(len(change.changed)))
    desk.transcript("hello", start_ms=start, attribute=2)
    desk.chat("for you, edited", "a1", operation=3)
    desk.chat("", "a2", operation=2)
    desk.chat("👍", "a1", operation=4)
    desk.transcript("", start_ms=start + 99, attribute=3)  # of a line that never came
    assert plain(model) == [
        "00:00 Maya Okafor: hello [changed]",
        "00:00 Maya Okafor: for you, edited [private to Tomás Rivera, edited]",
        "00:00 Maya Okafor: gone [deleted]",
    ]
    assert changes == [3] and model.store.row(model.store.end - 1).deleted


def test_troubles_of_sockets_and_pauses(desk, model):
    controller = desk.controller
    controller.lose("video")
    wait(desk, 4.1)
    now = controller.clock.now()
    events = [
        Reconnected(at=now, link="video", down_s=4.1),
        Reconnected(at=now, link="audio", down_s=4.1, own=False),
        SessionStateChanged(at=now, session_id="s", state=SessionState.PAUSED, stop_reason=None, timestamp_ms=0),
        SessionStateChanged(at=now, session_id="s", state=SessionState.RESUMED, stop_reason=None, timestamp_ms=0),
        LinkStateChanged(at=now, link="chat", old=LinkState.CONNECTING, new=LinkState.REFUSED, code=3),
    ]
    controller.hub.publish(events)
    assert plain(model) == [
        "00:00 Video: 1006 ABNORMAL · Interrupted: socket lost",
        "00:04 Video: Back after 4.1 s",
        "00:04 Paused",
        "00:04 Resumed",
        f"00:04 Chat: 3 INVALID_SIGNATURE · {model.store.row(model.store.end - 1).text.partition(' · ')[2]}",
    ]
    rows = list(model.store)
    assert [row.severity for row in (rows[0], rows[1], rows[4])] == [Severity.WARNING, Severity.NOTE, Severity.ERROR]
    assert (rows[0].icon, rows[0].token) == ("video", "media.video")
    assert "Fix:" in model.tip(model.store.end - 1)


def test_chips_show_only_some_kinds_and_counts_go_on(desk, model):
    desk.transcript("said")
    desk.chat("written", "a1")
    plain(model)
    told = []
    model.counts_changed.connect(lambda: told.append(dict(model.counts)))
    model.toggle(Kind.CHAT)
    assert plain(model) == ["00:00 Maya Okafor: written"] and model.shows(Kind.CHAT) and not model.shows(Kind.SPEECH)
    desk.transcript("said later")
    assert len(plain(model)) == 1 and told[-1][Kind.SPEECH] == 2
    model.toggle(Kind.SPEECH)
    assert len(plain(model)) == 3
    model.show(frozenset())
    assert len(plain(model)) == 3 and model.shows(Kind.MARKS)


def test_marks_come_are_noted_and_go(desk, model):
    marks = desk.controller.marks
    desk.transcript("first")
    wait(desk, 10)
    desk.transcript("second")
    plain(model)
    opened = desk.controller.session.opened_at
    mark = marks.add(opened + 5)
    assert plain(model)[1] == "00:05 Mark" and model.mark_id(model.store.first + 1) == mark.id
    assert model.mark_id(model.store.first) == ""
    marks.note(mark.id, "between")
    assert plain(model)[1] == "00:05 Mark: between"
    marks.remove(mark.id)
    assert len(plain(model)) == 2 and model.counts[Kind.MARKS] == 0


def test_the_search_finds_names_and_words(desk, model):
    desk.transcript("the budget")
    wait(desk, 1)
    desk.controller.join(IRIS)
    desk.controller.marks.add(desk.controller.clock.now(), "Budget agreed")
    plain(model)
    model.finder.search("budget")
    assert len(model.finder.hits) == 2
    model.finder.search("iris")
    assert len(model.finder.hits) == 1


def test_a_row_that_is_picked_moves_the_cursor_of_the_window(desk, model):
    desk.transcript("first")
    wait(desk, 30)
    desk.transcript("second")
    plain(model)
    model.pick(model.store.first)
    assert desk.controller.moment.at == desk.controller.session.opened_at
    assert model.serial_at(desk.controller.clock.now()) == model.store.end - 1
    assert not model.replays
    model.follow_playhead()
    assert model.lit is None


def test_rows_are_bounded_and_the_oldest_go(desk, model, monkeypatch):
    monkeypatch.setattr(timeline_vm, "CAP", 40)
    for number in range(30):
        desk.transcript(f"line {number}", start_ms=desk.controller.clock.wall_ms())
        desk.chat(f"chat {number}", f"c{number}")
        wait(desk, 1)
    model.show(frozenset({Kind.CHAT}))
    model._batch.flush()
    assert model.dropped == 20 and sum(model.counts.values()) == 40
    assert len(model.store) == model.counts[Kind.CHAT] == 20
    assert model.store.row(model.store.first).text == "chat 10"
    desk.chat("too late", "c0", operation=3)  # of a message that was let go: it is told all the same
    assert plain(model)[-1].endswith("too late [edited]")
    desk.chat("", "c1", operation=2)
    assert plain(model)[-1].endswith("A message that was not received [deleted]")


def test_another_session_begins_anew(desk, model):
    desk.transcript("old")
    desk.controller.marks.mark_now()
    plain(model)
    seen = []
    model.session_changed.connect(lambda: seen.append(len(model.store)))
    desk.controller.live(streaming=False)
    assert seen == [0] and plain(model) == [] and not any(model.counts.values())
