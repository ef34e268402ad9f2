"""Reads files of JSON lines and gaps.csv from disk: a line that is cut or makes no sense is passed over. Any thread."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from rtms_desktop.recording.sidecars import GAP_COLUMNS
from rtms_desktop.session.events import GapReason

Row = TypeVar("Row")


class InventedRun(msgspec.Struct, frozen=True):
    """One line of gaps.csv: a run of zero samples that nobody sent; ``start_ms`` and ``end_ms`` in server time."""

    file: str
    medium: str
    user_id: int
    start_ms: int
    end_ms: int
    start_sample: int
    samples: int
    reason: GapReason


def json_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Every line that is a ``kind``; none where there is no such file."""
    try:
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return
    decoder = msgspec.json.Decoder(kind)
    with file:
        for line in file:
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError:
                continue


def invented_runs(path: Path) -> Iterator[InventedRun]:
    """The lines of a gaps.csv; none where there is no such file."""
    try:
        text = path.read_text("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return
    for row in csv.reader(text.splitlines()):
        if len(row) != len(GAP_COLUMNS):
            continue
        try:
            yield msgspec.convert(dict(zip(GAP_COLUMNS, row, strict=True)), InventedRun, strict=False)
        except msgspec.ValidationError:
            continue
