"""The log of this run, and what a crash left of an earlier one. Main thread; the handlers may write from any.

Each run has a file ``<start>-<pid>.log`` and, while it lives, ``<start>-<pid>.running``, into which the interpreter
writes the stacks of all threads when the process dies of a fault. A clean end removes the latter.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import time
from pathlib import Path
from typing import IO

KEPT = 10
LIMIT = 5_000_000
"""Bytes of one log; what comes after them is not written."""
FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"

log = logging.getLogger(__name__)


class RunLog:
    """Attributes:
    crashed: the logs of runs that did not end properly, newest first; each is told once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.crashed: list[Path] = []
        self._name = f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
        self._marker = folder / f"{self._name}.running"
        self._faults: IO[str] | None = None
        self._handler: logging.Handler | None = None

    def start(self) -> None:
        """Begin to write; a folder that cannot be written to is no reason not to run."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.crashed = [self._bury(marker) for marker in self._dead()]
            self._faults = self._marker.open("w", encoding="utf-8")
            _hold(self._faults)
            handler = _Limited(self.folder / f"{self._name}.log", encoding="utf-8", delay=True)
        except OSError as error:
            log.warning("no log is written to %s: %s", self.folder, error.strerror)
            return
        faulthandler.enable(self._faults)
        handler.setFormatter(logging.Formatter(FORMAT))
        handler.setLevel(logging.INFO)
        self._handler = handler
        root = logging.getLogger()
        root.addHandler(handler)
        root.setLevel(min(root.level or logging.INFO, logging.INFO))
        self._forget_old()
        log.info("started, Python %s on %s", sys.version.split()[0], sys.platform)

    def close(self) -> None:
        """The run ended as it should."""
        if self._handler is not None:
            log.info("ended")
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None
            self._marker.unlink(missing_ok=True)

    # -- earlier runs ----------------------------------------------------------------------------------------------

    def _dead(self) -> list[Path]:
        """Markers whose process is gone, newest first."""
        found = sorted(self.folder.glob("*.running"), reverse=True)
        return [marker for marker in found if not _held(marker)]

    def _bury(self, marker: Path) -> Path:
        """Put what the fault handler wrote behind the log of the same run; gives that log."""
        written = marker.with_suffix(".log")
        stacks = marker.read_text(encoding="utf-8", errors="replace")
        with written.open("a", encoding="utf-8") as file:
            file.write(f"\nThis run did not end properly.\n{stacks}")
        marker.unlink(missing_ok=True)
        return written

    def _forget_old(self) -> None:
        for old in sorted(self.folder.glob("*.log"), reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)


class _Limited(logging.FileHandler):
    """A file that stops growing at LIMIT, so that a fault that repeats itself cannot fill the disk."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is None or self.stream.tell() < LIMIT:
            super().emit(record)


def _hold(file: IO[str]) -> None:
    """Mark the file as used, for as long as this process lives. On Windows being open is mark enough."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _held(marker: Path) -> bool:
    """Whether the process that made the marker lives."""
    try:
        if sys.platform == "win32":
            os.rename(marker, marker)
        else:
            with marker.open(encoding="utf-8") as file:
                _hold(file)
    except OSError:
        return True
    return False
