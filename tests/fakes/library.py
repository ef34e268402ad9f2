"""A library desk without a disk: what it was asked is noted, and it tells only what the test puts into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rtms_desktop.app.events import LibraryChanged, LibraryFound, LibraryPictures, RecordingsTrashed
from rtms_desktop.app.hub import Hub
from rtms_desktop.recording.library import Hit
from rtms_desktop.recording.library_rows import RecordingEntry, State
from rtms_desktop.recording.trash import Trashed

ROOT = Path("/home/maya/Videos/RTMS")
DAY_MS = 86_400_000
NEWEST_MS = 1_795_100_520_000


def entry(number: int, name: str, **more: Any) -> RecordingEntry:
    """A recording of so many days before the newest."""
    facts: dict[str, Any] = {
        "size": 412_000_000, "closed": True, "length_ms": 2_892_000, "people": ("Maya Okafor", "Tomás Rivera"),
        "when": NEWEST_MS - number * DAY_MS, "product": "meeting",
    }  # fmt: skip
    return RecordingEntry(name=name, **{"folder": ROOT / f"2026_{number}.rtmsrec"} | facts | more)


def hit(of: RecordingEntry, text: str, word: str, *, seconds: float = 60, kind: str = "transcript") -> Hit:
    """A line of a recording in which a word was found."""
    start = text.index(word)
    at_ms = of.when + round(seconds * 1000) if kind in ("transcript", "chat", "mark") else 0
    speaker = "Maya Okafor" if kind in ("transcript", "chat") else ""
    return Hit(
        folder=of.folder, name=of.name, when=of.when, kind=kind, at_ms=at_ms, speaker=speaker, text=text,
        marks=((start, start + len(word)),),
    )  # fmt: skip


class FakeLibrary:
    """``calls``: what was asked; ``pictures``: thumbnails by bundle."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.entries: list[RecordingEntry] = []
        self.calls: list[tuple[Any, ...]] = []
        self.pictures: dict[Path, bytes] = {}

    def show(self, entries: Sequence[RecordingEntry]) -> None:
        self.entries = list(entries)
        self._hub.publish([LibraryChanged(entries=tuple(entries))])

    def found(self, text: str, hits: Sequence[Hit]) -> None:
        self._hub.publish([LibraryFound(text=text, hits=tuple(hits))])

    # -- what the real one offers --------------------------------------------------------------------------------

    def refresh(self) -> None:
        self.calls.append(("refresh",))

    def search(self, text: str) -> None:
        self.calls.append(("search", text))

    def want_pictures(self, bundles: Iterable[Path]) -> None:
        wanted = tuple(bundles)
        self.calls.append(("want_pictures", wanted))
        self._hub.publish([LibraryPictures(pictures={bundle: self.pictures.get(bundle, b"") for bundle in wanted})])

    def rename(self, bundle: Path, title: str) -> None:
        self.calls.append(("rename", bundle, title))

    def trash(self, bundles: Sequence[Path]) -> None:
        self.calls.append(("trash", tuple(bundles)))
        gone = tuple(Trashed(bundle, Path("/trash") / bundle.name) for bundle in bundles)
        self.show([entry for entry in self.entries if entry.folder not in bundles or entry.state is State.REVOKED])
        self._hub.publish([RecordingsTrashed(trashed=gone)])

    def restore(self, trashed: Sequence[Trashed]) -> None:
        self.calls.append(("restore", tuple(each.original for each in trashed)))
