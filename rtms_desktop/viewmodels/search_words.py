"""What somebody typed into the window's search: words that must all occur, whatever their case or accents. Pure."""

from __future__ import annotations

import unicodedata

LONGEST = 200
LONG = 1_000
"""Of a longer text only so much around the first hit is looked at letter by letter."""

LEAD = 24
"""So much of a long text is kept before the first hit in it."""

Marks = tuple[tuple[int, int], ...]


def folded(text: str) -> str:
    """Without case and accents: "Tomás" is found by "tomas"."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


class Words:
    """False when nothing is looked for."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text[:LONGEST].split())
        self._words = tuple(dict.fromkeys(word for word in folded(self.text).split(" ") if word))

    def __bool__(self) -> bool:
        return bool(self._words)

    def occur_in(self, text: str) -> bool:
        low = folded(text)
        return all(word in low for word in self._words)

    def rank(self, text: str) -> int | None:
        """How well a name fits: 0 it begins so, 1 each word begins one of its words, 2 they occur; None not at all."""
        low = folded(text)
        if not all(word in low for word in self._words):
            return None
        if low.startswith(" ".join(self._words)):
            return 0
        padded = f" {low}"
        return 1 if all(f" {word}" in padded for word in self._words) else 2

    def marks(self, text: str) -> Marks:
        """(start, end) of what is found in a text, in order, without overlaps."""
        low, places = _places(text)
        spans = []
        for word in self._words:
            at = low.find(word)
            while at >= 0:
                spans.append((places[at], places[at + len(word) - 1] + 1))
                at = low.find(word, at + len(word))
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((start, end))
        return tuple(merged)

    def around(self, text: str, room: int = 160) -> str:
        """The part of a long text where the first hit is, on one line."""
        if len(text) > LONG:
            at = max(0, min(folded(text).find(word) for word in self._words) if self._words else 0)
            text = text[max(0, at - LONG // 2) : at + LONG // 2]
        line = " ".join(text.split())
        found = self.marks(line)
        start = found[0][0] - LEAD if found else 0
        if start > 0:
            start = max(line.rfind(" ", 0, start) + 1, start - LEAD)
            line = "…" + line[start:]
        return line if len(line) <= room else line[: room - 1] + "…"


def _places(text: str) -> tuple[str, list[int]]:
    """The folded text, and from which letter each of its letters comes."""
    letters, places = [], []
    for number, letter in enumerate(text):
        low = folded(letter)
        letters.append(low)
        places += [number] * len(low)
    return "".join(letters), places
