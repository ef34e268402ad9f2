"""The audio thread: packets in, sound mixed just ahead of the device, and the clock that pictures follow."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rtms_desktop.clock import Clock
from rtms_desktop.media.frames import Level
from rtms_desktop.media.mixer import BLOCK, BLOCK_MS, OUTPUT_RATE, AudioTrackStats, Gain, Mixer, Packet, Samples
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.ring import Ring
from rtms_desktop.media.sinks import Mark, SilentSink, Sink

log = logging.getLogger(__name__)

POLL_S = 0.005
RING_S = 0.5
INBOX = 4096
"""Packets between the main thread and this one; overflow: drop oldest (the live edge is kept)."""

AHEAD_FIRST_MS, AHEAD_STEP_MS, AHEAD_MAX_MS = 30.0, 10.0, 100.0
"""How much is mixed ahead of the device; grows whenever the device found less than it asked for."""

DEVICE_START_S = 0.2
"""Devices take their first blocks in bursts; nothing that matters is put in there."""

SETTLE_S = 1.0
"""After a start the device may stutter; that is no reason to mix further ahead."""

STALE_MARK_S = 0.15
"""A device that has not called for so long tells nothing about what is heard now."""

JOIN_S = 3.0
"""A sound server that dies in the wrong moment can hold a call for ever; the program ends all the same."""

HISTORY = 300
"""Blocks whose server time is remembered (3 s: more than any device's latency)."""


@dataclass(frozen=True, slots=True)
class AudioStats:
    """``starved_ms``: the device asked and the mixer had nothing ready. Times in ms."""

    underruns: int
    starved_ms: float
    starvations: int
    playout_ms: float
    target_ms: float
    ahead_ms: float
    drift_ppm: float
    skips: int
    odd_timestamps: int
    inbox: int
    inbox_dropped: int
    ring_ms: float
    tracks: dict[int, AudioTrackStats]


class AudioEngine:
    """Owns the mixer, the ring and the thread ``audio-mix``; the sink belongs to whoever opened it."""

    def __init__(
        self, clock: Clock, sink: Sink | None, playback: PlaybackClock, changed: Callable[[], None] | None = None
    ) -> None:
        self.mixer = Mixer()
        self.problem = ""
        self._clock, self._playback = clock, playback
        self._changed = changed or (lambda: None)
        self._inbox: deque[Packet] = deque()
        self.inbox_dropped = 0
        self._wake = threading.Event()
        self._closing = False
        self._wanted: Sink | None = sink
        # From here on: the audio thread's own.
        self._silent = SilentSink(clock=clock)
        self._sink: Sink | None = None
        self._ring = Ring(int(OUTPUT_RATE * RING_S), 2)
        self._history: deque[tuple[float, float]] = deque(maxlen=HISTORY)  # server ms and ratio of the newest blocks
        self._ahead_ms = AHEAD_FIRST_MS
        self._aligned = False
        self._started_at = 0.0
        self._starved_before = 0
        self._starved_frames = self._starvations = 0
        self._thread = threading.Thread(target=self._run, name="audio-mix", daemon=True)
        self._thread.start()

    # -- main thread -------------------------------------------------------------------------------------------

    def feed(self, packet: Packet) -> None:
        if len(self._inbox) >= INBOX:
            self._inbox.popleft()
            self.inbox_dropped += 1
        self._inbox.append(packet)
        self._wake.set()

    def set_sink(self, sink: Sink | None) -> None:
        """Plays there from now on; None: nowhere, but in time."""
        self._wanted = sink
        self._wake.set()

    def set_gain(self, user_id: int, gain: Gain) -> None:
        self.mixer.set_gain(user_id, gain)

    def levels(self) -> dict[int, Level]:
        return self.mixer.levels()

    def close(self) -> None:
        """Stops the sink (without closing it) and joins the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join(JOIN_S)
        if self._thread.is_alive():
            log.warning("the sound device %s does not answer", self.sink_name)

    @property
    def sink_name(self) -> str:
        return self._sink.name if self._sink is not None else self._silent.name

    @property
    def stats(self) -> AudioStats:
        mixer, timeline = self.mixer, self.mixer.timeline
        tracks = {user_id: track.stats(timeline.position_ms) for user_id, track in list(mixer.tracks.items())}
        return AudioStats(
            underruns=sum(track.underruns for track in tracks.values()) + self._starvations,
            starved_ms=self._starved_frames * 1000.0 / OUTPUT_RATE,
            starvations=self._starvations,
            playout_ms=self._playout_ms(),
            target_ms=timeline.target_ms,
            ahead_ms=self._ahead_ms,
            drift_ppm=timeline.drift_ppm,
            skips=timeline.skips,
            odd_timestamps=timeline.odd,
            inbox=len(self._inbox),
            inbox_dropped=self.inbox_dropped,
            ring_ms=self._ring.fill * 1000.0 / OUTPUT_RATE,
            tracks=tracks,
        )

    def _playout_ms(self) -> float:
        """From the quickest possible arrival to the loudspeaker; 0 before anything is heard."""
        now = self._clock.now()
        heard, zero = self._playback.position_ms(now), self.mixer.timeline.zero_ms
        if heard is None or zero is None:
            return 0.0
        return self.mixer.timeline.behind_ms(now) + self.mixer.timeline.position_ms - (heard - zero)

    # -- audio thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing:
                self._choose_sink()
                self._take_packets()
                self._mix_ahead()
                self._tell_clock()
                idle = self.mixer.timeline.zero_ms is None
                self._wake.wait(None if idle else POLL_S)
                self._wake.clear()
        finally:
            if self._sink is not None:
                self._sink.stop()
            self._silent.close()
            self._playback.clear()

    def _choose_sink(self) -> None:
        wanted = self._wanted
        if wanted is not None and wanted.lost:
            self.problem = wanted.problem
            wanted = None
        sink = wanted or self._silent
        if sink is self._sink:
            return
        if self._sink is not None:
            self._sink.stop()
        if wanted is not None:
            self.problem = wanted.problem
        # A new ring: what was mixed for the old device is as old as the pause between them.
        self._ring = Ring(int(OUTPUT_RATE * RING_S), sink.channels)
        self._history.clear()
        self._aligned = False
        self._sink = sink
        self._starved_before = sink.starved
        self._started_at = self._clock.now()
        sink.start(self._ring)
        log.info("sound goes to %s", sink.name)
        self._changed()

    def _take_packets(self) -> None:
        while self._inbox:
            self.mixer.push(self._inbox.popleft())

    def _mix_ahead(self) -> None:
        if self.mixer.timeline.zero_ms is None:
            return
        self._watch_starvation()
        ahead = self._ahead_ms * OUTPUT_RATE / 1000.0
        now = self._clock.now()
        if not self._aligned and not self._align(now):
            while self._ring.fill < ahead:
                self._ring.write(np.zeros((BLOCK, self._ring.channels), np.int16))
        while self._ring.fill < ahead:
            block, server_ms, ratio = self.mixer.render(self._clock.now())
            self._ring.write(_for_channels(block, self._ring.channels))
            self._history.append((server_ms, ratio))

    def _align(self, now: float) -> bool:
        """Begins the timeline right after the device took a block, when its pulse is known; silence comes before.

        Mixing ahead at once, or into the bursts of a device that starts, would use up the margin against jitter.
        """
        ready = self._ring.written > 0 and now - self._started_at > DEVICE_START_S
        if not ready or self._ring.fill >= self._ahead_ms * OUTPUT_RATE / 1000.0:
            return False
        timeline = self.mixer.timeline
        timeline.align(now)
        silent = self._ring.fill // BLOCK
        self._history.extend((timeline.position_ms - left * BLOCK_MS, 1.0) for left in range(silent, 0, -1))
        self._aligned = True
        return True

    def _watch_starvation(self) -> None:
        assert self._sink is not None
        starved = self._sink.starved - self._starved_before
        if starved <= 0:
            return
        self._starved_before += starved
        if self._clock.now() - self._started_at > SETTLE_S:
            self._starved_frames += starved
            self._starvations += 1
            self._ahead_ms = min(self._ahead_ms + AHEAD_STEP_MS, AHEAD_MAX_MS)

    def _tell_clock(self) -> None:
        mark = self._sink.mark if self._sink is not None else None
        now = self._clock.now()
        zero = self.mixer.timeline.zero_ms
        if mark is None or zero is None or not self._history or now - mark.at > STALE_MARK_S:
            return
        heard = self._server_ms(mark, now)
        if heard is not None:
            self._playback.observe(now, zero + heard, self.mixer.timeline.ratio)

    def _server_ms(self, mark: Mark, now: float) -> float | None:
        """Server time (since zero) of what leaves the loudspeaker at ``now``."""
        frame = mark.frames + (now - mark.at - mark.latency_s) * OUTPUT_RATE
        oldest = self._ring.written // BLOCK - len(self._history)
        index = int(frame // BLOCK) - oldest
        if index < 0:
            return None
        server_ms, ratio = self._history[min(index, len(self._history) - 1)]
        first = (oldest + min(index, len(self._history) - 1)) * BLOCK
        return server_ms + (frame - first) / BLOCK * BLOCK_MS * ratio


def _for_channels(block: Samples, channels: int) -> Samples:
    if channels == 2:
        return block
    return np.asarray(block.mean(axis=1, keepdims=True), np.int16)
