"""The search of the window over fakes: groups, counts, what is chosen, and that nothing is done while it is closed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.viewmodels import search_vm
from rtms_desktop.viewmodels.chat_vm import ChatViewModel
from rtms_desktop.viewmodels.events_vm import EventsViewModel
from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from rtms_desktop.viewmodels.people_vm import PeopleViewModel
from rtms_desktop.viewmodels.search_hits import Command, Group, Head, Hit
from rtms_desktop.viewmodels.search_vm import SearchViewModel
from rtms_desktop.viewmodels.transcript_vm import Line, TranscriptViewModel
from tests.fakes.desk import MAYA, TOMAS, Desk
from tests.fakes.library import entry, hit
from tests.fakes.messages import Script

COMMANDS = (
    Command("record", "Start or stop recording", "Ctrl+R"),
    Command("mark", "Mark now", "Ctrl+B"),
    Command("settings", "Settings…", "Ctrl+,"),
    Command("captions", "Captions", "C", on=True),
)


class Bench:
    """The model over a meeting; `look` types and waits until everything that can come has come."""

    def __init__(self, folder: Any, qtbot: Any) -> None:
        self.desk, self._qtbot = Desk(folder), qtbot
        self.controller = self.desk.controller
        made = {"people": PeopleViewModel, "transcript": TranscriptViewModel, "chat": ChatViewModel,
                "events": EventsViewModel, "inspector": InspectorViewModel}  # fmt: skip
        self.panes: dict[str, Any] = {key: kind(self.controller) for key, kind in made.items()}
        self.model = SearchViewModel(self.controller, lambda: COMMANDS, self.panes.get)
        self.gone: list[Hit] = []
        self.model.accepted.connect(self.gone.append)

    def meet(self) -> None:
        self.controller.live()
        self.controller.step(90)
        self.flush()

    def flush(self) -> None:
        for key in ("transcript", "chat", "events"):
            self.panes[key]._batch.flush()
        self.panes["people"].refresh()

    def look(self, text: str, hits: Any = ()) -> None:
        calls = self.controller.library.calls
        before = len(calls)
        self.model.type(text)
        self._qtbot.waitUntil(lambda: ("search", self.model.words.text) in calls[before:])
        self.controller.library.found(self.model.words.text, hits)
        self._qtbot.waitUntil(lambda: not self.model.busy)

    def found(self, group: Group) -> list[Hit]:
        return [one for one in self.model.hits if one.group is group and not one.whole]

    def counts(self) -> dict[Group, str]:
        return {row.group: row.count for row in self.model.rows if isinstance(row, Head)}


@pytest.fixture
def bench(qapp, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(search_vm, "AGAIN_MS", 5)
    made = Bench(tmp_path, qtbot)
    yield made
    made.model.shut()
    made.panes["inspector"].close()


def test_before_anything_is_typed_there_are_useful_commands(bench):
    bench.model.open("")
    assert [one.target for one in bench.model.hits] == ["record", "mark", "settings"]
    assert bench.model.chosen is None and not bench.model.busy
    assert ("search", "") not in bench.controller.library.calls


def test_every_group_has_its_hits_and_counts(bench):
    bench.meet()
    bench.controller.marks.note(bench.controller.marks.add(bench.controller.clock.now() - 9).id, "the bank")
    recording = entry(1, "Design review")
    bench.look("bank", [hit(recording, "Is it the bank?", "bank")])
    assert bench.counts() == {Group.TRANSCRIPT: "2", Group.CHAT: "1", Group.MARKS: "1", Group.RECORDINGS: "1"}
    line = bench.found(Group.TRANSCRIPT)[0]
    assert (line.text, line.lead, line.user_id) == ("Is it the bank again?", "Maya Okafor", MAYA)
    assert [line.text[slice(*mark)] for mark in line.marks] == ["bank"]
    assert line.at == bench.panes["transcript"].at_of(line.target)
    assert bench.found(Group.CHAT)[0].text == "That is the one bank"
    far = bench.found(Group.RECORDINGS)[0]
    assert (far.lead, far.side, far.target.folder) == ("Design review", "01:00", recording.folder)


def test_at_most_five_of_each_the_newest_first_and_the_way_to_all(bench):
    bench.meet()
    for number in range(12):
        bench.controller.step(1)
        bench.controller.say(TOMAS, f"item {number}")
    bench.flush()
    bench.look("item")
    assert [one.text for one in bench.found(Group.TRANSCRIPT)] == [f"item {n}" for n in (11, 10, 9, 8, 7)]
    assert bench.counts()[Group.TRANSCRIPT] == "12"
    whole = next(one for one in bench.model.hits if one.whole)
    assert whole.group is Group.TRANSCRIPT and whole.target == "item"


def test_people_and_commands_are_found_by_the_beginnings_of_their_names(bench):
    bench.meet()
    bench.look("tomas")
    assert [(one.text, one.target) for one in bench.found(Group.PEOPLE)] == [("Tomás Rivera", TOMAS)]
    bench.look("stop rec")
    assert [(one.target, one.side) for one in bench.found(Group.COMMANDS)] == [("record", "Ctrl+R")]
    assert bench.model.chosen is bench.found(Group.COMMANDS)[0]


def test_events_are_found_with_their_socket(bench):
    bench.meet()
    bench.controller.lose("video")
    bench.controller.step(1)
    bench.controller.regain("video")
    bench.flush()
    bench.look("socket lost")
    found = bench.found(Group.EVENTS)[0]
    assert found.target[1].link == "video" and found.at is not None


def test_messages_are_read_on_the_thread(bench):
    bench.meet()
    script = Script(bench.controller.session.tape, at=bench.controller.clock.now())
    script.meeting()
    script.say("chat", {"msg_type": 18, "content": {"data": "the parcel", "timestamp": script.server_ms}})
    script.run(1)
    bench.look("parcel")
    found = bench.found(Group.MESSAGES)
    assert len(found) == 1 and found[0].lead == "18 MEDIA_DATA_CHAT" and "parcel" in found[0].text
    log = bench.panes["inspector"].log
    assert log.rows.value("kind", found[0].target) == 18
    bench.look("MEDIA_DATA_VIDEO")
    kinds = log.rows.column("kind")
    assert bench.counts()[Group.MESSAGES] == f"{(kinds == 15).sum()}"
    newest = [one.target for one in bench.found(Group.MESSAGES)]
    assert newest == sorted(newest, reverse=True) and newest[0] == log.rows.first + (kinds == 15).nonzero()[0][-1]


@pytest.mark.parametrize("typed", ["and", "not or", "type:audio", 'a "quote', "/re(", "-x", "16779264"])
def test_nothing_that_is_typed_is_a_mistake(bench, typed):
    bench.meet()
    bench.look(typed)


def test_a_long_transcript_is_looked_through_in_turns(bench, qtbot, monkeypatch):
    monkeypatch.setattr(search_vm, "TURN_S", 0.0)
    bench.meet()
    store = bench.panes["transcript"].store
    for number in range(2000):
        store.append(Line(MAYA, "Maya Okafor", 0, 0, "words" if number else "the needle"))
    bench.model.type("needle")
    bench.model.enter()  # at once: the first turn has looked at the newest rows only
    assert bench.model.busy and not bench.gone
    qtbot.waitUntil(lambda: bool(bench.gone))
    assert bench.gone[0].group is Group.TRANSCRIPT and bench.gone[0].text == "the needle"


def test_enter_right_after_typing_goes_to_the_best_hit(bench):
    bench.model.type("mark")
    assert not bench.model.rows
    bench.model.enter()
    assert [one.target for one in bench.gone] == ["mark"]


def test_steps_go_round_and_what_is_chosen_stays_chosen(bench):
    bench.meet()
    bench.look("bank")
    hits = bench.model.hits
    bench.model.step(-1)
    assert bench.model.chosen == hits[-1]
    bench.model.step(1)
    assert bench.model.chosen == hits[0]
    bench.model.step(99)
    assert bench.model.chosen == hits[-1]
    recording = entry(1, "Design review")
    bench.controller.library.found("bank", [hit(recording, "Is it the bank?", "bank")])
    assert bench.model.chosen == hits[-1] and len(bench.model.hits) == len(hits) + 1


def test_the_last_searches_are_kept_once_each(bench):
    bench.meet()
    for text in ("bank", "fallback", "bank"):
        bench.look(text)
        bench.model.enter()
        bench.model.close()
    bench.model.open("")
    assert [one.target for one in bench.model.hits if one.group is Group.RECENT] == ["bank", "fallback"]


def test_a_command_is_no_search_to_come_back_to(bench):
    bench.look("mark")
    bench.model.enter()
    assert bench.model.last == []


def test_nothing_is_found(bench):
    bench.model.type("xyzzy")
    assert bench.model.note == "Searching…"
    bench.look("xyzzy")
    assert bench.model.rows == [] and bench.model.note == "Nothing found for “xyzzy”"


def test_hits_of_the_recording_that_is_shown_are_not_told_twice(bench):
    here, there = entry(1, "This one"), entry(2, "Another")
    bench.controller.session = SimpleNamespace(
        is_replay=True, source=SimpleNamespace(bundle=here.folder), timeline=lambda since=0: [], lead_s=0.0,
        opened_at=0.0, config=SimpleNamespace(product=None), marks=[],
    )  # fmt: skip
    bench.look("bank", [hit(here, "the bank", "bank"), hit(there, "the bank", "bank")])
    assert [one.target.folder for one in bench.found(Group.RECORDINGS)] == [there.folder]
    bench.controller.session = None


def test_a_question_that_was_overtaken_is_asked_again(bench, qtbot):
    bench.model.type("bank")
    qtbot.waitUntil(lambda: ("search", "bank") in bench.controller.library.calls)
    bench.controller.library.found("something else", [])
    assert bench.controller.library.calls[-1] == ("search", "bank")
    assert bench.controller.library.calls.count(("search", "bank")) == 2


def test_closed_it_does_nothing(bench, qtbot):
    bench.meet()
    bench.look("bank")
    bench.model.type("fallback")
    bench.model.close()
    assert bench.model.rows == [] and not bench.model.busy
    told = []
    bench.model.changed.connect(lambda: told.append(True))
    bench.controller.library.found("fallback", [hit(entry(1, "One"), "a fallback", "fallback")])
    bench.controller.step(10)
    bench.controller.live()
    qtbot.wait(search_vm.DEBOUNCE_MS + 60)
    assert not told and ("search", "fallback") not in bench.controller.library.calls


def test_another_session_is_another_search(bench):
    bench.meet()
    bench.look("bank")
    assert bench.found(Group.TRANSCRIPT)
    bench.controller.live()
    assert not bench.found(Group.TRANSCRIPT) and bench.model.active
