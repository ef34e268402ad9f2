"""A person marks moments of a stream from the bundled mock server, and finds them in its recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.app.events import RecordingState
from rtms_desktop.recording.marks import read_marks
from rtms_desktop.session.events import Phase
from rtms_desktop.viewmodels.timeline_rows import Kind
from tests.e2e import person

pytestmark = [pytest.mark.e2e, pytest.mark.gui]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class Person(person.Person):
    """Who sets marks."""

    @property
    def pictures(self) -> int:
        session = self.controller.session
        return 0 if session is None else sum(session.core.counts.values())

    async def mark(self) -> None:
        """Ctrl+B, and where it leads."""
        await self.until(self.is_active)
        QTest.keyClick(self.window, Qt.Key.Key_B, CTRL)
        assert self.body.mark_field.isVisible() and self.body.mark_field.edit.hasFocus()

    def type(self, note: str) -> None:
        QTest.keyClicks(self.body.mark_field.edit, note)
        QTest.keyClick(self.body.mark_field.edit, Qt.Key.Key_Return)


async def test_what_is_marked_live_is_found_in_the_recording(qapp: Any, tmp_path: Path) -> None:
    async with person.at_work(Person(tmp_path)) as it:
        controller, body = it.controller, it.body
        assert not body.actions_["mark"].isEnabled() and "Nothing is connected" in body.toolbar.mark.toolTip()
        controller.try_it_now()
        await it.until(lambda: controller.session is not None and controller.session.core.phase is Phase.STREAMING)
        session = controller.session
        assert session is not None

        QTest.mouseClick(body.time_bar.mark, LEFT)  # before anything is recorded
        await it.until(lambda: body.mark_field.isVisible())
        it.type("before")
        controller.recording.start()
        await it.until(lambda: body.models.session.is_recording)
        begun = it.pictures
        await it.until(lambda: it.pictures > begun + 60)
        await it.mark()
        assert len(controller.marks.marks) == 2
        typing = it.pictures
        await it.until(lambda: it.pictures > typing + 20)  # capture never stops
        it.type("decision <b>")
        await it.until(lambda: it.pictures > typing + 60)
        await it.mark()
        QTest.keyClick(body.mark_field.edit, Qt.Key.Key_Escape)
        assert [mark.text for mark in controller.marks.marks] == ["before", "decision <b>", ""]
        dock = body.panels.panels["timeline"].widget
        assert dock.model.counts[Kind.MARKS] == 3
        assert len(body.time_bar.strip._model.strip().marks) == 3
        after = it.pictures
        await it.until(lambda: it.pictures > after + 40)

        controller.recording.stop()
        await it.until(lambda: controller.recording.state.state is RecordingState.OFF)
        bundle = controller.recording.state.folder
        assert bundle is not None
        book = read_marks(bundle)
        assert book is not None and [mark.text for mark in book.marks] == ["before", "decision <b>", ""]

        controller.open_recording(bundle)
        await it.until(lambda: body.models.replay.active and body.models.replay.session.progress == 1.0)
        replay = body.models.replay.session
        await it.until(lambda: replay.settled)
        replay.pause()
        assert [block.text for block in body.models.replay.rows[0].blocks] == ["before", "decision <b>", ""]
        replay.seek_at(replay.source.begin)
        await it.until(lambda: replay.settled)
        it.press(Qt.Key.Key_N)
        second = book.marks[1]
        await it.until(lambda: replay.settled and abs(replay.clock.now() - second.at) < 0.02)
        dock.model.follow_playhead()
        it.press(Qt.Key.Key_N)
        await it.until(lambda: replay.settled and abs(replay.clock.now() - book.marks[2].at) < 0.02)
        it.press(Qt.Key.Key_N, SHIFT)
        await it.until(lambda: replay.settled and abs(replay.clock.now() - second.at) < 0.02)

        rows = dock.model.store
        serial = next(n for n in range(rows.first, rows.end) if dock.model.mark_id(n) == second.id)
        assert dock.model.plain(serial).endswith("Mark: decision <b>")
        await it.mark()  # also in replay, at the playhead
        it.type("again")
        await controller.marks.settle()
        assert [mark.text for mark in (read_marks(bundle) or book).marks] == ["before", "decision <b>", "again", ""]
