"""Who is here and what arrives of each: the people table. Main thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rtms_desktop.app.events import ReplaySettled, SessionClosed, SessionOpened, ViewShifted
from rtms_desktop.session.events import GapClosed, GapOpened, Participant, ParticipantChanged
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.figures import DASH, byte_size, one_line, span
from rtms_desktop.viewmodels.gaps import LOST
from rtms_desktop.wire.enums import Medium

_DISPLAY, _ALIGN, _TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.TextAlignmentRole, Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
PERSON_ROLE = Qt.ItemDataRole.UserRole
_HORIZONTAL = Qt.Orientation.Horizontal
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
DRAIN_MS = 250
TALKING_DB = -45.0
FRESH_S = 2.0

HEADS = ("Name", "Camera", "Sound", "Received", "Jitter", "Gaps")
TIPS = (
    "As the server named them; people are told apart by their user id, not by name",
    "On or off as the server said (events 8 and 9), else whether pictures arrive",
    "Talking: louder than −45 dBFS here; silent: sound arrives; none: no sound arrives",
    "Payload bytes of all media of this person",
    "Mean deviation of arrival from timestamps (RFC 3550), the worse of sound and picture; normal: below 20 ms",
    "Losses (socket down, dropped here) and their length together",
)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Person:
    """One row."""

    user_id: int
    name: str
    here: bool
    active: bool
    camera: str
    sound: str
    received: str
    jitter: str
    gaps: str
    media: str = ""

    def cells(self) -> tuple[str, ...]:
        return (self.name, self.camera, self.sound, self.received, self.jitter, self.gaps)


class PeopleModel(QAbstractTableModel):
    """The rows; refreshed while somebody looks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.people: list[Person] = []

    def show_people(self, people: list[Person]) -> None:
        """Take over new rows; only another set or order of people resets the table."""
        if [p.user_id for p in people] != [p.user_id for p in self.people]:
            self.beginResetModel()
            self.people = people
            self.endResetModel()
            return
        before, self.people = self.people, people
        for row, (old, new) in enumerate(zip(before, people, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.people)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        person = self.people[index.row()]
        if role == _DISPLAY:
            return person.cells()[index.column()]
        if role == _ALIGN:
            return _RIGHT if index.column() >= 3 else _LEFT
        if role == PERSON_ROLE:
            return person
        if role == _ACCESSIBLE:
            return f"{HEADS[index.column()]}: {person.cells()[index.column()]}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not _HORIZONTAL:
            return None
        if role == _DISPLAY:
            return HEADS[section]
        if role == _ALIGN:
            return _RIGHT if section >= 3 else _LEFT
        return TIPS[section] if role == _TIP else None


class PeopleViewModel(QObject):
    """``count_changed`` carries how many are present; ``refresh`` brings the table up to date."""

    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._session: Any = controller.session
        self.model = PeopleModel(self)
        self._batch = Batcher(lambda _: self.refresh(), DRAIN_MS, self)
        changed = self._batch.add
        self.close = listen(
            self,
            controller.hub,
            {
                SessionOpened: self._opened,
                ViewShifted: self._opened,
                SessionClosed: changed,
                ReplaySettled: lambda event: self.refresh(),
                ParticipantChanged: changed,
                GapOpened: changed,
                GapClosed: changed,
            },
        )

    def _opened(self, event: SessionOpened | ViewShifted) -> None:
        self._session = event.session
        self.refresh()

    def refresh(self) -> None:
        """Read the figures of the core."""
        core = self._session.core if self._session is not None else None
        people = [] if core is None else [self._person(core, p) for p in self._everybody(core)]
        people.sort(key=lambda person: not person.here)
        before = self.present
        self.model.show_people(people)
        if before != self.present:
            self.count_changed.emit(self.present)

    @property
    def present(self) -> int:
        return sum(person.here for person in self.model.people)

    def _everybody(self, core: Any) -> list[Participant]:
        """Who was announced, and who was only ever named by media."""
        known = dict(core.participants)
        for (_medium, user_id), track in core.tracks.items():
            if user_id and user_id not in known:
                known[user_id] = Participant(user_id=user_id, user_name=track.user_name)
        return list(known.values())

    def _person(self, core: Any, who: Participant) -> Person:
        now = self._controller.clock.now()
        tracks = {medium: track for (medium, user), track in core.tracks.items() if user == who.user_id}
        name = one_line(who.user_name, 120) or f"User {who.user_id}"
        jitters = [t.jitter_ms for m, t in tracks.items() if m in (Medium.AUDIO, Medium.VIDEO) and t.count]
        received = sum(track.bytes for track in tracks.values())
        lost = [g for g in (*core.closed_gaps, *core.open_gaps) if g.user_id == who.user_id and g.reason in LOST]
        lost_s = sum(((g.end_ms if g.end_ms is not None else g.start_ms) - g.start_ms) / 1000 for g in lost)
        return Person(
            user_id=who.user_id,
            name=name,
            here=who.present and self._controller.session is not None,
            active=core.active_speaker == who.user_id,
            camera=_camera(who, tracks.get(Medium.VIDEO), now),
            sound=self._sound(who.user_id, tracks.get(Medium.AUDIO), now),
            received=byte_size(received) if received else DASH,
            jitter=f"{max(jitters):.0f} ms" if jitters else DASH,
            gaps=f"{len(lost)}, {span(lost_s)}" if lost else "none",
            media=", ".join(f"{medium.value} {byte_size(track.bytes)}" for medium, track in tracks.items()),
        )

    def _sound(self, user_id: int, track: Any, now: float) -> str:
        pipeline = self._controller.pipeline
        level = pipeline.levels().get(user_id) if pipeline is not None else None
        if level is not None and level.rms_db > TALKING_DB:
            return "talking"
        return "silent" if _fresh(track, now) else "none"


def _camera(who: Participant, track: Any, now: float) -> str:
    if who.video_on is not None:
        return "on" if who.video_on else "off"
    return "on" if _fresh(track, now) else DASH


def _fresh(track: Any, now: float) -> bool:
    return track is not None and track.last_ms is not None and now - track.last_at < FRESH_S
