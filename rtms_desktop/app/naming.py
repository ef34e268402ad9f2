"""What a stream or a recording is called: its title, else who took part, else what it was and when. Any thread.

The wire has no topic, and an id tells a person nothing; the id stands in tooltips and in the name of the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rtms_desktop.recording.library_rows import RecordingEntry, own_name

PRODUCTS = {
    "meeting": "Meeting", "webinar": "Webinar", "video_sdk": "Video SDK", "contact_center": "Contact Center",
    "phone": "Phone",
}  # fmt: skip
NAMED = 3
"""So many people are named; of the others there is the number."""


def stream_name(product: str, people: Iterable[str], wall_ms: float) -> str:
    """``Ada, Mateo, Priya +4``, ``Ada Lindqvist``; while nobody is known ``Meeting 21 Nov``, local time.

    Args:
        product: as on the wire; "" if it is not known.
        wall_ms: Unix ms of the begin.
    """
    names = [name for name in dict.fromkeys(" ".join(one.split()) for one in people) if name]
    if not names:
        when = datetime.fromtimestamp(wall_ms / 1000)
        return f"{PRODUCTS.get(product, product) or 'Recording'} {when.day} {when:%b}"
    if len(names) == 1:
        return names[0]
    first = [name.partition(" ")[0] for name in names]
    shown = (first if len(set(first)) == len(first) else names)[:NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" +{more}" if more else "")


def recording_name(entry: RecordingEntry) -> str:
    """The title that a person gave it, else as its stream is called."""
    return entry.name if has_title(entry.name, entry.folder) else stream_name(entry.product, entry.people, entry.when)


def found_name(name: str, folder: Path, wall_ms: float, entries: Sequence[RecordingEntry]) -> str:
    """The same for a line of a search, which has of its recording only `name`, `folder` and begin."""
    if has_title(name, folder):
        return name
    entry = next((entry for entry in entries if entry.folder == folder), None)
    return recording_name(entry) if entry is not None else stream_name("", (), wall_ms)


def has_title(name: str, folder: Path) -> bool:
    """Whether this is a name that somebody gave, and not the id of the folder."""
    return name != own_name(folder)


def people_in(manifest: Any) -> list[str]:
    """Names from the participants of a manifest, in its order."""
    listed = manifest.get("participants")
    found = listed if isinstance(listed, list) else []
    return [str(one.get("name") or "") for one in found if isinstance(one, dict)]
