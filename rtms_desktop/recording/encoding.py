"""JSON for the disk, from values of which some came off the wire. Any thread."""

from __future__ import annotations

import json

import msgspec


def to_json(value: object) -> bytes:
    """``value`` as one line of UTF-8 JSON; what has no JSON form becomes its text, and half a character an escape."""
    try:
        return msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        # A lone surrogate, as "\\ud800" in JSON gives one: plain ASCII can still write it down.
        return json.dumps(msgspec.to_builtins(value, enc_hook=str, str_keys=True), default=str).encode()
