"""What an export is asked for, how it tells its progress and how it is stopped. Any thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rtms_desktop.errors import RtmsError

_PROGRESS_STEP = 0.005


class Format(StrEnum):
    MP4 = "mp4"
    MKV = "mkv"
    WAV = "wav"
    FLAC = "flac"
    VTT = "vtt"
    SRT = "srt"
    TXT = "txt"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


TEXTS = frozenset({Format.VTT, Format.SRT, Format.TXT, Format.JSON, Format.CSV, Format.HTML})
SOUNDS = frozenset({Format.WAV, Format.FLAC})
FILMS = frozenset({Format.MP4, Format.MKV})
SEVERAL = SOUNDS | {Format.MP4}
"""Formats that make one file per participant when they are given a folder."""


class Gaps(StrEnum):
    """What becomes of time in which media is missing.

    ``fill``: real time is kept; silence, and the last picture or black. ``mark``: as fill, and every gap is marked in
    the file: chapters, a caption, a line, or ``<name>.gaps.csv`` beside sound. ``close``: time in which nothing of what
    is exported was received is cut out, and everything behind it moves up.
    """

    MARK = "mark"
    FILL = "fill"
    CLOSE = "close"


class FillPicture(StrEnum):
    """What is seen while pictures are missing.

    ``last``: the picture before stands on; video is copied. ``black``: video is encoded again, to one size.
    """

    LAST = "last"
    BLACK = "black"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """One export.

    Attributes:
        out: file or folder. A folder is one that exists, or a name that ends in a slash, or (formats of SEVERAL) a
            name without a suffix.
        user_id: only this participant; None = everybody.
        span: only from one server time (Unix ms) to another; None = all of it.
        part: the same told in ms after session zero, where the server's time is not known yet; end None = to the end.
        force: files that exist are replaced.
    """

    format: Format
    out: str
    gaps: Gaps = Gaps.FILL
    fill_picture: FillPicture = FillPicture.LAST
    user_id: int | None = None
    span: tuple[int, int] | None = None
    part: tuple[int, int | None] | None = None
    force: bool = False


class ExportCancelled(RtmsError):
    """Somebody asked for it; nothing was left behind."""

    def __init__(self) -> None:
        super().__init__("the export was cancelled", "", "Nothing was written.")


class Watch:
    """Carries progress out (0 to 1, never back) and the wish to stop in."""

    def __init__(
        self,
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
        start: float = 0.0,
        end: float = 1.0,
    ) -> None:
        self._progress, self._cancelled, self._start, self._end = progress, cancelled, start, end
        self._told = start - _PROGRESS_STEP

    def check(self) -> None:
        """Raises ExportCancelled when somebody wants to stop."""
        if self._cancelled():
            raise ExportCancelled

    def at(self, fraction: float) -> None:
        """So much of this part is done. Raises ExportCancelled."""
        self.check()
        done = self._start + (self._end - self._start) * min(max(fraction, 0.0), 1.0)
        if done >= self._told + _PROGRESS_STEP:
            self._told = done
            self._progress(done)

    def part(self, number: int, of: int) -> Watch:
        """The watch of one of several equal steps; ``number`` counts from 0."""
        span = (self._end - self._start) / of
        start = self._start + number * span
        return Watch(self._progress, self._cancelled, start, start + span)
