"""The search of the window: its field in the toolbar, the popover under it, and what its keys do. Main thread.

Made by the body. The field also marks its words in transcript and chat as one types, see `Commands.search`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from rtms_desktop.viewmodels.search_hits import Command, Group, Hit
from rtms_desktop.viewmodels.search_vm import SearchViewModel
from rtms_desktop.views.search_going import Going
from rtms_desktop.views.search_popover import SearchPopover

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body

PAGE = 5
_TYPE, _KEY, _REASON = QEvent.Type, Qt.Key, Qt.FocusReason
_STEPS: dict[int, int] = {_KEY.Key_Down: 1, _KEY.Key_Up: -1, _KEY.Key_PageDown: PAGE, _KEY.Key_PageUp: -PAGE}
_ENTER = (_KEY.Key_Return, _KEY.Key_Enter)
_AWAY = (_REASON.PopupFocusReason, _REASON.ActiveWindowFocusReason, _REASON.MenuBarFocusReason)
_NATIVE = QKeySequence.SequenceFormat.NativeText
_KINDS = {"layout": "Layout", "theme": "Theme", "panel": "Panel"}
"""Actions of these kinds have names that say too little by themselves."""

_LEFT_OUT = ("search", "next_pane", "previous_pane")


class SearchPart(QObject):
    """`start` is Ctrl+K."""

    def __init__(self, body: Body, controller: Any) -> None:
        super().__init__(body)
        self._body, self._window, self._field = body, body.main_window, body.toolbar.search
        self.model = SearchViewModel(controller, self._commands, self._pane, self)
        self.popover = SearchPopover(self.model, body.models.colours, self._field, self._window, self._floor)
        self._going = Going(body, controller)
        self._before: QWidget | None = None
        self._field.textEdited.connect(self.model.type)
        self._field.installEventFilter(self)
        self.model.accepted.connect(self._go)
        self.model.changed.connect(self._watch)
        self._watching = False
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def start(self) -> None:
        """The cursor to the field, and what may be useful under it."""
        if self._body.workspace.full_screen:
            self._body.workspace.toggle_full_screen()
        focus = self._window.focusWidget()
        self._before = self._before if focus is self._field else focus
        self._body.toolbar.start_search()
        self.model.open(self._field.text())

    def close(self) -> None:
        """The window goes."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._focus_moved)
        self.model.shut()

    # -- what can be found in the window ---------------------------------------------------------------------------

    def _commands(self) -> list[Command]:
        """What the menus offer at this moment."""
        actions = self._body.actions_.actions
        return [_command(key, action) for key, action in actions.items() if action.isEnabled() and key not in _LEFT_OUT]

    def _pane(self, key: str) -> Any:
        panel = self._body.panels.panels.get(key)
        return None if panel is None else panel.widget.model

    # -- going -----------------------------------------------------------------------------------------------------

    def _go(self, hit: Hit) -> None:
        if hit.group is Group.RECENT:
            self._field.setText(hit.target)
            self.model.type(hit.target)
            return
        self.model.close()
        if hit.group is not Group.COMMANDS:
            self._going.go(hit)
            return
        self._field.clear()
        self._give_back()
        kind, _, panel = hit.target.partition(".")
        if kind == "panel":
            self._body.workspace.open_panel(panel)
        else:
            self._body.actions_[hit.target].trigger()

    def _give_back(self) -> None:
        """The focus to where it was before."""
        before = self._before
        if before is not None and before.isVisible():
            before.setFocus(_REASON.OtherFocusReason)
        else:
            (self._body.stage if self._body.stage.isVisible() else self._body.start_page).setFocus()

    # -- keys, pointer, sizes ----------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is not self._field:
            if kind == _TYPE.MouseButtonPress and isinstance(watched, QWidget) and not self._holds(watched):
                self.model.close()
            elif kind == _TYPE.Resize and watched is self._window:
                self.popover.place()
            return False
        if kind == _TYPE.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        if kind == _TYPE.MouseButtonPress:
            self.model.open(self._field.text())
        elif kind == _TYPE.Hide or (
            isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _AWAY
        ):
            self.model.close()
        elif kind in (_TYPE.Resize, _TYPE.Move) and self.model.active:
            self.popover.place()
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key, model = event.key(), self.model
        if key in _STEPS:
            if model.active:
                model.step(_STEPS[key])
            else:
                model.open(self._field.text())
        elif key in _ENTER:
            if model.active:
                model.enter()
            else:
                model.open(self._field.text())
        elif key == _KEY.Key_Escape:
            self._escape()
        else:
            return False
        return True

    def _escape(self) -> None:
        """First the popover goes, then the words, and with the words the focus."""
        if self.model.active:
            self.model.close()
            if self._field.text():
                return
        self._field.clear()
        self._give_back()

    def _watch(self) -> None:
        """A press anywhere else closes; whoever looks at all events of the program does so only while it is open."""
        application = QApplication.instance()
        if self.model.active == self._watching or application is None:
            return
        self._watching = self.model.active
        if self._watching:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)

    def _holds(self, widget: QWidget) -> bool:
        parts = (self._field, self.popover)
        return any(part is widget or part.isAncestorOf(widget) for part in parts)

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is self._field and old is not None and old.window() is self._window:
            self._before = old

    def _floor(self) -> int:
        """The lowest line of the window that the popover may reach."""
        return self._window.height() - self._body.status.height() - 8


def _command(key: str, action: QAction) -> Command:
    name, _, letter = action.text().partition("\t")
    kind = _KINDS.get(key.partition(".")[0], "") if "." in key else ""
    name = name.replace("&&", "\0").replace("&", "").replace("\0", "&")
    shortcut = letter or action.shortcut().toString(_NATIVE)
    on = action.isCheckable() and action.isChecked() and kind != "Panel"
    return Command(key, f"{kind}: {name}" if kind else name, shortcut, on)
