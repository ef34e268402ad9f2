from __future__ import annotations

import itertools

import pytest

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.timebar_vm import TimeBarViewModel
from tests.fakes.controller import MAYA, TOMAS, FakeController, Level


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def model(controller):
    return TimeBarViewModel(controller, SpeakerColours(controller))


def run(controller, model, seconds):
    for _ in range(round(seconds * 10)):
        controller.step(0.1)
        model.sample()


def test_nothing_connected(model):
    assert model.strip() is None and model.elapsed_text() == "00:00:00" and not model.live
    assert model.summary() == "Nothing is connected."


def test_who_spoke_when(controller, model):
    controller.live()
    run(controller, model, 40)
    strip = model.strip()
    assert [index for index, _ in strip.speakers] == [0, 1]
    spoken = sum(span.end - span.start for _, spans in strip.speakers for span in spans)
    assert 30 <= spoken <= 41
    maya = strip.speakers[0][1]
    assert all(a.end < b.start for a, b in itertools.pairwise(maya))


def test_short_pauses_do_not_part_speech(controller, model):
    controller.live()
    controller._next_line = 1e9
    controller._sound = lambda now: None
    loud, quiet = Level(-12, -6), Level(-80, -75)
    for tenth in range(60):
        controller.pipeline.loud = {MAYA: quiet if tenth % 10 == 5 else loud}
        run(controller, model, 0.1)
    assert len(model.strip().speakers[0][1]) == 1


def test_without_levels_the_servers_word_stands_in(controller, model):
    controller.live()
    controller._next_line = 1e9
    controller._sound = lambda now: controller.pipeline.loud.clear()
    controller.speak(TOMAS)
    run(controller, model, 2)
    assert [index for index, _ in model.strip().speakers] == [1]


def test_shares_and_gaps_are_marked(controller, model):
    controller.live()
    run(controller, model, 20)
    controller.share(TOMAS)
    run(controller, model, 5)
    controller.lose()
    run(controller, model, 4)
    strip = model.strip()
    assert strip.share[0].end is None and strip.lost[0].end is None
    assert strip.lost[0].start == pytest.approx(controller.clock.now() - 4, abs=0.3)
    controller.regain()
    controller.share(None)
    strip = model.strip()
    assert strip.share[0].end is not None
    assert strip.lost[0].end - strip.lost[0].start == pytest.approx(4, abs=0.3)
    assert "1 gaps" in model.summary()


def test_the_window_grows_to_ten_minutes_and_then_moves(controller, model):
    controller.live()
    controller.step(10)
    strip = model.strip()
    assert strip.now - strip.start == 60
    controller.step(290, grain=0.2)
    assert model.strip().now - model.strip().start == pytest.approx(300, abs=1)
    controller.step(400, grain=0.5)
    strip = model.strip()
    assert strip.now - strip.start == 600
    texts = [text for _, text in strip.labels]
    assert texts == sorted(texts) and all(text.endswith(":00") for text in texts)
    assert all(strip.start <= at <= strip.now for at, _ in strip.labels)


def test_the_remark_says_what_can_be_done_or_what_is_left_out(controller, model):
    assert model.note == ""
    controller.live()
    assert model.note == "record to step back"
    controller.shift.begin = controller.clock.now()
    assert model.note == ""
    controller.step(610, grain=1.0)
    assert model.note == "shows the last 10 min"


def test_the_live_dot_is_green_only_while_something_comes(controller, model):
    assert model.dot == "text3"
    controller.live(streaming=False)
    assert model.dot == "text3"
    controller.arrive()
    assert model.dot == "ok"
    controller.lose()
    assert model.dot == "warn"


def test_a_new_session_begins_with_an_empty_strip(controller, model):
    controller.live()
    run(controller, model, 10)
    controller.live(streaming=False)
    assert model.strip().speakers == []


def test_the_end_is_told_at_once(controller, model):
    controller.live()
    told = []
    model.changed.connect(lambda: told.append(model.live))
    controller.disconnect()
    assert told == [False] and model.behind_text() == ""


def test_the_strip_shows_and_moves_the_cursor_of_the_window(controller, model):
    controller.live()
    run(controller, model, 30)
    assert model.strip().cursor is None
    controller.moment.set(controller.clock.now() - 10)
    assert model.strip().cursor == controller.clock.now() - 10
    model.look_at(controller.clock.now() - 20)
    assert controller.moment.at == controller.clock.now() - 20
    model.look_at(None)
    assert controller.moment.at is None
