"""What several messages share: the verdict of an answer and the id of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtms_desktop.wire import status_tables
from rtms_desktop.wire.context import Context
from rtms_desktop.wire.enums import Dialect
from rtms_desktop.wire.lenient import number, pick, text

Fields = Mapping[str, Any]

_SUCCESS_WORDS = {"0", "OK", "SUCCESS", "STATUS_OK", "STATUS_SUCCESS"}
_STREAM_ID_KEYS = ("rtms_stream_id", "stream_id")


def verdict(obj: Fields, evidence: bool, ctx: Context) -> tuple[bool, int | None, str]:
    """(ok, status_code, reason). Without a status, ``evidence`` (the answer holds what success brings) decides."""
    reason = text(obj.get("reason"))
    code = number(obj.get("status_code"))
    if code is not None:
        return code == 0, code, reason
    status = text(pick(obj, "status", "status_code")).strip().upper()
    if not status:
        return evidence, None, reason
    ctx.sign(Dialect.README, "results are words")
    if status in _SUCCESS_WORDS:
        return True, 0, reason
    return False, number(status.removeprefix("STATUS_")) or status_tables.number_of(status), reason


def says_ok(obj: Fields) -> bool:
    return text(obj.get("reason")).strip().upper() in ("", *_SUCCESS_WORDS)


def stream_id(obj: Fields) -> str:
    return text(pick(obj, *_STREAM_ID_KEYS))
