"""What real, damaged and hostile pictures do to the decoder."""

from __future__ import annotations

import random
import zlib

import pytest

from rtms_desktop.bitstream import h264
from rtms_desktop.media.decoding import MAX_PIXELS, Decoder, Picture, is_start
from tests.fakes.clips import jpeg
from tests.media.pictures import START, clip, cut, png

GOP = 30
CLIP = clip(120, gop=GOP)


def decode(decoder: Decoder, units: list[bytes] | tuple[bytes, ...]) -> list[Picture]:
    return [picture for number, unit in enumerate(units) for picture in decoder.decode(unit, number)]


def test_a_clean_clip_comes_out_whole_and_without_delay() -> None:
    decoder = Decoder()
    for number, unit in enumerate(CLIP):
        (picture,) = decoder.decode(unit, number)
        assert picture.number == number
        assert picture.keyframe == (number % GOP == 0)
        assert (picture.frame.width, picture.frame.height) == (320, 180)
    counts = decoder.counts
    assert (counts.decoded, counts.errors, counts.lost_references, counts.resolution_changes) == (120, 0, 0, 0)


def test_joining_in_the_middle_waits_for_a_keyframe() -> None:
    decoder = Decoder()
    pictures = decode(decoder, CLIP[10:])
    assert [picture.number for picture in pictures] == list(range(20, 110))
    assert pictures[0].keyframe
    assert (decoder.counts.before_keyframe, decoder.counts.errors) == (20, 0)


def test_lost_p_frames_are_seen_and_their_heirs_marked() -> None:
    decoder = Decoder()
    lost = [7, 40, 41]
    pictures = decode(decoder, [unit for number, unit in enumerate(CLIP) if number not in lost])
    assert len(pictures) == 117
    assert decoder.counts.lost_references == 3
    # Numbers count what was fed: 7 is missing before 7, two more before 39.
    assert [picture.number for picture in pictures if picture.corrupt] == [*range(7, 29), *range(39, 57)]
    assert not decoder.corrupt


def test_a_lost_keyframe_is_seen() -> None:
    decoder = Decoder()
    pictures = decode(decoder, [*CLIP[:GOP], *CLIP[GOP + 1 :]])
    assert decoder.counts.lost_references > 0
    good = [picture.number for picture in pictures if not picture.corrupt]
    assert good == [*range(GOP), *range(2 * GOP - 1, 119)]


def test_cut_packets_are_counted_and_heal() -> None:
    decoder = Decoder()
    units = list(CLIP)
    for number in (12, 47, 60):  # 60 is a keyframe
        units[number] = cut(units[number])
    pictures = decode(decoder, units)
    good = [picture.number for picture in pictures if not picture.corrupt]
    assert good == [*range(12), *range(30, 47), *range(90, 120)]
    assert decoder.counts.errors >= 3


def test_an_empty_unit_does_not_end_the_stream() -> None:
    decoder = Decoder()
    assert len(decode(decoder, [*CLIP[:10], b"", *CLIP[10:]])) == 120
    assert decoder.counts.errors == 1


@pytest.mark.parametrize("junk", [b"\0", b"\0\0\0\1", b"\0\0\1\x65", b"\xff" * 500, b"\0\0\0\1\x67" + b"\xaa" * 40])
def test_junk_between_two_keyframes_does_no_lasting_harm(junk: bytes) -> None:
    decoder = Decoder()
    pictures = decode(decoder, [*CLIP[:5], junk, *CLIP[GOP : 2 * GOP]])
    assert [picture.number for picture in pictures if not picture.corrupt][-GOP:] == list(range(6, 6 + GOP))


def test_random_damage_never_raises_and_the_next_clean_clip_is_whole() -> None:
    rng = random.Random(11)
    decoder = Decoder()
    for number in range(1500):
        unit = bytearray(CLIP[rng.randrange(len(CLIP))])
        for _ in range(rng.randrange(8)):
            unit[rng.randrange(len(unit))] = rng.randrange(256)
        if rng.random() < 0.3:
            del unit[rng.randrange(len(unit)) :]
        decoder.decode(bytes(unit), number)
    pictures = decode(decoder, CLIP)
    assert len([picture for picture in pictures if not picture.corrupt]) == 120


def test_resolution_changes_inside_the_stream() -> None:
    decoder = Decoder()
    small, large = clip(20, 320, 180, 20), clip(20, 640, 360, 20)
    pictures = decode(decoder, [*small, *large, *small])
    assert [picture.frame.width for picture in pictures] == [320] * 20 + [640] * 20 + [320] * 20
    assert decoder.counts.resolution_changes == 2
    assert not any(picture.corrupt for picture in pictures)


def test_parameter_sets_that_come_alone_serve_the_keyframe_after_them() -> None:
    sps, pps = h264.parameter_sets(CLIP[0])
    assert sps is not None
    assert pps is not None
    nals = [bytes(nal) for nal in h264.split_nals(CLIP[0])]
    bare = b"".join(START + nal for nal in nals if nal[0] & 31 not in (7, 8))
    decoder = Decoder()
    pictures = decode(decoder, [START + sps, START + pps, bare, *CLIP[1:10]])
    assert len(pictures) == 10
    assert decoder.counts.errors == 0


def test_length_prefixes_instead_of_start_codes() -> None:
    decoder = Decoder()
    units = clip(10, 640, 360, 10)
    avcc = [b"".join(len(nal).to_bytes(4, "big") + bytes(nal) for nal in h264.split_nals(unit)) for unit in units]
    assert len(decode(decoder, avcc)) == 10


def test_keys_only_decodes_keyframes_and_waits_for_one_afterwards() -> None:
    decoder = Decoder()
    hidden = [p for number, unit in enumerate(CLIP[:65]) for p in decoder.decode(unit, number, keys_only=True)]
    assert [picture.number for picture in hidden] == [0, 30, 60]
    assert decoder.counts.skipped_hidden == 62
    shown = [p for number, unit in enumerate(CLIP[65:]) for p in decoder.decode(unit, number + 65)]
    assert [picture.number for picture in shown] == list(range(90, 120))
    assert not any(picture.corrupt for picture in shown)


def test_after_units_were_skipped_a_keyframe_is_awaited() -> None:
    decoder = Decoder()
    decode(decoder, CLIP[:5])
    decoder.skip()
    pictures = decode(decoder, CLIP[15:40])
    assert [picture.number for picture in pictures] == list(range(15, 25))


def test_images_decode_each_for_itself_and_may_alternate_with_h264() -> None:
    decoder = Decoder()
    pictures = decode(decoder, [jpeg(320, 180), png(64, 48), CLIP[0], jpeg(320, 180, 3), CLIP[1]])
    assert [(p.frame.width, p.frame.height) for p in pictures] == [(320, 180), (64, 48)] + [(320, 180)] * 3
    assert [picture.number for picture in pictures] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("image", [jpeg(320, 180), png(320, 180)])
def test_a_cut_image_is_counted(image: bytes) -> None:
    decoder = Decoder()
    for size in (4, 30, len(image) // 2):
        decode(decoder, [image[:size]])
    assert decoder.counts.errors + decoder.counts.refused + decoder.counts.decoded == 3
    assert len(decode(decoder, [image])) == 1


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    side = 60_000
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    body = b"IDAT" + zlib.compress(bytes(1_000_000))
    bomb = b"\x89PNG\r\n\x1a\n"
    for chunk in (header, body):
        bomb += (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    assert side * side > MAX_PIXELS
    decoder = Decoder()
    assert decode(decoder, [bomb]) == []
    assert decoder.counts.refused == 1


def test_where_decoding_can_start() -> None:
    assert is_start(CLIP[0])
    assert is_start(jpeg(32, 32))
    assert is_start(png(8, 8))
    assert not is_start(CLIP[1])
    assert not is_start(b"")
