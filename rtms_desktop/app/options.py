"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.errors import UsageError

if TYPE_CHECKING:
    from rtms_desktop.wire.enums import Medium


def parser(command: str, description: str) -> argparse.ArgumentParser:
    """A parser with the options that hold everywhere."""
    made = argparse.ArgumentParser(prog=f"rtms-desktop {command}".strip(), description=description)
    made.add_argument("--ca", type=Path, metavar="FILE", help="PEM file with a CA to trust as well (also ZM_RTMS_CA)")
    made.add_argument(
        "--allow-host", action="append", default=[], metavar="HOST", help="contact a host that is not *.zoom.us"
    )
    made.add_argument("--debug", action="store_true", help="show a traceback with an error")
    return made


def add_credentials(made: argparse.ArgumentParser) -> None:
    made.add_argument("--client-id", help="client id of the Zoom app (also ZOOM_CLIENT_ID)")
    made.add_argument("--client-secret", help="its client secret (also ZOOM_CLIENT_SECRET)")


def read_media(text: str | None) -> frozenset[Medium]:
    """``audio,video`` as a set; None = all.

    Raises:
        UsageError: an unknown name.
    """
    # Here and not above: the window reads its options before anything else is loaded.
    from rtms_desktop.session.config import ALL_MEDIA
    from rtms_desktop.wire.enums import Medium

    if text is None:
        return ALL_MEDIA
    try:
        return frozenset(Medium(word.strip()) for word in text.split(",") if word.strip()) or ALL_MEDIA
    except ValueError as error:
        raise UsageError(
            f"--media {text} was not understood", str(error), f"Choose from {', '.join(Medium)}, separated by commas."
        ) from error


def port(text: str) -> int:
    """A port number, 0 = any free one, for argparse."""
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return value


def seconds(text: str) -> float:
    """A positive number of seconds, for argparse."""
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value


def amount(text: str) -> float:
    """A positive number, for argparse."""
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def clock(text: str) -> int:
    """A time after the beginning, ``90``, ``1:30`` or ``0:01:30.5``, in ms, for argparse."""
    parts = [float(part) for part in text.split(":")]
    if len(parts) > 3 or not all(0 <= part < 1e9 for part in parts) or any(part >= 60 for part in parts[1:]):
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 1:30")
    hours, minutes, rest = [0.0] * (3 - len(parts)) + parts
    return round(1000 * (3600 * hours + 60 * minutes + rest))
