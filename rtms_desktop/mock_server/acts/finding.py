"""Which streams and sockets an act means. Loop only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtms_desktop.mock_server.arguments import Arguments, ControlError
from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.meeting import Meeting, Phase
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.wire.enums import Medium

Act = Callable[[Arguments], dict[str, Any] | None]
_MEDIA = tuple(medium.value for medium in Medium)


class Finder:
    """Raises ControlError where nothing fits."""

    def __init__(self, meetings: Meetings) -> None:
        self._known = meetings

    def meetings(self, arguments: Arguments, *phases: Phase) -> list[Meeting]:
        stream = arguments.text("stream", "")
        meetings = list(self._known)
        if stream:
            meetings = [meeting for meeting in meetings if meeting.stream_id == stream]
        if phases:
            meetings = [meeting for meeting in meetings if meeting.phase in phases]
        if not meetings:
            raise ControlError(f"No stream {stream!r} can do this." if stream else "No stream is in a state for this.")
        return meetings

    def connections(self, arguments: Arguments, link: str) -> list[Connection]:
        """The open sockets that a link name means; at least one."""
        found: list[Connection] = []
        for meeting in self.meetings(arguments):
            if link in ("signaling", "every") and meeting.signaling is not None:
                found.append(meeting.signaling)
            for name, role in meeting.media.items():
                if link in ("media", "every") or link == name or (name == "all" and link in _MEDIA):
                    found.append(role.connection)
        if not found:
            raise ControlError(f"No client has a {link} socket open.")
        return found
