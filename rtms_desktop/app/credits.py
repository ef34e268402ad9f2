"""Versions and licences of what the program is made of, from the metadata that lie beside each package. Any thread."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from importlib import metadata

# What is passed on, by the names of their distributions; the licence where the metadata tell it in a way of their own.
PARTS = {
    "PySide6-Essentials": "LGPL-3.0",
    "qasync": "BSD-2-Clause",
    "websockets": "BSD-3-Clause",
    "aiohttp": "Apache-2.0",
    "av": "BSD-3-Clause; FFmpeg with x264 and x265: GPL-2.0-or-later",
    "numpy": "BSD-3-Clause",
    "sounddevice": "MIT; PortAudio: MIT",
    "pyqtgraph": "MIT",
    "msgspec": "BSD-3-Clause",
    "pybase64": "BSD-2-Clause",
    "mcap": "MIT",
    "platformdirs": "MIT",
    "keyring": "MIT",
}
SETS = (("Inter, JetBrains Mono", "fonts", "OFL-1.1"), ("Lucide", "icons", "ISC"))


@dataclass(frozen=True, slots=True)
class Credit:
    name: str
    version: str
    licence: str


def credits_() -> list[Credit]:
    """Python, every package in use, fonts and icons. A package whose metadata are missing has an empty version."""
    rows = [Credit("Python", f"{platform.python_version()} ({sys.platform})", "PSF-2.0")]
    rows += [Credit(name, _version(name), licence) for name, licence in PARTS.items()]
    return rows + [Credit(name, kind, licence) for name, kind, licence in SETS]


def as_text(version: str) -> str:
    """For a bug report: one line for each part."""
    lines = [f"RTMS Desktop {version}, {platform.platform()}"]
    return "\n".join([*lines, *(f"{row.name} {row.version}" for row in credits_() if row.version)])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
