"""Keeps the computer awake while something is recorded. Main thread.

A child process holds the lock (``systemd-inhibit`` on Linux, ``caffeinate`` on macOS): it ends, and the lock with it,
when its stdin closes, however this program ends. Where there is neither, the log says so once.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Sequence

from rtms_desktop.app.events import RecordingChanged, RecordingState
from rtms_desktop.app.hub import AnyEvent, Hub

log = logging.getLogger(__name__)

HOLDERS = (
    ["systemd-inhibit", "--what=sleep:idle", "--who=RTMS Desktop", "--why=A meeting is recorded", "cat"],
    ["caffeinate", "-i", "cat"],
)
BUSY = (RecordingState.RECORDING, RecordingState.STALLED, RecordingState.FINALISING)
END_S = 1.0


class Awake:
    """Listens to the hub from its making to `close`."""

    def __init__(self, hub: Hub) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._told = False
        hub.subscribe(self._note)

    @property
    def held(self) -> bool:
        """Whether the lock is held now."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Give the lock back."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        if process.poll() is not None:
            log.info("the system did not let itself be kept awake")
        process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _note(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, RecordingChanged):
                if event.state in BUSY:
                    self._hold()
                else:
                    self.close()

    def _hold(self) -> None:
        if self._process is not None:
            return
        command = next((words for words in HOLDERS if shutil.which(words[0])), None)
        if command is None:
            if not self._told:
                log.info("nothing here keeps the computer awake: it may go to sleep during the recording")
            self._told = True
            return
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
