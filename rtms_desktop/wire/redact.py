"""Blanks secrets in what leaves the program: tapes, logs, exports. Every other byte stays as it was. Any thread."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

MASK = "***"
SHORTEST_SECRET = 4
"""Secrets shorter than this are not looked for by value: they would blank half of the text."""

_NAME = r"[\w-]{0,64}(?:signature|secret|token|session[_-]?key|passphrase|authorization)[\w-]{0,64}"
# "name": "value", the quotes perhaps escaped as in JSON inside JSON, the value perhaps a number or cut off. It starts
# with a plain character, which lets the search skip 400 KB of base64 in 0.1 ms.
_MEMBER = rf'("{_NAME}(\\)?"\s*:\s*)(?(2)(\\")(?:(?!\\").)*|(?:(")(?:[^"\\]|\\.)*|-?[0-9][0-9.eE+-]*))'
_TEXT_MEMBER = re.compile(_MEMBER, re.IGNORECASE | re.DOTALL)
_BYTES_MEMBER = re.compile(_MEMBER.encode(), re.IGNORECASE | re.DOTALL)
_JSON = re.compile(r'\s*\{\s*["}]')
# header: value, name=value, --name value, 'name': 'value'
_LOOSE = re.compile(
    rf"(?<![\w\"\\-])((?:--)?'?{_NAME}(?:'?\s*[:=]\s*'?|(?<=-secret)\s+|(?<=-token)\s+))(?!\*\*\*)[^\s\"',;&}}]+",
    re.IGNORECASE,
)


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with ``***`` for the values of signatures, secrets, tokens and session keys, and for ``secrets``.

    A JSON message loses only values of its members; in other text also ``name=value`` and headers are looked for.
    """
    return Redactor(secrets).blank_text(text)


def redact_bytes(data: bytes, secrets: Iterable[str] = ()) -> bytes:
    """The same for a message received as bytes; what is no JSON (raw media) is returned as it is."""
    return Redactor(secrets).blank_bytes(data)


class Redactor:
    """``redact_text`` and ``redact_bytes`` for many messages and the same secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings = _spellings(secrets)
        self._as_bytes = [secret.encode() for secret in self._spellings]

    def blank_text(self, text: str) -> str:
        text = _TEXT_MEMBER.sub(_blank_member, text)
        if not _JSON.match(text):
            text = _LOOSE.sub(rf"\g<1>{MASK}", text)
        for secret in self._spellings:
            text = text.replace(secret, MASK)
        return text

    def blank_bytes(self, data: bytes) -> bytes:
        if not data.lstrip().startswith(b"{"):
            return data
        data = _BYTES_MEMBER.sub(_blank_bytes_member, data)
        for secret in self._as_bytes:
            data = data.replace(secret, MASK.encode())
        return data


def _blank_member(found: re.Match[str]) -> str:
    quote = found[3] or found[4]
    return f"{found[1]}{quote}{MASK}" if quote else f'{found[1]}"{MASK}"'


def _blank_bytes_member(found: re.Match[bytes]) -> bytes:
    quote = found[3] or found[4]
    mask = MASK.encode()
    return found[1] + (quote + mask if quote else b'"' + mask + b'"')


def _spellings(secrets: Iterable[str]) -> list[str]:
    """Each secret as it is and as JSON writes it, the longest first."""
    long_enough = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
    escaped = {json.dumps(secret, ensure_ascii=False)[1:-1] for secret in long_enough}
    return sorted(long_enough | escaped, key=len, reverse=True)
