"""Help, Save diagnostics: the dialog that asks where, and the word when it is done. Main thread; made by the body."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog

from rtms_desktop.app.events import DiagnosticsSaved
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.views.dialogs import DELETE_ON_CLOSE

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body

_DOCUMENTS = QStandardPaths.StandardLocation.DocumentsLocation


class DiagnosticsPart(QObject):
    def __init__(self, body: Body, controller: Any) -> None:
        super().__init__(body)
        self._body, self._controller = body, controller
        listen(self, controller.hub, {DiagnosticsSaved: self._saved})

    def ask(self) -> QFileDialog:
        """Where to? The archive is written when that is answered."""
        folder = Path(QStandardPaths.writableLocation(_DOCUMENTS) or Path.home())
        proposed = folder / f"rtms-desktop-diagnostics-{time.strftime('%Y%m%d-%H%M')}.zip"
        dialog = QFileDialog(self._body.main_window, "Save diagnostics", str(proposed))
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["Zip archives (*.zip)"])
        dialog.setDefaultSuffix("zip")
        dialog.fileSelected.connect(lambda name: self._controller.diagnostics.save(Path(name)))
        dialog.open()
        return dialog

    def _saved(self, event: DiagnosticsSaved) -> None:
        if event.path is not None:
            show = partial(self._body.do, "show_folder", str(event.path.parent))
            self._body.say("Diagnostics saved", "check", "Show in folder", show)
