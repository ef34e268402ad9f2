"""What each command of the window does; menus, buttons, keys and panels name it and know no more. Main thread.

A new command is one row of the table in `Commands` (and one `Spec` in `views.actions`, if it stands in a menu). A new
dialog is one row of `DIALOGS`, whose key is then a command. What makes the window show something else is in
`views.workspace`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QToolTip

from rtms_desktop.viewmodels.start_vm import TEXT_LIMIT
from rtms_desktop.views.about import AboutDialog
from rtms_desktop.views.actions import LAYOUT_KEYS
from rtms_desktop.views.clean_feed import CleanFeed
from rtms_desktop.views.dialogs import ConfirmDialog, ConnectDialog, KeysDialog
from rtms_desktop.views.open_dialog import OpenRecordingDialog, is_recording
from rtms_desktop.views.settings_dialog import SettingsDialog

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body

# What the mock server can play; other files are read as text.
MEDIA_FILES = (".mp4", ".mkv", ".mov", ".webm", ".h264", ".wav", ".flac", ".mp3", ".ogg", ".m4a")
STATUS_PANELS = {"state": "events", "alive": "monitor", "gaps": "monitor", "bitrate": "monitor", "video": "monitor",
                 "dropped": "monitor", "behind": "monitor", "av": "monitor", "step": "doctor",
                 "retry": "doctor", "receiver": "webhooks", "notes": "events"}  # fmt: skip
"""Which panel explains a figure of the status bar."""

WORDS = ("transcript", "chat")
"""The panels that mark what the search of the window looks for."""


def _open_dialog(body: Body) -> OpenRecordingDialog:
    dialog = OpenRecordingDialog(Path(body.models.settings.recordings), body.main_window)
    dialog.picked.connect(body.commands.open_recording)
    return dialog


def _settings(body: Body, page: str = "general") -> SettingsDialog:
    return SettingsDialog(body.models.settings, body.models.receiver, body.main_window, page)


DIALOGS: dict[str, Callable[..., QDialog]] = {
    "open": _open_dialog,
    "form": lambda body: ConnectDialog(body.models.start, body.main_window),
    "settings": _settings,
    "keys": lambda body: KeysDialog(body.main_window),
    "about": lambda body: AboutDialog(body.main_window),
}


class Commands:
    """`do(key)` from everywhere; the methods with words of their own for those who have something to hand over.

    Attributes:
        log_folder: what "log_folder" shows; None before there is a log.
    """

    def __init__(self, body: Body, controller: Any) -> None:
        self._body, self._controller, self._models = body, controller, body.models
        self.log_folder: Path | None = None
        self._feed: CleanFeed | None = None
        workspace, keyboard, models = body.workspace, body.keyboard, body.models
        self.table: dict[str, Callable[..., object]] = {
            # File
            "paste": lambda: self.take_text(QGuiApplication.clipboard().text()),
            "connect": self._connect,
            "take_announced": models.announcer.take,
            "edit_connection": self._edit_connection,
            "try": self.try_it_now,
            "open_recording": lambda: self.open_recording(models.stage.last_bundle),
            "close_recording": controller.close_recording,
            "recordings": lambda: _show_folder(str(models.settings.recordings)),
            "show_folder": _show_folder,
            "library": body.recordings.show,
            "export": body.recordings.export,
            "show_export": body.recordings.show_running,
            "webhook_settings": lambda: self.dialog("settings", "webhooks"),
            "quit": body.main_window.close,
            # Edit
            "find": self._find,
            "filter": self._filter,
            "search": body.search.start,
            # View
            "captions": models.stage.toggle_captions,
            "osd": models.stage.cycle_osd,
            "sessions": lambda: body.folding.show_sessions(body.sessions.is_rail),
            "clean_feed": self._clean_feed,
            "full_screen": workspace.toggle_full_screen,
            "start": workspace.show_start,
            "cause": workspace.show_finding,
            "webhooks": lambda: workspace.open_beside_start("webhooks"),
            "reset": workspace.reset,
            "next_pane": lambda: keyboard.step(1),
            "previous_pane": lambda: keyboard.step(-1),
            # Session
            "stop": controller.stop,
            "disconnect": controller.disconnect,
            "reconnect": controller.reconnect_now,
            "record": models.session.toggle_recording,
            "mark": self._mark,
            "note": body.mark_field.begin,
            "snapshot": self._snapshot,
            "mute": self._mute,
            # Tools
            "mock": lambda: workspace.open_panel("mock"),
            "start_mock": self._start_mock,
            "stop_mock": controller.mock.stop,
            "rescan": controller.sound.rescan,
            "receiver": self._receiver,
            "doctor": self._doctor,
            # Help
            "explain": self._explain,
            "diagnostics": body.diagnostics.ask,
            "log_folder": lambda: _show_folder(str(self.log_folder or "")),
        }
        self.table |= {key: partial(self.dialog, key) for key in DIALOGS}
        self.table |= {key: partial(models.stage.choose_layout, key.partition(".")[2]) for key in LAYOUT_KEYS}

    def do(self, key: str, *words: Any) -> None:
        """One command of the table; `words` are what the one who asks hands over."""
        self.table[key](*words)

    def dialog(self, key: str, *words: Any) -> Any:
        """Open one of `DIALOGS`, made with these words; it lives until it is closed."""
        made = DIALOGS[key](self._body, *words)
        made.open()
        return made

    def close(self) -> None:
        """The window goes, and with it what it opened beside itself."""
        if self._feed is not None:
            self._feed.close()

    # -- what was pasted, dropped or pressed -----------------------------------------------------------------------

    def take_text(self, text: str) -> None:
        """A payload that was pasted or dropped: look at it before anything is sent."""
        self._models.start.set_text(text[: TEXT_LIMIT + 1])
        self._connect()

    def take_file(self, path: str) -> None:
        """A recording is opened, a media file played as a meeting, all else is read as a payload."""
        if is_recording(path):
            self.open_recording(path)
        elif Path(path).suffix.lower() in MEDIA_FILES:
            self.leave_stream(
                lambda: self._controller.rehearse(Path(path)), "The file is played in its place", "Disconnect and play"
            )
        else:
            self._body.start_page.form.take_file(path)
            self._connect()

    def open_recording(self, path: str) -> None:
        if path:
            self.leave_stream(lambda: self._controller.open_recording(Path(path)))

    def try_it_now(self, *, record: bool = False) -> None:
        """Connect to the mock server's meeting."""
        self.leave_stream(
            lambda: self._controller.try_it_now(record=record), "The mock server takes its place", "Disconnect and try"
        )

    def started_again(self, message: dict[str, Any]) -> None:
        """Another start hands over what it was given; a stream that runs is not left for it without a question."""
        payload, record = str(message.get("payload", "")), bool(message.get("record"))
        if message.get("recording"):
            self.open_recording(str(message["recording"]))
        elif message.get("demo"):
            self.try_it_now(record=record)
        elif payload and (
            self._models.session.connected or not self._controller.connect_if_complete(payload, record=record)
        ):
            self.take_text(payload)

    def leave_stream(
        self, do: Callable[[], object], instead: str = "A recording takes its place", yes: str = "Disconnect and open"
    ) -> None:
        """Do what puts something else in the window, after a question while a stream is connected."""
        if not self._models.session.connected:
            do()
            return
        text = f"{instead}. The stream itself goes on; what was recorded of it is finished and kept."
        dialog = ConfirmDialog("Disconnect from the stream?", text, yes, self._body.main_window)
        dialog.confirmed.connect(lambda: do())
        dialog.open()

    def choose_session(self, key: str) -> None:
        """A row of the sessions panel."""
        sessions, workspace = self._models.sessions, self._body.workspace
        if key == "live":
            workspace.show_work()
        elif key in ("mock", "webhooks"):
            workspace.open_panel(key)
        elif key.startswith("recent."):
            self.open_recording(sessions.recent_bundle(key))
        elif key.startswith("recording."):
            folder = sessions.recording_folder(key)
            if sessions.is_closed(key):
                self.open_recording(folder)
            elif folder:
                self.leave_stream(lambda: self._controller.recording.repair(Path(folder)))

    def explain_status(self, key: str) -> None:
        """A figure of the status bar leads to what it is made of."""
        if key in ("disk", "export"):
            self.do({"disk": "recordings", "export": "show_export"}[key])
        elif key in STATUS_PANELS and (key == "receiver" or not self._body.workspace.on_start_page):
            self._body.workspace.open_panel(STATUS_PANELS[key])

    def search(self, text: str) -> None:
        """What is typed into the search of the window is marked in transcript and chat at once."""
        body = self._body
        if body.recordings.find(text):
            return
        for key in WORDS:
            if key in body.panels.panels:
                body.panels.panels[key].widget.pane.field.setText(text)

    # -- the longer ones of the table ------------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._models.session.showing:
            self.dialog("form")
        else:
            self._body.workspace.show_start()

    def _edit_connection(self) -> None:
        request = self._controller.last_request
        if request is not None:
            self._models.start.set_request(request)
        self._connect()

    def _find(self) -> None:
        """Find in the panel that has the focus, else in the front one at the right."""
        body, focus = self._body, self._body.main_window.focusWidget()
        if body.recordings.start_find():
            return
        here = [area for area in (body.bottom, body.right) if focus is not None and area.isAncestorOf(focus)]
        for area in (*here, body.right):
            panel = area.current_panel()
            if panel is not None and panel.can_find:
                panel.widget.start_find()
                return

    def _filter(self) -> None:
        """Bring the Inspector to the front with the cursor in its filter."""
        if not self._body.workspace.on_start_page:
            self._body.workspace.open_panel("inspector")
            self._body.panels.panels["inspector"].widget.start_filter()

    def _clean_feed(self) -> None:
        """Open the window with only the picture, or close it."""
        if self._feed is None:
            self._feed = CleanFeed(self._models.stage)
            self._feed.closed.connect(self._feed_closed)
            self._feed.show()
        else:
            self._feed.close()

    def _feed_closed(self) -> None:
        self._feed = None
        self._body.actions_["clean_feed"].setChecked(False)

    def _snapshot(self) -> None:
        key = self._body.stage.focused_key()
        path = self._controller.snapshot(key) if key is not None and self._models.session.showing else None
        if path is not None:
            self._body.say("Snapshot saved", "camera", "Show", lambda: _show_folder(str(path.parent)))

    def _mark(self) -> None:
        """Mark this moment, and ask for a note that nobody has to type."""
        mark = self._models.marks.mark_now() if not self._models.marks.problem else None
        if mark is not None:
            self._body.mark_field.begin(mark.id)

    def _mute(self) -> None:
        self._models.settings.toggle_muted()
        volume, muted = self._models.settings.volume
        self._body.toolbar.set_volume(volume, muted)
        self._body.actions_["mute"].setChecked(muted)

    def _start_mock(self) -> None:
        self._controller.mock.start()
        self._body.workspace.open_panel("mock")

    def _receiver(self) -> None:
        self._body.workspace.open_panel("webhooks")
        self._models.receiver.toggle()

    def _doctor(self) -> None:
        if self._body.workspace.on_start_page:
            self._body.workspace.show_work()
        self._body.workspace.open_panel("doctor")

    def _explain(self) -> None:
        """Say how the focused figure is measured and what is normal."""
        focus = self._body.main_window.focusWidget()
        if focus is not None and focus.toolTip():
            QToolTip.showText(focus.mapToGlobal(focus.rect().bottomLeft()), focus.toolTip(), focus)


def _show_folder(folder: str) -> None:
    if folder:
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
