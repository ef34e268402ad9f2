"""Decoded pictures to BGRA at the size of the surface; called on decode threads and for snapshots."""

from __future__ import annotations

from typing import NamedTuple

import av
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

UNTAGGED = 2
"""AVCOL_SPC_UNSPECIFIED: what RTMS streams carry."""

HD_HEIGHT = 720


class Size(NamedTuple):
    width: int
    height: int


class Pixels(NamedTuple):
    """BGRA rows of ``stride`` bytes; the view keeps its buffer alive."""

    width: int
    height: int
    stride: int
    data: memoryview


def fit(source: Size, box: Size) -> Size:
    """The largest size with the shape of ``source`` inside ``box``, at least 1 x 1."""
    scale = min(box.width / source.width, box.height / source.height)
    return Size(max(1, round(source.width * scale)), max(1, round(source.height * scale)))


class Scaler:
    """One swscale context for one track: keeping it costs half of making one for each frame.

    ``fine`` trades speed for sharp text: for screen share.
    """

    def __init__(self, fine: bool = False) -> None:
        self._reformatter = VideoReformatter()
        self._interpolation = Interpolation.BICUBIC if fine else Interpolation.FAST_BILINEAR

    def scale(self, picture: av.VideoFrame, box: Size | None = None) -> Pixels:
        """Fits ``picture`` into ``box`` (None: its own size). Raises av.error.FFmpegError on an impossible format."""
        source = Size(picture.width, picture.height)
        size = fit(source, box) if box is not None else source
        scaled = self._reformatter.reformat(
            picture,
            size.width,
            size.height,
            "bgra",
            src_colorspace=_colorspace(picture),
            interpolation=self._interpolation,
            threads=1,
        )
        plane = scaled.planes[0]
        return Pixels(size.width, size.height, plane.line_size, memoryview(plane))


def _colorspace(picture: av.VideoFrame) -> int | None:
    # swscale takes BT.601 where nothing is said; HD is BT.709 by convention.
    untagged = picture.colorspace == UNTAGGED and picture.height >= HD_HEIGHT
    return int(Colorspace.ITU709) if untagged else None
