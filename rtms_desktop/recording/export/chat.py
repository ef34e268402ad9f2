"""The chat as it finally stood: edits, deletions and reactions are carried out. Any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rtms_desktop.recording.export.rows import json_rows
from rtms_desktop.wire.enums import ChatOperation, ChatSessionType

_AUDIENCES = {
    ChatSessionType.INDIVIDUAL: "private",
    ChatSessionType.CHAT_GROUP: "group",
    ChatSessionType.HOSTS_AND_PANELISTS: "hosts and panelists",
    ChatSessionType.INDIVIDUAL_CC_HOSTS_AND_PANELISTS: "private, hosts and panelists see it",
}


class FileRow(msgspec.Struct, frozen=True):
    file_id: str = ""
    file_name: str = ""
    file_size: int = 0


class ChatRow(msgspec.Struct, frozen=True):
    """A line of chat.jsonl; ``timestamp`` in server milliseconds."""

    timestamp: int
    text: str
    operation: int = 1
    message_id: str = ""
    sender_id: int | None = None
    sender_name: str = ""
    session_type: int | None = None
    parent_message_id: str = ""
    receiver_id: int | None = None
    receiver_name: str = ""
    files: list[FileRow] = []
    deleted_files: list[str] = []


@dataclass(slots=True, kw_only=True)
class ChatMessage:
    """One message.

    Attributes:
        at_ms: server time.
        audience: who besides everyone; "" = everyone.
        reactions: emoji to those who gave it: (user_id, name).
        deleted: the sender took it back; ``text`` is then empty.
    """

    at_ms: int
    message_id: str
    user_id: int | None
    user_name: str
    text: str
    audience: str = ""
    receiver_id: int | None = None
    receiver_name: str = ""
    reply_to: str = ""
    reactions: dict[str, dict[int | None, str]] = field(default_factory=dict)
    files: dict[str, FileRow] = field(default_factory=dict)
    edited: bool = False
    deleted: bool = False


def read_chat(path: Path) -> list[ChatMessage]:
    """The messages of a chat.jsonl, in the order of arrival."""
    return settle(json_rows(path, ChatRow))


def settle(rows: Iterable[ChatRow]) -> list[ChatMessage]:
    """Rows in the order of arrival to messages. What means a message that never came is left out, but for an edit."""
    listed: list[ChatMessage] = []
    known: dict[str, ChatMessage] = {}
    for row in rows:
        message = known.get(row.message_id) if row.message_id else None
        match row.operation:
            case ChatOperation.DELETE | ChatOperation.ADD_EMOJI_REACTION | ChatOperation.REMOVE_EMOJI_REACTION:
                if message is not None:
                    _CHANGES[row.operation](message, row)
            case ChatOperation.UPDATE if message is not None:
                _edit(message, row)
            case _:
                message = _message(row)
                listed.append(message)
                if row.message_id:
                    known[row.message_id] = message
    return listed


def _message(row: ChatRow) -> ChatMessage:
    return ChatMessage(
        at_ms=row.timestamp,
        message_id=row.message_id,
        user_id=row.sender_id,
        user_name=row.sender_name,
        text=row.text,
        audience=_AUDIENCES.get(row.session_type, ""),  # type: ignore[call-overload]
        receiver_id=row.receiver_id,
        receiver_name=row.receiver_name,
        reply_to=row.parent_message_id,
        files={file.file_id: file for file in row.files if file.file_id not in row.deleted_files},
        edited=row.operation == ChatOperation.UPDATE,
    )


def _edit(message: ChatMessage, row: ChatRow) -> None:
    message.text, message.edited, message.deleted = row.text, True, False
    message.files |= {file.file_id: file for file in row.files}
    for name in row.deleted_files:
        message.files.pop(name, None)


def _delete(message: ChatMessage, row: ChatRow) -> None:
    message.text, message.deleted = "", True
    message.files.clear()
    message.reactions.clear()


def _react(message: ChatMessage, row: ChatRow) -> None:
    message.reactions.setdefault(row.text, {})[row.sender_id] = row.sender_name


def _unreact(message: ChatMessage, row: ChatRow) -> None:
    people = message.reactions.get(row.text, {})
    people.pop(row.sender_id, None)
    if not people:
        message.reactions.pop(row.text, None)


_CHANGES: dict[int, Callable[[ChatMessage, ChatRow], None]] = {
    ChatOperation.DELETE: _delete,
    ChatOperation.ADD_EMOJI_REACTION: _react,
    ChatOperation.REMOVE_EMOJI_REACTION: _unreact,
}
