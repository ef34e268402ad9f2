"""What was said, as it finally stood: updates and deletions of the server are carried out. Any thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rtms_desktop.recording.export.rows import json_rows
from rtms_desktop.wire.enums import Attribute


class TranscriptRow(msgspec.Struct, frozen=True):
    """A line of transcript.jsonl; times in server milliseconds."""

    start_ms: int
    end_ms: int
    user_id: int
    text: str
    user_name: str = ""
    language: int | None = None
    attribute: int | None = None


@dataclass(slots=True, kw_only=True)
class Segment:
    """One utterance; ``start_ms`` and ``end_ms`` in server time, ``end_ms`` 0 where nobody said."""

    start_ms: int
    end_ms: int
    user_id: int
    user_name: str
    language: int | None
    text: str


def read_transcript(path: Path) -> list[Segment]:
    """The utterances of a transcript.jsonl, by start."""
    return settle(json_rows(path, TranscriptRow))


def settle(rows: Iterable[TranscriptRow]) -> list[Segment]:
    """Rows in the order of arrival to utterances by start.

    The wire has no message id: an update or a deletion means the newest utterance of the same person that began at the
    same time (Zoom RTMS docs). An update of something that never came is the text all the same.
    """
    listed: list[Segment] = []
    newest: dict[tuple[int, int], Segment] = {}
    gone: set[int] = set()
    for row in rows:
        key = (row.user_id, row.start_ms)
        known = newest.get(key)
        if row.attribute == Attribute.DELETE:
            if known is not None:
                gone.add(id(known))
                del newest[key]
        elif row.attribute == Attribute.UPDATE and known is not None:
            known.text = row.text
            known.end_ms = row.end_ms if row.end_ms > row.start_ms else known.end_ms
            known.language = known.language if row.language is None else row.language
            known.user_name = row.user_name or known.user_name
        else:
            newest[key] = _segment(row)
            listed.append(newest[key])
    left = [segment for segment in listed if id(segment) not in gone and segment.text.strip()]
    return sorted(left, key=lambda segment: segment.start_ms)


def _segment(row: TranscriptRow) -> Segment:
    return Segment(
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        user_id=row.user_id,
        user_name=row.user_name,
        language=row.language,
        text=row.text,
    )
