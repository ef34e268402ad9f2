"""Blanks secrets in what leaves the program: tapes, logs, exports. Every other byte stays as it was. Any thread."""

from __future__ import annotations

import functools
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator

MASK = "***"
SHORTEST_SECRET = 4
"""Secrets shorter than this are not looked for by value: they would blank half of the text."""

_WORDS = r"(?:signature|secret|token|session[_-]?key|srtp|pass(?:phrase|word|code)|authorization)"
_SECRET_NAME = re.compile(_WORDS.encode(), re.IGNORECASE)
_DEEPEST = 4
"""So many times JSON that stands in a string of JSON is looked into."""

_RUN = rb'[^"\\\x00-\x1f]'
# "name": with letters perhaps written as \u0061. It starts with a plain character and gives up early, which lets the
# search skip 400 KB of base64 in 0.1 ms.
_KEY = re.compile(rb'"(%b{0,128}+(?:\\u[0-9a-fA-F]{4}%b{0,64}+){0,64}+)"\s*+:\s*+' % (_RUN, _RUN))
# No text goes on where raw media begin.
_STRING = rb'"([^"\\\x00-\x08\x0e-\x1f]*+(?:\\.[^"\\\x00-\x08\x0e-\x1f]*+)*+)'
_NUMBER = rb"(-?[0-9][0-9.eE+-]*+)"
_VALUE = re.compile(rb"%b|%b|[\[{]" % (_STRING, _NUMBER), re.DOTALL)
_TOKEN = re.compile(rb'%b"?+(\s*+:)?+|%b|[\[{\]}]' % (_STRING, _NUMBER), re.DOTALL)
_ESCAPE = re.compile(rb'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_HIDES_TEXT = re.compile(rb'\\(?:"|u00[2-7])')
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
# header: value, name=value, --name value, 'name': 'value'
_LOOSE = re.compile(
    rf"(?<![\w\"\\-])(?:--)?'?[\w-]{{0,64}}{_WORDS}[\w-]{{0,64}}"
    rf"(?:'?\s*[:=]\s*'?|(?<=-secret)\s+|(?<=-token)\s+)(?!\*\*\*)([^\s\"',;&}}]+)".encode(),
    re.IGNORECASE,
)

IsQuote = Callable[[int], bool]
"""Whether the quote at a position is one of the text looked at, and not of the text around it."""

Span = tuple[int, int, int, int]
"""What to blank, from and to, and where the quotes that its mask needs are spelt (nowhere: from = to)."""


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with ``***`` for the values of signatures, secrets, tokens and session keys, and for ``secrets``.

    JSON loses only such values, those in lists and in JSON inside its strings too; in other text also ``name=value``
    and headers are looked for.
    """
    return Redactor(secrets).blank_text(text)


def redact_bytes(data: bytes, secrets: Iterable[str] = ()) -> bytes:
    """The same for a message received as bytes; raw media lose only ``"name": value`` and ``secrets``."""
    return Redactor(secrets).blank_bytes(data)


class Redactor:
    """``redact_text`` and ``redact_bytes`` for many messages and the same secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = _spellings(secrets)

    def blank_text(self, text: str) -> str:
        return self.blank_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def blank_bytes(self, data: bytes) -> bytes:
        """``data`` itself when nothing secret is in it."""
        spans = sorted({*self._quoted(data, _everywhere, _DEEPEST), *_loose(data)})
        if not spans:
            return data
        parts, end = [], 0
        for start, stop, quote, unquote in spans:
            if start >= end:
                parts += [data[end:start], data[quote:unquote], MASK.encode(), data[quote:unquote]]
            end = max(end, stop)
        return b"".join((*parts, data[end:]))

    def _quoted(self, data: bytes, is_quote: IsQuote, depth: int) -> Iterator[Span]:
        yield from _members(data, is_quote)
        yield from self._known(data)
        if depth and b"\\" in data and _HIDES_TEXT.search(data):
            inner = _Inner(data)
            for span in self._quoted(inner.text, inner.is_escape, depth - 1):
                start, stop, quote, unquote = map(inner.outside, span)
                yield start, stop, quote, unquote

    def _known(self, data: bytes) -> Iterator[Span]:
        for secret in self._secrets:
            at = data.find(secret)
            while at >= 0:
                yield at, at + len(secret), at, at
                at = data.find(secret, at + len(secret))


def _members(data: bytes, is_quote: IsQuote) -> Iterator[Span]:
    done = 0
    for key in _KEY.finditer(data):
        if key.start() >= done and _is_secret(key[1]) and is_quote(key.start()):
            value = _VALUE.match(data, key.end())
            if value is None:
                continue
            if value.lastindex is None:
                done = yield from _contents(data, value.end(), is_quote, key.start())
            else:
                yield _span(value, value.lastindex, key.start())


def _contents(data: bytes, at: int, is_quote: IsQuote, quote: int) -> Generator[Span, None, int]:
    """Every text and number of the list or object that was opened before ``at``; names stay. Returns where it ends."""
    depth = 1
    for token in _TOKEN.finditer(data, at):
        if token[1] is not None and not is_quote(token.start()):
            return token.start()  # cut off: here ends the text that it stands in
        if token[1] is not None or token[3] is not None:
            if token[2] is None:
                yield _span(token, 1 if token[3] is None else 3, quote)
            continue
        depth += 1 if token[0] in b"[{" else -1
        if depth == 0:
            return token.end()
    return len(data)


def _span(found: re.Match[bytes], group: int, quote: int) -> Span:
    """A text keeps its own quotes, a number gets those of the name."""
    start, stop = found.span(group)
    return (start, stop, start, start) if start > found.start() else (start, stop, quote, quote + 1)


def _loose(data: bytes) -> Iterator[Span]:
    if not _JSON.match(data) and _is_text(data):
        for found in _LOOSE.finditer(data):
            yield *found.span(1), found.start(1), found.start(1)


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


class _Inner:
    """Text with one level of JSON's escapes undone, and where each of its bytes stood."""

    def __init__(self, data: bytes) -> None:
        parts: list[bytes] = []
        pieces = [(0, 0, False)]  # where it begins here and outside, and whether it was an escape
        here = there = 0
        for escape in _ESCAPE.finditer(data):
            plain = _plain(escape)
            parts += [data[there : escape.start()], plain]
            here += escape.start() - there
            pieces.append((here, escape.start(), True))
            here, there = here + len(plain), escape.end()
            pieces.append((here, there, False))
        self.text = b"".join((*parts, data[there:]))
        self._pieces = pieces

    def outside(self, position: int) -> int:
        here, there, _ = self._piece(position)
        return there + position - here

    def is_escape(self, position: int) -> bool:
        here, _, escaped = self._piece(position)
        return escaped and here == position

    def _piece(self, position: int) -> tuple[int, int, bool]:
        return self._pieces[bisect_right(self._pieces, position, key=lambda piece: piece[0]) - 1]


def _plain(escape: re.Match[bytes]) -> bytes:
    if escape[1] is None:
        return _LETTERS.get(escape[2], escape[2])
    return chr(int(escape[1], 16)).encode("utf-8", "surrogatepass")


@functools.lru_cache(maxsize=256)
def _is_secret(name: bytes) -> bool:
    return _SECRET_NAME.search(_ESCAPE.sub(_plain, name)) is not None


def _everywhere(position: int) -> bool:
    return True


def _spellings(secrets: Iterable[str]) -> list[bytes]:
    """Each secret as it is and as JSON writes it."""
    long_enough = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
    escaped = {
        json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for secret in long_enough for ascii_only in (True, False)
    }
    return [
        text.encode("utf-8", "surrogatepass")
        for text in sorted(long_enough | escaped | {text.replace("/", "\\/") for text in escaped})
    ]
