"""Whatever a server and a network do, in whatever order: the core never raises and keeps its promises."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtms_desktop.protocol.states import LOST
from rtms_desktop.session.commands import SendText
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.events import LinkStateChanged, ReadySent, SessionEnded
from rtms_desktop.wire.codec import write
from rtms_desktop.wire.enums import Dialect, Medium
from rtms_desktop.wire.messages import (
    AudioParams,
    ChatData,
    ClientReadyAck,
    DataHandshakeResponse,
    EventUpdate,
    KeepAliveRequest,
    KeepAliveResponse,
    MediaData,
    MediaParams,
    Message,
    MetaData,
    Person,
    SessionStateUpdate,
    SignalingHandshakeResponse,
    StreamCloseResponse,
    StreamStateResponse,
    StreamStateUpdate,
    TranscriptData,
)
from tests.fakes.playbook import T0_MS, Playbook

LINKS = ("signaling", "audio", "video", "share", "transcript", "chat", "all")

stamps = st.one_of(st.just(0), st.integers(T0_MS - 10_000, T0_MS + 4_000_000), st.integers(0, 2**53))
users = st.sampled_from([0, 7, 8, 2**40])
codes = st.one_of(st.none(), st.integers(0, 50))
words = st.sampled_from(["", "duplicate signal request", "Invalid signature", "x"])
urls = st.dictionaries(st.sampled_from([medium.value for medium in Medium] + ["all"]), st.just("wss://h/x"))
people = st.lists(st.builds(Person, user_id=users, user_name=words), max_size=2).map(tuple)
params = st.one_of(
    st.none(),
    st.just(MediaParams(audio=AudioParams(send_rate=0, sample_rate=99))),
    st.just(MediaParams(audio=AudioParams())),
)

messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(SignalingHandshakeResponse, ok=st.booleans(), status_code=codes, reason=words, urls=urls),
    st.builds(DataHandshakeResponse, ok=st.booleans(), status_code=codes, reason=words, params=params),
    st.builds(
        MediaData,
        medium=st.sampled_from(["audio", "video", "share"]).map(Medium),
        user_id=users,
        data=st.just(b"\1\2"),
        timestamp=stamps,
        user_name=words,
    ),
    st.builds(TranscriptData, user_id=users, text=words, timestamp=stamps),
    st.builds(ChatData, text=words, timestamp=stamps, sender=people.map(lambda some: some[0] if some else None)),
    st.builds(
        EventUpdate,
        event_type=st.integers(0, 35),
        timestamp=stamps,
        people=people,
        raw=st.sampled_from([{}, {"media_type": 2}, {"media_type": "audio"}]),
    ),
    st.builds(StreamStateUpdate, state=st.integers(0, 3) | st.integers(5, 7), reason=codes, timestamp=stamps),
    st.builds(StreamStateUpdate, state=st.integers(0, 7), reason=codes, timestamp=stamps),
    st.builds(SessionStateUpdate, session_id=words, state=st.integers(0, 6), stop_reason=codes, timestamp=stamps),
    st.builds(KeepAliveRequest, timestamp=stamps, sequence=st.integers(0, 2**31)),
    st.builds(KeepAliveResponse, timestamp=stamps),
    st.builds(StreamCloseResponse, ok=st.booleans(), status_code=codes),
    st.builds(StreamStateResponse, state=st.integers(0, 6)),
    st.builds(MetaData, msg_type=st.just(23)),
    st.builds(ClientReadyAck, stream_id=words),
)

sendable = st.one_of(
    messages.map(lambda message: write(message)),
    messages.map(lambda message: write(message, Dialect.README)),
    st.binary(max_size=20),
    st.text(max_size=20),
    st.dictionaries(
        st.sampled_from(["msg_type", "event", "content", "state"]),
        st.one_of(st.integers(-1, 30), st.text(max_size=4), st.none(), st.lists(st.integers(), max_size=2)),
    ).map(json.dumps),
)

steps = st.one_of(
    st.tuples(st.just("feed"), st.sampled_from(LINKS), sendable),
    st.tuples(st.just("feed"), st.sampled_from(LINKS), sendable),
    st.tuples(st.just("accept"), st.sampled_from(LINKS)),
    st.tuples(st.just("accept"), st.sampled_from(LINKS)),
    st.tuples(st.just("open"), st.sampled_from(LINKS)),
    st.tuples(st.just("drop"), st.sampled_from(LINKS), st.sampled_from([1000, 1006, 1011])),
    st.tuples(st.just("advance"), st.sampled_from([0.0, 0.1, 0.5, 1.5, 5.0, 11.0, 40.0, 1e6])),
    st.tuples(st.just("late_wake"), st.sampled_from([0.3, 7.0, 100.0, 1e9])),
    st.tuples(st.just("request"), st.sampled_from(["interrupted", "state", "restart", "video", "subscribe"])),
)
last_steps = st.sampled_from(["stop", "disconnect", "ended"])

LIKELY: tuple[Callable[[Playbook], str], ...] = (
    lambda book: write(MediaData(medium=Medium.AUDIO, user_id=7, data=b"\1\2", timestamp=book.server_ms)),
    lambda book: write(MediaData(medium=Medium.AUDIO, user_id=7, data=b"\1\2", timestamp=book.server_ms - 3000)),
    lambda book: write(MediaData(medium=Medium.VIDEO, user_id=8, data=b"\1\2", timestamp=book.server_ms)),
    lambda book: write(ChatData(text="x", timestamp=book.server_ms)),
    lambda book: write(KeepAliveRequest(timestamp=book.server_ms, sequence=1)),
    lambda book: write(StreamStateUpdate(state=5, timestamp=book.server_ms)),
    lambda book: write(StreamStateUpdate(state=6, timestamp=book.server_ms)),
    lambda book: write(StreamStateUpdate(state=2, reason=14, timestamp=book.server_ms)),
    lambda book: write(EventUpdate(event_type=7)),
    lambda book: write(EventUpdate(event_type=9, people=(Person(user_id=8),))),
    lambda book: write(EventUpdate(event_type=4, people=(Person(user_id=7),))),
    lambda book: write(SessionStateUpdate(session_id="S", state=5, stop_reason=3)),
    lambda book: write(DataHandshakeResponse(ok=False, status_code=16)),
    lambda book: write(SignalingHandshakeResponse(ok=False, status_code=8, reason="duplicate signal request")),
    lambda book: '{"msg_type": 99}',
    lambda book: "garbage",
)

REQUESTS: dict[str, dict[str, Any]] = {
    "restart": {"config_url": "wss://other/"},
    "video": {"user_id": 7, "subscribe": True},
    "subscribe": {"events": [5], "subscribe": False},
    "ended": {"stop_reason": 6},
}


class RandomServer(Playbook):
    """Does only what a network can do: open what was asked for, deliver on what is open, close what is there."""

    def play(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("feed", link, data) if link in self.opened:
                before = len(self.commands)
                self.feed(link, data)
                self._keep_alive_is_answered(link, data, before)
            case ("open", link) if link in self.sockets and link not in self.opened:
                self.open(link)
            case ("accept", link) if link in self.sockets and link not in self.opened:
                self.accept(link)
            case ("drop", link, code) if link in self.sockets:
                self.drop(link, code if link in self.opened else None)
            case ("advance", seconds):
                self.advance(seconds)
            case ("late_wake", seconds):
                self.now += seconds
                self.core.wake(self.now)
                self._take()
                self.advance(0.0)
            case ("request", name):
                self.request(name, **REQUESTS.get(name, {}))

    def _keep_alive_is_answered(self, link: str, data: str | bytes, before: int) -> None:
        try:
            asked = json.loads(data)
        except ValueError:
            return
        if not isinstance(asked, dict) or asked.get("msg_type") != 12:
            return
        answers = [
            json.loads(item.text) for item in self.commands[before:] if isinstance(item, SendText) and item.link == link
        ]
        assert [answer for answer in answers if answer["msg_type"] in (13, "KEEP_ALIVE_RESP")], (
            f"{asked} was not answered"
        )
        answer = answers[0]
        scalars = {key: value for key, value in asked.items() if key != "msg_type" and isinstance(value, str | int)}
        assert {key: answer.get(key) for key in scalars} == scalars


def check_promises(book: Playbook) -> None:
    """Ready once per change of the media set; every gap closed at the end; the end told once and last."""
    fuel = 0
    for event in book.events:
        if isinstance(event, LinkStateChanged) and event.new.value in ("authenticated", "streaming", "ready"):
            fuel += 1
        if isinstance(event, ReadySent):
            assert fuel > 0, "ready was sent although nothing had changed"
            fuel = 0
    assert sum(isinstance(event, SessionEnded) for event in book.events) <= 1
    assert len(book.core.open_gaps) <= 40


def check_rest(book: Playbook) -> None:
    """Once it has been woken it has something to wait for, or nothing at all: no busy loop."""
    book.advance(0.0)
    due = book.core.next_wakeup()
    assert due is None or due > book.now


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(steps, max_size=40), last_steps, st.sampled_from([{}, {"one_socket": True}, {"wait_for_server": True}]))
def test_nothing_makes_it_raise(moves: list[tuple[Any, ...]], last: str, config: dict[str, Any]) -> None:
    book = RandomServer("audio", "video", "share", "chat", rng=random.Random(1), **config)
    book.start()
    book.play(("accept", "signaling"))
    for move in moves:
        book.play(move)
        check_promises(book)
        if move[0] == "advance":
            check_rest(book)
    book.request(last, **REQUESTS.get(last, {})).advance(10)
    assert book.ended is not None
    assert book.sockets == set()
    assert book.core.open_gaps == ()
    assert book.core.next_wakeup() is None


@pytest.mark.parametrize("seed", range(12))
def test_long_lives_on_a_bad_network(seed: int) -> None:
    """Mostly a server that means well, so that the session lives long enough for rare orders of things to meet."""
    chance = random.Random(seed)
    book = RandomServer("audio", "video", "chat", rng=random.Random(seed), wait_for_server=seed % 4 == 0)
    book.start()
    for _ in range(250):
        book.play(_likely_step(book, chance))
        check_promises_of_the_last_step(book)
    check_promises(book)
    book.request("disconnect")
    assert book.core.open_gaps == ()


def _likely_step(book: RandomServer, chance: random.Random) -> tuple[Any, ...]:
    unopened, some = sorted(book.sockets - book.opened), sorted(book.opened) or ["signaling"]
    match chance.choices(("feed", "accept", "drop", "advance", "late_wake", "request"), (50, 25, 4, 18, 1, 2))[0]:
        case "feed":
            return "feed", chance.choice(some), chance.choice(LIKELY)(book)
        case "accept":
            return ("accept", chance.choice(unopened)) if unopened else ("advance", 0.1)
        case "drop":
            return "drop", chance.choice(some), chance.choice([1000, 1006])
        case "advance":
            return "advance", chance.choice([0.0, 0.02, 0.1, 0.5, 1.5, 5.0, 11.0])
        case "late_wake":
            return "late_wake", chance.choice([0.3, 7.0])
        case _:
            return "request", chance.choice(["interrupted", "state", "restart", "video", "subscribe"])


def check_promises_of_the_last_step(book: Playbook) -> None:
    """Signaling that is down has no media sockets beside it."""
    if book.core.links["signaling"].state in LOST:
        assert book.sockets == set()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(steps, max_size=30))
def test_the_same_history_gives_the_same_session(moves: list[tuple[Any, ...]]) -> None:
    def play() -> RandomServer:
        book = RandomServer(rng=random.Random(5))
        book.start()
        for move in moves:
            book.play(move)
        return book

    first, again = play(), play()
    assert first.events == again.events
    assert first.commands == again.commands


def test_the_config_of_the_playbook_is_a_plain_one() -> None:
    assert isinstance(Playbook().config, SessionConfig)
