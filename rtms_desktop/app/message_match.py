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
    terms = texts(node)
    for start in range(0, len(positions), BATCH):
        if stop():
            return
        batch = positions[start : start + BATCH]
        found: dict[Text, Mask] = {term: np.zeros(len(batch), np.bool_) for term in terms}
        for number, position in enumerate(batch.tolist()):
            text = line_text(rows, position + rows.first, bodies.get(position + rows.first))
            for term in terms:
                if term.pattern.search(text):
                    found[term][number] = True
        must, _ = _bounds(node, _View(rows, 0, len(rows), batch), found)
        yield start + len(batch), batch[must]


def line_text(rows: Rows, serial: int, body: bytes | None) -> str:
    """What a message says, for searching: names and numbers of its row, then its JSON without the media in it."""
    kind, user = rows.value("kind", serial), rows.user(serial)
    channel = rows.channel(serial)
    name = "" if user is None else f"{user} {rows.names.get(user, '')}"
    flags = " ".join(word for word, flag in TRAITS.items() if flag & rows.value("flags", serial) and word != "trouble")
    said = "" if body is None else _PAYLOAD.sub(b'"data":""', body).decode("utf-8", "replace")
    arrow = {"in": "<-", "out": "->"}.get(channel.direction, "--")
    return f"{arrow} {channel.link} {type_label(kind)} {name} {flags} {said}"


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
            return (view.all(False), view.all(True)) if found is None else (found[node], found[node])
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
