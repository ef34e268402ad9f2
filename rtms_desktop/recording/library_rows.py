"""What the library says of one bundle, read from its files. Any thread; never raises for a damaged one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from rtms_desktop.recording import names
from rtms_desktop.recording.bundle_notes import read_notes
from rtms_desktop.recording.export.chat import read_chat
from rtms_desktop.recording.export.transcript import read_transcript
from rtms_desktop.recording.manifest import Manifest, read_manifest
from rtms_desktop.recording.marks import read_marks
from rtms_desktop.wire.enums import Medium


class State(StrEnum):
    """``OPEN``: never closed: it was cut off, or is still being written. ``REVOKED``: only its tombstone is left."""

    OPEN = "open"
    CLOSED = "closed"
    REPAIRED = "repaired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEntry:
    """One recording.

    Attributes:
        name: its title, else the id in the name of its folder.
        folder: the bundle; of a revoked one, where it was.
        when: Unix ms of its start.
        size: bytes on disk.
        closed: False after a crash.
        length_ms: from the first to the last media.
        people: names of the participants.
    """

    name: str
    folder: Path
    when: int
    size: int
    closed: bool
    state: State = State.CLOSED
    title: str = ""
    length_ms: int = 0
    people: tuple[str, ...] = ()
    product: str = ""
    has_thumbnail: bool = False


_TELLING = (
    names.MANIFEST, names.LIBRARY_NOTES, names.TRANSCRIPT, names.CHAT, names.MARKS, names.TAPE, names.MEDIA,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One searchable text. ``kind``: title, person, transcript, chat or mark; ``at_ms``: server time, 0 = none."""

    kind: str
    at_ms: int
    speaker: str
    text: str


def read_entry(bundle: Path) -> RecordingEntry:
    """A bundle as its folder, manifest and notes describe it."""
    manifest = read_manifest(bundle)
    title = read_notes(bundle).title
    facts: Manifest = manifest or {}
    started = facts.get("started_ms")
    return RecordingEntry(
        name=title or own_name(bundle),
        folder=bundle,
        when=started if isinstance(started, int) else started_by_name(bundle),
        size=sum(_size(bundle / name) for name in names.list_files(bundle)),
        closed=bool(facts.get("closed")),
        state=_state(facts),
        title=title,
        length_ms=_length(facts.get("observed")),
        people=_people(facts.get("participants")),
        product=str(facts.get("product", "")),
    )


def read_tombstone(tombstone: Path) -> RecordingEntry:
    """What is left of a revoked recording."""
    bundle = tombstone.with_name(tombstone.name.removesuffix(names.TOMBSTONE_SUFFIX) + names.BUNDLE_SUFFIX)
    return RecordingEntry(
        name=own_name(bundle),
        folder=bundle,
        when=started_by_name(bundle),
        size=0,
        closed=True,
        state=State.REVOKED,
    )


def read_lines(entry: RecordingEntry) -> Iterator[Line]:
    """Everything that can be searched for in a recording, as it finally stood."""
    yield Line("title", 0, "", entry.name)
    for name in entry.people:
        yield Line("person", 0, name, name)
    for segment in read_transcript(entry.folder / names.TRANSCRIPT):
        yield Line("transcript", segment.start_ms, segment.user_name, segment.text)
    for message in read_chat(entry.folder / names.CHAT):
        if message.text:
            yield Line("chat", message.at_ms, message.user_name, message.text)
    book = read_marks(entry.folder)
    for mark in book.marks if book is not None else ():
        if mark.text:
            yield Line("mark", mark.server_ms, "", mark.text)


def stamp(bundle: Path) -> str:
    """Changes whenever something of a bundle changes that the library shows; costs a few looks at the folder."""
    parts = []
    for name in _TELLING:
        try:
            found = (bundle / name).stat()
            parts.append(f"{found.st_size}.{found.st_mtime_ns}")
        except OSError:
            parts.append("-")
    return " ".join(parts)


def own_name(bundle: Path) -> str:
    """The id in the name of a folder."""
    return bundle.name.removesuffix(names.BUNDLE_SUFFIX).partition("_")[2] or bundle.name


def started_by_name(bundle: Path) -> int:
    """Unix ms from the name of a folder, else when it was last changed; 0 where neither can be read."""
    try:
        when = datetime.strptime(bundle.name.partition("_")[0], "%Y%m%dT%H%M%SZ")
        return round(when.replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        pass
    try:
        return round(bundle.stat().st_mtime * 1000)
    except OSError:
        return 0


def _state(manifest: Manifest) -> State:
    if not manifest.get("closed"):
        return State.OPEN
    return State.REPAIRED if "repaired" in manifest else State.CLOSED


def _length(observed: Any) -> int:
    first: list[int] = []
    last: list[int] = []
    for medium in Medium:
        tracks = observed.get(medium.value, {}) if isinstance(observed, dict) else {}
        for track in tracks.values() if isinstance(tracks, dict) else ():
            if isinstance(track, dict) and track.get("last_ms"):
                first.append(int(track.get("first_ms") or 0))
                last.append(int(track["last_ms"]))
    return max(0, max(last) - min(first)) if last else 0


def _people(participants: Any) -> tuple[str, ...]:
    listed = participants if isinstance(participants, list) else []
    found = [str(person.get("name") or "") for person in listed if isinstance(person, dict)]
    return tuple(dict.fromkeys(name for name in found if name))


def _size(path: Path) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
