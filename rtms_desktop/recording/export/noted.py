"""What a person marked, on the clock of an export: lines of text and chapters of a film. Any thread."""

from __future__ import annotations

from collections.abc import Iterable

from rtms_desktop.recording.export.material import Material
from rtms_desktop.recording.export.spans import Hole, Timeline

Chapter = tuple[int, int, str]
"""(start, end, title) in milliseconds of the export."""


def noted(material: Material, timeline: Timeline) -> list[tuple[int, str]]:
    """The marks by time: milliseconds of the export, and the note or ""."""
    found = []
    for mark in material.marks:
        at = max(0, mark.server_ms - material.zero_ms)
        if timeline.wants(at, at):
            found.append((timeline.at(at), mark.text))
    return sorted(found, key=lambda note: note[0])


def noted_text(text: str) -> str:
    """A mark among lines of text: ``[mark: decision]``."""
    return f"[mark: {text}]" if text else "[mark]"


def chapters_of(material: Material, timeline: Timeline, losses: Iterable[Hole]) -> list[Chapter]:
    """A chapter from each mark on, and one for each of ``losses``; none at all where there is neither."""
    titles: dict[int, str] = {}
    for start, end, reason in losses:
        titles[start] = f"Gap: {reason.replace('_', ' ')}"
        titles.setdefault(end, "Received")
    first = "Received" if titles else "Start"
    last = max(0, material.end_ms - 1)
    for number, mark in enumerate(material.marks, 1):
        titles[min(max(0, mark.server_ms - material.zero_ms), last)] = mark.text or f"Mark {number}"
    if not titles:
        return []
    titles.setdefault(0, first)
    starts = sorted(start for start in titles if start <= last)
    found = []
    for start, end in zip(starts, [*starts[1:], material.end_ms], strict=True):
        placed = timeline.at(start), timeline.at(end), titles[start]
        if timeline.wants(start, end) and placed[0] < placed[1]:
            found.append(placed)
    return found
