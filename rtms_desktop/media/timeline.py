"""The one timeline of all talkers: how far behind the server we play, and how fast, so that nothing runs dry.

Sans I/O: arrivals and the time come in, the stretch of server time to be mixed next comes out. Server times in here are
ms since ``zero_ms`` (the first timestamp seen), because float steps of epoch ms are too coarse for sample positions.
"""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.media.transit import WindowedExtreme

MARGIN_MS = 25.0
TARGET_MIN_MS, TARGET_MAX_MS = 40.0, 140.0

SKIP_MS = 150.0
"""Further from the target than this the position jumps: live is worth more than completeness."""

QUIET_SKIP_MS = 30.0
"""While nobody is heard a jump costs nothing, so a smaller error is repaired by one."""

DEAD_BAND_MS = 8.0
"""Inside, the speed is left alone: samples then come out exactly as they went in."""

GAIN = 8.0e-4  # change of the ratio for each ms outside the dead band
GAIN_DRIFT = 6.0e-6  # learned for each ms outside and second
STEP_MS = 5.0
"""Further outside it is a changed target, from which no drift is learned."""

MAX_CHANGE, MAX_DRIFT = 0.02, 0.002
AVERAGE_S = 1.0

ODD_MS = 2000.0
"""A packet from so far in the future is a mistake, unless ODD_COUNT in a row agree."""

ODD_COUNT = 3
LATE_S, LATE_COUNT, CATCHING_UP_MS = 0.5, 5, 100.0
"""If all packets were late for so long, by no less than at first, the route has become slower: start anew."""

STALE_S = 2.0
"""Without packets for so long nothing is known about the error; the learned drift carries on alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """Mix server time from ``start_ms`` on, ``ratio`` ms for each ms of output.

    ``left_ms``: where the sound would have continued, if it jumps.
    """

    start_ms: float
    ratio: float
    left_ms: float | None = None


class Timeline:
    """Position and speed of playout."""

    def __init__(self) -> None:
        self.zero_ms: int | None = None
        self.position_ms = 0.0
        self.played_from_ms = 0.0  # where the present uninterrupted run of playing began
        self.ratio = 1.0
        self.target_ms = TARGET_MIN_MS
        self.skips = 0
        self.odd = 0
        self._base = WindowedExtreme(largest=False)
        self._peaks: dict[int, WindowedExtreme] = {}
        self._base_ms = 0.0
        self._odd_run = 0
        self._late_since: tuple[float, float] | None = None  # time and transit of the first late packet of a run
        self._late_count = 0
        self._average_ms = 0.0
        self._drift = 0.0
        self._arrived_at = 0.0
        self._measured_at = 0.0

    @property
    def drift_ppm(self) -> float:
        """How much faster (positive) the server's clock runs than ours."""
        return self._drift * 1e6

    # -- arrivals ----------------------------------------------------------------------------------------------

    def arrived(self, user_id: int, timestamp_ms: int, duration_ms: float, at: float) -> bool:
        """Notes a packet. False: its timestamp is absurd, it must not be played."""
        if self.zero_ms is None:
            self._begin(timestamp_ms, at)
        assert self.zero_ms is not None
        transit = at * 1000.0 - (timestamp_ms - self.zero_ms)
        if transit < self._base_ms - ODD_MS:
            self._odd_run += 1
            if self._odd_run < ODD_COUNT:
                self.odd += 1
                return False
            self._start_anew(transit, at)
        self._odd_run = 0
        self._watch_lateness(timestamp_ms - self.zero_ms + duration_ms, transit, at)
        self._note(user_id, transit, at)
        return True

    def forget(self, user_id: int) -> None:
        """This talker has no say in the target any more."""
        self._peaks.pop(user_id, None)

    def _begin(self, timestamp_ms: int, at: float) -> None:
        self.zero_ms = timestamp_ms
        self._base_ms = at * 1000.0
        self._base.add(self._base_ms, at)
        self.position_ms = self.played_from_ms = -self.target_ms

    def _note(self, user_id: int, transit: float, at: float) -> None:
        if transit < self._base_ms - SKIP_MS:
            self._peaks.clear()  # the delay of a backlog is no jitter
        self._base.add(transit, at)
        self._base_ms = self._base.value() or transit
        if transit < self._base_ms + ODD_MS:  # an outage is no jitter either
            self._peaks.setdefault(user_id, WindowedExtreme(largest=True)).add(transit, at)
        self._arrived_at = at
        self._measure(at)

    def _watch_lateness(self, end_ms: float, transit: float, at: float) -> None:
        if end_ms > self.position_ms:
            self._late_since = None
            return
        if self._late_since is None or transit < self._late_since[1] - CATCHING_UP_MS:
            self._late_since = (at, transit)
            self._late_count = 0
        self._late_count += 1
        if at - self._late_since[0] >= LATE_S and self._late_count >= LATE_COUNT:
            self._start_anew(transit, at)

    def _start_anew(self, transit: float, at: float) -> None:
        self._base.clear()
        self._peaks.clear()
        self._base.add(transit, at)
        self._base_ms = transit
        self._late_since = None

    def _measure(self, at: float) -> None:
        """The target: the slowest packet of any talker in the window, plus a margin. A stall is remembered at once."""
        peaks = [value for peak in self._peaks.values() if (value := peak.value(at)) is not None]
        jitter = max(peaks, default=self._base_ms) - self._base_ms
        self.target_ms = min(max(jitter + MARGIN_MS, TARGET_MIN_MS), TARGET_MAX_MS)
        self._measured_at = at

    # -- playing -----------------------------------------------------------------------------------------------

    def error_ms(self, now: float) -> float:
        """How far the position is behind where it should be (negative: ahead, about to run dry)."""
        return self.live_ms(now) - self.target_ms - self.position_ms

    def live_ms(self, now: float) -> float:
        """The server time whose quickest packet arrives now."""
        return now * 1000.0 - self._base_ms

    def align(self, now: float) -> None:
        """A device begins to play: the position is put where it belongs."""
        self._move(self.error_ms(now))
        self.played_from_ms = self.position_ms
        self._average_ms = 0.0

    def advance(self, now: float, length_ms: float, heard: bool) -> Step:
        """The next ``length_ms`` of output. ``heard``: somebody has samples there."""
        left: float | None = None
        if now - self._arrived_at > STALE_S:
            self.ratio = 1.0 + self._drift
        else:
            if now - self._measured_at > 1.0:
                self._measure(now)
            error = self.error_ms(now)
            if abs(error) > (SKIP_MS if heard else QUIET_SKIP_MS):
                left = self._jump(error)
            else:
                self._steer(error, length_ms / 1000.0)
        step = Step(self.position_ms, self.ratio, left)
        self.position_ms += length_ms * self.ratio
        return step

    def _jump(self, error: float) -> float:
        left = self.position_ms
        self._move(error)
        # Forward: what lies between was never played. Back: it was, as the silence of late packets.
        self.played_from_ms = self.position_ms if error > 0 else min(self.played_from_ms, self.position_ms)
        self._average_ms = 0.0
        self.ratio = 1.0 + self._drift
        self.skips += 1
        return left

    def _move(self, by_ms: float) -> None:
        # To a whole ms: at speed 1 the samples then need no interpolation, whatever their rate.
        self.position_ms = float(round(self.position_ms + by_ms))

    def _steer(self, error: float, seconds: float) -> None:
        self._average_ms += (error - self._average_ms) * min(1.0, seconds / AVERAGE_S)
        average = self._average_ms
        outside = max(average - DEAD_BAND_MS, 0.0) + min(average + DEAD_BAND_MS, 0.0)
        if abs(outside) < STEP_MS:
            self._drift = _clamp(self._drift + GAIN_DRIFT * outside * seconds, MAX_DRIFT)
        self.ratio = 1.0 + _clamp(GAIN * outside + self._drift, MAX_CHANGE)


def _clamp(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)
