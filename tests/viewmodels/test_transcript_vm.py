from __future__ import annotations

import pytest

from rtms_desktop.viewmodels.transcript_vm import TranscriptViewModel
from tests.fakes.desk import IRIS, MAYA, TOMAS, Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def model(desk):
    model = TranscriptViewModel(desk.controller)
    desk.controller.live(streaming=False)
    desk.controller.core.session_zero_ms = desk.controller.clock.wall_ms()
    return model


def texts(model):
    model._batch.flush()
    return [line.text for line in model.store]


def test_lines_keep_the_order_of_arrival_and_show_session_time(desk, model):
    zero = desk.controller.clock.wall_ms()
    desk.transcript("second", start_ms=zero + 65_000)
    desk.transcript("first", user_id=TOMAS, start_ms=zero + 61_000)
    assert texts(model) == ["second", "first"]
    assert [model.clock(line) for line in model.store] == ["01:05", "01:01"]


def test_an_update_finds_its_line_by_speaker_and_start(desk, model):
    start = desk.controller.clock.wall_ms()
    desk.transcript("I think we shod", start_ms=start)
    desk.transcript("Me too", user_id=TOMAS, start_ms=start)
    desk.transcript("I think we should", start_ms=start, attribute=2)
    assert texts(model) == ["I think we should", "Me too"]
    line = model.store.row(0)
    assert line.updates == 1 and line.first_text == "I think we shod"
    assert "first: I think we shod" in model.tip(0)


def test_a_deleted_line_stays_readable(desk, model):
    start = desk.controller.clock.wall_ms()
    desk.transcript("forget that", start_ms=start)
    desk.transcript("", start_ms=start, attribute=3)
    assert texts(model) == ["forget that"] and model.store.row(0).deleted
    assert "3 DELETE" in model.tip(0) and model.plain(0).endswith("[deleted]")


def test_an_update_of_an_unknown_line_is_a_line_and_a_deletion_of_one_is_counted(desk, model):
    desk.transcript("late joiner", start_ms=1, attribute=2)
    desk.transcript("", start_ms=2, attribute=3)
    assert texts(model) == ["late joiner"] and model.stray == 1


def test_a_line_without_name_takes_the_name_of_the_participant(desk, model):
    desk.controller.join(IRIS)
    desk.transcript("hello", user_id=IRIS, name="")
    texts(model)
    assert model.store.row(0).user_name == "Iris Lehmann"


def test_language_and_lateness_stand_in_the_tip(desk, model):
    desk.transcript("bonjour", start_ms=desk.controller.clock.wall_ms() - 9_500, language=13)
    texts(model)
    assert "language 13 French (France)" in model.tip(0)
    assert "arrived 8.0 s after it was said, late" in model.tip(0)


def test_a_turn_opens_where_the_speaker_changes(desk, model):
    for user_id in (MAYA, MAYA, TOMAS, MAYA):
        desk.transcript("words", user_id=user_id, start_ms=desk.controller.clock.wall_ms() + user_id)
    texts(model)
    assert [model.opens_turn(serial) for serial in range(4)] == [True, False, True, True]


def test_a_new_session_starts_an_empty_list(desk, model):
    desk.transcript("old words")
    texts(model)
    counts = []
    model.count_changed.connect(counts.append)
    desk.controller.live(streaming=False)
    assert texts(model) == [] and counts == [0]


def test_control_characters_of_the_wire_become_blanks(desk, model):
    desk.transcript("a\x00b\x1b[31mc\nd\r\ne")
    assert texts(model) == ["a b [31mc\nd\ne"]


def test_it_knows_whether_a_transcript_was_asked_for(desk, model):
    assert model.asking.asked_for and model.asking.next_time
    desk.controller.settings.change(media=["audio"])
    assert not model.asking.next_time
    model.asking.ask_next_time()
    assert desk.controller.settings.values.media == ["audio", "transcript"]
