"""What one connection has shown so far; the readers of single messages add to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rtms_desktop.wire.enums import Dialect, Medium, Product

NOTES_KEPT = 64  # newest win; a caller that takes the notes after each read never meets the bound
TOLD_MOST = 50


@dataclass(frozen=True, slots=True)
class Note:
    """Something odd about a message that could still be read, or the reason why it could not.

    Attributes:
        kind: a short name to count by, such as "base64" or "unreadable".
        text: one sentence for a person.
        severity: "note", "warning" or "error".
    """

    kind: str
    text: str
    severity: str = "note"


class Unreadable(ValueError):
    """A message that lacks what it needs; becomes an UnknownMessage."""


@dataclass(slots=True)
class Context:
    """State of one Reader. ``medium`` None: a signaling socket, or one that carries all media.

    Attributes:
        told: what was noted once and for all.
    """

    medium: Medium | None
    product: Product
    dialect: Dialect = Dialect.PRODUCTION
    notes: deque[Note] = field(default_factory=lambda: deque(maxlen=NOTES_KEPT))
    told: set[str] = field(default_factory=set)

    def note(self, kind: str, text: str, severity: str = "note") -> None:
        self.notes.append(Note(kind, text, severity))

    def note_once(self, kind: str, text: str) -> None:
        """The same of what every message may repeat: a connection that has told so many surprises tells no more."""
        if text not in self.told and len(self.told) < TOLD_MOST:
            self.told.add(text)
            self.note(kind, text)

    def sign(self, dialect: Dialect, why: str) -> None:
        """Take ``why`` as a sign of ``dialect``: the first one decides, but names for numbers always do."""
        if self.dialect is Dialect.PRODUCTION or (dialect is Dialect.README and self.dialect is not dialect):
            self.dialect = dialect
            self.note("dialect", f"this connection speaks the dialect {dialect.value}: {why}")
