"""One file that libavformat writes, cut back to its last whole part when the disk refuses the next. Recorder thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av


class MuxedFile:
    """An open output file. Methods raise OSError when the disk refuses and other av.FFmpegErrors for the data.

    Attributes:
        container: where streams are added.
    """

    def __init__(self, path: Path, container_format: str, options: dict[str, str]) -> None:
        path.parent.mkdir(exist_ok=True)
        self._path = path
        self.container = av.open(str(path), "w", format=container_format, options=options)
        self._whole = 0

    def mux(self, packets: Sequence[av.Packet[Any]]) -> None:
        """Write packets; after an error the file is finished as far as it is whole."""
        if not packets:
            return
        try:
            self.container.mux(packets)
        except av.FFmpegError as error:
            self._give_up(cut=isinstance(error, OSError))
            raise
        self._whole = os.stat(self._path).st_size

    def close(self) -> None:
        """Finish the file; it is let go in any case."""
        try:
            self.container.close()
        except OSError:
            self._cut()
            raise

    def _give_up(self, *, cut: bool) -> None:
        try:
            self.container.close()
        except (av.FFmpegError, OSError):
            cut = True
        if cut:
            self._cut()

    def _cut(self) -> None:
        # Half a cluster makes players complain; giving blocks back works on a full disk too.
        try:
            os.truncate(self._path, self._whole)
        except OSError:
            pass
