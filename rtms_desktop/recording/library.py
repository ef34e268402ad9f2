"""The library: an SQLite index of the recordings of one folder, with their texts and thumbnails. One thread at a time.

The index is a cache. It lies in the program's own folder and not beside the recordings: SQLite's write-ahead log does
not work on network folders, and recordings on a read-only disk can be searched all the same. All that cannot be read
from a bundle again (its title, its exports) is kept in the bundle. So the file may be deleted at any time.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rtms_desktop.errors import BundleError, DiskError
from rtms_desktop.recording import names
from rtms_desktop.recording.bundle_notes import set_title
from rtms_desktop.recording.library_rows import (
    RecordingEntry,
    State,
    own_name,
    read_entry,
    read_lines,
    read_tombstone,
    stamp,
)
from rtms_desktop.recording.thumbnail import make_thumbnail
from rtms_desktop.recording.trash import Trashed, empty_old, move_to_trash

log = logging.getLogger(__name__)

VERSION = 1
MAX_HITS = 200
_SNIPPET_WORDS = 16
_OPEN, _CLOSE = "\x01", "\x02"
_LINES_EACH = 1 << 32
"""Line n of recording r has the rowid r * 2^32 + n: all lines of a recording are one range."""

_SCHEMA = """
CREATE TABLE meta (version INTEGER, root TEXT);
CREATE TABLE recordings (
    id INTEGER PRIMARY KEY, folder TEXT UNIQUE, stamp TEXT, name TEXT, title TEXT, started_ms INTEGER, size INTEGER,
    closed INTEGER, state TEXT, length_ms INTEGER, people TEXT, product TEXT, thumbnail BLOB
);
CREATE VIRTUAL TABLE lines USING fts5(
    text, speaker UNINDEXED, kind UNINDEXED, at_ms UNINDEXED, tokenize = 'unicode61 remove_diacritics 2'
);
"""
_COLUMNS = "folder, name, title, started_ms, size, closed, state, length_ms, people, product, length(thumbnail) > 0"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A text that was found.

    Attributes:
        kind: title, person, transcript, chat or mark.
        at_ms: server time (Unix ms) of the line; 0 for titles and people.
        text: the place in the text, with an ellipsis where it was cut.
        marks: (start, end) in ``text`` of what was searched for.
    """

    folder: Path
    name: str
    when: int
    kind: str
    at_ms: int
    speaker: str
    text: str
    marks: tuple[tuple[int, int], ...]


class Library:
    """Raises DiskError when no index can be written at all. A damaged index is thrown away and made again.

    Attributes:
        rebuilt: the index on disk was missing, damaged or of another folder or version.
    """

    def __init__(self, root: Path, index: Path) -> None:
        """``root``: the folder of the recordings; ``index``: the file, in a folder of the program's own."""
        self.root, self._index = root, index
        self.rebuilt = False
        self._db = self._open()

    def close(self) -> None:
        self._db.close()

    # -- reading -------------------------------------------------------------------------------------------------

    def entries(self) -> list[RecordingEntry]:
        """All recordings, newest first, revoked ones among them."""
        query = f"SELECT {_COLUMNS} FROM recordings ORDER BY started_ms DESC, folder DESC"
        return self._safely(lambda: [self._entry(row) for row in self._db.execute(query)])

    def thumbnail(self, bundle: Path) -> bytes:
        """A JPEG, or b""."""
        query = "SELECT thumbnail FROM recordings WHERE folder = ?"
        row = self._safely(lambda: self._db.execute(query, (bundle.name,)).fetchone())
        return bytes(row[0]) if row and row[0] else b""

    def search(self, text: str, limit: int = MAX_HITS) -> list[Hit]:
        """Lines that hold every word of ``text`` (or the beginning of a word), the newest recording first."""
        words = "".join(c if c.isprintable() else " " for c in text).replace('"', " ").split()
        if not words:
            return []
        return self._safely(lambda: self._find_parts(words, limit) if _unspaced(text) else self._find(words, limit))

    # -- keeping up ----------------------------------------------------------------------------------------------

    def scan(self, writing: Path | None = None, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Bring the index up to date with the folder; returns whether anything changed.

        ``writing``: the bundle that is being recorded; it is listed when it is done.
        """
        return self._safely(lambda: self._scan(writing, cancelled))

    def refresh(self, bundle: Path) -> None:
        """Read one bundle again."""
        self._safely(lambda: self._put(bundle) if bundle.is_dir() else self._forget([bundle.name]))

    # -- changing ------------------------------------------------------------------------------------------------

    def rename(self, bundle: Path, title: str) -> None:
        """Give a recording a title; its folder keeps its name. Raises DiskError."""
        set_title(bundle, title)
        self.refresh(bundle)

    def trash(self, bundle: Path) -> Trashed:
        """Move a recording to the trash. Raises DiskError."""
        trashed = move_to_trash(bundle)
        self._safely(lambda: self._forget([bundle.name]))
        return trashed

    def expire(self, days: float, now_ms: int, in_use: Collection[Path | None] = ()) -> list[Trashed]:
        """Move recordings that ended more than ``days`` ago to the trash, and delete what was in it for long.

        One that was never closed stays, and so does what is ``in_use``. 0 days: for ever.
        """
        before = now_ms - days * 86_400_000
        gone = []
        for entry in self.entries():
            kept = entry.state in (State.OPEN, State.REVOKED) or entry.folder in in_use
            if days > 0 and not kept and entry.when + entry.length_ms < before:
                try:
                    gone.append(self.trash(entry.folder))
                except DiskError as error:
                    log.warning("%s", error.sentence())
        empty_old(self.root, now_ms / 1000)
        return gone

    def erase(self, bundles: Iterable[Path]) -> None:
        """Forget recordings whose content was deleted by order: no word of them stays in the file either."""

        def erase() -> None:
            self._forget([bundle.name for bundle in bundles])
            self._db.execute("INSERT INTO lines(lines) VALUES ('optimize')")
            self._db.commit()
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        self._safely(erase)

    # -- inside: the file ----------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        try:
            self._index.parent.mkdir(parents=True, exist_ok=True)
            db = self._connect()
            if self._fits(db):
                return db
            db.close()
            self._delete_file()
            return self._connect()
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise DiskError(f"the library's index {self._index} cannot be written", why) from error

    def _connect(self) -> sqlite3.Connection:
        # One thread at a time uses it, but not always the one that made it.
        db = sqlite3.connect(self._index, check_same_thread=False, timeout=5.0)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                self.rebuilt = True
                db.executescript(_SCHEMA)
                db.execute("INSERT INTO meta VALUES (?, ?)", (VERSION, str(self.root)))
                db.commit()
        except sqlite3.DatabaseError as error:
            if self.rebuilt or not _is_damage(error):
                db.close()
                raise
        return db

    def _fits(self, db: sqlite3.Connection) -> bool:
        try:
            return bool(db.execute("SELECT version, root FROM meta").fetchone() == (VERSION, str(self.root)))
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            return False

    def _delete_file(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._index.with_name(self._index.name + suffix).unlink(missing_ok=True)

    def _safely(self, work: Callable[[], T]) -> T:
        """Do it; when the index turns out to be damaged, make it again from the folder and do it once more."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise DiskError("the library's index cannot be used", str(error)) from error
            log.info("the library's index is made again: %s", error)
        try:
            self._db.close()
            self._delete_file()
            self._db = self._connect()
            self._scan(None, lambda: False)
            return work()
        except (OSError, sqlite3.Error) as error:
            raise DiskError("the library's index cannot be made again", str(error)) from error

    # -- inside: rows --------------------------------------------------------------------------------------------

    def _scan(self, writing: Path | None, cancelled: Callable[[], bool]) -> bool:
        known = {folder: (mark, state) for folder, mark, state in self._db.execute(
            "SELECT folder, stamp, state FROM recordings"
        )}  # fmt: skip
        bundles, tombstones = self._look()
        changed = False
        for bundle in bundles:
            if cancelled():
                return changed
            if bundle != writing and known.get(bundle.name, ("", ""))[0] != stamp(bundle):
                self._put(bundle)
                changed = True
        present = {bundle.name for bundle in bundles if bundle != writing}
        for tombstone in tombstones:
            entry = read_tombstone(tombstone)
            if entry.folder.name not in present:
                present.add(entry.folder.name)
                if known.get(entry.folder.name, ("", ""))[1] != State.REVOKED:
                    self._write(entry, "", b"")
                    changed = True
        gone = known.keys() - present
        self._forget(gone)
        return changed or bool(gone)

    def _look(self) -> tuple[list[Path], list[Path]]:
        try:
            found = sorted(self.root.iterdir())
        except OSError:
            return [], []
        bundles = [path for path in found if path.suffix == names.BUNDLE_SUFFIX and path.is_dir()]
        return bundles, [path for path in found if path.name.endswith(names.TOMBSTONE_SUFFIX)]

    def _put(self, bundle: Path) -> None:
        mark = stamp(bundle)  # before it is read: what changes meanwhile is read again
        self._write(read_entry(bundle), mark, make_thumbnail(bundle))

    def _write(self, entry: RecordingEntry, mark: str, thumbnail: bytes) -> None:
        with self._db:
            self._forget_rows([entry.folder.name])
            row = self._db.execute(
                "INSERT INTO recordings (folder, stamp, name, title, started_ms, size, closed, state, length_ms,"
                " people, product, thumbnail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.folder.name, mark, entry.name, entry.title, entry.when, entry.size, entry.closed,
                    entry.state.value, entry.length_ms, json.dumps(entry.people), entry.product, thumbnail,
                ),
            )  # fmt: skip
            if entry.state is State.REVOKED:
                return
            base = (row.lastrowid or 0) * _LINES_EACH
            self._db.executemany(
                "INSERT INTO lines (rowid, text, speaker, kind, at_ms) VALUES (?, ?, ?, ?, ?)",
                (
                    (base + number, line.text, line.speaker, line.kind, line.at_ms)
                    for number, line in enumerate(read_lines(entry))
                ),
            )

    def _forget(self, folders: Iterable[str]) -> None:
        with self._db:
            self._forget_rows(folders)

    def _forget_rows(self, folders: Iterable[str]) -> None:
        for folder in folders:
            for (number,) in self._db.execute("SELECT id FROM recordings WHERE folder = ?", (folder,)).fetchall():
                span = (number * _LINES_EACH, (number + 1) * _LINES_EACH - 1)
                self._db.execute("DELETE FROM lines WHERE rowid BETWEEN ? AND ?", span)
                self._db.execute("DELETE FROM recordings WHERE id = ?", (number,))

    def _entry(self, row: Sequence[object]) -> RecordingEntry:
        folder, name, title, when, size, closed, state, length, people, product, pictured = row
        return RecordingEntry(
            name=str(name or own_name(Path(str(folder)))),
            folder=self.root / str(folder),
            when=int(str(when)),
            size=int(str(size)),
            closed=bool(closed),
            state=State(str(state)),
            title=str(title),
            length_ms=int(str(length)),
            people=tuple(json.loads(str(people))),
            product=str(product),
            has_thumbnail=bool(pictured),
        )

    # -- inside: search ------------------------------------------------------------------------------------------

    def _find(self, words: list[str], limit: int) -> list[Hit]:
        wanted = " ".join(f'"{word}"*' for word in words)
        text = f"snippet(lines, 0, '{_OPEN}', '{_CLOSE}', '\u2026', {_SNIPPET_WORDS})"
        return self._hits(text, "lines MATCH ?", [wanted], limit)

    def _find_parts(self, words: list[str], limit: int) -> list[Hit]:
        """In scripts without spaces a word can begin anywhere."""
        where = " AND ".join(["instr(lower(text), lower(?)) > 0"] * len(words))
        hits = self._hits("text", where, words, limit)
        return [_marked(hit, words) for hit in hits]

    def _hits(self, text: str, where: str, values: list[str], limit: int) -> list[Hit]:
        query = (
            f"SELECT r.folder, r.name, r.started_ms, kind, at_ms, speaker, {text} FROM lines"
            f" JOIN recordings r ON r.id = lines.rowid / {_LINES_EACH} WHERE {where}"
            " ORDER BY r.started_ms DESC, lines.rowid LIMIT ?"
        )
        with closing(self._db.execute(query, (*values, limit))) as rows:
            return [
                Hit(
                    folder=self.root / folder, name=name, when=when, kind=kind, at_ms=int(at_ms), speaker=speaker,
                    text=found.replace(_OPEN, "").replace(_CLOSE, ""), marks=_marks(found),
                )
                for folder, name, when, kind, at_ms, speaker, found in rows
            ]  # fmt: skip


def open_library(root: Path, index: Path) -> Library:
    """The library of a folder that exists or not. Raises DiskError, and BundleError where ``root`` is a file."""
    if root.is_file():
        raise BundleError(f"{root} is no folder of recordings", "it is a file", "Choose a folder.")
    return Library(root, index)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is wrong, and not the disk, a right or another program."""
    operational = isinstance(error, sqlite3.OperationalError)
    return not operational or "no such" in str(error) or "malformed" in str(error)


def _unspaced(text: str) -> bool:
    return any(c >= "\u2e80" for c in text)


def _marks(text: str) -> tuple[tuple[int, int], ...]:
    marks, at, begin = [], 0, 0
    for c in text:
        if c == _OPEN:
            begin = at
        elif c == _CLOSE:
            marks.append((begin, at))
        else:
            at += 1
    return tuple(marks)


def _marked(hit: Hit, words: list[str]) -> Hit:
    low = hit.text.lower()
    found = [(low.find(word.lower()), len(word)) for word in words]
    marks = tuple(sorted((start, start + length) for start, length in found if start >= 0))
    return Hit(
        folder=hit.folder, name=hit.name, when=hit.when, kind=hit.kind, at_ms=hit.at_ms, speaker=hit.speaker,
        text=hit.text, marks=marks,
    )  # fmt: skip
