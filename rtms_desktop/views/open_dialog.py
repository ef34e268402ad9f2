"""Choosing a recording to open: a bundle is a folder, a tape is a file, and one dialog takes both (main thread)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from rtms_desktop.recording import names
from rtms_desktop.views.theme import theme

FILES = f"Recordings ({names.OPEN_FILE} *{names.BUNDLE_SUFFIX} *.mcap)"
_DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose
_SUFFIXES = (".mcap", Path(names.OPEN_FILE).suffix)


def is_recording(path: str) -> bool:
    """Whether a dropped or given file looks like a recording: a folder, an open.rtms or a tape."""
    return Path(path).is_dir() or Path(path).suffix in _SUFFIXES


class OpenRecordingDialog(QFileDialog):
    """``picked(path)``: a bundle, its open.rtms or a tape. A bundle can be taken as it is, without going into it."""

    picked = Signal(str)

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Open a recording", str(folder if folder.is_dir() else Path.home()), FILES)
        # The system's own dialogs take either files or folders, never both.
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setAttribute(_DELETE_ON_CLOSE)
        self.bundle_button = QPushButton("Open this folder")
        self.bundle_button.setToolTip("Open the bundle that is chosen or shown above")
        theme().bind_icon(self.bundle_button, "folder-open", "text1")
        self.bundle_button.clicked.connect(lambda *_: self._take_folder())
        layout = self.layout()
        assert layout is not None  # Qt's own dialog has one
        layout.addWidget(self.bundle_button)
        self.currentChanged.connect(self._chosen)
        self.directoryEntered.connect(self._chosen)
        self.fileSelected.connect(self._picked)
        self._chosen(self.directory().absolutePath())

    def _chosen(self, path: str) -> None:
        self._folder = Path(path) if Path(path).is_dir() else self._shown()
        self.bundle_button.setEnabled((self._folder / names.TAPE).is_file())

    def _shown(self) -> Path:
        return Path(self.directory().absolutePath())

    def _take_folder(self) -> None:
        self._picked(str(self._folder))
        self.close()

    def _picked(self, path: str) -> None:
        self.picked.emit(path)
