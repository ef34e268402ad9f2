"""``index.bin``: the index kept beside its bundle, which can be thrown away at any time. Any thread.

It may come from anywhere with the bundle: everything in it is checked before it is used.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections import Counter
from pathlib import Path

import msgspec
import zstandard

from rtms_desktop import __version__
from rtms_desktop.errors import BundleError
from rtms_desktop.recording.checkpoint import freeze, thaw
from rtms_desktop.recording.figures import Columns
from rtms_desktop.recording.index import Checkpoint, Index
from rtms_desktop.recording.manifest import write_atomic
from rtms_desktop.recording.marks import Mark
from rtms_desktop.recording.reader import Seed
from rtms_desktop.recording.units import PLACE_BITS, Places
from rtms_desktop.session.events import Event
from rtms_desktop.wire.enums import Medium

log = logging.getLogger(__name__)

MAGIC = b"RTMSIDX1"
VERSION = 4
MAX_BYTES = 1 << 30
_SAMPLE = 65_536


class _Columns(msgspec.Struct, array_like=True):
    width: int
    steps: bytes
    values: bytes


class _Content(msgspec.Struct):
    """What the file holds: arrays as the bytes of their numbers, events and cores as ``freeze`` made them."""

    version: int
    tape: str
    chunks: int
    checkpoints: list[tuple[float, int, bytes]]
    ats: bytes
    events: bytes
    places: list[tuple[str, int, bytes, bytes]]
    marks: list[Mark]
    left_out: dict[str, int]
    tracks: list[tuple[Medium, int, _Columns]]
    counts: _Columns
    messages: list[tuple[str, _Columns]]


def fingerprint(tape: Path, seed: Seed) -> str:
    """Changes with every change of a tape, and of the program that would go on from its checkpoints."""
    digest = hashlib.blake2b(f"{tape.stat().st_size} {__version__}".encode(), digest_size=16)
    digest.update(freeze(seed.core()))  # a core that is built otherwise cannot be made of what another one left
    with tape.open("rb") as file:
        digest.update(file.read(_SAMPLE))
        file.seek(max(0, file.seek(0, 2) - _SAMPLE))
        digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


def keep(index: Index, path: Path, tape: Path, seed: Seed) -> None:
    """Write the file; where that cannot be done the index is built again the next time."""
    try:
        write_atomic(path, dump(index, fingerprint(tape, seed)))
    except OSError as error:
        log.info("the index of %s is not kept: %s", tape, error)


def dump(index: Index, mark: str) -> bytes:
    """A complete index as bytes; ``mark`` is the fingerprint of its tape."""
    figures = index.figures
    content = _Content(
        version=VERSION,
        tape=mark,
        chunks=index.until,
        checkpoints=[(point.at, point.chunk, point.core) for point in index.checkpoints],
        ats=index.ats.tobytes(),
        events=freeze(index.events),
        places=[(*key, places.units.tobytes(), places.starts.tobytes()) for key, places in index.places.items()],
        marks=index.marks,
        left_out=dict(index.left_out),
        tracks=[(medium, user, _packed(columns)) for (medium, user), columns in figures.tracks.items()],
        counts=_packed(figures.counts),
        messages=[(name, _packed(columns)) for name, columns in figures.messages.items()],
    )
    return MAGIC + zstandard.compress(msgspec.msgpack.encode(content), 3)


def load(path: Path, tape: Path, seed: Seed) -> Index | None:
    """The index kept for ``tape``, or None where there is none that fits."""
    try:
        data = path.read_bytes()
        if not data.startswith(MAGIC):
            return None
        plain = zstandard.ZstdDecompressor().decompress(data[len(MAGIC) :], max_output_size=MAX_BYTES)
        content = msgspec.msgpack.decode(plain, type=_Content)
        fits = content.version == VERSION and content.tape == fingerprint(tape, seed)
        return _index(content) if fits else None
    except (OSError, zstandard.ZstdError, msgspec.DecodeError, BundleError, ValueError) as error:
        log.info("the index %s is made anew: %s", path, error)
        return None


# -- inside ------------------------------------------------------------------------------------------------


def _index(content: _Content) -> Index:
    """Raises BundleError or ValueError for what cannot be."""
    index = Index(until=content.chunks, covered=math.inf, complete=True)
    index.checkpoints = [Checkpoint(at, chunk, core) for at, chunk, core in content.checkpoints]
    index.ats.frombytes(content.ats)
    events = thaw(content.events)
    if not isinstance(events, list) or not all(isinstance(event, Event) for event in events):
        raise ValueError("the timeline holds no events")
    index.events = events
    for kind, user, units, starts in content.places:
        places = index.places[kind, user] = Places()
        places.units.frombytes(units)
        places.starts.frombytes(starts)
    index.marks = content.marks
    index.left_out = Counter(content.left_out)
    index.figures.tracks = {(medium, user): _columns(packed) for medium, user, packed in content.tracks}
    index.figures.counts = _columns(content.counts)
    index.figures.messages = {name: _columns(packed) for name, packed in content.messages}
    _check(index)
    return index


def _check(index: Index) -> None:
    """Every place must lie on the tape."""
    places = [place for found in index.places.values() for part in (found.units, found.starts) for place in part]
    numbers = [point.chunk for point in index.checkpoints] + [place >> PLACE_BITS for place in places]
    if len(index.ats) != len(index.events) or not all(0 <= number < index.until for number in numbers):
        raise ValueError("the index is not whole")


def _packed(columns: Columns) -> _Columns:
    return _Columns(columns.width, columns.steps.tobytes(), columns.values.tobytes())


def _columns(packed: _Columns) -> Columns:
    columns = Columns(packed.width)
    columns.steps.frombytes(packed.steps)
    columns.values.frombytes(packed.values)
    if len(columns.values) != len(columns.steps) * columns.width:
        raise ValueError("a series is not whole")
    return columns
