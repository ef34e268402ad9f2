"""One figure of the status bar, as the session tells it and the bar draws it. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One segment of the status bar: ``label value note``. `token` colours the value where it is a doubt."""

    key: str
    label: str = ""
    value: str = ""
    note: str = ""
    tip: str = ""
    token: str = "text1"
    icon: str = ""
    short: str = ""
    """the value where room is short"""
