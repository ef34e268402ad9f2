"""One track of pictures with its decode thread: access units in (main thread), frames out through the mailbox."""

from __future__ import annotations

import threading

from rtms_desktop.clock import Clock
from rtms_desktop.media.access_units import AccessUnit, AccessUnitQueue
from rtms_desktop.media.decoding import Picture, is_start
from rtms_desktop.media.frames import TrackKey, VideoFrame
from rtms_desktop.media.mailbox import FrameMailbox
from rtms_desktop.media.picture_track import LATE_S, PictureTrack, VideoTrackStats
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.presentation import DueTimes, Held, HeldPictures
from rtms_desktop.media.scaling import Scaler, Size

CONVERT_LEAD_S = 0.003
"""A frame is converted and handed over this long before it is due: conversion and the wake-up take about as much."""

BUSY_QUEUE = 2
STARVED_S = 0.25
"""With more than BUSY_QUEUE units waiting a picture is not converted, unless none was for STARVED_S."""

SHORT_GOP_S = 4.0
"""A hidden track decodes only keyframes if they come so often that showing it again does not mean a long wait."""

CORRUPT_HOLD_S = 4.0
"""Damaged pictures are hidden until the next keyframe, but not for longer: then damaged is better than frozen."""

IDLE_S = 30.0
"""The thread of a track without data ends after this; new data starts another."""


class VideoTrack(PictureTrack):
    """Decodes and presents one participant's video or share. ``feed`` and the rest are for the main thread."""

    def __init__(self, key: TrackKey, clock: Clock, playback: PlaybackClock, mailbox: FrameMailbox) -> None:
        super().__init__(key)
        self._clock, self._mailbox = clock, mailbox
        self._changed = threading.Condition()
        self._queue = AccessUnitQueue(is_start)
        self._surface: Size | None = None
        self._repeat = False
        self._thread: threading.Thread | None = None
        self._closing = False
        # From here on: the decode thread's own.
        self._due_times = DueTimes(playback)
        self._held = HeldPictures(self._due_times)
        self._units: dict[int, AccessUnit] = {}
        self._number = 0
        self._last_key_at: float | None = None
        self._key_interval: float | None = None
        self._corrupt_since: float | None = None
        self._published_at = 0.0
        self._latest: Held | None = None

    # -- main thread -------------------------------------------------------------------------------------------

    def feed(self, data: bytes, pts_ms: int, arrived_at: float) -> None:
        with self._changed:
            if self._closing:
                return
            self._queue.put(AccessUnit(data, pts_ms, arrived_at))
            self._wake_thread()

    def set_surface(self, size: Size | None) -> None:
        """Frames are scaled to fit; None: hidden. The last picture comes again in the new size."""
        with self._changed:
            if size == self._surface or self._closing:
                return
            self._surface = size
            if size is not None and self._latest is not None:
                self._repeat = True
                self._wake_thread()

    def _wake_thread(self) -> None:
        if self._thread is None:
            kind, user_id = self.key
            self._thread = threading.Thread(target=self._run, name=f"video-decode-{kind}-{user_id}", daemon=True)
            self._thread.start()
        self._changed.notify()

    def snapshot(self) -> VideoFrame | None:
        """The picture shown last, in its own size."""
        latest = self._latest
        return None if latest is None else self._convert(latest, latest.unit.arrived_at, Scaler(fine=True), None)

    def close(self) -> None:
        """Ends and joins the thread."""
        with self._changed:
            self._closing = True
            thread = self._thread
            self._changed.notify()
        if thread is not None:
            thread.join()

    @property
    def stats(self) -> VideoTrackStats:
        return self._figures(
            dropped=self._held.superseded + self._queue.dropped,
            queue=len(self._queue),
            queue_dropped=self._queue.dropped,
            held=len(self._held),
        )

    # -- decode thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._wait_for_work():
                    self._thread = None
                    return
                unit = self._queue.get()
                skipped = self._queue.take_skipped()
                waiting = len(self._queue)
                surface = self._surface
                repeat, self._repeat = self._repeat, False
            if repeat:
                self._publish_again(surface)
            if unit is not None:
                self._decode(unit, skipped, hidden=surface is None)
            self._publish_due(surface, waiting)

    def _wait_for_work(self) -> bool:
        """False: the thread shall end. Called with the lock held."""
        while not self._closing:
            due = self._held.next_due()
            wait_s = IDLE_S if due is None else due - CONVERT_LEAD_S - self._clock.now()
            if len(self._queue) or self._repeat or wait_s <= 0:
                return True
            if not self._changed.wait(wait_s) and due is None and not len(self._queue) and not self._repeat:
                return False
        return False

    def _decode(self, unit: AccessUnit, skipped: bool, hidden: bool) -> None:
        if skipped:
            self._decoder.skip()
        self._due_times.note(unit)
        self._number += 1
        self._units[self._number] = unit
        keys_only = hidden and self._key_interval is not None and self._key_interval <= SHORT_GOP_S
        for picture in self._decoder.decode(unit.data, self._number, keys_only):
            of = self._units.get(picture.number, unit)
            if picture.keyframe:
                self._note_keyframe(of.arrived_at)
            if self._is_presentable(picture, of.arrived_at):
                self._held.add(Held(picture, of, self._clock.now()))
        for number in [number for number in self._units if number < self._number - 32]:
            del self._units[number]

    def _note_keyframe(self, at: float) -> None:
        self._key_interval = None if self._last_key_at is None else at - self._last_key_at
        self._last_key_at = at

    def _is_presentable(self, picture: Picture, at: float) -> bool:
        if not picture.corrupt:
            self._corrupt_since = None
            return True
        if self._corrupt_since is None:
            self._corrupt_since = at
        presentable = at - self._corrupt_since >= CORRUPT_HOLD_S
        self._dropped += not presentable
        return presentable

    def _publish_due(self, surface: Size | None, waiting: int) -> None:
        now = self._clock.now()
        taken = self._held.take(now + CONVERT_LEAD_S)
        if taken is None:
            return
        held, due = taken
        self._latest = held
        if surface is None:
            return
        if waiting > BUSY_QUEUE and now - self._published_at < STARVED_S:
            self._dropped += 1
            return
        self._published_at = now
        frame = self._convert(held, due, self._scaler, surface, held_s=now - held.decoded_at)
        if frame is None:
            self._dropped += 1
            return
        self._late += now - due > LATE_S
        self._published += 1
        self._mailbox.put(frame)

    def _publish_again(self, surface: Size | None) -> None:
        if self._latest is None or surface is None:
            return
        frame = self._convert(self._latest, self._clock.now(), self._scaler, surface, repeat=True)
        if frame is not None:
            self._mailbox.put(frame)

    def _convert(
        self, held: Held, due: float, scaler: Scaler, box: Size | None, held_s: float = 0.0, repeat: bool = False
    ) -> VideoFrame | None:
        unit = held.unit
        return self._to_frame(
            held.picture,
            scaler,
            box,
            pts_ms=unit.pts_ms,
            arrived_at=unit.arrived_at,
            due_at=due,
            held_s=held_s,
            repeat=repeat,
        )
