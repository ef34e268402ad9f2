"""Where the tiles of the stage lie: whole pixels, 16:9, 8 apart, the rest centred. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

GAP = 8
MARGIN = 10
SHARE_LINE = 22
LINE_FROM = 320
GALLERY_BAND_FROM = 400
CAPTION_BAND = 60
CAPTION_BAND_FULL = 92
CAPTION_BAND_SMALL = 44
BANDS = ((CAPTION_BAND, 66, 0.88), (CAPTION_BAND_SMALL, 46, 0.78))
"""Bands for two lines of captions: least height, height that is kept free, and how much of its height the main picture
must then keep. A smaller picture is better than one whose lower part is covered."""
COLUMN_MAX = 5
GALLERY_MAX = 25

TileKey = tuple[str, int]


class Box(NamedTuple):
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`tiles`: where each picture lies. `share_line`: where the line about the sharing stands, or None.

    `caption_band`: the free band under the pictures for the captions, or None where there is too little room.
    `hidden`: how many did not fit.
    """

    tiles: dict[TileKey, Box]
    share_line: Box | None = None
    caption_band: Box | None = None
    hidden: int = 0


def arrange(
    layout: str, width: int, height: int, *, people: Sequence[TileKey], main: TileKey | None, captions: bool
) -> Arrangement:
    """`layout` is ``speaker``, ``gallery`` or ``share``; `main` is the large one (the speaker or the share).

    `people` are all other tiles in order; the main one may be among them.
    """
    if layout == "gallery":
        return _gallery_with_band(width, height, people) if captions and people else _gallery(width, height, people)
    others = [key for key in people if key != main]
    with_line = main is not None and main[0] == "share"
    return _main_and_column(width, height, main, others, with_line=with_line, captions=captions)


def _gallery_with_band(width: int, height: int, people: Sequence[TileKey]) -> Arrangement:
    full = _gallery(width, height, people)
    band, _, worth = BANDS[height < GALLERY_BAND_FROM]
    made = _gallery(width, height - band, people)
    least = 0.0 if height >= GALLERY_BAND_FROM else worth * full.tiles[people[0]].height
    if made.tiles[people[0]].height < least:
        return full
    return replace(made, caption_band=Box(0, height - band, width, band))


def _gallery(width: int, height: int, people: Sequence[TileKey]) -> Arrangement:
    shown = list(people[:GALLERY_MAX])
    if not shown:
        return Arrangement({})
    columns, tile_width, tile_height = max(
        ((n, *_fit_cell(width, height, n, -(-len(shown) // n))) for n in range(1, len(shown) + 1)),
        key=lambda cell: (cell[1] * cell[2], -cell[0]),
    )
    rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    top = (height - (len(rows) * tile_height + (len(rows) - 1) * GAP)) // 2
    tiles: dict[TileKey, Box] = {}
    for number, row in enumerate(rows):
        left = (width - (len(row) * tile_width + (len(row) - 1) * GAP)) // 2
        for place, key in enumerate(row):
            tiles[key] = Box(
                left + place * (tile_width + GAP), top + number * (tile_height + GAP), tile_width, tile_height
            )
    return Arrangement(tiles, hidden=len(people) - len(shown))


def _fit_cell(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    room_width = (width - 2 * MARGIN - (columns - 1) * GAP) // columns
    room_height = (height - 2 * MARGIN - (rows - 1) * GAP) // rows
    return _fit(max(room_width, 16), max(room_height, 9))


def _fit(width: int, height: int) -> tuple[int, int]:
    """The largest 16:9 that fits."""
    if width * 9 <= height * 16:
        return width, round(width * 9 / 16)
    return round(height * 16 / 9), height


def _main_and_column(
    width: int, height: int, main: TileKey | None, others: Sequence[TileKey], *, with_line: bool, captions: bool
) -> Arrangement:
    column = list(others[:COLUMN_MAX])
    rows = max(2, len(column)) if column else 0
    room = max(27, height - 2 * MARGIN)
    line_height = SHARE_LINE if with_line and height >= LINE_FROM else 0
    main_width, main_height = _main_size(width - 2 * MARGIN, max(room - line_height, 27), rows)
    for _, free, worth in BANDS if captions else ():
        kept = room + MARGIN - line_height - free
        if kept > main_height * worth:
            main_width, main_height = _main_size(width - 2 * MARGIN, kept, rows)
            break
    tile_height = (main_height - (rows - 1) * GAP) // rows if rows else 0
    tile_width = round(tile_height * 16 / 9)
    total_width = main_width + (GAP + tile_width if rows else 0)
    spare = height - main_height - 2 * MARGIN
    line_fits = bool(line_height) and spare >= SHARE_LINE
    band_height = spare + MARGIN - (SHARE_LINE if line_fits else 0)
    with_band = captions and band_height >= CAPTION_BAND_SMALL
    band_height = min(band_height, CAPTION_BAND_FULL) if with_band else 0
    used = main_height + (SHARE_LINE if line_fits else 0) + band_height
    top = min(max(MARGIN, (height - used) // 2), max(MARGIN, height - used))
    left = (width - total_width) // 2
    tiles: dict[TileKey, Box] = {}
    if main is not None:
        tiles[main] = Box(left, top, main_width, main_height)
    for row, key in enumerate(column):
        # The last of a full column ends exactly with the main picture.
        y = top + row * (tile_height + GAP)
        if row == rows - 1:
            y = top + main_height - tile_height
        tiles[key] = Box(left + main_width + GAP, y, tile_width, tile_height)
    below = top + main_height
    line = Box(left, below, total_width, SHARE_LINE) if line_fits else None
    if line:
        below += SHARE_LINE
    band = Box(left, below, total_width, band_height) if with_band else None
    return Arrangement(tiles, line, band, len(others) - len(column))


def _main_size(width: int, height: int, rows: int) -> tuple[int, int]:
    """The largest main picture beside which a column of `rows` tiles of the same total height fits."""
    if not rows:
        return _fit(width, height)
    # main 16/9 h, tiles 16/9 (h - (rows - 1) gap) / rows, one gap between: solved for h.
    fitting = ((width - GAP) * 9 / 16 + (rows - 1) * GAP / rows) / (1 + 1 / rows)
    size = min(height, int(fitting))
    return round(size * 16 / 9), size
