"""The list at the left and on the start page: what is live, what was, and what was recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import MockChanged, RecordingChanged, RepairChanged, SessionClosed, SessionOpened
from rtms_desktop.app.naming import PRODUCTS, recording_name
from rtms_desktop.session.events import ParticipantChanged, PhaseChanged
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.codes import outcome_in_short
from rtms_desktop.viewmodels.figures import byte_size, short_clock
from rtms_desktop.viewmodels.session_vm import STATES


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Two lines with an icon (or a dot, when `dot` names its colour token) and a time at the right."""

    key: str
    title: str
    line: str
    time: str = ""
    icon: str = ""
    dot: str = ""
    token: str = "text3"
    selected: bool = False
    tip: str = ""


@dataclass(frozen=True, slots=True)
class RecentRow:
    """One line of the start page's list."""

    icon: str
    token: str
    title: str
    product: str
    when: str
    length: str
    outcome: str
    outcome_token: str
    bundle: str
    tip: str = ""


class SessionsViewModel(QObject):
    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        kinds = (
            SessionOpened, SessionClosed, PhaseChanged, ParticipantChanged, RecordingChanged, RepairChanged,
            MockChanged,
        )  # fmt: skip
        listen(self, controller.hub, {kind: lambda event: self.changed.emit() for kind in kinds}, stream=True)

    def sections(self) -> list[tuple[str, list[SessionRow]]]:
        """(heading, rows); a section without rows carries one sentence as its only row's line."""
        made = [("Live", [self._live(), self._mock()])]
        recent = [self._recent_row(number, entry) for number, entry in enumerate(self._controller.recent[:6])]
        if recent:
            made.append(("Recent", recent))
        made.append(("Recordings", self._recordings() or [SessionRow("none", "", "No recordings yet")]))
        return made

    def recent_rows(self) -> list[RecentRow]:
        return [self._start_row(entry) for entry in self._controller.recent[:8]]

    @property
    def has_recordings(self) -> bool:
        return bool(self._controller.recordings)

    def recording_folder(self, key: str) -> str:
        """The folder behind a row of the recordings, or empty."""
        number = int(key.partition(".")[2])
        found = self._controller.recordings
        return str(found[number].folder) if number < len(found) else ""

    def is_closed(self, key: str) -> bool:
        """Whether the recording behind a row was finished properly."""
        number = int(key.partition(".")[2])
        found = self._controller.recordings
        return number < len(found) and bool(found[number].closed)

    def recent_bundle(self, key: str) -> str:
        """The recording of a recent session, or empty."""
        number = int(key.partition(".")[2])
        return str(self._controller.recent[number].bundle) if number < len(self._controller.recent) else ""

    def clear_recent(self) -> None:
        self._controller.settings.change(recent=[])
        self.changed.emit()

    # -- rows ----------------------------------------------------------------------------------------------------

    def _live(self) -> SessionRow:
        session = self._controller.stream
        if session is None:
            return SessionRow("none", "", "Nothing is connected.")
        core = session.core
        word, token = STATES[core.phase]
        people = sum(1 for person in core.participants.values() if person.present)
        parts = [f"{people} {'person' if people == 1 else 'people'}" if people else word.lower()]
        if self._controller.recording.state.state.value in ("recording", "stalled"):
            parts.append("recording")
        elapsed = short_clock(self._controller.machine.now() - session.opened_at)
        tip = f"{word}\n{session.title}\nMeeting ID {session.config.meeting_id}"
        return SessionRow("live", session.title, " · ".join(parts), elapsed, "", token, selected=True, tip=tip)

    def _mock(self) -> SessionRow:
        state, mock = self._controller.mock.state.state.value, self._controller.mock.info
        line = f"running · {mock.http_url.partition('//')[2]}" if mock is not None else state
        return SessionRow("mock", "Mock server", line, icon="server", tip="Open the mock server's panel")

    def _recent_row(self, number: int, entry: Any) -> SessionRow:
        icon, token = ("circle-x", "error") if entry.failed else ("circle-check", "text3")
        when = self._when(entry.opened_ms, short=True)
        line = outcome_in_short(entry.outcome, entry.failed)
        return SessionRow(f"recent.{number}", entry.title, line, when, icon, "", token, tip=_recent_tip(entry))

    def _recordings(self) -> list[SessionRow]:
        rows = []
        session = self._controller.session
        shown = session.source.bundle if session is not None and session.is_replay else None
        for number, entry in enumerate(self._controller.recordings[:12]):
            icon, token = ("file-play", "text3") if entry.closed else ("triangle-alert", "warn")
            line = _recording_line(entry) if entry.closed else "not closed · repair and open"
            when, name = self._when(entry.when, short=True), recording_name(entry)
            tip = f"{name}\n{entry.folder.name}"
            row = SessionRow(f"recording.{number}", name, line, when, icon, "", token, tip=tip)
            rows.append(replace(row, selected=entry.folder == shown))
        return rows

    def _start_row(self, entry: Any) -> RecentRow:
        icon, token = ("circle-x", "error") if entry.failed else ("circle-check", "text3")
        product = PRODUCTS.get(entry.product, entry.product)
        return RecentRow(
            icon, token, entry.title, product, self._when(entry.opened_ms), short_clock(entry.seconds),
            outcome_in_short(entry.outcome, entry.failed), "error" if entry.failed else "text2", entry.bundle,
            _recent_tip(entry),
        )  # fmt: skip

    def _when(self, wall_ms: float, *, short: bool = False) -> str:
        """`Today 11:20`, `19 Nov 15:02`; short: `11:20` or `19 Nov`."""
        then = datetime.fromtimestamp(wall_ms / 1000)
        today = datetime.fromtimestamp(self._controller.clock.wall_ms() / 1000).date()
        if then.date() == today:
            return f"{then:%H:%M}" if short else f"Today {then:%H:%M}"
        day = f"{then.day} {then:%b}"
        return day if short else f"{day} {then:%H:%M}"


def _recent_tip(entry: Any) -> str:
    """What does not fit into a row, and the id by which others know the stream."""
    parts = (entry.title, entry.outcome, f"Meeting ID {entry.meeting_id}" if entry.meeting_id else "")
    return "\n".join(part for part in parts if part)


def _recording_line(entry: Any) -> str:
    """``48:12 · 412 MB · 3 people``"""
    people = len(entry.people)
    parts = (
        short_clock(entry.length_ms / 1000) if entry.length_ms else "",
        byte_size(entry.size),
        f"{people} {'person' if people == 1 else 'people'}" if people else "",
    )
    return " · ".join(part for part in parts if part)
