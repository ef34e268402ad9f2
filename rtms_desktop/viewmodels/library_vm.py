"""The recordings page: all recordings with their state, search through what was said in them, and what can be done.

Main thread; the library itself works on its own thread and tells by events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rtms_desktop.app.events import (
    LibraryChanged,
    LibraryFound,
    LibraryPictures,
    RecordingChanged,
    RecordingState,
    RecordingsTrashed,
    RepairChanged,
    SessionClosed,
    SessionOpened,
)
from rtms_desktop.app.naming import found_name, has_title, recording_name
from rtms_desktop.recording.library_rows import State, started_by_name
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import byte_size, grouped
from rtms_desktop.viewmodels.library_rows import WRITING, HitsModel, LibraryModel, LibraryRow

PICTURES_MAX = 400
"""Thumbnails that are kept: about 5 MB of JPEG."""

_WRITES = (RecordingState.RECORDING, RecordingState.STALLED, RecordingState.FINALISING)


class LibraryViewModel(QObject):
    """``changed``: rows, hits or what can be done. ``trashed(count)``: an Undo can be offered.

    Attributes:
        model, hits: the item models of the two tables.
        needle: what is searched for, "" = nothing; ``searching``: its answer is not here yet.
    """

    changed = Signal()
    pictures_changed = Signal()
    trashed = Signal(int)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.model, self.hits = LibraryModel(self), HitsModel(self)
        self.needle, self.searching = "", False
        self._repairs: dict[Path, float] = {}
        self._pictures: dict[Path, bytes] = {}
        self._asked: set[Path] = set()
        self._gone: tuple[Any, ...] = ()
        self._moment: tuple[Path, int] | None = None
        self.model.renamed.connect(lambda folder, title: self._controller.library.rename(folder, title))
        kinds = {
            LibraryChanged: lambda event: self._changed(),
            RecordingChanged: lambda event: self._load(),
            SessionClosed: lambda event: self.changed.emit(),
            SessionOpened: self._opened,
            LibraryFound: self._found,
            LibraryPictures: self._pictured,
            RecordingsTrashed: self._trashed,
            RepairChanged: self._repairing,
        }
        listen(self, controller.hub, kinds)
        self._load()

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self._controller.settings.recordings

    def summary(self) -> str:
        """``12 recordings, 3.4 GB``"""
        rows = [row for row in self.model.rows() if row.is_there]
        size = sum(row.size for row in rows)
        words = "1 recording" if len(rows) == 1 else f"{grouped(len(rows))} recordings"
        return f"{words}, {byte_size(size)}" if rows else ""

    def search_summary(self) -> str:
        """``3 hits in 2 recordings``"""
        count = self.hits.rowCount()
        places = len({self.hits.hit(number).folder for number in range(count)})
        hits = "1 hit" if count == 1 else f"{count} hits"
        return f"{hits} in {'1 recording' if places == 1 else f'{places} recordings'}" if count else "No hits"

    def picture(self, folder: Path) -> bytes | None:
        """The thumbnail as JPEG, b"" where there is none, None while it is not known."""
        return self._pictures.get(folder)

    def want_pictures(self, folders: Iterable[Path]) -> None:
        """These rows are seen; ``pictures_changed`` tells when their pictures are there."""
        wanted = [folder for folder in folders if folder not in self._pictures and folder not in self._asked]
        if wanted:
            self._asked.update(wanted)
            self._controller.library.want_pictures(wanted)

    @property
    def shown(self) -> Path | None:
        """The bundle that is open in the window."""
        session = self._controller.session
        return session.source.bundle if session is not None and session.is_replay else None

    def why_not_delete(self, rows: Sequence[LibraryRow]) -> str:
        if any(row.state == WRITING for row in rows):
            return "It is being written: stop recording first."
        if any(row.progress is not None for row in rows):
            return "It is being repaired."
        if any(row.folder == self.shown for row in rows):
            return "It is open: close it first."
        return "" if any(row.is_there for row in rows) else "Nothing is left of it but this line."

    # -- what a person does --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at the folder; done whenever the page comes up."""
        self._controller.library.refresh()

    def search(self, text: str) -> None:
        """Look for words in everything that was said, written and marked; "" shows the recordings again."""
        self.needle = text.strip()
        self.searching = bool(self.needle)
        if self.needle:
            self._controller.library.search(self.needle)
        else:
            self.hits.set_hits(())
        self.changed.emit()

    def open(self, row: LibraryRow) -> None:
        """Show a recording; one that was cut off is finished first."""
        if row.state == State.OPEN and row.progress is None:
            self.repair(row)
        elif row.is_there and row.progress is None and row.state != WRITING:
            self._moment = None
            self._controller.open_recording(row.folder)

    def open_hit(self, hit: Any) -> None:
        """Show a recording at the moment of a line."""
        if hit.folder == self.shown and hit.at_ms:
            self._controller.session.seek_server_ms(hit.at_ms)
            return
        self._moment = (hit.folder, hit.at_ms) if hit.at_ms else None
        self._controller.open_recording(hit.folder)

    def repair(self, row: LibraryRow) -> None:
        self._controller.recording.repair(row.folder)

    def trash(self, rows: Sequence[LibraryRow]) -> None:
        """Delete; ``undo`` brings them back."""
        if not self.why_not_delete(rows):
            self._controller.library.trash([row.folder for row in rows if row.is_there])

    def undo(self) -> None:
        """Bring back what was deleted last."""
        gone, self._gone = self._gone, ()
        if gone:
            self._controller.library.restore(gone)

    # -- following -----------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._load()
        if self.needle:  # what was found may be gone, and what was just recorded may be found
            self._controller.library.search(self.needle)

    def _load(self) -> None:
        writing = self._writing()
        rows = [self._row(entry) for entry in self._controller.library.entries if entry.folder != writing]
        if writing is not None:
            rows.append(
                LibraryRow(folder=writing, name=self._live_name(), when=started_by_name(writing), state=WRITING)
            )
        self.model.set_rows(rows)
        self._asked &= self._pictures.keys()
        self.changed.emit()

    def _row(self, entry: Any) -> LibraryRow:
        return LibraryRow(
            folder=entry.folder, name=recording_name(entry), when=entry.when, length_ms=entry.length_ms,
            people=entry.people, size=entry.size, state=entry.state, has_picture=entry.has_thumbnail,
            progress=self._repairs.get(entry.folder), titled=has_title(entry.name, entry.folder),
        )  # fmt: skip

    def _writing(self) -> Path | None:
        now = self._controller.recording.state
        return now.folder if now.state in _WRITES else None

    def _live_name(self) -> str:
        session = self._controller.session
        return session.title if session is not None else "This session"

    def _repairing(self, event: RepairChanged) -> None:
        if event.done:
            self._repairs.pop(event.bundle, None)
        else:
            self._repairs[event.bundle] = event.progress
        self._pictures.pop(event.bundle, None)
        self._load()

    def _found(self, event: LibraryFound) -> None:
        if event.text == self.needle:
            self.searching = False
            entries = self._controller.library.entries
            called = [replace(hit, name=found_name(hit.name, hit.folder, hit.when, entries)) for hit in event.hits]
            self.hits.set_hits(tuple(called))
            self.changed.emit()

    def _pictured(self, event: LibraryPictures) -> None:
        self._pictures.update(event.pictures)
        self._asked.difference_update(event.pictures)
        while len(self._pictures) > PICTURES_MAX:
            self._pictures.pop(next(iter(self._pictures)))
        self.pictures_changed.emit()

    def _trashed(self, event: RecordingsTrashed) -> None:
        self._gone = event.trashed
        self.trashed.emit(len(event.trashed))

    def _opened(self, event: SessionOpened) -> None:
        moment, self._moment = self._moment, None
        session = event.session
        if moment is not None and session.is_replay and session.source.bundle == moment[0]:
            # It begins to play at its beginning in this very turn.
            QTimer.singleShot(0, self, lambda: session.seek_server_ms(moment[1]))
        self.changed.emit()
