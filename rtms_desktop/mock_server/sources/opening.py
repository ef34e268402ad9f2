"""Chooses the source that --source names."""

from __future__ import annotations

from pathlib import Path

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.mock_server.sources.file import FileSource
from rtms_desktop.mock_server.sources.pattern import PatternSource

PATTERN = "pattern"


def open_source(name: str, participants: int, beeps: bool = True) -> Source:
    """The pattern meeting, or a media file. Raises UsageError when the file cannot be played."""
    if name == PATTERN:
        return PatternSource(participants, beeps)
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "only media files and the pattern can be played here")
    return FileSource(path, participants)
