"""Every command of the window as an action: text, key, what it calls; and the menus made of them (main thread)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from rtms_desktop.views.theme import MODES


@dataclass(frozen=True, slots=True)
class Spec:
    """One command. `why_not`: it is not built, and says so. `check`: it has two states.

    `again`: what it does, and so is called, while that goes on which it has begun.
    """

    key: str
    text: str
    shortcut: str = ""
    why_not: str = ""
    check: bool = False
    again: str = ""


SEPARATOR = Spec("-", "")

FILE = (
    Spec("paste", "&Paste payload", "Ctrl+V"),
    Spec("connect", "&New connection…", "Ctrl+N"),
    Spec("open", "&Open recording…", "Ctrl+O"),
    Spec("close_recording", "&Close recording"),
    Spec("try", "&Try it now", "Ctrl+Shift+T"),
    SEPARATOR,
    Spec("library", "&All recordings", "Ctrl+Shift+O"),
    Spec("export", "&Export…", "Ctrl+E"),
    Spec("recordings", "Show &recordings folder"),
    SEPARATOR,
    Spec("settings", "&Settings…", "Ctrl+,"),
    Spec("quit", "&Quit", "Ctrl+Q"),
)
EDIT = (
    Spec("find", "&Find in this panel", "Ctrl+F"),
    Spec("search", "&Search everything", "Ctrl+K"),
    Spec("filter", "Fi&lter the messages of the Inspector", "Ctrl+L"),
)
VIEW = (
    Spec("layout.speaker", "&Speaker", "Alt+1", check=True),
    Spec("layout.gallery", "&Gallery", "Alt+2", check=True),
    Spec("layout.share", "S&hare + speaker", "Alt+3", check=True),
    SEPARATOR,
    Spec("captions", "&Captions\tC", check=True),
    Spec("osd", "&Figures over the picture\tI"),
    Spec("full_screen", "F&ull screen", "F11"),
    Spec("clean_feed", "Clean &feed in a window", check=True),
    SEPARATOR,
    Spec("sessions", "Sessions &list", check=True),
)
SESSION = (
    Spec("stop", "&Stop", "Ctrl+W"),
    Spec("disconnect", "&Disconnect"),
    Spec("reconnect", "&Reconnect now"),
    SEPARATOR,
    Spec("record", "Start r&ecording", "Ctrl+R", again="Stop r&ecording"),
    Spec("mark", "&Mark now", "Ctrl+B"),
    Spec("snapshot", "S&napshot", "Ctrl+Shift+S"),
    SEPARATOR,
    Spec("mute", "M&ute\tM", check=True),
)
TOOLS = (
    Spec("mock", "&Mock server"),
    Spec("start_mock", "&Start mock server"),
    Spec("stop_mock", "S&top mock server"),
    SEPARATOR,
    Spec("rescan", "&Look for a sound device again"),
    Spec("receiver", "Start the &webhook receiver", again="Stop the &webhook receiver"),
    Spec("doctor", "&Doctor"),
)
HELP = (
    Spec("keys", "&Keyboard", "F1"),
    Spec("explain", "&Explain the focused figure", "Shift+F1"),
    SEPARATOR,
    Spec("diagnostics", "Save &diagnostics…"),
    Spec("log_folder", "Open &log folder"),
    Spec("about", "&About RTMS Desktop"),
)
UNSEEN = (Spec("next_pane", "Next pane", "F6"), Spec("previous_pane", "Previous pane", "Shift+F6"))
MENUS = (("&File", FILE), ("&Edit", EDIT), ("&View", VIEW), ("&Session", SESSION), ("&Tools", TOOLS), ("&Help", HELP))
LAYOUT_KEYS = ("layout.speaker", "layout.gallery", "layout.share")
THEME_TEXTS = {"dark": "&Dark", "light": "&Light", "system": "As the &system"}


class Actions:
    """`actions[key]` is the QAction; `menus[title]` the menu. All stay with the window also while menus are hidden."""

    def __init__(self, window: QWidget, bar: QMenuBar, do: Callable[[str], None]) -> None:
        self._window, self._do = window, do
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        for title, specs in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            self.menus[title.replace("&", "")] = menu
            self._fill(menu, specs)
        for spec in UNSEEN:
            self._action(spec)
        group = QActionGroup(window)
        for key in LAYOUT_KEYS:
            group.addAction(self.actions[key])

    def __getitem__(self, key: str) -> QAction:
        return self.actions[key]

    def tell_running(self, key: str, running: bool) -> None:
        """Whether what this command begins goes on; it is then called by what it does next."""
        spec = next(spec for _, specs in MENUS for spec in specs if spec.key == key)
        self.actions[key].setText(spec.again if running else spec.text)

    def add_themes(self, menu: QMenu, choose: Callable[[str], None], current: str) -> None:
        """The submenu of themes."""
        group = QActionGroup(self._window)
        themes = menu.addMenu("&Theme")
        for mode in MODES:
            action = themes.addAction(THEME_TEXTS[mode])
            action.setCheckable(True)
            action.setChecked(mode == current)
            action.triggered.connect(lambda _=False, mode=mode: choose(mode))
            group.addAction(action)
            self.actions[f"theme.{mode}"] = action

    def add_panels(self, menu: QMenu, panels: Sequence[tuple[str, str]], toggle: Callable[[str], None]) -> None:
        """One entry for each panel, with its number as the key; then the way back to the fresh layout."""
        menu.addSeparator()
        for number, (key, title) in enumerate(panels, 1):
            action = menu.addAction(title)
            action.setCheckable(True)
            if number <= 9:
                action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _=False, key=key: toggle(key))
            self._window.addAction(action)
            self.actions[f"panel.{key}"] = action
        menu.addSeparator()
        self._fill(menu, (Spec("reset", "&Reset layout"),))

    def check_panels(self, is_open: Callable[[str], bool]) -> None:
        """Mark the panels that are open in the menu."""
        for name, action in self.actions.items():
            kind, _, key = name.partition(".")
            if kind == "panel":
                action.setChecked(is_open(key))

    def _fill(self, menu: QMenu, specs: Sequence[Spec]) -> None:
        for spec in specs:
            if spec is SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self._action(spec))

    def _action(self, spec: Spec) -> QAction:
        action = QAction(spec.text, self._window)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        action.setCheckable(spec.check)
        if spec.why_not:
            action.setEnabled(False)
            action.setToolTip(spec.why_not)
            action.setStatusTip(spec.why_not)
        action.triggered.connect(lambda _=False, key=spec.key: self._do(key))
        self._window.addAction(action)  # its key works while the menu bar is hidden
        self.actions[spec.key] = action
        return action
