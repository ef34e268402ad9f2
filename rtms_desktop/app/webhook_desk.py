"""Listens for webhooks, shows every one, and lets the trusted ones steer the present session. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import ReceiverChanged, WebhookArrived
from rtms_desktop.app.hub import Hub
from rtms_desktop.clock import Clock
from rtms_desktop.errors import RtmsError
from rtms_desktop.wire.payload import Webhook, WebhookKind

if TYPE_CHECKING:
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.transport.webhook_receiver import ReceivedWebhook, WebhookReceiver


class WebhookDesk:
    """Owns the receiver. Methods return at once; those that are coroutines return when it is done.

    Args:
        token: gives the secret token that webhooks are signed with, "" while none is known.
        stream: gives the stream in the window.
        allowed: whether a signaling URL may be contacted.
    """

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        *,
        token: Callable[[], str],
        stream: Callable[[], ActiveSession | None],
        allowed: Callable[[str], bool],
    ) -> None:
        self.state = ReceiverChanged()
        self._hub, self._clock = hub, clock
        self._token, self._stream, self._allowed = token, stream, allowed
        self._receiver: WebhookReceiver | None = None

    def start(self, port: int | None = None) -> None:
        """Listen for webhooks on this computer; None: the usual port. ReceiverChanged tells."""
        begin(self._hub, "listen for webhooks", self.listen(port))

    def stop(self) -> None:
        begin(self._hub, "stop listening", self.close())

    async def listen(self, port: int | None = None) -> None:
        """Like ``start``, for callers that wait.

        Raises:
            PortInUseError: somebody else listens there.
        """
        if self._receiver is not None:
            return
        from rtms_desktop.transport.webhook_receiver import DEFAULT_PORT, WebhookReceiver

        self._receiver = WebhookReceiver(self._token, self._heard, self._clock)
        try:
            url = await self._receiver.start(DEFAULT_PORT if port is None else port)
        except RtmsError as error:
            self._receiver = None
            self._changed(problem=error.sentence())
            raise
        self._changed(url)

    async def close(self) -> None:
        """Listen no more; idempotent."""
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            await receiver.stop()
            self._changed()

    def _changed(self, url: str = "", problem: str = "") -> None:
        self.state = ReceiverChanged(url=url, problem=problem)
        self._hub.publish([self.state])

    def _heard(self, received: ReceivedWebhook) -> None:
        self._hub.publish([WebhookArrived(received=received)])
        session, webhook = self._stream(), received.webhook
        if received.trusted and webhook is not None and session is not None and session.ended is None:
            if webhook.stream_id == session.config.stream_id:
                self._steer(session, webhook)

    def _steer(self, session: ActiveSession, webhook: Webhook) -> None:
        match webhook.kind:
            case WebhookKind.STARTED if webhook.invite is not None and self._allowed(webhook.invite.signaling_url):
                # The same stream announced again is Zoom's fail-over: it now lives at the new address.
                session.driver.request("restart", config_url=webhook.invite.signaling_url)
            case WebhookKind.STOPPED:
                session.driver.request("ended", stop_reason=webhook.stop_reason)
            case WebhookKind.INTERRUPTED:
                session.driver.request("interrupted")
            case _:
                pass
