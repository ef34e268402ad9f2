"""Which rows a filter lets through: by columns at once, by text in a second look. Or thread.

Text can only be compared with messages that are read, so a filter first says which rows are in whatever the text
says, which may be, and which cannot be; only those between are read.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rtms_desktop.app.message_filter import NOBODY, TRAITS, And, Compare, Node, Not, Or, Text, names_type, texts
from rtms_desktop.app.message_log import Bodies
from rtms_desktop.app.message_rows import NO_LAG, WAKE, Array, Channel, Mask, Rows, type_label

_COMPARE: dict[str, Callable[[Array, float], Mask]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
}
_DIRECTIONS = {"in": "in", "out": "out", "here": ""}
_PAYLOAD = re.compile(rb'"(?:data|content)"\s*:\s*"[A-Za-z0-9+/=]{120,}"')
_PAYLOAD_KINDS = (14, 15, 16)
_LONG_NUMBER = re.compile(r"\d{5}|\\d")
_SMALL = 400
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """Positions of rows, and whether each surely matches or has to be read first."""

    sure: Array
    open: Array


def match(node: Node, rows: Rows, begin: int = 0, end: int | None = None) -> Part:
    """Look at the rows from position ``begin`` to ``end`` by their columns alone."""
    view = _View(rows, begin, len(rows) if end is None else end)
    must, may = _bounds(node, view)
    if not names_type(node, WAKE):
        real = view.column("kind") != WAKE
        must, may = must & real, may & real
    return Part(np.flatnonzero(must) + begin, np.flatnonzero(may & ~must) + begin)


def search(
    node: Node, rows: Rows, positions: Array, bodies: Bodies, stop: Callable[[], bool] = lambda: False
) -> Iterator[tuple[int, Array]]:
    """Read the rows at ``positions``; yields (how many are done, positions that match) for each batch of them."""
    terms = [(term, _in_bytes(term)) for term in texts(node)]
    for start in range(0, len(positions), BATCH):
        if stop():
            return
        batch = positions[start : start + BATCH]
        view = _View(rows, 0, len(rows), batch)
        found: dict[Text, Mask] = {term: _by_name(term, view) for term, _ in terms}
        looks = [(found[term], term.pattern, raw) for term, raw in terms]
        for number, body in enumerate(bodies.many(batch + rows.first)):
            if body is None:
                continue
            said = _without_payload(body)
            for mask, pattern, raw in looks:
                if raw.search(said) if raw is not None else pattern.search(said.decode("utf-8", "replace")):
                    mask[number] = True
        must, _ = _bounds(node, view, found)
        yield start + len(batch), batch[must]


def name_text(channel: Channel, kind: int, user: int | None, name: str, flags: int) -> str:
    """What the columns of a row say, for searching."""
    who = "" if user is None else f"{user} {name}"
    traits = " ".join(word for word, flag in TRAITS.items() if flag & flags and word != "trouble")
    arrow = {"in": "<-", "out": "->"}.get(channel.direction, "--")
    return f"{arrow} {channel.link} {type_label(kind)} {who} {traits}"


def _in_bytes(term: Text) -> re.Pattern[bytes] | None:
    """The pattern for undecoded text, five times as quick; None where letters beyond ASCII are compared."""
    pattern = term.pattern.pattern
    return re.compile(pattern.encode(), re.IGNORECASE) if pattern.isascii() else None


def _without_payload(body: bytes) -> bytes:
    """A message without its media, which are no text."""
    if len(body) < _SMALL:
        return body
    return _PAYLOAD.sub(b'"data":""', body)


def _by_name(term: Text, view: _View) -> Mask:
    """Rows of which the columns say it already; each combination is looked at once."""
    columns = [view.column(name).astype(np.int64) for name in ("channel", "user", "kind", "flags")]
    key = ((columns[0] << 16 | columns[1]) << 16 | (columns[2] & 0xFFFF)) << 8 | columns[3]
    unique, first, which = np.unique(key, return_index=True, return_inverse=True)
    rows, told = view.rows, np.zeros(len(unique), np.bool_)
    for number, row in enumerate(first.tolist()):
        channel, user_number, kind, flags = (int(column[row]) for column in columns)
        user = rows.users[user_number]
        name = "" if user is None else rows.names.get(user, "")
        told[number] = term.pattern.search(name_text(rows.channels[channel], kind, user, name, flags)) is not None
    mask: Mask = told[which]
    return mask


def _by_look(term: Text, view: _View) -> tuple[Mask, Mask]:
    """(surely, possibly) without reading. Of sound and pictures only the names are searched, unless it is for a
    number: there is nothing else in them, and they are most of a million messages."""
    named = _by_name(term, view)
    if _LONG_NUMBER.search(term.source):
        return named, view.all(True)
    return named, named | ~np.isin(view.column("kind"), _PAYLOAD_KINDS)


class _View:
    """Some rows: a range of positions, or ``chosen`` ones."""

    def __init__(self, rows: Rows, begin: int, end: int, chosen: Array | None = None) -> None:
        self.rows, self._begin, self._end, self._chosen = rows, begin, end, chosen
        self.count = end - begin if chosen is None else len(chosen)

    def column(self, name: str) -> Array:
        column = self.rows.column(name, self._begin, self._end)
        return column if self._chosen is None else column[self._chosen]

    def all(self, value: bool) -> Mask:
        return np.full(self.count, value)


def _bounds(node: Node, view: _View, found: Mapping[Text, Mask] | None = None) -> tuple[Mask, Mask]:
    """(surely in, possibly in) for each row; the same mask twice once the text terms are ``found``."""
    match node:
        case Text():
            return _by_look(node, view) if found is None else (found[node], found[node])
        case Compare():
            mask = _test(node, view)
            return mask, mask
        case Not(part=part):
            must, may = _bounds(part, view, found)
            return ~may, ~must
        case And(parts=parts):
            must, may = view.all(True), view.all(True)
            for part in parts:
                a, b = _bounds(part, view, found)
                must, may = must & a, may & b
            return must, may
        case Or(parts=parts):
            must, may = view.all(False), view.all(False)
            for part in parts:
                a, b = _bounds(part, view, found)
                must, may = must | a, may | b
            return must, may


def _test(test: Compare, view: _View) -> Mask:
    match test.field:
        case "type":
            return np.isin(view.column("kind"), np.array(test.numbers, np.int64))
        case "link":
            return _by_channel(view, lambda channel: channel.link in test.words)
        case "dir":
            wanted = {_DIRECTIONS[word] for word in test.words}
            return _by_channel(view, lambda channel: channel.direction in wanted)
        case "is":
            wanted_flags = 0
            for word in test.words:
                wanted_flags |= TRAITS[word]
            flagged: Mask = (view.column("flags") & np.uint8(wanted_flags)) != 0
            return flagged
        case "user":
            return _by_user(view, test.words)
    return _numeric(test, view)


def _numeric(test: Compare, view: _View) -> Mask:
    compare = _COMPARE[test.op]
    if test.field == "attempt":
        numbers = np.array([channel.attempt for channel in view.rows.channels] or [0])
        values: Array = numbers[view.column("channel")]
    elif test.field == "time":
        values = (view.column("time") - view.rows.zero) / 1e9
    else:
        values = view.column(test.field)
    mask = view.all(False)
    for number in test.numbers:
        mask |= compare(values, number)
    if test.field == "lag":
        mask &= values != NO_LAG
    return mask


def _by_channel(view: _View, wanted: Callable[[Channel], bool]) -> Mask:
    table = np.array([wanted(channel) for channel in tuple(view.rows.channels)] or [False])
    mask: Mask = table[view.column("channel")]
    return mask


def _by_user(view: _View, words: tuple[str, ...]) -> Mask:
    """Names that hold a word, ids that are one; ``none`` stands for messages without a speaker."""
    table = []
    for user in tuple(view.rows.users):
        name = "" if user is None else view.rows.names.get(user, "").casefold()
        told = NOBODY in words if user is None else str(user) in words or any(w in name for w in words if w != NOBODY)
        table.append(told)
    mask: Mask = np.array(table)[view.column("user")]
    return mask
