"""Who takes part, as far as events and media tell. Pure; user 0 is the mixed audio and no person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rtms_desktop.session.events import (
    ActiveSpeakerChanged,
    Event,
    Participant,
    ParticipantChanged,
    SharingChanged,
)
from rtms_desktop.wire.enums import EventType, Product, VoiceEventType
from rtms_desktop.wire.messages import EventUpdate, Person

MIXED = 0

_VOICE_LEAVES = frozenset({VoiceEventType.CONSUMER_END, VoiceEventType.USER_END})


class Roster:
    """Everybody who was ever named, by user_id.

    Args:
        product: decides what the event numbers from 8 on mean.

    Attributes:
        speaker: the active speaker's user_id, None before the first.
        sharer: user_id of who shares the screen, None while nobody does or nobody says who.
        sharing: whether somebody shares.
    """

    def __init__(self, product: Product = Product.MEETING) -> None:
        self._product = product
        self._people: dict[int, Participant] = {}
        self.speaker: int | None = None
        self.sharer: int | None = None
        self.sharing = False

    @property
    def people(self) -> Mapping[int, Participant]:
        return self._people

    def name(self, user_id: int, given: str = "") -> str:
        """``given``, or what is known of that user."""
        known = self._people.get(user_id)
        return given or (known.user_name if known is not None else "")

    def seen(self, user_id: int, user_name: str, now: float) -> list[ParticipantChanged]:
        """Media or an event names somebody: who delivers is present."""
        if user_id == MIXED:
            return []
        known = self._people.get(user_id)
        if known is not None and known.present and (not user_name or user_name == known.user_name):
            return []
        return [self._set(user_id, now, user_name=user_name, joined=known is None or not known.present)]

    def wire_event(self, message: EventUpdate, now: float) -> list[Event]:
        """What message 6 says about people."""
        people = message.people
        match message.event_type:
            case EventType.ACTIVE_SPEAKER_CHANGE:
                return self._speaks(message, now)
            case EventType.PARTICIPANT_JOIN:
                return [*self.joined(people, now)]
            case EventType.PARTICIPANT_LEAVE:
                return [*self.left(people, now)]
            case EventType.SHARING_START | EventType.SHARING_STOP:
                return self._shares(message, now)
            case kind if self._product is Product.CONTACT_CENTER:
                return [*(self.left(people, now) if kind in _VOICE_LEAVES else self.joined(people, now))]
            case EventType.PARTICIPANT_VIDEO_ON | EventType.PARTICIPANT_VIDEO_OFF as kind:
                return [*self.video(people, kind == EventType.PARTICIPANT_VIDEO_ON, now)]
            case _:
                return []

    def _speaks(self, message: EventUpdate, now: float) -> list[Event]:
        told: list[Event] = [*self.joined(message.people, now)]
        for person in message.people:
            self.speaker = person.user_id
            told.append(
                ActiveSpeakerChanged(
                    at=now,
                    user_id=person.user_id,
                    user_name=self.name(person.user_id, person.user_name),
                    timestamp_ms=message.timestamp,
                )
            )
        return told

    def _shares(self, message: EventUpdate, now: float) -> list[Event]:
        """Who stops is often not named: then it is whoever shared."""
        told: list[Event] = [*self.joined(message.people, now)]
        sharing = message.event_type == EventType.SHARING_START
        who = message.people[0].user_id if message.people else None if sharing else self.sharer
        self.sharing, self.sharer = sharing, who if sharing else None
        told.append(
            SharingChanged(
                at=now,
                sharing=sharing,
                user_id=who,
                user_name="" if who is None else self.name(who),
                timestamp_ms=message.timestamp,
            )
        )
        return told

    def joined(self, people: Iterable[Person], now: float) -> list[ParticipantChanged]:
        return [event for person in people for event in self.seen(person.user_id, person.user_name, now)]

    def left(self, people: Iterable[Person], now: float) -> list[ParticipantChanged]:
        """Only who was known and present leaves."""
        told = []
        for person in people:
            known = self._people.get(person.user_id)
            if known is not None and known.present:
                told.append(self._set(person.user_id, now, user_name=person.user_name, left=True))
        return told

    def video(self, people: Iterable[Person], on: bool, now: float) -> list[ParticipantChanged]:
        """Cameras were turned on or off."""
        told = []
        for person in people:
            known = self._people.get(person.user_id)
            if person.user_id != MIXED and (known is None or known.video_on is not on):
                told.append(self._set(person.user_id, now, user_name=person.user_name, video_on=on))
        return told

    def camera_is_off(self, user_id: int) -> bool:
        known = self._people.get(user_id)
        return known is not None and known.video_on is False

    def _set(
        self,
        user_id: int,
        now: float,
        *,
        user_name: str,
        joined: bool = False,
        left: bool = False,
        video_on: bool | None = None,
    ) -> ParticipantChanged:
        old = self._people.get(user_id)
        is_new = old is None
        old = old or Participant(user_id=user_id, user_name="")
        new = replace(
            old,
            user_name=user_name or old.user_name,
            present=not left,
            video_on=old.video_on if video_on is None else video_on,
        )
        self._people[user_id] = new
        return ParticipantChanged(at=now, participant=new, joined=joined or is_new, left=left)
