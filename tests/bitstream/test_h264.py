"""Access units of a real encoder, and bytes that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.bitstream.bits import Bits, BitstreamError, unescape
from rtms_desktop.bitstream.h264 import (
    FrameNumTracker,
    NalType,
    Sps,
    has_sps_pps_idr,
    is_keyframe,
    nal_types,
    parameter_sets,
    split_nals,
    to_annexb,
)
from tests.bitstream.clips import clip

LONG, SHORT = b"\0\0\0\1", b"\0\0\1"
SPS, PPS, SEI = b"\x67sps", b"\x68pps", b"\x06sei"
IDR, SLICE, AUD = b"\x65idr", b"\x41slice", b"\x09\xf0"


def unit(*nals: bytes, start: bytes = LONG) -> bytes:
    return b"".join(start + nal for nal in nals)


def sps_of(clip_: tuple[bytes, ...]) -> Sps:
    sps, _ = parameter_sets(clip_[0])
    assert sps is not None
    return Sps.parse(sps)


# -- NAL units ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [LONG, SHORT])
def test_units_are_split_at_both_start_codes(start: bytes) -> None:
    au = unit(AUD, SPS, PPS, SEI, IDR, start=start)
    assert [bytes(nal) for nal in split_nals(au)] == [AUD, SPS, PPS, SEI, IDR]
    assert nal_types(au) == [9, 7, 8, 6, 5]
    assert nal_types(memoryview(au)) == nal_types(bytearray(au)) == nal_types(au)


def test_padding_zeros_and_empty_units_are_no_content() -> None:
    assert [bytes(nal) for nal in split_nals(LONG + SLICE + b"\0\0\0" + LONG + SHORT + AUD + b"\0")] == [SLICE, AUD]
    assert split_nals(b"") == []
    assert split_nals(b"nothing here") == []
    assert nal_types(SLICE + LONG) == []


def test_a_keyframe_is_told_by_its_first_slice() -> None:
    assert is_keyframe(unit(SPS, PPS, SEI, IDR))
    assert is_keyframe(unit(IDR))
    assert not is_keyframe(unit(SPS, PPS, SLICE))
    assert not is_keyframe(unit(AUD, SLICE, IDR))
    assert not is_keyframe(unit(SPS, PPS))
    assert not is_keyframe(b"")


def test_parameter_sets_before_the_first_slice() -> None:
    assert parameter_sets(unit(AUD, SPS, PPS, SEI, IDR)) == (SPS, PPS)
    assert parameter_sets(unit(SPS, PPS)) == (SPS, PPS)
    assert parameter_sets(unit(SPS, b"\x67second", IDR)) == (SPS, None)
    assert parameter_sets(unit(SLICE, SPS)) == (None, None)
    assert parameter_sets(b"") == (None, None)


def test_where_decoding_can_start() -> None:
    assert has_sps_pps_idr(unit(SPS, PPS, SEI, IDR, IDR))
    assert not has_sps_pps_idr(unit(SPS, IDR))
    assert not has_sps_pps_idr(unit(SPS, PPS, SLICE))
    assert not has_sps_pps_idr(unit(SPS, PPS))
    assert not has_sps_pps_idr(b"")


def test_a_real_clip_is_understood() -> None:
    units = clip()
    assert [number for number, au in enumerate(units) if is_keyframe(au)] == [0, 20]
    assert [number for number, au in enumerate(units) if has_sps_pps_idr(au)] == [0, 20]
    assert set(nal_types(units[0])) >= {NalType.SPS, NalType.PPS, NalType.IDR}
    assert nal_types(units[1]) == [NalType.SLICE]
    assert unit(*(bytes(nal) for nal in split_nals(units[0])), start=SHORT) == units[0].replace(LONG, SHORT)


def test_lengths_become_start_codes() -> None:
    avcc = b"".join(len(nal).to_bytes(4, "big") + nal for nal in (SPS, PPS, IDR))
    assert to_annexb(avcc) == unit(SPS, PPS, IDR)
    assert to_annexb(memoryview(avcc)) == unit(SPS, PPS, IDR)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0", unit(IDR), unit(IDR, start=SHORT), b"\0\0\0\5abc", b"\0\0\0\3abcX", b"\0\0\0\0abcd", b"\xff" * 20],
)
def test_everything_else_is_left_alone(data: bytes) -> None:
    assert to_annexb(data) == data


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    tracker = FrameNumTracker()
    for au in (data, LONG + data, LONG + SPS + LONG + data, LONG + b"\x67" + data + LONG + b"\x41" + data):
        split_nals(au), nal_types(au), is_keyframe(au), parameter_sets(au), has_sps_pps_idr(au), to_annexb(au)
        assert tracker.feed(au) >= 0


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6), st.sampled_from([LONG, SHORT]))
def test_splitting_undoes_joining(payloads: list[bytes], start: bytes) -> None:
    # A NAL unit never holds a start code and never ends with a zero.
    nals = [b"\x41" + payload.replace(b"\0", b"\2") for payload in payloads]
    assert [bytes(nal) for nal in split_nals(unit(*nals, start=start))] == nals


# -- sequence parameter sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "options", "profile"),
    [
        (320, 180, {}, 66),
        (640, 360, {"profile": "high", "preset": "medium"}, 100),
        (854, 480, {"profile": "main", "preset": "medium"}, 77),
        (1920, 1080, {}, 66),
        (322, 184, {"x264-params": "interlaced=1", "preset": "medium"}, 100),
        (322, 182, {"pix_fmt": "yuv422p", "preset": "medium"}, 122),
        (321, 181, {"pix_fmt": "yuv444p", "preset": "medium"}, 244),
        (322, 182, {"preset": "medium", "x264-params": "cqm=jvt"}, 100),
        (320, 180, {"pix_fmt": "yuv444p", "preset": "medium", "x264-params": "cqm=jvt"}, 244),
    ],
)
def test_the_picture_size_is_the_encoders(width: int, height: int, options: dict[str, str], profile: int) -> None:
    sps = sps_of(clip(width, height, 2, **options))
    assert (sps.width, sps.height, sps.profile_idc) == (width, height, profile)
    assert sps.frame_mbs_only is ("interlaced=1" not in options.get("x264-params", ""))
    assert 4 <= sps.log2_max_frame_num <= 16
    assert not sps.gaps_allowed


class Writer:
    """Writes the bits of a parameter set that no encoder here makes."""

    def __init__(self) -> None:
        self.bits = ""

    def u(self, count: int, value: int) -> Writer:
        self.bits += f"{value:0{count}b}"
        return self

    def ue(self, *values: int) -> Writer:
        for value in values:
            code = f"{value + 1:b}"
            self.bits += "0" * (len(code) - 1) + code
        return self

    def se(self, value: int) -> Writer:
        return self.ue(2 * value - 1 if value > 0 else -2 * value)

    def sps(self, profile: int = 66) -> bytes:
        bits = f"{profile:08b}" + "0" * 8 + f"{30:08b}" + "1" + self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        return b"\x67" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def tail(writer: Writer, columns: int = 20, rows: int = 12) -> Writer:
    """num_ref_frames up to the cropping flag."""
    return writer.ue(1).u(1, 1).ue(columns - 1, rows - 1).u(1, 1).u(1, 1).u(1, 0)


def test_picture_order_of_type_1_and_allowed_gaps() -> None:
    writer = Writer().ue(2, 1).u(1, 0).se(-2).se(3).ue(2).se(1).se(-1)
    sps = Sps.parse(tail(writer).sps())
    assert (sps.width, sps.height, sps.log2_max_frame_num, sps.gaps_allowed) == (320, 192, 6, True)


def test_separate_colour_planes_and_scaling_lists() -> None:
    writer = Writer().ue(3).u(1, 1).ue(0, 0).u(1, 0).u(1, 1)
    writer.u(1, 1)
    for _ in range(16):
        writer.se(1)
    writer.u(1, 1).se(-8)  # a list that ends at once
    writer.u(10, 0)
    sps = Sps.parse(tail(writer.ue(0, 2)).sps(244))
    assert sps.separate_colour_plane
    assert (sps.width, sps.height) == (320, 192)


@pytest.mark.parametrize(
    "nal",
    [
        b"",
        b"\x68\x42\x00",
        b"\x67",
        b"\x67\x42\x00\x1e" + b"\0" * 8,
        Writer().ue(13, 0).sps(),
        Writer().ue(4).sps(100),
        Writer().ue(0, 1).u(1, 0).se(0).se(0).ue(256).sps(),
        tail(Writer().ue(0, 2), columns=2000).sps(),
        Writer().ue(0, 2, 1).u(1, 0).ue(0, 0).u(1, 1).u(1, 1).u(1, 1).ue(4, 4, 0, 0).sps(),
    ],
)
def test_impossible_parameter_sets_are_refused(nal: bytes) -> None:
    with pytest.raises(BitstreamError):
        Sps.parse(nal)


def test_emulation_prevention_is_undone() -> None:
    assert unescape(b"\1\0\0\3\1\0\0\3\0\0\3") == b"\1\0\0\1\0\0\0\0"
    assert unescape(b"\0\0\2") == b"\0\0\2"


@given(st.lists(st.integers(0, 2**31)))
def test_exp_golomb_numbers_are_read_back(values: list[int]) -> None:
    writer = Writer().ue(*values)
    bits = writer.bits + "0" * (-len(writer.bits) % 8)
    reader = Bits(int(bits or "0", 2).to_bytes(len(bits) // 8, "big"))
    assert [reader.ue() for _ in values] == values


# -- lost reference frames ----------------------------------------------------------------------------------------


def lost(units: tuple[bytes, ...], missing: set[int]) -> dict[int, int]:
    tracker = FrameNumTracker()
    fed = {number: tracker.feed(au) for number, au in enumerate(units) if number not in missing}
    return {number: count for number, count in fed.items() if count}


VARIANTS = [
    {},
    {"preset": "medium", "profile": "high"},
    {"x264-params": "slices=3"},
    {"x264-params": "interlaced=1:scenecut=0", "preset": "medium"},
    {"pix_fmt": "yuv444p", "preset": "medium"},
]


@pytest.mark.parametrize("options", VARIANTS)
def test_a_whole_clip_has_no_holes(options: dict[str, str]) -> None:
    assert lost(clip(frames=60, **options), set()) == {}


@pytest.mark.parametrize("options", VARIANTS)
def test_every_hole_is_found_where_it_ends(options: dict[str, str]) -> None:
    assert lost(clip(frames=60, **options), {5, 11, 12, 25, 47, 48, 49}) == {6: 1, 13: 2, 26: 1, 50: 3}


def test_bidirectional_pictures_are_no_holes() -> None:
    units = clip(frames=40, bf="2", tune="film", preset="medium")
    assert lost(units, set()) == {}
    assert FrameNumTracker().sps is None


def test_a_join_in_the_middle_counts_from_the_next_keyframe() -> None:
    units = clip(frames=60)
    tracker = FrameNumTracker()
    assert [tracker.feed(au) for au in units[7:20]] == [0] * 13
    assert tracker.sps is None
    assert tracker.feed(units[20]) == 0
    assert tracker.sps is not None
    assert tracker.sps.width == 320
    assert tracker.feed(units[23]) == 2


def test_a_keyframe_ends_every_hole() -> None:
    assert lost(clip(frames=60), {17, 18, 19}) == {}


def test_a_change_of_size_starts_again() -> None:
    tracker = FrameNumTracker()
    fed = [tracker.feed(au) for au in (*clip(frames=10), *clip(640, 360, 10), *clip(frames=10))]
    assert sum(fed) == 0
    assert tracker.sps is not None
    assert tracker.sps.height == 180


def test_damage_is_no_hole() -> None:
    tracker = FrameNumTracker()
    units = clip(frames=10)
    assert tracker.feed(units[0]) == 0
    assert tracker.feed(unit(b"\x67\x42")) == 0
    assert tracker.feed(unit(b"\x41")) == 0
    assert tracker.feed(b"") == 0
    assert tracker.feed(unit(SPS)) == 0
    assert tracker.feed(units[1]) == 0


def test_colour_planes_have_a_number_before_frame_num() -> None:
    sps = Sps.parse(tail(Writer().ue(3).u(1, 1).ue(0, 0).u(2, 0).ue(0, 2)).sps(244))
    assert sps.separate_colour_plane
    nal = tail(Writer().ue(3).u(1, 1).ue(0, 0).u(2, 0).ue(0, 2)).sps(244).replace(b"\0\0\0", b"\0\0\3\0")
    tracker = FrameNumTracker()
    tracker.feed(unit(nal, b"\x65\x88"))
    slice_3 = Writer().ue(0, 0, 0).u(2, 1).u(4, 3).u(8, 255).bits
    slice_3 += "0" * (-len(slice_3) % 8)
    # Gaps are allowed in this parameter set: a jump is then no loss.
    assert tracker.feed(unit(b"\x41" + int(slice_3, 2).to_bytes(len(slice_3) // 8, "big"))) == 0
