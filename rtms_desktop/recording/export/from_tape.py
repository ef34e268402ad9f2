"""Makes the files of a bundle again from its tape alone, for a bare tape or a bundle that has lost some. Any thread."""

from __future__ import annotations

from pathlib import Path

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.bundle_writer import BundleWriter
from rtms_desktop.recording.export.options import Watch
from rtms_desktop.recording.inbox import SessionEvents
from rtms_desktop.recording.reader import dropped_gaps, read_seed, replay
from rtms_desktop.recording.tape_reader import TapeReader


def files_from_tape(tape: Path, folder: Path, watch: Watch) -> None:
    """Write tracks and text of ``tape`` into ``folder``, which must not exist yet.

    Raises BundleError when the tape cannot be read, OSError when the disk refuses, ExportCancelled.
    """
    with TapeReader(tape) as reader:
        info = read_seed(reader).info
        chunks = reader.chunks()
        first, last = (chunks[0].first_ns, chunks[-1].last_ns) if chunks else (0, 0)
    writer: BundleWriter | None = None
    try:
        for record, events in replay(tape):
            watch.at((record.time_ns - first) / max(1, last - first))
            now = record.json().get("now") if record.is_control else None
            if writer is None and isinstance(now, int | float):
                # The wall clock of the new files shall be that of the tape.
                writer = BundleWriter(folder, info, now - (record.time_ns - info.started_ms * 1_000_000) / 1e9)
            if writer is not None:
                writer.write(SessionEvents(events))
                if record.is_control:
                    writer.summary.dropped(dropped_gaps(record))
                    writer.mark(record.json())
    finally:
        if writer is not None:
            writer.abandon()
    if writer is None:
        raise BundleError(f"nothing can be read back from {tape}", "the recording was cut off in its first moment")
