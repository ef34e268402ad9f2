"""The sound of a recording: fed a little ahead of the playhead, mixed so that it is heard when the playhead is there.

Sound follows the speed by playing faster or slower (the pitch changes with it); outside ``AUDIBLE`` it is silent, and
while the playhead stands it is silent too.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from typing import NamedTuple

from rtms_desktop.clock import Clock
from rtms_desktop.media.audio_engine import AudioEngine
from rtms_desktop.media.mixer import Mixer, Packet
from rtms_desktop.media.pcm import AudioFormat
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.replay.clock import Anchor, ReplayClock
from rtms_desktop.media.replay.source import UnitSource
from rtms_desktop.media.sinks import Sink
from rtms_desktop.media.timeline import Step, Timeline

log = logging.getLogger(__name__)

AUDIBLE = (0.5, 2.0)
"""Slowest and fastest speed at which sound is played."""

AHEAD_S, BEFORE_S, FEED_S = 0.8, 0.1, 0.2
"""How far ahead and from where sound is fed, and how often (machine time)."""

LEAD_MS = 60.0
"""From mixing to the loudspeaker, until it was measured."""

SETTLE_S = 0.4
"""After a jump nothing is known about what is heard until the blocks from before have left the device."""

SKIP_MS, DEAD_BAND_MS, GAIN, MAX_CHANGE = 80.0, 5.0, 4.0e-4, 0.02
"""A larger error is repaired by a jump, one in the dead band not at all, others by a slightly different speed."""

SAME_S = 1e-6
"""The last unit of a tape stands at its very end."""

NOWHERE_MS = -1.0e9
"""A time at which nobody has any sound."""


class Begin(NamedTuple):
    """From now on ``at`` of the playhead is ``server_ms``."""

    jump: int
    at: float
    server_ms: float


def is_audible(anchor: Anchor) -> bool:
    return anchor.playing and AUDIBLE[0] <= anchor.rate <= AUDIBLE[1]


class ReplayTimeline(Timeline):
    """A timeline that follows the playhead. Of the audio thread, but for ``begin`` and ``correct``."""

    def __init__(self, clock: ReplayClock, playback: PlaybackClock) -> None:
        super().__init__()
        self._clock, self._playback = clock, playback
        self._pending: Begin | None = None
        self._begun: Begin | None = None
        self._resting = True
        self._settled_at = 0.0
        self._lead_ms = LEAD_MS

    def begin(self, begin: Begin) -> None:
        """Feeding thread: what is fed next belongs to another place."""
        self._pending = begin

    def correct(self, at: float, server_ms: float) -> None:
        """Feeding thread: the two clocks of the recording drift apart a little."""
        begun = self._begun
        if begun is not None and begun is self._pending:
            self._begun = self._pending = Begin(begun.jump, at, server_ms)

    def restart(self) -> None:
        """Adopt what ``begin`` said."""
        self._begun = self._pending
        if self._begun is not None and self.zero_ms is None:
            self.zero_ms = int(self._begun.server_ms)
        self._resting = True
        self.position_ms = self.played_from_ms = self._wanted_ms()

    def arrived(self, user_id: int, timestamp_ms: int, duration_ms: float, at: float) -> bool:
        return self._begun is not None

    def live_ms(self, now: float) -> float:
        return self._wanted_ms()

    def align(self, now: float) -> None:
        self._move_to(self._wanted_ms() + self._lead_ms * self._clock.rate, now)

    def advance(self, now: float, length_ms: float, heard: bool) -> Step:
        anchor, begun = self._clock.anchor, self._begun
        if begun is None or anchor.jump != begun.jump or not is_audible(anchor):
            left, self._resting = (None if self._resting else self.position_ms), True
            return Step(NOWHERE_MS, 1.0, left)
        left = None
        if self._resting:
            self.align(now)
        elif now >= self._settled_at:
            left = self._follow(anchor, now)
        if now < self._settled_at:
            self.ratio = anchor.rate
        step = Step(self.position_ms, self.ratio, left)
        self.position_ms += length_ms * self.ratio
        return step

    # -- inside ------------------------------------------------------------------------------------------------

    def _wanted_ms(self) -> float:
        """What should be heard now, in ms since zero."""
        begun, zero = self._begun, self.zero_ms
        if begun is None or zero is None:
            return 0.0
        return begun.server_ms + (self._clock.now() - begun.at) * 1000.0 - zero

    def _follow(self, anchor: Anchor, now: float) -> float | None:
        """Set the speed; returns where the sound would have gone on if it has to jump."""
        heard = self._playback.position_ms(now)
        if heard is None or self.zero_ms is None:
            self.ratio = anchor.rate
            return None
        lead = self.position_ms - (heard - self.zero_ms)
        error = self._wanted_ms() + lead - self.position_ms
        if abs(error) > SKIP_MS * max(1.0, anchor.rate):
            left = self.position_ms
            self._lead_ms = min(max(lead / anchor.rate, 0.0), 500.0) if 0 <= lead < 500.0 else self._lead_ms
            self._move_to(self._wanted_ms() + self._lead_ms * anchor.rate, now)
            self.skips += 1
            return left
        outside = max(error - DEAD_BAND_MS, 0.0) + min(error + DEAD_BAND_MS, 0.0)
        self.ratio = anchor.rate * (1.0 + min(max(GAIN * outside, -MAX_CHANGE), MAX_CHANGE))
        return None

    def _move_to(self, position_ms: float, now: float) -> None:
        self.position_ms = self.played_from_ms = float(round(position_ms))
        self.ratio = self._clock.rate
        self._resting = False
        self._settled_at = now + SETTLE_S


class ReplayMixer(Mixer):
    """A mixer on a timeline that follows the playhead."""

    def __init__(self, timeline: ReplayTimeline) -> None:
        super().__init__(timeline)
        self._following = timeline

    def forget(self) -> None:
        super().forget()
        self._following.restart()


class ReplaySound:
    """Feeds an AudioEngine from a recording, on the thread ``replay-sound``."""

    def __init__(
        self,
        clock: ReplayClock,
        source: UnitSource,
        machine: Clock,
        sink: Sink | None,
        changed: Callable[[], None],
    ) -> None:
        self.playback = PlaybackClock()
        self.format: AudioFormat | None = None
        self._clock, self._source, self._machine = clock, source, machine
        self._timeline = ReplayTimeline(clock, self.playback)
        self.engine = AudioEngine(machine, sink, self.playback, changed, ReplayMixer(self._timeline))
        self._fed: tuple[int, float] | None = None  # jump and time up to which sound was fed
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="replay-sound", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._clock.wake_all()
        self._thread.join()
        self.engine.close()

    # -- feeding thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing:
                seen = self._clock.anchor
                self._clock.wait(seen, self._turn(seen))
        except Exception:  # border: the pictures go on without sound, and the log says why
            log.exception("the sound of the recording cannot be played")

    def _turn(self, seen: Anchor) -> float:
        """Feed what is wanted; returns how long to wait."""
        if not is_audible(seen):
            self._fed = None
            return math.inf
        try:
            self._feed(seen)
        except OSError as error:  # the session tells the person; the next change of the playhead tries again
            log.info("the sound cannot be read: %s", error)
            self._fed = None
            return math.inf
        return FEED_S

    def _feed(self, seen: Anchor) -> None:
        here = self._clock.now()
        server_ms = self._source.server_ms(here)
        if self._fed is None or self._fed[0] != seen.jump:
            self._timeline.begin(Begin(seen.jump, here, server_ms))
            self.engine.forget()
            self._fed = (seen.jump, here - BEFORE_S)
        else:
            self._timeline.correct(here, server_ms)
        # What a growing tape does not hold yet is fed once it does.
        since, until = self._fed[1], min(here + AHEAD_S * seen.rate, self._source.end + SAME_S)
        if until <= since:
            return
        for unit in self._source.sound(since, until):
            packet = Packet(unit.key[1], unit.data, unit.timestamp_ms, self._machine.now(), self.format, unit.timed)
            self.engine.feed(packet)
        self._fed = (seen.jump, until)
