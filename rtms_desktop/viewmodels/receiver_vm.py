"""The webhook receiver: whether it listens, where, and with which token; for all who can start it. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.credentials import SECRET_TOKEN
from rtms_desktop.app.events import ReceiverChanged
from rtms_desktop.viewmodels.batch import listen


class ReceiverViewModel(QObject):
    """``changed`` after it began or ceased to listen, or its settings changed."""

    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        listen(self, controller.hub, {ReceiverChanged: lambda event: self.changed.emit()})

    @property
    def url(self) -> str:
        """Where it listens, or empty."""
        return str(self._controller.webhooks.state.url)

    @property
    def listening(self) -> bool:
        return bool(self.url)

    @property
    def problem(self) -> str:
        return str(self._controller.webhooks.state.problem)

    @property
    def line(self) -> str:
        """State in short."""
        if self.listening:
            return f"Listening on {self.url.partition('//')[2].partition('/')[0]}"
        return "Webhook receiver off"

    @property
    def short(self) -> str:
        """The same where room is short: the port says enough, it is always this computer."""
        return f"Receiving on :{self.url.rpartition(':')[2].partition('/')[0]}" if self.listening else "Receiver off"

    @property
    def action(self) -> str:
        return "Stop" if self.listening else "Start"

    def toggle(self) -> None:
        if self.listening:
            self._controller.webhooks.stop()
        else:
            self._controller.webhooks.start(self.port)

    # -- settings ------------------------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        return int(self._controller.settings.values.receiver_port)

    def set_port(self, port: int) -> None:
        """Takes effect when it listens anew."""
        self._controller.settings.change(receiver_port=port)
        self.changed.emit()

    @property
    def has_token(self) -> bool:
        return bool(self._controller.credentials.secret(SECRET_TOKEN))

    def set_token(self, token: str) -> str:
        """Keep the token; says where it is kept. It can be replaced, never read."""
        kept = self._controller.credentials.remember(SECRET_TOKEN, token.strip())
        self.changed.emit()
        return str(kept)

    def forget_token(self) -> None:
        self._controller.credentials.forget(SECRET_TOKEN)
        self.changed.emit()

    @property
    def advice(self) -> str:
        """What is missing, or where the address belongs."""
        if not self.has_token and self._controller.mock.info is None:
            return "Enter the secret token of your app: nothing that Zoom sends can be trusted without it."
        return "Only this computer reaches it: let a tunnel lead here, and give the address of the tunnel to Zoom."
