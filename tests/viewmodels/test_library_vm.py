"""The recordings page behind its widgets: rows and states, search, pictures, delete and undo, opening at a line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt

from rtms_desktop.app.events import RepairChanged, SessionOpened
from rtms_desktop.app.hub import Hub
from rtms_desktop.recording.library_rows import State
from rtms_desktop.viewmodels.library_rows import LENGTH, NAME, PEOPLE, SIZE, STATE, WHEN, WRITING
from rtms_desktop.viewmodels.library_vm import PICTURES_MAX, LibraryViewModel
from tests.fakes.controller import FakeController
from tests.fakes.library import entry, hit

FALLING, RISING = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
REVIEW = entry(0, "Design review", has_thumbnail=True)
RECONNECTS = entry(1, "Three reconnects", size=61_000_000, length_ms=330_000, people=("Ann",))
CUT = entry(2, "Interview 12", closed=False, state=State.OPEN, length_ms=0, people=())
GONE = entry(3, "Partner webinar", state=State.REVOKED, size=0, length_ms=0, people=())


@pytest.fixture
def controller(qapp, tmp_path):
    made = FakeController(tmp_path / "config")
    made.opened = []
    made.open_recording = made.opened.append
    return made


@pytest.fixture
def model(controller):
    made = LibraryViewModel(controller)
    controller.library.show([REVIEW, RECONNECTS, CUT, GONE])
    return made


def cells(model, column):
    return [model.model.data(model.model.index(number, column)) for number in range(model.model.rowCount())]


def asked(controller, key):
    return [call[1:] for call in controller.library.calls if call[0] == key]


def test_what_the_rows_say(model):
    assert cells(model, NAME) == ["Design review", "Three reconnects", "Interview 12", "Partner webinar"]
    assert cells(model, LENGTH) == ["48:12", "05:30", "–", "–"]
    assert cells(model, PEOPLE) == ["2", "1", "–", "–"]
    assert cells(model, SIZE) == ["412 MB", "61 MB", "412 MB", "–"]
    assert cells(model, STATE) == ["complete", "complete", "not closed", "revoked"]
    assert cells(model, WHEN)[0] == "19 Nov 2026 15:02"
    assert model.summary() == "3 recordings, 885 MB"
    row = model.model.row(0)
    assert row.line() == "Maya Okafor, Tomás Rivera" and row.is_settled


def test_sorting_keeps_the_selection(model):
    kept = QPersistentModelIndex(model.model.index(1, NAME))
    model.model.sort(NAME, RISING)
    assert cells(model, NAME) == ["Design review", "Interview 12", "Partner webinar", "Three reconnects"]
    assert kept.row() == 3
    model.model.sort(SIZE, FALLING)
    assert cells(model, NAME)[0] == "Design review" and cells(model, NAME)[-1] == "Partner webinar"


def test_new_figures_reset_nothing(model, controller):
    resets = []
    model.model.modelReset.connect(lambda: resets.append(1))
    kept = QPersistentModelIndex(model.model.index(1, NAME))
    controller.library.show([REVIEW, entry(1, "Another title"), CUT, GONE])
    assert resets == [] and kept.isValid() and cells(model, NAME)[1] == "Another title"


def test_without_a_title_the_people_are_the_name_and_the_id_is_under_it(model, controller):
    folder = Path("/r/20261121T081400Z_EUrfX6xZ.rtmsrec")
    controller.library.show([entry(1, "EUrfX6xZ", folder=folder, people=("Ada Lindqvist", "Mateo Rossi"))])
    row = model.model.row(0)
    assert (row.name, row.line()) == ("Ada, Mateo", "EUrfX6xZ")
    model.search("seventeen")
    controller.library.found("seventeen", [hit(controller.library.entries[0], "It is seventeen.", "seventeen")])
    assert model.hits.hit(0).name == "Ada, Mateo"


def test_what_is_being_written_is_a_row(model, controller):
    controller.live()
    controller.recording.start()
    folder = controller.recording.state.folder
    row = model.model.row(model.model.number_of(folder))
    assert row.state == WRITING and row.name == "Weekly product sync" and not row.is_settled
    assert "being written" in model.why_not_delete([row])
    model.open(row)
    assert controller.opened == []


def test_a_repair_is_seen_in_its_row(model, controller):
    controller.hub.publish([RepairChanged(bundle=CUT.folder, progress=0.42)])
    row = model.model.row(2)
    assert row.state_word() == "repairing 42%" and "repaired" in model.why_not_delete([row])
    controller.hub.publish([RepairChanged(bundle=CUT.folder, progress=1.0, done=True)])
    assert model.model.row(2).progress is None


def test_opening_and_repairing(model, controller):
    model.open(model.model.row(0))
    assert controller.opened == [REVIEW.folder]
    model.open(model.model.row(3))
    assert controller.opened == [REVIEW.folder]
    model.open(model.model.row(2))
    assert controller.opened == [REVIEW.folder] and ("recording.repair", CUT.folder) in controller.calls


def test_a_title_is_changed_in_place(model, controller):
    assert model.model.setData(model.model.index(0, NAME), "  Review of the design ")
    assert not model.model.setData(model.model.index(0, NAME), "Design review")
    assert asked(controller, "rename") == [(REVIEW.folder, "Review of the design")]
    editable = Qt.ItemFlag.ItemIsEditable
    assert not model.model.flags(model.model.index(3, NAME)) & editable
    assert not model.model.flags(model.model.index(0, SIZE)) & editable


def test_delete_and_undo(model, controller):
    told = []
    model.trashed.connect(told.append)
    model.trash([model.model.row(0), model.model.row(3)])
    assert asked(controller, "trash") == [((REVIEW.folder,),)] and told == [1]
    model.undo()
    model.undo()
    assert asked(controller, "restore") == [((REVIEW.folder,),)]
    assert "Nothing is left" in model.why_not_delete([model.model.row(model.model.number_of(GONE.folder))])


def test_the_recording_that_is_open_is_not_deleted(model, controller):
    controller.session = SimpleNamespace(is_replay=True, source=SimpleNamespace(bundle=REVIEW.folder))
    model.trash([model.model.row(0)])
    assert asked(controller, "trash") == [] and "close it first" in model.why_not_delete([model.model.row(0)])


def test_search_tells_only_what_was_asked_last(model, controller):
    model.search(" impo")
    assert model.searching and asked(controller, "search") == [("impo",)]
    controller.library.found("imp", [hit(REVIEW, "old", "old")])
    assert model.searching and model.hits.rowCount() == 0
    lines = [hit(REVIEW, "It was the import.", "import", seconds=1306), hit(CUT, "import", "import", kind="title")]
    controller.library.found("impo", lines)
    assert not model.searching and model.search_summary() == "2 hits in 2 recordings"
    texts = [model.hits.data(model.hits.index(0, column)) for column in range(4)]
    assert texts == ["Design review", "19 Nov 2026 15:02", "21:46", "Maya Okafor: It was the import."]
    assert model.hits.data(model.hits.index(1, 2)) == ""
    controller.library.show([REVIEW])
    assert asked(controller, "search")[-1] == ("impo",)  # what was found may be gone
    model.search("")
    assert model.hits.rowCount() == 0 and not model.searching


def test_a_line_opens_its_recording_at_its_moment(controller, qtbot):
    controller.hub = Hub()  # nobody else hears of this session, which has nothing but a playhead
    model = LibraryViewModel(controller)
    line = hit(REVIEW, "the import", "import", seconds=1306)
    model.open_hit(line)
    assert controller.opened == [REVIEW.folder]
    went = []
    session = SimpleNamespace(
        is_replay=True,
        source=SimpleNamespace(bundle=REVIEW.folder),
        seek_server_ms=went.append,
    )
    controller.session = session
    controller.hub.publish([SessionOpened(session=session)])
    qtbot.waitUntil(lambda: went == [line.at_ms])
    again = hit(REVIEW, "again", "again", seconds=2)
    model.open_hit(again)  # it is open: no need to open it anew
    assert went == [line.at_ms, again.at_ms] and controller.opened == [REVIEW.folder]


def test_pictures_are_asked_for_once_and_kept_within_bounds(model, controller):
    controller.library.pictures = {REVIEW.folder: b"jpeg"}
    assert model.picture(REVIEW.folder) is None
    model.want_pictures([REVIEW.folder, CUT.folder])
    model.want_pictures([REVIEW.folder, CUT.folder])
    assert len(asked(controller, "want_pictures")) == 1
    assert (model.picture(REVIEW.folder), model.picture(CUT.folder)) == (b"jpeg", b"")
    model.want_pictures(Path(f"/{number}") for number in range(PICTURES_MAX))
    assert model.picture(REVIEW.folder) is None
