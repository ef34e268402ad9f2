"""A recording opened for replay: tape, index, media and what is known of them at once. Made in a worker thread."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rtms_desktop.errors import BundleError
from rtms_desktop.recording import index_file, names
from rtms_desktop.recording.bundle_notes import read_notes
from rtms_desktop.recording.chunk_store import ChunkStore
from rtms_desktop.recording.index import Index, IndexBuilder
from rtms_desktop.recording.manifest import Manifest, read_manifest
from rtms_desktop.recording.marks import Mark, MarkBook, read_marks
from rtms_desktop.recording.overview import Overview, first_view, overview, server_ms_of, to_at_of
from rtms_desktop.recording.reader import Seed, locate, read_seed
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.recording.units import UnitStore

OVERVIEWS = 8
"""So often what manifest and sidecars say is put onto the recording's axis while the index is made."""


def unheard() -> None:
    """The bell of a source that nobody shows."""


@dataclass(slots=True)
class ReplaySource:
    """All that replay needs of a recording.

    Attributes:
        manifest: as it stands on disk; {} for a bare tape.
        opened_at, opened_wall_ms: when the recorded session was opened (axis of the recording; Unix ms).
        begin, end: times between which there is something to see; ``begin`` is later than ``opened_at`` when recording
            was started in mid-session.
        follow: the tape is still being written.
        size: bytes on disk when it was opened.
        title: what a person called it; "" = nobody did.
        book: the marks of the sidecar; None where there is none and the tape tells them.
        bell: called from the index's thread as the index grows.
        shared: it outlives the session that shows it; else it is closed with that.
    """

    path: Path
    bundle: Path | None
    manifest: Manifest
    seed: Seed
    chunks: ChunkStore
    units: UnitStore
    index: Index
    builder: IndexBuilder | None
    opened_at: float
    opened_wall_ms: int
    begin: float
    follow: bool = False
    size: int = 0
    title: str = ""
    book: MarkBook | None = None
    bell: Callable[[], None] = unheard
    shared: bool = False
    _seen: tuple[tuple[int, int], Overview] | None = None

    @property
    def end(self) -> float:
        return self.chunks.end

    @property
    def progress(self) -> float:
        """How much of the tape the index covers, 0 to 1."""
        return 1.0 if self.index.complete or not len(self.chunks) else self.index.until / len(self.chunks)

    @property
    def grows(self) -> bool:
        """Whether the end may still move."""
        return self.follow and not (self.index.complete or self.index.failed)

    @property
    def marks(self) -> list[Mark]:
        """What a person marked, by time, as far as it is known by now."""
        return (self.book or MarkBook(self.index.marks)).marks

    @property
    def can_mark(self) -> bool:
        """Whether marks may be changed: a bundle in the making is its recorder's, and a bare tape has no place."""
        return self.bundle is not None and not self.grows and (self.book is not None or self.index.complete)

    def change_mark(self, change: Mark) -> bool:
        """Take a change into ``book``, which is then to be written into ``bundle``; False: nothing may change."""
        if not self.can_mark:
            return False
        self.book = self.book or MarkBook(self.index.marks)
        return self.book.take(change)

    def server_ms_of_at(self, at: float) -> int:
        """What the server's clock read at a time of the axis."""
        return server_ms_of(self.index.figures, self.chunks.origin / 1e6, at)

    def overview(self) -> Overview:
        """As far as it is known by now."""
        index = self.index
        known = len(index.events) + len(index.marks) + (0 if self.book is None else self.book.version)
        # What manifest and sidecars say is read from the disk: not anew with every few messages of the index.
        version = (known, OVERVIEWS) if self._tells_all else (0, int(self.progress * OVERVIEWS))
        if self._seen is None or self._seen[0] != version:
            self._seen = (version, self._overview())
        found = self._seen[1]
        found.marks = self.marks
        return found

    def start(self) -> None:
        """Begin to build the index where there was none; once begun it does nothing."""
        if self.builder is not None:
            self.builder.start()

    def look_again(self) -> None:
        """What was being written when it was opened has been finished. Blocks shortly."""
        if self.bundle is not None:
            self.manifest = read_manifest(self.bundle) or {}
        self.size = _size(self.bundle, self.chunks.path)

    def close(self) -> None:
        """Ends and joins the index's thread and closes the tape. Blocks shortly; any thread."""
        if self.builder is not None:
            self.builder.close()
        self.chunks.close()

    # -- inside --------------------------------------------------------------------------------------------------

    @property
    def _tells_all(self) -> bool:
        """Whether the index knows all that the rest of the bundle could tell."""
        return self.index.complete or self.follow

    def _overview(self) -> Overview:
        to_at = to_at_of(self.index.figures, self.chunks.origin / 1e6)
        if self._tells_all:
            return overview(self.index.events, self.marks, to_at, self.end)
        return first_view(self.bundle, self.manifest, to_at, self.end)


def open_source(path: Path, *, follow: bool = False) -> ReplaySource:
    """Open a bundle, its open.rtms or a tape. Raises BundleError with a sentence for a person.

    ``follow``: the tape is still being written.
    """
    bundle, tape = locate(path)
    if tape is None:
        raise BundleError(f"{path.name} cannot be played", "its tape is missing", "Play its media files.")
    with TapeReader(tape) as reader:
        seed, opened_ns, opened_at = _opening(reader)
    chunks = ChunkStore(tape)
    if follow:
        chunks.refresh()
    chunks.origin = opened_ns - round(opened_at * 1e9)
    units = UnitStore(chunks, seed.config.product, chunks.origin / 1e6)

    def grown() -> None:
        if follow:
            before = chunks.end
            chunks.refresh()
            units.grown(before)
        source.bell()

    def keep(index: Index) -> None:
        if cache is not None:
            index_file.keep(index, cache, tape, seed)

    cache = bundle / names.REPLAY_INDEX if bundle is not None else None
    kept = index_file.load(cache, tape, seed) if cache is not None and not follow else None
    if kept is not None and kept.until != len(chunks):
        kept = None
    index = kept or Index()
    builder = None
    if kept is None:
        builder = IndexBuilder(index, tape, seed, chunks.origin, told=grown, keep=keep, follow=follow)
    begin = max(opened_at, chunks.at(seed.info.started_ms * 1_000_000))
    source = ReplaySource(
        path=path,
        bundle=bundle,
        manifest=(read_manifest(bundle) if bundle is not None else None) or {},
        seed=seed,
        chunks=chunks,
        units=units,
        index=index,
        builder=builder,
        opened_at=opened_at,
        opened_wall_ms=opened_ns // 1_000_000,
        begin=min(begin, chunks.end),
        follow=follow,
        size=_size(bundle, tape),
        title=read_notes(bundle).title if bundle is not None else "",
        book=read_marks(bundle) if bundle is not None and not follow else None,
    )
    return source


def _size(bundle: Path | None, tape: Path) -> int:
    files = [tape] if bundle is None else [bundle / name for name in names.list_files(bundle)]
    return sum(file.stat().st_size for file in files if file.is_file())


def _opening(reader: TapeReader) -> tuple[Seed, int, float]:
    """The seed, with the time at which it was taken, in the tape's nanoseconds and in monotonic seconds."""
    seed = read_seed(reader)
    for record in reader.records():
        control = record.json() if record.is_control else {}
        now = control.get("now")
        if control.get("do") == "seed" and isinstance(now, int | float) and math.isfinite(now):
            return seed, record.time_ns, float(now)
    raise BundleError(f"nothing can be read back from {reader.path}", "the tape does not say when it began")
