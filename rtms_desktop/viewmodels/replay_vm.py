"""The time bar of a recording: what its rows show, where the playhead stands, and every command of transport.

Main thread. Without a recording there is nothing to show and every command does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import (
    MarksChanged,
    ReplayChanged,
    ReplayIndexed,
    ReplaySettled,
    SessionClosed,
    SessionOpened,
    ShiftChanged,
    ViewShifted,
)
from rtms_desktop.recording.marks import Mark
from rtms_desktop.recording.overview import JumpTo
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.figures import one_line, short_clock, span, time_code
from rtms_desktop.viewmodels.replay_words import speed_text

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
ROWS_MAX = 6
"""Speakers with a row of their own: those who spoke longest."""

LABELS = 8
"""Times on the ruler, at most."""

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
LEAST_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Block:
    """From ``start`` to ``end`` (ms since the session was opened); ``lost``: something is missing there.

    ``mark``: id of the mark that it is, or "".
    """

    start: float
    end: float
    lost: bool = False
    text: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class BarRow:
    """One labelled row. ``kind``: marks, speaker, share or gaps; ``colour``: number of the speaker's."""

    kind: str
    name: str
    blocks: tuple[Block, ...]
    colour: int = 0


class ReplayViewModel(QObject):
    """``changed``: transport or loop; ``rows_changed``: what the rows show. The playhead is read at the tick."""

    changed = Signal()
    rows_changed = Signal()

    def __init__(self, controller: Any, colours: SpeakerColours, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._colours = controller, colours
        self.rows: list[BarRow] = []
        listen(
            self,
            controller.hub,
            {
                SessionOpened: lambda event: self._load(),
                SessionClosed: lambda event: self._load(),
                ViewShifted: lambda event: self._load(),
                ShiftChanged: lambda event: self._load(),
                ReplayIndexed: lambda event: self._load(),
                MarksChanged: lambda event: self._load(),
                ReplayChanged: lambda event: self.changed.emit(),
                ReplaySettled: lambda event: self.changed.emit(),
            },
        )
        self._load()

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def session(self) -> Any:
        """The recording, or None."""
        session = self._controller.session
        return session if session is not None and session.is_replay else None

    @property
    def active(self) -> bool:
        return self.session is not None

    @property
    def begin_ms(self) -> float:
        return float(self.session.begin_ms) if self.session is not None else 0.0

    @property
    def end_ms(self) -> float:
        """Never less than a second behind the beginning, so that there is a scale."""
        return max(float(self.session.duration_ms), self.begin_ms + LEAST_MS) if self.session is not None else LEAST_MS

    @property
    def position_ms(self) -> float:
        return float(self.session.position_ms) if self.session is not None else 0.0

    @property
    def playing(self) -> bool:
        return self.session is not None and self.session.playing

    @property
    def speed(self) -> float:
        return float(self.session.speed) if self.session is not None else 1.0

    @property
    def loop_ms(self) -> tuple[float, float] | None:
        loop: tuple[float, float] | None = self.session.loop_ms if self.session is not None else None
        return loop

    def time_text(self) -> str:
        """``00:21:47.320``"""
        return time_code(self.position_ms / 1000)

    def length_text(self) -> str:
        """``of 48:12``"""
        return f"of {short_clock(self.end_ms / 1000)}" if self.active else ""

    def speed_text(self) -> str:
        return speed_text(self.speed)

    def loop_texts(self) -> tuple[str, str] | None:
        """``("A 21:30", "B 22:10")``, or None without a loop."""
        if self.loop_ms is None:
            return None
        start, end = (short_clock(ms / 1000) for ms in self.loop_ms)
        return f"A {start}", f"B {end}"

    def labels(self, room: int = LABELS) -> list[tuple[float, str]]:
        """Times on the ruler with their texts, at most ``room`` of them, on round numbers."""
        begin, end = self.begin_ms / 1000, self.end_ms / 1000
        step = next((s for s in _STEPS_S if (end - begin) / s <= room), _STEPS_S[-1])
        first = -(-begin // step) * step
        count = int((end - first) // step) + 1
        return [((first + n * step) * 1000, short_clock(first + n * step)) for n in range(count)]

    def block_at(self, row: BarRow, at_ms: float, slack_ms: float) -> Block | None:
        """What lies in a row at a time, or within ``slack_ms`` of it."""
        near = [b for b in row.blocks if b.start - slack_ms <= at_ms <= b.end + slack_ms]
        return min(near, key=lambda b: abs(b.start - at_ms), default=None)

    def summary(self) -> str:
        """The bar in one sentence."""
        if not self.active:
            return "No recording is open."
        counts = {row.kind: len(row.blocks) for row in self.rows if row.kind in ("marks", "gaps")}
        speakers = sum(row.kind == "speaker" for row in self.rows)
        return (
            f"Recording at {self.time_text()} {self.length_text()}, {'playing' if self.playing else 'paused'} at "
            f"{self.speed_text()}, {speakers} speakers, {counts.get('gaps', 0)} gaps, {counts.get('marks', 0)} marks."
        )

    # -- transport -----------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        if self.session is not None:
            self.session.toggle()

    def seek(self, position_ms: float) -> None:
        if self.session is not None:
            self.session.seek(position_ms)

    def seek_by(self, milliseconds: float) -> None:
        if self.session is not None:
            self.session.seek_by(milliseconds)

    def step(self, frames: int) -> None:
        """One picture on or back."""
        if self.session is not None:
            self.session.step(frames)

    def to_begin(self) -> None:
        self.seek(self.begin_ms)

    def to_end(self) -> None:
        self.seek(self.end_ms)

    def jump(self, kind: JumpTo, forward: bool) -> None:
        """To the next or previous gap, turn of a speaker, mark or line."""
        if self.session is not None:
            self.session.jump(kind, forward)

    def set_speed(self, speed: float) -> None:
        if self.session is not None:
            self.session.set_speed(speed)

    def change_speed(self, faster: bool) -> None:
        if self.session is not None:
            self.session.change_speed(faster)

    def loop_start(self) -> None:
        if self.session is not None:
            self.session.loop_start()

    def loop_end(self) -> None:
        if self.session is not None:
            self.session.loop_end()

    def loop_clear(self) -> None:
        if self.session is not None:
            self.session.loop(None)

    def set_loop(self, start_ms: float, end_ms: float) -> None:
        if self.session is not None:
            self.session.loop(start_ms, end_ms)

    # -- the rows ------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Take the recording's overview, as far as it is known; a stream has its own time bar."""
        self.rows = self._read() if self.session is not None and not self._controller.shift.active else []
        self.rows_changed.emit()
        self.changed.emit()

    def _read(self) -> list[BarRow]:
        session = self.session
        found, zero = session.overview(), session.opened_at

        def ms(at: float) -> float:
            return float(at - zero) * 1000.0

        rows = [BarRow("marks", "Marks", tuple(self._flag(mark, ms(mark.at)) for mark in found.marks))]
        for user in found.speakers:  # in the order of first appearance
            self._colours.index(user)
        talkers = sorted(found.speakers, key=lambda user: sum(turn.start - turn.end for turn in found.speakers[user]))
        for user in sorted(talkers[:ROWS_MAX], key=self._colours.index):
            blocks = tuple(Block(ms(turn.start), ms(turn.end)) for turn in found.speakers[user])
            name = one_line(found.names.get(user, ""), 80) or self._name(user)
            rows.append(BarRow("speaker", name, blocks, self._colours.index(user)))
        rows.append(BarRow("share", "Share", tuple(Block(ms(one.start), ms(one.end)) for one in found.share)))
        gaps = tuple(
            Block(ms(gap.start), ms(gap.end), gap.lost, f"{gap.gap.medium.value} {span(gap.end - gap.start)}")
            for gap in found.gaps
        )
        return [*rows, BarRow("gaps", "Gaps", gaps)]

    def _flag(self, mark: Mark, at_ms: float) -> Block:
        """What was marked before the recording began stands at its beginning."""
        at_ms = min(max(at_ms, self.begin_ms), self.end_ms)
        return Block(at_ms, at_ms, text=one_line(mark.text, 300), mark=mark.id)

    def _name(self, user_id: int) -> str:
        person = self.session.core.participants.get(user_id)
        return one_line(person.user_name, 80) if person is not None and person.user_name else f"User {user_id}"
