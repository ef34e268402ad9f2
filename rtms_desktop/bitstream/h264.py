"""Looks into H.264 access units without decoding them: NAL units, keyframes, parameter sets, lost reference frames.

Called per access unit by media, recording and the mock server; any thread. An access unit is what one RTMS message
carries: Annex B bytes (start codes), usually one picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from rtms_desktop.bitstream.bits import Bits, BitstreamError, unescape
from rtms_desktop.bitstream.sps import Sps

__all__ = [
    "FrameNumTracker",
    "NalType",
    "Sps",
    "has_sps_pps_idr",
    "is_keyframe",
    "nal_types",
    "parameter_sets",
    "split_nals",
    "to_annexb",
]

_START = b"\0\0\1"
_LONG_START = b"\0\0\0\1"
_HEADER_BYTES = 24  # enough for the slice header up to frame_num
_VCL = range(1, 6)

Bytes = bytes | bytearray | memoryview


class NalType(IntEnum):
    SLICE = 1
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    AUD = 9


def split_nals(au: Bytes) -> list[memoryview]:
    """The NAL units of Annex B bytes, without start codes and padding zeros; views, nothing is copied."""
    data = bytes(au)
    view = memoryview(data)
    starts = list(_starts(data))
    ends = [*(start - 3 for start in starts[1:]), len(data)][: len(starts)]
    return [
        view[start:stop] for start, end in zip(starts, ends, strict=True) if (stop := _trim(data, start, end)) > start
    ]


def nal_types(au: Bytes) -> list[int]:
    """The type of every NAL unit, in order."""
    data = bytes(au)
    return [data[start] & 31 for start in _starts(data) if start < len(data)]


def is_keyframe(au: Bytes) -> bool:
    """Whether the first picture is an IDR picture. Looks no further than the first slice: one to two microseconds."""
    slice_at = _first_slice(bytes(au))
    return slice_at is not None and slice_at[1] == NalType.IDR


def parameter_sets(au: Bytes) -> tuple[bytes | None, bytes | None]:
    """(SPS, PPS) before the first slice, each without start code; None where there is none."""
    data = bytes(au)
    starts = list(_leading(data))
    ends = [*(start - 3 for start in starts[1:]), len(data)][: len(starts)]
    found: dict[int, bytes] = {}
    for start, end in zip(starts, ends, strict=True):
        if data[start] & 31 not in _VCL:
            found.setdefault(data[start] & 31, data[start : _trim(data, start, end)])
    return found.get(NalType.SPS), found.get(NalType.PPS)


def has_sps_pps_idr(au: Bytes) -> bool:
    """Whether decoding can start here without anything from before."""
    data = bytes(au)
    types = [data[start] & 31 for start in _leading(data)]
    return bool(types) and types[-1] == NalType.IDR and {NalType.SPS, NalType.PPS} <= set(types)


def to_annexb(au: Bytes) -> bytes:
    """``au`` with start codes; what has 4-byte lengths instead (AVCC) is converted, everything else left alone.

    The lengths are tried first: one of 256 to 511 bytes looks like a start code, but start codes never add up.
    """
    data = bytes(au)
    units: list[bytes] = []
    at = 0
    while at + 4 < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if not 0 < length <= len(data) - at - 4:
            return data
        units.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return b"".join(_LONG_START + unit for unit in units) if units and at == len(data) else data


class FrameNumTracker:
    """Counts reference frames that are missing from one track; a decoder would smear over such a hole silently.

    Feed it every access unit in order. It needs an SPS first and counts from the first IDR picture on.
    """

    def __init__(self) -> None:
        self._sps: Sps | None = None
        self._sps_bytes = b""
        self._last: int | None = None  # frame_num of the last reference picture

    @property
    def sps(self) -> Sps | None:
        """The newest readable SPS."""
        return self._sps

    def feed(self, au: Bytes) -> int:
        """How many reference frames are missing between the previous access unit and this one; 0 after an IDR."""
        data = bytes(au)
        found = _first_slice(data)
        if found is None or found[0] > len(_LONG_START):
            self._learn(data)
        if found is None:
            return 0
        at, kind = found
        if kind == NalType.IDR:
            self._last = 0
            return 0
        number = self._frame_num(data, at)
        if number is None or self._sps is None or self._last is None:
            return 0
        ahead = (number - self._last) % (1 << self._sps.log2_max_frame_num)
        if data[at] & 0x60:
            self._last = number
        return 0 if ahead < 2 or self._sps.gaps_allowed else ahead - 1

    def _learn(self, data: bytes) -> None:
        sps, _ = parameter_sets(data)
        if sps is None or sps == self._sps_bytes:
            return
        try:
            self._sps = Sps.parse(sps)
        except BitstreamError:
            return
        self._sps_bytes = sps
        self._last = None

    def _frame_num(self, data: bytes, at: int) -> int | None:
        if self._sps is None:
            return None
        bits = Bits(unescape(data[at + 1 : at + _HEADER_BYTES]))
        try:
            bits.ue()  # first_mb_in_slice
            bits.ue()  # slice_type
            bits.ue()  # pic_parameter_set_id
            if self._sps.separate_colour_plane:
                bits.u(2)
            return bits.u(self._sps.log2_max_frame_num)
        except BitstreamError:
            return None


def _starts(data: bytes) -> Iterator[int]:
    """The offset behind every start code."""
    at = data.find(_START)
    while at >= 0:
        yield at + 3
        at = data.find(_START, at + 3)


def _leading(data: bytes) -> Iterator[int]:
    """The offsets of the NAL units up to and including the first slice."""
    for start in _starts(data):
        if start < len(data):
            yield start
            if data[start] & 31 in _VCL:
                return


def _first_slice(data: bytes) -> tuple[int, int] | None:
    """(offset, NAL type) of the first slice."""
    for start in _leading(data):
        if (kind := data[start] & 31) in _VCL:
            return start, kind
    return None


def _trim(data: bytes, start: int, end: int) -> int:
    """``end`` without the zeros before it: padding, or the first byte of a long start code."""
    while end > start and not data[end - 1]:
        end -= 1
    return end
