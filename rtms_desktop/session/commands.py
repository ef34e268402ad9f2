"""What the core asks of its driver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """Open a WebSocket. ``attempt`` counts from 1 for each link name."""

    link: str
    url: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendText:
    link: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLink:
    """Close the WebSocket; nothing of it may reach the core afterwards (no link_closed either)."""

    link: str
    code: int = 1000
    reason: str = ""


Command = OpenLink | SendText | CloseLink
