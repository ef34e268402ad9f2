"""The Inspector behind its widgets: which log is shown, the filter in force, holding, the message that is looked at.

Main thread; reading, searching, decoding and saving are done on two threads that end when there is nothing to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import MomentChanged, PaneAsked, RecordingChanged, SessionOpened
from rtms_desktop.app.message_detail import Detail, make_detail, wanted_serials
from rtms_desktop.app.message_export import as_curl, as_json, as_python, save_tape
from rtms_desktop.app.message_filter import EVERYTHING, FilterError, Node, complete, parse, quoted
from rtms_desktop.app.message_log import Log, MessageLog
from rtms_desktop.app.message_match import match, search
from rtms_desktop.app.message_opening import url_of
from rtms_desktop.app.message_rows import CONTROL_KINDS, Array
from rtms_desktop.app.message_tape import TapeLog
from rtms_desktop.app.message_worker import Job, Worker
from rtms_desktop.errors import RtmsError
from rtms_desktop.recording.names import TAPE
from rtms_desktop.session.events import Anomaly, GapClosed, SessionZero
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.figures import grouped
from rtms_desktop.viewmodels.inspector_cursor import InspectorCursor
from rtms_desktop.viewmodels.inspector_facets import Facets, toggled
from rtms_desktop.viewmodels.inspector_rows import InspectorModel
from rtms_desktop.viewmodels.session_time import SessionTime

AT_ONCE = 500
"""New rows that are searched for text without leaving the main thread."""

_COPY_LIMIT = 200


class InspectorViewModel(QObject):
    """``changed``: counts, progress, error or hold. ``said``: a sentence about something that was just done.

    Attributes:
        filter: text of the filter in force; ``typed``: what stands in the field, which may be wrong.
        error: why it is wrong, or None.
        detail: the message that is looked at, or None.
        cursor: which row lies at the window's cursor.
    """

    changed = Signal()
    detail_changed = Signal()
    facets_changed = Signal()
    moment_came = Signal()
    said = Signal(str)
    copied = Signal(str)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._bridge = Bridge(self)
        self._quick = Worker("inspector", self._bridge.wake)
        self._slow = Worker("inspector-reader", self._bridge.wake)
        self._bridge.woken.connect(self._drain)
        self.model = InspectorModel(self._quick, self)
        self.facets = Facets()
        self.log: Log | None = None
        self.filter = self.typed = ""
        self.error: FilterError | None = None
        self.held = False
        self.detail: Detail | None = None
        self.problem = ""
        self._node: Node = EVERYTHING
        self._seen = self._version = 0
        self._behind = False  # more of a tape was read than is shown
        self._searching: float | None = None
        self._saving: float | None = None
        self._time: SessionTime | None = None
        self.cursor = InspectorCursor(controller.moment, lambda: (self.log, self.model.serials))
        handlers = {
            SessionOpened: lambda event: self.follow(event.session),
            SessionZero: lambda event: self._set_zero(),
            RecordingChanged: self._recording,
            Anomaly: self._heard,
            GapClosed: self._heard,
            MomentChanged: self._moved,
            PaneAsked: self._pane_asked,
        }
        listen(self, controller.hub, handlers, stream=True)
        for worker in (self._quick, self._slow):
            self.destroyed.connect(lambda *_, worker=worker: worker.close())
        if controller.session is not None:
            self.follow(controller.session)

    def close(self) -> None:
        """Stop the threads."""
        self._quick.close()
        self._slow.close()

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._quick.busy or self._slow.busy

    # -- what is shown -------------------------------------------------------------------------------------------

    def follow(self, session: Any) -> None:
        """Show the messages of a session, from now on and as far as it remembers them; of a replay, its tape."""
        if getattr(session, "is_replay", False):
            self.open(session.source.path)
            self.cursor.origin = session.source.chunks.origin
            return
        wall_ms = round(session.opened_wall_ms - session.opened_at * 1000)
        log = MessageLog(session.config.product, wall_ms=wall_ms)
        self._time = SessionTime(session)
        session.tape.observe(log)
        self._take(log)
        self.cursor.origin = 0
        self._set_zero()

    def open(self, path: Path) -> None:
        """Show the messages of a recording or a tape; ``problem`` says why it cannot be."""
        try:
            log = TapeLog(path)
        except RtmsError as error:
            self._failed(error)
            return
        self._take(None)
        self.cursor.origin = None

        def work(job: Job) -> str | None:
            try:
                log.load()
            except RtmsError as error:
                return error.sentence()
            job.tell("loaded")
            log.read(lambda: job.tell("read"), job.stop)
            return "done"

        self._slow.submit("open", work, lambda word: self._opened(log, word))

    def _opened(self, log: TapeLog, word: str) -> None:
        if word in ("loaded", "read", "done"):
            self.log, self._behind = log, True
            if word == "done":
                self.model.forget_texts()
        else:
            self.problem = word
        self.changed.emit()

    def _take(self, log: Log | None) -> None:
        self._slow.cancel("search")
        self.log, self.detail, self.problem, self.held, self._behind = log, None, "", False, False
        self.facets = Facets()
        self._refilter()
        self.detail_changed.emit()
        self._count_facets(anew=True)

    def _set_zero(self) -> None:
        if isinstance(self.log, MessageLog) and self._time is not None:
            self.log.rows.zero = -round(self._time.of_at(0.0) * 1e9)

    # -- what comes ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take over what came; the render tick calls it while the dock can be seen."""
        log = self.log
        if self._behind:
            self._behind = False
            self._refilter(again=True)
            self._count_facets(anew=True)
            self.changed.emit()
        if not isinstance(log, MessageLog):
            return
        rows = log.rows
        if rows.end == self._seen and rows.first == self._version:
            return
        if rows.first != self._version:
            self._version = rows.first
            self.model.drop_before(rows.first)
        if not self.held:
            self._grow(log)
        self._count_facets()
        self.changed.emit()

    def _grow(self, log: MessageLog) -> None:
        rows = log.rows
        begin = max(0, self._seen - rows.first)
        part = match(self._node, rows, begin)
        self._seen = rows.end
        found = part.sure
        if len(part.open):
            if len(part.open) > AT_ONCE or self._searching is not None:
                self._refilter()
                return
            bodies = log.bodies(part.open + rows.first)
            hits = [hit for _, hit in search(self._node, rows, part.open, bodies)]
            bodies.close()
            found = np.sort(np.concatenate([found, *hits]))
        self.model.grow(found + rows.first)

    def _heard(self, event: Any) -> None:
        if isinstance(self.log, MessageLog):
            self.log.events((event,))

    def _recording(self, event: RecordingChanged) -> None:
        if isinstance(self.log, MessageLog) and event.folder is not None:
            tape = Path(event.folder) / TAPE
            if tape not in self.log.tapes:
                self.log.tapes.append(tape)

    # -- the filter ----------------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> bool:
        """Take a filter over; a wrong one is only explained (``error``), and the last valid one stays in force."""
        self.typed = text
        try:
            node = parse(text, self.log.rows.links() if self.log is not None else ())
        except FilterError as error:
            self.error = error
            self.changed.emit()
            return False
        self.error = None
        if node != self._node or text != self.filter:
            self.filter, self._node = text, node
            self._refilter()
            self.facets_changed.emit()
        self.changed.emit()
        return True

    def completions(self, text: str, cursor: int) -> tuple[int, list[str]]:
        """(where the word at the cursor begins, what it could become)."""
        people = [name for _, name in self.log.rows.people() if name] if self.log is not None else []
        return complete(text, cursor, people, self.log.rows.links() if self.log is not None else ())

    def toggled(self, term: str, value: str) -> str:
        """The filter with ``term:value`` put in, or taken out where it stands."""
        return toggled(self.filter, term, value)

    @property
    def saved(self) -> dict[str, str]:
        """Filters by name."""
        return dict(self._controller.settings.values.filters)

    def save_filter(self, name: str) -> None:
        self._controller.settings.change(filters={**self.saved, name: self.filter})
        self.facets_changed.emit()

    def forget_filter(self, name: str) -> None:
        self._controller.settings.change(filters={n: text for n, text in self.saved.items() if n != name})
        self.facets_changed.emit()

    def _refilter(self, again: bool = False) -> None:
        """Look at all rows anew."""
        log = self.log
        self._slow.cancel("search")
        self._searching = None
        if log is None:
            self.model.show(None, np.zeros(0, np.int64))
            self.changed.emit()
            return
        rows = log.rows
        part = match(self._node, rows)
        self._seen, self._version = rows.end, rows.first
        sure = part.sure + rows.first
        if again and np.array_equal(sure, self.model.serials):
            self.model.contents_came.emit()
        else:
            self.model.show(log, sure)
        if len(part.open) and log.scanned >= 1:
            self._search(log, part.open + rows.first)

    def _search(self, log: Log, serials: Array) -> None:
        """Read messages for their text, the newest result shown as it comes."""
        bodies, node, rows = log.bodies(serials), self._node, log.rows
        self._searching = 0.0

        def work(job: Job) -> tuple[float, list[Array]]:
            hits: list[Array] = []
            held = serials[serials >= rows.first]
            for done, found in search(node, rows, held - rows.first, bodies, lambda: job.stopped):
                hits.append(found + rows.first)
                if len(hits) >= 25:
                    job.tell((done / len(held), hits))
                    hits = []
            bodies.close()
            return 1.0, hits

        self._slow.submit("search", work, self._found)

    def _found(self, result: tuple[float, list[Array]]) -> None:
        done, hits = result
        self._searching = None if done >= 1 else done
        if hits and sum(map(len, hits)):
            merged = np.union1d(self.model.serials, np.concatenate(hits))
            behind = len(self.model.serials) == 0 or merged[len(self.model.serials) - 1] == self.model.serials[-1]
            if behind and len(merged) > len(self.model.serials):
                self.model.grow(merged[len(self.model.serials) :])
            else:
                self.model.show(self.log, merged)
        self.changed.emit()

    # -- counts --------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """Messages and notes of the log."""
        return self.facets.total

    @property
    def shown(self) -> int:
        return self.model.rowCount()

    @property
    def status(self) -> str:
        """``10,806 of 64,545``, and what is being done."""
        parts = [f"{grouped(self.shown)} of {grouped(self.total)}"]
        if self.log is not None and self.log.scanned < 1:
            parts.append(f"reading {self.log.scanned:.0%}")
        if self._searching is not None:
            parts.append(f"searching {self._searching:.0%}")
        if self._saving is not None:
            parts.append(f"saving {self._saving:.0%}")
        if self.held and isinstance(self.log, MessageLog) and self.log.rows.end > self._seen:
            parts.append(f"{grouped(self.log.rows.end - self._seen)} new")
        return " · ".join(parts)

    def hold(self, held: bool) -> None:
        """Pause the view; what arrives is kept all the same."""
        self.held = held
        if not held:
            self.refresh()
        self.changed.emit()

    def _count_facets(self, anew: bool = False) -> None:
        if self.log is not None:
            if anew:
                self.facets = Facets()
            self.facets.count(self.log.rows)
        self.facets_changed.emit()

    # -- one message ---------------------------------------------------------------------------------------------

    def look_at(self, serial: int | None) -> None:
        """Read one message and its preview; ``detail_changed`` comes once or twice."""
        self._quick.cancel("detail")
        log = self.log
        if serial is None or log is None or not log.rows.first <= serial < log.rows.end:
            self.detail = None
            self.detail_changed.emit()
            return
        wanted = wanted_serials(log.rows, serial)
        bodies = log.bodies(wanted)

        def work(job: Job) -> Detail:
            try:
                return make_detail(log, serial, wanted, bodies, job.tell)
            finally:
                bodies.close()

        self._quick.submit("detail", work, self._detailed)

    def _detailed(self, detail: Detail) -> None:
        self.detail = detail
        self.detail_changed.emit()

    def _moved(self, event: MomentChanged) -> None:
        self.cursor.moved(event)
        self.moment_came.emit()

    def _pane_asked(self, event: PaneAsked) -> None:
        if event.pane == "inspector":
            self.cursor.asked(event)
            self.moment_came.emit()

    # -- going elsewhere -----------------------------------------------------------------------------------------

    def copy(self, serials: list[int], how: str) -> None:
        """Messages as ``json``, ``curl`` or ``python``; ``copied`` brings the text."""
        log = self.log
        if log is None or not serials:
            return
        chosen = np.array(serials[:_COPY_LIMIT], np.int64)
        bodies, opening = log.bodies(chosen), log.opening()

        def work(job: Job) -> tuple[str, int]:
            found = [body for serial in chosen.tolist() if (body := bodies.get(serial)) is not None]
            bodies.close()
            if not found:
                return "", 0
            one = {"curl": as_curl, "python": as_python}.get(how)
            if one is None:
                return as_json(found), len(found)
            channel = log.rows.channel(int(chosen[0]))
            return one(channel, url_of(opening, channel.link, int(chosen[0])), found[0]), 1

        self._quick.submit("copy", work, lambda result: self._copied(*result))

    def _copied(self, text: str, count: int) -> None:
        if count:
            self.copied.emit(text)
            self.said.emit("Message copied, secrets blank" if count == 1 else f"{count} messages copied, secrets blank")
        else:
            self.said.emit("Nothing copied: the body is no longer held")

    def save(self, path: Path) -> None:
        """Save the rows that are shown as a tape."""
        log, serials = self.log, self.model.serials.copy()
        if log is None:
            return
        bodies, opening = log.bodies(serials), log.opening()
        self._saving = 0.0

        def work(job: Job) -> Any:
            try:
                told = lambda done: job.tell(("saving", done / max(1, len(serials))))  # noqa: E731
                return "saved", save_tape(log, serials, bodies, path, told, lambda: job.stopped, opening)
            except RtmsError as error:
                return "failed", error.sentence()
            finally:
                bodies.close()

        self._slow.submit("save", work, lambda result: self._saved(path, *result))

    def _saved(self, path: Path, word: str, value: Any) -> None:
        self._saving = value if word == "saving" else None
        if word == "saved":
            written, gone, added = value
            more = f", with {grouped(added)} more that it takes to play them" if added else ""
            left = f"; {grouped(gone)} were no longer held" if gone else ""
            self.said.emit(f"{grouped(written)} messages saved as {path.name}{more}{left}")
        elif word == "failed":
            self.said.emit(value)
        self.changed.emit()

    def followed(self, serial: int, what: str) -> str:
        """A filter for all that belongs to a row's ``user``, ``link``, ``track`` or ``type``."""
        assert self.log is not None
        rows = self.log.rows
        channel, user, kind = rows.channel(serial), rows.user(serial), rows.value("kind", serial)
        who = "none" if user is None else str(user)
        name = quoted(rows.names.get(user or 0) or who) if user is not None else who
        kinds = {number: word for word, number in (("opened", CONTROL_KINDS["link_opened"]), ("closed", -3))}
        type_word = kinds.get(kind, str(kind)) if kind < 0 else str(kind)
        return {
            "user": f"user:{name}",
            "link": f"link:{channel.link}",
            "track": f"link:{channel.link} user:{who} type:{type_word}",
            "type": f"type:{type_word}" if kind > 0 or kind in kinds else f"link:{channel.link} dir:here",
        }[what]

    def _failed(self, error: RtmsError) -> None:
        self.problem = error.sentence()
        self.changed.emit()

    def _drain(self) -> None:
        self._quick.drain()
        self._slow.drain()
