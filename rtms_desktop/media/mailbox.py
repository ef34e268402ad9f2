"""The newest picture of each track on its way from the decode threads to the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rtms_desktop.media.frames import TrackKey, VideoFrame


class FrameMailbox:
    """Latest wins: a picture that was not taken in time is replaced and counted.

    ``wake`` is called (from a decode thread, outside the lock) once for each emptying of the mailbox.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._frames: dict[TrackKey, VideoFrame] = {}
        self.replaced = 0

    def put(self, frame: VideoFrame) -> None:
        with self._lock:
            armed = bool(self._frames)
            self.replaced += frame.key in self._frames
            self._frames[frame.key] = frame
        if not armed:
            self._wake()

    def take(self) -> dict[TrackKey, VideoFrame]:
        with self._lock:
            frames, self._frames = self._frames, {}
        return frames
