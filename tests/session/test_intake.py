"""What media and events bring into a session: events out, figures, names, the zero of the timeline."""

from __future__ import annotations

import pytest

from rtms_desktop.session.events import (
    ActiveSpeakerChanged,
    ChatReceived,
    MediaReceived,
    ParticipantChanged,
    SessionZero,
    SharingChanged,
    TranscriptReceived,
    WireEvent,
)
from rtms_desktop.wire.enums import EventType, Medium, SessionState
from rtms_desktop.wire.messages import (
    AudioParams,
    ChatData,
    DataHandshakeResponse,
    EventUpdate,
    KeepAliveRequest,
    MediaParams,
    Person,
    SessionStateUpdate,
    TranscriptData,
    VideoParams,
)
from tests.fakes.playbook import T0_MS, Playbook

ANN = Person(user_id=7, user_name="Ann")


def test_a_unit_of_media_is_passed_on_untouched() -> None:
    book = Playbook("audio").ready().media("audio", data=b"\1\2\3\4", user_name="Ann", ms=T0_MS + 5)
    assert book.told(MediaReceived) == [
        MediaReceived(
            at=0.0,
            link="audio",
            medium=Medium.AUDIO,
            user_id=7,
            user_name="Ann",
            data=b"\1\2\3\4",
            timestamp_ms=T0_MS + 5,
        )
    ]
    assert book.core.counts[Medium.AUDIO] == 1


def test_missing_names_are_filled_in_for_media_and_transcripts() -> None:
    book = Playbook("audio", "transcript").ready()
    book.feed("signaling", EventUpdate(event_type=EventType.PARTICIPANT_JOIN, people=(ANN,)))
    book.media("audio").feed("transcript", TranscriptData(user_id=7, text="hello", timestamp=T0_MS, language=9))
    assert book.told(MediaReceived)[0].user_name == "Ann"
    message = book.told(TranscriptReceived)[0].message
    assert (message.user_name, message.text, message.language) == ("Ann", "hello", 9)
    assert book.core.tracks[Medium.TRANSCRIPT, 7].user_name == "Ann"


def test_a_transcript_that_has_its_name_is_passed_on_as_it_is() -> None:
    line = TranscriptData(user_id=7, text="hello", timestamp=T0_MS, user_name="Ann")
    book = Playbook("transcript").ready().feed("transcript", line)
    assert book.told(TranscriptReceived)[0].message == line
    assert book.core.counts[Medium.TRANSCRIPT] == 1
    assert book.core.participants[7].user_name == "Ann"


def test_the_mix_has_no_participant() -> None:
    book = Playbook("audio").ready().media("audio", user_id=0)
    assert book.core.participants == {}
    assert book.told(ParticipantChanged) == []
    assert book.core.tracks[Medium.AUDIO, 0].count == 1


def test_chat_is_counted_by_sender() -> None:
    book = Playbook("chat").ready()
    book.feed("chat", ChatData(text="hi", timestamp=T0_MS, sender=ANN), ChatData(text="old form", timestamp=T0_MS))
    assert [event.message.text for event in book.told(ChatReceived)] == ["hi", "old form"]
    assert book.core.counts[Medium.CHAT] == 2
    assert book.core.tracks[Medium.CHAT, 7].count == book.core.tracks[Medium.CHAT, 0].count == 1


def test_any_medium_may_come_on_any_socket() -> None:
    book = Playbook("audio").ready().media("audio", "video").media("signaling", "audio")
    assert [(event.link, event.medium.value) for event in book.told(MediaReceived)] == [
        ("audio", "video"),
        ("signaling", "audio"),
    ]


# -- zero -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        EventUpdate(event_type=EventType.FIRST_PACKET_TIMESTAMP, timestamp=T0_MS + 9),
        SessionStateUpdate(session_id="S", state=SessionState.STARTED, timestamp=T0_MS + 9),
    ],
)
def test_the_session_begins_with_what_the_server_stamps_first(message: EventUpdate) -> None:
    book = Playbook("audio").ready().feed("signaling", message).media("audio", ms=T0_MS + 500)
    book.feed("signaling", EventUpdate(event_type=EventType.FIRST_PACKET_TIMESTAMP, timestamp=T0_MS + 600))
    assert book.told(SessionZero) == [SessionZero(at=0.0, timestamp_ms=T0_MS + 9)]
    assert book.core.session_zero_ms == T0_MS + 9


@pytest.mark.parametrize("link", ["audio", "transcript", "chat"])
def test_media_that_come_first_begin_the_session(link: str) -> None:
    book = Playbook("audio", "transcript", "chat").ready()
    match link:
        case "audio":
            book.media("audio", ms=T0_MS + 7)
        case "transcript":
            book.feed(link, TranscriptData(user_id=7, text="a", timestamp=T0_MS + 7))
        case _:
            book.feed(link, ChatData(text="a", timestamp=T0_MS + 7))
    assert book.core.session_zero_ms == T0_MS + 7


def test_what_is_not_stamped_begins_nothing() -> None:
    book = Playbook("audio").ready()
    book.feed("signaling", EventUpdate(event_type=EventType.FIRST_PACKET_TIMESTAMP))
    book.feed("signaling", SessionStateUpdate(session_id="S", state=SessionState.STARTED))
    assert book.core.session_zero_ms is None


# -- events ---------------------------------------------------------------------------------------------------


def test_events_are_told_raw_and_understood() -> None:
    book = Playbook("audio").ready()
    book.feed("signaling", EventUpdate(event_type=EventType.ACTIVE_SPEAKER_CHANGE, timestamp=T0_MS, people=(ANN,)))
    book.feed("signaling", EventUpdate(event_type=EventType.SHARING_START, timestamp=T0_MS, people=(ANN,)))
    assert [event.message.event_type for event in book.told(WireEvent)] == [2, 5]
    assert book.told(ActiveSpeakerChanged)[0].user_name == "Ann"
    assert book.told(SharingChanged)[0].sharing
    assert (book.core.active_speaker, book.core.sharer) == (7, 7)


# -- time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("behind_ms", "kind"), [(40, "late"), (5000, "clock_back"), (-4_000_000, "clock_jump")])
def test_odd_timestamps_are_anomalies_and_the_media_are_kept(behind_ms: int, kind: str) -> None:
    book = Playbook("audio").streaming().flow("audio", 0.2).media("audio", ms=T0_MS + 200 - behind_ms)
    assert book.core.anomalies == {kind: 1}
    assert len(book.told(MediaReceived)) == 11
    book.flow("audio", 0.2, ms=None)
    assert book.core.tracks[Medium.AUDIO, 7].count == 22


def test_a_jump_of_the_clock_is_no_gap() -> None:
    book = Playbook("audio").streaming().flow("audio", 0.2)
    for number in range(1, 6):
        book.advance(0.02).media("audio", ms=T0_MS + 10_000_000 + number * 20)
    assert book.core.closed_gaps == ()


def test_the_agreed_step_is_what_the_server_granted() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video")
    granted = MediaParams(audio=AudioParams(send_rate=100), video=VideoParams(fps=5))
    for link in ("audio", "video"):
        book.feed(link, DataHandshakeResponse(ok=True, status_code=0, params=granted)).media(link)
    assert book.core.tracks[Medium.AUDIO, 7].step_ms == 100
    assert book.core.tracks[Medium.VIDEO, 7].step_ms == 200


def test_without_a_grant_it_is_what_was_asked_for() -> None:
    book = Playbook("video", "share").start().accept("signaling").open("video", "share")
    book.media("video").media("share")
    assert book.core.tracks[Medium.VIDEO, 7].step_ms == 40
    assert book.core.tracks[Medium.SHARE, 7].step_ms == 1000


def test_a_frame_rate_of_nothing_is_no_step() -> None:
    book = Playbook("video").start().accept("signaling").open("video")
    book.feed("video", DataHandshakeResponse(ok=True, params=MediaParams(video=VideoParams(fps=0)))).media("video")
    assert book.core.tracks[Medium.VIDEO, 7].step_ms == 0
    assert (
        Playbook(params=MediaParams()).start().accept("signaling", "video").media("video").core.counts[Medium.VIDEO]
        == 1
    )


# -- raw frames -----------------------------------------------------------------------------------------------


def stamps(book: Playbook) -> list[int]:
    return [event.timestamp_ms - T0_MS for event in book.told(MediaReceived)]


def test_raw_audio_is_stamped_by_counting_samples() -> None:
    book = Playbook("audio").ready().feed("signaling", KeepAliveRequest(timestamp=T0_MS))
    for late_s in (0.0, 0.005, 0.03, 0.01):
        book.advance(late_s).feed("audio", b"\1\0" * 320)
    assert stamps(book) == [0, 20, 40, 60]


def test_raw_audio_after_a_hole_is_stamped_by_the_clock() -> None:
    book = Playbook("audio").ready().feed("signaling", KeepAliveRequest(timestamp=T0_MS))
    book.feed("audio", b"\1\0" * 320).advance(3).feed("audio", b"\1\0" * 320)
    assert stamps(book) == [0, 3000]
    assert len(book.core.closed_gaps) == 1


def test_raw_pictures_are_stamped_by_the_clock() -> None:
    book = Playbook("video", announced_ms=T0_MS).ready()
    for _ in range(3):
        book.feed("video", b"\0\0\0\1\x65abc").advance(0.04)
    assert stamps(book) == [0, 40, 80]


def test_raw_audio_of_an_unknown_rate_is_stamped_by_the_clock() -> None:
    params = MediaParams(audio=AudioParams(sample_rate=9))
    book = Playbook("audio", params=params, announced_ms=T0_MS).start().accept("signaling").open("audio")
    book.feed("audio", b"\1\0" * 320).advance(0.1).feed("audio", b"\1\0" * 320)
    assert stamps(book) == [0, 100]


def test_a_missing_stamp_among_others_is_where_the_sound_before_it_ended() -> None:
    """By the track's own clock: audio may have been buffered, so the server's is another."""
    book = Playbook("audio", announced_ms=T0_MS).ready().advance(30)
    for stamp in (T0_MS + 1000, T0_MS + 1020, 0, 0, T0_MS + 1080):
        book.media("audio", ms=stamp).advance(0.003)
    book.advance(0.5).media("audio", ms=0)
    assert stamps(book)[:5] == [1000, 1020, 1040, 1060, 1080]
    assert stamps(book)[5] == 1583
    assert not [gap for gap in book.core.closed_gaps if gap.end_ms != T0_MS + 1583]


def test_when_the_session_began_is_not_what_time_it_is() -> None:
    """Whoever joins again is told the begin again, half an hour later."""
    book = Playbook("video").ready().feed("signaling", KeepAliveRequest(timestamp=T0_MS + 1_800_000))
    book.feed("signaling", EventUpdate(event_type=EventType.FIRST_PACKET_TIMESTAMP, timestamp=T0_MS))
    book.feed("video", b"\0\0\0\1\x65abc")
    assert stamps(book) == [1_800_000]
