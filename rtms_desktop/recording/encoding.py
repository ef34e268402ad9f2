"""Text for the disk, from values of which some came off the wire or from a person. Any thread."""

from __future__ import annotations

import json

import msgspec


def to_json(value: object) -> bytes:
    """``value`` as UTF-8 JSON; what has no JSON form becomes its text, and half a character a question mark."""
    try:
        return msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        # A lone surrogate: "\ud800" in a message gives one, and no reader would take it.
        plain = msgspec.to_builtins(value, enc_hook=str, str_keys=True)
        return json.dumps(plain, ensure_ascii=False, default=str).encode("utf-8", "replace")


def plain_line(text: str, limit: int) -> str:
    """What a person typed as one line of printable characters, at most ``limit`` of them."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:limit].rstrip()
