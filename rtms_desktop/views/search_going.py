"""Going to what the search of the window found: the moment, the panel, the row. Made by `views.search_part`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView

from rtms_desktop.app.events import ReplaySettled, SessionOpened
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.search_hits import Group, Hit
from rtms_desktop.viewmodels.timeline_rows import Kind

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body

BEHIND_S = 0.001
"""A recording is shown as it was just after something happened, so that it is there."""

SAME_S = 0.0005
LATE_MS = 2000
"""A stream whose view does not step back by then stays where it is."""

CENTRED = QAbstractItemView.ScrollHint.PositionAtCenter
PANELS = {
    Group.PEOPLE: "people",
    Group.TRANSCRIPT: "transcript",
    Group.CHAT: "chat",
    Group.MARKS: "timeline",
    Group.EVENTS: "events",
    Group.MESSAGES: "inspector",
}


class Going(QObject):
    """`go` for every hit but commands and earlier searches."""

    def __init__(self, body: Body, controller: Any) -> None:
        super().__init__(body)
        self._body, self._controller = body, controller
        self._then: Callable[[], object] | None = None
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(LATE_MS)
        self._late.timeout.connect(self._forget)
        self._ways: dict[Group, Callable[[Any, Any], None]] = {
            Group.PEOPLE: self._person,
            Group.TRANSCRIPT: self._line,
            Group.CHAT: self._chat,
            Group.MARKS: self._mark,
            Group.EVENTS: self._event,
            Group.MESSAGES: self._message,
        }
        listen(
            self,
            controller.hub,
            {ReplaySettled: lambda event: self._settled(), SessionOpened: lambda event: self._forget()},
        )

    def go(self, hit: Hit) -> None:
        """Show a hit where it is, and put the window's cursor there."""
        if hit.group is Group.RECORDINGS:
            self._recording(hit)
            return
        widget = self._open(PANELS[hit.group])
        if hit.whole:
            self._whole(hit, widget)
            return
        way = self._ways[hit.group]
        self._late.stop()
        self._forget()
        session = self._controller.session
        if hit.at is None:
            way(widget, hit.target)
        elif session is not None and session.is_replay:
            self._then = lambda: way(widget, hit.target)  # the rows of a recording may be others there
            self._controller.moment.set(hit.at + BEHIND_S)
        else:
            self._controller.moment.set(hit.at)
            way(widget, hit.target)
            self._then = lambda: way(widget, hit.target)  # if the view of the stream steps back to there
            self._late.start()

    def _open(self, key: str) -> Any:
        self._body.workspace.open_panel(key)
        return self._body.panels.panels[key].widget

    def _settled(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            QTimer.singleShot(0, self, then)  # when every pane has settled

    def _forget(self) -> None:
        self._then = None

    # -- to a row ------------------------------------------------------------------------------------------------

    def _person(self, widget: Any, user_id: int) -> None:
        people = widget.model.model.people
        row = next((number for number, person in enumerate(people) if person.user_id == user_id), -1)
        _choose(widget.table, widget.model.model.index(row, 0))

    def _line(self, widget: Any, serial: int) -> None:
        if widget.model.store.holds(serial):
            widget.model.finder.choose(serial)
            widget.pane.list.select(serial)
        widget.pane.list.setFocus()

    def _chat(self, widget: Any, message_id: str) -> None:
        serial = widget.model.serial_of(message_id)
        if serial is not None:
            self._line(widget, serial)

    def _mark(self, widget: Any, mark_id: str) -> None:
        model = widget.model
        if not model.shows(Kind.MARKS):
            model.toggle(Kind.MARKS)
        found = (serial for serial in range(model.store.first, model.store.end) if model.mark_id(serial) == mark_id)
        serial = next(found, None)
        if serial is not None:
            self._line(widget, serial)

    def _event(self, widget: Any, target: tuple[float, Any]) -> None:
        at, text = target
        widget.show_only(widget.filter.ALL)
        rows = widget.model.model.rows
        same = [number for number, row in enumerate(rows) if row.text == text and row.at <= at + SAME_S]
        if same:
            _choose(widget.table, widget.filter.mapFromSource(widget.model.model.index(same[-1], 0)))

    def _message(self, widget: Any, serial: int) -> None:
        rows = widget.model.model
        row = rows.row_of(serial)
        if row < 0 or rows.serial(row) != serial:
            widget.bar.set_text("")  # the filter hides it
        widget.go_to(serial)
        widget.model.cursor.choose(serial)
        widget.table.setFocus()

    # -- to all of them ------------------------------------------------------------------------------------------

    def _whole(self, hit: Hit, widget: Any) -> None:
        if hit.group is Group.MESSAGES:
            widget.bar.set_text(hit.target)
            widget.table.setFocus()
        else:
            widget.pane.field.setText(hit.target)
            widget.pane.list.setFocus()

    def _recording(self, hit: Hit) -> None:
        body = self._body
        if not hit.whole:
            body.commands.leave_stream(lambda: body.models.library.open_hit(hit.target))
            return
        if not body.workspace.on_page:
            body.recordings.show()
        body.recordings.find(hit.target)


def _choose(table: Any, index: Any) -> None:
    if index.isValid():
        table.setCurrentIndex(index)
        table.scrollTo(index, CENTRED)
    table.setFocus()
