from __future__ import annotations

from rtms_desktop.bitstream.h264 import Sps, split_nals
from rtms_desktop.bitstream.slices import entropy_coding, profile_name, slice_head
from tests.bitstream.clips import clip


def nals(unit):
    return {nal[0] & 31: nal for nal in split_nals(unit)}


def test_heads_of_slices_tell_type_and_number():
    units = clip(frames=25)
    first = nals(units[0])
    sps = Sps.parse(first[7])
    key = slice_head(first[5], sps)
    assert (key.kind, key.frame_num, key.first_mb, key.is_reference) == ("I", 0, 0, True)
    numbers = [slice_head(nals(unit)[1], sps) for unit in units[1:4]]
    assert [head.kind for head in numbers] == ["P", "P", "P"]
    assert [head.frame_num for head in numbers] == [1, 2, 3]
    assert slice_head(nals(units[1])[1], None).frame_num is None


def test_b_pictures_and_entropy_coding_are_told_apart():
    units = clip(frames=30, preset="medium", tune="film", bf="2", g="30")
    sets = nals(units[0])
    assert entropy_coding(sets[8]) == "CABAC" and profile_name(Sps.parse(sets[7])).startswith("High ")
    kinds = {slice_head(nal, None).kind for unit in units for nal in split_nals(unit) if nal[0] & 31 == 1}
    assert {"P", "B"} <= kinds
    assert entropy_coding(nals(clip(frames=25)[0])[8]) == "CAVLC"


def test_what_is_cut_is_no_head():
    assert slice_head(b"", None) is None and slice_head(b"\x41", None) is None
    assert slice_head(b"\x41\x00\x00", None) is None and entropy_coding(b"\x68") == ""
