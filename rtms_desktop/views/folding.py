"""How the parts of the window share its room: fresh, folded in a small window, and with room for a finding.

Made by the body, asked whenever the window changes its size. Main thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings

from rtms_desktop.views.sessions_panel import RAIL, WIDTH

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body

RIGHT_WIDTH, RIGHT_MIN, RIGHT_MAX, RIGHT_WHOLE = 330, 268, 480, 424
BOTTOM_HEIGHT, BOTTOM_MIN = 286, 178
RAIL_BELOW, FOLD_BELOW, LOW_BELOW = 1180, 1100, 700
FINDING_HEIGHT = 590


class Folding:
    """`narrow`: there is no room for a panel beside the start page. `low`: the window has little height."""

    def __init__(self, body: Body) -> None:
        self._body, self._window = body, body.main_window
        self.narrow = self.low = False
        self._rail_chosen: bool | None = None
        self._without_finding: list[int] | None = None

    # -- the whole -------------------------------------------------------------------------------------------------

    def fresh(self) -> None:
        """The sizes of a window that was never arranged."""
        self._body.across.setSizes([WIDTH, 900, RIGHT_WIDTH])
        self._body.down.setSizes([600, BOTTOM_HEIGHT])

    def reset(self) -> None:
        """Forget what was chosen and pulled."""
        self._rail_chosen = None
        self.fresh()
        self.fold(anew=True)

    def fold(self, *, anew: bool = False) -> None:
        """Give way where the window becomes small, take the room back where it becomes large."""
        body, width, height = self._body, self._window.width(), self._window.height()
        narrow, low = width < RAIL_BELOW, height < LOW_BELOW
        if anew or narrow != self.narrow:
            self.narrow, self._rail_chosen = narrow, None
            body.across.setSizes([WIDTH, width, RIGHT_MIN if narrow else RIGHT_WIDTH])
        self._set_rail(narrow if self._rail_chosen is None else self._rail_chosen)
        body.toolbar.fold(width < FOLD_BELOW)
        body.right.set_tight(width < FOLD_BELOW)
        if anew or low != self.low:
            self.low = low
            bottom = BOTTOM_MIN if low else BOTTOM_HEIGHT
            body.time_bar.set_small(low)
            body.replay_bar.set_small(low)
            body.down.setSizes([max(1, height - bottom - 100), bottom])
            body.workspace.arrange()

    def limit_right(self, *, whole: bool) -> None:
        """A panel that has the column for itself is made of forms, which need more of it."""
        self._body.right_column.setMinimumWidth(RIGHT_WHOLE if whole else RIGHT_MIN)
        self._body.right_column.setMaximumWidth(RIGHT_MAX)

    # -- the sessions ----------------------------------------------------------------------------------------------

    def show_sessions(self, wide: bool) -> None:
        """A person's choice of list or rail; it holds until the window becomes narrow or wide."""
        self._rail_chosen = not wide
        self._set_rail(not wide)

    def _set_rail(self, rail: bool) -> None:
        body = self._body
        if rail == body.sessions.is_rail:
            return
        body.sessions.set_rail(rail)
        body.actions_["sessions"].setChecked(not rail)
        _, _, right = body.across.sizes()
        left = RAIL if rail else WIDTH
        body.across.setSizes([left, max(1, self._window.width() - left - right - 2), right])

    # -- a finding of the Doctor -----------------------------------------------------------------------------------

    def make_room_for_finding(self) -> None:
        """As much of the height as a finding needs to be read without scrolling."""
        stage, bottom = self._body.down.sizes()
        if self._without_finding is None and bottom < FINDING_HEIGHT:
            self._without_finding = [stage, bottom]
            self._body.down.setSizes([max(1, stage + bottom - FINDING_HEIGHT), FINDING_HEIGHT])

    def give_room_back(self) -> None:
        """To the stage, as it was before the finding."""
        if self._without_finding is not None:
            self._body.down.setSizes(self._without_finding)
            self._without_finding = None

    # -- remembering -----------------------------------------------------------------------------------------------

    def remember(self, store: QSettings) -> None:
        for name, splitter in self._body.splitters.items():
            store.setValue(name, splitter.saveState())

    def restore(self, store: QSettings) -> None:
        for name, splitter in self._body.splitters.items():
            state = store.value(name)
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
                splitter.setHandleWidth(1)
