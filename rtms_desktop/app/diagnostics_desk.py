"""Saves the diagnostics archive when a person asks for it. Main thread; owned by the controller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import DiagnosticsSaved
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.places import log_folder
from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import RtmsError

if TYPE_CHECKING:
    from rtms_desktop.app.diagnostics import Gathered


class DiagnosticsDesk:
    """Args:
    gather: reads what only the main thread may read.
    """

    def __init__(self, hub: Hub, settings: Settings, gather: Callable[[], Gathered]) -> None:
        self._hub, self._settings, self._gather = hub, settings, gather

    def save(self, path: Path) -> None:
        """Write the archive to ``path``; DiagnosticsSaved tells."""
        begin(self._hub, "save diagnostics", self._save(path))

    async def _save(self, path: Path) -> None:
        from rtms_desktop.app.diagnostics import write

        logs = log_folder(self._settings.folder if self._settings.isolated else None)
        try:
            await asyncio.to_thread(write, path, self._gather(), self._settings, logs)
        except RtmsError:
            self._hub.publish([DiagnosticsSaved(path=None)])
            raise
        self._hub.publish([DiagnosticsSaved(path=path)])
