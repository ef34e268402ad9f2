from __future__ import annotations

import copy
import dataclasses

import pytest

from rtms_desktop.app.events import ReplayJumped, ReplaySettled, ViewShifted
from rtms_desktop.session.events import ChatReceived
from rtms_desktop.viewmodels.chat_vm import ChatViewModel
from rtms_desktop.wire.messages import ChatFile, Person
from tests.fakes.desk import IRIS, MAYA, TOMAS, Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def model(desk):
    model = ChatViewModel(desk.controller)
    desk.controller.live(streaming=False)
    return model


def line(model, serial=0):
    model._batch.flush()
    return model.store.row(serial)


def test_an_edit_keeps_what_was_there_before(desk, model):
    desk.chat("Wednesday", "A")
    desk.chat("Thursday", "A", operation=3)
    found = line(model)
    assert (found.text, found.versions, found.edited) == ("Thursday", ["Wednesday"], True)
    assert model.state_line(found).startswith("edited") and "before: Wednesday" in model.tip(0)


def test_a_deleted_message_is_shown_as_deleted(desk, model):
    desk.chat("wrong window", "A")
    desk.chat("", "A", operation=2)
    found = line(model)
    assert found.deleted and found.text == "wrong window" and model.state_line(found).startswith("deleted")


def test_reactions_are_counted_by_person(desk, model):
    desk.chat("hi", "A")
    for sender in (MAYA, TOMAS, TOMAS):
        desk.chat("+1", "A", operation=4, sender=sender)
    assert model.reaction_line(line(model)) == "Reactions: +1 2 (Maya Okafor, Tomás Rivera)"
    desk.chat("+1", "A", operation=5, sender=MAYA)
    desk.chat("+1", "A", operation=5, sender=TOMAS)
    assert model.reaction_line(line(model)) == ""


def test_a_reply_quotes_its_parent_or_says_that_it_is_missing(desk, model):
    desk.chat("Is it the bank?", "A")
    desk.chat("Yes", "B", parent_message_id="A", sender=TOMAS)
    desk.chat("What?", "C", parent_message_id="gone")
    line(model)
    assert model.reply_line(model.store.row(1)) == "Reply to Maya Okafor: Is it the bank?"
    assert model.reply_line(model.store.row(2)) == "Reply to a message that was not received"


def test_private_and_group_messages_say_so(desk, model):
    desk.chat("to you", "A", session_type=2, receiver=Person(user_id=TOMAS, user_name="Tomás Rivera"))
    desk.chat("to us", "B", session_type=3)
    desk.chat("to all", "C", session_type=1)
    line(model)
    assert [model.audience(row) for row in model.store] == ["private to Tomás Rivera", "group", ""]


def test_removed_files_stay_listed_as_removed(desk, model):
    files = (ChatFile(file_id="F1", file_name="a.pdf", file_size=48_000), ChatFile(file_id="F2", file_size=5))
    desk.chat("see", "A", files=files)
    desk.chat("see", "A", operation=3, deleted_files=("F1",))
    assert model.file_lines(line(model)) == [("a.pdf", "48 kB, removed"), ("F2", "5 B")]


def test_a_change_of_an_unknown_message_is_shown_as_what_it_is(desk, model):
    desk.chat("new text", "ZZ", operation=3)
    assert line(model).stray == "3 UPDATE of a message that was not received"


def test_an_operation_that_nobody_knows_is_a_message(desk, model):
    desk.chat("future", "A", operation=9)
    assert line(model).text == "future" and not line(model).stray


def test_unread_counts_only_what_nobody_looks_at(desk, model):
    counts = []
    model.count_changed.connect(counts.append)
    desk.chat("one", "A")
    desk.chat("two", "B", sender=IRIS)
    model._batch.flush()
    assert model.unread == 2
    model.mark_read(True)
    desk.chat("three", "C")
    model._batch.flush()
    assert model.unread == 0 and counts[-2:] == [0, 0]


def test_the_clipboard_gets_everything_as_text(desk, model):
    desk.chat("see", "A", files=(ChatFile(file_id="F1", file_name="a.pdf", file_size=48_000),))
    desk.chat("+1", "A", operation=4, sender=TOMAS)
    model._batch.flush()
    assert model.plain(0) == "00:00 Maya Okafor: see\n  Reactions: +1 1 (Tomás Rivera)\n  a.pdf, 48 kB"


def test_who_comes_back_to_the_stream_has_as_much_to_read_as_came(desk, model):
    hub, session = desk.controller.hub, desk.controller.session
    told = []
    hub.subscribe(lambda events: told.extend(event for event in events if isinstance(event, ChatReceived)))
    desk.chat("one", "A")
    model._batch.flush()
    past = copy.copy(session)
    past.is_replay = True
    jumped, settled = ReplayJumped(position_ms=0.0), ReplaySettled(position_ms=0.0)
    hub.show([ViewShifted(session=past), jumped, *told, settled])
    assert len(model.store) == 1 and model.unread == 1
    desk.controller.clock.seconds += 1
    late = dataclasses.replace(told[0], at=desk.controller.clock.now())
    hub.show([ViewShifted(session=session), jumped, told[0], late, settled])
    assert len(model.store) == 2 and model.unread == 2
    hub.show([ViewShifted(session=session), jumped, settled])  # the stream was taken back
    assert len(model.store) == 0 and model.unread == 0
