"""All exports of the window: what runs now, in words for the status bar, and what has just ended (main thread)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ExportChanged, ExportState
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.export_form import ExportForm
from rtms_desktop.viewmodels.figures import byte_size, one_line, sentence_case, span

LEAST_PROGRESS, LEAST_S = 0.03, 1.0
"""Before so much is done nobody can say how long it takes."""


class ExportsViewModel(QObject):
    """``ended(event)``: an export is done, cancelled or failed."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        listen(self, controller.hub, {ExportChanged: self._heard})

    def form(self, recording: Path, parent: QObject | None = None) -> ExportForm:
        return ExportForm(self._controller, recording, parent)

    def shown_recording(self) -> Path | None:
        """The recording that is open, as it can be exported."""
        session = self._controller.session
        if session is None or not session.is_replay:
            return None
        return session.source.bundle or session.source.tape

    @property
    def running(self) -> ExportChanged | None:
        return next(iter(self._controller.exports.active), None)

    def status(self) -> tuple[str, str, str] | None:
        """(value, note, explanation) for the status bar while something is exported."""
        job = self.running
        if job is None:
            return None
        waiting = len(self._controller.exports.active) - 1
        note = f"{waiting} waiting" if waiting else ""
        return f"{job.progress:.0%}", note, f"{one_line(job.title, 60)}: {progress_text(job)}. A click shows it."

    def cancel_all(self) -> None:
        for job in self._controller.exports.active:
            self._controller.exports.cancel(job.number)

    def _heard(self, event: ExportChanged) -> None:
        self.changed.emit()
        if event.state not in (ExportState.WAITING, ExportState.RUNNING):
            self.ended.emit(event)


def progress_text(job: ExportChanged) -> str:
    """``42 %, about 12 s left``"""
    if job.state is ExportState.WAITING:
        return "waits for the export before it"
    done = f"{int(job.progress * 100)} %"
    if job.progress < LEAST_PROGRESS or job.seconds < LEAST_S:
        return done
    left = job.seconds * (1 - job.progress) / job.progress
    return f"{done}, about {span(max(1.0, left))} left" if left >= 10 else f"{done}, a few seconds left"


def end_text(job: ExportChanged) -> str:
    """``Saved Weekly.mp4, 12 MB``, ``Saved 4 files in Weekly``, or what went wrong."""
    if job.state is ExportState.CANCELLED:
        return "Cancelled. Nothing was written."
    if job.state is ExportState.FAILED:
        return sentence_case(": ".join(part for part in (job.what, job.why) if part).rstrip(".")) + "."
    if len(job.written) == 1:
        return f"Saved {job.written[0].name}, {byte_size(_size(job.written[0]))}"
    return f"Saved {len(job.written)} files in {job.written[0].parent.name}" if job.written else "Nothing to save."


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
