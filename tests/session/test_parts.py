"""The small parts of the core: server time, outbox, limits, plan, subscriptions, endings, recovery, stream status."""

from __future__ import annotations

import random

import pytest

from rtms_desktop.session import endings
from rtms_desktop.session.commands import CloseLink
from rtms_desktop.session.config import ALL_MEDIA, Timing
from rtms_desktop.session.dispatch import named_media
from rtms_desktop.session.events import EndCause, ReadySent
from rtms_desktop.session.limits import link_limits
from rtms_desktop.session.media_plan import PlannedLink, data_handshake, plan_links
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.recovery import PROVEN_AFTER_S, Backoff, Recovery
from rtms_desktop.session.server_time import ServerTime
from rtms_desktop.session.stream_status import StreamStatus
from rtms_desktop.session.subscriptions import Subscriptions
from rtms_desktop.wire.enums import Medium, Product, SessionState, StreamState
from rtms_desktop.wire.messages import (
    EventSubscription,
    SessionStateUpdate,
    StreamStateUpdate,
    VideoSubscriptionRequest,
)
from tests.fakes.playbook import FixedRandom, make_config

# -- server time ----------------------------------------------------------------------------------------------


def test_server_time_runs_on_from_the_newest_stamp() -> None:
    time = ServerTime()
    assert not time.is_known
    assert time.ms(2.5) == 2500
    time.note(0, 1.0)
    assert not time.is_known
    time.note(1_750_000_000_000, 1.0)
    assert time.ms(3.5) == 1_750_000_002_500
    time.note(1_750_000_009_000, 10.0)
    assert time.ms(10.0) == 1_750_000_009_000


# -- outbox ---------------------------------------------------------------------------------------------------


def test_what_is_taken_is_gone() -> None:
    outbox = Outbox()
    outbox.do(CloseLink(link="audio"))
    outbox.tell(ReadySent(at=1.0))
    assert outbox.take_commands() == [CloseLink(link="audio")]
    assert outbox.take_events() == [ReadySent(at=1.0)]
    assert outbox.take_commands() == []
    assert outbox.take_events() == []


# -- limits ---------------------------------------------------------------------------------------------------


def test_every_limit_of_a_link_is_a_timing_of_the_session() -> None:
    timing = Timing(connect_s=1, media_answer_s=2, keep_alive_every_s=3, keep_alive_limit_s=4, client_keep_alive_s=5)
    limits = link_limits(timing)
    assert (limits.connect_s, limits.answer_s, limits.keep_alive_every_s) == (1, 2, 3)
    assert (limits.keep_alive_limit_s, limits.ask_every_s) == (4, 5)


# -- plan -----------------------------------------------------------------------------------------------------


def planned(*media: str, one_socket: bool = False, urls: str = "") -> list[tuple[str, str]]:
    offered = {name: f"wss://h/{name}" for name in urls.split()}
    return [(link.name, link.url) for link in plan_links(make_config(*media, one_socket=one_socket), offered)]


def test_one_socket_per_medium() -> None:
    assert planned("video", "audio", urls="audio video all") == [("audio", "wss://h/audio"), ("video", "wss://h/video")]


def test_one_socket_when_it_is_asked_for() -> None:
    assert planned("audio", "video", one_socket=True, urls="audio video all") == [("all", "wss://h/all")]
    assert planned("audio", one_socket=True, urls="audio") == [("audio", "wss://h/audio")]


@pytest.mark.parametrize("urls", ["all", "all chat"])
def test_one_socket_when_nothing_else_that_is_wanted_is_offered(urls: str) -> None:
    assert planned("audio", "video", urls=urls) == [("all", "wss://h/all")]


def test_what_is_not_offered_has_no_url() -> None:
    assert planned("audio", "video", urls="audio all") == [("audio", "wss://h/audio"), ("video", "")]


def test_a_planned_link_names_its_media() -> None:
    (link,) = plan_links(make_config("audio", "chat"), {"all": "wss://h/all"})
    assert link == PlannedLink(name="all", url="wss://h/all", media=frozenset({Medium.AUDIO, Medium.CHAT}))


def test_all_media_are_32_and_a_part_is_the_sum_of_its_bits() -> None:
    config = make_config(*(medium.value for medium in Medium))
    assert data_handshake(config, ALL_MEDIA).media_type == 32
    hello = data_handshake(config, frozenset({Medium.AUDIO, Medium.CHAT}))
    assert hello.media_type == 17
    assert hello.params is not None
    assert hello.params.audio is not None and hello.params.chat is not None and hello.params.video is None


# -- subscriptions --------------------------------------------------------------------------------------------


def test_events_are_remembered() -> None:
    wanted = Subscriptions(Product.MEETING)
    assert wanted.change_events([2, 2, 3], False) == EventSubscription(events=((2, False), (3, False)))
    assert wanted.change_events([99], True) == EventSubscription(events=((99, True),))
    assert wanted.events == {4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 99}


def test_a_new_video_subscription_replaces_the_old_one() -> None:
    wanted = Subscriptions(Product.MEETING)
    wanted.change_video(7, True, 1)
    wanted.change_video(8, True, 2)
    wanted.change_video(7, False, 3)
    assert wanted.video_user == 8
    assert wanted.all(9)[1] == VideoSubscriptionRequest(user_id=8, subscribe=True, timestamp=9)
    wanted.change_video(8, False, 4)
    assert len(wanted.all(9)) == 1


# -- endings --------------------------------------------------------------------------------------------------


def test_every_ending_has_a_sentence_that_ends() -> None:
    found = [
        endings.stopped(6),
        endings.stopped(None),
        endings.stopped(12),
        endings.stopped(99),
        endings.rejected(3, ""),
        endings.rejected(None, "who are you"),
        endings.closed_instead_of_answer(""),
        endings.no_media({}),
        endings.no_media({"audio": (9, "no")}),
        endings.connect_failed("Could not connect", ""),
        endings.connect_failed("Could not connect", "nobody there"),
        endings.window_expired("The link", 60.0),
        endings.local("Disconnected."),
    ]
    for ending in found:
        assert ending.sentence[0].isupper()
        assert ending.sentence.endswith(".")


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (0, "stopped"),
        (1, "stopped"),
        (9, "stopped"),
        (10, "cut_off"),
        (19, "cut_off"),
        (20, "stopped"),
        (23, "stopped"),
        (24, "cut_off"),
        (25, "stopped"),
        (26, "stopped"),
    ],
)
def test_the_cause_of_each_stop_reason(reason: int, cause: str) -> None:
    assert endings.stopped(reason).cause == EndCause(cause)


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (8, "", True),
        (17, "", True),
        (3, "", False),
        (None, "", False),
        (None, "Duplicate signal request", True),
        (45, "DUPLICATE", True),
        (8, "DUPLICATE_SIGNAL_REQUEST", True),
        (8, "please come back later", True),
        (8, "MEETING_UUID_NOT_STRING", False),
        (17, "INVALID_MEDIA_PARAMS", False),
    ],
)
def test_a_duplicate_is_known_by_words_first(code: int | None, reason: str, expected: bool) -> None:
    assert endings.is_duplicate(code, reason, endings.SIGNALING_DUPLICATES) is expected


# -- recovery -------------------------------------------------------------------------------------------------


def test_delays_double_up_to_the_cap() -> None:
    backoff = Backoff(Timing(), FixedRandom())
    assert [backoff.delay(tries) for tries in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert backoff.delay(10_000) == 30


def test_delays_are_spread_by_a_fifth_both_ways() -> None:
    backoff = Backoff(Timing(), random.Random(3))
    delays = [backoff.delay(1) for _ in range(1000)]
    assert 0.8 <= min(delays) < 0.83
    assert 1.17 < max(delays) <= 1.2


def test_one_outage_from_loss_to_return() -> None:
    recovery = Recovery()
    assert recovery.deadline() is None
    assert recovery.back(1.0) is None
    recovery.begin(10.0, 65.0, is_own=True, scenario="media loss")
    assert (recovery.lost_at, recovery.window_ends, recovery.deadline()) == (10.0, 75.0, 75.0)
    assert recovery.plan(0.5, 10.0) == recovery.deadline() == 10.5
    assert recovery.back(12.0) == 2.0
    assert (recovery.lost_at, recovery.deadline(), recovery.reconnected_at) == (None, None, 12.0)


def test_an_attempt_beyond_the_window_is_not_planned() -> None:
    recovery = Recovery()
    recovery.begin(0.0, 5.0, is_own=True, scenario="")
    assert recovery.plan(5.0, 0.0) is None
    assert not recovery.expired(4.9)
    assert recovery.expired(5.0)


def test_a_link_that_falls_before_it_has_proved_itself_goes_on_with_its_old_outage() -> None:
    recovery = Recovery()
    recovery.begin(0.0, 60.0, is_own=True, scenario="")
    recovery.plan(1.0, 0.0)
    recovery.back(1.0)
    recovery.begin(1.0 + PROVEN_AFTER_S - 0.1, 60.0, is_own=True, scenario="")
    assert (recovery.tries, recovery.window_ends) == (1, 60.0)


@pytest.mark.parametrize("delivers", [True, False])
def test_a_link_that_proved_itself_begins_a_new_outage(delivers: bool) -> None:
    recovery = Recovery()
    recovery.begin(0.0, 60.0, is_own=True, scenario="")
    recovery.plan(1.0, 0.0)
    recovery.back(1.0)
    recovery.proven = delivers
    lost_at = 2.0 if delivers else 1.0 + PROVEN_AFTER_S
    recovery.begin(lost_at, 60.0, is_own=True, scenario="")
    assert (recovery.tries, recovery.window_ends) == (0, lost_at + 60)


def test_a_window_is_extended_only_while_the_link_is_down() -> None:
    recovery = Recovery()
    recovery.extend(5.0, 60.0)
    assert recovery.window_ends is None
    recovery.begin(0.0, 60.0, is_own=False, scenario="")
    recovery.extend(30.0, 65.0)
    assert recovery.window_ends == 95.0


# -- stream status --------------------------------------------------------------------------------------------


def test_an_unknown_state_changes_nothing() -> None:
    status = StreamStatus()
    status.stream(StreamStateUpdate(state=99, reason=6), 0, 1.0)
    assert not status.paused and status.over is None
    assert status.stop_reason == 6


def test_a_second_pause_does_not_move_the_first() -> None:
    status = StreamStatus()
    status.stream(StreamStateUpdate(state=StreamState.PAUSED), 1000, 1.0)
    status.stream(StreamStateUpdate(state=StreamState.PAUSED), 9000, 2.0)
    status.media(2500)
    assert not status.paused


def test_the_reason_announced_before_fills_in_for_a_missing_one() -> None:
    status = StreamStatus()
    status.stream(StreamStateUpdate(state=StreamState.TERMINATING, reason=6), 0, 1.0)
    status.stream(StreamStateUpdate(state=StreamState.TERMINATED), 0, 2.0)
    assert status.over is not None
    assert status.over.stop_reason == status.stop_reason == 6


def test_a_session_that_goes_on_takes_the_reason_back() -> None:
    status = StreamStatus()
    status.session(SessionStateUpdate(session_id="S1", state=SessionState.STOPPED, stop_reason=6), 0, 1.0)
    assert (status.stop_reason, status.final_within(2.0, 1.5)) == (6, True)
    status.session(SessionStateUpdate(session_id="S2", state=SessionState.STARTED), 0, 1.5)
    assert (status.stop_reason, status.final_within(2.0, 1.5)) == (None, False)


def test_a_stream_that_was_cut_off_says_what_to_do() -> None:
    assert "webhook" in endings.stopped(13).sentence
    assert endings.stopped(6).sentence == "The server ended the stream: 6 MEETING_ENDED. The meeting ended."


# -- event 7 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "media"),
    [
        ({}, ""),
        ({"media_type": 2}, "video"),
        ({"media_type": 3}, "audio video"),
        ({"media_type": "AUDIO"}, "audio"),
        ({"media_type": "deskshare"}, "share"),
        ({"media_type": "nothing"}, ""),
        ({"media_type": None}, ""),
        ({"media_type": [1]}, ""),
    ],
)
def test_the_media_that_an_interruption_names(raw: dict[str, object], media: str) -> None:
    assert named_media(raw) == frozenset(Medium(name) for name in media.split())
