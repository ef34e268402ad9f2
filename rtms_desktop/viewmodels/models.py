"""The view-models that the parts of the main window share, each made once. Made by the window's body; main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from rtms_desktop.viewmodels.announcer import Announcer
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.exports_vm import ExportsViewModel
from rtms_desktop.viewmodels.library_vm import LibraryViewModel
from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.viewmodels.notices_vm import NoticesViewModel
from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.replay_vm import ReplayViewModel
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.viewmodels.sessions_vm import SessionsViewModel
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.viewmodels.timebar_vm import TimeBarViewModel


class Models:
    """One attribute for each; docks make their own of what nobody else needs.

    Args:
        bridge: what wakes the stage when a picture is there.
        parent: with whom they all end.
    """

    def __init__(self, controller: Any, bridge: Bridge, parent: QObject) -> None:
        self.bridge = bridge
        self.ticks = RenderTick(parent, controller.clock.now)
        self.colours = SpeakerColours(controller, parent)
        self.stage = StageViewModel(controller, self.colours, bridge, parent)
        self.session = SessionViewModel(controller, self.stage.source_size, parent)
        self.start = StartViewModel(controller, parent)
        self.sessions = SessionsViewModel(controller, parent)
        self.marks = MarksViewModel(controller, parent)
        self.time = TimeBarViewModel(controller, self.colours, parent)
        self.replay = ReplayViewModel(controller, self.colours, parent)
        self.notices = NoticesViewModel(controller, parent)
        self.settings = SettingsViewModel(controller, parent)
        self.library = LibraryViewModel(controller, parent)
        self.exports = ExportsViewModel(controller, parent)
        self.receiver = ReceiverViewModel(controller, parent)
        self.announcer = Announcer(controller, self.start, self.notices, parent)
