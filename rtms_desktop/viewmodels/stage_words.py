"""The words of the stage: the caption of now, live or recorded, and the chat message of a moment ago. Main thread.

Owned by the stage's view-model, which tells views when what is given here has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtms_desktop.session.events import ChatReceived, TranscriptReceived
from rtms_desktop.viewmodels.caption_track import Caption, CaptionTrack
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.wire.enums import Attribute, ChatOperation

CAPTION_S = 6.0
CHAT_S = 15.0
_NEVER = float("-inf")


class StageWords:
    """``name_of`` gives the name of a participant. Times are those of the session's axis, in seconds."""

    def __init__(self, colours: SpeakerColours, name_of: Callable[[int], str]) -> None:
        self._colours, self._name_of = colours, name_of
        self.forget()

    def forget(self) -> None:
        """Another session."""
        self.drop_captions()
        self._chat: Caption | None = None
        self._chat_at = _NEVER

    def drop_captions(self) -> None:
        """What is shown is not what was shown until now, nor known to be a recording."""
        self._recorded: CaptionTrack | None = None
        self._shown: Caption | None = None
        self.jump()

    def jump(self) -> None:
        """Another moment of the same."""
        self._caption: Caption | None = None
        self._caption_at = _NEVER

    # -- what there is -------------------------------------------------------------------------------------------

    def caption(self, now: float) -> Caption | None:
        if self._recorded is not None:
            return self._recorded.at(now)
        return self._caption if now - self._caption_at < CAPTION_S else None

    def chat(self, now: float) -> Caption | None:
        return self._chat if 0 <= now - self._chat_at < CHAT_S else None

    # -- what happens --------------------------------------------------------------------------------------------

    def read_on(self, session: Any) -> None:
        """Of a recording it is known when the words were said, not only when they arrived."""
        if session is None or not session.is_replay:
            return
        if self._recorded is None:
            self._recorded = CaptionTrack(session, self._caption_of)
        self._recorded.read_on()

    def hear(self, event: TranscriptReceived) -> bool:
        """Words of a stream; whether the caption is another one."""
        message = event.message
        if self._recorded is not None or message.attribute == Attribute.DELETE or not message.text.strip():
            return False
        self._caption, self._caption_at = self._caption_of(message), event.at
        return True

    def take_chat(self, event: ChatReceived) -> bool:
        """A message; whether it is one to show."""
        message, sender = event.message, event.message.sender
        if message.operation != ChatOperation.NEW or sender is None or not message.text.strip():
            return False
        name = one_line(sender.user_name or self._name_of(sender.user_id))
        self._chat = Caption(name.split(" ")[0], self._colours.index(sender.user_id), one_line(message.text, 200))
        self._chat_at = event.at
        return True

    def age(self, now: float) -> bool:
        """Time has passed; whether the caption is another one."""
        if self._recorded is not None:
            before, self._shown = self._shown, self._recorded.at(now)
            return self._shown != before
        if self._caption is not None and now - self._caption_at >= CAPTION_S:
            self._caption = None
            return True
        return False

    def _caption_of(self, message: Any) -> Caption:
        name = one_line(message.user_name or self._name_of(message.user_id))
        return Caption(name.split(" ")[0], self._colours.index(message.user_id), one_line(message.text, 300))
