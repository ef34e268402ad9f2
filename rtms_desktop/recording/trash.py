"""Where deleted recordings go, and how they come back: the desktop's trash, else a hidden folder beside them.

Any thread. A move never copies: the desktop's trash (freedesktop.org) is used where it is on the same device.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from rtms_desktop.errors import DiskError
from rtms_desktop.recording import names

KEPT_DAYS = 30
"""How long our own hidden folder keeps what was deleted; the desktop's trash has rules of its own."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """A recording in the trash; ``note`` is the desktop's file that tells where it came from."""

    original: Path
    place: Path
    note: Path | None = None


def move_to_trash(bundle: Path) -> Trashed:
    """Raises DiskError."""
    try:
        desktop = _desktop_trash()
        if desktop is not None and _device(desktop) == _device(bundle):
            return _to_desktop(bundle, desktop)
        folder = bundle.parent / names.TRASH
        folder.mkdir(mode=0o700, exist_ok=True)
        place = _free(folder, bundle.name)
        bundle.rename(place)
        os.utime(place)
        return Trashed(bundle, place)
    except OSError as error:
        raise DiskError(f"{bundle.name} was not deleted", error.strerror or str(error), "Delete it by hand.") from error


def restore(trashed: Trashed) -> Path:
    """Put it back; returns where it is now. Raises DiskError."""
    try:
        place = _free(trashed.original.parent, trashed.original.name)
        trashed.place.rename(place)
        if trashed.note is not None:
            trashed.note.unlink(missing_ok=True)
        return place
    except OSError as error:
        why = error.strerror or str(error)
        raise DiskError(f"{trashed.original.name} was not restored", why, f"It is at {trashed.place}.") from error


def trashed_bundles(root: Path) -> Iterator[Trashed]:
    """Every recording in the trash of ``root`` and in the desktop's, wherever that one came from."""
    for place in _bundles(root / names.TRASH):
        yield Trashed(root / place.name, place)
    desktop = _desktop_trash()
    if desktop is not None:
        for place in _bundles(desktop / "files"):
            yield Trashed(root / place.name, place, desktop / "info" / f"{place.name}.trashinfo")


def empty_old(root: Path, now_s: float | None = None) -> int:
    """Delete what has lain in our own hidden folder for 30 days; returns how many recordings went."""
    before = (time.time() if now_s is None else now_s) - KEPT_DAYS * 86_400
    gone = 0
    for place in _bundles(root / names.TRASH):
        try:
            if place.stat().st_mtime < before:
                shutil.rmtree(place)
                gone += 1
        except OSError:
            continue
    return gone


def _to_desktop(bundle: Path, trash: Path) -> Trashed:
    info, files = trash / "info", trash / "files"
    for folder in (info, files):
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    number = 1
    while True:  # the note is made first, and with "x": it claims the name
        name = bundle.name if number == 1 else f"{bundle.stem}.{number}{bundle.suffix}"
        note = info / f"{name}.trashinfo"
        try:
            with note.open("x", encoding="utf-8") as file:
                when = datetime.now().strftime("%Y-%m-%dT%H:%M:%S")
                file.write(f"[Trash Info]\nPath={quote(os.path.abspath(bundle))}\nDeletionDate={when}\n")
            break
        except FileExistsError:
            number += 1
    try:
        bundle.rename(files / name)
    except OSError:
        note.unlink(missing_ok=True)
        raise
    return Trashed(bundle, files / name, note)


def _desktop_trash() -> Path | None:
    """The home trash of the freedesktop.org specification; None on other systems."""
    if not sys.platform.startswith("linux"):
        return None
    data = os.environ.get("XDG_DATA_HOME", "")
    home = Path(data) if data and os.path.isabs(data) else Path.home() / ".local" / "share"
    return home / "Trash"


def _device(path: Path) -> int:
    """The device of a path, or of the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_dev


def _free(folder: Path, name: str) -> Path:
    place, number = folder / name, 1
    while place.exists():
        number += 1
        place = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return place


def _bundles(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == names.BUNDLE_SUFFIX and path.is_dir())
    except OSError:
        return []
