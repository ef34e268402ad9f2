"""Marks as the window sets them: now, at any moment, with a note, and away again; live and in replay. Main thread.

Methods return at once; MarksChanged tells, also when another session comes into the window. Live, a change goes onto
the tape of the session and so into every recording of it; in replay it goes into the sidecar of the bundle.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import (
    AppEvent,
    MarksChanged,
    RecordingChanged,
    RecordingState,
    ReplayIndexed,
    SessionClosed,
    SessionOpened,
)
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.recording.marks import Mark, MarkBook, alter_marks, clean, write_marks

if TYPE_CHECKING:
    from rtms_desktop.app.replay import ReplaySession
    from rtms_desktop.app.session import ActiveSession

_DONE = (RecordingState.OFF, RecordingState.FAILED)


class MarksDesk:
    """While one has stepped back in a stream that runs, its marks are those of the stream.

    Args:
        shown: gives what the window shows.
        now: its clock; in a recording the playhead.
    """

    def __init__(
        self, hub: Hub, *, shown: Callable[[], ActiveSession | ReplaySession | None], now: Callable[[], float]
    ) -> None:
        self._hub, self._shown, self._now = hub, shown, now
        self._opened: ActiveSession | ReplaySession | None = None
        self._turn = asyncio.Lock()  # files are written in the order of the changes
        self._told: tuple[Mark, ...] = ()
        hub.subscribe(self._heard)

    # -- what there is -------------------------------------------------------------------------------------------

    @property
    def marks(self) -> list[Mark]:
        """Of the session in the window, by time; those of a stream stay when it has ended."""
        return [] if self._session is None else self._session.marks

    @property
    def problem(self) -> str:
        """Why no mark can be set now, in a sentence; "" when one can."""
        session = self._session
        if session is None:
            return "Nothing is connected, and no recording is open."
        if session.can_mark:
            return ""
        if not session.is_replay:
            return "The stream has ended. Open its recording to set marks in it."
        if session.source.bundle is None:
            return "This is a tape without its bundle: there is no place for marks."
        return "The recording is still being read."

    # -- what a person does --------------------------------------------------------------------------------------

    def mark_now(self) -> Mark | None:
        """Mark what is shown at this moment; None where nothing can be marked."""
        return self.add(self._now())

    def add(self, at: float, text: str = "") -> Mark | None:
        """Mark a moment of the session's axis; None where nothing can be marked."""
        session = self._session
        if session is None or not session.can_mark:
            return None
        mark = Mark(secrets.token_hex(8), round(at, 3), session.server_ms_of_at(at), clean(text))
        return mark if self._change(mark) else None

    def note(self, mark_id: str, text: str) -> None:
        """Give a mark another note."""
        mark = self._find(mark_id)
        if mark is not None and mark.text != clean(text):
            self._change(Mark(mark.id, mark.at, mark.server_ms, clean(text)))

    def remove(self, mark_id: str) -> None:
        mark = self._find(mark_id)
        if mark is not None:
            self._change(Mark(mark.id, mark.at, mark.server_ms, "", removed=True))

    async def settle(self) -> None:
        """Wait until everything is on the disk."""
        await asyncio.sleep(0)  # what was begun in this turn of the loop stands in line then
        async with self._turn:
            pass

    # -- inside --------------------------------------------------------------------------------------------------

    @property
    def _session(self) -> ActiveSession | ReplaySession | None:
        """Whose marks they are: the stream also while its own tape is shown, but not for ever after it has ended."""
        opened, shown = self._opened, self._shown()
        stepped_back = shown is not None and shown.is_replay and shown is not opened
        return shown if stepped_back and (opened is None or opened.ended is not None) else opened

    def _find(self, mark_id: str) -> Mark | None:
        return next((mark for mark in self.marks if mark.id == mark_id), None)

    def _change(self, change: Mark) -> bool:
        session = self._session
        if session is None or not session.change_mark(change):
            return False
        if session.is_replay:
            bundle, book = session.source.bundle, session.source.book
            if bundle is not None and book is not None:
                self._write(partial(write_marks, bundle, MarkBook(book.changes)))
        else:
            for bundle in session.bundles:  # recordings of this session that were closed already
                self._write(partial(alter_marks, bundle, [change]))
        self._tell()
        return True

    def _write(self, write: Callable[[], None]) -> None:
        async def in_turn() -> None:
            async with self._turn:
                await asyncio.get_running_loop().run_in_executor(None, write)

        begin(self._hub, "write marks", in_turn())

    def _tell(self) -> None:
        marks = tuple(self.marks)
        if marks != self._told:
            self._told = marks
            self._hub.publish([MarksChanged(marks=marks)])

    def _heard(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, AppEvent):
                self._hear(event)

    def _hear(self, event: AppEvent) -> None:
        match event:
            case SessionOpened(session=session):
                self._opened = session
                self._tell()
            case SessionClosed(session=session) if session is self._opened and session.is_replay:
                self._opened = None
            case ReplayIndexed():
                self._tell()
            case RecordingChanged(state=state, folder=Path() as folder) if state in _DONE:
                self._closed(folder)
            case _:
                pass

    def _closed(self, bundle: Path) -> None:
        """A recording is on disk: it shall know what a person changed while it was being closed."""
        session = self._opened
        if session is not None and not session.is_replay and not session.revoked and session.marks:
            self._write(partial(alter_marks, bundle, session.book.changes))
