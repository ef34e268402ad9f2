"""A talker, a network and a device under a fake clock: thirty minutes in about a second."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rtms_desktop.media.mixer import AudioTrack
from rtms_desktop.media.pcm import AudioFormat
from rtms_desktop.media.timeline import Timeline
from rtms_desktop.wire.enums import Codec

EPOCH = 1_700_000_000_000
RATE = 8_000
PACKET_MS = 20

Delay = Callable[[float], float]
"""Network delay in seconds of what is sent at second t."""


@dataclass
class Outcome:
    """``latency_ms``: sent to mixed, at every block; ``heard_ms``: how much sound was mixed."""

    timeline: Timeline
    track: AudioTrack
    latency_ms: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    heard: list[bool] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def latency(self, after_s: float = 0.0) -> float:
        return float(np.mean([ms for ms, at in zip(self.latency_ms, self.at, strict=True) if at >= after_s]))

    def worst(self, after_s: float = 0.0) -> float:
        return float(np.max([ms for ms, at in zip(self.latency_ms, self.at, strict=True) if at >= after_s]))

    def heard_share(self, first_s: float, last_s: float) -> float:
        found = [heard for heard, at in zip(self.heard, self.at, strict=True) if first_s <= at < last_s]
        return sum(found) / len(found)


def lan(rng: random.Random) -> Delay:
    return lambda t: abs(rng.gauss(0, 0.002))


def wifi(rng: random.Random) -> Delay:
    return lambda t: rng.uniform(0.03, 0.07) if rng.random() < 0.01 else abs(rng.gauss(0, 0.003))


def stalls(rng: random.Random, length_s: float = 0.11, every_s: float = 7.0) -> Delay:
    def delay(t: float) -> float:
        phase = (t - 3.0) % every_s
        return length_s - phase if phase < length_s else abs(rng.gauss(0, 0.002))

    return delay


def play(
    delay: Delay,
    seconds: float,
    *,
    ppm: float = 0.0,
    device_blocks: int = 2,
    talks: Callable[[float], bool] = lambda t: True,
    stamp: Callable[[int, float], int] = lambda number, t: EPOCH + number * PACKET_MS,
) -> Outcome:
    """Sends 20 ms packets in order over ``delay``; the sender's clock is ``ppm`` fast; nothing overtakes."""
    arrivals: list[tuple[float, int]] = []
    last = 0.0
    for number in range(int(seconds * 1000 / PACKET_MS)):
        sent = number * PACKET_MS / 1000 / (1 + ppm * 1e-6)
        if talks(sent):
            last = max(last, sent + delay(sent))
            arrivals.append((last, stamp(number, sent)))
    samples = np.zeros((RATE * PACKET_MS // 1000, 1), np.int16)
    outcome = Outcome(Timeline(), AudioTrack(AudioFormat(Codec.L16, RATE)))
    timeline, track = outcome.timeline, outcome.track
    now, index = arrivals[0][0], 0
    while now < seconds:
        while index < len(arrivals) and arrivals[index][0] <= now:
            at, stamped = arrivals[index]
            if timeline.arrived(1, stamped, PACKET_MS, at):
                assert timeline.zero_ms is not None
                track.store(samples, stamped - timeline.zero_ms, timeline.position_ms, timeline.played_from_ms)
            index += 1
        for _ in range(device_blocks):
            _mix_block(outcome, now, ppm)
        now += device_blocks * 0.01
    return outcome


def _mix_block(outcome: Outcome, now: float, ppm: float) -> None:
    timeline, track = outcome.timeline, outcome.track
    first = timeline.position_ms
    heard = track.buffer.has(math.floor(track.position(first)), math.ceil(track.position(first + 10)))
    step = timeline.advance(now, 10.0, heard)
    if step.left_ms is not None and step.start_ms < step.left_ms:
        track.buffer.rewind(math.floor(track.position(step.start_ms)))
    start = track.position(step.start_ms)
    outcome.heard.append(track.buffer.has(math.floor(start), math.ceil(start + RATE / 100)))
    assert timeline.zero_ms is not None
    sent = (step.start_ms + timeline.zero_ms - EPOCH) / 1000 / (1 + ppm * 1e-6)
    outcome.latency_ms.append((now - sent) * 1000)
    outcome.ratios.append(step.ratio)
    outcome.at.append(now)
    track.buffer.forget_played(math.floor(track.position(timeline.position_ms)))
