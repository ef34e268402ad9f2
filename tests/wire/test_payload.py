"""Whatever form a payload is pasted in, it is understood, or the message says what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.errors import PayloadError
from rtms_desktop.wire.enums import Dialect, Product
from rtms_desktop.wire.payload import (
    WebhookKind,
    interrupted_webhook,
    read_payload,
    read_webhook,
    started_webhook,
    stopped_webhook,
    url_validation_webhook,
)
from rtms_desktop.wire.payload_text import MAX_BYTES, MAX_DEPTH

FIELDS = {
    "meeting_uuid": "4444AAAi/AAAAiAiAiiAii==",
    "operator_id": "30R7kT7bTIKSNUFEuH_Qlg",
    "rtms_stream_id": "609340fb2a7946909659956c8aa9250c",
    "server_urls": "wss://127.0.0.1:443",
}
WEBHOOK = {"event": "meeting.rtms_started", "event_ts": 1626230691572, "payload": FIELDS}
TEXT = json.dumps(WEBHOOK)
SMALL = '{"meeting_uuid":"m","rtms_stream_id":"s","server_urls":"ws://h"}'


# -- forms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (TEXT, "whole webhook"),
        (json.dumps(WEBHOOK, indent=2), "whole webhook"),
        (json.dumps([WEBHOOK]), "whole webhook"),
        (TEXT.encode(), "whole webhook"),
        ("\ufeff\n" + TEXT, "whole webhook"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "whole webhook"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "whole webhook"),
        (json.dumps(FIELDS), "bare payload"),
        (json.dumps(TEXT), "whole webhook"),
        (json.dumps({"headers": {"host": "h"}, "body": TEXT}), "whole webhook"),
        (json.dumps({"level": "info", "entries": [1, {"req": WEBHOOK}]}), "whole webhook"),
        (json.dumps({**WEBHOOK, "payload": json.dumps(FIELDS)}), "whole webhook"),
        (TEXT.replace('"', '\\"'), "JSON in quotes"),
        ('"' + TEXT.replace('"', '\\"') + '"', "whole webhook"),
        (repr(WEBHOOK), "JavaScript or Python object"),
        (TEXT[:-1] + ",}", "JavaScript or Python object"),
        (f"2026-07-01 12:00:00 INFO received {{x}} {TEXT} in 3 ms", "text with JSON inside"),
        (f"body={WEBHOOK!r} done", "text with JSON inside"),
        ("log: " + TEXT.replace('"', '\\"') + " end", "text with JSON inside"),
        (f"curl -X POST http://localhost/webhook -H 'content-type: application/json' -d '{TEXT}'", "curl command"),
        (f"curl http://localhost --data '{TEXT}'", "curl command"),
        (f"curl http://localhost --data-raw=$'{TEXT}'", "curl command"),
        (f"curl http://localhost -d'{TEXT}'", "curl command"),
        (f"$ curl \\\n  --data-binary '{TEXT}' \\\n http://localhost", "curl command"),
        ('curl.exe http://localhost -d "' + TEXT.replace('"', '\\"') + '"', "curl command"),
        (f"curl http://localhost -d '{TEXT}", "curl command"),
    ],
)
def test_every_form_is_understood(text: str | bytes, form: str) -> None:
    invite = read_payload(text)
    assert invite.meeting_id == FIELDS["meeting_uuid"]
    assert invite.stream_id == FIELDS["rtms_stream_id"]
    assert invite.signaling_url == FIELDS["server_urls"]
    assert invite.extra == {"operator_id": FIELDS["operator_id"]}
    assert invite.form == form
    assert invite.product is Product.MEETING


def test_a_javascript_object_with_comments_is_understood() -> None:
    text = """const payload = {
        // from the webhook
        event: 'meeting.rtms_started', payload: { meetingUuid: "it's m", /* id */ streamId: 'say "s"',
        serverUrls: ['wss://h/x'], isOriginalHost: True, other: undefined, last: None, yes: true, no: 'it\\'s', },
    };"""
    invite = read_payload(text)
    assert (invite.meeting_id, invite.stream_id, invite.signaling_url) == ("it's m", 'say "s"', "wss://h/x")
    assert invite.extra == {"is_original_host": True, "other": None, "last": None, "yes": True, "no": "it's"}


@pytest.mark.parametrize(
    ("urls", "expected", "form"),
    [
        ("wss://a", "wss://a", "text"),
        ("wss://a/x?b=1,2", "wss://a/x?b=1,2", "text"),
        (" srt://a, wss://b:443 ,wss://c", "wss://b:443", "comma list"),
        (["wss://a", "wss://b"], "wss://a", "list"),
        ([7, "", "https://x", "WSS://b"], "WSS://b", "list"),
        ({"audio": "wss://a", "all": "wss://all"}, "wss://all", "map"),
        ({"video": "wss://v", "audio": "wss://a"}, "wss://a", "map"),
        ({"contactCenter": {"audio": "wss://cc"}, "all": "wss://all"}, "wss://cc", "map"),
        ({"region": 7, "other": ["x", "wss://o"]}, "wss://o", "map"),
    ],
)
def test_every_form_of_server_urls_is_understood(urls: Any, expected: str, form: str) -> None:
    invite = read_payload(json.dumps({**FIELDS, "server_urls": urls}))
    assert (invite.signaling_url, invite.url_form) == (expected, form)


# -- products -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("product", Product)
@pytest.mark.parametrize("dialect", Dialect)
def test_started_webhooks_are_read_back(product: Product, dialect: Dialect) -> None:
    webhook = started_webhook(product, "id/1==", "s1", "ws://h:1", event_ts=1626230691572, dialect=dialect)
    invite = read_payload(json.dumps(webhook))
    assert (invite.product, invite.meeting_id, invite.id_key) == (product, "id/1==", product.id_key)
    assert (invite.stream_id, invite.signaling_url) == ("s1", "ws://h:1")
    assert invite.event_ts == (None if dialect is Dialect.README else 1626230691572)
    bare = webhook["payload"].get("object", webhook["payload"])
    assert read_payload(json.dumps(bare)).product is product


@pytest.mark.parametrize(
    ("product", "event"),
    [
        (Product.MEETING, "meeting.rtms_started"),
        (Product.WEBINAR, "webinar.rtms_started"),
        (Product.VIDEO_SDK, "session.rtms_started"),
        (Product.CONTACT_CENTER, "contact_center.voice_rtms_started"),
        (Product.PHONE, "phone.rtms_started"),
    ],
)
def test_the_event_is_named_after_the_product(product: Product, event: str) -> None:
    extra = {"operator_id": "o"}
    webhook = started_webhook(product, "m", "s", "wss://h", event_ts=7, extra=extra)
    assert webhook == {
        "event": event,
        "event_ts": 7,
        "payload": {product.id_key: "m", "rtms_stream_id": "s", "server_urls": "wss://h", "operator_id": "o"},
    }


def test_the_readme_form() -> None:
    webhook = started_webhook(
        Product.MEETING, "m", "s", "ws://localhost:9092", event_ts=7, dialect=Dialect.README, extra={"operator_id": "o"}
    )
    stream = {"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": ["ws://localhost:9092"]}
    assert webhook == {"event": "meeting.rtms.started", "payload": {"operator_id": "o", "object": stream}}
    read = read_webhook(json.dumps(webhook))
    assert read.event == "meeting.rtms_started"
    assert read.kind is WebhookKind.STARTED


def test_an_old_contact_center_event_decides_over_the_key() -> None:
    text = SMALL.replace("meeting_uuid", "session_id")
    webhook = read_webhook(f'{{"event":"contactcenter.rtms_started","payload":{text}}}')
    assert webhook.product is Product.CONTACT_CENTER


# -- the other webhooks -------------------------------------------------------------------------------------------


def test_stopped() -> None:
    webhook = read_webhook(json.dumps(stopped_webhook(Product.MEETING, "m", "s", 6, event_ts=7_000_000_000_000)))
    assert webhook.kind is WebhookKind.STOPPED
    assert (webhook.meeting_id, webhook.stream_id, webhook.stop_reason) == ("m", "s", 6)
    assert webhook.event_ts == 7_000_000_000_000
    assert webhook.invite is None


def test_interrupted() -> None:
    webhook = read_webhook(json.dumps(interrupted_webhook(Product.MEETING, "m", "s", event_ts=7)))
    assert webhook.kind is WebhookKind.INTERRUPTED
    assert webhook.invite is None
    again = interrupted_webhook(Product.CONTACT_CENTER, "m", "s", event_ts=7, server_urls="wss://h")
    assert read_payload(json.dumps(again)).signaling_url == "wss://h"


def test_url_validation() -> None:
    webhook = read_webhook(json.dumps(url_validation_webhook("abc", event_ts=7)))
    assert webhook.kind is WebhookKind.URL_VALIDATION
    assert webhook.plain_token == "abc"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("rtms.concurrency_limited", WebhookKind.CONCURRENCY_LIMITED),
        ("meeting.rtms_concurrency_limited", WebhookKind.CONCURRENCY_LIMITED),
        ("rtms.concurrency_near_limit", WebhookKind.CONCURRENCY_NEAR_LIMIT),
        ("rtms.start_failed", WebhookKind.START_FAILED),
        ("meeting.ended", WebhookKind.OTHER),
    ],
)
def test_account_webhooks(event: str, kind: WebhookKind) -> None:
    webhook = read_webhook(json.dumps({"event": event, "payload": {"id_field": {"meeting_uuid": "m"}}}))
    assert webhook.kind is kind
    assert webhook.meeting_id == "m"
    assert webhook.plain_token == ""


def test_any_other_object_is_other() -> None:
    webhook = read_webhook('{"a":1,"b":"{not json","c":"{\\"d\\":1}"}')
    assert webhook.kind is WebhookKind.OTHER
    assert webhook.product is Product.MEETING


# -- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("hello", "no JSON in it"),
        ("@payload.json", "only the name of a file"),
        ("[]", "no JSON in it"),
        ("{", "line 1, column 2"),
        (TEXT[:150], "breaks off"),
        ("[" * 1000 + "{", "damaged"),
        ('{"a":' * 5000, "nests too deep"),
        ("{" + f'"a":{"9" * 5000}' + "}", "too long"),
        ("{}", "it lacks the id"),
        ("x {} {} y", "it lacks the id"),
        ('{"a":1}', "rtms_stream_id"),
        ('{"meeting_uuid":"m","rtms_stream_id":"s"}', "it lacks server_urls"),
        ('{"meeting_uuid":"m","rtms_stream_id":"s","server_urls":"https://h"}', "no ws:// or wss:// URL"),
        (json.dumps(stopped_webhook(Product.MEETING, "m", "s", 6, event_ts=7)), "6 MEETING_ENDED"),
        (json.dumps(url_validation_webhook("x", event_ts=7)), "check of the webhook address"),
        ("curl http://h -d @payload.json", "'payload.json', which is not read"),
        ("curl http://h", "no -d or --data"),
        ("curl http://h -d", "holds no payload"),
        (" " * (MAX_BYTES + 1), "1,048,577 characters"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "deeper than 32 levels"),
        (
            '{"event":"x.rtms_started","payload":{"rtms_stream_id":"s"}}',
            "the webhook x.rtms_started announces no stream",
        ),
    ],
)
def test_a_refusal_says_why_and_what_to_do(text: str, what: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_payload(text)
    assert what in caught.value.sentence()
    assert caught.value.fix


def test_json_text_inside_may_not_nest_deeper_either() -> None:
    deep = "[" * 500 + "]" * 500
    webhook = read_webhook(json.dumps({"event": "x", "payload": '{"a":' + deep + "}"}))
    assert webhook.invite is None


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_nothing_but_a_payload_error_is_raised(text: str | bytes) -> None:
    try:
        read_payload(text)
    except PayloadError as error:
        assert error.sentence()


PIECES = st.sampled_from(
    ["{", "}", "[", "]", '"', "'", ",", ":", "\\", "//", "/*", "*/", "curl ", "-d ", "a", "1", "None", " ", "\n", SMALL]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_nor_for_what_looks_like_a_payload(text: str) -> None:
    try:
        read_payload(text)
    except PayloadError as error:
        assert error.sentence()
