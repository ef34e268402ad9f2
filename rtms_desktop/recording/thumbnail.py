"""A small picture of a recording: its first keyframe, else the first image that was shared. Any thread."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError

WIDTH, HEIGHT = 320, 180
_PLACES = (("video", ".mkv"), ("share", ".mkv"), ("share", ".jpg"), ("share", ".png"))
_TRIED = 8


def make_thumbnail(bundle: Path) -> bytes:
    """A JPEG of at most 320 x 180 pixels; b"" where there is no picture that can be decoded."""
    for folder, suffix in _PLACES:
        for path in _files(bundle / folder, suffix)[:_TRIED]:
            picture = _first_picture(path)
            if picture is not None:
                return _jpeg(picture)
    return b""


def _files(folder: Path, suffix: str) -> list[Path]:
    """The files of a kind, the longest running first where they are tracks: it is the one that matters."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == suffix]
        if suffix == ".mkv":
            return sorted(found, key=lambda path: (-path.stat().st_size, path.name))
        return sorted(found, key=lambda path: (len(path.stem), path.stem))
    except OSError:
        return []


def _first_picture(path: Path) -> av.VideoFrame | None:
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            return next(container.decode(stream), None)
    except (OSError, FFmpegError, IndexError):
        return None


def _jpeg(picture: av.VideoFrame) -> bytes:
    scale = min(WIDTH / picture.width, HEIGHT / picture.height, 1.0)
    width, height = (max(2, round(side * scale) // 2 * 2) for side in (picture.width, picture.height))
    small = picture.reformat(width, height, "yuvj420p")
    small.pts = 0
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuvj420p", Fraction(1, 25)
    encoder.thread_count = 1
    return b"".join(bytes(packet) for packet in [*encoder.encode(small), *encoder.encode(None)])
