"""What a dock is built on, with a fake controller behind it; and the steps that every dock test takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rtms_desktop.session.events import ChatReceived, TranscriptReceived
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.wire.messages import ChatData, Person, TranscriptData
from tests.fakes.controller import IRIS, MAYA, NAMES, TOMAS, FakeController

__all__ = ["IRIS", "MAYA", "NAMES", "TOMAS", "Desk"]


class Desk:
    """Controller, ticks and colours; time goes on only by `run`."""

    def __init__(self, folder: Path, people: tuple[int, ...] = (MAYA, TOMAS)) -> None:
        self.controller = FakeController(folder, people=people)
        self.ticks = RenderTick(now=self.controller.clock.now)
        self.colours = SpeakerColours(self.controller)

    def dock(self, qtbot: Any, kind: type, width: int = 480, height: int = 300) -> Any:
        """A shown dock of this kind."""
        dock = kind(self.controller, self.ticks, self.colours)
        qtbot.addWidget(dock)
        dock.resize(width, height)
        dock.show()
        qtbot.waitExposed(dock)
        return dock

    def run(self, seconds: float, beat: float = 0.1) -> None:
        """Let the meeting go on with a data tick ten times a second, and tick everything once at the end."""
        for _ in range(round(seconds / beat)):
            self.controller.step(beat)
            self.ticks.data.emit()
        self.ticks.text.emit()
        self.ticks.frame.emit()

    def transcript(
        self, text: str, user_id: int = MAYA, start_ms: int | None = None, attribute: int | None = 1, **rest: Any
    ) -> None:
        """One message 17; without a start it begins now."""
        start = self.controller.clock.wall_ms() if start_ms is None else start_ms
        message = TranscriptData(
            user_id=user_id, user_name=rest.pop("name", NAMES.get(user_id, "")), text=text, timestamp=start,
            start_time=start, end_time=start + 1500, attribute=attribute, **rest,
        )  # fmt: skip
        self.controller.hub.publish(
            [TranscriptReceived(at=self.controller.clock.now(), link="transcript", message=message)]
        )

    def chat(self, text: str, message_id: str, operation: int = 1, sender: int = MAYA, **rest: Any) -> None:
        """One message 18."""
        message = ChatData(
            text=text, timestamp=self.controller.clock.wall_ms(), message_id=message_id, operation=operation,
            sender=Person(user_id=sender, user_name=NAMES[sender]), **rest,
        )  # fmt: skip
        self.controller.hub.publish([ChatReceived(at=self.controller.clock.now(), link="chat", message=message)])
