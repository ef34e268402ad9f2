"""Media sockets: what is asked, when ready is sent, and how each comes back without the others."""

from __future__ import annotations

import pytest

from rtms_desktop.protocol.states import LinkState
from rtms_desktop.session.events import (
    Anomaly,
    EndCause,
    HandshakeAnswered,
    Phase,
    ReadySent,
    Reconnected,
    ReconnectScheduled,
)
from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.messages import DataHandshakeResponse, EventUpdate, KeepAliveRequest, StreamStateUpdate
from tests.fakes.playbook import Playbook

YES = DataHandshakeResponse(ok=True, status_code=0)
INTERRUPTED = EventUpdate(event_type=7, raw={"event_type": 7})
STATE_INTERRUPTED = StreamStateUpdate(state=2, reason=14, timestamp=1)


def no(code: int | None, reason: str = "") -> DataHandshakeResponse:
    return DataHandshakeResponse(ok=False, status_code=code, reason=reason)


# -- ready ----------------------------------------------------------------------------------------------------


def test_ready_is_sent_once_after_the_last_answer_and_the_events_right_after() -> None:
    book = Playbook("audio", "video", "chat").start().accept("signaling", "audio", "video")
    assert book.sent_types() == [1]
    book.accept("chat")
    assert book.sent_types() == [1, 7, 5]
    assert book.sent()[1] == {"msg_type": 7, "rtms_stream_id": "s1"}
    assert [item["event_type"] for item in book.sent()[2]["events"]] == [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14]
    assert all(item["subscribe"] is True for item in book.sent()[2]["events"])
    assert len(book.told(ReadySent)) == 1
    assert [book.state(name) for name in ("signaling", "audio", "video", "chat")] == [LinkState.READY] * 4


def test_the_contact_center_has_events_of_its_own() -> None:
    book = Playbook("audio", product=Product.CONTACT_CENTER).ready()
    assert [item["event_type"] for item in book.sent()[2]["events"]] == [*range(2, 7), *range(8, 35)]


def test_a_refused_link_does_not_hold_the_others_back() -> None:
    book = Playbook().start().accept("signaling", "audio").open("video").feed("video", no(10))
    assert book.sent_types() == [1, 7, 5]
    assert book.state("video") is LinkState.REFUSED
    assert book.closed() == ["video"]
    assert book.core.phase is Phase.CONNECTED
    assert book.core.next_wakeup() is not None


def test_a_link_that_cannot_connect_does_not_hold_the_others_back() -> None:
    book = Playbook().start().accept("signaling", "audio").drop("video", None, "refused")
    assert book.sent_types() == [1, 7, 5]
    book.advance(0.5).accept("video")
    assert book.sent_types() == [1, 7, 5, 7]
    assert book.core.reconnects == 0


def test_a_link_that_hangs_holds_the_others_back_for_five_seconds() -> None:
    book = Playbook().start().accept("signaling", "audio").advance(4.9)
    assert book.sent_types() == [1]
    book.advance(0.1)
    assert book.sent_types() == [1, 7, 5]
    book.advance(1).accept("video")
    assert book.sent_types() == [1, 7, 5, 7]


def test_silent_servers_are_told_ready_after_five_seconds() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video").advance(5)
    assert book.sent_types() == [1, 7, 5]
    assert book.state("audio") is book.state("video") is LinkState.READY
    assert book.core.anomalies["handshake_unanswered"] == 2
    book.media("audio")
    assert book.core.phase is Phase.STREAMING


def test_servers_that_stay_silent_on_every_media_socket_end_the_session() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video").advance(14.9)
    assert book.core.phase is Phase.CONNECTED
    book.advance(0.1)
    ended = book.ended
    assert ended is not None
    assert ended.cause is EndCause.CONNECT_FAILED
    assert ended.sentence.startswith("No media connection answered its handshake")


def test_one_word_on_one_media_socket_is_enough_to_stay() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video").advance(14)
    book.feed("video", KeepAliveRequest(timestamp=1)).advance(10)
    assert book.core.phase is Phase.CONNECTED


def test_a_paused_stream_may_be_silent() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video").advance(5)
    book.feed("signaling", StreamStateUpdate(state=5, timestamp=1)).advance(20)
    assert book.core.phase is Phase.PAUSED


def test_a_late_answer_is_followed_by_another_ready() -> None:
    book = Playbook().start().accept("signaling", "audio").open("video").advance(6).forget()
    book.feed("video", YES)
    assert book.sent_types() == [7]
    assert book.state("video") is LinkState.READY


def test_data_before_the_answer_is_enough() -> None:
    book = Playbook("audio").start().accept("signaling").open("audio").media("audio")
    assert book.state("audio") is LinkState.STREAMING
    assert book.sent_types() == [1, 7, 5]
    assert book.core.phase is Phase.STREAMING
    book.feed("audio", YES)
    assert book.sent_types() == [1, 7, 5]
    assert [event.link for event in book.told(HandshakeAnswered)] == ["signaling", "audio"]


def test_the_session_streams_although_a_silent_link_still_holds_ready_back() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video").media("audio")
    assert book.sent_types() == [1]
    assert book.core.phase is Phase.STREAMING
    book.advance(5)
    assert book.sent_types() == [1, 7, 5]


def test_without_media_ready_is_sent_for_the_events() -> None:
    book = Playbook(media=frozenset()).start().accept("signaling", urls=[])
    assert book.sent_types() == [1, 7, 5]
    assert book.core.phase is Phase.CONNECTED


# -- what is asked --------------------------------------------------------------------------------------------


def test_each_socket_asks_for_its_own_medium() -> None:
    book = Playbook("audio", "share").start().accept("signaling").open("audio", "share")
    (audio,), (share,) = book.sent("audio"), book.sent("share")
    assert audio["media_type"] == 1
    assert audio["media_params"] == {
        "audio": {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 2, "send_rate": 20}
    }
    assert (audio["meeting_uuid"], audio["rtms_stream_id"], audio["signature"]) == ("m1", "s1", "86b8")
    assert share["media_type"] == 4
    assert list(share["media_params"]) == ["deskshare"]


def test_one_socket_for_all() -> None:
    book = Playbook("audio", "video", one_socket=True).start().accept("signaling", urls=["all", "audio", "video"])
    assert book.opens() == ["signaling", "all"]
    book.accept("all")
    assert book.sent("all")[0]["media_type"] == 3
    assert list(book.sent("all")[0]["media_params"]) == ["audio", "video"]
    book.media("all", "audio").media("all", "video")
    assert book.core.counts[Medium.AUDIO] == book.core.counts[Medium.VIDEO] == 1
    assert book.core.phase is Phase.STREAMING


def test_a_medium_that_is_not_offered_is_told_and_given_up() -> None:
    book = Playbook().start().accept("signaling", urls=["audio"])
    assert book.state("video") is LinkState.FAILED
    (told,) = book.told(Anomaly)
    assert (told.link, told.kind) == ("video", "not_offered")
    book.accept("audio")
    assert book.core.phase is Phase.CONNECTED


# -- no media at all ------------------------------------------------------------------------------------------


def test_everything_refused_is_a_rejection() -> None:
    book = Playbook().start().accept("signaling").open("audio", "video")
    book.feed("audio", no(9)).feed("video", no(10))
    assert book.ended is not None
    assert (book.ended.cause, book.ended.status_code) == (EndCause.REJECTED, 9)
    assert "9 MEDIA_TYPE_AUDIO_NOT_SUPPORT" in book.ended.sentence


def test_nothing_offered_is_a_rejection() -> None:
    book = Playbook().start().accept("signaling", urls=["chat"])
    assert book.ended is not None
    assert book.ended.cause is EndCause.REJECTED
    assert "none of the media" in book.ended.sentence


def test_one_refused_and_one_not_offered_is_a_rejection_with_the_status() -> None:
    book = Playbook().start().accept("signaling", urls=["audio"]).open("audio").feed("audio", no(3, "bad signature"))
    assert book.ended is not None
    assert (book.ended.cause, book.ended.status_code) == (EndCause.REJECTED, 3)


def test_media_that_never_connect_fail_the_connection() -> None:
    book = Playbook("audio").start().accept("signaling")
    while book.ended is None:
        if "audio" in book.sockets:
            book.drop("audio", None, "nothing listens there")
        book.feed("signaling", KeepAliveRequest(timestamp=book.server_ms)).advance(1)
    assert book.ended.cause is EndCause.CONNECT_FAILED
    assert "nothing listens there" in book.ended.sentence
    assert book.now == pytest.approx(10, abs=1)


def test_a_first_media_connection_that_hangs_is_waited_for() -> None:
    book = Playbook().start().accept("signaling").drop("audio", None, "nothing listens there").advance(9.9)
    while "audio" in book.sockets:
        book.drop("audio", None, "nothing listens there").advance(0.01)
    assert book.state("video") is LinkState.CONNECTING
    book.advance(2)
    assert book.ended is not None
    assert book.ended.cause is EndCause.CONNECT_FAILED


def test_one_media_connection_gives_the_others_their_whole_window() -> None:
    book = Playbook().start().accept("signaling").drop("audio", None, "nothing listens there").accept("video")
    book.drop("video").flow("signaling", 0)
    for _ in range(12):
        for link in sorted(book.sockets - {"signaling"}):
            book.drop(link, None, "nothing listens there")
        book.advance(1)
    assert book.ended is None


def test_waiting_for_the_server_a_first_media_connection_has_its_window() -> None:
    book = Playbook("audio", wait_for_server=True).start().accept("signaling").drop("audio", None, "nobody").advance(20)
    assert book.ended is None


# -- refusals that heal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [no(16), no(15), no(None, "duplicate media connection"), no(47), no(45)])
def test_a_refusal_that_time_may_heal_is_retried_a_little(answer: DataHandshakeResponse) -> None:
    book = Playbook().start().accept("signaling", "audio").open("video")
    for wait in (1.5, 3.0, 6.0):
        book.feed("video", answer)
        assert book.state("video") is LinkState.WAITING
        book.advance(wait).open("video")
    book.feed("video", answer)
    assert book.state("video") is LinkState.REFUSED
    assert book.ended is None


def test_a_duplicate_that_heals_is_forgotten() -> None:
    book = Playbook().streaming().drop("video").advance(0.5).open("video").feed("video", no(16)).advance(1.5)
    book.accept("video").forget()
    assert book.state("video") is LinkState.READY
    book.media("video").drop("video").advance(0.5).open("video").feed("video", no(16))
    (told,) = [event for event in book.told(ReconnectScheduled) if event.scenario == "refused for now"]
    assert told.due - book.now == 1.5


# -- loss -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1006])
def test_only_the_lost_link_comes_back(code: int) -> None:
    book = Playbook().streaming().drop("video", code)
    assert book.did() == []
    assert book.core.phase is Phase.STREAMING
    assert book.states("video") == [LinkState.INTERRUPTED, LinkState.WAITING]
    (told,) = book.told(ReconnectScheduled)
    assert (told.link, told.due, told.attempt, told.window_ends) == ("video", 0.5, 2, 65.0)
    book.advance(0.5).accept("video")
    assert book.sent_types() == [7]
    assert book.opens() == ["video"]
    assert [(event.link, event.down_s) for event in book.told(Reconnected)] == [("video", 0.5)]
    assert book.core.reconnects == 1
    book.media("video")
    assert book.state("video") is LinkState.STREAMING


def test_the_only_link_lost_is_reconnecting() -> None:
    book = Playbook("audio").streaming().drop("audio")
    assert book.core.phase is Phase.RECONNECTING
    book.advance(0.5).accept("audio")
    assert book.core.phase is Phase.CONNECTED


def test_the_window_of_a_media_link_is_longer_and_does_not_end_the_others() -> None:
    book = Playbook().streaming()
    book.drop("video")
    while book.now < 63.5:
        book.advance(1)
        book.feed("signaling", KeepAliveRequest(timestamp=book.server_ms)).media("audio")
        if "video" in book.sockets:
            book.drop("video", None)
    assert book.state("video") in (LinkState.WAITING, LinkState.INTERRUPTED)
    book.advance(1)
    assert book.state("video") is LinkState.FAILED
    assert book.ended is None
    assert book.core.phase is Phase.STREAMING


def test_when_the_last_media_link_is_given_up_the_session_is_cut_off() -> None:
    book = Playbook("audio").streaming().drop("audio")
    while book.ended is None:
        book.advance(1)
        if "signaling" in book.sockets:
            book.feed("signaling", KeepAliveRequest(timestamp=book.server_ms))
    assert book.ended.cause is EndCause.CUT_OFF
    assert "65 s" in book.ended.sentence
    assert book.sockets == set()


def test_a_dead_media_link_is_closed_and_opened_again() -> None:
    book = Playbook("audio").streaming()
    while book.state("audio") is LinkState.STREAMING:
        book.advance(5).feed("signaling", KeepAliveRequest(timestamp=book.server_ms))
    assert book.now == pytest.approx(65)
    assert book.closed() == ["audio"]
    assert book.state("audio") is LinkState.WAITING
    assert book.core.links["audio"].stats.missed == 6


def test_a_signaling_loss_cancels_the_repair_of_a_media_link() -> None:
    book = Playbook().streaming().drop("video").advance(0.2).drop("signaling").advance(0.4)
    assert book.opens() == []
    assert book.state("video") is LinkState.INTERRUPTED
    book.advance(0.1).accept("signaling", "audio", "video")
    assert book.core.phase is Phase.CONNECTED
    assert book.core.reconnects == 1


def test_a_plan_that_changes_closes_what_is_no_longer_in_it() -> None:
    book = Playbook("audio").streaming().drop("signaling").advance(0.5).accept("signaling", urls=["all"])
    assert book.state("audio") is LinkState.CLOSED
    book.accept("all").media("all", "audio")
    assert book.core.phase is Phase.STREAMING
    book.drop("signaling").advance(0.5).accept("signaling", urls=["audio"]).accept("audio")
    assert book.state("all") is LinkState.CLOSED
    assert book.state("audio") is LinkState.READY


def test_a_link_that_was_given_up_stays_so_when_the_plan_changes() -> None:
    book = Playbook().start().accept("signaling", urls=["audio"]).accept("audio").drop("signaling").advance(0.5)
    book.accept("signaling", urls=["audio"]).accept("audio").media("audio")
    assert book.state("video") is LinkState.FAILED
    assert book.core.anomalies["not_offered"] == 2
    book.drop("signaling").advance(0.5).accept("signaling", urls=["all"]).accept("all")
    assert book.state("video") is LinkState.FAILED
    assert book.ended is None


def test_a_link_that_is_not_offered_any_more_is_not_cut_off() -> None:
    book = Playbook("audio").streaming().drop("signaling").advance(0.5).accept("signaling", urls=["chat"])
    assert book.ended is not None
    assert book.ended.cause is EndCause.REJECTED


def test_a_refused_link_is_asked_for_again_when_everything_is_built_anew() -> None:
    book = Playbook().start().accept("signaling", "audio").open("video").feed("video", no(10))
    book.drop("signaling").advance(0.5).accept("signaling", "audio", "video")
    assert book.state("video") is LinkState.READY


# -- interruptions that the server announces ------------------------------------------------------------------


@pytest.mark.parametrize("signals", [[INTERRUPTED, STATE_INTERRUPTED], [STATE_INTERRUPTED, INTERRUPTED]])
def test_both_signals_of_one_interruption_lead_to_one_reconnect(signals: list[EventUpdate]) -> None:
    book = Playbook("video").streaming().feed("signaling", *signals)
    assert book.closed() == ["video"]
    assert len(book.told(ReconnectScheduled)) == 1
    book.advance(0.5).accept("video").advance(1).feed("signaling", *signals)
    assert book.opens() == ["video"]
    book.advance(5).feed("signaling", signals[0])
    assert book.closed() == ["video", "video"]


def test_the_medium_that_is_named_is_opened_anew() -> None:
    book = Playbook().streaming().feed("signaling", EventUpdate(event_type=7, raw={"event_type": 7, "media_type": 2}))
    assert book.closed() == ["video"]


def test_without_a_name_it_is_the_quiet_one() -> None:
    book = Playbook().streaming().advance(3).media("audio").feed("signaling", INTERRUPTED)
    assert book.closed() == ["video"]


def test_without_a_name_and_a_quiet_one_it_is_all() -> None:
    book = Playbook().streaming().feed("signaling", STATE_INTERRUPTED)
    assert book.closed() == ["audio", "video"]


def test_a_loss_that_is_known_explains_the_announcement() -> None:
    book = Playbook().streaming().drop("audio").feed("signaling", INTERRUPTED, STATE_INTERRUPTED)
    assert book.closed() == []
    assert len(book.told(ReconnectScheduled)) == 1


def test_another_state_or_reason_interrupts_nothing() -> None:
    book = Playbook().streaming().feed("signaling", StreamStateUpdate(state=2, reason=13, timestamp=1))
    assert book.did() == []


def test_waiting_for_the_server_media_come_back_on_its_word() -> None:
    book = Playbook(wait_for_server=True).streaming().drop("video").advance(30)
    assert book.opens() == []
    assert book.state("video") is LinkState.INTERRUPTED
    book.feed("signaling", INTERRUPTED).advance(1)
    assert book.opens() == ["video"]


def test_waiting_for_the_server_an_announcement_alone_is_enough() -> None:
    book = (
        Playbook(wait_for_server=True)
        .streaming()
        .feed("signaling", EventUpdate(event_type=7, raw={"media_type": "video"}))
    )
    assert book.closed() == ["video"]
    book.advance(1)
    assert book.opens() == ["video"]


def test_an_interruption_announced_on_a_media_socket_counts_too() -> None:
    book = Playbook().streaming().feed("audio", STATE_INTERRUPTED).advance(1)
    assert book.opens() == ["audio", "video"]


def test_encrypted_media_are_named() -> None:
    book = Playbook("audio").start().accept("signaling").open("audio")
    book.feed("audio", DataHandshakeResponse(ok=True, status_code=0, payload_encrypted=True))
    assert book.core.anomalies["payload_encrypted"] == 1
