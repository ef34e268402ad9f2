"""What a message is, by a look at its first and last bytes: type, speaker, time. Called per message; any thread.

A whole JSON parse would cost ten times as much, and most messages are never shown.
"""

from __future__ import annotations

import binascii
import codecs
import json
import re
from typing import NamedTuple

import pybase64

from rtms_desktop.bitstream.h264 import NalType, nal_types
from rtms_desktop.wire.enums import Medium, MessageType

HEAD_BYTES, TAIL_BYTES = 320, 200
UNREADABLE = -11
"""Stands where a message names no type."""

_KIND = re.compile(rb'"msg_type"\s*:\s*"?(\w{1,40})')
_USER = re.compile(rb'"user_id"\s*:\s*"?(\d{1,18})\b')
_STAMP = re.compile(rb'"timestamp"\s*:\s*"?(\d{12,14})\b')
_NAME = re.compile(rb'"user_name"\s*:\s*("(?:[^"\\]|\\.)*")')
_DATA = re.compile(rb'"(?:data|content)"\s*:\s*"')
_NUMBERS = {kind.name.encode(): int(kind) for kind in MessageType}
_RAW = {Medium.AUDIO: 14, Medium.VIDEO: 15, Medium.SHARE: 16}
MEDIA_KINDS = frozenset({14, 15, 16, 17, 18})


class Scan(NamedTuple):
    """``kind``: number of the message type. ``user``: None where nobody is named. ``stamp``: Unix ms of the server,
    0 for none. ``key``: an H.264 keyframe. ``head``: the bytes that were looked at."""

    kind: int
    user: int | None
    stamp: int
    key: bool
    head: bytes


def scan(data: str | bytes, medium: str = "") -> Scan:
    """Look at one message of the link that carries ``medium``. Never raises."""
    head = _bytes(data[:HEAD_BYTES])
    if not head.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{"):
        return _raw(head, medium)
    tail = _bytes(data[-TAIL_BYTES:]) if len(data) > HEAD_BYTES else b""
    found = _KIND.search(head) or _KIND.search(tail)
    if found is None and len(data) > HEAD_BYTES:
        found = _KIND.search(_bytes(data))
    kind = _number(found[1]) if found is not None else UNREADABLE
    user = _USER.search(head) or _USER.search(tail)
    stamp = _STAMP.search(head) or _STAMP.search(tail)
    key = kind == MessageType.MEDIA_DATA_VIDEO and _is_key(head)
    return Scan(kind, int(user[1]) if user else None, int(stamp[1]) if stamp else 0, key, head)


def user_name(data: str | bytes) -> str:
    """The first name in the message's first bytes, or ""."""
    found = _NAME.search(_bytes(data[:HEAD_BYTES])) or _NAME.search(_bytes(data[-TAIL_BYTES:]))
    if found is None:
        return ""
    try:
        name = json.loads(found[1])
    except ValueError:
        return ""
    return name if isinstance(name, str) else ""


def _bytes(data: str | bytes) -> bytes:
    return data.encode("utf-8", "replace") if isinstance(data, str) else data


def _number(word: bytes) -> int:
    if word.isdigit():
        return min(int(word), 32_767)
    return _NUMBERS.get(word, UNREADABLE)


def _raw(head: bytes, medium: str) -> Scan:
    """A frame without JSON is media of what the socket carries."""
    kind = _RAW.get(Medium(medium), UNREADABLE) if medium in _RAW and head else UNREADABLE
    return Scan(kind, 0 if kind > 0 else None, 0, kind == 15 and _starts(head), head)


def _is_key(head: bytes) -> bool:
    found = _DATA.search(head)
    if found is None:
        return False
    text = head[found.end() :].partition(b'"')[0]
    try:
        return _starts(pybase64.b64decode(text[: len(text) // 4 * 4]))
    except (binascii.Error, ValueError):
        return False


def _starts(data: bytes) -> bool:
    """Whether a keyframe begins here; parameter sets stand before nothing else."""
    return any(kind in (NalType.IDR, NalType.SPS) for kind in nal_types(data))
