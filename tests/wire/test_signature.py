"""The published signature vectors, and every way in which a webhook can fail."""

from __future__ import annotations

import pytest

from rtms_desktop.wire import signature
from rtms_desktop.wire.signature import answer_url_validation, sign_handshake, sign_webhook, verify_webhook

BODY = (
    b'{"event":"meeting.rtms_started","event_ts":1626230691572,"payload":{"meeting_uuid":"4444AAAiAAAAAiAiAiiAii==",'
    b'"operator_id":"30R7kT7bTIKSNUFEuH_Qlg","rtms_stream_id":"609340fb2a7946909659956c8aa9250c",'
    b'"server_urls":"wss://127.0.0.1:443"}}'
)
SIGNED = "v0=9c1390097e38921b5df3bd6d02de584d101ee1cedcfd9eaa78ef2391bc201487"
TS = 1626230691
HEADERS = {"X-Zm-Signature": SIGNED, "X-ZM-Request-Timestamp": str(TS)}


@pytest.mark.parametrize(
    ("client", "secret", "meeting", "stream", "expected"),
    [
        ("cid", "sec", "m1", "s1", "86b8dc02a859861e58dc6034a05c9df6de8f1d6ee34e079fbe659935d80a7029"),
        ("cid", "sec", "eng1", "s1", "49fcb2c2ffdccc4aa56204ab6a2fddcbc48182aea4c79af9613983f5726b31f5"),
        ("cid", "sec", "sess/1==", "s1", "e589c81859b7f8bf8d606b2ad748bef02633e658a7c54c777942f78e31b7f1a8"),
        (
            "AbCdEfGh1234",
            "s3cr3tKey",
            "4444AAAiAAAAAiAiAiiAii==",
            "609340fb2a7946909659956c8aa9250c",
            "c0abeb0ecaa027faf2e57da374a0a774c79076a6ac1a46c6866fc17be335dab3",
        ),
        (
            "XkWfgHHASGOQC9b95AkIxB",
            "YZnKVUufg7N18Oej6gHHqNWc7CG5jQ6N",
            "TNhvT3WEBT6Srse3TgWRGr",
            "rtms_TN3WEBT6SrTgWRGr_001",
            "8da2206b6a3679c74cdc454b6c44d002ef5c717e899e9d830ef4a9546cd23daf",
        ),
    ],
)
def test_handshake_vectors(client: str, secret: str, meeting: str, stream: str, expected: str) -> None:
    assert sign_handshake(client, secret, meeting, stream) == expected


def test_this_computer_signs_as_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    assert signature.signs_correctly()
    monkeypatch.setattr(signature, "sign_handshake", lambda *_: "0" * 64)
    assert not signature.signs_correctly()


def test_webhook_vectors() -> None:
    assert len(BODY) == 238
    assert sign_webhook("whsecret", TS, BODY) == SIGNED
    other = sign_webhook("DyBoLm8OZoJT2Pi3-kY2px", "1700000000", b'{"event":"meeting.rtms_stopped"}')
    assert other == "v0=224a6edadb1af8415cfd3573154a53ebeeca9704ca658b8b0f1ec3c6e5fe9e57"


@pytest.mark.parametrize(
    ("token", "plain", "encrypted"),
    [
        (
            "whsecret",
            "qgg8vlvZRS6UYooatFL8Aw",
            "ddf88355b0e25119268d211b77198b1a6f8a8c6389e35b8cc44b380fbc76ad52",
        ),
        ("DyBoLm8OZoJT2Pi3-kY2px", "abc123", "e199ae7ec17aae93682d1c2fe9dc6c9b2e62b35074b85aaddb3db2c649810210"),
    ],
)
def test_url_validation_vectors(token: str, plain: str, encrypted: str) -> None:
    assert answer_url_validation(token, plain) == {"plainToken": plain, "encryptedToken": encrypted}


def test_a_true_webhook_is_accepted_whatever_the_case_of_its_headers() -> None:
    verdict = verify_webhook("whsecret", HEADERS, BODY, TS + 299)
    assert verdict.ok
    assert verdict.label == "ok"


@pytest.mark.parametrize(
    ("token", "headers", "body", "now", "label"),
    [
        ("", {}, BODY, TS, "missing_webhook_secret_token"),
        ("whsecret", {"x-zm-request-timestamp": str(TS)}, BODY, TS, "missing_x_zm_signature"),
        ("whsecret", {"x-zm-signature": SIGNED}, BODY, TS, "missing_x_zm_request_timestamp"),
        ("whsecret", {**HEADERS, "x-zm-request-timestamp": "soon"}, BODY, TS, "invalid_x_zm_request_timestamp"),
        ("whsecret", HEADERS, BODY, TS + 301, "stale_x_zm_request_timestamp"),
        ("whsecret", HEADERS, BODY, TS - 301, "stale_x_zm_request_timestamp"),
        ("whsecret", HEADERS, BODY + b" ", TS, "invalid_x_zm_signature"),
        ("other", HEADERS, BODY, TS, "invalid_x_zm_signature"),
        ("whsecret", {**HEADERS, "X-Zm-Signature": "v0=ä"}, BODY, TS, "invalid_x_zm_signature"),
    ],
)
def test_everything_else_is_refused(token: str, headers: dict[str, str], body: bytes, now: int, label: str) -> None:
    verdict = verify_webhook(token, headers, body, now)
    assert not verdict.ok
    assert verdict.label == label
    assert verdict.sentence.endswith(".") or ":" in verdict.sentence


def test_a_window_of_zero_takes_any_time() -> None:
    assert verify_webhook("whsecret", HEADERS, BODY, 0, window_s=0).ok
