"""A trusted announcement fills the payload form and raises a banner; a person says yes. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import WebhookArrived
from rtms_desktop.app.naming import PRODUCTS
from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.viewmodels.notices_vm import NoticesViewModel
from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.wire.payload import WebhookKind

KEY = "announced"


class Announcer(QObject):
    """``form_wanted``: something is to be entered or decided before it can be connected to."""

    form_wanted = Signal()

    def __init__(
        self, controller: Any, start: StartViewModel, notices: NoticesViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._start, self._notices = controller, start, notices
        self._filled = ""
        self._stream = ""
        listen(self, controller.hub, {WebhookArrived: lambda event: self._arrived(event.received)})

    def take(self, received: Any) -> None:
        """A person wants this one: connect, or show the form where something is missing."""
        self._fill(received.text)
        self._notices.remove(KEY)
        if self._controller.session is not None or not self._start.connect_stream():
            self.form_wanted.emit()

    def _arrived(self, received: Any) -> None:
        webhook = received.webhook
        if not received.trusted or webhook is None:
            return
        if webhook.kind is WebhookKind.STOPPED and webhook.stream_id == self._stream:
            self._notices.remove(KEY)
        elif webhook.kind is WebhookKind.STARTED and webhook.invite is not None and not self._is_present(webhook):
            self._announce(received, webhook.invite)

    def _is_present(self, webhook: Any) -> bool:
        """Whether the running session is on that stream: then this is its fail-over, which the session follows."""
        session = self._controller.session
        return session is not None and session.config.stream_id == webhook.stream_id

    def _announce(self, received: Any, invite: Any) -> None:
        self._stream = invite.stream_id
        if self._start.understanding is None or self._start.text == self._filled:
            self._fill(received.text)  # what a person pasted stays
        kind = PRODUCTS.get(invite.product.value, invite.product.value)
        text = f"A stream was announced: {kind} {one_line(invite.meeting_id, 60)}."
        self._notices.put(KEY, Severity.NOTE, text, icon="webhook", do=lambda: self.take(received), label="Connect")

    def _fill(self, text: str) -> None:
        self._filled = text
        self._start.set_text(text)
