"""Heads of H.264 slices and the little of a picture parameter set that is worth showing (ITU-T H.264, 7.3.2.2, 7.3.3).

Called by the analyser of the inspector; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.bitstream.bits import Bits, BitstreamError, unescape
from rtms_desktop.bitstream.sps import Sps

_TYPES = ("P", "B", "I", "SP", "SI")
_HEAD_BYTES = 24
_PROFILES = {
    66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4",
    44: "CAVLC 4:4:4", 83: "Scalable Baseline", 86: "Scalable High",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SliceHead:
    """``kind``: I, P, B, SP or SI. ``frame_num``: None without the SPS that says how long it is."""

    kind: str
    first_mb: int
    frame_num: int | None
    is_reference: bool


def slice_head(nal: bytes | memoryview, sps: Sps | None) -> SliceHead | None:
    """The head of a NAL unit of type 1 or 5, without start code; None when it cannot be read."""
    data = bytes(nal[:_HEAD_BYTES])
    if len(data) < 2:
        return None
    bits = Bits(unescape(data[1:]))
    try:
        first, kind = bits.ue(), bits.ue()
        bits.ue()  # pic_parameter_set_id
        if sps is not None and sps.separate_colour_plane:
            bits.u(2)
        number = bits.u(sps.log2_max_frame_num) if sps is not None else None
    except BitstreamError:
        return None
    return SliceHead(_TYPES[kind % 5], first, number, bool(data[0] & 0x60)) if kind < 10 else None


def entropy_coding(pps: bytes | memoryview) -> str:
    """``CABAC`` or ``CAVLC`` as a NAL unit of type 8 says, or ""."""
    bits = Bits(unescape(bytes(pps[1:_HEAD_BYTES])))
    try:
        bits.ue()  # pic_parameter_set_id
        bits.ue()  # seq_parameter_set_id
        return "CABAC" if bits.flag() else "CAVLC"
    except BitstreamError:
        return ""


def profile_name(sps: Sps) -> str:
    """``High 3.1``"""
    name = _PROFILES.get(sps.profile_idc, f"profile {sps.profile_idc}")
    return f"{name} {sps.level_idc // 10}.{sps.level_idc % 10}"
