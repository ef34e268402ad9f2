"""Where settings, logs and the socket of a running window are. Light: asked for before anything else is loaded."""

from __future__ import annotations

import os
import sys
import tempfile
import zlib
from pathlib import Path

import platformdirs

APP = "rtms-desktop"
LONGEST = 100  # of a socket's path; the system allows 108


def config_folder(given: Path | None = None) -> Path:
    """The folder of the settings: the one that ``--config`` gave, else the system's place for them."""
    return given or Path(platformdirs.user_config_dir(APP))


def log_folder(given: Path | None = None) -> Path:
    """The folder of the logs; inside an isolated config."""
    return given / "log" if given else Path(platformdirs.user_log_dir(APP))


def instance_address(folder: Path) -> str:
    """Where the window that uses this settings folder listens for later starts: a path, on Windows a name."""
    path = os.fsencode(folder.absolute())
    name = f"{APP}-{zlib.crc32(path):08x}{zlib.adler32(path):08x}"
    if sys.platform == "win32":
        return name
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    place = os.path.join(runtime, name)
    if runtime and os.path.isdir(runtime) and len(place) < LONGEST:
        return place
    return os.path.join(tempfile.gettempdir(), f"{name}-{os.getuid()}")


def may_run(folder: Path) -> bool:
    """Whether a window that uses this settings folder may be there; False is certain."""
    return sys.platform == "win32" or os.path.exists(instance_address(folder))
