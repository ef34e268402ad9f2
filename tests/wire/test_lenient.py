"""Single values in the shapes that servers send."""

from __future__ import annotations

import math
import zlib

import pytest

from rtms_desktop.wire.enums import (
    ID_KEYS,
    EventType,
    Medium,
    Product,
    Resolution,
    SampleRate,
    StopReason,
    StreamState,
    label,
)
from rtms_desktop.wire.lenient import find_id, flag, named, number, stop_reason, text, time_ms, user_id
from rtms_desktop.wire.urls import first_url, media_paths, media_urls

NOW = 1749000000123


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (6, 6), (6.0, 6), ("6", 6), (" -6 ", -6), (2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)),
        (2**63, None), ("9" * 19, None), ("9" * 30, None), (6.5, None), (math.nan, None), (math.inf, None),
        (True, None), (None, None), ("six", None), ("1_0", None), ("٣", None), ([], None),
    ],
)  # fmt: skip
def test_number(value: object, expected: int | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (7, "7"), (7.0, "7"), (7.5, ""), (True, ""), (None, ""), ({}, ""), (10**30, "")]
)
def test_text(value: object, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), (1, True), (0, False), ("TRUE", True), ("false", False), ("?", None), (None, None)],
)
def test_flag(value: object, expected: bool | None) -> None:
    assert flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NOW, NOW), (NOW * 1000, NOW), (NOW * 1_000_000, NOW), (str(NOW), NOW), (float(NOW), NOW),
        (1749000000, 1749000000000), (1749000000.123, NOW), ("1749000000.123", NOW), ("1749000000", 1749000000000),
        (99_999_999_999, 99_999_999_999_000), (100_000_000_000, 100_000_000_000), (10**14, 10**14),
        (0, 0), (-5, 0), (math.nan, 0), (math.inf, 0), (10**300, 0), (True, 0), (None, 0), ("noon", 0), ("9" * 40, 0),
    ],
)  # fmt: skip
def test_time_ms(value: object, expected: int) -> None:
    assert time_ms(value) == expected


def test_people_named_by_text_get_a_stable_stand_in() -> None:
    assert user_id("u-17") == user_id("u-17") == zlib.crc32(b"u-17") & 0x7FFF_FFFF
    assert user_id("u-18") != user_id("u-17")
    assert user_id(" 17 ") == 17
    assert user_id(2**70 + 5) == 5
    assert user_id("  ") is None
    assert user_id(None) is None
    assert user_id(True) is None


def test_names_of_members_with_and_without_prefix() -> None:
    assert named("stream_state_active", StreamState, "STREAM_STATE_") == 1
    assert named(77, StreamState) == 77
    assert named("ACTIVE", EventType) is None
    assert named(None, EventType) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (6, 6), ("6", 6), ("STOP_BC_MEETING_ENDED", 6), ("meeting_ended", 6), ("STOP_BC_APP_DISABLED_BY_HOST", 5),
        ("STOP_BC_MEETING_CONNECTION_INTERRUPTED", 12), ("because", None), (None, None), ([], None),
    ],
)  # fmt: skip
def test_stop_reason(value: object, expected: int | None) -> None:
    assert stop_reason(value) == expected


def test_the_id_is_found_under_all_its_names_in_order() -> None:
    assert find_id({"call_id": "c", "meeting_uuid": "m"}) == ("meeting_uuid", "m")
    assert find_id({"meeting_uuid": "", "session_id": 5}) == ("session_id", "5")
    assert find_id({}) == ("", "")
    assert [product.id_key for product in Product] == list(ID_KEYS)


def test_numbers_are_shown_with_their_names() -> None:
    assert label(StopReason, 6) == "6 MEETING_ENDED"
    assert label(StopReason, 99) == "99 UNKNOWN"
    assert label(StopReason, None) == "none"


def test_what_numbers_stand_for() -> None:
    assert [rate.hz for rate in SampleRate] == [8_000, 16_000, 32_000, 48_000]
    assert [resolution.size for resolution in Resolution] == [(640, 360), (1280, 720), (1920, 1080), (2560, 1440)]
    assert [int(medium.media_type) for medium in Medium] == [1, 2, 4, 8, 16]
    final = [reason.value for reason in StopReason if reason.is_final]
    assert final == [*range(1, 10), *range(20, 24), 25, 26]


def test_urls_of_no_known_form_are_none() -> None:
    assert first_url(7) == ""
    assert media_urls({}) == {}
    assert media_urls({"media_server": "wss://x", "media_urls": {"audio": 5}}) == {}


@pytest.mark.parametrize(
    ("given", "urls"),
    [
        (["wss://h/audio", "wss://h/deskshare?x=/1"], {"audio": "wss://h/audio", "share": "wss://h/deskshare?x=/1"}),
        ("wss://h/a/Video, wss://h/all/", {"video": "wss://h/a/Video", "all": "wss://h/all/"}),
        (["wss://h/audio"], {"all": "wss://h/audio"}),
        (["wss://h/audio", "wss://h/x"], {"all": "wss://h/audio"}),
        (["wss://h/audio", "rtmp://h/video"], {"all": "wss://h/audio"}),
        ([5, None, "wss://h/chat", "wss://h/transcript"], {"chat": "wss://h/chat", "transcript": "wss://h/transcript"}),
    ],
)
def test_a_list_of_urls_says_by_its_paths_what_each_serves(given: object, urls: dict[str, str]) -> None:
    assert media_urls({"media_server": {"server_urls": given}}) == urls


def test_one_path_per_type_stands_beside_signaling() -> None:
    assert media_paths("ws://h:9092/signaling")["audio"] == "ws://h:9092/audio"
    assert media_paths("ws://h:9092/") == media_paths("ws://h:9092")
    assert media_paths("ws://h:9092")["share"] == "ws://h:9092/deskshare"
