"""Looks for words in the messages of what is shown, as the Inspector's filter does, on a thread of its own.

The columns are looked through on the main thread a piece at a time (they may lose their oldest rows meanwhile); what
has to be read for it is read on the worker. Used by the search's view-model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rtms_desktop.app.message_filter import Node, parse, quoted
from rtms_desktop.app.message_log import Bodies, Log
from rtms_desktop.app.message_match import match, search
from rtms_desktop.app.message_rows import Array, type_label
from rtms_desktop.app.message_text import content_text
from rtms_desktop.app.message_worker import Job, Worker
from rtms_desktop.viewmodels.figures import short_clock
from rtms_desktop.viewmodels.search_hits import MOST, Group, Hit, named
from rtms_desktop.viewmodels.search_words import Words

PIECE = 4_096
"""Rows whose columns are looked at between two yields: about a millisecond."""

BATCH = 1_000
RAW_MOST = 4_000
"""So much of a message's JSON is looked at for the place that was found."""

READ_MOST = 40_000
"""Messages that are read for one search, the newest ones; what is older is only counted by its columns."""


def expression(words: Words) -> str:
    """The words in the language of the Inspector's filter."""
    return " ".join(f'"{word}"' if word.lower() in _OPERATORS else quoted(word) for word in words.text.split())


_OPERATORS = ("and", "or", "not")


@dataclass(frozen=True, slots=True)
class Messages:
    """What was found so far. ``more``: not everything was read."""

    hits: list[Hit]
    total: int
    more: bool = False
    done: bool = True


class MessageSearch:
    """``scan`` looks through the columns and then hands over to the thread, which tells ``took`` by way of the worker.

    Args:
        worker: who owns it drains it on the main thread.
    """

    def __init__(self, worker: Worker, took: Callable[[Messages], object]) -> None:
        self._worker, self._took = worker, took

    def cancel(self) -> None:
        self._worker.cancel("search")

    def scan(self, log: Log, words: Words) -> Iterator[None]:
        """Yields between the pieces; when it is through, ``took`` is told sooner or later."""
        node, rows = parse(expression(words), log.rows.links()), log.rows
        sure: list[Array] = []
        unread: list[Array] = []
        end = rows.end
        while end > rows.first:
            begin = max(rows.first, end - PIECE)
            part = match(node, rows, begin - rows.first, end - rows.first)
            sure.append(part.sure + rows.first)
            unread.append(part.open + rows.first)
            end = begin
            yield
        self._read(log, node, words, _joined(sure), _joined(unread))

    def _read(self, log: Log, node: Node, words: Words, sure: Array, unread: Array) -> None:
        """``sure`` and ``unread``: serials in order."""
        more = len(unread) > READ_MOST
        unread = unread[-READ_MOST:]
        newest = sure[-MOST:]
        bodies = log.bodies(np.union1d(newest, unread))

        def work(job: Job) -> Messages:
            try:
                return _look(job, log, node, words, (len(sure), newest, unread, more), bodies)
            finally:
                bodies.close()

        self._worker.submit("search", work, self._took)


def _look(
    job: Job, log: Log, node: Node, words: Words, asked: tuple[int, Array, Array, bool], bodies: Bodies
) -> Messages:
    """On the worker: the newest hits first, then how many there are."""
    total, newest, unread, more = asked
    found: list[int] = newest.tolist()
    hits: list[Hit] | None = None
    for end in range(len(unread), 0, -BATCH):
        batch = unread[max(0, end - BATCH) : end]
        positions = batch[batch >= log.rows.first] - log.rows.first
        for _, matching in search(node, log.rows, positions, bodies, lambda: job.stopped):
            total += len(matching)
            if hits is None:
                found = sorted({*found, *(matching[-MOST:] + log.rows.first).tolist()})[-MOST:]
        if job.stopped:
            break
        if hits is None and len(found) == MOST and int(batch[0]) <= found[0]:
            hits = _hits(log, found, words, bodies)
            job.tell(Messages(hits, total, more=more, done=False))
    return Messages(_hits(log, found, words, bodies) if hits is None else hits, total, more)


def _hits(log: Log, serials: list[int], words: Words, bodies: Bodies) -> list[Hit]:
    return [_hit(log, serial, words, bodies) for serial in reversed(serials) if serial >= log.rows.first]


def _hit(log: Log, serial: int, words: Words, bodies: Bodies) -> Hit:
    """A message in its own words; where these do not hold what was found, its speaker or the place in its JSON does."""
    rows, body = log.rows, bodies.get(serial)
    text, user = content_text(rows, serial, body, log.product), rows.user(serial)
    name = "" if user is None else rows.names.get(user, "")
    if not words.occur_in(text):
        raw = "" if body is None else body.decode("utf-8", "replace")
        if words.occur_in(name):
            text = f"{name} · {text}"
        elif words.marks(raw[:RAW_MOST]):
            text = raw[:RAW_MOST]
    kind, clock = type_label(rows.value("kind", serial)), short_clock(rows.seconds(serial))
    return named(Group.MESSAGES, str(serial), text, words, lead=kind, side=clock, target=serial)


def _joined(parts: list[Array]) -> Array:
    """Parts that were gathered from the newest to the oldest, in order."""
    return np.concatenate(parts[::-1]) if parts else np.zeros(0, np.int64)
