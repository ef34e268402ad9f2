"""The index of a tape: how the session stood every few seconds, what was told when, where the pictures are.

Made once by driving a core through the whole tape (``IndexBuilder``, on a thread of its own); what is built so far can
be used meanwhile. ``index_file`` keeps it.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.breath import breathe
from rtms_desktop.recording.checkpoint import freeze, thaw
from rtms_desktop.recording.chunk_store import ChunkStore
from rtms_desktop.recording.control import Drive
from rtms_desktop.recording.figures import STEP_S, FigureTape
from rtms_desktop.recording.marks import Mark, taped_mark
from rtms_desktop.recording.reader import Seed
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord
from rtms_desktop.recording.timeline import MAX_OF_A_KIND, TimelineFilter
from rtms_desktop.recording.units import Key, Places, place_of, starts_decoding
from rtms_desktop.session import events as ev
from rtms_desktop.session.core import SessionCore
from rtms_desktop.wire.enums import Medium

log = logging.getLogger(__name__)

CHECKPOINT_RECORDS = 1000
RECORDS_PER_BYTE = 1 / 16
"""A large state (thousands of gaps) is kept less often, so that all checkpoints together stay small."""

BREATH_RECORDS = 24
"""About a millisecond of work."""

_PICTURES = (Medium.VIDEO, Medium.SHARE)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The frozen core before the first record of ``chunk``; ``at``: the time of the record before."""

    at: float
    chunk: int
    core: bytes


@dataclass(slots=True)
class Index:
    """All parts only ever grow while the index is being built; ``until`` (a chunk number) and ``covered`` (a time on
    the tape's axis) say how far it reaches.

    Attributes:
        ats, events: all that was told but media and keep-alives, in order; of each track the first unit, without data.
        marks: what a person marked while recording, every change of it, in the order of the tape.
        left_out: events beyond the bound, by kind.
        complete: the whole tape is in.
        failed: the building of it broke off.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    ats: array[float] = field(default_factory=lambda: array("d"))
    events: list[ev.Event] = field(default_factory=list)
    places: dict[Key, Places] = field(default_factory=dict)
    figures: FigureTape = field(default_factory=FigureTape)
    marks: list[Mark] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    until: int = 0
    covered: float = -math.inf
    complete: bool = False
    failed: bool = False

    def history(self, at: float) -> list[ev.Event]:
        """What had been told by ``at``."""
        return self.events[: bisect_right(self.ats, at)]

    def checkpoint(self, at: float) -> Checkpoint | None:
        """The newest checkpoint from before or at ``at``."""
        place = bisect_right(self.checkpoints, at, key=lambda checkpoint: checkpoint.at) - 1
        return self.checkpoints[place] if place >= 0 else None


@dataclass(frozen=True, slots=True)
class Restored:
    """A core as it stood at ``at``; the next record to feed is number ``row`` of ``chunk``."""

    drive: Drive
    at: float
    chunk: int
    row: int


def restore(index: Index, chunks: ChunkStore, seed: Seed, at: float) -> Restored:
    """The session as it stood at ``at``. Where the index does not help, all records before it are driven."""
    number, core = _begin(index, seed, at)
    drive = Drive(core, chunks.origin)
    while number < len(chunks):
        for row, record in enumerate(chunks.records(number)):
            if chunks.at(record.time_ns) > at and not is_preface(record):
                return Restored(drive, at, number, row)
            drive.feed(record)
        number += 1
    return Restored(drive, at, number, 0)


def _begin(index: Index, seed: Seed, at: float) -> tuple[int, SessionCore]:
    """A core from before ``at``, and the chunk with which it goes on."""
    checkpoint = index.checkpoint(at)
    if checkpoint is not None:
        with contextlib.suppress(BundleError):  # a damaged index: the tape itself has everything
            core = thaw(checkpoint.core)
            if isinstance(core, SessionCore):
                return checkpoint.chunk, core
    return 0, seed.core()


def is_preface(record: TapeRecord) -> bool:
    """The first record of all describes the recording; in a recording that began in mid-session it is no input of the
    core but stands, with the time at which recording began, before what had been said until then."""
    return record.is_control and record.json().get("do") == "recording"


class IndexBuilder:
    """Builds an index on the thread ``replay-index``.

    ``told`` is called from that thread after every few chunks, ``keep`` with the complete index. With ``follow`` it
    goes on with a tape that grows.
    """

    def __init__(
        self,
        index: Index,
        tape: Path,
        seed: Seed,
        origin: int,
        *,
        told: Callable[[], None] = lambda: None,
        keep: Callable[[Index], None] = lambda index: None,
        follow: bool = False,
    ) -> None:
        self.index = index
        self._tape, self._origin, self._told, self._keep = tape, origin, told, keep
        self._follow = follow
        self._core: SessionCore = seed.core()
        self._drive = Drive(self._core, origin)
        self._records = self._due = 0
        self._last_at = -math.inf
        self._step = -(1 << 62)
        self._filter = TimelineFilter(index.left_out)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay-index", daemon=True)

    def start(self) -> None:
        """Begin; once begun it does nothing."""
        if self._thread.ident is None:
            self._thread.start()

    def close(self) -> None:
        """Stop and join; idempotent, also before the start."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def run(self) -> None:
        """Build on the calling thread."""
        with TapeReader(self._tape) as reader:
            number = 0
            if self._follow:
                reader.refresh()
            while not self._stop.is_set():
                if number >= len(reader.chunks()):
                    if not self._follow or reader.is_finished:
                        break
                    self._told()
                    self._stop.wait(0.25)
                    reader.refresh()
                    continue
                self._take(number, reader.chunk(number))
                number += 1
                if number % 8 == 0:
                    self._told()
        if not self._stop.is_set():
            self._finish()

    # -- inside --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self.run()
        except Exception:  # border: without an index a recording can still be played from its beginning
            log.exception("the index of %s could not be built", self._tape)
            self.index.failed = True
            self._told()

    def _finish(self) -> None:
        self.index.covered = math.inf
        self.index.complete = True
        self._told()
        self._keep(self.index)

    def _take(self, number: int, records: list[TapeRecord]) -> None:
        index = self.index
        if self._records >= self._due:
            blob = freeze(self._core)
            index.checkpoints.append(Checkpoint(self._last_at, number, blob))
            self._due = self._records + max(CHECKPOINT_RECORDS, round(len(blob) * RECORDS_PER_BYTE))
        for row, record in enumerate(records):
            if row % BREATH_RECORDS == 0:
                breathe(self._stop)
            at = (record.time_ns - self._origin) / 1e9
            if is_mark(record):
                self._mark(record)
            step = math.floor(at / STEP_S)
            if step > self._step:
                index.figures.look(self._core, at)
                self._step = step
            for event in self._drive.feed(record):
                self._event(event, place_of(number, row))
            self._last_at = max(self._last_at, at) if not is_preface(record) else self._last_at
        self._records += len(records)
        index.until = number + 1
        index.covered = self._last_at

    def _mark(self, record: TapeRecord) -> None:
        mark = taped_mark(record.json())
        if mark is not None and len(self.index.marks) < MAX_OF_A_KIND:
            self.index.marks.append(mark)

    def _event(self, event: ev.Event, place: int) -> None:
        if isinstance(event, ev.MediaReceived) and event.medium in _PICTURES:
            places = self.index.places.setdefault((event.medium.value, event.user_id), Places())
            places.units.append(place)
            if starts_decoding(event.data):
                places.starts.append(place)
        kept = self._filter.kept(event)
        if kept is not None:
            self.index.events.append(kept)
            self.index.ats.append(kept.at)


def is_mark(record: TapeRecord) -> bool:
    return record.is_control and b'"mark"' in record.data
