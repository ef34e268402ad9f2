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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"srtp_keys":{"audio":"ab","video":["cd",7,null]},"x":"y"}',
         '{"srtp_keys":{"audio":"***","video":["***","***",null]},"x":"y"}'),
        ('{"tokens": [ "a]\\"b", {"k" : "c"} , true ], "x": ["y"]}',
         '{"tokens": [ "***", {"k" : "***"} , true ], "x": ["y"]}'),
        ('{"tokens":["a","cut', '{"tokens":["***","***'),
        ('[{"token":"a"},{"x":1}]', '[{"token":"***"},{"x":1}]'),
        ('{"sign\\u0061t\\u0075re":"a\\"b","x":1}', '{"sign\\u0061t\\u0075re":"***","x":1}'),
        ('{"\\u0074\\u006f\\u006B\\u0065\\u006e":5}', '{"\\u0074\\u006f\\u006B\\u0065\\u006e":"***"}'),
        ('{"x":"{\\"token\\":5,\\"srtp\\":[1,\\"\\"]}","y":2}',
         '{"x":"{\\"token\\":\\"***\\",\\"srtp\\":[\\"***\\",\\"***\\"]}","y":2}'),
        ('{"x":"{\\"token\\":\\"a\\\\\\"b\\"}","y":"c"}', '{"x":"{\\"token\\":\\"***\\"}","y":"c"}'),
        ('{"x":"{\\u0022token\\u0022:\\u0022a\\u0022}"}', '{"x":"{\\u0022token\\u0022:\\u0022***\\u0022}"}'),
        ('{"x":"{\\"y\\":\\"{\\\\\\"token\\\\\\":1}\\"}"}',
         '{"x":"{\\"y\\":\\"{\\\\\\"token\\\\\\":\\\\\\"***\\\\\\"}\\"}"}'),
        ('{"x":"{\\"tokens\\":[\\"a","y":"b"}', '{"x":"{\\"tokens\\":[\\"***","y":"b"}'),
        ('{"tokens":["a\\"b","c"],"x":"d"}', '{"tokens":["***","***"],"x":"d"}'),
        ('{"passphrase":"a","srt_pbkey_length":16}', '{"passphrase":"***","srt_pbkey_length":16}'),
        ('{"data":"the secret: mine, \\"token\\" too"}', '{"data":"the secret: mine, \\"token\\" too"}'),
        ('{"tokens":{},"secret":[],"token":false}', '{"tokens":{},"secret":[],"token":false}'),
    ],
)  # fmt: skip
def test_secrets_are_found_however_json_holds_them(text: str, expected: str) -> None:
    assert redact_text(text) == expected
    assert redact_text(expected) == expected
    assert redact_bytes(b"\x00\xff" + text.encode()) == b"\x00\xff" + expected.encode()


def test_a_known_secret_is_found_behind_escapes() -> None:
    secret = 'q"x+/é'
    for text in (secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), json.dumps(json.dumps(secret)),
                 '"q\\u0022x\\u002b\\/\\u00e9"', '"q\\"x+\\/\\u00e9"'):  # fmt: skip
        assert redact_text(f'{{"a":{text}}}', [secret]).count(MASK) == 1
        assert "x" not in redact_text(f"is {text}", [secret])
    assert redact_text("abcdef abcd bcde", ["abcd", "abcdef", "cdef", "bcde"]) == "*** *** ***"


def test_raw_media_lose_only_what_is_quoted_and_named_in_them() -> None:
    data = b"\x80\x00" + os.urandom(64).replace(b'"', b"'") + b"token=abc signature: x"
    assert redact_bytes(data, ["abcd"]) is data
    assert redact_bytes(data + b' "token":"x"' + data) == data + b' "token":"***"' + data
    assert redact_bytes(data + b"abcd" + data, ["abcd"]) == data + b"***" + data
    silence = bytes(640)
    assert redact_bytes(silence) is silence


def test_a_binary_frame_of_plain_text_is_text() -> None:
    assert redact_bytes(b"bad signature=abc") == b"bad signature=***"
    assert redact_bytes(b"\x80 signature=abc") == b"\x80 signature=abc"
    assert redact_bytes(b'\xef\xbb\xbf{"x":"token: 5"}') == b'\xef\xbb\xbf{"x":"token: 5"}'


def test_bytes_that_are_no_utf8_survive() -> None:
    assert redact_bytes(b' {"x":"\xff\xfe","token":"\xff"}') == b' {"x":"\xff\xfe","token":"***"}'


SECRET = st.sampled_from(["signature", "client_secret", "x-token-y", "session_key", "plainToken", "srtp_keys"])
HARMLESS = st.sampled_from(["user_id", "reason", "data", "sig", "content", "keys"])
LEAVES = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=20)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRET | HARMLESS, inner, max_size=4),
    max_leaves=10,
)


def blanked(value: Any, secret: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: blanked(item, secret or _is_secret(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [blanked(item, secret) for item in value]
    return MASK if secret and isinstance(value, str | int) and not isinstance(value, bool) else value


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in ("signature", "secret", "token", "session_key", "srtp"))


@given(st.dictionaries(SECRET | HARMLESS, TREES, min_size=1), st.booleans(), st.sampled_from([None, 2]))
def test_a_json_object_loses_only_those_values(tree: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_only, indent=indent)
    assert json.loads(redact_text(text)) == blanked(tree)
    assert redact_bytes(text.encode("utf-8", "surrogatepass")) == redact_text(text).encode("utf-8", "surrogatepass")


@given(st.dictionaries(SECRET | HARMLESS, TREES, min_size=1), st.booleans())
def test_json_inside_strings_of_json_loses_those_values_too(tree: dict[str, Any], ascii_only: bool) -> None:
    inner = json.dumps(tree, ensure_ascii=ascii_only)
    outer = json.loads(redact_text(json.dumps({"data": inner, "x": [inner, "y"]}, ensure_ascii=ascii_only)))
    assert [json.loads(outer["data"]), json.loads(outer["x"][0])] == [blanked(tree)] * 2
    assert outer["x"][1] == "y"
