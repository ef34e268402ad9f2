"""Who is there, who speaks, who shares: from events and from media."""

from __future__ import annotations

import pytest

from rtms_desktop.session.events import ActiveSpeakerChanged, Event, ParticipantChanged, SharingChanged
from rtms_desktop.session.participants import Roster
from rtms_desktop.wire.enums import EventType, Product, VoiceEventType
from rtms_desktop.wire.messages import EventUpdate, Person

ANN, BOB = Person(user_id=7, user_name="Ann"), Person(user_id=8, user_name="Bob")


def event(kind: int, *people: Person) -> EventUpdate:
    return EventUpdate(event_type=kind, timestamp=5, people=people)


def changes(events: list[Event]) -> list[tuple[int, str, bool, bool]]:
    return [
        (item.participant.user_id, item.participant.user_name, item.joined, item.left)
        for item in events
        if isinstance(item, ParticipantChanged)
    ]


@pytest.fixture
def roster() -> Roster:
    return Roster()


def test_joining_and_leaving(roster: Roster) -> None:
    assert changes(roster.wire_event(event(EventType.PARTICIPANT_JOIN, ANN, BOB), 1.0)) == [
        (7, "Ann", True, False),
        (8, "Bob", True, False),
    ]
    assert roster.wire_event(event(EventType.PARTICIPANT_JOIN, ANN), 1.0) == []
    gone = roster.wire_event(event(EventType.PARTICIPANT_LEAVE, Person(user_id=7)), 2.0)
    assert changes(gone) == [(7, "Ann", False, True)]
    assert not roster.people[7].present
    assert roster.wire_event(event(EventType.PARTICIPANT_LEAVE, ANN, Person(user_id=9)), 2.0) == []
    assert changes(roster.wire_event(event(EventType.PARTICIPANT_JOIN, ANN), 3.0)) == [(7, "Ann", True, False)]


def test_media_name_people_and_fill_names_in(roster: Roster) -> None:
    assert changes([*roster.seen(7, "", 1.0)]) == [(7, "", True, False)]
    assert roster.name(7) == ""
    assert changes([*roster.seen(7, "Ann", 1.0)]) == [(7, "Ann", False, False)]
    assert roster.seen(7, "", 1.0) == []
    assert roster.name(7) == "Ann"
    assert roster.name(7, "Anna") == "Anna"
    assert roster.name(99) == ""


def test_whoever_delivers_is_there(roster: Roster) -> None:
    roster.joined([ANN], 1.0)
    roster.left([ANN], 2.0)
    assert changes([*roster.seen(7, "", 3.0)]) == [(7, "Ann", True, False)]


def test_the_mix_is_nobody(roster: Roster) -> None:
    assert roster.seen(0, "mix", 1.0) == []
    assert roster.video([Person(user_id=0)], True, 1.0) == []
    assert roster.people == {}


def test_cameras(roster: Roster) -> None:
    roster.joined([ANN], 1.0)
    assert roster.people[7].video_on is None
    assert not roster.camera_is_off(7) and not roster.camera_is_off(99)
    off = roster.wire_event(event(EventType.PARTICIPANT_VIDEO_OFF, Person(user_id=7)), 2.0)
    assert changes(off) == [(7, "Ann", False, False)]
    assert roster.camera_is_off(7)
    assert roster.wire_event(event(EventType.PARTICIPANT_VIDEO_OFF, ANN), 2.0) == []
    on = roster.wire_event(event(EventType.PARTICIPANT_VIDEO_ON, ANN, BOB), 3.0)
    assert changes(on) == [(7, "Ann", False, False), (8, "Bob", True, False)]
    assert roster.people[7].video_on is roster.people[8].video_on is True
    roster.left([ANN], 4.0)
    assert roster.people[7].video_on is True


def test_who_speaks(roster: Roster) -> None:
    told = roster.wire_event(event(EventType.ACTIVE_SPEAKER_CHANGE, ANN), 1.0)
    assert told[1:] == [ActiveSpeakerChanged(at=1.0, user_id=7, user_name="Ann", timestamp_ms=5)]
    assert roster.speaker == 7
    told = roster.wire_event(event(EventType.ACTIVE_SPEAKER_CHANGE, Person(user_id=7)), 2.0)
    assert told == [ActiveSpeakerChanged(at=2.0, user_id=7, user_name="Ann", timestamp_ms=5)]
    assert roster.wire_event(event(EventType.ACTIVE_SPEAKER_CHANGE), 3.0) == []


def test_who_shares(roster: Roster) -> None:
    roster.joined([ANN], 1.0)
    assert roster.wire_event(event(EventType.SHARING_START, ANN), 1.0) == [
        SharingChanged(at=1.0, sharing=True, user_id=7, user_name="Ann", timestamp_ms=5)
    ]
    assert (roster.sharing, roster.sharer) == (True, 7)
    assert roster.wire_event(event(EventType.SHARING_STOP), 2.0) == [
        SharingChanged(at=2.0, sharing=False, user_id=7, user_name="Ann", timestamp_ms=5)
    ]
    assert (roster.sharing, roster.sharer) == (False, None)


def test_nobody_in_particular_shares(roster: Roster) -> None:
    for kind, sharing in ((EventType.SHARING_START, True), (EventType.SHARING_STOP, False)):
        assert roster.wire_event(event(kind), 1.0) == [
            SharingChanged(at=1.0, sharing=sharing, user_id=None, user_name="", timestamp_ms=5)
        ]


@pytest.mark.parametrize("kind", [EventType.FIRST_PACKET_TIMESTAMP, EventType.CHAT_GROUP_CREATE, 99])
def test_other_events_say_nothing_about_people(roster: Roster, kind: int) -> None:
    assert roster.wire_event(event(kind, ANN), 1.0) == []


def test_in_the_contact_center_the_numbers_mean_other_things() -> None:
    roster = Roster(Product.CONTACT_CENTER)
    answered = roster.wire_event(event(VoiceEventType.CONSUMER_ANSWERED, ANN), 1.0)
    assert changes(answered) == [(7, "Ann", True, False)]
    assert roster.people[7].video_on is None
    assert changes(roster.wire_event(event(VoiceEventType.USER_ANSWERED, BOB), 1.0)) == [(8, "Bob", True, False)]
    assert roster.wire_event(event(VoiceEventType.USER_HOLD, BOB), 1.0) == []
    assert changes(roster.wire_event(event(VoiceEventType.USER_END, BOB), 2.0)) == [(8, "Bob", False, True)]
    assert roster.wire_event(event(EventType.ACTIVE_SPEAKER_CHANGE, ANN), 2.0) != []
