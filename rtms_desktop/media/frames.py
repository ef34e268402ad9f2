"""What the media room hands to the window: pictures and levels (made on worker threads, read on the main thread)."""

from __future__ import annotations

from dataclasses import dataclass

TrackKey = tuple[str, int]
"""``("video" | "share", user_id)``."""

FLOOR_DB = -96.0
"""Level of digital silence; meters start here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoFrame:
    """One picture, scaled to its surface and ready to be drawn 1:1.

    ``bgra`` owns its pixels (B, G, R, A bytes; rows of ``stride`` bytes) as long as the frame is referenced.
    ``arrived_at`` and ``due_at`` are monotonic seconds: when the access unit came, and when its time is heard in the
    sound; ``held_s``: how long the decoded picture waited for that.
    ``corrupt``: references were lost and no keyframe came for so long that the damaged picture is shown after all.
    """

    key: TrackKey
    width: int
    height: int
    stride: int
    bgra: memoryview
    source_width: int
    source_height: int
    pts_ms: int
    arrived_at: float
    due_at: float
    keyframe: bool
    held_s: float = 0.0
    corrupt: bool = False
    repeat: bool = False  # shown before, in another size: no new picture for the counts


@dataclass(frozen=True, slots=True)
class Level:
    """Loudness in dBFS (0 = full scale sine peak, ``FLOOR_DB`` = silence), before any gain of ours."""

    rms_db: float = FLOOR_DB
    peak_db: float = FLOOR_DB


SILENCE = Level()
