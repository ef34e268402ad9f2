"""``rtms-desktop mock``: the bundled server, which together with recordings can also send those again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rtms_desktop.app.bundle_source import BundleSource
from rtms_desktop.mock_server import cli
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sources.base import Source
from rtms_desktop.recording import names

RECORDINGS = (names.BUNDLE_SUFFIX, Path(names.TAPE).suffix, Path(names.OPEN_FILE).suffix)


def main(argv: Sequence[str]) -> int:
    """Runs the command; raises RtmsError."""
    return cli.main(list(argv), opener=open_any)


def open_any(options: MockOptions) -> Source:
    """A recording, or what the server can play by itself. Raises UsageError."""
    path = Path(options.source)
    if path.suffix in RECORDINGS or path.is_dir():
        return BundleSource(path, loop=options.loop)
    return cli.open_own(options)
