"""Between the mixer and one device: keeps its ring filled and tells the playback clock what is heard.

Has no thread and no clock of its own; the audio thread calls ``turn`` every few ms.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from rtms_desktop.media.mixer import BLOCK, BLOCK_MS, OUTPUT_RATE, Mixer, Samples
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.ring import Ring
from rtms_desktop.media.sinks import Mark, Sink

RING_S = 0.5

AHEAD_FIRST_MS, AHEAD_STEP_MS, AHEAD_MAX_MS = 30.0, 10.0, 100.0
"""How much is mixed ahead of the device; grows whenever the device found less than it asked for."""

DEVICE_START_S = 0.2
"""Devices take their first blocks in bursts; nothing that matters is put in there."""

SETTLE_S = 1.0
"""After a start the device may stutter; that is no reason to mix further ahead."""

STALE_MARK_S = 0.15
"""A device that has not called for so long tells nothing about what is heard now."""

HISTORY = 300
"""Blocks whose server time is remembered (3 s: more than any device's latency)."""


class Output:
    """``starvations``: how often the device asked for more than was ready, ``starved_frames``: by how much."""

    def __init__(self, mixer: Mixer, playback: PlaybackClock) -> None:
        self.sink: Sink | None = None
        self.ahead_ms = AHEAD_FIRST_MS
        self.starvations = self.starved_frames = 0
        self._mixer, self._playback = mixer, playback
        self._ring = Ring(int(OUTPUT_RATE * RING_S), 2)
        self._history: deque[tuple[float, float]] = deque(maxlen=HISTORY)  # server ms and speed of the newest blocks
        self._aligned = False
        self._attached_at = 0.0
        self._starved_before = 0

    @property
    def ring_ms(self) -> float:
        return self._ring.fill * 1000.0 / OUTPUT_RATE

    def attach(self, sink: Sink, now: float) -> None:
        """Stops the old sink and starts this one, with a new ring: what was mixed before is as old as the pause."""
        if self.sink is not None:
            self.sink.stop()
        self._ring = Ring(int(OUTPUT_RATE * RING_S), sink.channels)
        self._history.clear()
        self._aligned = False
        self._attached_at, self._starved_before = now, sink.starved
        self.sink = sink
        sink.start(self._ring)

    def turn(self, now: float) -> None:
        """Mixes what the device will ask for next."""
        if self._mixer.timeline.zero_ms is None or self.sink is None:
            return
        self._watch_starvation(self.sink, now)
        ahead = self.ahead_ms * OUTPUT_RATE / 1000.0
        if not self._aligned and not self._align(now):
            while self._ring.fill < ahead:
                self._ring.write(np.zeros((BLOCK, self._ring.channels), np.int16))
        while self._ring.fill < ahead:
            block, server_ms, speed = self._mixer.render(now)
            self._ring.write(_for_channels(block, self._ring.channels))
            self._history.append((server_ms, speed))
        self._tell_clock(now)

    def _align(self, now: float) -> bool:
        """Begins the timeline right after the device took a block, when its pulse is known; silence comes before.

        Mixing ahead at once, or into the bursts of a device that starts, would use up the margin against jitter.
        """
        ready = self._ring.written > 0 and now - self._attached_at > DEVICE_START_S
        if not ready or self.ring_ms >= self.ahead_ms:
            return False
        timeline = self._mixer.timeline
        timeline.align(now)
        silent = self._ring.fill // BLOCK
        self._history.extend((timeline.position_ms - left * BLOCK_MS, 1.0) for left in range(silent, 0, -1))
        self._aligned = True
        return True

    def _watch_starvation(self, sink: Sink, now: float) -> None:
        starved = sink.starved - self._starved_before
        self._starved_before += starved
        if starved > 0 and now - self._attached_at > SETTLE_S:
            self.starved_frames += starved
            self.starvations += 1
            self.ahead_ms = min(self.ahead_ms + AHEAD_STEP_MS, AHEAD_MAX_MS)

    def _tell_clock(self, now: float) -> None:
        mark = self.sink.mark if self.sink is not None else None
        zero = self._mixer.timeline.zero_ms
        if mark is None or zero is None or not self._history or now - mark.at > STALE_MARK_S:
            return
        heard = self._heard_ms(mark, now)
        if heard is not None:
            self._playback.observe(now, zero + heard, self._mixer.timeline.ratio)

    def _heard_ms(self, mark: Mark, now: float) -> float | None:
        """Server time (since zero) of what leaves the loudspeaker at ``now``."""
        frame = mark.frames + (now - mark.at - mark.latency_s) * OUTPUT_RATE
        oldest = self._ring.written // BLOCK - len(self._history)
        index = min(int(frame // BLOCK) - oldest, len(self._history) - 1)
        if index < 0:
            return None
        server_ms, speed = self._history[index]
        return server_ms + (frame / BLOCK - (oldest + index)) * BLOCK_MS * speed


def _for_channels(block: Samples, channels: int) -> Samples:
    if channels == 2:
        return block
    return np.asarray(block.mean(axis=1, keepdims=True), np.int16)
