"""What a track of pictures is, live or recorded: one decoder, one scaler, frames in its key's name, and figures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from av.error import FFmpegError

from rtms_desktop.media.decoding import Decoder, Picture
from rtms_desktop.media.frames import TrackKey, VideoFrame
from rtms_desktop.media.scaling import Scaler, Size

LATE_S = 0.04
"""A picture that is handed over so long after it was due counts as late."""


@dataclass(frozen=True, slots=True)
class VideoTrackStats:
    """``dropped`` sums what was decoded and never shown, or never decoded for want of time."""

    decoded: int
    published: int
    dropped: int
    late: int
    errors: int
    lost_references: int
    before_keyframe: int
    refused: int
    resolution_changes: int
    queue: int
    queue_dropped: int
    held: int
    corrupt_until_keyframe: bool


class PictureTrack(ABC):
    """Base of the tracks. The decode thread owns everything here; others read it for figures."""

    def __init__(self, key: TrackKey) -> None:
        self.key = key
        self._decoder = Decoder()
        self._scaler = Scaler(fine=key[0] == "share")
        self._published = self._dropped = self._late = 0

    @abstractmethod
    def snapshot(self) -> VideoFrame | None:
        """The picture shown last, in its own size."""

    @abstractmethod
    def close(self) -> None:
        """Ends and joins the thread."""

    @property
    @abstractmethod
    def stats(self) -> VideoTrackStats: ...

    def _to_frame(
        self,
        picture: Picture,
        scaler: Scaler,
        box: Size | None,
        *,
        pts_ms: int,
        arrived_at: float,
        due_at: float,
        held_s: float = 0.0,
        repeat: bool = False,
    ) -> VideoFrame | None:
        """The picture fitted into ``box`` (None: in its own size); None, and counted, when it cannot be converted."""
        try:
            pixels = scaler.scale(picture.frame, box)
        except (FFmpegError, ValueError):
            self._decoder.counts.errors += 1
            return None
        return VideoFrame(
            key=self.key,
            width=pixels.width,
            height=pixels.height,
            stride=pixels.stride,
            bgra=pixels.data,
            source_width=picture.frame.width,
            source_height=picture.frame.height,
            pts_ms=pts_ms,
            arrived_at=arrived_at,
            due_at=due_at,
            keyframe=picture.keyframe,
            held_s=held_s,
            corrupt=picture.corrupt,
            repeat=repeat,
        )

    def _figures(self, *, dropped: int = 0, queue: int = 0, queue_dropped: int = 0, held: int = 0) -> VideoTrackStats:
        """``dropped``: beside those that were counted here."""
        counts = self._decoder.counts
        return VideoTrackStats(
            decoded=counts.decoded,
            published=self._published,
            dropped=self._dropped + dropped,
            late=self._late,
            errors=counts.errors,
            lost_references=counts.lost_references,
            before_keyframe=counts.before_keyframe,
            refused=counts.refused,
            resolution_changes=counts.resolution_changes,
            queue=queue,
            queue_dropped=queue_dropped,
            held=held,
            corrupt_until_keyframe=self._decoder.corrupt,
        )
