"""Whether a medium was asked for in this session, and will be in the next. Used by transcript and chat; main thread."""

from __future__ import annotations

from typing import Any

from rtms_desktop.wire.enums import Medium


class Asking:
    """One medium's place in the session's request and in the settings."""

    def __init__(self, controller: Any, medium: Medium) -> None:
        self._controller, self._medium = controller, medium

    @property
    def asked_for(self) -> bool:
        """Whether the running session asked for it (true while there is no session)."""
        session = self._controller.session
        return session is None or self._medium in session.config.media

    @property
    def next_time(self) -> bool:
        """Whether the next session will ask for it."""
        return self._medium in self._controller.settings.media

    def ask_next_time(self) -> None:
        values = self._controller.settings.values
        if self._medium.value not in values.media:
            self._controller.settings.change(media=[*values.media, self._medium.value])
