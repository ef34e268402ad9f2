"""What the window is made of: its models and parts, how they stand, and which signal is which command. Main thread.

Made by `MainWindow.furnish`. Each concern has a module of its own: `docks` (a new dock is a row there), `commands` (a
new command or dialog is a row there), `actions` (menus and keys), `workspace` (what is visible), `folding` (sizes),
`keyboard`. A part that always stands in the window is made in `_make_parts` and placed in `_lay_out`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QRect, QSettings, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from rtms_desktop.app.events import PaneAsked
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.models import Models
from rtms_desktop.views.actions import Actions
from rtms_desktop.views.banner import Banner, Toast
from rtms_desktop.views.commands import Commands
from rtms_desktop.views.desktop_notes import DesktopNotes
from rtms_desktop.views.diagnostics_part import DiagnosticsPart
from rtms_desktop.views.dialogs import ConfirmDialog
from rtms_desktop.views.folding import BOTTOM_MIN, RIGHT_MIN, Folding
from rtms_desktop.views.keyboard import Keyboard
from rtms_desktop.views.layouts import column
from rtms_desktop.views.mark_field import MarkField
from rtms_desktop.views.panel_set import PanelSet
from rtms_desktop.views.panels import Area
from rtms_desktop.views.recording_tray import RecordingTray
from rtms_desktop.views.recordings_part import RecordingsPart
from rtms_desktop.views.replay_bar import ReplayBar
from rtms_desktop.views.search_part import SearchPart
from rtms_desktop.views.sessions_panel import SessionsPanel
from rtms_desktop.views.stage import Stage
from rtms_desktop.views.start_page import StartPage
from rtms_desktop.views.status_bar import StatusBar
from rtms_desktop.views.theme import theme
from rtms_desktop.views.time_bar import TimeBar
from rtms_desktop.views.toolbar import Toolbar
from rtms_desktop.views.workspace import Workspace

if TYPE_CHECKING:
    from rtms_desktop.views.main_window import MainWindow

_TYPE = QEvent.Type
STYLED = Qt.WidgetAttribute.WA_StyledBackground
NOTE_ROOM = 56


class Body(QWidget):
    """Every part is an attribute, so that `commands`, `workspace` and the others reach it; they keep nothing of it.

    Args:
        bridge: made here where the caller has none to share with the controller.
        store: where sizes and places are kept between starts.
    """

    main_window: MainWindow
    models: Models

    def __init__(self, window: MainWindow, controller: Any, bridge: Bridge | None, store: QSettings) -> None:
        super().__init__(window)
        theme().set_mode(controller.settings.values.theme)
        self.main_window, self._controller, self._store = window, controller, store
        self.models = Models(controller, bridge or Bridge(self), self)
        self._make_parts()
        self._lay_out()
        self.folding = Folding(self)
        self.workspace = Workspace(self)
        self.keyboard = Keyboard(self)
        self.recordings = RecordingsPart(self)
        self.diagnostics = DiagnosticsPart(self, controller)
        self.desktop_notes = DesktopNotes(controller, window)
        self.recording_tray = RecordingTray(self.models.session, window)
        self.search = SearchPart(self, controller)
        self.commands = Commands(self, controller)
        self.actions_ = Actions(window, window.menuBar(), self.do)
        self._wire_parts()
        self._wire_models()
        self._reactions: dict[QEvent.Type, Callable[[Any], bool]] = {
            _TYPE.KeyPress: self._key,
            _TYPE.Resize: self._resized,
            _TYPE.DragEnter: self._dragged,
            _TYPE.Drop: self._dropped,
            _TYPE.Show: lambda _: self._set_seen(True),
            _TYPE.Hide: lambda _: self._set_seen(False),
            _TYPE.WindowStateChange: lambda _: self._set_seen(not window.isMinimized()),
        }

    def begin(self) -> None:
        """The body stands in the window: take the sizes of the last time and show the first screen."""
        self.main_window.setAcceptDrops(True)
        self.folding.fresh()
        self.folding.restore(self._store)
        self.folding.fold()
        self._set_seen(self.main_window.isVisible())
        self.workspace.show_start()
        self._follow_session()
        self.panels.build_soon()

    def do(self, key: str, *words: Any) -> None:
        """One command, by its key in `Commands.table`."""
        self.commands.do(key, *words)

    def say(self, text: str, icon: str, action: str = "", do: Callable[[], object] | None = None) -> None:
        """A short word on what a person just did: over the stage, else over the page that is shown."""
        (self.toast if self.stage.isVisible() else self.page_toast).say(text, icon, action, do)

    # -- making ------------------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        models = self.models
        self.toolbar = Toolbar(models.session)
        self.banner = Banner()
        self.sessions = SessionsPanel(models.sessions, models.receiver, models.ticks)
        self.stage = Stage(models.stage, models.session, models.ticks)
        self.time_bar = TimeBar(models.time, models.marks, models.stage, models.ticks)
        self.replay_bar = ReplayBar(models.replay, models.marks, models.stage, models.ticks)
        self.start_page = StartPage(models.start, models.sessions, models.receiver)
        self.status = StatusBar(models.session, models.ticks, models.exports)
        self.right, self.bottom = Area("right"), Area("bottom")
        self.toast = Toast(self.stage)
        areas = {"right": self.right, "bottom": self.bottom}
        self.panels = PanelSet(self.main_window, areas, self._controller, models, self.do, self._store)
        self.panes = (self.toolbar, self.sessions, self.start_page, self.stage, self.time_bar, self.replay_bar,
                      self.right, self.bottom, self.status)  # fmt: skip

    def _lay_out(self) -> None:
        live = QWidget()
        under = column(live)
        under.addWidget(self.stage, 1)
        under.addWidget(self.time_bar)
        under.addWidget(self.replay_bar)
        self.mark_field = MarkField(self.models.marks, live, self._room_for_note)
        self.centre = QStackedWidget()
        self.page_toast = Toast(self.centre)
        self.centre.addWidget(self.start_page)
        self.centre.addWidget(live)
        self.right_column = QWidget()
        self.right_column.setObjectName("panel")
        self.right_column.setAttribute(STYLED)
        under = column(self.right_column)
        under.addWidget(self.right, 1)
        under.addWidget(self.panels.mixer)
        self.right_column.setMinimumWidth(RIGHT_MIN)
        self.bottom.setMinimumHeight(BOTTOM_MIN)
        self.across = _splitter(Qt.Orientation.Horizontal, self.sessions, self.centre, self.right_column)
        self.down = _splitter(Qt.Orientation.Vertical, self.across, self.bottom)
        self.across.setStretchFactor(1, 1)
        self.down.setStretchFactor(0, 1)
        self.splitters = {"across": self.across, "down": self.down}
        under = column(self)
        for part, stretch in ((self.toolbar, 0), (self.banner, 0), (self.down, 1), (self.status, 0)):
            under.addWidget(part, stretch)

    def _room_for_note(self) -> QRect:
        """In the row of the time, in full screen at the lower edge of the stage; coordinates of their column."""
        for bar in (self.time_bar, self.replay_bar):
            if bar.isVisible():
                return bar.room().translated(bar.pos())
        stage = self.stage.geometry()
        return QRect(stage.left(), stage.bottom() - NOTE_ROOM, stage.width(), NOTE_ROOM)

    # -- signals -----------------------------------------------------------------------------------------------------

    def _wire_parts(self) -> None:
        bar, start, commands = self.toolbar, self.start_page, self.commands
        for signal, key in (
            (bar.stop_wanted, "stop"), (bar.try_wanted, "try"), (bar.record_wanted, "record"),
            (bar.mute_wanted, "mute"), (bar.snapshot_wanted, "snapshot"), (bar.full_screen_wanted, "full_screen"),
            (bar.mark_wanted, "mark"), (self.time_bar.mark_wanted, "mark"),
            (bar.connect_wanted, "connect"), (bar.settings_wanted, "settings"), (start.try_wanted, "try"),
            (start.open_wanted, "open"), (start.webhooks_wanted, "webhooks"), (self.sessions.new_wanted, "connect"),
            (self.sessions.unfold_wanted, "sessions"), (self.stage.full_screen_wanted, "full_screen"),
            (bar.export_wanted, "export"), (start.library_wanted, "library"), (self.sessions.library_wanted, "library"),
        ):  # fmt: skip
            signal.connect(lambda key=key: self.do(key))
        for strip in (self.time_bar.strip, self.replay_bar.view):
            strip.note_wanted.connect(self.mark_field.begin)
        bar.layout_chosen.connect(self.models.stage.choose_layout)
        bar.volume_chosen.connect(self.models.settings.set_volume)
        bar.searched.connect(commands.search)
        bar.set_volume(*self.models.settings.volume)
        start.recording_wanted.connect(commands.open_recording)
        self.stage.acted.connect(self.do)
        self.sessions.chosen.connect(commands.choose_session)
        self.status.pressed.connect(commands.explain_status)
        self.banner.acted.connect(self.models.notices.act)
        self.banner.dismissed.connect(self.models.notices.dismiss)
        self.banner.muted.connect(self.models.notices.mute_kind)
        self.banner.settings_wanted.connect(lambda: self.do("settings", "alerts"))
        for signal in (self.panels.changed, self.right.current_changed, self.bottom.current_changed):
            signal.connect(lambda *_: self.workspace.arrange())
        self.panels.built.connect(self._list_panels)
        listen(self, self._controller.hub, {PaneAsked: self.workspace.show_moment})

    def _wire_models(self) -> None:
        models, workspace, actions = self.models, self.workspace, self.actions_
        models.announcer.form_wanted.connect(lambda: self.do("connect"))
        models.stage.layout_changed.connect(self._layout_changed)
        self._layout_changed(models.stage.layout)
        models.stage.captions_changed.connect(actions["captions"].setChecked)
        actions["captions"].setChecked(models.stage.captions)
        models.marks.changed.connect(self._allow_marks)
        self._allow_marks()
        models.session.changed.connect(self._follow_session)
        models.session.recording_changed.connect(self._follow_session)
        models.session.shift_changed.connect(workspace.arrange)
        models.session.opened.connect(workspace.session_opened)
        models.session.closed.connect(workspace.session_closed)
        models.notices.changed.connect(workspace.show_notice)
        models.notices.commanded.connect(self.do)
        actions.add_themes(actions.menus["View"], models.settings.set_theme, models.settings.theme)
        models.settings.theme_changed.connect(self._theme_chosen)
        models.ticks.text.connect(self._every_quarter)

    def _list_panels(self) -> None:
        titles = [(key, panel.title) for key, panel in self.panels.panels.items()]
        self.actions_.add_panels(self.actions_.menus["View"], titles, self.workspace.toggle_panel)
        self.workspace.arrange()

    def _follow_session(self) -> None:
        connected, showing = self.models.session.connected, self.models.session.showing
        self.models.ticks.set_active(showing)
        self.main_window.setWindowTitle(self.models.session.window_title)
        for key in ("stop", "disconnect", "reconnect", "record"):
            self.actions_[key].setEnabled(connected)
        self.actions_.tell_running("record", self.models.session.is_recording)
        self.actions_.tell_running("receiver", self.models.receiver.listening)
        self.actions_["snapshot"].setEnabled(showing)
        self.actions_["close_recording"].setEnabled(showing and not connected)
        running = self._controller.mock.info is not None
        self.actions_["start_mock"].setEnabled(not running)
        self.actions_["stop_mock"].setEnabled(running)
        self.status.refresh()

    def _allow_marks(self) -> None:
        problem = self.models.marks.problem
        self.actions_["mark"].setEnabled(not problem)
        self.toolbar.allow_marks(problem)

    def _every_quarter(self) -> None:
        if self.models.session.is_recording:
            self.toolbar.refresh()

    def _layout_changed(self, layout: str) -> None:
        self.toolbar.layouts.set_current(layout)
        self.actions_[f"layout.{layout}"].setChecked(True)

    def _theme_chosen(self, mode: str) -> None:
        theme().set_mode(mode)
        self.actions_[f"theme.{mode}"].setChecked(True)

    # -- what happens to the window ----------------------------------------------------------------------------------

    def window_event(self, event: QEvent) -> bool:
        """Something happens to the window; True: it is dealt with and goes no further."""
        reaction = self._reactions.get(event.type())
        return reaction is not None and reaction(event)

    def _key(self, event: QKeyEvent) -> bool:
        return self.keyboard.press(event)

    def _resized(self, event: QEvent) -> bool:
        self.keyboard.ring.hide()
        self.folding.fold()
        return False

    def _dragged(self, event: QDragEnterEvent) -> bool:
        wanted = event.mimeData().hasText() or event.mimeData().hasUrls()
        if wanted:
            event.acceptProposedAction()
        return wanted

    def _dropped(self, event: QDropEvent) -> bool:
        data = event.mimeData()
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if files:
            self.commands.take_file(files[0])
        else:
            self.commands.take_text(data.text())
        return True

    def _set_seen(self, seen: bool) -> bool:
        """What cannot be seen is neither decoded nor counted thirty times a second."""
        self.models.ticks.set_visible(seen)
        self.models.stage.set_visible(seen and self.stage.isVisible())
        return False

    # -- the end -----------------------------------------------------------------------------------------------------

    def ask_to_quit(self) -> None:
        """A person closes the window: a recording in progress is worth a question."""
        if not self.models.session.is_recording:
            if not self.recordings.ask_to_quit():
                self.main_window.quit_requested.emit()
            return
        text = "The recording is finished and kept. The session is closed without ending the stream."
        dialog = ConfirmDialog("Stop recording and quit?", text, "Stop and quit", self.main_window)
        dialog.confirmed.connect(self.main_window.quit_requested)
        dialog.open()

    def close_all(self) -> None:
        """The window goes: remember the layout and close what stands beside it."""
        self.main_window.remember_ground(theme().current)
        if not self.workspace.full_screen:
            self.panels.remember()
            if not (self.workspace.on_start_page or self.workspace.on_page):
                self.folding.remember(self._store)
        self.keyboard.close()
        self.search.close()
        self.commands.close()
        self.panels.close_floating()


def _splitter(orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    made = QSplitter(orientation)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for part in parts:
        made.addWidget(part)
    return made
