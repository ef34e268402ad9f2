"""What the banner says: one notice at a time, the worst first, each with its next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import (
    AudioDeviceChanged,
    Notice,
    RecordingChanged,
    RecordingState,
    RepairChanged,
    SessionOpened,
    UnclosedFound,
)
from rtms_desktop.session.events import Reconnected, ReconnectScheduled, SessionEnded, Severity
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line, sentence_case

WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}
ACTIONS = {
    "recording.start": "Record again", "sound.rescan": "Look again", "reconnect_now": "Try now",
    "open_settings": "Settings", "try_it_now": "Try it now", "mock.start": "Start it again",
}  # fmt: skip
MAX_NOTICES = 50


@dataclass(slots=True)
class Shown:
    """One notice as it stands in the queue. `key` names what it is about: a new one with it replaces the old.

    Its button calls a method of the controller or of a desk (`action`: "recording.start"), or `do`, which then has its
    own `label`.
    """

    key: str
    severity: Severity
    text: str
    action: str = ""
    closable: bool = True
    icon: str = ""
    do: Callable[[], None] | None = None
    label: str = ""
    number: int = field(default=0)

    @property
    def action_label(self) -> str:
        return self.label or ACTIONS.get(self.action, self.action.replace("_", " ").capitalize())


class NoticesViewModel(QObject):
    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._numbers = count()
        self._queue: dict[str, Shown] = {}
        self._waiting: dict[str, ReconnectScheduled] = {}
        listen(
            self,
            controller.hub,
            {
                Notice: self._noticed,
                ReconnectScheduled: self._scheduled,
                Reconnected: lambda event: self._link_over(event.link),
                SessionEnded: lambda event: self._session_over(),
                SessionOpened: lambda event: self.clear(),
                RecordingChanged: self._recording,
                AudioDeviceChanged: self._audio,
                UnclosedFound: self._unclosed,
                RepairChanged: self._repair,
            },
        )

    @property
    def current(self) -> Shown | None:
        """The worst, and of those the newest."""
        return max(self._queue.values(), key=lambda one: (WEIGHT[one.severity], one.number), default=None)

    def dismiss(self) -> None:
        shown = self.current
        if shown is not None and shown.closable:
            del self._queue[shown.key]
            self.changed.emit()

    def act(self) -> None:
        """Do what the button of the present notice says."""
        shown = self.current
        if shown is not None and shown.action_label:
            if shown.closable:
                del self._queue[shown.key]
            (shown.do or attrgetter(shown.action)(self._controller))()
            self.changed.emit()

    def refresh(self) -> None:
        """At the text tick: the countdowns."""
        if self._waiting:
            for link in self._waiting:
                self._put(self._countdown(link))
            self.changed.emit()

    def clear(self) -> None:
        self._waiting.clear()
        self._queue.clear()
        self.changed.emit()

    def put(
        self, key: str, severity: Severity, text: str, action: str = "", icon: str = "",
        *, do: Callable[[], None] | None = None, label: str = "",
    ) -> None:  # fmt: skip
        """A notice of the window itself."""
        self._put(Shown(key, severity, text, action, icon=icon, do=do, label=label))
        self.changed.emit()

    def remove(self, key: str) -> None:
        """It is over."""
        if self._queue.pop(key, None) is not None:
            self.changed.emit()

    # -- inside --------------------------------------------------------------------------------------------------

    def _put(self, shown: Shown) -> None:
        old = self._queue.pop(shown.key, None)
        shown.number = old.number if old is not None else next(self._numbers)
        self._queue[shown.key] = shown
        while len(self._queue) > MAX_NOTICES:
            self._queue.pop(min(self._queue, key=lambda key: self._queue[key].number))

    def _noticed(self, event: Notice) -> None:
        text = event.what if not event.why else f"{event.what}: {event.why}"
        text = f"{text.rstrip('.')}. {event.fix}".strip() if event.fix else f"{text.rstrip('.')}."
        self._put(Shown(f"notice.{event.what}", event.severity, one_line(sentence_case(text)), event.action))
        self.changed.emit()

    def _scheduled(self, event: ReconnectScheduled) -> None:
        if self._controller.session is not None and self._controller.session.is_replay:
            return  # that was then
        self._waiting[event.link] = event
        self._put(self._countdown(event.link))
        self.changed.emit()

    def _countdown(self, link: str) -> Shown:
        event, now = self._waiting[link], self._controller.clock.now()
        due, left = max(0, round(event.due - now)), max(0, round(event.window_ends - now))
        trying = f"Trying again in {due} s" if due else "Trying again now"
        text = f"{link.capitalize()} socket lost. {trying}, {left} s left."
        return Shown(
            f"link.{link}", Severity.WARNING, text, "reconnect_now" if due else "", closable=False, icon="unlink"
        )

    def _link_over(self, link: str) -> None:
        self._waiting.pop(link, None)
        if self._queue.pop(f"link.{link}", None) is not None:
            self.changed.emit()

    def _session_over(self) -> None:
        for link in list(self._waiting):
            self._link_over(link)

    def _recording(self, event: RecordingChanged) -> None:
        if event.state is RecordingState.STALLED:
            text = "The recording does not grow. The disk may be slow or full; what was written is kept."
            self.put("recording", Severity.ERROR, text)
        elif self._queue.pop("recording", None) is not None:
            self.changed.emit()

    def _unclosed(self, event: UnclosedFound) -> None:
        count, newest = len(event.bundles), event.bundles[-1]
        text = "1 recording was not closed." if count == 1 else f"{count} recordings were not closed."
        self.put(
            "unclosed", Severity.WARNING, f"{text} Nothing that was on disk is lost.",
            icon="triangle-alert", do=lambda: self._controller.recording.repair(newest), label="Repair and open",
        )  # fmt: skip

    def _repair(self, event: RepairChanged) -> None:
        if event.done:
            if self._queue.pop("repair", None) is not None:
                self.changed.emit()
            return
        self._queue.pop("unclosed", None)
        self.put("repair", Severity.NOTE, f"Repairing the recording, {event.progress:.0%}.", icon="wrench")

    def _audio(self, event: AudioDeviceChanged) -> None:
        if event.problem:
            text = f"No sound: {event.problem.rstrip('.')}. Recording is not affected."
            self.put("audio", Severity.NOTE, one_line(text), "sound.rescan", "volume-x")
        elif self._queue.pop("audio", None) is not None:
            self.changed.emit()
