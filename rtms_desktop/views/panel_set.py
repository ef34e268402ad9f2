"""The window's panels: built a turn at a time from the rows of `views.docks`, put where they were last. Main thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rtms_desktop.viewmodels.models import Models
from rtms_desktop.views.layouts import column
from rtms_desktop.views.mixer import Mixer
from rtms_desktop.views.panels import Area, Panel, PanelHost
from rtms_desktop.views.widgets import Rule

if TYPE_CHECKING:
    from rtms_desktop.views.docks import Spec


class PanelSet(PanelHost):
    """The panels of `docks.PANELS` and the mixer under the right area. `built`: all are there, where they were last."""

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
        from rtms_desktop.views.docks import PANELS  # with numpy and PyAV: not before the start page stands

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
        fields = (spec.home, spec.whole, spec.opened_at_first, spec.count, spec.folds, spec.tall)
        self.add(Panel(spec.key, made.title, made, *fields))
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
