"""Finds the JSON object in what a person pastes: JSON, a curl command, a log line, a Python or JavaScript literal."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

import msgspec

from rtms_desktop.errors import PayloadError
from rtms_desktop.wire.lenient import nests_deeper

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
_DATA_FLAGS = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json")
_CURL = re.compile(r"^(?:\$\s*)?curl(?:\.exe)?\s", re.IGNORECASE)
_TOKEN = re.compile(
    r"""
    (?P<double> "(?:[^"\\]|\\.)*" )
  | '(?P<single> (?:[^'\\]|\\.)* )'
  | (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<comma> ,(?=\s*[}\]]) )
  | (?P<word> [A-Za-z_$][\w$]* )
    """,
    re.DOTALL | re.VERBOSE,
)
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_LITERALS = {"true", "false", "null"}
_QUOTES = re.compile(r"\\'|(?<!\\)\"")
_DECODER = json.JSONDecoder()
_TRIES = 200  # opening braces looked at in a text that is not JSON as a whole


def find_object(text: str | bytes) -> tuple[dict[str, Any], str]:
    """(object, form) with the form in words: "JSON", "curl command", "text with JSON inside" ...

    Raises:
        PayloadError: nothing of the kind is in it, or it is beyond 1 MiB or 32 levels.
    """
    text = _as_text(text)
    found, form = _search(text)
    if found is None:
        raise _no_object(text)
    if nests_deeper(found, MAX_DEPTH):
        raise PayloadError(
            "the payload cannot be used",
            f"it nests deeper than {MAX_DEPTH} levels",
            "Paste the webhook body that Zoom sent.",
        )
    return found, form


def _as_text(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        raise PayloadError(
            "the payload is too large",
            f"it has {len(text):,} characters; a webhook has a few hundred",
            "Paste only the webhook body.",
        )
    if isinstance(text, bytes):
        wide = text.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = text.decode("utf-16" if wide else "utf-8", "replace")
    # Windows editors begin files with a byte order mark, chat programs put blanks of no width between words.
    return re.sub("[\ufeff\u200b]", "", text).replace("\u00a0", " ").strip()


def _search(text: str) -> tuple[dict[str, Any] | None, str]:
    if _CURL.match(text):
        body = _curl_body(text)
        return _search(body)[0], "curl command"
    for read, form in _READINGS:
        if (found := read(text)) is not None:
            return found, form
    return None, ""


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, str):  # a whole body as one JSON string
        return _json(found)
    return _only_object(found)


def _only_object(found: Any) -> dict[str, Any] | None:
    """An object, or the only object of an array."""
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return found if isinstance(found, dict) else None


def _literal(text: str) -> dict[str, Any] | None:
    """A JavaScript object or a printed Python dict: other quotes, bare keys, comments, trailing commas."""
    if not text.startswith("{"):
        return None
    without_comments = _TOKEN.sub(_as_json, text.rstrip("; \n"))
    return _json(_TOKEN.sub(_as_json, without_comments))


def _as_json(found: re.Match[str]) -> str:
    token = found[0]
    match found.lastgroup:
        case "single":
            inner = _QUOTES.sub(lambda quote: "'" if quote[0] == "\\'" else '\\"', found["single"])
            return f'"{inner}"'
        case "comment" | "comma":
            return ""
        case "word":
            return _WORDS.get(token, token if token in _LITERALS else f'"{token}"')
        case _:
            return token


def _escaped(text: str) -> dict[str, Any] | None:
    r"""The inside of a JSON string: ``{\"event\":\"...\"}``, with or without the outer quotes."""
    if '\\"' not in text:
        return None
    return _json(f'"{text.strip(chr(34))}"')


def _inside(text: str) -> dict[str, Any] | None:
    """The largest JSON object in other text, such as a line of a log."""
    best: dict[str, Any] | None = None
    size = start = tries = 0
    while (start := text.find("{", start)) >= 0 and tries < _TRIES:
        tries += 1
        try:
            found, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            start += 1
            continue
        if end - start > size:
            best, size = found, end - start
        start = end
    return best


def _inside_loosely(text: str) -> dict[str, Any] | None:
    """Between the first and the last brace, in any of the notations."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end <= start:
        return None
    part = text[start : end + 1]
    return _literal(part) or _escaped(part)


_READINGS: tuple[tuple[Callable[[str], dict[str, Any] | None], str], ...] = (
    (_json, "JSON"),
    (_literal, "JavaScript or Python object"),
    (_escaped, "JSON in quotes"),
    (_inside, "text with JSON inside"),
    (_inside_loosely, "text with JSON inside"),
)


def _curl_body(text: str) -> str:
    """The data of a curl command; files are named in it but never read."""
    joined = re.sub(r"[\\^`]\r?\n", " ", text)
    try:
        words = shlex.split(joined.replace("$'", "'"))
    except ValueError:  # the quotes do not match: the JSON may still be whole
        return joined[joined.find("{") : joined.rfind("}") + 1]
    for index, word in enumerate(words):
        flag, _, value = word.partition("=") if word.startswith("--") else (word[:2], "", word[2:])
        if flag not in _DATA_FLAGS:
            continue
        body = value or (words[index + 1] if index + 1 < len(words) else "")
        if body.startswith("@"):
            raise PayloadError(
                "the payload is not in the curl command",
                f"it is in the file {body[1:]!r}, which is not read from here",
                "Open that file, or paste what is in it.",
            )
        if body:
            return body
    raise PayloadError("the curl command holds no payload", "it has no -d or --data", "Paste the webhook body instead.")


def _no_object(text: str) -> PayloadError:
    fix = "Paste the body of the webhook that Zoom sent: it begins with { and holds server_urls."
    if not text:
        return PayloadError("there is no payload", "the text is empty", fix)
    if text.startswith("@"):
        return PayloadError(
            "the payload is not here", "only the name of a file was given", "Paste what is in the file."
        )
    if "{" not in text:
        return PayloadError("the text holds no payload", "there is no JSON in it", fix)
    why = "its JSON nests too deep or holds numbers that are too long"
    try:
        _DECODER.decode(text[text.index("{") :])
    except json.JSONDecodeError as error:
        why = f"its JSON breaks off or is damaged in line {error.lineno}, column {error.colno} ({error.msg})"
    except (ValueError, RecursionError):
        pass
    return PayloadError("the payload cannot be read", why, fix)
