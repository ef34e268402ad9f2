"""Receives Zoom's webhooks over HTTP on this computer: verified on raw bytes, answered at once. Loop's thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from rtms_desktop.clock import Clock
from rtms_desktop.errors import PayloadError
from rtms_desktop.transport.local_http import listen
from rtms_desktop.wire.payload import Webhook, WebhookKind, read_webhook
from rtms_desktop.wire.signature import WebhookVerdict, answer_url_validation, verify_webhook

DEFAULT_PORT = 9095
BODY_LIMIT = 1024 * 1024
SEEN_LIMIT = 1_000
# Zoom asks a few times when an address is entered; anybody could ask, so not without end.
VALIDATIONS_PER_MINUTE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedWebhook:
    """One request. ``webhook`` None: the body was none. Act only on ``trusted`` ones; show all.

    Attributes:
        text: the body, for the person.
        duplicate: the same signature or the same event was here before.
    """

    webhook: Webhook | None
    verdict: WebhookVerdict
    text: str
    duplicate: bool
    received_ms: int

    @property
    def trusted(self) -> bool:
        return self.webhook is not None and self.verdict.ok and not self.duplicate


class WebhookReceiver:
    """An HTTP server for one address. ``heard`` is called for every webhook, after its answer was sent off.

    Args:
        token: gives the secret token of the app, "" while none is known.
    """

    def __init__(self, token: Callable[[], str], heard: Callable[[ReceivedWebhook], None], clock: Clock) -> None:
        self.url = ""
        self._token, self._heard, self._clock = token, heard, clock
        self._runner: web.AppRunner | None = None
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._validations: list[float] = []

    async def start(self, port: int = DEFAULT_PORT, host: str = "127.0.0.1") -> str:
        """Listen; returns the address to give to Zoom (or to a tunnel). Port 0: any free one.

        Raises:
            UsageError: the host is not this computer's own address.
            PortInUseError: somebody else listens there.
        """
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_post("/{path:.*}", self._receive)
        self._runner = await listen(app, host, port)
        self.url = f"http://{host}:{self._runner.addresses[0][1]}/webhook"
        return self.url

    async def stop(self) -> None:
        runner, self._runner, self.url = self._runner, None, ""
        if runner is not None:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        now_ms = self._clock.wall_ms()
        token = self._token()
        verdict = verify_webhook(token, request.headers, body, now_ms / 1000)
        try:
            webhook = read_webhook(body)
        except PayloadError:
            webhook = None
        duplicate = self._is_duplicate(request.headers.get("x-zm-signature", ""), webhook) if verdict.ok else False
        received = ReceivedWebhook(
            webhook=webhook,
            verdict=verdict,
            text=body.decode("utf-8", "replace"),
            duplicate=duplicate,
            received_ms=now_ms,
        )
        self._heard(received)
        if webhook is not None and webhook.kind is WebhookKind.URL_VALIDATION and token:
            return self._validate(webhook, token)
        if webhook is None:
            return web.json_response({"error": "not a webhook"}, status=400)
        return web.json_response({}, status=200 if verdict.ok else 401)

    def _validate(self, webhook: Webhook, token: str) -> web.Response:
        now = self._clock.now()
        self._validations = [at for at in self._validations if now - at < 60]
        if len(self._validations) >= VALIDATIONS_PER_MINUTE:
            return web.json_response({"error": "too many validations"}, status=429)
        self._validations.append(now)
        return web.json_response(answer_url_validation(token, webhook.plain_token))

    def _is_duplicate(self, signature: str, webhook: Webhook | None) -> bool:
        """Zoom sends again what was not answered in time, signed anew: the event itself is remembered, too."""
        keys = [f"signature {signature}"]
        if webhook is not None and webhook.event_ts is not None:
            keys.append(f"event {webhook.event} {webhook.stream_id} {webhook.event_ts}")
        known = any(key in self._seen for key in keys)
        for key in keys:
            self._seen[key] = None
        while len(self._seen) > SEEN_LIMIT:
            self._seen.popitem(last=False)
        return known
