"""Tapes and logs for the tests of the inspector's parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rtms_desktop.app.message_log import MessageLog
from rtms_desktop.app.message_tape import TapeLog
from rtms_desktop.recording.tape import TapeWriter
from tests.fakes.messages import Script

WALL_MS = 1_795_183_330_000


class OnTape:
    """Writes what a script tells it, as the recorder does."""

    def __init__(self, path: Path) -> None:
        self.writer = TapeWriter(path)

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None:
        opcode = "text" if isinstance(data, str) else "binary"
        body = data.encode() if isinstance(data, str) else data
        self.writer.message(link, attempt, direction, opcode, body, _ns(at))

    def control(self, record: dict[str, Any], at: float) -> None:
        self.writer.control(record, _ns(at))


def _ns(at: float) -> int:
    return WALL_MS * 1_000_000 + round(at * 1e9)


def live_log(**options: Any) -> tuple[MessageLog, Script]:
    """A log that heard a whole meeting."""
    log = MessageLog(wall_ms=WALL_MS, **options)
    script = Script(log, wall_ms=WALL_MS)
    script.meeting()
    return log, script


def tape_of_meeting(path: Path, close: bool = True) -> Path:
    tape = OnTape(path)
    Script(tape, wall_ms=WALL_MS).meeting()
    if close:
        tape.writer.close()
    else:
        tape.writer.flush()
        tape.writer.abandon()
    return path


def tape_log(path: Path) -> TapeLog:
    """A log that has read the whole tape."""
    log = TapeLog(path)
    log.load()
    log.read()
    return log
