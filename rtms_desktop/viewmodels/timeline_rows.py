"""One row of the timeline for whatever happened in a session: speech, chat, people, share, sockets, marks. Pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from rtms_desktop.protocol.states import LinkState
from rtms_desktop.recording.marks import Mark
from rtms_desktop.session.events import (
    ChatReceived,
    LinkStateChanged,
    ParticipantChanged,
    Reconnected,
    SessionEnded,
    SessionStateChanged,
    Severity,
    SharingChanged,
    TranscriptReceived,
)
from rtms_desktop.viewmodels.event_texts import LOUD, describe
from rtms_desktop.viewmodels.figures import lines, one_line, sentence_case
from rtms_desktop.wire.enums import ChatOperation, ChatSessionType, Product, SessionState


class Kind(StrEnum):
    """What a row tells of, as its chip names it."""

    SPEECH = "Speech"
    CHAT = "Chat"
    PEOPLE = "People"
    SHARE = "Share"
    SOCKETS = "Sockets"
    MARKS = "Marks"


KIND_ICONS = {
    Kind.SPEECH: ("captions", "media.transcript"),
    Kind.CHAT: ("message-square", "media.chat"),
    Kind.PEOPLE: ("users", "text2"),
    Kind.SHARE: ("monitor-up", "media.share"),
    Kind.SOCKETS: ("unplug", "media.signaling"),
    Kind.MARKS: ("bookmark", "text1"),
}
"""Icon and colour of the chips; a row has them too where nothing more exact is known."""

_LINK_ICONS = {
    "signaling": "radio", "audio": "audio-lines", "video": "video", "share": "monitor-up", "transcript": "captions",
    "chat": "message-square",
}  # fmt: skip
_CHANGES = {ChatOperation.UPDATE: "edited", ChatOperation.DELETE: "deleted"}
_PAUSES = {
    SessionState.PAUSED: ("circle-pause", "Paused"),
    SessionState.RESUMED: ("circle-play", "Resumed"),
}


class Item(msgspec.Struct):
    """One row.

    Attributes:
        at: monotonic seconds on the session's axis.
        order: of arrival, for rows of the same moment.
        key: what finds the row again: a message id, a mark's id, who spoke when; "" = nothing does.
        user_id: whose colour the name has; 0 = nobody's.
        who: name before or above the text, or "".
        note: small words behind it: "edited", "private to Bo".
        more: for the tooltip.
    """

    at: float
    kind: Kind
    icon: str
    token: str
    text: str
    key: str = ""
    user_id: int = 0
    who: str = ""
    note: str = ""
    more: str = ""
    severity: Severity = Severity.NOTE
    deleted: bool = False
    order: int = 0

    @property
    def place(self) -> tuple[float, int]:
        """Where it stands among the others."""
        return self.at, self.order

    @property
    def speaker(self) -> tuple[int, str] | None:
        """Who opens a turn with it; None for what was not said aloud."""
        return (self.user_id, self.who) if self.kind is Kind.SPEECH else None


def spoken_key(event: TranscriptReceived) -> str:
    """The wire has no message id: an update means who spoke and when (Zoom RTMS docs)."""
    message = event.message
    return f"{message.user_id} {message.start_time or message.timestamp}"


def item_of(event: Any, at: float, product: Product) -> Item | None:
    """The row of an event at a time of the axis; None for what the timeline does not tell."""
    writer = _WRITERS.get(type(event))
    return writer(event, at, product) if writer is not None else None


def mark_item(mark: Mark) -> Item:
    icon, token = KIND_ICONS[Kind.MARKS]
    return Item(mark.at, Kind.MARKS, icon, token, one_line(mark.text, 300), key=mark.id)


def edited_note(deleted: bool, note: str) -> str:
    """The note of a message that was changed: what there was, and that it is another now."""
    told = "deleted" if deleted else "edited"
    kept = [word for word in note.split(", ") if word not in ("", "deleted", "edited")]
    return ", ".join([*kept, told])


# -- inside ------------------------------------------------------------------------------------------------------


def _make(kind: Kind, at: float, text: str, **fields: Any) -> Item:
    icon, token = KIND_ICONS[kind]
    fields = {"icon": icon, "token": token} | fields
    return Item(at, kind, text=text, **fields)


def _speech(event: TranscriptReceived, at: float, product: Product) -> Item:
    message = event.message
    return _make(
        Kind.SPEECH, at, lines(message.text), key=spoken_key(event), user_id=message.user_id,
        who=one_line(message.user_name, 200),
    )  # fmt: skip


def _chat(event: ChatReceived, at: float, product: Product) -> Item | None:
    message = event.message
    if message.operation in (ChatOperation.ADD_EMOJI_REACTION, ChatOperation.REMOVE_EMOJI_REACTION):
        return None
    sender, receiver = message.sender, message.receiver
    private = message.session_type == ChatSessionType.INDIVIDUAL
    note = f"private to {one_line(receiver.user_name, 80) or receiver.user_id}" if receiver is not None else ""
    words = lines(message.text) or ", ".join(one_line(file.file_name, 80) for file in message.files)
    if message.operation in _CHANGES:  # of a message that is not here; else it would have changed its row
        words = words or "A message that was not received"
        note = _CHANGES[ChatOperation(message.operation)]
    return _make(
        Kind.CHAT, at, words, key=message.message_id, user_id=sender.user_id if sender is not None else 0,
        who=one_line(sender.user_name, 200) if sender is not None else "", note=note or ("private" if private else ""),
    )  # fmt: skip


def _person(event: ParticipantChanged, at: float, product: Product) -> Item | None:
    if not (event.joined or event.left):
        return None
    who = event.participant
    return _make(
        Kind.PEOPLE, at, "joined" if event.joined else "left", icon="log-in" if event.joined else "log-out",
        user_id=who.user_id, who=one_line(who.user_name, 200),
    )  # fmt: skip


def _sharing(event: SharingChanged, at: float, product: Product) -> Item:
    return _make(
        Kind.SHARE, at, "started sharing" if event.sharing else "stopped sharing",
        icon="monitor-up" if event.sharing else "monitor-off", user_id=event.user_id or 0,
        who=one_line(event.user_name, 200) or ("" if event.user_id else "Somebody"),
    )  # fmt: skip


def _link(event: LinkStateChanged, at: float, product: Product) -> Item | None:
    if event.new not in LOUD or event.new is LinkState.WAITING:  # it was interrupted just before
        return None
    return _told(event, at, product, event.link)


def _back(event: Reconnected, at: float, product: Product) -> Item | None:
    return _told(event, at, product, event.link) if event.own else None


def _told(event: Any, at: float, product: Product, link: str) -> Item | None:
    """In the words of the Events table."""
    found = describe(event, product)
    if found is None:
        return None
    code = "" if found.code in found.sentence else found.code
    text = " · ".join(part for part in (code, sentence_case(found.sentence)) if part)
    media = link if link in _LINK_ICONS else "signaling"
    return _make(
        Kind.SOCKETS, at, text, icon=_LINK_ICONS[media], token=f"media.{media}", who=sentence_case(link),
        more=found.more, severity=found.severity,
    )  # fmt: skip


def _state(event: SessionStateChanged, at: float, product: Product) -> Item | None:
    found = _PAUSES.get(event.state)  # type: ignore[call-overload]
    return None if found is None else _make(Kind.SOCKETS, at, "", icon=found[0], token="text2", who=found[1])


def _ended(event: SessionEnded, at: float, product: Product) -> Item | None:
    found = _told(event, at, product, "")
    if found is not None:
        found.who, found.icon, found.token = "Ended", "circle-stop", "text2"
    return found


_WRITERS: dict[type, Callable[[Any, float, Product], Item | None]] = {
    TranscriptReceived: _speech,
    ChatReceived: _chat,
    ParticipantChanged: _person,
    SharingChanged: _sharing,
    LinkStateChanged: _link,
    Reconnected: _back,
    SessionStateChanged: _state,
    SessionEnded: _ended,
}
TOLD = tuple(_WRITERS)
