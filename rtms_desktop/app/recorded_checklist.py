"""The steps of a connection as a recording tells them: what came before its first message is not in it. Main thread."""

from __future__ import annotations

from typing import Any

from rtms_desktop.app import checklist as steps
from rtms_desktop.app.checklist import Checklist, StepState
from rtms_desktop.app.outcome import failure
from rtms_desktop.recording.figures import FigureTape
from rtms_desktop.session.events import Event, HandshakeAnswered, SessionEnded

NOT_RECORDED = "not part of a recording"


class RecordedChecklist:
    """``listing``: as far as ``read_on`` has come; the recording is a ReplaySession."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.listing = Checklist(session.config.media)
        self._read = 0
        for number in range(steps.PAYLOAD, steps.SOCKET):
            self.listing.decide(number, StepState.SKIPPED, NOT_RECORDED, 0.0)

    def read_on(self) -> None:
        """Take what is new on the recording's timeline."""
        events = self.session.timeline(self._read)
        self._read += len(events)
        for event in events:
            self._take(event)
        index = self.session.source.index
        if self.listing.steps[steps.ALIVE - 1].state is StepState.WAITING:
            self._look_for_keep_alive(index.figures)
        if index.complete:
            self.listing.accept_silence(0.0)

    def _look_for_keep_alive(self, figures: FigureTape) -> None:
        """The timeline is without keep-alives; the figures tell when the last one came."""
        for link, table in tuple(figures.messages.items()):
            at = next((at for at in table.values[1 :: table.width] if at > 0), None)
            if at is not None:
                self.listing.passed(steps.ALIVE, f"12 answered on {link}", at)
                return

    def _take(self, event: Event) -> None:
        """A socket that answered a handshake had been opened; the answer is what is recorded of it."""
        if isinstance(event, HandshakeAnswered):
            self.listing.control({"do": "link_opened", "link": event.link}, event.at)
        self.listing.events([event])
        if isinstance(event, SessionEnded) and (error := failure(event)) is not None:
            waiting = self.listing.first_waiting
            if waiting is not None:
                self.listing.decide(waiting.number, StepState.FAILED, event.sentence, event.at, error)
