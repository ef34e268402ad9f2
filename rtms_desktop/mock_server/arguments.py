"""The fields that come with an act of the control API or of a scenario, each asked for by its type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rtms_desktop.wire.enums import Medium

LINKS = ("signaling", *(medium.value for medium in Medium), "all", "media", "every")
"""`media` = every media socket, `every` = signaling too, `all` = the one socket that carries all media."""
_STRETCH_LIMIT_MS = 600_000


class ControlError(Exception):
    """An act that is unknown, lacks something or cannot be done now; the text is a sentence."""


class Arguments:
    """The fields beside "do", each asked for by its type."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def number(self, name: str, default: float, low: float = 0, high: float = _STRETCH_LIMIT_MS) -> float:
        value = self._fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ControlError(f"{name} must be a number from {low:g} to {high:g}.")
        return value

    def whole(self, name: str, default: int, low: int = 0, high: int = _STRETCH_LIMIT_MS) -> int:
        return int(self.number(name, default, low, high))

    def text(self, name: str, default: str, allowed: Iterable[str] = ()) -> str:
        value = self._fields.get(name, default)
        if not isinstance(value, str) or (allowed and value not in tuple(allowed)):
            choices = f" one of {', '.join(allowed)}" if allowed else " text"
            raise ControlError(f"{name} must be{choices}.")
        return value

    def link(self, default: str) -> str:
        return self.text("link", default, LINKS)

    def with_link(self, link: str) -> Arguments:
        return Arguments({**self._fields, "link": link})

    def rest(self, *without: str) -> dict[str, Any]:
        """All fields but these."""
        return {key: value for key, value in self._fields.items() if key not in without}

    def has(self, name: str) -> bool:
        return name in self._fields
