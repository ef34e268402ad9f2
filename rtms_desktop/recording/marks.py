"""Marks: moments that a person noted, on the tape, in marks.jsonl beside it, and in the exports. Any thread.

A mark is written twice while recording: as a ``mark`` record onto the tape, and as a line of ``marks.jsonl``. A tape is
never written again once it is closed, so what is added, renamed or deleted in replay goes into the sidecar alone. The
two agree like this: where there is a sidecar it is the truth, and what the tape says of a mark that the sidecar knows,
deleted ones included, counts for nothing; where there is none (a bare tape, an older bundle), the tape is the truth.
Repair adds to the sidecar the marks of the tape that it has never heard of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from rtms_desktop.errors import DiskError
from rtms_desktop.recording import names
from rtms_desktop.recording.encoding import plain_line, to_json
from rtms_desktop.recording.manifest import read_manifest, write_atomic, write_manifest

MAX_TEXT = 300
MAX_MARKS = 5000
MAX_BYTES = 8 * 1024 * 1024


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """One moment; also a line of marks.jsonl, of which the newest with an id counts.

    Attributes:
        at: monotonic seconds on the session's (or the recording's) axis.
        server_ms: the server's time at that moment, Unix milliseconds.
        text: one line of plain text, or "".
        removed: it was deleted again.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    at: float
    server_ms: int
    text: str
    removed: bool = False


class MarkBook:
    """The marks of one session: changes go in, what stands comes out.

    Overflow: beyond ``MAX_MARKS`` no further mark is taken.

    Attributes:
        version: counts the changes that were taken.
    """

    def __init__(self, changes: Iterable[Mark] = ()) -> None:
        self._newest: dict[str, Mark] = {}
        self.version = 0
        for change in changes:
            self.take(change)

    def take(self, change: Mark) -> bool:
        """Add, alter or (``removed``) delete a mark; False: there are too many."""
        if change.id not in self._newest and len(self._newest) >= MAX_MARKS:
            return False
        self._newest[change.id] = msgspec.structs.replace(change, text="" if change.removed else clean(change.text))
        self.version += 1
        return True

    @property
    def marks(self) -> list[Mark]:
        """What stands, by time."""
        return sorted((mark for mark in self._newest.values() if not mark.removed), key=lambda mark: mark.at)

    @property
    def changes(self) -> list[Mark]:
        """The newest change of every mark: what makes this book again."""
        return list(self._newest.values())

    def find(self, mark_id: str) -> Mark | None:
        """The mark under an id, unless it was deleted."""
        found = self._newest.get(mark_id)
        return None if found is None or found.removed else found


def clean(text: str) -> str:
    """One line of printable characters, at most 300."""
    return plain_line(text, MAX_TEXT)


def mark_record(mark: Mark, now: float) -> dict[str, Any]:
    """A change of a mark for ``/control``: ``{"do": "mark", "id", "at", "server_ms", "text", "now"}``.

    ``now`` is when it was written, ``at`` the moment that was marked. The core is not told.
    """
    fields: dict[str, Any] = msgspec.to_builtins(mark)
    return {"do": "mark"} | fields | {"now": now}


def taped_mark(record: Mapping[str, Any]) -> Mark | None:
    """The mark that a ``/control`` record tells of, if it does."""
    if record.get("do") != "mark":
        return None
    try:
        return msgspec.convert(dict(record), Mark)
    except msgspec.ValidationError:
        return None


def read_marks(bundle: Path) -> MarkBook | None:
    """The marks of a bundle as its sidecar has them; lines that make no sense are passed over. None: no sidecar."""
    path = bundle / names.MARKS
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    return MarkBook(_decoded(data))


def write_marks(bundle: Path, book: MarkBook) -> None:
    """Replace the sidecar of a closed bundle in one step, and list it in the manifest. Raises DiskError."""
    path = bundle / names.MARKS
    try:
        write_atomic(path, b"".join(mark_line(change) for change in book.changes))
        manifest = read_manifest(bundle)
        if manifest is not None and names.MARKS not in manifest["files"]:
            write_manifest(bundle, manifest | {"files": sorted([*manifest["files"], names.MARKS])})
    except OSError as error:
        why = error.strerror or str(error)
        raise DiskError(f"{bundle.name} cannot be written to", why, "Copy it to another folder.") from error


def alter_marks(bundle: Path, changes: Iterable[Mark]) -> None:
    """Let a closed bundle know what became of the marks that it holds; others are none of its. Raises DiskError."""
    book = read_marks(bundle)
    if book is None:
        return
    new = [change for change in changes if book.find(change.id) not in (None, change)]
    for change in new:
        book.take(change)
    if new:
        write_marks(bundle, book)


def mark_line(mark: Mark) -> bytes:
    """A line of marks.jsonl."""
    return to_json(mark) + b"\n"


def _decoded(data: bytes) -> Iterable[Mark]:
    decoder = msgspec.json.Decoder(Mark)
    for line in data.splitlines():
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError:
            continue
