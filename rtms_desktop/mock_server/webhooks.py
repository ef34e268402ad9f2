"""Sends signed webhooks as Zoom does, and checks that a receiver proves itself."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any

import aiohttp
import msgspec

from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.announce import url_validation_webhook
from rtms_desktop.wire.signature import answer_url_validation, sign_webhook

TIMEOUT_S = 3.0


class WebhookSender:
    """Loop only."""

    def __init__(self, token: str, truth: TruthLog) -> None:
        self._token, self._truth = token, truth
        self._session: aiohttp.ClientSession | None = None
        self.last: tuple[str, dict[str, Any]] | None = None
        """The last webhook that was sent, so that it can be repeated."""

    async def send(self, url: str, webhook: dict[str, Any]) -> int | None:
        """Posts one webhook; the HTTP status, or None when nobody answered."""
        self.last = (url, webhook)
        status, _, why = await self._post(url, webhook)
        fields: dict[str, Any] = {"name": webhook["event"], "url": url, "status": status}
        self._truth.emit("webhook", **fields, **({"why": why} if why else {}))
        return status

    async def validate(self, url: str, now_ms: int) -> tuple[bool, str]:
        """Sends endpoint.url_validation; whether the answer proves the secret token, and a sentence."""
        plain = secrets.token_urlsafe(16)
        status, answer, why = await self._post(url, url_validation_webhook(plain, event_ts=now_ms))
        ok, sentence = self._judge(plain, status, answer, why)
        self._truth.emit("webhook_validated", url=url, ok=ok, sentence=sentence)
        return ok, sentence

    def _judge(self, plain: str, status: int | None, answer: bytes, why: str) -> tuple[bool, str]:
        if status is None:
            return False, f"Nobody answered: {why}."
        if status != 200:
            return False, f"The receiver answered HTTP {status} instead of 200."
        try:
            body = msgspec.json.decode(answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False, "The receiver's answer is no JSON."
        wanted = answer_url_validation(self._token, plain)
        given = body.get("encryptedToken") if isinstance(body, dict) else None
        if not isinstance(given, str) or body.get("plainToken") != plain:
            return False, "The answer holds no plainToken and encryptedToken."
        if not hmac.compare_digest(given.encode(), wanted["encryptedToken"].encode()):
            return False, "The encryptedToken was made with another secret token."
        return True, "The receiver proved that it knows the secret token."

    async def _post(self, url: str, webhook: dict[str, Any]) -> tuple[int | None, bytes, str]:
        body = msgspec.json.encode(webhook)
        timestamp = int(time.time())
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-zm-request-timestamp": str(timestamp),
            "x-zm-signature": sign_webhook(self._token, timestamp, body),
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                return response.status, await response.content.read(65536), ""
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            return None, b"", str(error) or type(error).__name__

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
