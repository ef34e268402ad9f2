"""Why a session ended, told so that a person can do something about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtms_desktop.wire.status import explain_close, explain_status, explain_stop


@dataclass(frozen=True, slots=True)
class Cause:
    """`code` is number and name, or empty where nobody gave a number."""

    code: str
    sentence: str
    causes: tuple[str, ...]
    fixes: tuple[str, ...]


def cause_of(ended: Any) -> Cause:
    """From a SessionEnded."""
    if ended.stop_reason is not None:
        found = explain_stop(ended.stop_reason)
    elif ended.status_code is not None:
        found = explain_status(ended.status_code, ended.reason)
    else:
        found = explain_close(None)
    numbered = ended.stop_reason is not None or ended.status_code is not None
    return Cause(found.label if numbered else "", ended.sentence, tuple(found.causes), tuple(found.fixes))
