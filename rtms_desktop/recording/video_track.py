"""One participant's pictures copied into Matroska, one track per file, so that a cut file still plays. Recorder thread.

Used for camera video and for a screen share that comes as H.264.
"""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from rtms_desktop.bitstream import h264, images
from rtms_desktop.recording.output import MuxedFile

TIME_BASE = Fraction(1, 1000)
# Measured after kill -9: at most a fifth of a second is missing, and the file still plays to its end.
MUX_OPTIONS = {"flush_packets": "1", "cluster_time_limit": "150"}
_DEMUXERS = {"h264": "h264", "jpg": "jpeg_pipe"}
_ONLY_SETS_BYTES = 1024
_HELD_BYTES = 16 * _ONLY_SETS_BYTES
_START_CODES = (b"\0\0\1", b"\0\0\0\1")
_SLICES = frozenset(range(1, 6))
_SETS = frozenset({6, 7, 8, 9, 13})  # SEI, SPS, PPS, delimiter, SPS extension


class VideoTrackWriter:
    """Writes ``<stem>-<n>.mkv``: H.264, or JPEG as motion JPEG; a new ``n`` where the SPS or the image size changes.

    A file begins at a picture that needs no other. Matroska is never given anything else first: libavformat dies of
    a first packet without SPS and PPS. ``add`` raises OSError when the disk refuses and av.FFmpegError when the
    stream does; the next key picture then opens a new file.

    Attributes:
        paths: files so far.
        skipped: access units that came while a key picture was awaited (the tape has them).
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder, self._stem = folder, stem
        self.paths: list[Path] = []
        self.skipped = 0
        self._file: MuxedFile | None = None
        self._stream: VideoStream | None = None
        self._identity: object = None
        self._sets: tuple[bytes, bytes] | None = None
        self._held = b""
        self._last = -1
        self._rejoined = False
        self._order = h264.FrameNumTracker()

    def rejoin(self) -> None:
        """The link was lost: unless no reference picture is missing, go on at the next key picture only."""
        self._rejoined = True

    def add(self, data: bytes, ms: int) -> None:
        """Add one picture as received, ``ms`` after session zero."""
        if images.sniff(data) == "jpg":
            self._begin(("jpg", images.image_size(data)), "jpg", data)
            self._write(data, ms, key=True)
        elif data:
            self._add_access_unit(h264.to_annexb(data), ms)

    def close(self) -> None:
        """Finish the open file. Raises as ``add`` does; the file is let go in any case."""
        file, self._file, self._stream = self._file, None, None
        if file is not None:
            file.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _add_access_unit(self, au: bytes, ms: int) -> None:
        if not au.startswith(_START_CODES):
            self.skipped += 1
            return
        types = set(h264.nal_types(au)) if len(au) < _ONLY_SETS_BYTES else _SLICES
        if types and types <= _SETS:
            # Parameter sets that travel alone belong to the picture behind them.
            self._held = (self._held + au)[-_HELD_BYTES:]
            return
        if not types & _SLICES:
            self.skipped += 1
            return
        if self._held and not h264.has_sps_pps_idr(au):
            au = self._held + au
        self._held = b""
        key = h264.is_keyframe(au)
        lost = self._order.feed(au)
        if key:
            au = self._with_sets(au)
        if key and h264.has_sps_pps_idr(au):
            self._rejoined = False
            self._begin(h264.parameter_sets(au)[0], "h264", au)
        elif self._rejoined and lost:
            self.close()
            self._identity = None
        if self._stream is None:
            self.skipped += 1
            return
        self._rejoined = False
        self._write(au, ms, key)

    def _with_sets(self, au: bytes) -> bytes:
        sps, pps = h264.parameter_sets(au)
        if sps is not None and pps is not None:
            self._sets = (bytes(sps), bytes(pps))
        elif self._stream is None and self._sets is not None:
            return b"".join(b"\0\0\0\1" + nal for nal in self._sets) + au
        return au

    def _begin(self, identity: object, kind: str, first: bytes) -> None:
        if self._stream is not None and identity == self._identity:
            return
        self.close()
        path = self._folder / f"{self._stem}-{len(self.paths) + 1}.mkv"
        with cast(InputContainer, av.open(BytesIO(first), format=_DEMUXERS[kind])) as probe:
            template = probe.streams.video[0]
            if not template.width or not template.height:
                return
            self._file = MuxedFile(path, "matroska", MUX_OPTIONS)
            self.paths.append(path)
            # Size, profile and colour come along; the packets themselves are never touched.
            self._stream = self._file.container.add_stream_from_template(template)
        self._stream.time_base = TIME_BASE
        self._identity, self._last = identity, -1

    def _write(self, data: bytes, ms: int, key: bool) -> None:
        if self._file is None or self._stream is None:
            return
        packet = av.Packet(data)
        packet.stream = self._stream
        packet.time_base = TIME_BASE
        # Matroska refuses steps back, and two pictures in one millisecond help no player.
        packet.pts = packet.dts = self._last = max(ms, self._last + 1)
        packet.is_keyframe = key
        try:
            self._file.mux([packet])
        except av.FFmpegError:
            self._file = self._stream = self._identity = None
            raise
