"""A session's state as bytes, so that replay can begin in the middle. Any thread.

The bytes may lie beside a recording that came from anywhere: what is read back can only make the session's own classes
and a few containers, and calls nothing else.
"""

from __future__ import annotations

import io
import pickle
from collections import Counter, deque
from collections.abc import Callable
from enum import Enum
from random import Random
from types import MethodType
from typing import Any

import msgspec
import zstandard

from rtms_desktop.errors import BundleError
from rtms_desktop.session.participants import Roster

LEVEL = 1
MAX_BYTES = 256 * 1024 * 1024
_ROOMS = ("rtms_desktop.session.", "rtms_desktop.protocol.", "rtms_desktop.wire.")
_HERE = "rtms_desktop.recording.checkpoint"
_OTHERS: dict[tuple[str, str], Any] = {
    ("collections", "Counter"): Counter,
    ("collections", "deque"): deque,
    ("random", "Random"): Random,
}


def freeze(state: object) -> bytes:
    """``state`` (a SessionCore, or session events) as compressed bytes."""
    out = io.BytesIO()
    _Freezer(out, pickle.HIGHEST_PROTOCOL).dump(state)
    return zstandard.compress(out.getvalue(), LEVEL)


def thaw(data: bytes) -> Any:
    """What ``freeze`` was given, as a copy. Raises BundleError for bytes that hold anything else."""
    try:
        plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BYTES)
        return _Thawer(io.BytesIO(plain)).load()
    except Exception as error:  # border: foreign bytes can make the unpickler raise anything
        raise BundleError("the index of the recording cannot be read", f"{type(error).__name__}: {error}") from error


def struct(kind: type[msgspec.Struct], fields: dict[str, Any]) -> Any:
    """A wire message from its fields."""
    if not issubclass(kind, msgspec.Struct):
        raise pickle.UnpicklingError(f"{kind} is no message")
    return kind(**fields)


def camera_is_off(roster: Roster) -> Callable[[int], bool]:
    """The one method that a session's parts hand to each other."""
    found: Callable[[int], bool] = Roster.camera_is_off.__get__(roster)
    return found


class _Freezer(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        """Methods, enums and messages would name general functions of the language, which the reader refuses."""
        if isinstance(obj, MethodType) and obj.__func__ is Roster.camera_is_off:
            return camera_is_off, (obj.__self__,)
        if isinstance(obj, Enum):
            return type(obj), (obj.value,)
        if isinstance(obj, msgspec.Struct):
            return struct, (type(obj), {field: getattr(obj, field) for field in obj.__struct_fields__})
        return NotImplemented


class _Thawer(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _OTHERS:
            return _OTHERS[module, name]
        if module == _HERE and name in ("struct", "camera_is_off"):
            return struct if name == "struct" else camera_is_off
        if module.startswith(_ROOMS) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a checkpoint")
