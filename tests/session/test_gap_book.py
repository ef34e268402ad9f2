"""Gaps of a whole session: sockets, pauses, cameras, people who leave."""

from __future__ import annotations

from rtms_desktop.session.events import Gap, GapClosed, GapOpened, GapReason
from rtms_desktop.session.gap_book import KEPT, GapBook
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.wire.enums import EventType, Medium, StreamState
from rtms_desktop.wire.messages import EventUpdate, KeepAliveRequest, Person, StreamStateUpdate
from tests.fakes.playbook import T0_MS, Playbook


def holes(book: Playbook) -> list[tuple[str, int, int, str]]:
    """(medium, from ms, to ms, reason) of every gap that is over, in ms since the start."""
    return [
        (gap.medium.value, gap.start_ms - T0_MS, (gap.end_ms or 0) - T0_MS, gap.reason.value)
        for gap in book.core.closed_gaps
    ]


def live(book: Playbook) -> Playbook:
    """Server time is known."""
    return book.feed("signaling", KeepAliveRequest(timestamp=book.server_ms))


def test_a_healthy_flow_has_no_gap() -> None:
    book = Playbook().streaming()
    for _ in range(100):
        book.advance(0.02).media("audio").advance(0.02).media("audio").media("video")
    assert holes(book) == []
    assert book.told(GapOpened) == []
    assert book.core.tracks[Medium.AUDIO, 7].gaps == 0


def test_a_dropped_socket_is_the_reason_of_its_gap_alone() -> None:
    book = Playbook().streaming().flow("audio", 1, 0.02).media("video").drop("video")
    book.flow("audio", 0.5, 0.02).accept("video").flow("audio", 0.1, 0.02).media("video")
    assert holes(book) == [("video", 40, 1000, "silence"), ("video", 1040, 1600, "socket_down")]
    assert book.core.tracks[Medium.VIDEO, 7].gaps == 2
    assert book.core.tracks[Medium.VIDEO, 7].lost == 14
    assert book.core.tracks[Medium.AUDIO, 7].lost == 0


def test_a_long_loss_is_told_while_it_lasts() -> None:
    book = Playbook("audio").streaming().advance(0.02).media("audio").drop("audio").advance(0.5).drop("audio", None)
    assert book.told(GapOpened) == []
    book.advance(0.6)
    (opened,) = book.told(GapOpened)
    assert (opened.gap.reason, opened.gap.end_ms) == (GapReason.SOCKET_DOWN, None)
    assert book.core.open_gaps == (opened.gap,)
    book.advance(0.4).accept("audio").advance(0.02).media("audio")
    assert holes(book) == [("audio", 40, 1540, "socket_down")]


def test_buffered_audio_fills_the_gap_it_was_told_as() -> None:
    book = Playbook("audio").streaming().drop("audio").advance(0.5).drop("audio", None).advance(1).accept("audio")
    book.media("audio", ms=T0_MS + 20)
    assert holes(book) == []
    (closed,) = book.told(GapClosed)
    assert closed.gap.start_ms == closed.gap.end_ms


def test_a_signaling_loss_is_a_gap_on_every_medium() -> None:
    book = live(Playbook("audio", "chat", "transcript", "share").streaming()).advance(0.02).media("audio")
    book.drop("signaling").advance(0.5).accept("signaling", "audio", "chat", "transcript", "share")
    book.advance(0.08).media("audio")
    assert sorted(holes(book)) == [
        ("audio", 40, 600, "socket_down"),
        ("chat", 20, 520, "socket_down"),
        ("share", 20, 520, "socket_down"),
        ("transcript", 20, 520, "socket_down"),
    ]


def test_text_has_no_gap_while_its_socket_is_up_or_was_never_there() -> None:
    book = Playbook("chat", "transcript").start().accept("signaling", "chat").drop("transcript", None)
    book.advance(5)
    assert book.told(GapOpened) == []


def test_a_pause_is_the_reason() -> None:
    book = live(Playbook("audio").streaming()).advance(0.02).media("audio")
    book.feed("signaling", StreamStateUpdate(state=StreamState.PAUSED, timestamp=book.server_ms)).advance(5)
    book.feed("signaling", StreamStateUpdate(state=StreamState.RESUMED, timestamp=book.server_ms))
    book.advance(0.08).media("audio")
    assert holes(book) == [("audio", 40, 5100, "pause")]


def test_silence_before_and_after_a_loss_keeps_its_name() -> None:
    book = live(Playbook("audio").streaming()).advance(4).drop("audio").advance(0.5).accept("audio").advance(3)
    book.media("audio")
    assert holes(book) == [
        ("audio", 20, 4020, "silence"),
        ("audio", 4020, 4520, "socket_down"),
        ("audio", 4520, 7500, "silence"),
    ]


def test_a_camera_that_is_off_is_muted() -> None:
    book = Playbook("video").streaming().flow("video", 1, 0.04)
    book.feed("signaling", EventUpdate(event_type=EventType.PARTICIPANT_VIDEO_OFF, people=(Person(user_id=7),)))
    book.advance(5)
    book.feed("signaling", EventUpdate(event_type=EventType.PARTICIPANT_VIDEO_ON, people=(Person(user_id=7),)))
    book.advance(0.04).media("video")
    assert holes(book) == [("video", 1040, 6040, "mute")]


def test_who_leaves_leaves_no_gap_open() -> None:
    book = Playbook("audio").streaming().advance(3)
    assert len(book.core.open_gaps) == 1
    book.feed("signaling", EventUpdate(event_type=EventType.PARTICIPANT_LEAVE, people=(Person(user_id=7),)))
    assert book.core.open_gaps == ()
    assert holes(book) == [("audio", 20, 3020, "silence")]
    book.advance(10).media("audio")
    assert len(holes(book)) == 1


def test_each_speaker_has_gaps_of_their_own() -> None:
    book = Playbook("audio").streaming().media("audio", user_id=8).flow("audio", 2, 0.02, user_id=8)
    assert [(gap.user_id, gap.reason) for gap in book.core.open_gaps] == [(7, GapReason.SILENCE)]


def test_what_is_asked_of_unknown_tracks_is_nothing() -> None:
    outbox = Outbox()
    book = GapBook(outbox, 100, lambda user_id: False)
    book.retire((Medium.AUDIO, 7), 1.0)
    assert book.known_until((Medium.AUDIO, 7)) is None
    assert book.deadline() is None
    book.wake(5.0)
    assert outbox.take_events() == []


def test_only_the_newest_gaps_are_kept() -> None:
    book = GapBook(Outbox(), 100, lambda user_id: False)
    for second in range(KEPT + 5):
        book.unit((Medium.AUDIO, 7), "audio", second * 1000, 20.0, float(second))
    assert len(book.closed) == KEPT
    assert book.closed[-1] == Gap(
        medium=Medium.AUDIO,
        user_id=7,
        start_ms=(KEPT + 3) * 1000 + 20,
        end_ms=(KEPT + 4) * 1000,
        reason=GapReason.SOCKET_DOWN,
    )
