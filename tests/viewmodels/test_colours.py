from __future__ import annotations

from rtms_desktop.viewmodels.colours import SpeakerColours
from tests.fakes.controller import IRIS, MAYA, TOMAS, FakeController


def test_order_of_first_appearance(qapp, tmp_path):
    controller = FakeController(tmp_path, people=(TOMAS, MAYA))
    colours = SpeakerColours(controller)
    new = []
    colours.appeared.connect(new.append)
    controller.live()
    controller.say(IRIS, "hello")
    assert [colours.index(user) for user in (TOMAS, MAYA, IRIS)] == [0, 1, 2]
    assert colours.order == new == [TOMAS, MAYA, IRIS]


def test_somebody_who_left_and_came_back_keeps_the_colour(qapp, tmp_path):
    controller = FakeController(tmp_path)
    colours = SpeakerColours(controller)
    controller.live()
    controller.leave(MAYA)
    controller.join(MAYA)
    assert colours.index(MAYA) == 0


def test_mixed_audio_is_nobody(qapp, tmp_path):
    colours = SpeakerColours(FakeController(tmp_path))
    assert colours.index(0) == 0 and colours.order == []
    assert colours.index(MAYA) == 0


def test_a_new_session_counts_anew(qapp, tmp_path):
    controller = FakeController(tmp_path, people=(MAYA, TOMAS))
    colours = SpeakerColours(controller)
    controller.live()
    controller.people = (IRIS,)
    controller.live()
    assert colours.order[0] == IRIS
