"""Marks for the window: what may be done, where they are, what was said of them."""

from __future__ import annotations

from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from tests.fakes.desk import Desk


def test_marks_are_set_noted_and_deleted(tmp_path, qapp):
    desk = Desk(tmp_path)
    model = MarksViewModel(desk.controller)
    changes = []
    model.changed.connect(lambda: changes.append(len(model.marks)))
    assert model.problem and model.mark_now() is None and model.find("x") is None
    desk.controller.live(streaming=False)
    assert model.problem == "" and changes == [0]
    desk.controller.clock.seconds += 847
    mark = model.mark_now()
    assert model.clock(mark) == "00:14:07" and model.find(mark.id) == mark
    model.note(mark.id, "decision")
    earlier = model.add(mark.at - 7)
    assert [(model.clock(each), each.text) for each in model.marks] == [("00:14:00", ""), ("00:14:07", "decision")]
    model.remove(earlier.id)
    assert changes == [0, 1, 1, 2, 1]
