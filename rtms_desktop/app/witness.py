"""What ``doctor --zip`` saves: the same archive as the window's, of the steps and the stream that were checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rtms_desktop.app.credentials import CredentialStore
from rtms_desktop.app.diagnostics import gather, write
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.journal import Journal
from rtms_desktop.app.metrics import Meter
from rtms_desktop.app.places import log_folder
from rtms_desktop.app.settings import Settings
from rtms_desktop.clock import SystemClock


class Witness:
    """Hears all that is published from its making on."""

    def __init__(self, hub: Hub) -> None:
        clock = SystemClock()
        self._journal, self._meter = Journal(hub, clock), Meter(clock.now)
        hub.subscribe_stream(self._meter.hear)

    def save(
        self, path: Path, settings: Settings, steps: Sequence[Mapping[str, Any]], given: Iterable[str | None]
    ) -> None:
        """Write the archive; raises DiskError.

        Args:
            steps: rows for its list of steps.
            given: words of the command line that must not be in it.
        """
        secrets = {word for word in given if word} | CredentialStore(settings).in_memory
        write(path, gather(self._journal, self._meter, [], steps, [], None, secrets), settings, log_folder())
