"""Looks through what the window holds, newest first, a piece at a time. Main thread; run by the search's view-model.

Each function is a generator that fills one `Found` and yields after every few hundred rows, so that who runs it can
stop at any of them and go on in the next turn of the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from rtms_desktop.session.events import ChatReceived
from rtms_desktop.viewmodels.event_texts import EventText, describe
from rtms_desktop.viewmodels.figures import one_line, short_clock
from rtms_desktop.viewmodels.rows import RowStore
from rtms_desktop.viewmodels.search_hits import MOST, Command, Found, Group, Hit, named
from rtms_desktop.viewmodels.search_words import Words
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import ChatOperation

PIECE = 256
"""Rows between two yields: well below a millisecond."""

T = TypeVar("T")
_TONES = {"warning": ("triangle-alert", "warn"), "error": ("circle-x", "error")}
_OTHER = (ChatOperation.DELETE, ChatOperation.ADD_EMOJI_REACTION, ChatOperation.REMOVE_EMOJI_REACTION)


def find_commands(found: Found, words: Words, commands: Iterable[Command]) -> None:
    """By name, the best fit first; there are a few dozen."""
    ranked = [(rank, command) for command in commands if (rank := words.rank(command.name)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    found.total = len(ranked)
    found.hits = [command_hit(command, words) for _, command in ranked[:MOST]]


def command_hit(command: Command, words: Words) -> Hit:
    icon = ("check", "text2") if command.on else ("", "")
    return named(Group.COMMANDS, command.key, command.name, words, side=command.shortcut, target=command.key, icon=icon)


def find_people(found: Found, words: Words, people: Sequence[Any]) -> Iterator[None]:
    """Rows of the People dock."""

    def hit(person: Any) -> Hit:
        side = "" if person.here else "left"
        key = str(person.user_id)
        return named(Group.PEOPLE, key, person.name, words, side=side, user_id=person.user_id, target=person.user_id)

    return _look(found, people, lambda person: person.name, hit, words)


def find_lines(found: Found, words: Words, model: Any) -> Iterator[None]:
    """Lines of the transcript's view-model."""

    def hit(serial: int) -> Hit:
        line = model.store.row(serial)
        return named(
            Group.TRANSCRIPT, str(serial), line.text, words, lead=_who(line), side=model.clock(line),
            user_id=line.user_id, at=model.at_of(serial), target=serial,
        )  # fmt: skip

    return _look(found, _newest_first(model.store), _said(model.store), hit, words)


def find_chat(found: Found, words: Words, model: Any) -> Iterator[None]:
    """Messages that the chat's view-model holds."""

    def hit(serial: int) -> Hit:
        line = model.store.row(serial)
        return named(
            Group.CHAT, str(serial), line.text, words, lead=_who(line), side=model.clock(line.timestamp_ms),
            user_id=line.user_id, at=model.at_of(serial), target=line.message_id,
        )  # fmt: skip

    return _look(found, _newest_first(model.store), _said(model.store), hit, words)


def find_recorded_chat(found: Found, words: Words, session: Any) -> Iterator[None]:
    """Messages of a whole recording, also behind the playhead, as they read in the end."""
    time = SessionTime(session)
    edited: dict[str, str] = {}  # edits come later, and so are seen first

    def text(event: Any) -> str:
        message = event.message if isinstance(event, ChatReceived) else None
        if message is None or message.sender is None or message.operation in _OTHER:
            return ""
        if message.operation == ChatOperation.UPDATE:
            edited.setdefault(message.message_id, message.text)
            return ""
        return f"{message.sender.user_name}\n{edited.get(message.message_id, message.text)}"

    def hit(event: Any) -> Hit:
        message, sender = event.message, event.message.sender
        return named(
            Group.CHAT, message.message_id or str(event.at), edited.get(message.message_id, message.text), words,
            lead=one_line(sender.user_name, 60) or f"User {sender.user_id}", user_id=sender.user_id,
            side=short_clock(time.of_at(event.at)), at=event.at, target=message.message_id,
        )  # fmt: skip

    return _look(found, reversed(session.timeline()), text, hit, words)


def find_marks(found: Found, words: Words, marks: Sequence[Any], session: Any) -> Iterator[None]:
    time = SessionTime(session)

    def hit(mark: Any) -> Hit:
        clock = short_clock(time.of_at(mark.at))
        return named(Group.MARKS, mark.id, mark.text or "Mark", words, side=clock, at=mark.at, target=mark.id)

    return _look(found, list(reversed(marks)), lambda mark: f"mark {mark.text}", hit, words)


def find_events(found: Found, words: Words, session: Any, rows: Sequence[Any]) -> Iterator[None]:
    """Rows of the Events dock; of a recording also what lies behind the playhead."""
    time = SessionTime(session)
    if session.is_replay:
        product = session.config.product
        told: Iterable[tuple[float, EventText | None]] = (
            (event.at, describe(event, product)) for event in reversed(session.timeline())
        )
    else:
        told = ((row.at, row.text) for row in reversed(rows[:]))

    def text(row: tuple[float, EventText | None]) -> str:
        return "" if row[1] is None else f"{row[1].link} {row[1].code} {row[1].sentence}"

    def hit(row: tuple[float, EventText | None]) -> Hit:
        at, event = row
        assert event is not None
        named_by = event.code or event.link
        return named(
            Group.EVENTS, f"{at} {event.sentence}", event.sentence, words, lead=named_by,
            side=short_clock(time.of_at(at)), at=at, target=(at, event),
            icon=_TONES.get(event.severity.value, ("", "")),
        )  # fmt: skip

    return _look(found, told, text, hit, words)


def _look(
    found: Found, rows: Iterable[T], text_of: Callable[[T], str], hit: Callable[[T], Hit], words: Words
) -> Iterator[None]:
    for number, row in enumerate(rows, 1):
        if words.occur_in(text_of(row)):
            found.total += 1
            if len(found.hits) < MOST:
                found.add(hit(row))
        if number % PIECE == 0:
            yield


def _newest_first(store: RowStore[Any]) -> Iterator[int]:
    """Serials of the rows that are there now, as long as they are."""
    serial = store.end - 1
    while store.holds(serial):
        yield serial
        serial -= 1


def _said(store: RowStore[Any]) -> Callable[[int], str]:
    def text(serial: int) -> str:
        line = store.row(serial)
        return f"{line.user_name}\n{line.text}"

    return text


def _who(line: Any) -> str:
    return one_line(line.user_name, 60) or f"User {line.user_id}"
