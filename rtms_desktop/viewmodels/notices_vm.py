"""What the banner says: one notice at a time, the worst first, each with its next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.alert_rules import NEVER_MUTED, AlertKind
from rtms_desktop.app.alerts import Alert, AlertState
from rtms_desktop.app.events import (
    AlertChanged,
    AudioDeviceChanged,
    Notice,
    RepairChanged,
    SessionOpened,
    UnclosedFound,
)
from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.alerts_vm import KIND_NAMES, mute
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.codes import what_happened
from rtms_desktop.viewmodels.figures import one_line, sentence_case

WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}
ACTIONS = {
    "recording.start": "Record again", "sound.rescan": "Look again", "reconnect_now": "Try now",
    "open_settings": "Settings", "try_it_now": "Try it now", "mock.start": "Start it again",
    "window.recordings": "Show folder", "window.cause": "Show cause and fix",
}  # fmt: skip
WINDOW, CAUSE = "window.", "window.cause"
ICONS = {
    AlertKind.SILENCE: "volume-x", AlertKind.FROZEN: "video-off", AlertKind.LAG: "hourglass",
    AlertKind.DISK: "hard-drive", AlertKind.RECONNECTING: "unlink", AlertKind.STALL: "cpu",
    AlertKind.RECORDING: "circle-x", AlertKind.REVOKED: "ban",
}  # fmt: skip
STANDING = (AlertKind.RECONNECTING, AlertKind.RECORDING)
"""Dangers that go on while nobody looks: their banner stays."""
MAX_NOTICES = 50


@dataclass(slots=True)
class Shown:
    """One notice as it stands in the queue. `key` names what it is about: a new one with it replaces the old.

    Its button calls a method of the controller or of a desk (`action`: "recording.start"), is a command of the window
    ("window.recordings"), or calls `do`, which then has its own `label`. `alert`: the kind, where it is an alert.
    """

    key: str
    severity: Severity
    text: str
    action: str = ""
    closable: bool = True
    icon: str = ""
    do: Callable[[], None] | None = None
    label: str = ""
    alert: AlertKind | None = None
    number: int = field(default=0)

    @property
    def action_label(self) -> str:
        return self.label or ACTIONS.get(self.action, self.action.replace("_", " ").capitalize())


class NoticesViewModel(QObject):
    """`commanded`: a button wants this command of the window."""

    changed = Signal()
    commanded = Signal(str)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._numbers = count()
        self._queue: dict[str, Shown] = {}
        self._dismissed: set[str] = set()
        listen(
            self,
            controller.hub,
            {
                Notice: self._noticed,
                AlertChanged: lambda event: self._alert(event.alert),
                SessionOpened: lambda event: self.clear(),
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
            if shown.alert is not None:
                self._dismissed.add(shown.key)
            self.changed.emit()

    def mutable(self) -> str:
        """What alerts of the present kind are called, if they may be muted; else ""."""
        shown = self.current
        kind = shown.alert if shown is not None else None
        return "" if kind is None or kind in NEVER_MUTED else KIND_NAMES[kind]

    def mute_kind(self) -> None:
        """No banner any more for alerts of the present kind, until the settings say otherwise."""
        shown = self.current
        if shown is not None and shown.alert is not None and self.mutable():
            mute(self._controller.settings, shown.alert, True)
            self._queue = {key: one for key, one in self._queue.items() if one.alert is not shown.alert}
            self.changed.emit()

    def act(self) -> None:
        """Do what the button of the present notice says."""
        shown = self.current
        if shown is not None and shown.action_label:
            if shown.closable and shown.alert is None:  # an alert stays until it is over
                del self._queue[shown.key]
            if shown.do is None and shown.action.startswith(WINDOW):
                self.commanded.emit(shown.action.removeprefix(WINDOW))
            else:
                (shown.do or attrgetter(shown.action)(self._controller))()
            self.changed.emit()

    def clear(self) -> None:
        """All is forgotten but what still stands."""
        self._queue.clear()
        for alert in self._controller.alerts.active:
            self._alert(alert)
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
        if event.action == CAUSE:
            text = what_happened(text)  # its button leads to the rest
        text = f"{text.rstrip('.')}. {event.fix}".strip() if event.fix else f"{text.rstrip('.')}."
        self._put(Shown(f"notice.{event.what}", event.severity, one_line(sentence_case(text)), event.action))
        self.changed.emit()

    def _alert(self, alert: Alert) -> None:
        """An alert stands until it is over; one that was dismissed stays away until then."""
        limits = self._controller.settings.values.alerts
        if alert.state is AlertState.ENDED:
            self._dismissed.discard(alert.key)
            self.remove(alert.key)
        elif alert.key not in self._dismissed and not limits.mutes(alert.kind):
            text = one_line(sentence_case(alert.sentence))
            closable, icon = alert.kind not in STANDING, ICONS[alert.kind]
            self._put(Shown(alert.key, alert.severity, text, alert.action, closable, icon, alert=alert.kind))
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
