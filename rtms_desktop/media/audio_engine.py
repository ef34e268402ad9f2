"""The audio thread: packets in, sound mixed just ahead of the device, and the clock that pictures follow."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from rtms_desktop.clock import Clock
from rtms_desktop.media.frames import Level
from rtms_desktop.media.mixer import OUTPUT_RATE, AudioTrackStats, Gain, Mixer, Packet
from rtms_desktop.media.output import Output
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.sinks import SilentSink, Sink

log = logging.getLogger(__name__)

POLL_S = 0.005
INBOX = 4096
"""Packets between the main thread and this one; overflow: drop oldest (the live edge is kept)."""

JOIN_S = 3.0
"""A sound server that dies in the wrong moment can hold a call for ever; the program ends all the same."""


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
        self,
        clock: Clock,
        sink: Sink | None,
        playback: PlaybackClock,
        changed: Callable[[], None] | None = None,
        mixer: Mixer | None = None,
    ) -> None:
        self.mixer = mixer or Mixer()
        self.problem = "" if sink is None else sink.problem
        self._clock, self._playback = clock, playback
        self._changed = changed or (lambda: None)
        self._inbox: deque[Packet | None] = deque(maxlen=INBOX)  # None: forget what was not played
        self.inbox_dropped = 0
        self._wake = threading.Event()
        self._closing = False
        self._wanted: Sink | None = sink
        self._released = threading.Event()
        self._silent = SilentSink(clock=clock)
        self._output = Output(self.mixer, playback)
        self._thread = threading.Thread(target=self._run, name="audio-mix", daemon=True)
        self._thread.start()

    # -- main thread -------------------------------------------------------------------------------------------

    def feed(self, packet: Packet) -> None:
        self.inbox_dropped += len(self._inbox) == INBOX
        self._inbox.append(packet)
        self._wake.set()

    def forget(self) -> None:
        """What was fed before is not played any more. Any thread."""
        self._inbox.append(None)
        self._wake.set()

    def set_sink(self, sink: Sink | None) -> None:
        """Plays there from now on; None: nowhere, but in time."""
        self._wanted = sink
        self._wake.set()

    def release_sink(self) -> None:
        """As ``set_sink(None)``, and wait until the sink is let go of. Any thread."""
        self._released.clear()
        self.set_sink(None)
        if self._thread.is_alive() and not self._released.wait(JOIN_S):
            log.warning("the sound device %s does not answer", self.sink_name)

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
        return (self._output.sink or self._wanted or self._silent).name

    @property
    def stats(self) -> AudioStats:
        mixer, timeline, output = self.mixer, self.mixer.timeline, self._output
        tracks = {user_id: track.stats(timeline.position_ms) for user_id, track in list(mixer.tracks.items())}
        return AudioStats(
            underruns=sum(track.underruns for track in tracks.values()) + output.starvations,
            starved_ms=output.starved_frames * 1000.0 / OUTPUT_RATE,
            starvations=output.starvations,
            playout_ms=self._playout_ms(),
            target_ms=timeline.target_ms,
            ahead_ms=output.ahead_ms,
            drift_ppm=timeline.drift_ppm,
            skips=timeline.skips,
            odd_timestamps=timeline.odd,
            inbox=len(self._inbox),
            inbox_dropped=self.inbox_dropped,
            ring_ms=output.ring_ms,
            tracks=tracks,
        )

    def _playout_ms(self) -> float:
        """From the quickest possible arrival to the loudspeaker; 0 before anything is heard."""
        now = self._clock.now()
        heard, zero = self._playback.position_ms(now), self.mixer.timeline.zero_ms
        if heard is None or zero is None:
            return 0.0
        return self.mixer.timeline.live_ms(now) - (heard - zero)

    # -- audio thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing:
                self._choose_sink()
                while self._inbox:
                    self._take(self._inbox.popleft())
                self._output.turn(self._clock.now())
                idle = self.mixer.timeline.zero_ms is None
                self._wake.wait(None if idle else POLL_S)
                self._wake.clear()
        finally:
            if self._output.sink is not None:
                self._output.sink.stop()
            self._playback.clear()

    def _take(self, packet: Packet | None) -> None:
        if packet is None:
            self.mixer.forget()
        else:
            self.mixer.push(packet)

    def _choose_sink(self) -> None:
        wanted = self._wanted
        if wanted is not None and wanted.lost:
            self.problem = wanted.problem
            wanted = None
        sink = wanted or self._silent
        if sink is self._output.sink:
            self._tell_released()
            return
        if wanted is not None:
            self.problem = wanted.problem
        self._output.attach(sink, self._clock.now())
        log.info("sound goes to %s", sink.name)
        self._tell_released()
        self._changed()

    def _tell_released(self) -> None:
        if self._wanted is None and self._output.sink is self._silent:
            self._released.set()
