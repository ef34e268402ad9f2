"""The main window: toolbar, sessions, stage, panels and status bar put together, and what each command does.

Made by the composition root: first empty, so that it can be shown at once, then furnished with a controller. What it
is made of is loaded only then (`window_parts`). Closing it only asks (`quit_requested`), `finish` really
closes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from rtms_desktop.views import window_parts as parts
from rtms_desktop.views.shell import Shell

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QCloseEvent, QKeyEvent
    from PySide6.QtWidgets import QVBoxLayout

    from rtms_desktop.viewmodels.bridge import Bridge
    from rtms_desktop.views.dialogs import SettingsDialog
    from rtms_desktop.views.panels import PanelHost

RIGHT_WIDTH, RIGHT_MIN, RIGHT_MAX, RIGHT_MOCK = 330, 268, 480, 424
BOTTOM_HEIGHT, BOTTOM_MIN = 286, 178
RAIL_BELOW, FOLD_BELOW, LOW_BELOW = 1180, 1100, 700
DOCTOR_HEIGHT = 590
GRIP = 7
# What the mock server can play; other files are read as text.
MEDIA_FILES = (".mp4", ".mkv", ".mov", ".webm", ".h264", ".wav", ".flac", ".mp3", ".ogg", ".m4a")
# By what they write: Qt's names of the keys cost too much before the window shows.
LETTERS = {"i": "osd", "c": "captions", "m": "mute", "?": "keys"}
STATUS_PANELS = {"state": "events", "alive": "monitor", "gaps": "monitor", "bitrate": "monitor", "video": "monitor",
                 "dropped": "monitor", "behind": "monitor", "av": "monitor", "step": "doctor",
                 "retry": "doctor", "receiver": "webhooks", "notes": "events"}  # fmt: skip

# key, module below views, class, home, whole column, opened at first, kind of its count
PANELS = (
    ("transcript", "text_dock", "TextDock", "right", False, True, "blue"),
    ("chat", "chat_dock", "ChatDock", "right", False, True, "blue"),
    ("people", "people_dock", "PeopleDock", "right", False, True, "grey"),
    ("monitor", "monitor_dock", "MonitorDock", "bottom", False, True, "grey"),
    ("inspector", "inspector_dock", "InspectorDock", "bottom", False, True, "grey"),
    ("events", "events_dock", "EventsDock", "bottom", False, True, "grey"),
    ("doctor", "doctor_dock", "DoctorDock", "bottom", False, True, "grey"),
    ("webhooks", "webhooks_dock", "WebhooksDock", "right", True, False, "blue"),
    ("mock", "mock_dock", "MockDock", "right", True, False, "grey"),
)


class MainWindow(Shell):
    quit_requested = Signal()

    def __init__(self, controller: Any = None, *, settings_dir: Path, bridge: Bridge | None = None) -> None:
        super().__init__(settings_dir)
        self._finished = False
        self._full_screen = False
        self._rail_chosen: bool | None = None
        self._without_doctor: list[int] | None = None
        self._narrow = self._low = False
        self._opened_by_hand = False
        self._feed: Any = None
        self.log_folder: Path | None = None
        self.panels: PanelHost
        if controller is not None:
            self.furnish(controller, bridge)

    def furnish(self, controller: Any, bridge: Bridge | None = None) -> None:
        """Fill the window; once."""
        self.setAcceptDrops(True)
        parts.theme().set_mode(controller.settings.values.theme)
        self._controller = controller
        self._make_models(bridge or parts.Bridge(self))
        self._make_parts()
        self._lay_out()
        self._make_actions()
        self._wire()
        self._restore_splitters()
        self.furnished = True
        self._fold()
        self._set_seen(self.isVisible())
        self.show_start()
        self._follow_session()
        self._building = self._panel_steps()
        QTimer.singleShot(0, self, self._build_one_panel)

    # -- making ------------------------------------------------------------------------------------------------------

    def _make_models(self, bridge: Bridge) -> None:
        controller = self._controller
        self.bridge = bridge
        self.ticks = parts.RenderTick(self, controller.clock.now)
        self.colours = parts.SpeakerColours(controller, self)
        self.stage_model = parts.StageViewModel(controller, self.colours, bridge, self)
        self.session_model = parts.SessionViewModel(controller, self.stage_model.source_size, self)
        self.start_model = parts.StartViewModel(controller, self)
        self.sessions_model = parts.SessionsViewModel(controller, self)
        self.time_model = parts.TimeBarViewModel(controller, self.colours, self)
        self.replay_model = parts.ReplayViewModel(controller, self.colours, self)
        self.notices = parts.NoticesViewModel(controller, self)
        self.settings_model = parts.SettingsViewModel(controller, self)
        self.receiver_model = parts.ReceiverViewModel(controller, self)
        self.announcer = parts.Announcer(controller, self.start_model, self.notices, self)

    def _make_parts(self) -> None:
        self.toolbar = parts.Toolbar(self.session_model)
        self.banner = parts.Banner()
        self.sessions = parts.SessionsPanel(self.sessions_model, self.receiver_model, self.ticks)
        self.stage = parts.Stage(self.stage_model, self.session_model, self.ticks)
        self.time_bar = parts.TimeBar(self.time_model, self.stage_model, self.ticks)
        self.replay_bar = parts.ReplayBar(self.replay_model, self.stage_model, self.ticks)
        self.start_page = parts.StartPage(self.start_model, self.sessions_model, self.receiver_model)
        self.status = parts.StatusBar(self.session_model, self.ticks)
        self.right, self.bottom = parts.Area("right"), parts.Area("bottom")
        self.toast = parts.Toast(self.stage)
        self.panels = parts.PanelHost(self, {"right": self.right, "bottom": self.bottom})
        self._mixer: QWidget | None = None

    def _lay_out(self) -> None:
        live = QWidget()
        column = _column(live)
        column.addWidget(self.stage, 1)
        column.addWidget(self.time_bar)
        column.addWidget(self.replay_bar)
        self.centre = parts.QStackedWidget()
        self.centre.addWidget(self.start_page)
        self.centre.addWidget(live)
        self.right_column = QWidget()
        self.right_column.setObjectName("panel")
        self.right_column.setAttribute(parts.Qt.WidgetAttribute.WA_StyledBackground)
        self._right_layout = _column(self.right_column)
        self._right_layout.addWidget(self.right, 1)
        self.right_column.setMinimumWidth(RIGHT_MIN)
        self.bottom.setMinimumHeight(BOTTOM_MIN)
        self.across, self.down = (
            parts.QSplitter(parts.Qt.Orientation.Horizontal),
            parts.QSplitter(parts.Qt.Orientation.Vertical),
        )
        for splitter, contents in (
            (self.across, (self.sessions, self.centre, self.right_column)),
            (self.down, (self.across, self.bottom)),
        ):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            for part in contents:
                splitter.addWidget(part)
        self.across.setStretchFactor(1, 1)
        self.down.setStretchFactor(0, 1)
        self._fresh_sizes()
        body = QWidget()
        column = _column(body)
        for part, stretch in ((self.toolbar, 0), (self.banner, 0), (self.down, 1), (self.status, 0)):
            column.addWidget(part, stretch)
        self.setCentralWidget(body)
        self._ring = parts.FocusRing(self)

    def _fresh_sizes(self) -> None:
        self.across.setSizes([parts.WIDTH, 900, RIGHT_WIDTH])
        self.down.setSizes([600, BOTTOM_HEIGHT])

    def _make_actions(self) -> None:
        self.actions_ = parts.Actions(self, self.menuBar(), self.do)
        view = self.actions_.menus["View"]
        self.actions_.add_themes(view, self.settings_model.set_theme, self.settings_model.theme)
        self.actions_["captions"].setChecked(self.stage_model.captions)

    def _wire(self) -> None:
        bar, stage = self.toolbar, self.stage_model
        for signal, key in (
            (bar.stop_wanted, "stop"), (bar.try_wanted, "try"), (bar.record_wanted, "record"),
            (bar.mute_wanted, "mute"), (bar.snapshot_wanted, "snapshot"), (bar.full_screen_wanted, "full_screen"),
            (bar.connect_wanted, "connect"), (bar.settings_wanted, "settings"), (self.start_page.try_wanted, "try"),
            (self.sessions.new_wanted, "connect"), (self.stage.full_screen_wanted, "full_screen"),
        ):  # fmt: skip
            signal.connect(lambda key=key: self.do(key))
        bar.layout_chosen.connect(stage.choose_layout)
        bar.volume_chosen.connect(self.settings_model.set_volume)
        bar.searched.connect(self._search)
        bar.set_volume(*self.settings_model.volume)
        stage.layout_changed.connect(self._layout_changed)
        stage.captions_changed.connect(self.actions_["captions"].setChecked)
        self._layout_changed(stage.layout)
        self.stage.acted.connect(self._stage_action)
        self.start_page.recording_wanted.connect(self._open_recording)
        self.start_page.open_wanted.connect(lambda: self.do("open"))
        self.start_page.webhooks_wanted.connect(self._show_webhooks)
        self.announcer.form_wanted.connect(lambda: self.do("connect"))
        self.sessions.chosen.connect(self._session_row)
        self.sessions.unfold_wanted.connect(lambda: self._show_sessions(True))
        self.status.pressed.connect(self._status_pressed)
        self.session_model.changed.connect(self._follow_session)
        self.session_model.opened.connect(self._dismiss_doctor)
        self.session_model.opened.connect(self.show_workspace)
        self.session_model.closed.connect(self._closed)
        self.session_model.recording_changed.connect(self._follow_session)
        self.notices.changed.connect(self._show_notice)
        self.banner.acted.connect(self.notices.act)
        self.banner.dismissed.connect(self.notices.dismiss)
        self.settings_model.theme_changed.connect(self._theme_chosen)
        self.ticks.text.connect(self._every_quarter)
        self.panels.changed.connect(self._areas_changed)
        for area in (self.right, self.bottom):
            area.current_changed.connect(lambda key: self._areas_changed())
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def build_panels(self) -> None:
        """Make all panels that are not made yet; the start page needs none of them. Idempotent."""
        for _ in self._building:
            pass

    def _build_one_panel(self) -> None:
        """One panel a turn after the first paint, so that no turn is long."""
        if next(self._building, None) is not None:
            QTimer.singleShot(0, self, self._build_one_panel)

    def _panel_steps(self) -> Iterator[str]:
        arguments = self._controller, self.ticks, self.colours
        for key, module, name, home, whole, first, count in PANELS:
            made: Any = getattr(import_module(f"rtms_desktop.views.{module}"), name)(*arguments)
            self.panels.add(parts.Panel(key, made.title, made, home, whole, first, count))
            counted = getattr(made, "count_changed", None)
            if counted is not None:
                counted.connect(lambda value, key=key: self.panels.set_count(key, value))
            yield key
        self._mixer = QWidget()
        column = _column(self._mixer)
        column.addWidget(parts.Rule())
        column.addWidget(import_module("rtms_desktop.views.mixer").Mixer(*arguments))
        self._right_layout.addWidget(self._mixer)
        self.panels.panels["monitor"].widget.connect_requested.connect(lambda: self.do("connect"))
        doctor = self.panels.panels["doctor"].widget
        doctor.stopped.connect(self._doctor_found)
        doctor.edit_wanted.connect(self._edit_connection)
        webhooks = self.panels.panels["webhooks"].widget
        webhooks.connect_wanted.connect(self.announcer.take)
        webhooks.settings_wanted.connect(self.do_webhook_settings)
        titles = [(key, panel.title) for key, panel in self.panels.panels.items()]
        self.actions_.add_panels(self.actions_.menus["View"], titles, self.toggle_panel)
        self.panels.reset()
        self._restore_panels()
        self._areas_changed()

    # -- remembering -------------------------------------------------------------------------------------------------

    def _restore_splitters(self) -> None:
        for name, splitter in (("across", self.across), ("down", self.down)):
            state = self._store.value(name)
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
                splitter.setHandleWidth(1)

    def _restore_panels(self) -> None:
        import json

        try:
            state = json.loads(str(self._store.value("panels", "")))
        except ValueError:
            return
        if isinstance(state, dict):
            self.panels.restore(state)

    def remember_layout(self) -> None:
        """Keep sizes and places; called when the window finishes."""
        if self._full_screen:
            return
        self._store.setValue("geometry", self.saveGeometry())
        self.remember_ground(parts.theme().current)
        if self.centre.currentIndex() == 1:
            self._store.setValue("across", self.across.saveState())
            self._store.setValue("down", self.down.saveState())
        if self._mixer is not None:  # all panels were made
            import json

            self._store.setValue("panels", json.dumps(self.panels.state()))
        self._store.sync()

    def reset_layout(self) -> None:
        self.panels.reset()
        self._rail_chosen = None
        self._fresh_sizes()
        self._fold(anew=True)
        self._areas_changed()

    # -- start page and workspace ------------------------------------------------------------------------------------

    def show_start(self) -> None:
        """The first screen; panels opened by hand stay beside it."""
        self.centre.setCurrentIndex(0)
        self._opened_by_hand = False
        self._areas_changed()

    def show_workspace(self) -> None:
        self.build_panels()
        self.centre.setCurrentIndex(1)
        self._areas_changed()
        self.stage.setFocus()

    @property
    def on_start_page(self) -> bool:
        return self.centre.currentIndex() == 0

    def _areas_changed(self) -> None:
        """Empty areas take no room; what stands under the tabs depends on the tab."""
        working = (not self.on_start_page or self._opened_by_hand) and not self._full_screen
        came = self.on_start_page or not self.session_model.refused  # else nobody spoke and no time passed
        replays = self.session_model.replay is not None
        self.time_bar.setVisible(came and not self._full_screen and not replays)
        self.replay_bar.setVisible(not self._full_screen and replays)
        self.right_column.setVisible(working and came and bool(self.right.keys))
        self.bottom.setVisible(working and bool(self.bottom.keys) and not self.on_start_page)
        self.sessions.setVisible(not self.on_start_page and not self._full_screen)
        panel = self.right.current_panel()
        if self._mixer is not None:
            self._mixer.setVisible(panel is not None and not panel.whole and not self.on_start_page)
        self.right_column.setMinimumWidth(
            RIGHT_MOCK if panel is not None and panel.whole and self.width() >= RAIL_BELOW else RIGHT_MIN
        )
        self.right_column.setMaximumWidth(RIGHT_MAX)
        for key in self.panels.panels:
            action = self.actions_.actions.get(f"panel.{key}")
            if action is not None:
                action.setChecked(self.panels.is_open(key))

    def open_panel(self, key: str) -> None:
        """Bring a panel to the front, wherever it is."""
        self.build_panels()
        if self.on_start_page:
            self._opened_by_hand = True
        self.panels.open(key)

    def toggle_panel(self, key: str) -> None:
        """Closed: opened. Open but behind: brought to the front. In front: closed."""
        area = self.panels.area_of(key)
        in_front = area is not None and area.current == key and area.isVisible()
        if in_front or self.panels.place_of(key) == "floating":
            self.panels.close(key)
        else:
            self.open_panel(key)
        self._areas_changed()

    # -- commands ----------------------------------------------------------------------------------------------------

    def do(self, key: str) -> None:
        """One command of `views.actions`, by its key."""
        if key in parts.LAYOUT_KEYS:
            self.stage_model.choose_layout(key.partition(".")[2])
            return
        getattr(self, f"do_{key}")()

    def do_paste(self) -> None:
        self.take_text(QGuiApplication.clipboard().text())

    def take_text(self, text: str) -> None:
        """A payload that was pasted or dropped: look at it before anything is sent."""
        self.start_model.set_text(text[: parts.TEXT_LIMIT + 1])
        self.do_connect()

    def take_file(self, path: str) -> None:
        if parts.is_recording(path):
            self._open_recording(path)
            return
        if Path(path).suffix.lower() in MEDIA_FILES:
            self._controller.rehearse(Path(path))
            return
        self.start_page.form.take_file(path)
        self.do_connect()

    def do_open(self) -> None:
        dialog = parts.OpenRecordingDialog(Path(self.settings_model.recordings), self)
        dialog.picked.connect(self._open_recording)
        dialog.open()

    def _open_recording(self, path: str) -> None:
        if path:
            self._controller.open_recording(Path(path))

    def _repair(self, path: str) -> None:
        if path:
            self._controller.recording.repair(Path(path))

    def do_close_recording(self) -> None:
        self._controller.close_recording()

    def do_connect(self) -> None:
        if self.session_model.showing:
            parts.ConnectDialog(self.start_model, self).open()
        else:
            self.show_start()

    def do_try(self) -> None:
        self._controller.try_it_now()

    def do_recordings(self) -> None:
        self._open_folder(str(self.settings_model.recordings))

    def do_settings(self) -> SettingsDialog:
        dialog: SettingsDialog = parts.SettingsDialog(self.settings_model, self.receiver_model, self)
        dialog.open()
        return dialog

    def do_quit(self) -> None:
        self.close()

    def do_find(self) -> None:
        """Find in the panel that has the focus, else in the front one at the right."""
        focus = self.focusWidget()
        here = [area for area in (self.bottom, self.right) if focus is not None and area.isAncestorOf(focus)]
        for area in (*here, self.right):
            panel = area.current_panel()
            if panel is not None and panel.can_find:
                panel.widget.start_find()
                return

    def do_filter(self) -> None:
        """Bring the Inspector to the front with the cursor in its filter."""
        if not self.on_start_page:
            self.open_panel("inspector")
            self.panels.panels["inspector"].widget.start_filter()

    def do_search(self) -> None:
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    def do_captions(self) -> None:
        self.stage_model.toggle_captions()

    def do_osd(self) -> None:
        self.stage_model.cycle_osd()

    def do_sessions(self) -> None:
        self._show_sessions(self.sessions.is_rail)

    def do_stop(self) -> None:
        self._controller.stop()

    def do_disconnect(self) -> None:
        self._controller.disconnect()

    def do_reconnect(self) -> None:
        self._controller.reconnect_now()

    def do_record(self) -> None:
        self.session_model.toggle_recording()

    def do_snapshot(self) -> None:
        key = self.stage.focused_key()
        path = self._controller.snapshot(key) if key is not None and self.session_model.showing else None
        if path is not None:
            self._toast_folder = str(Path(path).parent)
            self.toast.say("Snapshot saved", "camera", "Show")

    def do_mute(self) -> None:
        self.settings_model.toggle_muted()
        volume, muted = self.settings_model.volume
        self.toolbar.set_volume(volume, muted)
        self.actions_["mute"].setChecked(muted)

    def do_mock(self) -> None:
        self.open_panel("mock")

    def do_start_mock(self) -> None:
        self._controller.mock.start()
        self.open_panel("mock")

    def do_stop_mock(self) -> None:
        self._controller.mock.stop()

    def do_receiver(self) -> None:
        self.open_panel("webhooks")
        self.receiver_model.toggle()

    def do_webhook_settings(self) -> None:
        self.do_settings().show_webhooks()

    def do_doctor(self) -> None:
        if self.on_start_page:
            self.show_workspace()
        self.open_panel("doctor")

    def do_rescan(self) -> None:
        self._controller.sound.rescan()

    def do_keys(self) -> None:
        parts.KeysDialog(self).open()

    def do_about(self) -> None:
        parts.AboutDialog(self).open()

    def do_log_folder(self) -> None:
        self._open_folder(str(self.log_folder or ""))

    def do_clean_feed(self) -> None:
        """Open the window with only the picture, or close it."""
        if self._feed is None:
            self._feed = parts.CleanFeed(self.stage_model)
            self._feed.closed.connect(self._feed_closed)
            self._feed.show()
        else:
            self._feed.close()

    def _feed_closed(self) -> None:
        self._feed = None
        self.actions_["clean_feed"].setChecked(False)

    def do_explain(self) -> None:
        """Say how the focused figure is measured and what is normal."""
        from PySide6.QtWidgets import QToolTip

        focus = self.focusWidget()
        if focus is not None and focus.toolTip():
            QToolTip.showText(focus.mapToGlobal(focus.rect().bottomLeft()), focus.toolTip(), focus)

    def do_reset(self) -> None:
        self.reset_layout()

    def do_next_pane(self) -> None:
        self._step_pane(1)

    def do_previous_pane(self) -> None:
        self._step_pane(-1)

    def do_full_screen(self) -> None:
        if self.on_start_page and not self._full_screen:
            return
        self._full_screen = not self._full_screen
        for part in (self.toolbar, self.status, self.menuBar()):
            part.setVisible(not self._full_screen)
        self.stage.set_full_screen(self._full_screen)
        self.banner.setVisible(not self._full_screen and self.notices.current is not None)
        self._areas_changed()
        self.setWindowState(self.windowState() ^ parts.Qt.WindowState.WindowFullScreen)
        self.stage.setFocus()

    # -- reactions ---------------------------------------------------------------------------------------------------

    def _follow_session(self) -> None:
        connected, showing = self.session_model.connected, self.session_model.showing
        self.ticks.set_active(showing)
        self.setWindowTitle(self.session_model.window_title)
        for key in ("stop", "disconnect", "reconnect", "record"):
            self.actions_[key].setEnabled(connected)
        self.actions_["snapshot"].setEnabled(showing)
        self.actions_["close_recording"].setEnabled(showing and not connected)
        running = self._controller.mock.info is not None
        self.actions_["start_mock"].setEnabled(not running)
        self.actions_["stop_mock"].setEnabled(running)
        self.status.refresh()

    def _closed(self) -> None:
        """After a recording comes the first screen; a stream that ended stays to be looked at."""
        if self.session_model.last_ended is None:
            self.show_start()
        self._areas_changed()

    def _every_quarter(self) -> None:
        self.notices.refresh()
        if self.session_model.is_recording:
            self.toolbar.refresh()

    def _show_notice(self) -> None:
        shown = self.notices.current
        if shown is None:
            self.banner.hide()
        else:
            label = shown.action_label
            self.banner.show_notice(shown.severity.value, shown.text, label, closable=shown.closable, icon=shown.icon)
            self.banner.setVisible(not self._full_screen)

    def _layout_changed(self, layout: str) -> None:
        self.toolbar.layouts.set_current(layout)
        self.actions_[f"layout.{layout}"].setChecked(True)

    def _theme_chosen(self, mode: str) -> None:
        parts.theme().set_mode(mode)
        self.actions_[f"theme.{mode}"].setChecked(True)

    def _stage_action(self, key: str) -> None:
        if key == "disconnect":
            self._controller.disconnect()
        elif key == "start":
            self.show_start()
        elif key == "cause":
            self._doctor_found()
        elif key == "open_recording":
            self._open_recording(self.stage_model.last_bundle)

    def _doctor_found(self) -> None:
        """The connection stopped: what the Doctor says about it comes to the front, with room to be read."""
        self.show_workspace()
        self.open_panel("doctor")
        stage, doctor = self.down.sizes()
        if self.bottom.current == "doctor" and self._without_doctor is None and doctor < DOCTOR_HEIGHT:
            self._without_doctor = [stage, doctor]
            self.down.setSizes([max(1, stage + doctor - DOCTOR_HEIGHT), DOCTOR_HEIGHT])

    def _dismiss_doctor(self) -> None:
        """Another connection begins: the stage gets its room back."""
        if self._without_doctor is not None:
            self.down.setSizes(self._without_doctor)
            self._without_doctor = None

    def _show_webhooks(self) -> None:
        """Beside the start page where there is room; where not, the banner tells of an announcement."""
        if not self._narrow:
            self.open_panel("webhooks")

    def _edit_connection(self) -> None:
        request = self._controller.last_request
        if request is not None:
            self.start_model.set_request(request)
        self.do_connect()

    def _session_row(self, key: str) -> None:
        if key == "live":
            self.show_workspace()
        elif key in ("mock", "webhooks"):
            self.open_panel(key)
        elif key.startswith("recording."):
            folder = self.sessions_model.recording_folder(key)
            (self._open_recording if self.sessions_model.is_closed(key) else self._repair)(folder)
        elif key.startswith("recent."):
            self._open_recording(self.sessions_model.recent_bundle(key))

    def _status_pressed(self, key: str) -> None:
        if key == "disk":
            self.do_recordings()
        elif key in STATUS_PANELS and (key == "receiver" or not self.on_start_page):
            self.open_panel(STATUS_PANELS[key])

    def _search(self, text: str) -> None:
        """Find in transcript and chat at once; the front one of them shows the hits."""
        for key in ("transcript", "chat"):
            panel = self.panels.panels.get(key)
            if panel is not None:
                panel.widget.pane.field.setText(text)
        if text and self.right.current not in ("transcript", "chat") and not self.on_start_page:
            self.open_panel("transcript")

    def _open_folder(self, folder: str) -> None:
        if folder:
            parts.QDesktopServices.openUrl(parts.QUrl.fromLocalFile(folder))

    # -- folding -----------------------------------------------------------------------------------------------------

    def _show_sessions(self, wide: bool) -> None:
        """A person's choice of list or rail; it holds until the window becomes narrow or wide."""
        self._rail_chosen = not wide
        self._set_rail(not wide)

    def _set_rail(self, rail: bool) -> None:
        if rail == self.sessions.is_rail:
            return
        self.sessions.set_rail(rail)
        self.actions_["sessions"].setChecked(not rail)
        _, _, right = self.across.sizes()
        left = parts.RAIL if rail else parts.WIDTH
        self.across.setSizes([left, max(1, self.width() - left - right - 2), right])

    def _fold(self, *, anew: bool = False) -> None:
        """Give way where the window becomes small, take the room back where it becomes large."""
        narrow, low = self.width() < RAIL_BELOW, self.height() < LOW_BELOW
        if anew or narrow != self._narrow:
            self._narrow, self._rail_chosen = narrow, None
            self.across.setSizes([parts.WIDTH, self.width(), RIGHT_MIN if narrow else RIGHT_WIDTH])
        self._set_rail(narrow if self._rail_chosen is None else self._rail_chosen)
        self.toolbar.fold(self.width() < FOLD_BELOW)
        if anew or low != self._low:
            self._low = low
            height = BOTTOM_MIN if low else BOTTOM_HEIGHT
            self.time_bar.set_small(low)
            self.down.setSizes([max(1, self.height() - height - 100), height])

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if not self.furnished:
            return
        self._ring.hide()
        self._fold()

    # -- panes and keys ----------------------------------------------------------------------------------------------

    def _step_pane(self, step: int) -> None:
        order = (self.toolbar, self.sessions, self.start_page, self.stage, self.time_bar, self.replay_bar, self.right,
                 self.bottom, self.status)  # fmt: skip
        panes = [pane for pane in order if pane.isVisible()]
        focus = self.focusWidget()
        here = next(
            (n for n, pane in enumerate(panes) if pane is focus or (focus and pane.isAncestorOf(focus))),
            -step % len(panes),
        )
        for offset in range(1, len(panes) + 1):
            pane = panes[(here + step * offset) % len(panes)]
            target = _first_focusable(pane)
            if target is not None:
                target.setFocus(parts.Qt.FocusReason.TabFocusReason)
                return

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        by_hand = QGuiApplication.mouseButtons() != parts.Qt.MouseButton.NoButton
        self._ring.around(new if isinstance(new, (parts.QPushButton, parts.QToolButton)) and not by_hand else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.furnished:
            super().keyPressEvent(event)
        elif event.key() == parts.Qt.Key.Key_Escape and self._full_screen:
            self.do_full_screen()
        elif self._letters_act(event) and self.replay_model.active and parts.press(event, self.replay_model):
            event.accept()
        elif event.text().lower() in LETTERS and self._letters_act(event):
            self.do(LETTERS[event.text().lower()])
        else:
            super().keyPressEvent(event)

    def _letters_act(self, event: QKeyEvent) -> bool:
        """Single letters act on the stage, the time bar and the lower panels, never while typing."""
        allowed = parts.Qt.KeyboardModifier.ShiftModifier | parts.Qt.KeyboardModifier.KeypadModifier
        if self.replay_model.active:
            allowed |= parts.Qt.KeyboardModifier.ControlModifier
        plain = not event.modifiers() & ~allowed
        focus = self.focusWidget()
        places = (self.stage, self.time_bar, self.replay_bar, self.bottom)
        return plain and (focus is None or focus is self or any(p is focus or p.isAncestorOf(focus) for p in places))

    # -- drops and the end -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event) -> None:
        if event.mimeData().hasText() or event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event) -> None:
        data = event.mimeData()
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if files:
            self.take_file(files[0])
        else:
            self.take_text(data.text())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == parts.QEvent.Type.WindowStateChange:
            self._set_seen(not self.isMinimized())

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._set_seen(True)

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self._set_seen(False)

    def _set_seen(self, seen: bool) -> None:
        if not self.furnished:
            return
        self.ticks.set_visible(seen)
        self.stage_model.set_visible(seen and self.stage.isVisible())

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._finished:
            event.accept()
            return
        event.ignore()
        if self.furnished and self.session_model.is_recording:
            text = "The recording is finished and kept. The session is closed without ending the stream."
            dialog = parts.ConfirmDialog("Stop recording and quit?", text, "Stop and quit", self)
            dialog.confirmed.connect(self.quit_requested)
            dialog.open()
        else:
            self.quit_requested.emit()

    def finish(self) -> None:
        """The program has put everything away: remember the layout and go. Idempotent."""
        if self._finished:
            return
        self.remember_layout()
        self._finished = True
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._focus_moved)
        if self._feed is not None:
            self._feed.close()
        self.panels.close_floating()
        self.close()


def _column(widget: QWidget) -> QVBoxLayout:
    layout = parts.QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout


def _first_focusable(pane: QWidget) -> QWidget | None:
    if pane.focusPolicy() & parts.Qt.FocusPolicy.TabFocus:
        return pane
    for child in pane.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & parts.Qt.FocusPolicy.TabFocus:
            return child
    return None
