"""What the messages of a log are made of: how many per socket, per person, and how many are worth noticing."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from rtms_desktop.app.message_filter import quoted
from rtms_desktop.app.message_rows import NO_LAG, WAKE, Flag, Rows
from rtms_desktop.viewmodels.figures import sentence_case

GAP_MS, LATE_MS = 200, 500
NOTICED = (
    ("Gap where media were lost", "is", "gap", Flag.GAP),
    ("Unexpected", "is", "unusual", Flag.UNUSUAL),
    ("Socket or stream lost", "is", "lost", Flag.LOST),
    ("Refused", "is", "refused", Flag.REFUSED),
    ("Malformed", "is", "malformed", Flag.MALFORMED),
)
_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s,()"]+)'


@dataclass(frozen=True, slots=True)
class Facet:
    """One line. ``field`` and ``value``: the term that a click puts into the filter. ``colour``: media name, or ""."""

    group: str
    text: str
    count: int
    field: str
    value: str
    colour: str = ""
    user: int | None = None


class Facets:
    """Counts that grow with the log."""

    def __init__(self) -> None:
        self.total = 0
        self._seen = 0
        self._channels = np.zeros(0, np.int64)
        self._users = np.zeros(0, np.int64)
        self._flags = np.zeros(256, np.int64)
        self._late = 0
        self._rows: Rows | None = None

    def count(self, rows: Rows) -> None:
        """Take over the rows since the last time; each is looked at once."""
        self._rows = rows
        begin, end = max(0, self._seen - rows.first), len(rows)
        self._seen = rows.end
        real = rows.column("kind", begin, end) != WAKE
        self.total += int(np.count_nonzero(real))
        self._channels = _added(self._channels, rows.column("channel", begin, end)[real])
        self._users = _added(self._users, rows.column("user", begin, end)[real])
        self._flags = _added(self._flags, rows.column("flags", begin, end)[real])
        lag = rows.column("lag", begin, end)
        self._late += int(np.count_nonzero((lag > LATE_MS) & (lag != NO_LAG)))

    def lines(self) -> list[Facet]:
        """Sockets, people, what was noticed."""
        rows = self._rows
        if rows is None:
            return []
        links: dict[str, int] = {}
        for number, channel in enumerate(rows.channels[: len(self._channels)]):
            links[channel.link] = links.get(channel.link, 0) + int(self._channels[number])
        found = [
            Facet("Socket", sentence_case(link), count, "link", link, link) for link, count in links.items() if count
        ]
        people = []
        for number, user in enumerate(rows.users[: len(self._users)]):
            if user is not None and self._users[number]:
                name = rows.names.get(user, "") or ("mixed" if user == 0 else str(user))
                value = quoted(rows.names.get(user, "") or str(user))
                people.append(Facet("Participant", name, int(self._users[number]), "user", value, user=user))
        if len(self._users) and self._users[0]:
            people.append(Facet("Participant", "none", int(self._users[0]), "user", "none"))
        found += people
        every = np.arange(len(self._flags))
        for text, field, value, flag in NOTICED:
            count = int(self._flags[(every & int(flag)) != 0].sum())
            found.append(Facet("Noticed", text, count, field, value, "warn" if count else ""))
        late = "warn" if self._late else ""
        found.append(Facet("Noticed", f"Late over {LATE_MS} ms", self._late, "lag", f">{LATE_MS}", late))
        return found


def toggled(source: str, field: str, value: str) -> str:
    """``source`` with the term put in, or taken out where it stands already; a further value joins with a comma."""
    if value.startswith(">"):
        term = f"{field}{value}"
        return _without(source, term) if term in source.split() else f"{source} {term}".strip()
    found = re.search(rf"(?<![\w:-])\b{field}:({_VALUE}(?:,{_VALUE})*)", source)
    if found is None:
        return f"{source} {field}:{value}".strip()
    values = re.findall(_VALUE, found[1])
    values = [v for v in values if v != value] if value in values else [*values, value]
    term = f"{field}:{','.join(values)}" if values else ""
    return " ".join((source[: found.start()] + term + source[found.end() :]).split())


def has_term(source: str, field: str, value: str) -> bool:
    """Whether ``toggled`` would take the term out."""
    return len(toggled(source, field, value)) < len(" ".join(source.split()))


def _without(source: str, term: str) -> str:
    return " ".join(word for word in source.split() if word != term)


def _added(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    if not len(values):
        return counts
    more = np.bincount(values, minlength=len(counts))
    more[: len(counts)] += counts
    return more
