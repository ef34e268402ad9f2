"""One track of pictures of a recording with its decode thread: whatever the playhead does, it shows what is due there.

There is no seek, no step and no loop in here: the thread looks where the playhead stands, finds the unit that is due,
decodes on from the last one or from the keyframe before, and shows the result.
"""

from __future__ import annotations

import logging
import math
import threading

from rtms_desktop.media.decoding import Picture
from rtms_desktop.media.frames import TrackKey, VideoFrame
from rtms_desktop.media.mailbox import FrameMailbox
from rtms_desktop.media.picture_track import LATE_S, PictureTrack, VideoTrackStats
from rtms_desktop.media.replay.clock import Anchor, ReplayClock
from rtms_desktop.media.replay.source import Unit, UnitSource
from rtms_desktop.media.scaling import Scaler, Size

log = logging.getLogger(__name__)

LEAD_S = 0.004
"""A picture is handed over so long (of the machine's time) before it is due."""

LOOK_S = 0.5
"""How far ahead (of the recording's time) the next unit is looked for, and how often while there is none."""


class ReplayTrack(PictureTrack):
    """Shows one participant's video or share at the playhead. All methods are for the main thread."""

    def __init__(self, key: TrackKey, clock: ReplayClock, source: UnitSource, mailbox: FrameMailbox) -> None:
        super().__init__(key)
        self._clock, self._source, self._mailbox = clock, source, mailbox
        self._lock = threading.Lock()
        self._surface: Size | None = None
        self._again = False  # the surface changed: the same picture in another size
        self._closing = False
        self._thread: threading.Thread | None = None
        # The decode thread's own, read by others for figures:
        self._unit: Unit | None = None  # the last one that was decoded
        self._shown: tuple[Unit, Picture] | None = None
        self._settled: int | None = None  # place of the last target that was decoded, with or without success

    # -- main thread -------------------------------------------------------------------------------------------

    def set_surface(self, size: Size | None) -> None:
        """Pictures are scaled to fit; None: hidden, nothing is decoded."""
        with self._lock:
            if size == self._surface or self._closing:
                return
            self._surface, self._again = size, True
            if self._thread is None and size is not None:
                kind, user_id = self.key
                self._thread = threading.Thread(target=self._run, name=f"replay-{kind}-{user_id}", daemon=True)
                self._thread.start()
        self._clock.wake_all()

    def show_again(self) -> None:
        """Hand over the picture at the playhead once more: whoever shows it has forgotten it."""
        with self._lock:
            self._again = True

    @property
    def visible(self) -> bool:
        return self._surface is not None

    @property
    def shown(self) -> Unit | None:
        """The unit whose picture was handed over last."""
        return self._shown[0] if self._shown is not None else None

    def snapshot(self) -> VideoFrame | None:
        """The picture shown last, in its own size."""
        shown = self._shown
        return None if shown is None else self._convert(*shown, Scaler(fine=True), None)

    def close(self) -> None:
        """Ends and joins the thread."""
        with self._lock:
            self._closing = True
        self._clock.wake_all()
        if self._thread is not None:
            self._thread.join()

    @property
    def stats(self) -> VideoTrackStats:
        return self._figures()

    # -- decode thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing:
                seen = self._clock.anchor
                self._clock.wait(seen, self._guarded_turn(seen))
        except Exception:  # border: a bug here shall cost one tile, with a trace of why
            log.exception("the pictures of %s cannot be shown", self.key)

    def _guarded_turn(self, seen: Anchor) -> float:
        try:
            return self._turn(seen)
        except OSError as error:  # the session tells the person; the next change of the playhead tries again
            log.info("the pictures of %s cannot be read: %s", self.key, error)
            return math.inf

    def _turn(self, seen: Anchor) -> float:
        """One look at the playhead; returns how long to wait for the next."""
        with self._lock:
            surface, again, self._again = self._surface, self._again, False
        if surface is None:
            return math.inf
        position = self._clock.now() + (LEAD_S * seen.rate if seen.playing else 0.0)
        unit = self._due(position)
        if unit is None:
            self._shown = self._settled = None
        elif unit.place != self._settled:
            self._show(unit, surface, seen)
        elif again and self._shown is not None:
            self._publish(*self._shown, surface, repeat=True)
        return self._next_look(unit, position, seen)

    def _next_look(self, unit: Unit | None, position: float, seen: Anchor) -> float:
        if not seen.playing:
            return math.inf
        following = None if unit is None else self._source.after(unit, position + LOOK_S)
        if following is None:
            return LOOK_S / seen.rate
        return self._clock.left_s(following.due) - LEAD_S

    def _due(self, position: float) -> Unit | None:
        """The unit that is due: found from the last one while the playhead moves on, else anew."""
        unit = self._unit
        if unit is None or position < unit.due or position > unit.due + 2 * LOOK_S:
            return self._source.at(self.key, position)
        while (following := self._source.after(unit, position)) is not None and following.due <= position:
            unit = following
        return unit

    def _show(self, target: Unit, surface: Size, seen: Anchor) -> None:
        picture = self._decode_to(target, seen)
        if self._clock.jumps != seen.jump:
            return
        self._settled = target.place
        if picture is None:
            return
        if seen.playing and seen is self._clock.anchor:
            self._late += self._clock.now() - target.due > LATE_S * seen.rate
        self._publish(target, picture, surface)

    def _decode_to(self, target: Unit, seen: Anchor) -> Picture | None:
        """The picture of ``target``; None when it has none, or when the playhead has jumped elsewhere meanwhile."""
        unit = self._begin(target)
        found: Picture | None = None
        while unit is not None:
            is_target = unit.place == target.place
            self._unit = unit
            for picture in self._decoder.decode(unit.data, unit.place):
                if picture.number == target.place or is_target:
                    found = picture
            if is_target:
                return found
            self._dropped += 1
            if self._closing or self._clock.jumps != seen.jump:
                return None
            unit = self._source.after(unit, target.at)
        return found

    def _begin(self, target: Unit) -> Unit | None:
        """Where to decode from: on from the last unit, unless a keyframe lies between, or the way is back."""
        last = self._unit
        start: Unit | None = self._source.keyframe(target)
        if last is not None and last.place < target.place and (start is None or start.place <= last.place):
            following: Unit | None = self._source.after(last, target.at)
            return following
        if start is None:
            self._shown = None
            return None
        if last is None or start.place != last.place:
            self._decoder.skip()
        return start

    def _publish(self, unit: Unit, picture: Picture, surface: Size, repeat: bool = False) -> None:
        self._shown = (unit, picture)
        frame = self._convert(unit, picture, self._scaler, surface, repeat)
        if frame is None:
            return
        self._published += not repeat
        self._mailbox.put(frame)

    def _convert(
        self, unit: Unit, picture: Picture, scaler: Scaler, box: Size | None, repeat: bool = False
    ) -> VideoFrame | None:
        return self._to_frame(
            picture, scaler, box, pts_ms=unit.timestamp_ms, arrived_at=unit.at, due_at=unit.due, repeat=repeat
        )
