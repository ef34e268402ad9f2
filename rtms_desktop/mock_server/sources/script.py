"""What is said in the pattern meeting, by whom and when; it repeats for ever. Read by the loop and by feed threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rtms_desktop.mock_server.sources.base import Happening, Participant
from rtms_desktop.wire.enums import ChatOperation, ChatSessionType, EventType
from rtms_desktop.wire.messages import ChatData, EventUpdate, Message, Person, TranscriptData

ENGLISH, NEW = 9, 1
_LEAD_IN_MS = 300
_PAUSE_MS = 450
_TRANSCRIPT_LAG_MS = 300
SHARE_FROM_MS = 2000
_SHARE_OFF_MS = 9000
"""Sharing rests for the last seconds of each round."""

# (place at the table, what is said, ms by which it cuts in on the one before)
_LINES: tuple[tuple[int, str, int], ...] = (
    (0, "Good morning everyone, thanks for joining. Let us start with the pilot numbers.", 0),
    (1, "Sure, I am sharing my screen now. Can you see the first chart?", 0),
    (2, "Yes, it is sharp on my side.", 0),
    (1, "We went from forty to fifty two active rooms this week, and the error rate went down.", 0),
    (0, "That is better than we planned. What changed?", 0),
    (3, "Mostly the reconnect logic. A lost media socket now comes back within a second.", 0),
    (2, "And nobody noticed?", 600),
    (3, "Two people saw a short freeze, but the sound went on.", 0),
    (0, "Good. Priorities for next week, please.", 0),
    (1, "First the recording check, then the captions in other languages.", 0),
    (2, "I can take the captions. I need about three days for the tests.", 0),
    (0, "Great, then let us write that down. Anything else?", 0),
    (3, "One thing: the rollout to the support team should wait until Thursday.", 0),
    (1, "Agreed, Thursday works for me.", 500),
    (0, "Perfect. Thank you all, that was quick.", 0),
)

# (second, operation, id, place, text, id of the message answered)
_CHAT: tuple[tuple[float, ChatOperation, str, int, str, str], ...] = (
    (3.0, ChatOperation.NEW, "hello", 2, "Morning! Audio and video are fine here.", ""),
    (9.0, ChatOperation.NEW, "deck", 1, "The deck is on the team page, slide 1 is the summary.", ""),
    (13.0, ChatOperation.ADD_EMOJI_REACTION, "deck", 0, "\U0001f44d", ""),
    (17.0, ChatOperation.NEW, "reply", 3, "Found it, thanks.", "deck"),
    (24.0, ChatOperation.NEW, "typo", 2, "I'll test the captons in German first.", ""),
    (28.0, ChatOperation.UPDATE, "typo", 2, "I'll test the captions in German first.", ""),
    (34.0, ChatOperation.NEW, "wrong", 3, "Sorry, wrong window.", ""),
    (37.0, ChatOperation.DELETE, "wrong", 3, "", ""),
    (44.0, ChatOperation.REMOVE_EMOJI_REACTION, "deck", 0, "\U0001f44d", ""),
    (47.0, ChatOperation.NEW, "thursday", 1, "Thursday 10:00 then. I will send the invitation.", ""),
    (50.0, ChatOperation.ADD_EMOJI_REACTION, "thursday", 2, "\U0001f389", ""),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One sentence of one person, in media time; ``index`` counts the people."""

    start_ms: int
    end_ms: int
    index: int
    text: str


class Script:
    """The conversation of any number of people."""

    def __init__(self, people: Sequence[Participant]) -> None:
        self.people = people
        self._turns: list[Turn] = []
        at = _LEAD_IN_MS
        for place, text, cut_in in _LINES:
            start = at - cut_in - (_PAUSE_MS if cut_in else 0)
            end = start + 700 + 52 * len(text)
            self._turns.append(Turn(start, end, place % len(people), text))
            at = max(at, end) + _PAUSE_MS
        self.round_ms = (at // 1000 + 2) * 1000

    def turns(self, from_ms: float, to_ms: float) -> list[Turn]:
        """Every turn that overlaps the interval."""
        found = []
        for number in range(int(max(from_ms, 0) // self.round_ms), int(max(to_ms, 0) // self.round_ms) + 1):
            base = number * self.round_ms
            for turn in self._turns:
                if turn.start_ms + base < to_ms and turn.end_ms + base > from_ms:
                    found.append(Turn(turn.start_ms + base, turn.end_ms + base, turn.index, turn.text))
        return found

    def happenings(self, zero_ms: int) -> Iterator[Happening]:
        """Speakers, words, chat and sharing from media time 0 on, without end."""
        number = 0
        while True:
            yield from sorted(self._round(number, zero_ms), key=lambda happening: happening.at_ms)
            number += 1

    def _round(self, number: int, zero_ms: int) -> Iterator[Happening]:
        base = number * self.round_ms
        for turn in self._turns:
            start, end = turn.start_ms + base, turn.end_ms + base
            person = self.people[turn.index]
            yield Happening(start, event(EventType.ACTIVE_SPEAKER_CHANGE, zero_ms + start, person))
            yield Happening(
                end + _TRANSCRIPT_LAG_MS,
                TranscriptData(
                    user_id=person.user_id,
                    user_name=person.name,
                    text=turn.text,
                    timestamp=zero_ms + start,
                    start_time=zero_ms + start,
                    end_time=zero_ms + end,
                    language=ENGLISH,
                    attribute=NEW,
                ),
            )
        sharer = self.people[1 % len(self.people)]
        for at, kind in (
            (base + SHARE_FROM_MS, EventType.SHARING_START),
            (base + self.round_ms - _SHARE_OFF_MS, EventType.SHARING_STOP),
        ):
            yield Happening(at, event(kind, zero_ms + at, sharer))
        yield from self._chat(number, base, zero_ms)

    def _chat(self, number: int, base: int, zero_ms: int) -> Iterator[Happening]:
        for second, operation, key, place, text, parent in _CHAT:
            at = base + round(second * 1000)
            person = self.people[place % len(self.people)]
            message: Message = ChatData(
                operation=operation,
                message_id=f"{key}-{number}",
                parent_message_id=f"{parent}-{number}" if parent else "",
                sender=Person(user_id=person.user_id, user_name=person.name),
                session_type=ChatSessionType.EVERYONE,
                text=text,
                timestamp=zero_ms + at,
            )
            yield Happening(at, message)


def event(kind: EventType, timestamp: int, *people: Participant) -> EventUpdate:
    """Message 6 in the shape of its kind: one person beside the number, or a list of participants."""
    raw: dict[str, Any] = {"event_type": int(kind), "timestamp": timestamp}
    if kind in (EventType.ACTIVE_SPEAKER_CHANGE, EventType.SHARING_START, EventType.SHARING_STOP) and people:
        raw |= {"user_id": people[0].user_id, "user_name": people[0].name}
    elif people:
        raw["participants"] = [{"user_id": person.user_id, "user_name": person.name} for person in people]
    named = tuple(Person(user_id=person.user_id, user_name=person.name) for person in people)
    return EventUpdate(event_type=kind, timestamp=timestamp, people=named, raw=raw)
