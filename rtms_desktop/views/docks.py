"""Which panels the window has: one row for each, in the order of their tabs and of the View menu. Main thread.

A new dock is one row of `PANELS`. Its class takes (controller, ticks, colours) and has a `title`; if it has the signal
`count_changed`, its tab shows the number; what it asks of the window is named in `asks`. Its entry in the View menu,
its key (Ctrl and its number) and its place among the others come from the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtms_desktop.views.chat_dock import ChatDock
from rtms_desktop.views.doctor_dock import DoctorDock
from rtms_desktop.views.events_dock import EventsDock
from rtms_desktop.views.inspector_dock import InspectorDock
from rtms_desktop.views.mock_dock import MockDock
from rtms_desktop.views.monitor_dock import MonitorDock
from rtms_desktop.views.people_dock import PeopleDock
from rtms_desktop.views.text_dock import TextDock
from rtms_desktop.views.timeline_dock import TimelineDock
from rtms_desktop.views.webhooks_dock import WebhooksDock


@dataclass(frozen=True, slots=True)
class Spec:
    """One panel; fields as of `Panel`. `asks`: which signal of the dock is which command, with the signal's words."""

    key: str
    make: Callable[..., Any]
    home: str
    whole: bool = False
    opened_at_first: bool = True
    count: str = "grey"
    folds: bool = False
    tall: bool = False
    asks: tuple[tuple[str, str], ...] = ()


PANELS = (
    Spec("transcript", TextDock, "right", count="blue"),
    Spec("chat", ChatDock, "right", count="blue"),
    Spec("people", PeopleDock, "right"),
    Spec("timeline", TimelineDock, "right", folds=True, tall=True, asks=(("note_wanted", "note"),)),
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
