"""The chat: messages with replies, reactions, edits, deletions and files as a bounded list. Main thread."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ReplayJumped, ReplaySettled, SessionOpened, ViewShifted
from rtms_desktop.session.events import ChatReceived
from rtms_desktop.viewmodels.asking import Asking
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.figures import byte_size, lines, one_line, short_clock
from rtms_desktop.viewmodels.finder import Finder
from rtms_desktop.viewmodels.news import News
from rtms_desktop.viewmodels.rows import RowStore
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import ChatOperation, ChatSessionType, Medium
from rtms_desktop.wire.messages import ChatData, ChatFile

CAP = 100_000
DRAIN_MS = 120
REACTIONS_MAX = 50
VERSIONS_MAX = 20

_SCOPES = {
    ChatSessionType.INDIVIDUAL: "private",
    ChatSessionType.CHAT_GROUP: "group",
    ChatSessionType.HOSTS_AND_PANELISTS: "hosts and panelists",
    ChatSessionType.INDIVIDUAL_CC_HOSTS_AND_PANELISTS: "private, hosts and panelists see it",
}


class ChatLine(msgspec.Struct):
    """One message as it stands now.

    Attributes:
        reactions: reaction text to the names of those who gave it.
        versions: earlier texts, oldest first.
        changed_ms: server time of the last edit or deletion.
        stray: a change of a message that this session has never received; shown as what it is.
    """

    message_id: str
    user_id: int
    user_name: str
    timestamp_ms: int
    text: str
    scope: str = ""
    receiver: str = ""
    reply_to: str = ""
    reactions: dict[str, list[str]] = msgspec.field(default_factory=dict)
    files: tuple[ChatFile, ...] = ()
    removed_files: tuple[str, ...] = ()
    versions: list[str] = msgspec.field(default_factory=list)
    edited: bool = False
    deleted: bool = False
    changed_ms: int = 0
    stray: str = ""


class ChatViewModel(QObject):
    """Messages in order of arrival; ``unread`` counts those that came since ``mark_read``."""

    session_changed = Signal()
    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.asking = Asking(controller, Medium.CHAT)
        self.store: RowStore[ChatLine] = RowStore(CAP, self)
        self.finder = Finder(self.store, lambda line: f"{line.user_name}\n{line.text}", self)
        self.unread = 0
        self.reading = False
        self._news = News()
        self._places: dict[str, int] = {}
        self._time: SessionTime | None = SessionTime(controller.session) if controller.session is not None else None
        self._batch = Batcher(self._drain, DRAIN_MS, self)
        self._operations = {
            ChatOperation.DELETE: self._delete,
            ChatOperation.UPDATE: self._update,
            ChatOperation.ADD_EMOJI_REACTION: self._react,
            ChatOperation.REMOVE_EMOJI_REACTION: self._unreact,
        }
        handlers = {
            ChatReceived: self._batch.add,
            SessionOpened: self._opened,
            ViewShifted: self._opened,
            ReplayJumped: lambda event: self._forget(),
            ReplaySettled: lambda event: self._caught_up(),
        }
        self.close = listen(self, controller.hub, handlers)

    # -- what views read -----------------------------------------------------------------------------------------

    def clock(self, ms: int) -> str:
        return short_clock(self._time.of_server_ms(ms)) if self._time is not None and ms else ""

    def audience(self, line: ChatLine) -> str:
        """Who besides everyone: ``private to Tomás Rivera``, ``group``; empty for everyone."""
        if line.receiver:
            return f"{line.scope or 'private'} to {line.receiver}"
        return line.scope

    def reply_line(self, line: ChatLine) -> str:
        """``Reply to Maya Okafor: Is it the bank again?``"""
        if not line.reply_to:
            return ""
        serial = self._places.get(line.reply_to)
        if serial is None or not self.store.holds(serial):
            return "Reply to a message that was not received"
        parent = self.store.row(serial)
        return f"Reply to {parent.user_name or parent.user_id}: {one_line(parent.text, 120)}"

    def reaction_line(self, line: ChatLine) -> str:
        """``Reactions: 👍 2 (Maya, Tomás)``"""
        if not line.reactions:
            return ""
        parts = [f"{text} {len(names)} ({', '.join(names)})" for text, names in line.reactions.items()]
        return "Reactions: " + "; ".join(parts)

    def file_lines(self, line: ChatLine) -> list[tuple[str, str]]:
        """Name and the rest of each file: ``("report.pdf", "48 kB, removed")``."""
        removed = set(line.removed_files)
        return [
            (
                one_line(file.file_name or file.file_id, 120),
                byte_size(file.file_size) + (", removed" if file.file_id in removed else ""),
            )
            for file in line.files
        ]

    def state_line(self, line: ChatLine) -> str:
        """``edited 14:02`` or ``deleted 14:03``."""
        word = "deleted" if line.deleted else "edited" if line.edited else ""
        return f"{word} {self.clock(line.changed_ms)}".strip() if word else ""

    def plain(self, serial: int) -> str:
        """The message for the clipboard."""
        line = self.store.row(serial)
        parts = [f"{self.clock(line.timestamp_ms)} {line.user_name or line.user_id}"]
        parts += [f"({part})" for part in (self.audience(line), self.state_line(line)) if part]
        text = " ".join(parts).strip() + f": {line.text}"
        extra = [self.reply_line(line), self.reaction_line(line), *map(", ".join, self.file_lines(line))]
        return "\n  ".join([text, *filter(None, extra)])

    def tip(self, serial: int) -> str:
        line = self.store.row(serial)
        parts = [f"{line.user_name or 'unnamed'}, user {line.user_id}"]
        if line.message_id:
            parts.append(f"message {one_line(line.message_id, 80)}")
        if self.audience(line):
            parts.append(self.audience(line))
        parts += [f"before: {text}" for text in line.versions]
        return "\n".join(parts)

    def at_of(self, serial: int) -> float | None:
        """When a message was sent, in monotonic seconds; None where nobody said."""
        if self._time is None or not self.store.holds(serial) or not self.store.row(serial).timestamp_ms:
            return None
        return self._time.at_of_server_ms(self.store.row(serial).timestamp_ms)

    def seek(self, serial: int) -> None:
        """Put the window's cursor, in a recording the playhead, where a message was sent."""
        at = self.at_of(serial)
        if at is not None:
            self._controller.moment.set(at)

    def serial_of(self, message_id: str) -> int | None:
        """The row of a message, as long as it is here."""
        serial = self._places.get(message_id)
        return serial if serial is not None and self.store.holds(serial) else None

    def mark_read(self, reading: bool) -> None:
        """Say whether the messages are in sight; while they are, nothing counts as unread."""
        self.reading = reading
        if reading and self.unread:
            self.unread = 0
            self.count_changed.emit(0)

    # -- what arrives --------------------------------------------------------------------------------------------

    def _opened(self, event: SessionOpened | ViewShifted) -> None:
        self._forget()
        self._time = SessionTime(event.session)
        self._news.opened(event)
        if isinstance(event, SessionOpened):
            self.unread = 0
        self.store.commit()
        self.session_changed.emit()
        self.count_changed.emit(self.unread)

    def _forget(self) -> None:
        self._batch.flush()
        self._places.clear()
        self.store.clear()

    def _caught_up(self) -> None:
        self._batch.flush()
        self.store.commit()
        if self.unread > len(self.store):  # what was taken back cannot be read any more
            self.unread = len(self.store)
            self.count_changed.emit(self.unread)

    def _drain(self, events: list[ChatReceived]) -> None:
        news = 0
        for event in events:
            before, is_news = self.store.end, self._news.take(event.at)
            message = event.message
            operation = self._operations.get(message.operation)  # type: ignore[call-overload]
            if operation is None:
                self._add(message)
            else:
                serial = self._places.get(message.message_id)
                if serial is None or not self.store.holds(serial):
                    self._add(message, _change_word(message.operation))
                else:
                    operation(self.store.row(serial), message)
                    self.store.touch(serial)
            news += (self.store.end - before) * is_news
        if len(self._places) > 2 * CAP:
            self._places = {key: serial for key, serial in self._places.items() if serial >= self.store.first}
        self.store.commit()
        if not self.reading:
            self.unread += news
        self.count_changed.emit(self.unread)

    def _add(self, message: ChatData, stray: str = "") -> None:
        sender, receiver = message.sender, message.receiver
        line = ChatLine(
            message_id=message.message_id,
            user_id=sender.user_id if sender is not None else 0,
            user_name=one_line(sender.user_name, 200) if sender is not None else "",
            timestamp_ms=message.timestamp,
            text=lines(message.text),
            scope=_SCOPES.get(message.session_type, ""),  # type: ignore[call-overload]
            receiver=one_line(receiver.user_name or str(receiver.user_id), 200) if receiver is not None else "",
            reply_to=message.parent_message_id,
            files=message.files,
            removed_files=message.deleted_files,
            stray=stray,
        )
        serial = self.store.append(line)
        if message.message_id:
            self._places[message.message_id] = serial

    def _update(self, line: ChatLine, message: ChatData) -> None:
        if len(line.versions) < VERSIONS_MAX:
            line.versions.append(line.text)
        line.text, line.edited, line.deleted = lines(message.text), True, False
        line.changed_ms = message.timestamp
        line.removed_files += message.deleted_files
        known = {file.file_id for file in line.files}
        line.files += tuple(file for file in message.files if file.file_id not in known)

    def _delete(self, line: ChatLine, message: ChatData) -> None:
        line.deleted, line.changed_ms = True, message.timestamp
        line.removed_files += message.deleted_files

    def _react(self, line: ChatLine, message: ChatData) -> None:
        name, text = _who(message), one_line(message.text, 16)
        names = line.reactions.setdefault(text, []) if len(line.reactions) < REACTIONS_MAX else []
        if name not in names and len(names) < REACTIONS_MAX:
            names.append(name)

    def _unreact(self, line: ChatLine, message: ChatData) -> None:
        name, text = _who(message), one_line(message.text, 16)
        names = line.reactions.get(text, [])
        if name in names:
            names.remove(name)
        if not names:
            line.reactions.pop(text, None)


def _who(message: ChatData) -> str:
    sender = message.sender
    return one_line(sender.user_name, 80) or str(sender.user_id) if sender is not None else "somebody"


def _change_word(operation: int) -> str:
    """What a change of an unknown message is called in its row."""
    return f"{operation} {ChatOperation(operation).name} of a message that was not received"
