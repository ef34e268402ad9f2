"""The search of the window: what was typed, what was found in every place, and which hit is chosen. Main thread.

Nothing is done while it is closed. What the window holds is looked through in turns of a few milliseconds, messages on
a thread of their own, recordings by the library's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from rtms_desktop.app.events import LibraryFound, SessionClosed, SessionOpened, ViewShifted
from rtms_desktop.app.message_worker import Worker
from rtms_desktop.app.naming import found_name
from rtms_desktop.viewmodels import search_scans as scans
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.figures import one_line, short_clock
from rtms_desktop.viewmodels.library_rows import when_text
from rtms_desktop.viewmodels.search_hits import MOST, Command, Found, Group, Hit, Row, named, rows_of
from rtms_desktop.viewmodels.search_words import Words

if TYPE_CHECKING:
    from rtms_desktop.viewmodels.search_messages import Messages, MessageSearch

DEBOUNCE_MS = 120
TURN_S = 0.003
"""How long one turn of the loop looks through rows."""

AGAIN_MS = 400
"""So often a recording whose messages are still being read is asked again."""

LAST_MOST = 5
OFFERED = ("record", "mark", "snapshot", "paste", "try", "library", "open", "settings", "keys")
"""Commands that are offered before anything is typed, as far as they can be used."""

Commands = Callable[[], Sequence[Command]]
Pane = Callable[[str], Any]


class SearchViewModel(QObject):
    """``changed``: other rows, another chosen hit, or it was closed. ``accepted``: a person goes to a hit.

    Args:
        commands: gives what can be done now.
        pane: gives the view-model of a panel by its key, None before it is made.

    Attributes:
        active: the popover is open. ``last``: what was searched for in this run, the newest first.
        rows: what it shows; ``chosen``: the hit that Enter goes to.
    """

    changed = Signal()
    accepted = Signal(object)

    def __init__(self, controller: Any, commands: Commands, pane: Pane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._commands, self._pane = controller, commands, pane
        self.active = False
        self.words = Words("")
        self.last: list[str] = []
        self.rows: list[Row] = []
        self.chosen: Hit | None = None
        self._text = ""
        self._found: dict[Group, Found] = {}
        self._moved = self._hurried = self._refreshed = self._fresh = False
        self._scans: Iterator[None] = iter(())
        bridge = Bridge(self)
        self._worker = Worker("search", bridge.wake)
        bridge.woken.connect(self._worker.drain)
        self._messages: MessageSearch | None = None  # made with the Inspector's panel, which loads what it needs
        self.destroyed.connect(lambda *_, worker=self._worker: worker.close())
        self._delay = self._timer(DEBOUNCE_MS, self._search)
        self._turns = self._timer(0, self._turn)
        self._again = self._timer(AGAIN_MS, self._scan_messages_again)
        void = dict.fromkeys((SessionOpened, SessionClosed, ViewShifted), lambda event: self._void())
        listen(self, controller.hub, {**void, LibraryFound: self._found_recordings})

    def _timer(self, ms: int, do: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(ms)
        timer.setSingleShot(True)
        timer.timeout.connect(do)
        return timer

    # -- what views ask ------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether rows may still come."""
        waiting = self._delay.isActive() or self._turns.isActive()
        return waiting or any(found.pending for found in self._found.values())

    @property
    def hits(self) -> list[Hit]:
        """The rows that can be chosen."""
        return [row for row in self.rows if isinstance(row, Hit)]

    @property
    def note(self) -> str:
        """What to say where there is no row."""
        if self.rows or not self.words:
            return ""
        return "Searching…" if self.busy else f"Nothing found for “{one_line(self.words.text, 40)}”"

    # -- what a person does --------------------------------------------------------------------------------------

    def open(self, text: str) -> None:
        """Show what there is for a text, or before anything is typed what may be useful."""
        if not self.active:
            self._begin()
            self._set(text)
            self._search()

    def close(self) -> None:
        """Stop all work and forget what was found."""
        if not self.active:
            return
        self.active = False
        self._stop()
        self._found.clear()
        self._show()

    def shut(self) -> None:
        """The window goes: end the thread."""
        self.close()
        self._worker.close()

    def type(self, text: str) -> None:
        """Another text; it is looked for when the hand rests."""
        self._hurried = False
        self._set(text)
        if not self.words:
            self._begin()
            self._search()
        else:
            self._begin()
            self._delay.start()
            self.changed.emit()

    def step(self, by: int) -> None:
        """Choose another hit, so many rows on; round the end for single steps."""
        hits = self.hits
        if not hits:
            return
        self._moved, self._hurried = True, False
        here = self._place(hits)
        if here is None:
            there = 0 if by > 0 else len(hits) - 1
        elif abs(by) == 1:
            there = (here + by) % len(hits)
        else:
            there = min(max(here + by, 0), len(hits) - 1)
        self.chosen = hits[there]
        self.changed.emit()

    def choose(self, hit: Hit) -> None:
        """The pointer is on it."""
        if hit != self.chosen:
            self.chosen, self._moved = hit, True
            self.changed.emit()

    def enter(self) -> None:
        """Go to the chosen hit; what was typed a moment ago is looked for first."""
        if self._delay.isActive():
            self._hurried = True
            self._search()
        elif self.chosen is not None:
            self.accept(self.chosen)

    def accept(self, hit: Hit) -> None:
        """Go to a hit: ``accepted`` tells those who can."""
        if hit.group not in (Group.RECENT, Group.COMMANDS) and self.words:
            self.last = [self.words.text, *(text for text in self.last if text != self.words.text)][:LAST_MOST]
        self._hurried = False
        self.accepted.emit(hit)

    # -- looking -------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self.active:
            self.active = True
            if not self._refreshed:
                self._refreshed = True
                self._controller.library.refresh()  # what other programs put there meanwhile is found as well

    def _set(self, text: str) -> None:
        if text != self._text:
            self._moved = False
        self._text, self.words = text, Words(text)

    def _stop(self) -> None:
        for timer in (self._delay, self._turns, self._again):
            timer.stop()
        self._scans = iter(())
        if self._messages is not None:
            self._messages.cancel()
        self._hurried = False

    def _void(self) -> None:
        """Another session, or another moment of it: rows are others now."""
        if self.active:
            self._search()

    def _search(self) -> None:
        hurried = self._hurried
        self._stop()
        self._hurried = hurried
        self._found, self._fresh = {}, True
        if not self.words:
            self._offer()
            self._show()
            return
        scans.find_commands(self._of(Group.COMMANDS), self.words, self._commands())
        self._scans = self._all_scans()
        recordings = self._of(Group.RECORDINGS)
        recordings.pending, recordings.whole = True, self.words.text
        self._controller.library.search(self.words.text)
        self._turn()

    def _of(self, group: Group) -> Found:
        return self._found.setdefault(group, Found(group))

    def _offer(self) -> None:
        """Before anything is typed."""
        recent, offered = self._of(Group.RECENT), self._of(Group.COMMANDS)
        recent.hits = [Hit(Group.RECENT, text, text, target=text) for text in self.last]
        usable = {command.key: command for command in self._commands()}
        first = [usable[key] for key in OFFERED if key in usable]
        offered.hits = [scans.command_hit(command, self.words) for command in first[: MOST + 1]]

    def _all_scans(self) -> Iterator[None]:
        """In the order of the groups, so that what is chosen first stays where it is."""
        session, words, pane = self._controller.session, self.words, self._pane
        people, transcript, chat, events = (pane(key) for key in ("people", "transcript", "chat", "events"))
        if people is not None:
            yield from scans.find_people(self._of(Group.PEOPLE), words, people.model.people)
        if transcript is not None:
            self._of(Group.TRANSCRIPT).whole = words.text
            yield from scans.find_lines(self._of(Group.TRANSCRIPT), words, transcript)
        self._of(Group.CHAT).whole = words.text
        if session is not None and session.is_replay:
            yield from scans.find_recorded_chat(self._of(Group.CHAT), words, session)
        elif chat is not None:
            yield from scans.find_chat(self._of(Group.CHAT), words, chat)
        if session is not None:
            self._of(Group.MARKS).whole = words.text
            yield from scans.find_marks(self._of(Group.MARKS), words, self._controller.marks.marks, session)
            rows = events.model.rows if events is not None else []
            yield from scans.find_events(self._of(Group.EVENTS), words, session, rows)
        yield from self._scan_messages()

    def _scan_messages(self) -> Iterator[None]:
        inspector = self._pane("inspector")
        log = inspector.log if inspector is not None else None
        if log is None:
            return
        from rtms_desktop.viewmodels.search_messages import MessageSearch, expression

        self._messages = self._messages or MessageSearch(self._worker, self._took_messages)
        found = self._of(Group.MESSAGES)
        found.pending, found.whole = True, expression(self.words)
        if log.scanned < 1:  # a recording: its messages are still being read
            self._again.start()
        else:
            yield from self._messages.scan(log, self.words)

    def _scan_messages_again(self) -> None:
        self._scans = self._scan_messages()
        self._turn()

    def _turn(self) -> None:
        """Look through rows for a few milliseconds, and go on in the next turn of the loop."""
        end = perf_counter() + TURN_S
        before = self._shown_hits()
        for _ in self._scans:
            if perf_counter() >= end:
                self._turns.start()
                break
        if not self._turns.isActive() or self._shown_hits() != before or self._fresh:
            self._fresh = False
            self._show()  # else only a count has grown, which can wait

    def _shown_hits(self) -> int:
        return sum(len(found.hits) for found in self._found.values())

    # -- what others found ---------------------------------------------------------------------------------------

    def _took_messages(self, result: Messages) -> None:
        found = self._of(Group.MESSAGES)
        found.hits, found.total, found.more, found.pending = result.hits, result.total, result.more, not result.done
        self._show()

    def _found_recordings(self, event: LibraryFound) -> None:
        """Lines of other recordings: those of the one that is shown are in the groups above."""
        if Group.RECORDINGS not in self._found:
            return
        if event.text != self.words.text:  # somebody else asked, and only the newest question is answered
            if self._found[Group.RECORDINGS].pending:
                self._controller.library.search(self.words.text)
            return
        session = self._controller.session
        shown = session.source.bundle if session is not None and session.is_replay else None
        others = [hit for hit in event.hits if hit.folder != shown]
        found = self._of(Group.RECORDINGS)
        found.hits, found.total, found.pending = [self._recording(hit) for hit in others[:MOST]], len(others), False
        self._show()

    def _recording(self, hit: Any) -> Hit:
        said = hit.speaker if hit.kind != "person" else ""
        text = f"{one_line(said, 60)}: {hit.text}" if said else hit.text
        place = short_clock((hit.at_ms - hit.when) / 1000) if hit.at_ms else when_text(hit.when)
        called = found_name(hit.name, hit.folder, hit.when, self._controller.library.entries)
        name = "" if hit.kind == "title" else one_line(called, 60)
        key = f"{hit.folder} {hit.kind} {hit.at_ms} {hit.text}"
        return named(Group.RECORDINGS, key, text, self.words, lead=name, side=place, target=hit)

    # -- rows ----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.rows = rows_of(self._found[group] for group in Group if group in self._found)
        hits = self.hits
        place = self._place(hits) if self._moved else None
        self.chosen = hits[place or 0] if hits and (self.words or self._moved) else None
        if self._hurried and self.chosen is not None:
            self.accept(self.chosen)
            return
        if self._hurried and not self._turns.isActive():
            self._hurried = False
        self.changed.emit()

    def _place(self, hits: list[Hit]) -> int | None:
        """Where the chosen hit stands now."""
        if self.chosen is None:
            return None
        wanted = self.chosen.group, self.chosen.key
        return next((number for number, hit in enumerate(hits) if (hit.group, hit.key) == wanted), None)
