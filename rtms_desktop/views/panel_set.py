"""The window's panels: which there are, building them a turn at a time, and where they were last. Main thread.

A new dock is one row of `PANELS`. Its class takes (controller, ticks, colours) and has a `title`; if it has the signal
`count_changed`, its tab shows the number; what it asks of the window is named in `asks`. Its entry in the View menu,
its key (Ctrl and its number) and its place among the others come from the row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.models import Models
from rtms_desktop.views.chat_dock import ChatDock
from rtms_desktop.views.doctor_dock import DoctorDock
from rtms_desktop.views.events_dock import EventsDock
from rtms_desktop.views.inspector_dock import InspectorDock
from rtms_desktop.views.layouts import column
from rtms_desktop.views.mixer import Mixer
from rtms_desktop.views.mock_dock import MockDock
from rtms_desktop.views.monitor_dock import MonitorDock
from rtms_desktop.views.panels import Area, Panel, PanelHost
from rtms_desktop.views.people_dock import PeopleDock
from rtms_desktop.views.text_dock import TextDock
from rtms_desktop.views.webhooks_dock import WebhooksDock
from rtms_desktop.views.widgets import Rule


@dataclass(frozen=True, slots=True)
class Spec:
    """One panel; fields as of `Panel`. `asks`: which signal of the dock is which command, with the signal's words."""

    key: str
    make: Callable[..., Any]
    home: str
    whole: bool = False
    opened_at_first: bool = True
    count: str = "grey"
    asks: tuple[tuple[str, str], ...] = ()


PANELS = (
    Spec("transcript", TextDock, "right", count="blue"),
    Spec("chat", ChatDock, "right", count="blue"),
    Spec("people", PeopleDock, "right"),
    Spec("monitor", MonitorDock, "bottom", asks=(("connect_requested", "connect"),)),
    Spec("inspector", InspectorDock, "bottom"),
    Spec("events", EventsDock, "bottom"),
    Spec("doctor", DoctorDock, "bottom", asks=(("stopped", "cause"), ("edit_wanted", "edit_connection"))),
    Spec(
        "webhooks", WebhooksDock, "right", whole=True, opened_at_first=False, count="blue",
        asks=(("connect_wanted", "take_announced"), ("settings_wanted", "webhook_settings")),
    ),
    Spec("mock", MockDock, "right", whole=True, opened_at_first=False),
)  # fmt: skip


class PanelSet(PanelHost):
    """The panels of `PANELS` and the mixer under the right area. `built`: all are there, where they were last."""

    built = Signal()

    def __init__(
        self,
        window: QWidget,
        areas: Mapping[str, Area],
        controller: Any,
        models: Models,
        do: Callable[..., object],
        store: QSettings,
    ) -> None:
        super().__init__(window, areas)
        self._arguments = controller, models.ticks, models.colours
        self._do, self._store = do, store
        self.mixer = QWidget()
        self.mixer.hide()
        self.complete = False
        self._steps = self._build()

    def build_soon(self) -> None:
        """One panel a turn of the loop, so that no turn is long."""
        QTimer.singleShot(0, self, self._build_one)

    def build(self) -> None:
        """Make all that are not made yet; the start page needs none of them. Idempotent."""
        for _ in self._steps:
            pass

    def remember(self) -> None:
        """Keep the places for the next start; what was never built is where it was."""
        if self.complete:
            self._store.setValue("panels", json.dumps(self.state()))

    def _build_one(self) -> None:
        if next(self._steps, None) is not None:
            self.build_soon()

    def _build(self) -> Iterator[str]:
        for spec in PANELS:
            self._make(spec)
            yield spec.key
        under = column(self.mixer)
        under.addWidget(Rule())
        under.addWidget(Mixer(*self._arguments))
        self.complete = True
        self.reset()
        self._restore()
        self.built.emit()

    def _make(self, spec: Spec) -> None:
        made = spec.make(*self._arguments)
        self.add(Panel(spec.key, made.title, made, spec.home, spec.whole, spec.opened_at_first, spec.count))
        counted = getattr(made, "count_changed", None)
        if counted is not None:
            counted.connect(partial(self.set_count, spec.key))
        for signal, command in spec.asks:
            getattr(made, signal).connect(partial(self._do, command))

    def _restore(self) -> None:
        try:
            state = json.loads(str(self._store.value("panels", "")))
        except ValueError:
            return
        if isinstance(state, dict):
            self.restore(state)
