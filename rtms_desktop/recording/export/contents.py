"""What a recording holds, for somebody who is about to export it. Any thread; may read the whole tape of a cut one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rtms_desktop.recording.bundle_notes import read_notes
from rtms_desktop.recording.export.material import Material, facts_of
from rtms_desktop.recording.library_rows import own_name
from rtms_desktop.recording.reader import open_recording
from rtms_desktop.wire.enums import Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A recording in a few words.

    Attributes:
        bundle: None for a bare tape.
        started_ms: Unix ms.
        people: (user id, name) of everybody of whom there is sound, picture or word.
        media: of which at least one message came.
    """

    bundle: Path | None
    title: str
    started_ms: int
    length_ms: int
    people: tuple[tuple[int, str], ...]
    media: frozenset[Medium]


def contents_of(path: Path) -> Contents:
    """Raises BundleError for anything that is no recording."""
    recording = open_recording(path)
    folder = recording.bundle
    material = Material(title="", folder=folder or path, facts=facts_of(recording), notes=recording.notes)
    observed = material.facts.observed
    users = {user for medium in observed if medium != Medium.CHAT for user in observed[medium] if user}
    title = (read_notes(folder).title or own_name(folder)) if folder is not None else path.stem
    return Contents(
        bundle=folder,
        title=title,
        started_ms=material.facts.started_ms,
        length_ms=material.end_ms if folder is not None else 0,
        people=tuple((user, material.speaker(user)) for user in sorted(users)),
        media=frozenset(medium for medium in Medium if material.facts.counts.get(medium)),
    )
