"""Secrets go, every other byte stays."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.wire.redact import MASK, redact_bytes, redact_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"signature":"ab/c=","b" : 1}', '{"signature":"***","b" : 1}'),
        ('{ "client_secret" :\n "q\\"x" }', '{ "client_secret" :\n "***" }'),
        ('{"plainToken":"a","encryptedToken":"b","session_key":"c"}',
         '{"plainToken":"***","encryptedToken":"***","session_key":"***"}'),
        ('{"x":"{\\"signature\\":\\"abc\\",\\"y\\":1}"}', '{"x":"{\\"signature\\":\\"***\\",\\"y\\":1}"}'),
        ('{"token":123,"secret":-1.5e3,"signature":null}', '{"token":"***","secret":"***","signature":null}'),
        ('{"signature":"cut o', '{"signature":"***'),
        ('{"reason":"Invalid signature: abc"}', '{"reason":"Invalid signature: abc"}'),
        ("x-zm-signature: v0=abc\nhost: h", "x-zm-signature: ***\nhost: h"),
        ("ZOOM_CLIENT_SECRET=abc x=1", "ZOOM_CLIENT_SECRET=*** x=1"),
        ("mock --client-secret abc --port 1", "mock --client-secret *** --port 1"),
        ("https://h/p?token=abc&x=1", "https://h/p?token=***&x=1"),
        ("{'signature': 'abc', 'x': 'y'}", "{'signature': '***', 'x': 'y'}"),
        ('sent {"signature":"abc"} ok', 'sent {"signature":"***"} ok'),
        ("3 INVALID_SIGNATURE (credentials)", "3 INVALID_SIGNATURE (credentials)"),
    ],
)  # fmt: skip
def test_values_of_secret_names_are_blanked(text: str, expected: str) -> None:
    assert redact_text(text) == expected
    assert redact_text(expected) == expected
    if text.startswith("{") and '"' in text:
        assert redact_bytes(text.encode()) == expected.encode()


def test_secrets_are_blanked_by_value_too() -> None:
    text = '{"a":"my \\"s3cret\\" is here","b":"s3cret-longer"}'
    assert redact_text(text, ['"s3cret"', "s3cret-longer", "abc"]) == '{"a":"my *** is here","b":"***"}'
    assert redact_bytes(text.encode(), ["s3cret-longer"]) == text.replace("s3cret-longer", MASK).encode()
    assert redact_text("abc", ["abc"]) == "abc"  # too short to be told from other text


def test_raw_media_are_left_alone() -> None:
    data = b"\x80" + os.urandom(64) + b'"token":"abc"'  # what begins with a brace would be JSON
    assert redact_bytes(data, ["abcd"]) == data


def test_bytes_that_are_no_utf8_survive() -> None:
    assert redact_bytes(b' {"x":"\xff\xfe","token":"\xff"}') == b' {"x":"\xff\xfe","token":"***"}'


SECRET = st.sampled_from(["signature", "client_secret", "x-token-y", "session_key", "plainToken"])
HARMLESS = st.sampled_from(["user_id", "reason", "data", "sig", "content", "keys"])
LEAVES = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=20)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRET | HARMLESS, inner, max_size=4),
    max_leaves=10,
)


def blanked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: MASK if _is_secret(key, item) else blanked(item) for key, item in value.items()}
    return [blanked(item) for item in value] if isinstance(value, list) else value


def _is_secret(key: str, item: Any) -> bool:
    named = any(word in key.lower() for word in ("signature", "secret", "token", "session_key"))
    return named and isinstance(item, str | int) and not isinstance(item, bool)


@given(st.dictionaries(SECRET | HARMLESS, TREES, min_size=1), st.booleans(), st.sampled_from([None, 2]))
def test_a_json_object_loses_only_those_values(tree: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_only, indent=indent)
    assert json.loads(redact_text(text)) == blanked(tree)
    assert redact_bytes(text.encode("utf-8", "surrogatepass")) == redact_text(text).encode("utf-8", "surrogatepass")
