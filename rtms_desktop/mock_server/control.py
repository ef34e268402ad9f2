"""Everything a test or the window's buttons can make the mock server do; each act is written into the ground truth."""

from __future__ import annotations

from typing import Any

from rtms_desktop.mock_server.acts.finding import Act
from rtms_desktop.mock_server.acts.handshakes import HandshakeActs
from rtms_desktop.mock_server.acts.people import PeopleActs
from rtms_desktop.mock_server.acts.sockets import SocketActs
from rtms_desktop.mock_server.acts.streams import StreamActs
from rtms_desktop.mock_server.arguments import Arguments, ControlError
from rtms_desktop.mock_server.handshakes import Handshakes
from rtms_desktop.mock_server.meeting import Phase
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sockets import Sockets
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog


class Control:
    """Loop only."""

    def __init__(
        self,
        options: MockOptions,
        stage: Stage,
        truth: TruthLog,
        meetings: Meetings,
        sockets: Sockets,
        handshakes: Handshakes,
    ) -> None:
        self._truth, self._meetings = truth, meetings
        self._webhook_url, self._epoch_ms = options.webhook_url, stage.epoch_ms
        self._acts: dict[str, Act] = {
            **StreamActs(meetings, truth).table,
            **SocketActs(meetings, sockets, handshakes, truth, stage.epoch_ms).table,
            **HandshakeActs(handshakes, truth).table,
            **PeopleActs(stage, truth).table,
        }

    @property
    def names(self) -> list[str]:
        """Every act; "validate" beside them needs `url`."""
        return [*self._acts, "validate"]

    async def do(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Does one act and returns what there is to say. Raises ControlError."""
        if name == "validate":
            return await self._validate(Arguments(fields))
        act = self._acts.get(name)
        if act is None:
            raise ControlError(f"There is no act {name!r}; there are {', '.join(self.names)}.")
        return act(Arguments(fields)) or {}

    async def _validate(self, arguments: Arguments) -> dict[str, Any]:
        url = arguments.text("url", self._webhook_url)
        ok, sentence = await self._meetings.webhooks.validate(url, self._epoch_ms())
        return {"ok": ok, "message": sentence}

    def end_all(self, reason: int) -> None:
        """Ends every stream that has not ended."""
        for meeting in self._meetings:
            if meeting.phase is not Phase.ENDED:
                self._truth.emit("end", stream=meeting.stream_id, reason=int(reason))
                meeting.stop(reason, final=True)
