"""What the main window is made of, each loaded when it is first asked for (main thread).

The window itself must be on the screen before any of this costs time.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# module -> what it gives
_PARTS = {
    "PySide6.QtCore": "Qt QEvent QUrl",  # Qt alone: 19 ms when first touched
    "PySide6.QtGui": "QDesktopServices",
    "PySide6.QtWidgets": "QPushButton QSplitter QStackedWidget QToolButton QVBoxLayout",
    "rtms_desktop.viewmodels.announcer": "Announcer",
    "rtms_desktop.viewmodels.bridge": "Bridge",
    "rtms_desktop.viewmodels.colours": "SpeakerColours",
    "rtms_desktop.viewmodels.notices_vm": "NoticesViewModel",
    "rtms_desktop.viewmodels.receiver_vm": "ReceiverViewModel",
    "rtms_desktop.viewmodels.replay_vm": "ReplayViewModel",
    "rtms_desktop.viewmodels.session_vm": "SessionViewModel",
    "rtms_desktop.viewmodels.sessions_vm": "SessionsViewModel",
    "rtms_desktop.viewmodels.settings_vm": "SettingsViewModel",
    "rtms_desktop.viewmodels.stage_vm": "StageViewModel",
    "rtms_desktop.viewmodels.start_vm": "TEXT_LIMIT StartViewModel",
    "rtms_desktop.viewmodels.tick": "RenderTick",
    "rtms_desktop.viewmodels.timebar_vm": "TimeBarViewModel",
    "rtms_desktop.views.about": "AboutDialog",
    "rtms_desktop.views.actions": "LAYOUT_KEYS Actions",
    "rtms_desktop.views.banner": "Banner FocusRing Toast",
    "rtms_desktop.views.clean_feed": "CleanFeed",
    "rtms_desktop.views.dialogs": "ConfirmDialog ConnectDialog KeysDialog SettingsDialog",
    "rtms_desktop.views.panels": "Area Panel PanelHost",
    "rtms_desktop.views.open_dialog": "OpenRecordingDialog is_recording",
    "rtms_desktop.views.replay_bar": "ReplayBar",
    "rtms_desktop.views.replay_keys": "press",
    "rtms_desktop.views.sessions_panel": "RAIL WIDTH SessionsPanel",
    "rtms_desktop.views.stage": "Stage",
    "rtms_desktop.views.start_page": "StartPage",
    "rtms_desktop.views.status_bar": "StatusBar",
    "rtms_desktop.views.theme": "theme",
    "rtms_desktop.views.time_bar": "TimeBar",
    "rtms_desktop.views.toolbar": "Toolbar",
    "rtms_desktop.views.widgets": "Rule",
}
_HOME = {name: module for module, names in _PARTS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load the module that gives `name` (once; the next look finds it here)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOME[name]), name)
    return found
