"""A person records the bundled mock server, finds what was said, opens it there, exports it and tidies up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from rtms_desktop.app.events import ExportChanged, ExportState
from rtms_desktop.recording.bundle_notes import read_notes
from rtms_desktop.recording.library_rows import State
from rtms_desktop.recording.names import TRANSCRIPT
from rtms_desktop.views.dialogs import ConfirmDialog
from rtms_desktop.views.export_dialog import ROW, ExportDialog
from rtms_desktop.views.library_page import LibraryPage
from tests.e2e import person
from tests.fakes.long_recording import make_bundle

pytestmark = [pytest.mark.e2e, pytest.mark.gui, pytest.mark.timeout(180)]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
CLICK = Qt.MouseButton.LeftButton
WORD = "pilot"


class Person(person.Person):
    """Who keeps recordings."""

    patience_s = 60

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.told: list[Any] = []
        self.controller.hub.subscribe(self.told.extend)

    async def library(self) -> LibraryPage:
        """The recordings page, by its key."""
        await self.until(self.is_active)
        QTest.keyClick(self.window, Qt.Key.Key_O, CTRL | SHIFT)
        await self.until(lambda: self.body.recordings.page is not None and self.body.recordings.page.isVisible())
        assert self.body.recordings.page is not None
        return self.body.recordings.page

    async def dialog(self) -> ExportDialog:
        """The export dialog, when it knows what the recording holds."""
        found = self.window.findChildren(ExportDialog)
        dialog = found[-1]
        await self.until(lambda: dialog.model.contents is not None)
        return dialog

    def exports(self) -> list[ExportChanged]:
        return [event for event in self.told if isinstance(event, ExportChanged)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


async def record(it: Person) -> Path:
    """Until somebody has said the word."""
    QTest.keyClick(it.window, Qt.Key.Key_T, CTRL | SHIFT)
    await it.until(lambda: it.controller.session is not None and it.body.toolbar.record.isEnabled())
    QTest.mouseClick(it.body.toolbar.record, CLICK)
    await it.until(lambda: it.controller.recording.writing is not None)
    bundle = it.controller.recording.writing
    assert bundle is not None
    lines = bundle / TRANSCRIPT
    await it.until(lambda: lines.exists() and WORD in lines.read_text("utf-8"))
    QTest.mouseClick(it.body.toolbar.record, CLICK)
    await it.until(lambda: any(entry.folder == bundle for entry in it.controller.library.entries))
    it.controller.disconnect()
    await it.until(lambda: it.controller.session is None)
    return bundle


async def test_a_recording_is_found_opened_exported_named_and_deleted(qapp: Any, tmp_path: Path) -> None:
    async with person.at_work(Person(tmp_path / "config")) as it:
        bundle = await record(it)
        page = await it.library()
        await it.until(lambda: page.table.model().rowCount() == 1)

        # found by a word that was said, and opened where it was said
        QTest.keyClicks(page.field, WORD)
        await it.until(lambda: page.hits.isVisible() and page.model.hits.rowCount() > 0)
        hit = page.model.hits.hit(0)
        assert hit.kind == "transcript" and WORD in hit.text and hit.speaker
        place = QPoint(page.hits.columnViewportPosition(3) + 40, page.hits.rowViewportPosition(0) + 8)
        QTest.mouseClick(page.hits.viewport(), CLICK, pos=place)
        await it.until(lambda: it.controller.session is not None and it.controller.session.is_replay)
        session: Any = it.controller.session
        said_ms = (session.source.units.due(hit.at_ms) - session.opened_at) * 1000
        await it.until(lambda: session.position_ms >= min(said_ms, session.duration_ms) - 1)
        assert not page.isVisible() and it.body.stage.isVisible()

        # exported from the toolbar, and watched
        QTest.mouseClick(it.body.toolbar.export, CLICK)
        dialog = await it.dialog()
        assert dialog.model.recording == bundle and dialog.model.format == "mp4"
        dialog.target.setText(str(tmp_path / "film.mp4"))
        dialog.target.textEdited.emit(dialog.target.text())
        QTest.mouseClick(dialog.go, CLICK)
        await it.until(lambda: dialog.open_file.isVisible())
        assert dialog.says.full_text().startswith("Saved film.mp4")
        progress = [event.progress for event in it.exports() if event.state is ExportState.RUNNING]
        assert len(progress) > 3 and progress == sorted(progress)
        with av.open(str(tmp_path / "film.mp4")) as film:
            assert [stream.codec_context.name for stream in film.streams] == ["h264", "aac"]
            assert sum(1 for _ in film.decode(video=0)) > 50
        assert [Path(export.path) for export in read_notes(bundle).exports] == [tmp_path / "film.mp4"]
        dialog.close()
        it.controller.close_recording()
        await it.until(lambda: it.controller.session is None)

        # named in place, deleted, and brought back
        page = await it.library()
        page.field.clear()
        page.table.choose(bundle)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        editor = page.table.findChild(QLineEdit)
        editor.selectAll()
        QTest.keyClicks(editor, "Pilot numbers")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        await it.until(lambda: page.model.model.rows()[0].name == "Pilot numbers")
        page.table.choose(bundle)
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await it.until(lambda: page.toast.isVisible())
        assert not bundle.exists() and page.model.model.rows() == []
        QTest.mouseClick(page.toast._action, CLICK)
        await it.until(lambda: page.model.model.rowCount() == 1)
        assert bundle.is_dir() and page.model.model.rows()[0].name == "Pilot numbers"


async def test_an_export_is_cancelled_and_one_goes_on_behind_a_closed_dialog(qapp: Any, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "config" / "recordings", 60.0, people=2, size=(320, 180))
    out = tmp_path / "out"
    out.mkdir()
    async with person.at_work(Person(tmp_path / "config")) as it:
        page = await it.library()
        await it.until(lambda: page.model.model.number_of(bundle) >= 0)
        page.table.choose(bundle)
        QTest.mouseClick(page.export_button, CLICK)
        dialog = await it.dialog()

        def ask(name: str) -> None:
            dialog.target.setText(str(out / name))
            dialog.target.textEdited.emit(dialog.target.text())
            QTest.mouseClick(dialog.go, CLICK)

        dialog.picture.setCurrentIndex(1)
        dialog.picture.activated.emit(1)  # encoded again: it lasts
        ask("never.mp4")
        await it.until(lambda: it.exports()[-1].state is ExportState.RUNNING and it.exports()[-1].progress > 0)
        QTest.mouseClick(dialog.stop, CLICK)
        await it.until(lambda: it.exports()[-1].state is ExportState.CANCELLED)
        assert list(out.iterdir()) == [] and dialog.says.full_text().startswith("Cancelled")

        QTest.mouseClick(dialog.formats, CLICK, pos=QPoint(20, 3 * ROW + 5))
        ask("voices.flac")
        dialog.close()
        assert "export" in it.body.status.segments()
        await it.until(lambda: it.exports()[-1].state is ExportState.DONE)
        await it.until(lambda: it.body.page_toast.isVisible())
        assert it.body.page_toast.text().startswith("Saved voices.flac")
        assert "export" not in it.body.status.segments()
        with av.open(str(out / "voices.flac")) as sound:
            assert sound.streams.audio[0].codec_context.name == "flac"


async def test_quitting_asks_and_ends_what_is_exported(qapp: Any, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "config" / "recordings", 60.0, people=2, size=(320, 180))
    out = tmp_path / "out"
    out.mkdir()
    async with person.at_work(Person(tmp_path / "config")) as it:
        it.body.do("export", str(bundle))
        dialog = await it.dialog()
        dialog.model.choose_black(True)
        dialog.model.choose_target(str(out / "never.mp4"))
        QTest.mouseClick(dialog.go, CLICK)
        await it.until(lambda: it.exports()[-1].state is ExportState.RUNNING and it.exports()[-1].progress > 0)
        dialog.close()
        quits = []
        it.window.quit_requested.connect(lambda: quits.append(1))
        it.window.close()
        question = it.window.findChild(ConfirmDialog)
        assert question is not None and quits == []
        QTest.mouseClick(question.yes, CLICK)
        assert quits == [1]
    assert it.exports()[-1].state is ExportState.CANCELLED and list(out.iterdir()) == []


async def test_a_recording_that_was_cut_off_is_repaired_and_opened(qapp: Any, tmp_path: Path) -> None:
    root = tmp_path / "config" / "recordings"
    bundle = make_bundle(root, 4.0, people=1, size=(320, 180))
    manifest = bundle / "manifest.json"
    manifest.write_text(
        manifest.read_text().replace('"closed":true', '"closed":false').replace('"closed": true', '"closed": false')
    )
    async with person.at_work(Person(tmp_path / "config")) as it:
        page = await it.library()
        await it.until(lambda: any(row.state == State.OPEN for row in page.model.model.rows()))
        page.table.choose(bundle)
        assert page.open_button.text() == "Repair and open"
        QTest.keyClick(page.table, Qt.Key.Key_Return)
        await it.until(lambda: it.controller.session is not None and it.controller.session.is_replay)
        it.controller.close_recording()
        await it.until(lambda: it.controller.session is None)
        page = await it.library()
        await it.until(lambda: [row.state for row in page.model.model.rows()] == [State.REPAIRED])
