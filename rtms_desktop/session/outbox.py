"""What one session has decided but nobody has taken yet. Shared by all parts of the core."""

from __future__ import annotations

from rtms_desktop.session.commands import Command
from rtms_desktop.session.events import Event


class Outbox:
    """Commands and events in the order in which they came about; the driver takes them after every call."""

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._events: list[Event] = []

    def do(self, command: Command) -> None:
        self._commands.append(command)

    def tell(self, event: Event) -> None:
        self._events.append(event)

    def take_commands(self) -> list[Command]:
        taken, self._commands = self._commands, []
        return taken

    def take_events(self) -> list[Event]:
        taken, self._events = self._events, []
        return taken
