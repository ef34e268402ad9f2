"""The first connection, duplicates, the loss of signaling and fail-over."""

from __future__ import annotations

import pytest

from rtms_desktop.protocol.states import LinkState
from rtms_desktop.session.commands import OpenLink
from rtms_desktop.session.config import Timing
from rtms_desktop.session.events import (
    EndCause,
    HandshakeAnswered,
    Phase,
    PhaseChanged,
    ReadySent,
    Reconnected,
    ReconnectScheduled,
)
from rtms_desktop.wire.enums import MessageType
from rtms_desktop.wire.messages import SignalingHandshakeResponse
from tests.fakes.playbook import Playbook

IMPATIENT = Timing(signaling_window_s=4.0, duplicate_waits_s=(1.5, 5.0))
DUPLICATE = SignalingHandshakeResponse(ok=False, status_code=8, reason="Duplicate signal request")


def no(code: int | None, reason: str = "") -> SignalingHandshakeResponse:
    return SignalingHandshakeResponse(ok=False, status_code=code, reason=reason)


# -- the first connection -------------------------------------------------------------------------------------


def test_the_handshake_says_who_we_are() -> None:
    book = Playbook(id_key="webinar_uuid", buffer_data=False).start().open("signaling")
    (hello,) = book.sent()
    assert hello["msg_type"] == MessageType.SIGNALING_HAND_SHAKE_REQ
    assert hello["protocol_version"] == 1
    assert hello["webinar_uuid"] == "m1"
    assert hello["rtms_stream_id"] == "s1"
    assert hello["signature"] == "86b8"
    assert hello["buffer_data"] is False


def test_names_instead_of_numbers_and_no_urls_mean_one_path_per_type() -> None:
    book = Playbook("audio", "share", signaling_url="ws://h:9092/signaling").start().open("signaling")
    book.feed("signaling", '{"msg_type": "SIGNALING_HAND_SHAKE_RESP", "status": "STATUS_OK"}')
    assert [(item.link, item.url) for item in book.did() if isinstance(item, OpenLink)][1:] == [
        ("audio", "ws://h:9092/audio"),
        ("share", "ws://h:9092/deskshare"),
    ]
    (answered,) = book.told(HandshakeAnswered)
    assert answered.urls is not None and "audio" in answered.urls


def test_a_refused_connection_is_not_retried() -> None:
    book = Playbook().start().drop("signaling", None, "nothing listens on h")
    assert book.ended is not None
    assert book.ended.cause is EndCause.CONNECT_FAILED
    assert "nothing listens on h" in book.ended.sentence
    assert book.opens() == ["signaling"]
    assert book.core.next_wakeup() is None


def test_no_connection_within_ten_seconds() -> None:
    book = Playbook().start().advance(9.99)
    assert book.ended is None
    book.advance(0.01)
    assert book.ended is not None
    assert book.ended.cause is EndCause.CONNECT_FAILED
    assert "10 s" in book.ended.sentence
    assert book.sockets == set()


def test_no_answer_within_ten_seconds() -> None:
    book = Playbook().start().advance(4).open("signaling").advance(6)
    assert book.ended is not None
    assert book.ended.cause is EndCause.CONNECT_FAILED
    assert "handshake" in book.ended.sentence
    assert "check that server_urls" in book.ended.sentence
    assert book.closed() == ["signaling"]


@pytest.mark.parametrize("reason", ["", "going away"])
def test_a_connection_that_breaks_before_the_answer_says_what_to_check(reason: str) -> None:
    book = Playbook().start().open("signaling").drop("signaling", 1006, reason)
    assert book.ended is not None
    assert "code 1006: " in book.ended.sentence and reason in book.ended.sentence
    assert "check that server_urls" in book.ended.sentence


def test_a_close_instead_of_an_answer_means_the_signature() -> None:
    book = Playbook().start().open("signaling").drop("signaling", 1000)
    assert book.ended is not None
    assert book.ended.cause is EndCause.REJECTED
    assert "signature" in book.ended.sentence


def test_an_abnormal_close_instead_of_an_answer_is_a_failed_connection() -> None:
    book = Playbook().start().open("signaling").drop("signaling", 1011, "try later")
    assert book.ended is not None
    assert book.ended.cause is EndCause.CONNECT_FAILED
    assert "1011" in book.ended.sentence and "try later" in book.ended.sentence


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (3, "", "3 INVALID_SIGNATURE"),
        (2, "no such stream", "no such stream"),
        (45, "", "45 INTERNAL_EXCEPTION"),
    ],
)
def test_a_refusal_is_final_and_explained(code: int | None, reason: str, words: str) -> None:
    book = Playbook().start().open("signaling").feed("signaling", no(code, reason))
    assert book.ended is not None
    assert (book.ended.cause, book.ended.status_code, book.ended.reason) == (EndCause.REJECTED, code, reason)
    assert words in book.ended.sentence
    assert book.state("signaling") is LinkState.REFUSED
    assert book.sockets == set()
    (answer,) = book.told(HandshakeAnswered)
    assert not answer.ok


def test_a_refusal_in_words_only() -> None:
    book = Playbook().start().open("signaling").feed("signaling", '{"msg_type":2,"reason":"Invalid signature"}')
    assert book.ended is not None
    assert (book.ended.cause, book.ended.status_code) == (EndCause.REJECTED, None)
    assert "INVALID_SIGNATURE" in book.ended.sentence


# -- duplicates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [DUPLICATE, no(8), no(17), no(None, "duplicate signal request"), no(30, "DUPLICATE")]
)
def test_a_duplicate_is_retried_after_a_longer_wait(answer: SignalingHandshakeResponse) -> None:
    book = Playbook().start().open("signaling").feed("signaling", answer)
    assert book.ended is None
    assert book.sockets == set()
    assert book.states("signaling")[-2:] == [LinkState.REFUSED, LinkState.WAITING]
    (told,) = book.told(ReconnectScheduled)
    assert (told.due, told.attempt, told.scenario) == (1.5, 2, "duplicate")
    assert book.core.phase is Phase.CONNECTING


def test_duplicates_wait_longer_and_longer_and_then_end() -> None:
    book = Playbook().start()
    for wait in (1.5, 3.0, 6.0):
        book.open("signaling").feed("signaling", DUPLICATE).forget()
        book.advance(wait - 0.01)
        assert book.opens() == []
        book.advance(0.01)
        assert book.opens() == ["signaling"]
    book.open("signaling").feed("signaling", DUPLICATE)
    assert book.ended is not None
    assert book.ended.cause is EndCause.REJECTED
    assert "DUPLICATE" in book.ended.sentence


def test_a_first_connection_that_was_a_duplicate_succeeds_without_being_a_reconnect() -> None:
    book = Playbook("audio").start().open("signaling").feed("signaling", DUPLICATE).advance(1.5)
    book.accept("signaling", "audio")
    assert book.core.phase is Phase.CONNECTED
    assert book.core.reconnects == 0
    assert book.told(Reconnected) == []


def test_a_number_that_words_contradict_is_no_duplicate() -> None:
    book = Playbook().start().open("signaling").feed("signaling", no(8, "MEETING_UUID_NOT_STRING"))
    assert book.ended is not None


def test_a_first_connection_whose_duplicate_outlives_the_window_fails() -> None:
    book = Playbook(timing=IMPATIENT).start().open("signaling").feed("signaling", DUPLICATE).advance(3.9)
    assert book.ended is None
    book.advance(0.1)
    assert book.ended is not None
    assert book.ended.cause is EndCause.CONNECT_FAILED
    assert book.state("signaling") is LinkState.FAILED


def test_a_wait_that_does_not_fit_into_the_window_is_not_waited_for() -> None:
    book = Playbook(timing=IMPATIENT).start().open("signaling").feed("signaling", DUPLICATE).advance(1.5)
    book.open("signaling").feed("signaling", DUPLICATE)
    assert book.ended is not None
    assert book.ended.cause is EndCause.REJECTED


# -- loss -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1006, 1011])
def test_a_lost_signaling_link_takes_everything_down_and_builds_it_anew(code: int) -> None:
    book = Playbook().streaming().drop("signaling", code)
    assert book.closed() == ["audio", "video"]
    assert book.core.phase is Phase.RECONNECTING
    assert {link.state for link in book.core.links.values()} == {LinkState.WAITING, LinkState.INTERRUPTED}
    book.advance(0.5)
    assert book.opens() == ["signaling"]
    book.forget().accept("signaling")
    assert book.opens() == ["audio", "video"]
    book.accept("audio", "video")
    assert book.sent_types() == [1, 7, 5]
    assert len(book.told(ReadySent)) == 1
    assert book.core.reconnects == 1
    assert sorted(event.link for event in book.told(Reconnected)) == ["audio", "signaling", "video"]
    assert {event.down_s for event in book.told(Reconnected)} == {0.5}
    assert book.core.phase is Phase.CONNECTED
    book.media("audio")
    assert book.core.phase is Phase.STREAMING


def test_the_delays_double_up_to_the_end_of_the_window() -> None:
    book = Playbook().streaming().drop("signaling")
    while book.ended is None:
        book.advance(0.25)
        if "signaling" in book.sockets:
            book.drop("signaling", None, "refused")
    delays = [event.due - event.at for event in book.told(ReconnectScheduled)]
    assert delays == pytest.approx([0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
    assert book.now == pytest.approx(60.0)
    assert book.ended.cause is EndCause.CUT_OFF
    assert book.ended.stop_reason is None
    assert "60 s" in book.ended.sentence
    assert book.state("signaling") is LinkState.FAILED


def test_an_attempt_that_hangs_when_the_window_closes_is_broken_off() -> None:
    book = Playbook().streaming().drop("signaling")
    book.advance(60)
    assert book.ended is not None
    assert book.ended.cause is EndCause.CUT_OFF
    assert book.sockets == set()


def test_a_hanging_attempt_is_repeated() -> None:
    book = Playbook().streaming().drop("signaling").advance(0.5)
    assert book.sockets == {"signaling"}
    book.advance(10)
    assert book.sockets == set()
    assert book.state("signaling") is LinkState.WAITING
    book.advance(1)
    assert book.core.links["signaling"].attempt == 3


def test_an_unanswered_attempt_is_repeated() -> None:
    book = Playbook().streaming().drop("signaling").advance(0.5).open("signaling").advance(10)
    assert book.state("signaling") is LinkState.WAITING


def test_a_close_instead_of_an_answer_is_a_loss_when_the_signature_has_worked_before() -> None:
    book = Playbook().streaming().drop("signaling").advance(0.5).open("signaling").drop("signaling", 1000)
    assert book.ended is None
    assert book.state("signaling") is LinkState.WAITING


def test_a_refusal_after_a_loss_is_final() -> None:
    book = Playbook().streaming().drop("signaling").advance(0.5).open("signaling").feed("signaling", no(2))
    assert book.ended is not None
    assert book.ended.cause is EndCause.REJECTED


def test_a_duplicate_after_a_loss_switches_to_the_longer_waits() -> None:
    book = Playbook().streaming().drop("signaling").advance(0.5).open("signaling").forget()
    book.feed("signaling", DUPLICATE)
    (told,) = book.told(ReconnectScheduled)
    assert told.due - book.now == 1.5
    book.advance(1.5).accept("signaling")
    assert book.sockets == {"signaling", "audio", "video"}


def test_after_a_good_time_the_delays_begin_anew() -> None:
    book = Playbook().streaming()
    for _ in range(3):
        book.drop("signaling").forget().advance(0.5)
        assert book.opens() == ["signaling"]
        book.accept("signaling", "audio", "video").media("audio")
    assert book.core.reconnects == 3


def test_a_server_that_accepts_and_drops_at_once_is_not_hammered() -> None:
    book = Playbook().streaming().drop("signaling")
    for _ in range(4):
        due = book.told(ReconnectScheduled)[-1].due
        book.advance(due - book.now).accept("signaling", "audio", "video").drop("signaling")
    delays = [event.due - event.at for event in book.told(ReconnectScheduled)]
    assert delays == pytest.approx([0.5, 1.0, 2.0, 4.0, 8.0])


def test_signaling_that_stops_asking_is_held_for_dead() -> None:
    book = Playbook().streaming()
    while book.now < 70 and book.state("signaling") is LinkState.READY:
        book.advance(5).media("audio").media("video")
    assert book.now == pytest.approx(65)
    assert book.closed()[0] == "signaling"
    assert book.core.phase is Phase.RECONNECTING


def test_media_links_lost_with_signaling_get_a_window_of_their_own() -> None:
    book = Playbook("audio").streaming().drop("signaling")
    while book.now < 31:
        book.advance(0.5)
        if book.now < 31 and "signaling" in book.sockets:
            book.drop("signaling", None)
    book.advance(0.5).accept("signaling").drop("audio", None)
    assert {event.window_ends for event in book.told(ReconnectScheduled) if event.link == "audio"} == {96.5}


# -- the server's and people's wishes -------------------------------------------------------------------------


def test_fail_over_drops_the_old_sockets_first() -> None:
    book = Playbook().streaming().request("restart", config_url="wss://other/")
    assert book.closed() == ["audio", "video", "signaling"]
    assert book.opens() == ["signaling"]
    assert book.core.links["signaling"].url == "wss://other/"
    assert book.core.phase is Phase.RECONNECTING
    (told,) = book.told(ReconnectScheduled)
    assert (told.scenario, told.due) == ("fail-over", 0.0)
    book.accept("signaling", "audio", "video")
    assert book.core.phase is Phase.CONNECTED
    assert book.core.reconnects == 1


def test_fail_over_while_waiting_does_not_wait() -> None:
    book = Playbook().streaming().drop("signaling").forget().request("restart", config_url="wss://other/")
    assert book.opens() == ["signaling"]
    assert book.closed() == []


def test_fail_over_during_the_first_connection() -> None:
    book = Playbook("audio").start().request("restart", config_url="wss://other/")
    assert book.closed() == ["signaling"]
    book.accept("signaling", "audio")
    assert book.core.phase is Phase.CONNECTED


def test_a_fail_over_to_a_dead_server_is_retried_there() -> None:
    book = Playbook().streaming().request("restart", config_url="wss://other/").drop("signaling", None).advance(1)
    assert book.core.links["signaling"].attempt == 3
    assert book.core.links["signaling"].url == "wss://other/"


def test_an_announced_interruption_builds_everything_anew() -> None:
    book = Playbook().streaming().request("interrupted")
    assert book.closed() == ["signaling", "audio", "video"]
    assert book.opens() == ["signaling"]


def test_an_announced_interruption_ends_the_wait() -> None:
    book = Playbook().streaming().drop("signaling").forget().request("interrupted")
    assert book.opens() == ["signaling"]


def test_an_announcement_of_what_is_repaired_already_changes_nothing() -> None:
    book = Playbook().streaming().drop("signaling").advance(0.5)
    assert book.request("interrupted").opens() == ["signaling"]
    book.accept("signaling", "audio", "video").forget().request("interrupted")
    assert book.did() == []
    book.advance(10.1).request("interrupted")
    assert book.opens() == ["signaling"]


def test_waiting_for_the_server_means_waiting() -> None:
    book = Playbook(wait_for_server=True).streaming().drop("signaling").advance(59)
    assert book.opens() == []
    assert book.state("signaling") is LinkState.INTERRUPTED
    book.request("interrupted").accept("signaling", "audio", "video")
    assert book.core.phase is Phase.CONNECTED


def test_waiting_for_the_server_ends_with_the_window() -> None:
    book = Playbook(wait_for_server=True).streaming().drop("signaling").advance(60)
    assert book.ended is not None
    assert book.ended.cause is EndCause.CUT_OFF


def test_the_phases_of_a_session() -> None:
    book = Playbook("audio").streaming().drop("signaling").advance(0.5).accept("signaling", "audio").media("audio")
    book.request("disconnect")
    assert [event.new.value for event in book.events if isinstance(event, PhaseChanged)] == [
        "connecting",
        "connected",
        "streaming",
        "reconnecting",
        "connected",
        "streaming",
        "ended",
    ]
