"""The webhooks that came in, newest first, each with whether it can be trusted and why not. Main thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rtms_desktop.app.events import WebhookArrived
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.wire.payload import WebhookKind

_DISPLAY, _ACCESSIBLE = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole
ROW_ROLE = Qt.ItemDataRole.UserRole
CAP = 500
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One webhook. ``doubt``: it is not trusted and nothing follows from it; ``sentence`` says why.

    ``can_connect``: it announces a stream and may be acted on.
    """

    clock: str
    event: str
    verdict: str
    ident: str
    sentence: str
    doubt: bool
    duplicate: bool
    can_connect: bool
    received: Any

    def words(self) -> str:
        parts = [self.clock, self.event, self.verdict, "duplicate" if self.duplicate else "", self.ident]
        return ", ".join(part for part in parts if part)


class InboxViewModel(QAbstractTableModel):
    """A table of one column. Overflow policy: drop oldest, counted in ``dropped``.

    ``count_changed``: how many came since somebody looked.
    """

    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[InboxRow] = []
        self.dropped = self.unseen = 0
        self.seeing = False
        listen(self, controller.hub, {WebhookArrived: self._arrived})

    def mark_seen(self, seeing: bool) -> None:
        self.seeing = seeing
        if seeing and self.unseen:
            self.unseen = 0
            self.count_changed.emit(0)

    def clear(self) -> None:
        self.beginResetModel()
        self.rows.clear()
        self.dropped = 0
        self.endResetModel()

    def _arrived(self, event: WebhookArrived) -> None:
        if len(self.rows) >= CAP:
            self.beginRemoveRows(QModelIndex(), CAP - 1, len(self.rows) - 1)
            self.dropped += len(self.rows) - (CAP - 1)
            del self.rows[CAP - 1 :]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), 0, 0)
        self.rows.insert(0, row_of(event.received))
        self.endInsertRows()
        if not self.seeing:
            self.unseen += 1
            self.count_changed.emit(self.unseen)

    # -- the table -----------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = self.rows[index.row()]
        if role in (_DISPLAY, _ACCESSIBLE):
            return row.words()
        return row if role == ROW_ROLE else None


def row_of(received: Any) -> InboxRow:
    """How a received webhook reads."""
    webhook, verdict = received.webhook, received.verdict
    clock = f"{datetime.fromtimestamp(received.received_ms / 1000):%H:%M:%S}"
    if webhook is None:
        return InboxRow(
            clock, "not a webhook", _words(verdict), "", "The body could not be read as a webhook.", True, False, False,
            received,
        )  # fmt: skip
    started = webhook.kind is WebhookKind.STARTED and webhook.invite is not None
    sentence = verdict.sentence
    if verdict.ok:
        sentence = "It came a second time, so nothing follows from it." if received.duplicate else _meaning(webhook)
    return InboxRow(
        clock, one_line(webhook.event, 80) or "payload without event", "trusted" if verdict.ok else _words(verdict),
        one_line(webhook.stream_id, 80), sentence, not verdict.ok, received.duplicate, received.trusted and started,
        received,
    )  # fmt: skip


def _words(verdict: Any) -> str:
    """The verdict in words; those of Zoom's libraries stay recognisable."""
    return "trusted" if verdict.ok else str(verdict.label).replace("_", " ").replace("x zm", "x-zm")


def _meaning(webhook: Any) -> str:
    return {
        WebhookKind.STARTED: "A stream was announced: it can be connected to.",
        WebhookKind.STOPPED: "The stream has ended.",
        WebhookKind.INTERRUPTED: "The stream was interrupted: a session on it opens its sockets again.",
        WebhookKind.URL_VALIDATION: "Zoom asked whether this address is yours; it was answered.",
        WebhookKind.CONCURRENCY_LIMITED: "The account has as many streams as it may have.",
        WebhookKind.CONCURRENCY_NEAR_LIMIT: "The account has nearly as many streams as it may have.",
        WebhookKind.START_FAILED: "The stream could not be started.",
    }.get(webhook.kind, "The signature is valid; nothing follows from this event.")
