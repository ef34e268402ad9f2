"""STREAM_REVOKED (stop reason 8): everything that was recorded of a stream goes, and what was made of it. Any thread.

Zoom RTMS docs: what was received of a revoked stream has to be deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rtms_desktop.errors import DiskError
from rtms_desktop.recording import names
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.recording.recorder import destroy_bundle
from rtms_desktop.recording.trash import trashed_bundles


@dataclass(slots=True)
class Revoked:
    """What was done. ``problems``: what could not be deleted and has to be, by hand."""

    bundles: list[Path] = field(default_factory=list)
    tombstones: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def problem(self) -> DiskError | None:
        """What to tell when something is left."""
        if not self.problems:
            return None
        what = "not everything of the revoked stream could be deleted"
        return DiskError(what, "; ".join(self.problems[:5]), "Delete it by hand.")


def delete_stream(root: Path, stream_id: str, deleted_ms: int, *, made: Iterable[Path] = ()) -> Revoked:
    """Delete every recording of a stream in ``root`` and in the trash, with its exports.

    None of them may be in the making: its recorder destroys that one. ``made``: files beside the bundles that came
    from the stream, such as snapshots.
    """
    done = Revoked()
    for bundle in _bundles_of(root, stream_id):
        _delete(bundle, root, stream_id, deleted_ms, done)
    for trashed in list(trashed_bundles(root)):
        if _is_of(trashed.place, stream_id):
            _delete(trashed.place, root, stream_id, deleted_ms, done)
            if trashed.note is not None:
                trashed.note.unlink(missing_ok=True)
    for path in made:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            done.problems.append(f"{path}: {error.strerror}")
    return done


def _bundles_of(root: Path, stream_id: str) -> list[Path]:
    try:
        found = [path for path in root.iterdir() if path.suffix == names.BUNDLE_SUFFIX and path.is_dir()]
    except OSError:
        return []
    return sorted(path for path in found if _is_of(path, stream_id))


def _is_of(bundle: Path, stream_id: str) -> bool:
    manifest = read_manifest(bundle)
    ids = manifest["ids"] if manifest is not None else None
    return bool(stream_id) and isinstance(ids, dict) and ids.get("rtms_stream_id") == stream_id


def _delete(bundle: Path, root: Path, stream_id: str, deleted_ms: int, done: Revoked) -> None:
    try:
        tombstone = destroy_bundle(bundle, stream_id, deleted_ms, 8)
        done.bundles.append(bundle)
        if tombstone.parent == root:
            done.tombstones.append(tombstone)
        else:  # in the trash nobody looks for it
            tombstone.unlink()
    except (DiskError, OSError) as error:
        done.problems.append(error.sentence() if isinstance(error, DiskError) else f"{bundle}: {error.strerror}")
