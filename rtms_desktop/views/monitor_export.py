"""Takes figures and pictures of the monitor elsewhere: clipboard or file, as CSV or PNG. Main thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QSaveFile, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.graphs import Graph
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel

_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_SAVE = QFileDialog.AcceptMode.AcceptSave
_WRITE = QSaveFile.OpenModeFlag.WriteOnly


class MonitorExport(QObject):
    """``said``: what was done, or why not, as (sentence, whether it went well)."""

    said = Signal(str, bool)

    def __init__(self, model: MonitorViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._parent = model, parent

    def add_to(self, menu: QMenu, picture: QWidget, graph: Graph | None = None) -> None:
        """The four ways for one graph, or for the whole monitor."""
        menu.addAction("Copy as CSV").triggered.connect(lambda *_: self.copy_csv(graph))
        menu.addAction("Save as CSV…").triggered.connect(lambda *_: self.ask_csv(graph))
        menu.addAction("Copy as picture").triggered.connect(lambda *_: self.copy_picture(picture))
        menu.addAction("Save as picture…").triggered.connect(lambda *_: self.ask_picture(picture, graph))

    def copy_csv(self, graph: Graph | None = None) -> None:
        """Put the window shown onto the clipboard."""
        if self._model.active:
            QGuiApplication.clipboard().setText(self._csv(graph))
            self.said.emit("Copied", True)

    def copy_picture(self, widget: QWidget) -> None:
        QGuiApplication.clipboard().setPixmap(widget.grab())
        self.said.emit("Picture copied", True)

    def ask_csv(self, graph: Graph | None = None) -> QFileDialog | None:
        """Ask where to save; what is saved is what is shown when the question is asked."""
        if not self._model.active:
            return None
        text = self._csv(graph)
        return self._ask(graph, "csv", "Table (*.csv)", lambda path: self._write(path, text.encode("utf-8")))

    def ask_picture(self, widget: QWidget, graph: Graph | None = None) -> QFileDialog:
        picture = widget.grab()

        def save(path: str) -> None:
            ok = picture.save(path, "PNG")
            self.said.emit(f"Saved {Path(path).name}" if ok else f"Not saved: {path} cannot be written", ok)

        return self._ask(graph, "png", "Picture (*.png)", save)

    def _csv(self, graph: Graph | None) -> str:
        return monitor_words.csv(self._model) if graph is None else monitor_words.graph_csv(self._model, graph)

    def _write(self, path: str, data: bytes) -> None:
        file = QSaveFile(path)
        ok = file.open(_WRITE) and file.write(data) == len(data) and file.commit()
        self.said.emit(f"Saved {Path(path).name}" if ok else f"Not saved: {file.errorString()}", ok)

    def _ask(self, graph: Graph | None, suffix: str, kind: str, save: object) -> QFileDialog:
        dialog = QFileDialog(self._parent, f"Save {graph.title.lower() if graph is not None else 'the monitor'}")
        dialog.setAttribute(_DELETE)
        dialog.setAcceptMode(_SAVE)
        dialog.setNameFilter(kind)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{graph.key if graph is not None else 'monitor'}.{suffix}")
        dialog.fileSelected.connect(save)
        dialog.open()
        return dialog
