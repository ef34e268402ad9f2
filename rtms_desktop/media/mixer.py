"""All talkers to one stereo signal of 48 kHz: decoding, playout, gains, sum. Owned by the audio thread."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtms_desktop.media.frames import Level
from rtms_desktop.media.levels import Meter
from rtms_desktop.media.pcm import DEFAULT, AudioFormat, PcmDecoder, guess_format
from rtms_desktop.media.playout import PlayoutBuffer
from rtms_desktop.media.resampling import Floats
from rtms_desktop.media.timeline import Timeline

OUTPUT_RATE = 48_000
BLOCK = 480
BLOCK_MS = 10.0
KNEE = 0.9
"""Fraction of full scale above which the sum is rounded off instead of cut."""

ABSURD_MS = 60_000.0
"""A packet that is later than this was not late but wrongly stamped."""

UNTIMED_SLACK_MS = 200.0
"""Packets without timestamps follow each other as long as they come within this of where they would."""

MAX_TALKERS = 64
"""Overflow: the talker heard from longest ago is forgotten."""

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Packet:
    """One audio payload; ``format`` None: nobody has said. Not ``timed``: the timestamp is when it came, no better."""

    user_id: int
    data: bytes
    timestamp_ms: int
    arrived_at: float
    format: AudioFormat | None
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Gain:
    mute: bool = False
    solo: bool = False
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class AudioTrackStats:
    """``underruns``: runs of sound that came after their turn, ``late_ms`` of it; a talker's pause is neither."""

    format: AudioFormat
    packets: int
    underruns: int
    late_ms: float
    skipped_ms: float  # came while the timeline had jumped over it
    gaps: int
    decode_errors: int
    overflowed_ms: float
    buffered_ms: float


class AudioTrack:
    """One talker."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self.format = audio_format
        self.meter = Meter()
        self.arrived_at = 0.0
        self.packets = self.gaps = self.underruns = 0
        self.late_ms = self.skipped_ms = 0.0
        self.gain = 0.0  # as applied at the end of the last block
        self.decoder = PcmDecoder(audio_format)
        self.buffer = PlayoutBuffer(audio_format.rate, audio_format.channels)
        self._late_end: int | None = None
        self._previous: tuple[int, int] | None = None  # timestamp and size, for guessing the format
        self._next_ms: float | None = None  # where an untimed packet goes

    def change_format(self, audio_format: AudioFormat) -> None:
        self.format = audio_format
        self.decoder = PcmDecoder(audio_format)
        self.buffer = PlayoutBuffer(audio_format.rate, audio_format.channels)
        self._late_end = None

    def settle_format(self, packet: Packet) -> None:
        """Takes the granted format, or, where nobody granted one, what sizes and timestamps say."""
        wanted = packet.format
        if wanted is None and self._previous is not None:
            step, size = packet.timestamp_ms - self._previous[0], self._previous[1]
            wanted = guess_format(size, step) if size == len(packet.data) else None
        self._previous = (packet.timestamp_ms, len(packet.data))
        if wanted is not None and wanted != self.format:
            self.change_format(wanted)

    def continue_at(self, arrived_ms: int, duration_ms: float) -> int:
        """A timestamp for a packet without one: behind the previous one, unless it came at quite another time."""
        follows = self._next_ms is not None and abs(arrived_ms - self._next_ms) < UNTIMED_SLACK_MS
        start = self._next_ms if follows and self._next_ms is not None else float(arrived_ms)
        self._next_ms = start + duration_ms
        return round(start)

    def position(self, server_ms: float) -> float:
        return server_ms * self.format.rate / 1000.0

    def store(self, samples: Samples, start_ms: int, played_ms: float, played_from_ms: float) -> None:
        """Puts a packet where it belongs and notes what of it comes too late to be heard."""
        stamped = start_ms * self.format.rate // 1000
        position = self.buffer.place(stamped)
        if self.buffer.end is not None and position > self.buffer.end:
            self.gaps += 1
        late = min(max(math.ceil(self.position(played_ms)) - position, 0), len(samples))
        if late:
            self._note_late(position, late, played_from_ms, far=played_ms - start_ms > ABSURD_MS)
        self.buffer.write(position, samples)

    def _note_late(self, position: int, count: int, played_from_ms: float, far: bool) -> None:
        milliseconds = count * 1000.0 / self.format.rate
        if far or position < self.position(played_from_ms):
            self.skipped_ms += milliseconds
            return
        self.late_ms += milliseconds
        if self._late_end != position:
            self.underruns += 1
        self._late_end = position + count

    def render(self, start_ms: float, ratio: float) -> Floats | None:
        """One block, None for silence."""
        start, step = self.position(start_ms), self.format.rate * ratio / OUTPUT_RATE
        if not self.buffer.has(math.floor(start), math.ceil(start + step * BLOCK)):
            return None
        return self.buffer.render(start, step, BLOCK)

    def stats(self, position_ms: float) -> AudioTrackStats:
        end = self.buffer.end
        buffered = 0.0 if end is None else max(0.0, end * 1000.0 / self.format.rate - position_ms)
        return AudioTrackStats(
            format=self.format,
            packets=self.packets,
            underruns=self.underruns,
            late_ms=self.late_ms,
            skipped_ms=self.skipped_ms,
            gaps=self.gaps,
            decode_errors=self.decoder.errors,
            overflowed_ms=self.buffer.overflowed * 1000.0 / self.format.rate,
            buffered_ms=buffered,
        )


class Mixer:
    """Packets in, blocks of 10 ms out, as fast as the device takes them."""

    def __init__(self, timeline: Timeline | None = None) -> None:
        self.timeline = timeline or Timeline()
        self.tracks: dict[int, AudioTrack] = {}
        self.master_meter = Meter()
        self.master = 1.0
        self._master_applied: float | None = None  # before the first block there is nothing to fade from
        self._gains: dict[int, Gain] = {}  # replaced as a whole by the main thread

    def set_gain(self, user_id: int, gain: Gain) -> None:
        """Any thread."""
        self._gains = {**self._gains, user_id: gain}

    def forget(self) -> None:
        """Drop all sound that was not played: something else comes now."""
        for track in self.tracks.values():
            track.change_format(track.format)

    def push(self, packet: Packet) -> None:
        track = self._track(packet)
        track.settle_format(packet)
        track.packets += 1
        samples = track.decoder.decode(packet.data)
        timeline = self.timeline
        duration_ms = len(samples) * 1000.0 / track.format.rate
        timestamp_ms = packet.timestamp_ms if packet.timed else track.continue_at(packet.timestamp_ms, duration_ms)
        if not timeline.arrived(packet.user_id, timestamp_ms, duration_ms, packet.arrived_at):
            return
        assert timeline.zero_ms is not None
        start_ms = timestamp_ms - timeline.zero_ms
        track.store(samples, start_ms, timeline.position_ms, timeline.played_from_ms)

    def _track(self, packet: Packet) -> AudioTrack:
        track = self.tracks.get(packet.user_id)
        if track is None:
            if len(self.tracks) >= MAX_TALKERS:
                oldest = min(self.tracks, key=lambda user_id: self.tracks[user_id].arrived_at)
                del self.tracks[oldest]
                self.timeline.forget(oldest)
            track = self.tracks[packet.user_id] = AudioTrack(packet.format or DEFAULT)
        track.arrived_at = packet.arrived_at
        return track

    def render(self, now: float) -> tuple[Samples, float, float]:
        """The next block (BLOCK by 2), the server time at its start (ms since zero) and the speed it plays at."""
        timeline = self.timeline
        step = timeline.advance(now, BLOCK_MS, self._is_heard())
        mix = self._mix(step.start_ms, step.ratio, metered=True)
        if step.left_ms is not None:
            mix = self._cross_fade(step.left_ms, step.start_ms, step.ratio, mix)
        for track in self.tracks.values():
            track.buffer.forget_played(math.floor(track.position(timeline.position_ms)))
        block = self._finish(mix)
        return block, step.start_ms, step.ratio

    def _is_heard(self) -> bool:
        first = self.timeline.position_ms
        return any(
            track.buffer.has(math.floor(track.position(first)), math.ceil(track.position(first + BLOCK_MS)))
            for track in self.tracks.values()
        )

    def _mix(self, start_ms: float, ratio: float, metered: bool) -> Floats | None:
        gains = self._gains
        solo = any(gain.solo for gain in gains.values())
        mix: Floats | None = None
        for user_id, track in self.tracks.items():
            block = track.render(start_ms, ratio)
            if metered:
                track.meter.add(block, BLOCK_MS / 1000.0)
            wanted = gains.get(user_id, _UNITY)
            gain = 0.0 if wanted.mute or (solo and not wanted.solo) else wanted.volume
            before, track.gain = track.gain, gain
            if block is None or (gain == 0.0 and before == 0.0):
                continue
            scaled = block if before == gain == 1.0 else block * _ramp(before, gain)
            mix = np.zeros((BLOCK, 2), np.float32) if mix is None else mix
            mix += scaled
        return mix

    def _cross_fade(self, left_ms: float, start_ms: float, ratio: float, arriving: Floats | None) -> Floats | None:
        """A jump of the timeline: the old place fades out while the new one fades in."""
        leaving = self._mix(left_ms, ratio, metered=False)
        if start_ms < left_ms:
            for track in self.tracks.values():
                track.buffer.rewind(math.floor(track.position(start_ms)))
        if leaving is None and arriving is None:
            return None
        mix: Floats = np.zeros((BLOCK, 2), np.float32)
        mix += 0.0 if arriving is None else arriving * _ramp(0.0, 1.0)
        mix += 0.0 if leaving is None else leaving * _ramp(1.0, 0.0)
        return mix

    def _finish(self, mix: Floats | None) -> Samples:
        before = self.master if self._master_applied is None else self._master_applied
        self._master_applied = self.master
        if mix is None:
            self.master_meter.add(None, BLOCK_MS / 1000.0)
            return _SILENT_BLOCK
        if not before == self._master_applied == 1.0:
            mix *= _ramp(before, self._master_applied)
        soft_clip(mix)
        self.master_meter.add(mix, BLOCK_MS / 1000.0)
        return np.rint(mix).astype(np.int16)

    def levels(self) -> dict[int, Level]:
        return {user_id: track.meter.level for user_id, track in list(self.tracks.items())}


def soft_clip(mix: Floats) -> None:
    """In place: up to KNEE nothing changes; above, the curve bends and never reaches full scale."""
    full = 32767.0
    if not mix.size or float(np.abs(mix).max()) <= KNEE * full:
        return
    size = np.abs(mix) / full
    bent = KNEE + (1.0 - KNEE) * np.tanh((size - KNEE) / (1.0 - KNEE))
    mix[:] = np.sign(mix) * np.where(size > KNEE, bent, size) * full


def _ramp(first: float, last: float) -> Floats:
    return np.linspace(first, last, BLOCK, dtype=np.float32)[:, None]


_UNITY = Gain()
_SILENT_BLOCK: Samples = np.zeros((BLOCK, 2), np.int16)
