"""SessionCore as its driver sees it: keep-alive, states, stopping, figures, misuse, replay."""

from __future__ import annotations

import random

import pytest

from rtms_desktop.errors import LocalProtocolError
from rtms_desktop.protocol.states import LinkState
from rtms_desktop.session.commands import CloseLink, SendText
from rtms_desktop.session.config import Timing
from rtms_desktop.session.core import SessionCore
from rtms_desktop.session.events import (
    Anomaly,
    DialectDetected,
    EndCause,
    Event,
    GapClosed,
    KeepAlive,
    LinkStateChanged,
    OtherMessage,
    Phase,
    PhaseChanged,
    SessionEnded,
    SessionStateChanged,
    StreamStateChanged,
    WireEvent,
)
from rtms_desktop.wire.enums import Dialect, Medium, SessionState, StreamState
from rtms_desktop.wire.messages import (
    DataHandshakeResponse,
    EventUpdate,
    KeepAliveRequest,
    KeepAliveResponse,
    MetaData,
    SessionStateResponse,
    SessionStateUpdate,
    SignalingHandshakeResponse,
    StreamCloseRequest,
    StreamCloseResponse,
    StreamStateResponse,
    StreamStateUpdate,
    VideoSubscriptionResponse,
)
from tests.fakes.playbook import T0_MS, Playbook, make_config

PAUSED = StreamStateUpdate(state=StreamState.PAUSED, timestamp=T0_MS)
RESUMED = StreamStateUpdate(state=StreamState.RESUMED, timestamp=T0_MS)

DRAIN_S = Timing().drain_quiet_s


def terminated(reason: int | None) -> StreamStateUpdate:
    return StreamStateUpdate(state=StreamState.TERMINATED, reason=reason, timestamp=T0_MS)


# -- keep-alive -----------------------------------------------------------------------------------------------


def test_every_link_answers_with_what_it_was_sent() -> None:
    book = Playbook().streaming()
    for link in ("signaling", "audio", "video"):
        book.feed(link, f'{{"msg_type":12,"timestamp":17,"sequence":5,"from":"{link}"}}')
        assert book.sent(link) == [{"msg_type": 13, "timestamp": 17, "sequence": 5, "from": link}]
    assert [event.interval_s for event in book.told(KeepAlive)] == [None, None, None]
    book.advance(10).feed("audio", KeepAliveRequest(timestamp=1))
    assert book.told(KeepAlive)[-1].interval_s == 10
    stats = book.core.links["audio"].stats
    assert (stats.keep_alives, stats.last_keep_alive_at) == (2, 10.0)


def test_keep_alives_are_answered_before_the_handshake_and_while_stopping() -> None:
    book = Playbook().start().open("signaling").feed("signaling", KeepAliveRequest(timestamp=1))
    assert book.sent_types() == [1, 13]
    book = Playbook().streaming().request("stop").feed("audio", KeepAliveRequest(timestamp=1))
    assert book.sent_types("audio") == [13]


# -- states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pause", "resume"),
    [
        (PAUSED, RESUMED),
        (PAUSED, StreamStateUpdate(state=StreamState.ACTIVE, timestamp=T0_MS)),
        (PAUSED, StreamStateResponse(state=StreamState.ACTIVE, timestamp=T0_MS)),
        (SessionStateUpdate(state=SessionState.PAUSED), SessionStateUpdate(state=SessionState.RESUMED)),
        (SessionStateResponse(state=SessionState.PAUSED), SessionStateUpdate(state=SessionState.STARTED)),
    ],
)
def test_a_pause_shows_on_the_session_and_on_every_media_link(
    pause: StreamStateUpdate | SessionStateUpdate, resume: StreamStateUpdate | SessionStateUpdate
) -> None:
    book = Playbook().streaming().feed("signaling", pause)
    assert book.core.phase is Phase.PAUSED
    assert [book.state(name) for name in book.core.links] == [LinkState.READY, LinkState.PAUSED, LinkState.PAUSED]
    book.feed("signaling", resume)
    assert book.core.phase is Phase.CONNECTED
    book.media("audio")
    assert book.core.phase is Phase.STREAMING


def test_a_link_that_comes_back_during_a_pause_is_paused() -> None:
    book = Playbook("audio").streaming().feed("signaling", PAUSED).drop("audio").advance(0.5).accept("audio")
    assert book.state("audio") is LinkState.PAUSED
    assert book.core.phase is Phase.PAUSED


def test_media_stamped_after_the_pause_end_it_and_the_last_ones_before_do_not() -> None:
    book = Playbook("audio").streaming().advance(5)
    book.feed("signaling", StreamStateUpdate(state=StreamState.PAUSED, timestamp=book.server_ms))
    book.media("audio", ms=book.server_ms + 500)
    assert book.core.phase is Phase.PAUSED
    book.advance(2).media("audio").media("audio")
    assert book.core.phase is Phase.STREAMING


def test_states_are_told_as_they_come() -> None:
    book = Playbook("audio").streaming()
    book.feed("signaling", SessionStateUpdate(session_id="S1", state=SessionState.STARTED, timestamp=T0_MS))
    book.feed("signaling", StreamStateUpdate(state=StreamState.ACTIVE, timestamp=T0_MS))
    assert [(event.session_id, event.state) for event in book.told(SessionStateChanged)] == [("S1", 2)]
    assert [event.state for event in book.told(StreamStateChanged)] == [1]
    assert book.core.session_id == "S1"


def test_a_session_that_stops_is_not_the_end_of_the_stream() -> None:
    book = Playbook("audio").streaming()
    book.feed("signaling", SessionStateUpdate(session_id="S1", state=SessionState.STOPPED, stop_reason=6))
    assert book.ended is None
    book.feed("signaling", SessionStateUpdate(session_id="S2", state=SessionState.STARTED))
    assert book.core.session_id == "S2"
    assert book.core.phase is Phase.STREAMING


# -- the end by the server ------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [*range(1, 10), *range(20, 24), 25, 26])
def test_final_reasons_end_the_session(reason: int) -> None:
    book = Playbook().streaming().feed("signaling", terminated(reason)).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, reason)
    assert book.core.stop_reason == reason
    assert book.closed() == ["audio", "video", "signaling"]
    assert book.core.phase is Phase.ENDED
    assert book.core.next_wakeup() is None


@pytest.mark.parametrize("reason", [*range(10, 20), 24])
def test_other_reasons_are_a_cut_off(reason: int) -> None:
    book = Playbook().streaming().feed("signaling", terminated(reason)).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.CUT_OFF, reason)


@pytest.mark.parametrize("reason", [None, 0])
def test_an_end_without_a_reason_is_an_end(reason: int | None) -> None:
    book = Playbook().streaming().feed("signaling", terminated(reason)).advance(DRAIN_S)
    assert book.ended is not None
    assert book.ended.cause is EndCause.STOPPED


def test_a_reason_that_nobody_knows_is_an_end() -> None:
    book = Playbook().streaming().feed("signaling", terminated(77)).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 77)


def test_the_end_may_come_on_a_media_socket_and_by_name() -> None:
    book = (
        Playbook()
        .streaming()
        .feed("audio", '{"msg_type":8,"state":4,"reason":"STOP_BC_MEETING_ENDED"}')
        .advance(DRAIN_S)
    )
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 6)


def test_media_that_was_sent_before_the_end_still_comes_in() -> None:
    book = Playbook().streaming().feed("signaling", terminated(6))
    assert book.core.phase is Phase.ENDING
    for _ in range(5):
        book.advance(DRAIN_S * 0.8).media("audio")
        assert book.ended is None
    assert book.core.counts[Medium.AUDIO] == 6
    book.advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 6)


def test_a_server_that_goes_on_sending_after_the_end_is_left() -> None:
    book = Playbook().streaming().feed("signaling", terminated(6))
    for _ in range(11):
        book.advance(0.2).media("audio")
    assert book.ended is not None


def test_the_end_waits_for_no_closed_socket() -> None:
    book = Playbook().streaming().feed("signaling", terminated(6)).drop("signaling", 1000).drop("audio", 1000)
    assert book.ended is None
    book.drop("video", 1000)
    assert book.ended is not None
    assert book.ended.stop_reason == 6


def test_disconnect_after_the_end_keeps_what_the_server_said() -> None:
    book = Playbook().streaming().feed("signaling", terminated(6)).request("disconnect")
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 6)


def test_a_revoked_stream_ends_at_once() -> None:
    book = Playbook().streaming().feed("signaling", terminated(8))
    assert book.ended is not None
    assert book.ended.stop_reason == 8


def test_the_end_ends_the_wait_for_a_lost_link() -> None:
    book = Playbook().streaming().drop("video").feed("signaling", terminated(6)).advance(60)
    assert book.opens() == []
    assert book.ended is not None


def test_a_state_answer_that_says_terminated_ends_the_session() -> None:
    book = Playbook().streaming().feed("signaling", StreamStateResponse(state=StreamState.TERMINATED)).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, None)


def test_the_stopped_webhook_ends_the_session() -> None:
    book = Playbook().streaming().request("ended", stop_reason=6).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 6)
    book.request("ended", stop_reason=7)
    assert book.core.stop_reason == 6


@pytest.mark.parametrize("link", ["signaling", "audio"])
@pytest.mark.parametrize(
    "announcement",
    [
        StreamStateUpdate(state=StreamState.TERMINATING, reason=6, timestamp=T0_MS),
        SessionStateUpdate(state=SessionState.STOPPED, stop_reason=6),
    ],
)
def test_a_close_right_after_a_final_reason_is_no_loss(
    link: str, announcement: StreamStateUpdate | SessionStateUpdate
) -> None:
    book = Playbook().streaming().feed("signaling", announcement).advance(2).drop(link, 1000).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 6)


def test_a_close_long_after_a_final_reason_is_a_loss() -> None:
    book = Playbook().streaming()
    book.feed("signaling", SessionStateUpdate(state=SessionState.STOPPED, stop_reason=6)).advance(2.1).drop("audio")
    assert book.ended is None
    assert book.state("audio") is LinkState.WAITING


# -- the end by us --------------------------------------------------------------------------------------------


def test_disconnect_only_closes() -> None:
    book = Playbook().streaming().request("disconnect")
    assert book.did() == [CloseLink(link=name) for name in ("audio", "video", "signaling")]
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.LOCAL, None)
    assert {link.state for link in book.core.links.values()} == {LinkState.CLOSED}


def test_disconnect_while_waiting_closes_what_is_there() -> None:
    book = Playbook().streaming().drop("video").request("disconnect")
    assert book.closed() == ["audio", "signaling"]
    assert book.state("video") is LinkState.CLOSED


def test_refused_links_stay_refused_to_the_end() -> None:
    book = Playbook().start().accept("signaling", "audio").open("video")
    book.feed("video", DataHandshakeResponse(ok=False, status_code=10)).request("disconnect")
    assert book.state("video") is LinkState.REFUSED


def test_stop_asks_waits_and_ends_with_what_the_server_said() -> None:
    book = Playbook().streaming().request("stop")
    assert book.sent() == [{"msg_type": 21, "rtms_stream_id": "s1"}]
    assert book.core.phase is Phase.ENDING
    assert {link.state for link in book.core.links.values()} == {LinkState.CLOSING}
    book.media("audio").feed("signaling", StreamCloseResponse(status_code=0, reason="OK"))
    assert book.ended is None
    assert book.core.counts[Medium.AUDIO] == 2
    book.feed("signaling", terminated(20)).advance(DRAIN_S)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.STOPPED, 20)
    assert book.closed() == ["audio", "video", "signaling"]


@pytest.mark.parametrize("answered", [True, False])
def test_stop_waits_two_seconds_at_most(answered: bool) -> None:
    book = Playbook().streaming().request("stop")
    if answered:
        book.feed("signaling", StreamCloseResponse(status_code=0))
    book.advance(1.99)
    assert book.ended is None
    book.core.wake(book.now)
    book.advance(0.01)
    assert book.ended is not None
    assert (book.ended.cause, book.ended.stop_reason) == (EndCause.LOCAL, None)


def test_stop_that_is_refused_closes_at_once() -> None:
    book = Playbook().streaming().request("stop").feed("signaling", StreamCloseResponse(ok=False, status_code=2))
    assert book.ended is not None
    assert book.ended.cause is EndCause.LOCAL


def test_a_close_while_stopping_is_no_loss() -> None:
    book = Playbook().streaming().request("stop").drop("audio", 1000)
    assert book.ended is None
    assert book.state("audio") is LinkState.CLOSED
    book.drop("signaling", 1000)
    assert book.ended is not None
    assert book.ended.cause is EndCause.LOCAL
    assert book.opens() == []


def test_stop_without_a_connection_only_closes() -> None:
    book = Playbook().start().request("stop")
    assert book.ended is not None
    assert book.ended.cause is EndCause.LOCAL
    assert book.closed() == ["signaling"]


def test_stop_while_a_link_is_lost_or_still_connecting() -> None:
    book = Playbook("audio", "video", "chat").start().accept("signaling", "audio").drop("video", None).request("stop")
    assert book.state("video") is LinkState.CLOSED
    assert book.state("chat") is LinkState.CLOSING
    book.open("chat").feed("chat", DataHandshakeResponse(ok=False, status_code=16)).drop("chat")
    book.advance(2)
    assert book.ended is not None


def test_stop_leaves_a_refused_link_refused() -> None:
    book = Playbook().start().accept("signaling", "audio").open("video")
    book.feed("video", DataHandshakeResponse(ok=False, status_code=10)).request("stop")
    assert book.state("video") is LinkState.REFUSED
    assert book.state("audio") is LinkState.CLOSING


def test_while_stopping_other_wishes_are_ignored_but_disconnect() -> None:
    book = Playbook().streaming().request("stop").forget()
    book.request("stop").request("interrupted").request("restart", config_url="wss://x/").request("state")
    assert book.did() == []
    book.request("disconnect")
    assert book.ended is not None


def test_after_the_end_nothing_happens() -> None:
    book = Playbook().streaming().request("disconnect").forget()
    book.feed("audio", KeepAliveRequest(timestamp=1)).open("audio").drop("signaling").advance(100)
    book.core.wake(500.0)
    for name, args in (
        ("stop", {}),
        ("disconnect", {}),
        ("state", {}),
        ("interrupted", {}),
        ("ended", {"stop_reason": 1}),
        ("restart", {"config_url": "wss://x/"}),
        ("video", {"user_id": 1, "subscribe": True}),
        ("subscribe", {"events": [2], "subscribe": True}),
    ):
        book.request(name, **args)
    assert book.did() == []
    assert book.told(Event) == []


def test_the_last_event_is_the_end_and_its_gaps_are_closed() -> None:
    book = Playbook("audio").streaming().advance(2).request("disconnect")
    assert isinstance(book.events[-1], SessionEnded)
    assert isinstance(book.events[-2], PhaseChanged)
    assert len(book.told(GapClosed)) == 1
    assert book.core.open_gaps == ()


# -- requests -------------------------------------------------------------------------------------------------


def test_video_of_one_person_is_asked_for_again_after_a_reconnect() -> None:
    book = Playbook("audio").streaming().request("video", user_id=7, subscribe=True)
    (asked,) = book.sent()
    assert (asked["msg_type"], asked["user_id"], asked["subscribe"]) == (28, 7, True)
    book.drop("signaling").advance(0.5).forget().accept("signaling", "audio")
    assert book.sent_types() == [1, 7, 5, 28]
    book.request("video", user_id=7, subscribe=False)
    book.media("audio").drop("signaling").advance(0.5).forget().accept("signaling", "audio")
    assert book.sent_types() == [1, 7, 5]


def test_events_can_be_changed_and_stay_changed() -> None:
    book = Playbook("audio").streaming().request("subscribe", events=[8, 9], subscribe=False)
    assert book.sent() == [
        {"msg_type": 5, "events": [{"event_type": 8, "subscribe": False}, {"event_type": 9, "subscribe": False}]}
    ]
    book.drop("signaling").advance(0.5).forget().accept("signaling", "audio")
    assert [item["event_type"] for item in book.sent()[2]["events"]] == [2, 3, 4, 5, 6, 10, 11, 12, 13, 14]


def test_what_is_asked_for_before_the_connection_is_asked_later() -> None:
    book = Playbook("audio").start().request("video", user_id=7, subscribe=True).request("state")
    assert book.sent() == []
    book.accept("signaling", "audio")
    assert book.sent_types() == [1, 7, 5, 28]


def test_the_state_of_stream_and_session() -> None:
    book = Playbook("audio").streaming().request("state")
    assert book.sent() == [{"msg_type": 19, "rtms_stream_id": "s1"}]
    book.forget().feed("signaling", SessionStateUpdate(session_id="S1", state=2)).request("state")
    assert book.sent() == [{"msg_type": 19, "rtms_stream_id": "s1"}, {"msg_type": 10, "rtms_session_id": "S1"}]


# -- odd messages ---------------------------------------------------------------------------------------------


def test_what_changes_nothing_is_passed_on() -> None:
    book = Playbook("audio").streaming()
    book.feed("audio", MetaData(msg_type=23, raw={"interpreter": {}}))
    book.feed("signaling", VideoSubscriptionResponse(user_id=7, ok=True, status_code=0))
    book.feed("signaling", KeepAliveResponse(timestamp=1))
    kinds = [type(event.message) for event in book.told(OtherMessage)]
    assert kinds == [MetaData, VideoSubscriptionResponse, KeepAliveResponse]
    assert book.told(Anomaly) == []


def test_a_clients_message_from_the_server_is_an_anomaly() -> None:
    book = Playbook("audio").streaming().feed("signaling", StreamCloseRequest(stream_id="s1"))
    assert book.core.anomalies["request_from_server"] == 1
    assert len(book.told(OtherMessage)) == 1


def test_what_cannot_be_read_is_counted_by_type() -> None:
    book = Playbook("audio").streaming().feed("signaling", "garbage", '{"msg_type":99}', '{"msg_type":99}', b"\xff\xfe")
    assert book.core.unknown == {"None": 2, "99": 2}
    assert book.core.links["signaling"].stats.anomalies == 4


def test_the_types_of_unknown_messages_are_counted_up_to_a_bound() -> None:
    book = Playbook("audio").streaming()
    for number in range(1000, 1200):
        book.feed("signaling", f'{{"msg_type":{number}}}')
    assert len(book.core.unknown) == 65
    assert book.core.unknown["other"] == 200 - 64


def test_events_are_passed_on_whole() -> None:
    book = Playbook("audio").streaming().feed("signaling", '{"msg_type":6,"event":{"event_type":99,"x":1}}')
    (told,) = book.told(WireEvent)
    assert told.message.raw == {"event_type": 99, "x": 1}


def test_a_second_answer_opens_nothing() -> None:
    book = Playbook("audio").streaming()
    book.feed("signaling", SignalingHandshakeResponse(ok=True, status_code=0, urls={"audio": "wss://evil/"}))
    assert book.did() == []
    assert book.core.anomalies["second_answer"] == 1


# -- dialects -------------------------------------------------------------------------------------------------


def test_a_readme_server_that_never_answers_3_or_7_still_works() -> None:
    book = Playbook("audio").start().open("signaling")
    book.feed("signaling", SignalingHandshakeResponse(ok=True, urls={"audio": "ws://h/audio"}), dialect=Dialect.README)
    assert [event.dialect for event in book.told(DialectDetected)] == ["readme"]
    book.open("audio").media("audio")
    assert book.core.phase is Phase.STREAMING
    assert book.sent("signaling")[0]["msg_type"] == 1
    assert book.sent_types("signaling")[1:] == ["CLIENT_READY_ACK", "EVENT_SUBSCRIPTION"]
    assert book.sent_types("audio") == ["DATA_HAND_SHAKE_REQ"]
    book.forget().flow("audio", 95, step_s=1)
    assert book.sent_types("signaling") == ["KEEP_ALIVE_REQ"] * 3
    assert book.sent("signaling")[0]["timestamp"] == T0_MS + 30_000
    assert book.core.phase is Phase.STREAMING


def test_in_production_the_client_never_asks() -> None:
    book = Playbook("audio").streaming()
    for _ in range(12):
        book.advance(10).feed("signaling", KeepAliveRequest(timestamp=1)).feed("audio", KeepAliveRequest(timestamp=1))
    assert set(book.sent_types("signaling")) == {13}
    assert book.core.links["signaling"].stats.missed == 0


def test_raw_binary_audio_is_media() -> None:
    book = Playbook("audio").ready().feed("audio", b"\1\0" * 320)
    assert book.core.counts[Medium.AUDIO] == 1
    assert [event.dialect for event in book.told(DialectDetected)] == ["binary"]


# -- figures --------------------------------------------------------------------------------------------------


def test_links_are_told_signaling_first_with_their_figures() -> None:
    book = Playbook().streaming()
    assert list(book.core.links) == ["signaling", "audio", "video"]
    audio = book.core.links["audio"]
    assert (audio.name, audio.url, audio.attempt, audio.opened_at) == ("audio", "wss://h/audio", 1, 0.0)
    assert audio.media == {Medium.AUDIO}
    assert (audio.stats.messages_in, audio.stats.messages_out) == (2, 1)
    (text,) = [item.text for item in book.commands if isinstance(item, SendText) and item.link == "audio"]
    assert audio.stats.bytes_out == len(text)
    assert audio.stats.bytes_in > 900
    assert audio.stats.last_message_at == 0.0


def test_the_figures_of_a_new_session() -> None:
    core = SessionCore(make_config(), random.Random(1))
    assert core.phase is Phase.IDLE
    assert list(core.links) == ["signaling"]
    assert core.next_wakeup() is None
    assert (core.stop_reason, core.session_zero_ms, core.active_speaker, core.sharer) == (None, None, None, None)
    assert (core.tracks, core.participants, core.reconnects, core.session_id) == ({}, {}, 0, "")
    assert core.counts == dict.fromkeys(Medium, 0)
    assert core.granted.audio is None
    core.wake(5.0)
    core.request_disconnect(6.0)
    assert core.take_events() == []


def test_what_was_granted() -> None:
    book = Playbook().ready()
    assert book.core.granted.audio is not None and book.core.granted.audio.send_rate == 20
    assert book.core.granted.video is not None and book.core.granted.video.fps == 25
    assert book.core.granted.chat is None


# -- misuse and replay ----------------------------------------------------------------------------------------


def test_starting_twice_is_misuse() -> None:
    book = Playbook().start()
    with pytest.raises(LocalProtocolError, match="only once"):
        book.core.start(1.0)


@pytest.mark.parametrize("link", ["audio", "nonsense"])
def test_a_link_that_was_never_asked_for_is_misuse(link: str) -> None:
    book = Playbook().start()
    with pytest.raises(LocalProtocolError, match=link):
        book.core.link_opened(link, 1.0)
    with pytest.raises(LocalProtocolError, match=link):
        book.core.receive(link, "{}", 1.0)
    with pytest.raises(LocalProtocolError, match=link):
        book.core.link_closed(link, 1000, "", 1.0)


def test_late_reports_of_a_socket_that_is_gone_are_ignored() -> None:
    book = Playbook().streaming()
    book.core.link_opened("audio", book.now)
    book.drop("audio").forget()
    book.core.receive("audio", '{"msg_type":12,"timestamp":1}', book.now)
    book.core.link_closed("audio", 1006, "", book.now)
    assert book.core.take_commands() == []


def test_time_never_runs_backwards() -> None:
    book = Playbook("audio").streaming()
    book.core.wake(5.0)
    book.core.take_events()
    book.core.receive("audio", '{"msg_type":12,"timestamp":1}', 1.0)
    assert [event.at for event in book.core.take_events()] == [5.0]


def test_the_same_inputs_and_seed_give_the_same_events() -> None:
    def play(seed: int) -> list[Event]:
        book = Playbook(rng=random.Random(seed)).streaming()
        for _ in range(6):
            book.flow("audio", 0.5).drop("audio").advance(3)
            if "audio" in book.sockets:
                book.accept("audio")
            book.feed("signaling", "garbage", EventUpdate(event_type=7)).advance(20)
            for link in sorted(book.sockets - book.opened):
                book.accept(link)
        return book.request("stop").advance(5).events

    first, again, other = play(1), play(1), play(2)
    assert first == again
    assert [event.at for event in first if isinstance(event, LinkStateChanged)] != [
        event.at for event in other if isinstance(event, LinkStateChanged)
    ]
