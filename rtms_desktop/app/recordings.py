"""The recordings of a folder, newest first, and snapshots beside them. Any thread."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.errors import DiskError
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.recording.names import BUNDLE_SUFFIX, list_files

if TYPE_CHECKING:
    from rtms_desktop.media.frames import VideoFrame

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEntry:
    """One bundle. ``when``: Unix ms of its start; ``size``: bytes on disk; ``closed``: False after a crash."""

    name: str
    folder: Path
    when: int
    size: int
    closed: bool


def list_recordings(folder: Path, writing: Path | None = None) -> list[RecordingEntry]:
    """The newest bundles of ``folder``, without the one that is being written."""
    try:
        found = sorted((p for p in folder.iterdir() if p.suffix == BUNDLE_SUFFIX and p.is_dir()), reverse=True)
    except OSError:
        return []
    return [_entry(bundle) for bundle in found[:SHOWN] if bundle != writing]


def _entry(bundle: Path) -> RecordingEntry:
    manifest = read_manifest(bundle) or {}
    started = manifest.get("started_ms")
    size = sum(_size(bundle / name) for name in list_files(bundle))
    return RecordingEntry(
        name=bundle.name.removesuffix(BUNDLE_SUFFIX).partition("_")[2] or bundle.name,
        folder=bundle,
        when=started if isinstance(started, int) else int(bundle.stat().st_mtime * 1000),
        size=size,
        closed=bool(manifest.get("closed")),
    )


def _size(path: Path) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def snapshot_path(folder: Path, key: tuple[str, int], wall_ms: int) -> Path:
    stamp = datetime.fromtimestamp(wall_ms / 1000).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    return folder / "snapshots" / f"{stamp}_{key[0]}-{key[1]}.png"


def save_snapshot(path: Path, frame: VideoFrame) -> None:
    """Write a picture as PNG.

    Raises:
        DiskError: no room or no right to write.
    """
    import av
    import numpy as np

    rows = np.frombuffer(frame.bgra, np.uint8)[: frame.stride * frame.height].reshape(frame.height, frame.stride)
    pixels = rows[:, : frame.width * 4].reshape(frame.height, frame.width, 4)
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "bgra").reformat(format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "rgb24"
    encoder.time_base = Fraction(1, 1000)
    data = b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise DiskError(
            f"{path} could not be written", error.strerror or str(error), "Choose another folder."
        ) from error
