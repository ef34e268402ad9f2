"""All exports of the window: what runs now, in words for the status bar, and what has just ended (main thread)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ExportChanged, ExportState, Notice, RecordingState
from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.export_form import ExportForm
from rtms_desktop.viewmodels.figures import byte_size, one_line, sentence_case, span
from rtms_desktop.viewmodels.status_figure import Figure

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

    def form(self, recording: Path, job: ExportChanged | None = None) -> ExportForm:
        """For a dialog; with ``job`` it follows one that was asked for before."""
        return ExportForm(self._controller, recording, job)

    def shown_recording(self) -> Path | None:
        """The recording that is open, as it can be exported; what is still being written cannot."""
        session, written = self._controller.session, self._controller.recording.state
        if session is None or not session.is_replay:
            return None
        shown: Path | None = session.source.bundle or session.source.tape
        going_on = written.state in (RecordingState.RECORDING, RecordingState.STALLED, RecordingState.FINALISING)
        return None if going_on and shown == written.folder else shown

    @property
    def running(self) -> ExportChanged | None:
        return next(iter(self._controller.exports.active), None)

    def figure(self) -> Figure | None:
        """For the status bar while something is exported."""
        job = self.running
        if job is None:
            return None
        waiting = len(self._controller.exports.active) - 1
        return Figure(
            "export", "export", f"{job.progress:.0%}", f"{waiting} waiting" if waiting else "",
            f"{one_line(job.title, 60)}: {progress_text(job)}. A click shows it.", icon="download",
        )  # fmt: skip

    def tell_failure(self, job: ExportChanged) -> None:
        """An export failed that nobody looks at: a notice says so."""
        what = f"{one_line(job.title, 60)} was not exported"
        why = ": ".join(part for part in (job.what, job.why) if part)
        notice = Notice(severity=Severity.ERROR, what=what, why=why, fix="Export it again, or to another place.")
        self._controller.hub.publish([notice])

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
