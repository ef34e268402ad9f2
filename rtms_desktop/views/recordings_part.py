"""What the window does with recordings: their page, the export dialog, and the word when an export ends. Main thread.

Made by the body; the page is made when it is first wanted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from rtms_desktop.app.events import ExportChanged, ExportState
from rtms_desktop.viewmodels.exports_vm import end_text
from rtms_desktop.views.dialogs import ConfirmDialog

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body
    from rtms_desktop.views.export_dialog import ExportDialog
    from rtms_desktop.views.library_page import LibraryPage


class RecordingsPart(QObject):
    """``page``: None before it was first shown."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._body, self._exports = body, body.models.exports
        self.page: LibraryPage | None = None
        self._exports.ended.connect(self._ended)
        self._exports.changed.connect(body.status.refresh)

    # -- the page --------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """All recordings, in the place of what is shown; once more: back to that."""
        if self.page is None:
            self.page = self._make_page()
        if self._body.workspace.on_page:
            self._body.workspace.leave_page()
        else:
            self._body.workspace.show_page(self.page)
            self.page.take_focus()

    def find(self, text: str) -> bool:
        """Search in the recordings, if they are shown."""
        if self.page is None or not self.page.isVisible():
            return False
        self.page.field.setText(text)
        return True

    def start_find(self) -> bool:
        """The cursor to the search field, if the page is shown."""
        if self.page is None or not self.page.isVisible():
            return False
        self.page.start_find()
        return True

    def _make_page(self) -> LibraryPage:
        from rtms_desktop.views.library_page import LibraryPage

        body = self._body
        page = LibraryPage(body.models.library, body.commands.leave_stream)
        page.closed.connect(lambda: body.workspace.leave_page())
        page.opened.connect(lambda: body.workspace.leave_page())
        page.export_wanted.connect(self.export)
        page.folder_wanted.connect(lambda path: body.do("show_folder", path))
        page.settings_wanted.connect(lambda: body.do("settings", "recordings"))
        body.centre.addWidget(page)
        return page

    # -- exports ---------------------------------------------------------------------------------------------------

    def export(self, path: str = "") -> None:
        """The dialog for a recording: the one that is named, else the one that is shown or was just made."""
        shown = self._exports.shown_recording()
        last = self._body.models.stage.last_bundle
        recording = Path(path) if path else shown or (Path(last) if last else None)
        if recording is None:  # choose one first
            if not self._body.workspace.on_page:
                self.show()
            return
        self._open(recording, None)

    def show_running(self) -> None:
        """The dialog of what is exported now."""
        job = self._exports.running
        if job is not None:
            self._open(job.recording, job)

    def ask_to_quit(self) -> bool:
        """Whether a question is asked first: quitting ends what is exported."""
        job = self._exports.running
        if job is None:
            return False
        text = f"{job.title} is {job.progress:.0%} done. Nothing half-written stays."
        dialog = ConfirmDialog("Cancel the export and quit?", text, "Cancel export and quit", self._body.main_window)
        dialog.confirmed.connect(self._body.main_window.quit_requested)
        dialog.open()
        return True

    def _open(self, recording: Path, job: ExportChanged | None) -> None:
        from rtms_desktop.views.export_dialog import ExportDialog

        for open_one in self._dialogs():
            open_one.close()
        ExportDialog(self._exports.form(recording, job), self._body.main_window).open()

    def _dialogs(self) -> list[ExportDialog]:
        from rtms_desktop.views.export_dialog import ExportDialog

        return [one for one in self._body.main_window.findChildren(ExportDialog) if one.isVisible()]

    def _ended(self, job: ExportChanged) -> None:
        """Where the dialog does not tell it, a toast does; an error is a banner."""
        if any(one.model.job is not None and one.model.job.number == job.number for one in self._dialogs()):
            return
        if job.state is ExportState.FAILED:
            self._exports.tell_failure(job)
        elif job.state is ExportState.DONE and job.written:
            folder = str(job.written[0].parent)
            self._body.say(end_text(job), "download", "Show", lambda: self._body.do("show_folder", folder))
