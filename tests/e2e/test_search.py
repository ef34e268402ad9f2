"""A person types into the search of the window: while the bundled mock server sends, and over a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.recording.marks import Mark, MarkBook, write_marks
from rtms_desktop.session.events import Phase
from rtms_desktop.viewmodels.search_hits import Group
from rtms_desktop.views.people_dock import PERSON_ROLE
from tests.e2e import person
from tests.fakes.long_recording import OPENED_AT, make_bundle, server_ms

pytestmark = [pytest.mark.e2e, pytest.mark.gui]


class Person(person.Person):
    """Who searches."""

    def dock(self, key: str) -> Any:
        return self.body.panels.panels[key].widget

    async def go(self, text: str, group: Group) -> Any:
        """Type, wait for a hit of this group, and go to the first one."""
        model, field = self.body.search.model, self.body.toolbar.search
        self.body.do("search")
        QTest.keyClicks(field, text)
        assert self.body.search.popover.isVisible()
        await self.until(lambda: not model._delay.isActive() and any(hit.group is group for hit in model.hits))
        while model.chosen is None or model.chosen.group is not group:
            QTest.keyClick(field, Qt.Key.Key_Down)
        hit = model.chosen
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert not self.body.search.popover.isVisible()
        return hit


async def test_a_line_a_person_and_a_command_of_a_stream(qapp: Any, tmp_path: Path) -> None:
    async with person.at_work(Person(tmp_path)) as it:
        controller, body = it.controller, it.body
        controller.try_it_now()
        await it.until(lambda: controller.session is not None and controller.session.core.phase is Phase.STREAMING)
        body.panels.build()
        transcript = it.dock("transcript")
        await it.until(lambda: any("pilot" in line.text for line in transcript.model.store))
        body.right.choose("people")

        await it.go("pilot numbers", Group.TRANSCRIPT)
        serial = transcript.pane.list.selected()[0]
        assert body.right.current == "transcript" and "pilot numbers" in transcript.model.store.row(serial).text
        await it.until(lambda: controller.moment.at is not None)
        at = transcript.model.at_of(serial)
        assert controller.moment.at == pytest.approx(max(at, controller.session.opened_at), abs=0.01)

        names = {one.user_id: one.name for one in it.dock("people").model.model.people}
        assert names
        wanted, name = next(iter(names.items()))
        await it.go(name.lower(), Group.PEOPLE)
        assert it.dock("people").table.currentIndex().data(PERSON_ROLE).user_id == wanted

        hit = await it.go("HAND_SHAKE_RESP", Group.MESSAGES)
        inspector = it.dock("inspector")
        chosen = inspector.model.model.serial(inspector.table.currentIndex().row())
        assert body.bottom.current == "inspector" and chosen == hit.target
        assert inspector.model.log.rows.value("kind", chosen) in (2, 4)

        await it.go("gallery", Group.COMMANDS)
        assert body.models.stage.layout == "gallery"


async def test_a_recording_goes_to_what_was_found(qapp: Any, tmp_path: Path) -> None:
    async with person.at_work(Person(tmp_path)) as it:
        controller, body = it.controller, it.body
        root = Path(controller.settings.recordings)
        bundle = make_bundle(root, 30.0, people=2, size=(320, 180))
        noted = Mark(id="m1", at=OPENED_AT + 21, server_ms=server_ms(21), text="the parcel")
        write_marks(bundle, MarkBook([noted]))
        hit = await it.go("parcel", Group.RECORDINGS)  # the moment of another recording
        assert hit.target.folder == bundle
        await it.until(lambda: body.models.replay.active and body.models.replay.session.progress == 1.0)
        session = body.models.replay.session
        await it.until(lambda: session.settled and session.position_ms > 20_000)
        session.pause()

        transcript = it.dock("transcript")
        await it.until(lambda: len(transcript.model.store) == 15)
        await it.go("line 5", Group.TRANSCRIPT)
        serial = transcript.model.store.first + 5
        at = transcript.model.at_of(serial)
        await it.until(lambda: session.settled and abs(session.clock.now() - at) < 0.05)
        await it.until(lambda: list(transcript.pane.list.selected()) == [serial])
        assert not session.playing

        marks = controller.marks
        mark = marks.add(session.opened_at + 17)
        marks.note(mark.id, "decided")
        await it.go("decided", Group.MARKS)
        await it.until(lambda: session.settled and abs(session.clock.now() - mark.at) < 0.05)
        timeline = it.dock("timeline")
        await it.until(lambda: [timeline.model.mark_id(n) for n in timeline.pane.list.selected()] == [mark.id])
        await controller.marks.settle()
