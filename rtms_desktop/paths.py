"""Finds the files of the resources folder; callable from any floor and any thread.

Resources live beside the package in a checkout, inside it (`_resources`) in an installed wheel, and in the unpack
folder of a frozen application.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def resource_root() -> Path:
    """The resources folder of this installation.

    Raises FileNotFoundError where none of the three known places has one: the installation is then incomplete.
    """
    places = [_PACKAGE / "_resources", _PACKAGE.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        places.insert(0, Path(frozen) / "resources")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"no resources folder in any of {', '.join(map(str, places))}; install the program again")


def resource(*parts: str) -> Path:
    """The path of one resource, such as `resource("icons", "app.svg")`; it is not tested for existence."""
    return resource_root().joinpath(*parts)
