"""The way of messages out of one socket: a bounded queue in which a test can delay, lose, swap and bunch them."""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

MAX_BYTES = 64 << 20


@dataclass(slots=True)
class Weather:
    """What the network does to a link. Percentages are of media messages; times are in ms."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    lose_percent: float = 0.0
    reorder_percent: float = 0.0
    held_until: float = 0.0
    """Monotonic seconds until which nothing leaves; then everything at once."""


@dataclass(order=True, slots=True)
class Parcel:
    release: float
    number: int
    payload: str | bytes
    media: bool


class Lane:
    """Messages wait here until their release time. Loop only; one consumer.

    Overflow policy: media messages are refused while more than 64 MiB wait, and counted in `overflowed`.
    """

    def __init__(self, rng: random.Random, on_lost: Callable[[str | bytes], None]) -> None:
        self.weather = Weather()
        self._rng, self._on_lost = rng, on_lost
        self._waiting: list[Parcel] = []
        self._changed = asyncio.Event()
        self._number = 0
        self._last_release = 0.0
        self._swap: Parcel | None = None
        self._bytes = 0
        self.lost = self.reordered = self.overflowed = 0

    def put(self, payload: str | bytes, media: bool = False) -> None:
        """Queues one message."""
        weather = self.weather
        if media and self._rng.random() * 100 < weather.lose_percent:
            self.lost += 1
            self._on_lost(payload)
            return
        if media and self._bytes > MAX_BYTES:
            self.overflowed += 1
            return
        delay = weather.delay_ms + self._rng.random() * weather.jitter_ms
        release = max(time.monotonic() + delay / 1000, weather.held_until, self._last_release)
        self._last_release = release
        self._number += 1
        parcel = Parcel(release, self._number, payload, media)
        if media and self._swap is None and self._rng.random() * 100 < weather.reorder_percent:
            self._swap = parcel  # leaves after the next one
            return
        self._push(parcel)
        if self._swap is not None and media:
            late, self._swap = self._swap, None
            late.release, late.number = release, self._number + 1
            self._number += 1
            self.reordered += 1
            self._push(late)

    def _push(self, parcel: Parcel) -> None:
        self._bytes += len(parcel.payload)
        heapq.heappush(self._waiting, parcel)
        self._changed.set()

    async def get(self) -> Parcel:
        """The next message when its time has come."""
        while True:
            if not self._waiting:
                self._changed.clear()
                await self._changed.wait()
                continue
            wait = self._waiting[0].release - time.monotonic()
            if wait <= 0:
                parcel = heapq.heappop(self._waiting)
                self._bytes -= len(parcel.payload)
                return parcel
            await asyncio.sleep(wait)

    def is_empty(self) -> bool:
        return not self._waiting

    @property
    def waiting_bytes(self) -> int:
        return self._bytes
