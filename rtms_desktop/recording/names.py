"""Names of bundles and of the files inside them; nothing from the wire becomes a path unless it passed through here.

Called by the recorder, the reader and the application. Any thread.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

BUNDLE_SUFFIX = ".rtmsrec"
MANIFEST = "manifest.json"
TAPE = "tape.mcap"
OPEN_FILE = "open.rtms"
MEDIA = "media.mkv"
TRANSCRIPT, TRANSCRIPT_VTT, CHAT, EVENTS, MARKS, GAPS = (
    "transcript.jsonl", "transcript.vtt", "chat.jsonl", "events.jsonl", "marks.jsonl", "gaps.csv",
)  # fmt: skip
INDEX = "index.jsonl"
REPLAY_INDEX = "index.bin"
"""Made by replay, may be thrown away at any time, and therefore no part of the recording."""
LIBRARY_NOTES = "library.json"
"""What a person added later, such as a title; no part of the recording either."""
TRASH = ".trash"
MIME_TYPE = "application/vnd.rtms-desktop.recording+json"
TOMBSTONE_SUFFIX = ".tombstone.json"

MAX_ID = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def safe_id(text: str) -> str:
    """``text`` as a part of a file name: letters, digits, ``-`` and ``_`` only, at most 60 characters, never empty.

    A meeting UUID holds ``/``, ``+`` and ``=`` (Zoom RTMS docs).
    """
    return _UNSAFE.sub("_", text).strip("_-")[:MAX_ID].rstrip("_-") or "session"


def bundle_name(started_ms: int, meeting_id: str) -> str:
    """``20250601T083000Z_<safe id>.rtmsrec`` for a recording that started at ``started_ms`` (Unix epoch)."""
    when = datetime.fromtimestamp(started_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{when}_{safe_id(meeting_id)}{BUNDLE_SUFFIX}"


def new_bundle(out: Path, started_ms: int, meeting_id: str) -> Path:
    """A path in ``out`` that does not exist yet; two recordings in one second get ``-2``, ``-3`` ... behind the id."""
    stem = bundle_name(started_ms, meeting_id).removesuffix(BUNDLE_SUFFIX)
    path, number = out / (stem + BUNDLE_SUFFIX), 1
    while path.exists():
        number += 1
        path = out / f"{stem}-{number}{BUNDLE_SUFFIX}"
    return path


def tombstone_of(bundle: Path) -> Path:
    """Where the note stands that ``bundle`` was deleted by order."""
    return bundle.with_name(bundle.name.removesuffix(BUNDLE_SUFFIX) + TOMBSTONE_SUFFIX)


def list_files(bundle: Path) -> list[str]:
    """All files of a bundle, relative, with ``/``, sorted; what is beside the recording is left out."""
    found = [
        (Path(folder).relative_to(bundle) / name).as_posix() for folder, _, files in os.walk(bundle) for name in files
    ]
    beside = (MANIFEST, REPLAY_INDEX, LIBRARY_NOTES)
    return sorted(name for name in found if name not in beside and not name.endswith(".tmp"))
