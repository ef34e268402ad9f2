from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.viewmodels.stage_layout import CAPTION_BAND_SMALL, COLUMN_MAX, GALLERY_MAX, GAP, Box, arrange

SIZES = st.tuples(st.integers(480, 3000), st.integers(270, 2000))


def people(count):
    return [("video", number) for number in range(1, count + 1)]


def apart(a: Box, b: Box) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@given(SIZES, st.sampled_from(["speaker", "gallery", "share"]), st.integers(0, 30), st.booleans())
def test_tiles_stay_inside_do_not_touch_and_are_16_to_9(size, layout, count, captions):
    main = ("share", 9) if layout == "share" else (people(count)[0] if count else None)
    made = arrange(layout, *size, people=people(count), main=main, captions=captions)
    boxes = list(made.tiles.values())
    for box in boxes:
        assert box.x >= 0 and box.y >= 0
        assert box.x + box.width <= size[0] and box.y + box.height <= size[1]
        assert abs(box.width * 9 - box.height * 16) <= 16 * 2
    assert all(apart(a, b) for a, b in combinations(boxes, 2))
    assert made.hidden == (count - sum(key[0] == "video" for key in made.tiles))


@given(SIZES, st.booleans())
def test_the_column_is_exactly_as_high_as_the_share(size, captions):
    made = arrange("share", *size, people=people(2), main=("share", 9), captions=captions)
    share, top, bottom = made.tiles["share", 9], made.tiles["video", 1], made.tiles["video", 2]
    assert top.y == share.y and bottom.y + bottom.height == share.y + share.height
    assert top.x == bottom.x == share.x + share.width + GAP
    assert 0 <= bottom.y - (top.y + top.height) - GAP <= 1


@given(SIZES, st.sampled_from(["speaker", "share"]), st.integers(1, 6))
def test_band_and_line_lie_under_the_pictures(size, layout, count):
    main = ("share", 9) if layout == "share" else ("video", 1)
    made = arrange(layout, *size, people=people(count), main=main, captions=True)
    floor = max(box.y + box.height for box in made.tiles.values())
    for part in (made.share_line, made.caption_band):
        if part is not None:
            assert part.y >= floor and part.y + part.height <= size[1]
            floor = part.y + part.height
    if made.caption_band is not None:
        assert made.caption_band.height >= CAPTION_BAND_SMALL


def test_a_small_stage_has_a_smaller_band_and_a_tiny_one_none():
    large = arrange("share", 896, 415, people=people(2), main=("share", 9), captions=True)
    small = arrange("share", 712, 290, people=people(2), main=("share", 9), captions=True)
    assert large.caption_band is not None and large.share_line is not None
    assert large.tiles["share", 9].width >= 560
    tiny = arrange("share", 480, 150, people=people(2), main=("share", 9), captions=True)
    assert small.caption_band.height < 60 <= large.caption_band.height and small.share_line is None
    assert small.tiles["share", 9].height >= 0.78 * 258
    assert tiny.caption_band is None and tiny.tiles["share", 9].height == 130


def test_the_speaker_fills_the_stage_alone():
    made = arrange("speaker", 1000, 500, people=people(1), main=("video", 1), captions=False)
    assert made.tiles == {("video", 1): Box(73, 10, 853, 480)}


@pytest.mark.parametrize(("layout", "limit"), [("speaker", COLUMN_MAX + 1), ("gallery", GALLERY_MAX)])
def test_what_does_not_fit_is_counted(layout, limit):
    made = arrange(layout, 1600, 900, people=people(40), main=("video", 1), captions=False)
    assert len(made.tiles) == limit and made.hidden == 40 - limit


def test_nobody_is_an_empty_stage():
    assert arrange("gallery", 800, 450, people=[], main=None, captions=True).tiles == {}
    assert arrange("speaker", 800, 450, people=[], main=None, captions=True).tiles == {}


def test_in_the_gallery_captions_do_not_cover_names():
    made = arrange("gallery", 896, 415, people=people(3), main=None, captions=True)
    assert made.caption_band is not None
    assert max(box.y + box.height for box in made.tiles.values()) <= made.caption_band.y
    small = arrange("gallery", 712, 290, people=people(2), main=None, captions=True)
    assert small.caption_band.height == CAPTION_BAND_SMALL
    assert arrange("gallery", 480, 150, people=people(2), main=None, captions=True).caption_band is None
