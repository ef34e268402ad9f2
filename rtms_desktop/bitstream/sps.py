"""The sequence parameter set of H.264: picture size and the lengths in slice headers (ITU-T H.264, 7.3.2.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.bitstream.bits import Bits, BitstreamError, unescape

_HIGH_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244}
_LARGEST_SIDE = 16_384
# Luma samples per chroma sample (horizontal, vertical), by chroma_format_idc; 0 (grey) and 3 (4:4:4) crop singly.
_CHROMA_STEP = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sps:
    """Attributes: width, height: of the cropped picture in pixels; the rest under the names of the standard."""

    profile_idc: int
    level_idc: int
    width: int
    height: int
    log2_max_frame_num: int
    frame_mbs_only: bool
    separate_colour_plane: bool
    gaps_allowed: bool
    num_ref_frames: int

    @classmethod
    def parse(cls, nal: bytes | memoryview) -> Sps:
        """Read a NAL unit of type 7, without start code.

        Raises:
            BitstreamError: it is none, or damaged.
        """
        data = bytes(nal[:512])
        if not data or data[0] & 31 != 7:
            raise BitstreamError("the NAL unit is no sequence parameter set")
        return _read(Bits(unescape(data[1:])))


def _read(bits: Bits) -> Sps:
    profile = bits.u(8)
    bits.u(8)  # constraint flags
    level = bits.u(8)
    bits.ue()  # seq_parameter_set_id
    chroma, planes = _chroma(bits) if profile in _HIGH_PROFILES else (1, False)
    log2_max_frame_num = bits.ue() + 4
    if log2_max_frame_num > 16:
        raise BitstreamError("the sequence parameter set has an impossible frame_num length")
    _skip_picture_order(bits)
    num_ref_frames = bits.ue()
    gaps_allowed = bits.flag()
    columns, rows = bits.ue() + 1, bits.ue() + 1
    frame_mbs_only = bits.flag()
    if not frame_mbs_only:
        bits.flag()  # mb_adaptive_frame_field_flag
    bits.flag()  # direct_8x8_inference_flag
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.flag() else (0, 0, 0, 0)
    step_x, step_y = (1, 1) if planes else _CHROMA_STEP[chroma]
    fields = 1 if frame_mbs_only else 2
    width = columns * 16 - (left + right) * step_x
    height = rows * 16 * fields - (top + bottom) * step_y * fields
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        raise BitstreamError(f"the sequence parameter set has an impossible picture size, {width} x {height}")
    return Sps(
        profile_idc=profile,
        level_idc=level,
        width=width,
        height=height,
        log2_max_frame_num=log2_max_frame_num,
        frame_mbs_only=frame_mbs_only,
        separate_colour_plane=planes,
        gaps_allowed=gaps_allowed,
        num_ref_frames=num_ref_frames,
    )


def _chroma(bits: Bits) -> tuple[int, bool]:
    """(chroma_format_idc, separate_colour_plane_flag) of the high profiles; steps over bit depths and scaling."""
    chroma = bits.ue()
    if chroma > 3:
        raise BitstreamError("the sequence parameter set has an unknown chroma format")
    planes = bits.flag() if chroma == 3 else False
    bits.ue()  # bit_depth_luma_minus8
    bits.ue()  # bit_depth_chroma_minus8
    bits.flag()  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():  # seq_scaling_matrix_present_flag
        for index in range(8 if chroma != 3 else 12):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, planes


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = scale = 8
    for _ in range(size):
        if scale:
            scale = (last + bits.se()) % 256
        last = scale or last


def _skip_picture_order(bits: Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.flag()  # delta_pic_order_always_zero_flag
        bits.se()  # offset_for_non_ref_pic
        bits.se()  # offset_for_top_to_bottom_field
        cycle = bits.ue()
        if cycle > 255:
            raise BitstreamError("the sequence parameter set has an impossible picture order cycle")
        for _ in range(cycle):
            bits.se()
