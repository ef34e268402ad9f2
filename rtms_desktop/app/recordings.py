"""The recordings of a folder, newest first, and snapshots beside them. Any thread."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.errors import DiskError
from rtms_desktop.recording.library_rows import RecordingEntry, read_entry
from rtms_desktop.recording.names import BUNDLE_SUFFIX

if TYPE_CHECKING:
    from rtms_desktop.media.frames import VideoFrame

SHOWN = 50


__all__ = ["RecordingEntry", "list_recordings", "save_snapshot", "snapshot_path", "title_from"]


def list_recordings(folder: Path, writing: Path | None = None) -> list[RecordingEntry]:
    """The newest bundles of ``folder``, without the one that is being written; needs no index."""
    try:
        found = sorted((p for p in folder.iterdir() if p.suffix == BUNDLE_SUFFIX and p.is_dir()), reverse=True)
    except OSError:
        return []
    return [read_entry(bundle) for bundle in found[:SHOWN] if bundle != writing]


def title_from(template: str, *, product: str, meeting: str, wall_ms: int) -> str:
    """A title for a recording; {date}, {time}, {product} and {meeting} in ``template`` are filled in, local time."""
    when = datetime.fromtimestamp(wall_ms / 1000)
    values = {"date": f"{when:%Y-%m-%d}", "time": f"{when:%H:%M}", "product": product, "meeting": meeting}
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)


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
