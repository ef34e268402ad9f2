"""The receiver over real HTTP: what is trusted, what is only shown, and what Zoom gets as an answer."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import PortInUseError, UsageError
from rtms_desktop.transport.webhook_receiver import VALIDATIONS_PER_MINUTE, ReceivedWebhook, WebhookReceiver
from rtms_desktop.wire.signature import answer_url_validation, sign_webhook

TOKEN = "whsecret"
STARTED = {
    "event": "meeting.rtms_started",
    "event_ts": 1626230691572,
    "payload": {"meeting_uuid": "4444==", "rtms_stream_id": "6093", "server_urls": "wss://127.0.0.1:443"},
}


class Inbox:
    def __init__(self) -> None:
        self.heard: list[ReceivedWebhook] = []
        self.url = ""

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        async with aiohttp.ClientSession() as client, client.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def signed(self, message: dict[str, Any], token: str = TOKEN, ts: int | None = None) -> tuple[int, Any]:
        body = json.dumps(message).encode()
        stamp = str(int(time.time()) if ts is None else ts)
        signature = sign_webhook(token, stamp, body)
        return await self.post(body, {"x-zm-request-timestamp": stamp, "x-zm-signature": signature})


@asynccontextmanager
async def listening(token: str = TOKEN) -> AsyncIterator[Inbox]:
    inbox = Inbox()
    receiver = WebhookReceiver(lambda: token, inbox.heard.append, SystemClock())
    inbox.url = await receiver.start(0)
    try:
        yield inbox
    finally:
        await receiver.stop()


async def test_a_signed_webhook_is_trusted_once() -> None:
    async with listening() as inbox:
        assert await inbox.signed(STARTED) == (200, {})
        assert await inbox.signed(STARTED, ts=int(time.time()) + 1) == (200, {})
    first, again = inbox.heard
    assert first.trusted
    assert first.webhook is not None
    assert first.webhook.invite is not None
    assert first.webhook.invite.stream_id == "6093"
    assert again.duplicate
    assert not again.trusted


@pytest.mark.parametrize(
    ("token", "ts", "label"), [("other", None, "invalid_x_zm_signature"), (TOKEN, 1, "stale_x_zm_request_timestamp")]
)
async def test_a_bad_signature_is_shown_and_refused(token: str, ts: int | None, label: str) -> None:
    async with listening() as inbox:
        status, _ = await inbox.signed(STARTED, token=token, ts=ts)
    assert status == 401
    assert inbox.heard[0].verdict.label == label
    assert not inbox.heard[0].trusted


async def test_unsigned_and_unreadable() -> None:
    async with listening() as inbox:
        assert (await inbox.post(json.dumps(STARTED).encode(), {}))[0] == 401
        assert (await inbox.post(b"\xff\xfe garbage", {}))[0] == 400
    assert [received.trusted for received in inbox.heard] == [False, False]


async def test_without_a_token_nothing_is_trusted() -> None:
    async with listening(token="") as inbox:
        status, _ = await inbox.signed(STARTED)
    assert status == 401
    assert inbox.heard[0].verdict.label == "missing_webhook_secret_token"


async def test_url_validation_is_answered_but_not_without_end() -> None:
    message = {"event": "endpoint.url_validation", "event_ts": 1, "payload": {"plainToken": "abc"}}
    async with listening() as inbox:
        answers = [await inbox.signed(message) for _ in range(VALIDATIONS_PER_MINUTE + 1)]
    assert answers[0] == (200, answer_url_validation(TOKEN, "abc"))
    assert answers[-1][0] == 429


async def test_a_port_in_use_and_a_foreign_address() -> None:
    receiver = WebhookReceiver(lambda: TOKEN, lambda received: None, SystemClock())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError, match="cannot be used"):
            await receiver.start(taken.getsockname()[1])
    with pytest.raises(UsageError, match="does not listen"):
        await receiver.start(0, "0.0.0.0")
