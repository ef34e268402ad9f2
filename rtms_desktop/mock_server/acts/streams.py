"""Acts on streams: their life, and the webhooks that tell of it. Loop only."""

from __future__ import annotations

from typing import Any

from rtms_desktop.mock_server.acts.finding import Act, Finder
from rtms_desktop.mock_server.arguments import Arguments, ControlError
from rtms_desktop.mock_server.meeting import Phase
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import StopReason


class StreamActs:
    def __init__(self, meetings: Meetings, truth: TruthLog) -> None:
        self._meetings, self._truth = meetings, truth
        self._find = Finder(meetings)
        self.table: dict[str, Act] = {
            "start": self._start,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "start_again": self._start_again,
            "end": self._end,
            "revoke": self._revoke,
            "interrupted": self._interrupted,
            "duplicate_webhook": self._duplicate_webhook,
            "fail_over": self._fail_over,
        }

    def _start(self, arguments: Arguments) -> dict[str, Any]:
        meeting = self._meetings.announce()
        webhook = self._meetings.started(meeting)
        self._truth.emit("start", stream=meeting.stream_id)
        self._meetings.send_webhook(webhook, arguments.text("url", ""))
        return {"webhook": webhook}

    def _pause(self, arguments: Arguments) -> None:
        for meeting in self._find.meetings(arguments, Phase.LIVE):
            self._truth.emit("pause", stream=meeting.stream_id)
            meeting.pause()

    def _resume(self, arguments: Arguments) -> None:
        for meeting in self._find.meetings(arguments, Phase.PAUSED):
            self._truth.emit("resume", stream=meeting.stream_id)
            meeting.resume()

    def _stop(self, arguments: Arguments) -> None:
        self._finish(arguments, "stop", StopReason.HOST_TRIGGERED, final=False)

    def _end(self, arguments: Arguments) -> None:
        self._finish(arguments, "end", StopReason.MEETING_ENDED, final=True)

    def _revoke(self, arguments: Arguments) -> None:
        self._finish(arguments, "revoke", StopReason.STREAM_REVOKED, final=True)

    def _finish(self, arguments: Arguments, name: str, default: StopReason, *, final: bool) -> None:
        reason = arguments.whole("reason", default, 0, 26)
        open_phases = [phase for phase in Phase if phase is not Phase.ENDED and (final or phase is not Phase.STOPPED)]
        for meeting in self._find.meetings(arguments, *open_phases):
            self._truth.emit(name, stream=meeting.stream_id, reason=reason)
            meeting.stop(reason, final=final)

    def _start_again(self, arguments: Arguments) -> dict[str, Any]:
        """Start RTMS in the same meeting: the same ids are announced again."""
        meeting = self._find.meetings(arguments, Phase.STOPPED)[-1]
        meeting.start_again()
        webhook = self._meetings.started(meeting)
        self._truth.emit("start_again", stream=meeting.stream_id)
        self._meetings.send_webhook(webhook)
        return {"webhook": webhook}

    # -- webhooks -------------------------------------------------------------------------------------------------

    def _interrupted(self, arguments: Arguments) -> dict[str, Any]:
        meeting = self._find.meetings(arguments)[-1]
        webhook = self._meetings.interrupted(meeting)
        self._truth.emit("interrupted", stream=meeting.stream_id)
        self._meetings.send_webhook(webhook)
        return {"webhook": webhook}

    def _duplicate_webhook(self, arguments: Arguments) -> dict[str, Any]:
        last = self._meetings.webhooks.last
        if last is None:
            raise ControlError("No webhook has been sent yet.")
        url, webhook = last
        self._truth.emit("duplicate_webhook", name=webhook["event"])
        self._meetings.send_webhook(webhook, url)
        return {"webhook": webhook}

    def _fail_over(self, arguments: Arguments) -> dict[str, Any]:
        """A new started webhook for a running stream, and the old sockets are cut."""
        meeting = self._find.meetings(arguments, Phase.LIVE, Phase.PAUSED, Phase.JOINING)[-1]
        webhook = self._meetings.started(meeting)
        self._truth.emit("fail_over", stream=meeting.stream_id)
        self._meetings.send_webhook(webhook)
        for connection in self._find.connections(arguments, "every"):
            connection.abort("fail-over")
        return {"webhook": webhook}
