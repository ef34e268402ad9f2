"""Where the metrics go, once a second: a file of JSON Lines and an endpoint on this computer. Loop's thread.

Used by the window (`app.metrics_desk`) and by ``record``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.metrics import Look, Meter
from rtms_desktop.app.openmetrics import CONTENT_TYPE, openmetrics
from rtms_desktop.clock import Clock
from rtms_desktop.errors import DiskError
from rtms_desktop.wire.enums import Medium

if TYPE_CHECKING:
    from rtms_desktop.transport.metrics_endpoint import MetricsEndpoint

EVERY_S = 1.0


class MetricsOutput:
    """Args:
    look: gives the counters of the present session, None while there is none.
    failed: hears when the file cannot be written any more; nothing goes there then.
    """

    def __init__(
        self, meter: Meter, clock: Clock, look: Callable[[], Look | None], failed: Callable[[DiskError], None]
    ) -> None:
        self.url = ""
        self.path: Path | None = None
        self._meter, self._clock, self._look, self._failed = meter, clock, look, failed
        self._file: FileIO | None = None
        self._endpoint: MetricsEndpoint | None = None

    def open(self, path: Path) -> None:
        """Add to this file from now on. Raises DiskError."""
        try:
            self._file = path.open("ab", buffering=0)  # a line is there at once, or the disk says why not
        except OSError as error:
            raise _disk_error(path, error) from error
        self.path = path

    async def serve(self, port: int) -> str:
        """Answer ``GET /metrics``; returns the address. Port 0: any free one. Raises PortInUseError."""
        from rtms_desktop.transport.metrics_endpoint import MetricsEndpoint

        endpoint = MetricsEndpoint(self._page, CONTENT_TYPE)
        self.url = await endpoint.start(port)
        self._endpoint = endpoint
        return self.url

    async def unserve(self) -> None:
        endpoint, self._endpoint, self.url = self._endpoint, None, ""
        if endpoint is not None:
            await endpoint.stop()

    async def run(self) -> None:
        """Look and write once a second, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.step()

    async def step(self) -> None:
        """Look once, and write a line where there is a session."""
        if self._take():
            await self.write()

    async def write(self) -> None:
        """Add a line with the figures as they are, if there is a file."""
        if self._file is not None:
            line = json.dumps(self._meter.flat(self._clock.wall_ms())) + "\n"
            try:
                await self._in_thread(self._file.write, line.encode())
            except OSError as error:
                path = self.path or Path()
                await self.close_file()
                self._failed(_disk_error(path, error))

    async def close_file(self) -> None:
        file, self._file, self.path = self._file, None, None
        if file is not None:
            await self._in_thread(file.close)

    async def close(self) -> None:
        """Stop answering and close the file; idempotent."""
        await self.unserve()
        await self.close_file()

    def _take(self) -> bool:
        look = self._look()
        if look is not None:
            self._meter.look(look)
        return look is not None

    def _page(self) -> str:
        self._take()
        return openmetrics(self._meter)

    async def _in_thread(self, function: Callable[..., object], *args: object) -> None:
        await asyncio.get_running_loop().run_in_executor(None, function, *args)


def look_at(core: Any, pipeline: Any, recorder: Any, stalled_s: float = 0.0) -> Look:
    """The counters of a session; ``pipeline`` and ``recorder`` may be None."""
    sizes = dict.fromkeys(Medium, 0)
    for (medium, _), track in core.tracks.items():
        sizes[medium] += track.bytes
    dropped, underruns, behind_s = {}, 0, None
    if pipeline is not None:
        stats = pipeline.stats
        dropped = {"display": stats.frames_dropped, "decoder": stats.queue_dropped}
        underruns, behind_s = stats.audio_underruns, stats.playout_ms / 1000.0
    if recorder is not None:
        dropped["recording"] = recorder.stats.dropped_messages + recorder.stats.dropped_units
    return Look(
        packets=dict(core.counts), bytes=sizes, dropped=dropped, underruns=underruns, behind_s=behind_s,
        stalled_s=stalled_s,
    )  # fmt: skip


def _disk_error(path: Path, error: OSError) -> DiskError:
    why = error.strerror or str(error)
    return DiskError(f"the metrics cannot be written to {path}", why, "Choose another file.")
