"""Versions and licences of what the program is made of, from the metadata that lie beside each package. Any thread."""

from __future__ import annotations

import platform
import re
import sqlite3
import ssl
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
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
LONG = 60
"""A longer licence is a whole text."""
SETS = (("Inter, JetBrains Mono", "fonts", "OFL-1.1"), ("Lucide", "icons", "ISC"))


@dataclass(frozen=True, slots=True)
class Credit:
    name: str
    version: str
    licence: str


def credits_() -> list[Credit]:
    """Python and its libraries, every package in use, what those need, fonts and icons.

    A package whose metadata are missing has an empty version.
    """
    rows = [
        Credit("Python", f"{platform.python_version()} ({sys.platform})", "PSF-2.0"),
        Credit("OpenSSL", ssl.OPENSSL_VERSION.removeprefix("OpenSSL "), "Apache-2.0"),
        Credit("SQLite", sqlite3.sqlite_version, "public domain"),
    ]
    rows += [Credit(name, _version(name), licence) for name, licence in PARTS.items()]
    rows += sorted((_credit(found) for found in _needed()), key=lambda row: row.name.lower())
    return rows + [Credit(name, kind, licence) for name, kind, licence in SETS]


def _needed() -> list[metadata.Distribution]:
    """The packages behind those of PARTS, as far as they are installed."""
    known = {_plain(name) for name in PARTS}
    found: list[metadata.Distribution] = []
    waiting = list(PARTS)
    while waiting:
        try:
            part = metadata.distribution(waiting.pop())
        except metadata.PackageNotFoundError:
            continue  # for another system or another Python
        if _plain(part.name) not in known:
            known.add(_plain(part.name))
            found.append(part)
        names = (_NAME.match(need) for need in part.requires or () if "extra ==" not in need)
        waiting += [name[0] for name in names if name is not None and _plain(name[0]) not in known]
    return found


def _credit(part: metadata.Distribution) -> Credit:
    """With the licence as its metadata tell it: as an expression, in a line, or as a class."""
    told = part.metadata.get_all("License-Expression") or part.metadata.get_all("License") or []
    classes = [line.rpartition(" :: ")[2] for line in part.metadata.get_all("Classifier") or () if "License ::" in line]
    short = [word for line in told if (word := line.strip()) and len(word) < LONG]
    return Credit(part.name, part.version, ", ".join(short or classes) or "see its own files")


def _plain(name: str) -> str:
    """Names are one whatever stands between their words."""
    return re.sub(r"[-_.]+", "-", name).lower()


def as_text(version: str) -> str:
    """For a bug report: one line for each part."""
    lines = [f"RTMS Desktop {version}, {platform.platform()}"]
    return "\n".join([*lines, *(f"{row.name} {row.version}" for row in credits_() if row.version)])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
