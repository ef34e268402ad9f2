"""The media clock and the threads that play streams by it: absolute deadlines, so that nothing drifts."""

from __future__ import annotations

import logging
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence

from av.error import FFmpegError

from rtms_desktop.mock_server.sources.base import MediaStream
from rtms_desktop.wire.messages import MediaData

_log = logging.getLogger(__name__)

SKIP_AFTER_MS = 1000
"""A picture stream that is later than this goes on with the present."""


class MediaClock:
    """The server's time: starts when it is made and runs `speed` times and `ppm` millionths fast. Any thread."""

    def __init__(self, ppm: float = 0.0, speed: float = 1.0) -> None:
        self._start = time.monotonic()
        self._speed = speed * (1 + ppm / 1e6)
        self.zero_ms = time.time_ns() // 1_000_000
        """Unix milliseconds of media time 0."""

    def media_ms(self) -> float:
        """Milliseconds since the start, by this clock."""
        return (time.monotonic() - self._start) * 1000 * self._speed

    def epoch_ms(self) -> int:
        """Unix milliseconds as this server believes them."""
        return self.zero_ms + int(self.media_ms())

    def due_in_s(self, media_ms: float) -> float:
        """Real seconds until a media time; negative when it is over."""
        return self._start + media_ms / 1000 / self._speed - time.monotonic()


class Feed:
    """One stream played by one thread; what it makes is handed to `deliver` on the loop.

    A late feed sends everything that is due; pictures more than a second late are skipped and counted.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], MediaStream | None],
        clock: MediaClock,
        loop: AbstractEventLoop,
        deliver: Callable[[Sequence[MediaData]], None],
        *,
        from_ms: float,
        may_skip: bool,
        held: bool = False,
    ) -> None:
        self._make, self._clock, self._loop, self._deliver = make, clock, loop, deliver
        self._from_ms, self._may_skip, self._held = from_ms, may_skip, held
        self._changed = threading.Condition()
        self._stopped = self._late = False
        self._stream: MediaStream | None = None
        self.skipped = 0
        self._thread = threading.Thread(target=self._run, name=f"mock-{name}", daemon=True)
        self._thread.start()

    def refresh(self) -> None:
        """The next picture is a keyframe."""
        stream = self._stream
        if stream is not None:
            stream.refresh()

    def hold(self, held: bool) -> None:
        """Stops making media, or goes on with the present."""
        with self._changed:
            self._held = held
            self._changed.notify()

    def stop(self) -> None:
        """Ends the thread; it is gone within one unit."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._stream = self._make()
            if self._stream is None:
                return
            try:
                # A picture stream takes a while to draw its first scene: it begins with the present.
                self._stream.seek(self._clock.media_ms() if self._may_skip else self._from_ms)
                self._play(self._stream)
            finally:
                self._stream.close()
        except (FFmpegError, OSError, ValueError) as error:
            _log.error("%s ended: %s", self._thread.name, error)

    def _play(self, stream: MediaStream) -> None:
        while self._wait_until_due(stream):
            units = stream.take()
            if not units:
                continue
            try:
                self._loop.call_soon_threadsafe(self._deliver, units)
            except RuntimeError:  # the loop has been closed
                return

    def _wait_until_due(self, stream: MediaStream) -> bool:
        """False = stop."""
        with self._changed:
            while not self._stopped:
                if self._held:
                    self._changed.wait()
                    self._late = True
                    continue
                if self._late:
                    self._late = False
                    stream.seek(self._clock.media_ms())
                wait = self._clock.due_in_s(stream.due_ms)
                if wait <= 0:
                    self._skip_if_late(stream, -wait * 1000)
                    return True
                self._changed.wait(wait)
        return False

    def _skip_if_late(self, stream: MediaStream, late_ms: float) -> None:
        if self._may_skip and late_ms > SKIP_AFTER_MS:
            self.skipped += 1
            stream.seek(self._clock.media_ms())
