"""The language in which messages are looked for: ``type:audio user:"Ann" gap>200 -dir:out /regex/``. Pure functions.

Terms stand side by side (and), apart by ``or``, behind ``not``, ``-`` or ``!``, in brackets. A term is ``field:value``
(values apart by commas), ``field>number``, or a word, "words" or /a regular expression/ to be found in the text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rtms_desktop.app.message_rows import BAD, CONTROL_KINDS, WARN, Flag
from rtms_desktop.app.message_scan import UNREADABLE
from rtms_desktop.errors import RtmsError
from rtms_desktop.session.events import SIGNALING
from rtms_desktop.wire.enums import Medium, MessageType

LINKS = (SIGNALING, *(medium.value for medium in Medium), "all", "control")
TYPES: dict[str, tuple[int, ...]] = {
    "audio": (14,),
    "video": (15,),
    "share": (16,),
    "transcript": (17,),
    "chat": (18,),
    "media": (14, 15, 16, 17, 18),
    "handshake": (1, 2, 3, 4),
    "event": (5, 6),
    "ready": (7,),
    "state": (8, 9, 10, 11, 19, 20),
    "keepalive": (12, 13),
    "close": (21, 22),
    "meta": (23, 24, 25, 26, 27),
    "subscription": (5, 28, 29),
    "opened": (CONTROL_KINDS["link_opened"],),
    "closed": (CONTROL_KINDS["link_closed"],),
    "request": (CONTROL_KINDS["request"],),
    "timer": (CONTROL_KINDS["wake"],),
    "mark": (CONTROL_KINDS["mark"],),
    "unreadable": (UNREADABLE,),
    **{kind.name.lower(): (int(kind),) for kind in MessageType},
}
TRAITS = {
    "keyframe": int(Flag.KEY),
    "gap": int(Flag.GAP),
    "refused": int(Flag.REFUSED),
    "unusual": int(Flag.UNUSUAL),
    "malformed": int(Flag.MALFORMED),
    "lost": int(Flag.LOST),
    "trouble": int(WARN | BAD),
}
DIRECTIONS = ("in", "out", "here")
NOBODY = "none"
FIELDS = {
    "type": "type", "msg": "type", "message": "type",
    "link": "link", "socket": "link",
    "user": "user", "from": "user",
    "dir": "dir", "direction": "dir",
    "is": "is", "has": "is",
    "size": "size", "bytes": "size",
    "gap": "delta", "delta": "delta",
    "lag": "lag", "time": "time", "attempt": "attempt", "no": "number",
    "text": "text",
}  # fmt: skip
SHOWN_FIELDS = ("type", "link", "user", "dir", "is", "size", "gap", "lag", "time", "attempt", "text")
NUMERIC = {"size": "size>10k", "delta": "gap>200", "lag": "lag>500", "time": "time>12:46", "attempt": "attempt>1",
           "number": "no>100"}  # fmt: skip
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "kb": 1e3, "mb": 1e6, "b": 1.0}
_TIMES = {"": 1.0, "ms": 1.0, "s": 1e3, "min": 6e4}
_NUMBER = re.compile(r"([\d_.]+)\s*([a-z]*)$", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\() | (?P<close>\)) | (?P<minus>[-!](?=[^\s)])) |
      (?P<field>[A-Za-z_]\w*)(?P<op>:|>=|<=|>|<|=) |
      (?P<comma>,) |
      "(?P<quoted>(?:[^"\\]|\\.)*)(?P<endquote>"?) |
      /(?P<regex>(?:[^/\\]|\\.)*)(?P<endregex>/?) |
      (?P<word>[^\s()",]+)
    )""",
    re.VERBOSE,
)


class FilterError(RtmsError):
    """A filter that cannot be used. ``begin`` to ``end``: the part that is wrong."""

    def __init__(self, said: str, begin: int = 0, end: int = 0) -> None:
        what, _, fix = said.partition(". ")
        super().__init__(what.rstrip("."), "", fix)
        self.begin, self.end = begin, end

    def __str__(self) -> str:
        return self.sentence()


@dataclass(frozen=True, slots=True)
class Compare:
    """``field`` (a value of FIELDS) compared by ``op`` with any of ``numbers`` or ``words``."""

    field: str
    op: str
    numbers: tuple[float, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Something to be found in what a message says."""

    pattern: re.Pattern[str]
    source: str


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = Compare | Text | Not | And | Or
EVERYTHING = And(())


def parse(source: str, links: Iterable[str] = ()) -> Node:
    """The filter that ``source`` describes; an empty one lets everything through.

    Args:
        links: names of links that may be asked for beside the usual ones.

    Raises:
        FilterError: it cannot be understood.
    """
    return _Parser(source, frozenset((*LINKS, *links))).parse()


def texts(node: Node) -> list[Text]:
    """The text terms of a filter."""
    match node:
        case Text():
            return [node]
        case Not(part=part):
            return texts(part)
        case And(parts=parts) | Or(parts=parts):
            return list(dict.fromkeys(text for part in parts for text in texts(part)))
    return []


def names_type(node: Node, kind: int) -> bool:
    """Whether a filter asks for a type by name."""
    match node:
        case Compare(field="type", numbers=numbers):
            return kind in numbers
        case Not(part=part):
            return names_type(part, kind)
        case And(parts=parts) | Or(parts=parts):
            return any(names_type(part, kind) for part in parts)
    return False


def quoted(word: str) -> str:
    """``word`` as a value of the language."""
    return word if re.fullmatch(r"\w[\w.+-]*", word) else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Parser:
    def __init__(self, source: str, links: frozenset[str]) -> None:
        self._source, self._links = source, links
        self._tokens = list(_tokens(source))
        self._at = 0

    def parse(self) -> Node:
        if not self._tokens:
            return EVERYTHING
        node = self._any()
        if self._at < len(self._tokens):
            raise self._wrong("This bracket closes nothing.")
        return node

    def _any(self) -> Node:
        parts = [self._all()]
        while self._word() == "or":
            self._at += 1
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._tokens) and self._word() != "or" and self._peek().lastgroup != "close":
            if self._word() == "and" and parts:
                self._at += 1
                if self._at == len(self._tokens):
                    raise self._missing("and")
                continue
            parts.append(self._one())
        if not parts:
            before = self._tokens[self._at - 1] if self._at else None
            raise self._missing("or" if before is not None and before["word"] == "or" else "the bracket")
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Node:
        token = self._peek()
        self._at += 1
        if token["minus"] or self._is(token, "not"):
            if self._at == len(self._tokens):
                raise self._missing("not")
            return Not(self._one())
        if token["open"]:
            node = self._any()
            if self._at == len(self._tokens):
                raise FilterError("The bracket is not closed.", token.start("open"), token.end("open"))
            self._at += 1
            return node
        if token["field"] is not None:
            return self._field(token)
        if token["comma"]:
            raise self._wrong("A comma stands only between the values of a field.", token)
        return self._text(token)

    def _field(self, token: re.Match[str]) -> Node:
        name, op = token["field"], token["op"]
        field = FIELDS.get(name.lower())
        if field is None:
            raise self._wrong(_unknown("field", name, SHOWN_FIELDS), token, "field")
        values = self._values(token)
        if field == "text":
            return self._text(values[0])
        if field in NUMERIC:
            return Compare(field, "=" if op == ":" else op, numbers=tuple(self._number(v, field, name) for v in values))
        if op not in ":=":
            raise self._wrong(f"{name} has no order: write {name}:value.", token, "op")
        if field == "type":
            return Compare(field, op, numbers=tuple(number for v in values for number in self._types(v)))
        if field == "user":
            return Compare(field, op, words=tuple(_said(value).casefold() for value in values))
        known = {"link": self._links, "dir": DIRECTIONS, "is": TRAITS}[field]
        return Compare(field, op, words=tuple(self._known(name, v, known) for v in values))

    def _values(self, token: re.Match[str]) -> list[re.Match[str]]:
        """The values behind a field; they follow it without a blank."""
        values: list[re.Match[str]] = []
        end = token.end()
        while self._at < len(self._tokens) and self._begin(self._peek()) == end:
            value = self._peek()
            if value.lastgroup in ("close", "open") or (value["field"] is not None and not values):
                break
            self._at += 1
            end = value.end()
            if value["minus"]:
                continue
            if value["comma"] is None:
                values.append(value)
        if not values:
            raise self._wrong(f"A value is missing behind {token['field']}{token['op']}", token, "field")
        return values

    def _number(self, token: re.Match[str], field: str, name: str) -> float:
        said = _said(token)
        clock = _CLOCK.match(said) if field == "time" else None
        if clock:
            return int(clock[1] or 0) * 3600.0 + int(clock[2]) * 60 + float(clock[3])
        found = _NUMBER.match(said)
        units = _TIMES if field in ("delta", "lag") else _UNITS
        if found is None or found[2].lower() not in units or found[1].count(".") > 1 or not found[1].strip("_."):
            raise self._wrong(f"{name} needs a number, as in {NUMERIC[field]}.", token)
        return float(found[1].replace("_", "")) * units[found[2].lower()]

    def _types(self, token: re.Match[str]) -> tuple[int, ...]:
        said = _said(token)
        if said.isdigit():
            return (int(said),)
        found = TYPES.get(said.lower().replace("-", "_")) or TYPES.get(said.lower().replace("-", "").replace("_", ""))
        if found is None:
            raise self._wrong(_unknown("type", said, TYPES), token)
        return found

    def _known(self, name: str, token: re.Match[str], known: Iterable[str]) -> str:
        said = _said(token).lower()
        if said not in known:
            kind = {"is": "property", "has": "property", "dir": "direction"}.get(name.lower(), name.lower())
            raise self._wrong(_unknown(kind, _said(token), known), token)
        return said

    def _text(self, token: re.Match[str]) -> Text:
        if token["regex"] is None:
            said = _said(token)
            return Text(re.compile(re.escape(said), re.IGNORECASE), said)
        if not token["endregex"]:
            raise self._wrong("The regular expression is not closed by a slash.", token)
        source = token["regex"].replace(r"\/", "/")
        try:
            return Text(re.compile(source, re.IGNORECASE), f"/{source}/")
        except re.error as error:
            raise self._wrong(f"The regular expression is wrong: {error.msg}.", token) from None

    def _peek(self) -> re.Match[str]:
        return self._tokens[self._at]

    def _word(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        token = self._tokens[self._at]
        return (token["word"] or "").lower() if token["field"] is None else ""

    @staticmethod
    def _is(token: re.Match[str], word: str) -> bool:
        return (token["word"] or "").lower() == word

    @staticmethod
    def _begin(token: re.Match[str]) -> int:
        return token.start() + len(token[0]) - len(token[0].lstrip())

    def _missing(self, behind: str) -> FilterError:
        return FilterError(f"Something is missing behind {behind}.", len(self._source), len(self._source))

    def _wrong(self, what: str, token: re.Match[str] | None = None, group: str = "") -> FilterError:
        token = token or self._tokens[min(self._at, len(self._tokens) - 1)]
        begin = token.start(group) if group else self._begin(token)
        return FilterError(what, begin, token.end(group) if group else token.end())


def _tokens(source: str) -> Iterable[re.Match[str]]:
    at = 0
    while source[at:].strip():
        token = _TOKEN.match(source, at)
        if token is None:
            raise FilterError("This cannot be read.", at, len(source))
        if token["quoted"] is not None and not token["endquote"]:
            raise FilterError("The quotation mark is not closed.", token.start(), len(source))
        yield token
        at = token.end()


def _said(token: re.Match[str]) -> str:
    if token["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", token["quoted"])
    if token["regex"] is not None:
        return token[0].strip()
    return token["word"] or token[0].strip()


def _unknown(kind: str, said: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(said.lower(), list(known), 1, 0.6)
    return f'No {kind} is called "{said}".' + (f" Did you mean {near[0]}?" if near else "")


def complete(source: str, cursor: int, people: Iterable[str] = (), links: Iterable[str] = ()) -> tuple[int, list[str]]:
    """(where the word at the cursor begins, what it could become), the likeliest first."""
    begin = cursor
    quoting = source[:cursor].count('"') % 2 == 1
    while begin and (quoting or source[begin - 1] not in ' (,:=<>-!"') and source[begin - 1] != '"':
        begin -= 1
    if begin and source[begin - 1] == '"' and quoting:
        begin -= 1
    typed = source[begin:cursor].lower().lstrip('"')
    field = re.search(r"(\w+)[:=](?:[^\s()\"]+,|\"[^\"]*\",)*$", source[:begin])
    if field is None:
        found = [f"{name}:" for name in SHOWN_FIELDS if name not in NUMERIC and name not in ("gap",)]
        found += [example for example in NUMERIC.values() if not example.startswith("no")] + ["and", "or", "not"]
    else:
        kinds: dict[str, Iterable[str]] = {
            "type": TYPES,
            "link": dict.fromkeys((*links, *LINKS)),
            "user": [quoted(name) for name in (*people, NOBODY) if name],
            "dir": DIRECTIONS,
            "is": TRAITS,
        }
        found = list(kinds.get(FIELDS.get(field[1].lower(), ""), ()))
    first = [word for word in found if word.lower().lstrip('"').startswith(typed)]
    inside = [word for word in found if typed and typed in word.lower() and word not in first]
    return begin, [word for word in first + inside if word.lower() != typed]
