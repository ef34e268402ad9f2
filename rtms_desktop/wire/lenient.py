"""Single values as servers really send them: numbers in quotes, seconds for milliseconds, names for numbers."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from rtms_desktop.wire.enums import ID_KEYS, StopReason

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_INT64 = 1 << 63
# Unix time in seconds stays below the first until the year 5138, milliseconds below the second as long.
_SECONDS_BELOW = 100_000_000_000
_MILLISECONDS_TO = 100_000_000_000_000
_OLD_STOP_NAMES = {
    "APP_DISABLED_BY_HOST": StopReason.HOST_DISABLED_APP,
    "MEETING_CONNECTION_INTERRUPTED": StopReason.INSTANCE_CONNECTION_INTERRUPTED,
}


def pick(fields: Mapping[str, Any], *keys: str) -> Any:
    """The first value among ``keys`` that is there and not null; None when there is none."""
    for key in keys:
        if (value := fields.get(key)) is not None:
            return value
    return None


def number(value: object) -> int | None:
    """An int, an integral float or digits in quotes as int; everything else, and what 64 bits cannot hold, as None."""
    if isinstance(value, str):
        value = int(value) if _INTEGER.fullmatch(value := value.strip()) else None
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64:
        return value
    return None


def text(value: object) -> str:
    """Text as it is, a number as its digits, everything else as ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = number(value)
        return "" if found is None else str(found)
    return ""


def flag(value: object) -> bool | None:
    """true/false, also as 1/0 or in quotes; everything else as None."""
    if isinstance(value, bool):
        return value
    word = text(value).strip().lower()
    return {"true": True, "1": True, "false": False, "0": False}.get(word)


def time_ms(value: object) -> int:
    """Unix milliseconds of a time in seconds, milliseconds or finer, by its size; 0 when it is no time."""
    if isinstance(value, str) and len(value) < 32:
        try:
            value = float(value) if "." in value else int(value)
        except ValueError:
            return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if not 0 < value < 1e20:
        return 0
    if value < _SECONDS_BELOW:
        return round(value * 1000)
    while value > _MILLISECONDS_TO:
        value //= 1000
    return int(value)


def stand_in_id(name: str) -> int:
    """A stable user number for somebody whom the server only names by text (a channel or account id)."""
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF


def user_id(value: object) -> int | None:
    """The number of a user id of the wire; what is no number of 64 bits gets a stand-in; None when there is none."""
    found = number(value)
    if found is None and isinstance(value, str) and value.strip():
        return stand_in_id(value)
    if found is None and isinstance(value, int) and not isinstance(value, bool):
        return value & 0x7FFF_FFFF
    return found


def named(value: object, enum: type[IntEnum], *prefixes: str) -> int | None:
    """A number, or the name of a member of ``enum`` with or without one of the ``prefixes``, as number."""
    found = number(value)
    if found is None and isinstance(value, str):
        name = value.strip().upper()
        for prefix in prefixes:
            name = name.removeprefix(prefix)
        member = enum.__members__.get(name)
        return None if member is None else int(member)
    return found


def stop_reason(value: object) -> int | None:
    """A stop reason as number, from ``6``, ``"6"``, ``"STOP_BC_MEETING_ENDED"`` or a name of older documents."""
    found = named(value, StopReason, "RTMS_", "STOP_BC_", "STOP_REASON_")
    if found is None and isinstance(value, str):
        found = _OLD_STOP_NAMES.get(value.strip().upper().removeprefix("STOP_BC_"))
    return None if found is None else int(found)


def find_id(fields: Mapping[str, Any]) -> tuple[str, str]:
    """(key, id) of the product id under whichever of its names it stands; ("", "") when there is none."""
    for key in ID_KEYS:
        if found := text(fields.get(key)):
            return key, found
    return "", ""


def nests_deeper(value: object, limit: int) -> bool:
    """Whether parsed JSON nests deeper than ``limit`` levels; a flat object has one. Does not recurse itself."""
    level: list[Any] = [value]
    for _ in range(limit + 1):
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return False
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return True
