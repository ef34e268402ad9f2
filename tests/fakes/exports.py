"""An export desk whose exports go on only when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rtms_desktop.app.events import ExportChanged, ExportLooked, ExportState
from rtms_desktop.app.hub import Hub
from rtms_desktop.recording.export.contents import Contents
from rtms_desktop.recording.export.options import ExportOptions
from rtms_desktop.wire.enums import Medium

CONTENTS = Contents(
    bundle=Path("/recordings/20261119T150200Z_a.rtmsrec"),
    title="Design review",
    started_ms=1_795_100_520_000,
    length_ms=2_892_000,
    people=((16778240, "Maya Okafor"), (16779264, "Tomás Rivera"), (16780288, "Iris Lehmann")),
    media=frozenset(Medium),
)


class FakeExports:
    """``asked``: (recording, options) of every export; ``contents``: what the next recording holds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.contents: Contents | None = CONTENTS
        self.asked: list[tuple[Path, ExportOptions]] = []
        self.cancelled: list[int] = []
        self.jobs: dict[int, ExportChanged] = {}

    @property
    def active(self) -> tuple[ExportChanged, ...]:
        return tuple(self.jobs.values())

    def look(self, recording: Path, span: Callable[[], tuple[int, int]] | None = None) -> None:
        if self.contents is None:
            self._hub.publish([ExportLooked(recording=recording, what=f"there is no recording at {recording}")])
        else:
            part = span() if span is not None else None
            self._hub.publish([ExportLooked(recording=recording, contents=self.contents, span=part)])

    def start(self, recording: Path, options: ExportOptions, *, title: str = "") -> ExportChanged:
        self.asked.append((recording, options))
        told = ExportChanged(
            number=len(self.asked), recording=recording, title=title, format=options.format, out=Path(options.out),
            state=ExportState.WAITING,
        )  # fmt: skip
        self.jobs[told.number] = told
        self._hub.publish([told])
        return told

    def cancel(self, number: int) -> None:
        self.cancelled.append(number)
        self.end(number, state=ExportState.CANCELLED)

    def go(self, number: int, progress: float, seconds: float) -> None:
        """So far it is."""
        self._tell(number, state=ExportState.RUNNING, progress=progress, seconds=seconds)

    def end(self, number: int, **change: Any) -> None:
        """It is done (``written``), or as ``change`` says."""
        change.setdefault("state", ExportState.DONE)
        ended = replace(self.jobs.pop(number), **change)
        self._hub.publish([ended])

    def _tell(self, number: int, **change: Any) -> None:
        self.jobs[number] = replace(self.jobs[number], **change)
        self._hub.publish([self.jobs[number]])
