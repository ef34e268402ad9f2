from __future__ import annotations

import pytest

from rtms_desktop.session.events import Participant
from rtms_desktop.viewmodels.people_vm import HEADS, PeopleViewModel
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import TrackStats
from tests.fakes.desk import IRIS, MAYA, TOMAS, Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path, people=(MAYA, TOMAS))


@pytest.fixture
def model(desk):
    return PeopleViewModel(desk.controller)


def person(model, user_id):
    model.refresh()
    return next(p for p in model.model.people if p.user_id == user_id)


def test_everybody_has_a_row_with_figures(desk, model):
    desk.controller.live()
    desk.run(3)
    maya = person(model, MAYA)
    assert maya.camera == "on" and maya.sound == "talking" and maya.active
    assert maya.received.endswith("B") and maya.jitter.endswith("ms") and maya.gaps == "none"
    assert person(model, TOMAS).sound == "silent"
    assert model.model.columnCount() == len(HEADS)


def test_who_left_stays_below_the_others(desk, model):
    desk.controller.live()
    desk.controller.leave(MAYA)
    model.refresh()
    assert [p.user_id for p in model.model.people] == [TOMAS, MAYA]
    assert model.present == 1


def test_the_count_is_told_when_it_changes(desk, model):
    counts = []
    model.count_changed.connect(counts.append)
    desk.controller.live()
    model.refresh()
    desk.controller.join(IRIS)
    model.refresh()
    model.refresh()
    assert counts == [2, 3]


def test_people_whom_only_media_name_are_listed_and_two_of_one_name_stay_two(desk, model):
    desk.controller.live()
    desk.controller.core.tracks[Medium.AUDIO, 7] = TrackStats(user_name="Phone", last_ms=1, last_at=1.0, count=3)
    desk.controller.core.participants[8] = Participant(user_id=8, user_name="Phone")
    model.refresh()
    assert [p.name for p in model.model.people].count("Phone") == 2
    assert person(model, 7).camera == "–"


def test_a_loss_is_counted_for_whom_it_hit(desk, model):
    desk.controller.live()
    desk.run(3)
    desk.controller.lose("video")
    desk.run(2)
    desk.controller.regain("video")
    assert person(model, MAYA).gaps == "1, 2.0 s" and person(model, TOMAS).gaps == "none"


def test_a_camera_that_was_switched_off_says_so(desk, model):
    desk.controller.live()
    desk.controller.camera(TOMAS, False)
    assert person(model, TOMAS).camera == "off"


def test_unchanged_rows_are_not_told(desk, model):
    desk.controller.live()
    model.refresh()
    told = []
    model.model.dataChanged.connect(lambda *_: told.append(1))
    model.refresh()
    assert told == []
