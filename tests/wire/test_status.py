"""Every number has an explanation; the server's words beat its numbers."""

from __future__ import annotations

import pytest

from rtms_desktop.wire import status_tables, stop_texts
from rtms_desktop.wire.catalogue import CATEGORIES, LOCAL, REST, Explanation
from rtms_desktop.wire.enums import EventType, Product, SessionState, StopReason, StreamState, VoiceEventType
from rtms_desktop.wire.status import (
    explain_close,
    explain_event,
    explain_local,
    explain_state,
    explain_status,
    explain_stop,
)

EVERY_STATUS = [(table, code) for table, names in status_tables.TABLES.items() for code in range(len(names))]


def check(found: Explanation) -> None:
    assert found.sentence.endswith(".")
    assert found.sentence[0].isupper()
    if found.category in CATEGORIES:
        assert found.causes
        assert found.fixes
    for text in (*found.causes, *found.fixes):
        assert text.endswith("."), text
        assert text[0].isupper(), text


@pytest.mark.parametrize(("table", "code"), EVERY_STATUS)
def test_every_status_of_every_table_is_explained(table: str, code: int) -> None:
    found = explain_status(code, "", table)
    check(found)
    assert found.category != "unknown"
    assert found.table == table
    assert found.label == f"{code} {status_tables.TABLES[table][code]}"


def test_the_tables_have_their_published_length_and_landmarks() -> None:
    assert {name: len(names) for name, names in status_tables.TABLES.items()} == {
        "N1": 48,
        "N2": 76,
        "N3": 63,
        "N4": 21,
    }
    assert status_tables.N1[3] == "INVALID_SIGNATURE"
    assert status_tables.N1[24] == "INVALID_MEDIA_AUDIO_SEND_RATE"
    assert status_tables.N1[29] == "INVALID_MEDIA_VIDEO_DATA_OPT"
    assert status_tables.N1[40] == "INVALID_RTMS_SESSION_ID"
    assert status_tables.N1[47] == "CHAT_SESSION_KEY_NOT_AVAILABLE"
    assert status_tables.N2[17] == "DUPLICATE_SIGNAL_REQUEST"
    assert status_tables.N2[34] == "NO_MEDIA_TYPE_SPECIFIED"
    assert status_tables.N2[47] == "AUDIO_FRAME_SIZE_NOT_UINT"
    assert status_tables.N2[58] == status_tables.N3[58] == "INVALID_MEDIA_DESKSHARE_PARAMS"
    assert status_tables.N2[75] == status_tables.N3[62] == "RTMS_SESSION_NOT_FOUND"
    assert status_tables.N4[20] == "MAX_CONNECTIONS"


def test_the_n1_numbers_by_name() -> None:
    assert status_tables.number_of("STATUS_INVALID_SIGNATURE") == 3
    assert status_tables.number_of("invalid_media_transcript_sroUCE_language") == 43
    assert status_tables.number_of("NEVER_HEARD") is None


@pytest.mark.parametrize(
    ("code", "reason", "label", "table"),
    [
        (3, "Invalid signature", "3 INVALID_SIGNATURE", "N1"),
        (15, "invalid signature", "15 INVALID_SIGNATURE", "N2"),
        (1, "Signature is invalid", "1 INVALID_SIGNATURE", "N4"),
        (17, "duplicate signal request", "17 DUPLICATE_SIGNAL_REQUEST", "N2"),
        (8, "Duplicate signal request", "8 DUPLICATE_SIGNAL_REQUEST", "N1"),
        (8, "STATUS_PERMISSION_DENIED", "8 PERMISSION_DENIED", "N4"),
        (99, "invalid signature", "99 INVALID_SIGNATURE", "reason text"),
        (60, "", "60 DESKSHARE_CONTENT_TYPE_NOT_UINT", "N2"),
        (99, "", "99 UNKNOWN_STATUS", "N1"),
        (-5, "Too many requests", "-5 RATE_LIMIT_EXCEEDED", "reason text"),
        (22, "internal check of the audio codec", "22 INVALID_MEDIA_AUDIO_CODEC", "N1"),
        (0, "OK", "0 OK", "N1"),
        (0, "invalid signature", "0 OK", "N1"),
        (None, "Unsupported protocol version", "PROTOCOL_ERROR", "reason text"),
        (None, "Missing required fields", "INVALID_PAYLOAD", "reason text"),
        (None, "Invalid meeting or stream ID", "INVALID_MEETING_OR_STREAM_ID", "reason text"),
        (None, "Failed to initialize media server", "INTERNAL_EXCEPTION", "reason text"),
        (None, "STATUS_OK", "UNKNOWN_STATUS", "N1"),
        (None, "", "UNKNOWN_STATUS", "N1"),
    ],
)
def test_words_beat_numbers(code: int | None, reason: str, label: str, table: str) -> None:
    found = explain_status(code, reason)
    check(found)
    assert (found.label, found.table) == (label, table)


@pytest.mark.parametrize(
    ("code", "category", "retryable"),
    [(3, "auth", False), (8, "connection", True), (9, "media", False), (2, "stream", False), (22, "request", False),
     (45, "server", True), (47, "server", True), (15, "connection", True)],
)  # fmt: skip
def test_categories_decide_about_retrying(code: int, category: str, retryable: bool) -> None:
    found = explain_status(code)
    assert (found.category, found.retryable) == (category, retryable)


@pytest.mark.parametrize("reason", StopReason)
def test_every_stop_reason_is_explained(reason: StopReason) -> None:
    found = explain_stop(reason)
    check(found)
    assert found.label == f"{reason.value} {reason.name}"
    assert found.retryable is not reason.is_final
    assert explain_stop(f"STOP_BC_{reason.name}") == found
    assert set(stop_texts.STOP) == set(StopReason)


def test_a_revoked_stream_says_that_recordings_must_go() -> None:
    assert "deleted" in explain_stop(8).sentence


@pytest.mark.parametrize(
    ("reason", "label"), [(77, "77 UNKNOWN"), (None, "UNKNOWN"), ("WHY_NOT", "WHY_NOT"), ("", "UNKNOWN")]
)
def test_unknown_stop_reasons_stay_visible(reason: int | str | None, label: str) -> None:
    found = explain_stop(reason)
    check(found)
    assert found.label == label


@pytest.mark.parametrize("code", [*range(1000, 1004), *range(1005, 1016)])
def test_every_close_code_is_explained(code: int) -> None:
    found = explain_close(code)
    check(found)
    assert found.category != "unknown"
    assert found.number == code


def test_other_close_codes() -> None:
    assert explain_close(4001).label == "4001 PRIVATE"
    assert explain_close(1004).label == "1004 UNKNOWN"
    assert explain_close(None).name == "CONNECTION_FAILED"
    assert explain_close(1006).retryable


def test_every_event_is_explained() -> None:
    for number in range(15):
        assert explain_event(number).label == f"{number} {EventType(number).name}"
        check(explain_event(number))
    for number in range(8, 35):
        found = explain_event(number, Product.CONTACT_CENTER)
        check(found)
        assert found.name == (VoiceEventType(number).name if number < 30 else "UNKNOWN")
    assert explain_event(3, Product.CONTACT_CENTER) == explain_event(3)
    assert explain_event(99).label == "99 UNKNOWN"


def test_every_state_is_explained() -> None:
    for stream in StreamState:
        assert explain_state(stream).label == f"{stream.value} {stream.name}"
    for session in SessionState:
        assert explain_state(session, "session").label == f"{session.value} {session.name}"
    assert explain_state(77).label == "77 UNKNOWN"
    assert explain_state(77, "session").sentence == "A state that is not known."


def test_local_codes_and_rest_errors_are_explained() -> None:
    for name, found in LOCAL.items():
        check(found)
        assert found.label == name
        assert explain_local(name) == found
    for number, found in REST.items():
        check(found)
        assert found.number == number
    assert explain_local("NEW").category == "unknown"


def test_every_category_is_complete() -> None:
    for category in CATEGORIES.values():
        assert category.title
        assert category.causes
        assert category.fixes
