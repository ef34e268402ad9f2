"""Control records: a seed makes the same config again, and a tape from anywhere cannot call what it likes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from rtms_desktop.errors import BundleError, LocalProtocolError
from rtms_desktop.recording import control
from rtms_desktop.recording.tape_reader import TapeRecord
from rtms_desktop.session.config import SessionConfig, Timing
from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.messages import AudioParams, MediaParams
from tests.recording import material as m


class Recorded:
    """A core that only writes down how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def link_opened(self, link: str, now: float) -> None:
        if link == "unknown":
            raise LocalProtocolError("never asked for")
        self.calls.append(("link_opened", link, now))

    def receive(self, link: str, data: str | bytes, now: float) -> None:
        self.calls.append(("receive", link, data, now))

    def link_closed(self, link: str, code: int | None, reason: str, now: float) -> None:
        self.calls.append(("link_closed", link, code, reason, now))

    def wake(self, now: float) -> None:
        self.calls.append(("wake", now))

    def request_video(self, user_id: int, subscribe: bool, now: float) -> None:
        self.calls.append(("request_video", user_id, subscribe, now))

    def take_commands(self) -> list[Any]:
        return []

    def take_events(self) -> list[Any]:
        return []


ORIGIN_NS = 1_749_000_000_000_000_000


def controls(*records: dict[str, Any]) -> Iterator[TapeRecord]:
    for record in records:
        now = record.get("now")
        time_ns = ORIGIN_NS + (round(now * 1e9) if isinstance(now, int | float) and now < 1e9 else 0)
        yield TapeRecord(time_ns, "/control", "", 0, "", "", json.dumps(record).encode())


def test_a_seed_makes_the_same_config_again() -> None:
    config = SessionConfig(
        meeting_id=m.MEETING, stream_id=m.STREAM, signature=m.SIGNATURE, signaling_url="wss://u:p@zoom.us:443/a?token=x",
        product=Product.CONTACT_CENTER, id_key="engagement_id", media=frozenset({Medium.AUDIO, Medium.CHAT}),
        params=MediaParams(audio=AudioParams(codec=4, sample_rate=3)), one_socket=True, buffer_data=False,
        announced_ms=5, timing=Timing(connect_s=3.5, duplicate_waits_s=(1.0,)),
    )  # fmt: skip
    record = json.loads(json.dumps(control.seed_record(config, 42, 1.5)))
    again, rng = control.config_from_seed(record)
    expected = dataclasses.replace(config, signature="***", signaling_url="wss://zoom.us:443/a?***")
    assert (again, rng) == (expected, 42)
    assert m.SIGNATURE not in json.dumps(record)


@pytest.mark.parametrize(
    "record", [{}, {"config": None, "rng": 1}, {"config": {"meeting_id": 1}, "rng": 1}, {"config": [], "rng": "x"}]
)
def test_a_seed_that_is_none_is_said_so(record: dict[str, Any]) -> None:
    with pytest.raises(BundleError):
        control.config_from_seed(record)


def test_every_input_reaches_the_core_with_its_own_time() -> None:
    core = Recorded()
    opened = control.link_opened("audio", 1, "ws://h/x", 10.000000001)
    body = TapeRecord(ORIGIN_NS + 12_345_678_901, "/media/audio", "audio", 1, "in", "text", "é".encode())
    raw = msgspec.structs.replace(body, opcode="binary", data=b"\xff")
    sent = msgspec.structs.replace(body, direction="out")
    records = [
        *controls(opened),
        body,
        raw,
        sent,
        *controls(
            control.link_closed("audio", 1, None, "refused", 13.5),
            control.wake(14.25),
            control.request("request_video", {"user_id": 5, "subscribe": True}, 15.0),
        ),
    ]
    assert [record for record, _ in control.drive(core, records)] == records
    assert core.calls == [
        ("link_opened", "audio", 10.000000001),
        ("receive", "audio", "é", 12.345678901),
        ("receive", "audio", b"\xff", 12.345678901),
        ("link_closed", "audio", None, "refused", 13.5),
        ("wake", 14.25),
        ("request_video", 5, True, 15.0),
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"do": "request", "call": "__init__", "args": {}, "now": 1},
        {"do": "request", "call": "take_commands", "args": {}, "now": 1},
        {"do": "request", "call": "request_video", "args": {"nonsense": 1}, "now": 1},
        {"do": "request", "call": "request_video", "args": [1], "now": 1},
        {"do": "link_opened", "link": "unknown", "now": 1},
        {"do": "link_opened", "link": 5, "now": 1},
        {"do": "wake", "now": "soon"},
        {"do": "wake", "now": 1e300},
        {"do": "dance", "now": 1},
        {"do": "wake"},
    ],
)
def test_records_that_make_no_sense_are_passed_over(record: dict[str, Any]) -> None:
    core = Recorded()
    assert len(list(control.drive(core, controls(record)))) == 1
    assert core.calls == []


def test_what_is_no_json_is_passed_over() -> None:
    core = Recorded()
    bad = TapeRecord(1, "/control", "", 0, "", "", b"\xff{")
    early = TapeRecord(1, "/media/audio", "audio", 1, "in", "text", b"{}")
    list(control.drive(core, [bad, early]))
    assert core.calls == []


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("wss://h:1/p?token=x#y", "wss://h:1/p?***"),
        ("ws://user:pass@h/p", "ws://h/p"),
        ("ws://h", "ws://h"),
        ("ws://[bad", "***"),
    ],
)
def test_urls_lose_what_may_be_secret(url: str, clean: str) -> None:
    assert control.clean_url(url) == clean
