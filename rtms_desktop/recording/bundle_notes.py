"""What belongs to a bundle without being recorded: its title, and the exports that were made of it. Any thread.

It stands in ``library.json`` inside the bundle, so that it moves with it and the library's index can always be rebuilt.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from rtms_desktop.errors import DiskError
from rtms_desktop.recording import names
from rtms_desktop.recording.encoding import plain_line, to_json
from rtms_desktop.recording.manifest import write_atomic

MAX_BYTES = 4 * 1024 * 1024
MAX_TITLE = 200


class Export(msgspec.Struct, frozen=True):
    """A file that was made of the recording. Size and ``mtime_ns`` tell whether it is still the same one."""

    path: str
    size: int
    mtime_ns: int


class BundleNotes(msgspec.Struct, frozen=True, kw_only=True):
    schema: int = 1
    title: str = ""
    exports: list[Export] = []


def read_notes(bundle: Path) -> BundleNotes:
    """The notes; empty ones where there are none that can be read."""
    path = bundle / names.LIBRARY_NOTES
    try:
        if path.stat().st_size > MAX_BYTES:
            return BundleNotes()
        return msgspec.json.decode(path.read_bytes(), type=BundleNotes)
    except (OSError, msgspec.DecodeError):
        return BundleNotes()


def set_title(bundle: Path, title: str) -> str:
    """Name a recording; "" gives it back its own name. Returns the title as it is kept. Raises DiskError."""
    kept = clean_title(title)
    _write(bundle, msgspec.structs.replace(read_notes(bundle), title=kept))
    return kept


def clean_title(title: str) -> str:
    """One line of printable characters, at most 200."""
    return plain_line(title, MAX_TITLE)


def remember_exports(bundle: Path, paths: Iterable[Path]) -> None:
    """Note files that were made of a recording, so that they can go with it. Raises DiskError."""
    notes = read_notes(bundle)
    known = {export.path: export for export in notes.exports}
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        known[os.path.abspath(path)] = Export(os.path.abspath(path), found.st_size, found.st_mtime_ns)
    _write(bundle, msgspec.structs.replace(notes, exports=list(known.values())))


def delete_exports(bundle: Path) -> list[Path]:
    """Delete the exports that are still as they were made; returns those that could not be deleted.

    A file that another program has written in the meantime is no longer ours and stays.
    """
    left = []
    for export in read_notes(bundle).exports:
        path = Path(export.path)
        try:
            found = path.lstat()
            if (found.st_size, found.st_mtime_ns) == (export.size, export.mtime_ns):
                path.unlink()
        except FileNotFoundError:
            continue
        except OSError:
            left.append(path)
    return left


def _write(bundle: Path, notes: BundleNotes) -> None:
    try:
        write_atomic(bundle / names.LIBRARY_NOTES, to_json(msgspec.to_builtins(notes)) + b"\n")
    except OSError as error:
        why = error.strerror or str(error)
        raise DiskError(f"{bundle.name} cannot be written to", why, "Copy it to another folder.") from error
