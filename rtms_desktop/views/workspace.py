"""What stands in the window at the moment: the start page or a session, which panels, or the stage alone. Main thread.

Made by the body; commands and models say what is wanted, here is decided what is visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from rtms_desktop.app.events import PaneAsked
    from rtms_desktop.views.body import Body

START, WORK = 0, 1
_FULL = Qt.WindowState.WindowFullScreen


class Workspace:
    """`full_screen`: only the stage is shown."""

    def __init__(self, body: Body) -> None:
        self._body, self._models = body, body.models
        self.full_screen = False
        self._opened_by_hand = self._came_from_work = False

    @property
    def on_start_page(self) -> bool:
        return self._body.centre.currentIndex() == START

    @property
    def on_page(self) -> bool:
        """Whether a page of its own stands in the place of the start page or the session."""
        return self._body.centre.currentIndex() > WORK

    def show_start(self) -> None:
        """The first screen, alone."""
        self._body.centre.setCurrentIndex(START)
        self._opened_by_hand = False
        self.arrange()

    def show_work(self) -> None:
        """The stage with its panels."""
        self._body.panels.build()
        self._body.centre.setCurrentIndex(WORK)
        self.arrange()
        self._body.stage.setFocus()

    def show_page(self, page: QWidget) -> None:
        """A page in the place of what is shown; `leave_page` goes back."""
        if self.full_screen:
            self.toggle_full_screen()
        if not self.on_page:
            self._came_from_work = not self.on_start_page
        self._body.centre.setCurrentWidget(page)
        self.arrange()

    def leave_page(self) -> None:
        """Back to the session, while there is one to see, or to the start page."""
        session = self._models.session
        if not self.on_page:
            return
        if self._came_from_work and (session.showing or session.last_ended is not None):
            self.show_work()
        else:
            self.show_start()

    def arrange(self) -> None:
        """Empty areas take no room; what stands under the tabs depends on the tab."""
        body, full = self._body, self.full_screen
        start = self.on_start_page or self.on_page
        working = (not start or (self._opened_by_hand and not self.on_page)) and not full
        came = start or not self._models.session.refused  # else nobody spoke and no time passed
        replays = self._models.session.replay is not None
        body.time_bar.setVisible(self._models.session.showing and not full and not replays)
        body.replay_bar.setVisible(not full and replays)
        body.right_column.setVisible(working and came and bool(body.right.keys))
        body.bottom.setVisible(working and bool(body.bottom.keys) and not start)
        body.sessions.setVisible(not self.on_start_page and not full)
        front = body.right.current_panel()
        whole = front is not None and front.whole
        alone = whole or (front is not None and front.tall and body.folding.low)
        body.panels.mixer.setVisible(body.panels.complete and front is not None and not alone and not start)
        body.folding.limit_right(whole=whole)
        body.actions_.check_panels(body.panels.is_open)

    # -- panels ----------------------------------------------------------------------------------------------------

    def open_panel(self, key: str) -> None:
        """Bring a panel to the front, wherever it is."""
        self.leave_page()
        self._body.panels.build()
        if self.on_start_page and self._body.folding.narrow:
            self.show_work()  # beside the start page there is no room
        elif self.on_start_page:
            self._opened_by_hand = True
        self._body.panels.open(key)

    def show_moment(self, asked: PaneAsked) -> None:
        """A person wants to see a moment in a panel; who is in it goes there by itself."""
        self.open_panel(asked.pane)

    def toggle_panel(self, key: str) -> None:
        """Closed: opened. Open but behind: brought to the front. In front: closed."""
        panels = self._body.panels
        area = panels.area_of(key)
        in_front = area is not None and area.current == key and area.isVisible()
        if in_front or panels.place_of(key) == "floating":
            panels.close(key)
        else:
            self.open_panel(key)
        self.arrange()

    def open_beside_start(self, key: str) -> None:
        """Where there is room; where not, the banner tells what the panel would."""
        if not self._body.folding.narrow:
            self.open_panel(key)

    def show_finding(self) -> None:
        """The connection stopped: what the Doctor says about it comes to the front, with room to be read."""
        self.show_work()
        self.open_panel("doctor")
        if self._body.bottom.current == "doctor":
            self._body.folding.make_room_for_finding()

    def reset(self) -> None:
        """The fresh layout."""
        self._body.panels.reset()
        self._body.folding.reset()
        self.arrange()

    # -- sessions --------------------------------------------------------------------------------------------------

    def session_opened(self) -> None:
        self._body.folding.give_room_back()
        self.show_work()

    def session_closed(self) -> None:
        """After a recording comes the first screen; a stream that ended stays to be looked at."""
        if self._models.session.last_ended is None and not self.on_page:
            self.show_start()
        self.arrange()

    # -- full screen -----------------------------------------------------------------------------------------------

    def toggle_full_screen(self) -> None:
        """Only where there is something to fill the screen with."""
        if (self.on_start_page or self.on_page) and not self.full_screen:
            return
        body, window = self._body, self._body.main_window
        self.full_screen = not self.full_screen
        for part in (body.toolbar, body.status, window.menuBar()):
            part.setVisible(not self.full_screen)
        body.stage.set_full_screen(self.full_screen)
        self.show_notice()
        self.arrange()
        window.setWindowState(window.windowState() ^ _FULL)
        body.stage.setFocus()

    def show_notice(self) -> None:
        """The notice that matters most, under the toolbar."""
        banner, shown = self._body.banner, self._models.notices.current
        if shown is not None:
            label = shown.action_label
            banner.show_notice(
                shown.severity.value, shown.text, label, closable=shown.closable, icon=shown.icon,
                muting=self._models.notices.mutable(),
            )  # fmt: skip
        banner.setVisible(shown is not None and not self.full_screen)
