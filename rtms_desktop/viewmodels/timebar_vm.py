"""The last ten minutes in one strip: who spoke, what was shared, where something is missing, what was marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import MomentChanged, SessionClosed, SessionOpened, ShiftChanged
from rtms_desktop.recording.marks import Mark
from rtms_desktop.session.events import ActiveSpeakerChanged, GapReason, SharingChanged
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.figures import long_clock, time_code
from rtms_desktop.viewmodels.replay_words import speed_text
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.viewmodels.session_vm import STATES

WINDOW_S = 600.0
FIRST_WINDOW_S = 60.0
SPEECH_DB = -45.0
JOIN_S = 0.7
"""Pauses shorter than this do not part two stretches of speech."""
ROWS = 3
MAX_SPANS = 2000
LOST = (GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE)


@dataclass(slots=True)
class Span:
    """From `start` to `end` in monotonic seconds; `end` None while it goes on."""

    start: float
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip draws: times in monotonic seconds between `start` and `now`.

    `begin`: what lies before cannot be shown any more; infinite where nothing can. `past`: the right edge is not the
    present.
    """

    start: float
    now: float
    speakers: list[tuple[int, list[Span]]]
    share: list[Span]
    lost: list[Span]
    expected: list[Span]
    labels: list[tuple[float, str]]
    marks: list[Mark]
    cursor: float | None
    begin: float
    past: bool


class TimeBarViewModel(QObject):
    changed = Signal()

    def __init__(self, controller: Any, colours: SpeakerColours, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._colours = controller, colours
        self._speech: dict[int, list[Span]] = {}
        self._last_voice: dict[int, float] = {}
        self._share: list[Span] = []
        self._speaker: int | None = None
        listen(
            self,
            controller.hub,
            {
                SessionOpened: self._opened,
                SessionClosed: lambda event: self.changed.emit(),
                MomentChanged: lambda event: self.changed.emit(),
                ShiftChanged: lambda event: self.changed.emit(),
                SharingChanged: self._sharing,
                ActiveSpeakerChanged: self._speaking,
            },
            stream=True,
        )

    @property
    def live(self) -> bool:
        """Whether a stream runs."""
        return self._controller.stream is not None

    @property
    def shift(self) -> Any:
        """The desk that steps back and forth."""
        return self._controller.shift

    @property
    def playing(self) -> bool:
        """Whether what is shown goes on."""
        replay = self.shift.replay
        return self.shift.frozen is None if replay is None else bool(replay.playing)

    @property
    def speed_text(self) -> str:
        """``1.5×``; empty at the usual speed."""
        replay = self.shift.replay
        return speed_text(replay.speed) if replay is not None and replay.speed != 1.0 else ""

    def step(self, frames: int) -> None:
        """One picture on or back, where one has stepped back."""
        if self.shift.replay is not None:
            self.shift.replay.step(frames)

    def elapsed_text(self) -> str:
        session = self._controller.session
        if session is None:
            return "00:00:00"
        seconds = SessionTime(session).of_at(self._controller.clock.now())
        return time_code(seconds) if self.shift.active else long_clock(seconds)

    def behind_text(self) -> str:
        if (behind := self.shift.behind_s) is not None:
            return f"behind live {behind:.1f} s"
        pipeline = self._controller.pipeline
        playout = getattr(pipeline.stats, "playout_ms", None) if pipeline is not None else None
        return "" if playout is None else f"behind live {playout / 1000:.1f} s"

    @property
    def note(self) -> str:
        """What the strip does not show by itself: that it is not the whole, or why one cannot step back in it."""
        session = self._controller.stream
        if session is None:
            return ""
        if self.shift.begin is None:
            return "record to step back"
        return "shows the last 10 min" if self._controller.machine.now() - session.opened_at > WINDOW_S else ""

    @property
    def dot(self) -> str:
        """The colour of the live dot: that of the stream's state, grey while another moment is shown."""
        session = self._controller.stream
        return STATES[session.core.phase][1] if session is not None and not self.shift.active else "text3"

    def sample(self) -> None:
        """At the data tick, also while hidden: whoever is heard now has spoken since the tick before."""
        pipeline = self._controller.live_pipeline
        if not self.live or pipeline is None:
            return
        now = self._controller.machine.now()
        levels = pipeline.levels()
        speaking = {user_id for user_id, level in levels.items() if level.rms_db > SPEECH_DB and user_id}
        if not levels and self._speaker is not None:
            speaking = {self._speaker}  # without sound the server's word stands in
        for user_id in speaking:
            self._speak(user_id, now)

    def strip(self) -> Strip | None:
        """The picture of now; None while nothing is connected."""
        session = self._controller.stream
        if session is None:
            return None
        newest, here = self._controller.machine.now(), self._controller.clock.now()
        length = min(WINDOW_S, max(FIRST_WINDOW_S, newest - session.opened_at))
        now = min(newest, max(here + length / 2, session.opened_at + length))  # the playhead is always in it
        start = now - length
        recent = sorted(self._last_voice, key=lambda user: -self._last_voice[user])[:ROWS]
        recent.sort(key=self._colours.index)
        time = SessionTime(session)
        speakers = [(self._colours.index(user), _within(self._speech[user], start)) for user in recent]
        lost, expected = self._gaps(session, time, start)
        marks = [mark for mark in self._controller.marks.marks if start <= mark.at <= now]
        labels = _labels(time, start, now, length)
        share, begin = _within(self._share, start), self.shift.begin
        return Strip(
            start, now, speakers, share, lost, expected, labels, marks, self.cursor,
            begin=math.inf if begin is None else begin, past=now < newest,
        )  # fmt: skip

    @property
    def cursor(self) -> float | None:
        """The window's one cursor; None: now."""
        at: float | None = self._controller.moment.at
        return at

    def to_live(self) -> None:
        """Show the live edge, with the cursor at now."""
        self._controller.moment.set(None)
        self.shift.live()

    def look_at(self, at: float | None) -> None:
        """Put the window's cursor at a monotonic time; None: back to now."""
        self._controller.moment.set(at)

    def summary(self) -> str:
        """The strip in one sentence."""
        strip = self.strip()
        if strip is None:
            return "Nothing is connected."
        marks = f", {len(strip.marks)} mark{'s' if len(strip.marks) > 1 else ''}" if strip.marks else ""
        share = "; somebody is sharing" if strip.share and strip.share[-1].end is None else ""
        found = f"{len(strip.speakers)} recent speakers, {len(strip.lost)} gaps"
        return f"Time bar: {self.elapsed_text()}, {found}{marks}{share}."

    # -- inside --------------------------------------------------------------------------------------------------

    def _opened(self, event: SessionOpened) -> None:
        self._speech.clear()
        self._last_voice.clear()
        self._share.clear()
        self._speaker = None
        self.changed.emit()

    def _speaking(self, event: ActiveSpeakerChanged) -> None:
        self._speaker = event.user_id

    def _sharing(self, event: SharingChanged) -> None:
        if event.sharing and not (self._share and self._share[-1].end is None):
            self._share.append(Span(event.at))
        elif not event.sharing and self._share:
            self._share[-1].end = self._share[-1].end or event.at

    def _speak(self, user_id: int, now: float) -> None:
        spans = self._speech.setdefault(user_id, [])
        if spans and now - self._last_voice[user_id] <= JOIN_S:
            spans[-1].end = now
        else:
            spans.append(Span(now, now))
            if len(spans) > MAX_SPANS:
                del spans[: MAX_SPANS // 2]
        self._last_voice[user_id] = now

    def _gaps(self, session: Any, time: SessionTime, start: float) -> tuple[list[Span], list[Span]]:
        lost: list[Span] = []
        expected: list[Span] = []
        for gap in (*session.core.closed_gaps[-MAX_SPANS:], *session.core.open_gaps):
            end = None if gap.end_ms is None else time.at_of_server_ms(gap.end_ms)
            (lost if gap.reason in LOST else expected).append(Span(time.at_of_server_ms(gap.start_ms), end))
        return _within(lost, start), _within(expected, start)


def _within(spans: list[Span], start: float) -> list[Span]:
    return [span for span in spans if span.end is None or span.end >= start]


def _labels(time: SessionTime, start: float, now: float, length: float) -> list[tuple[float, str]]:
    step = 120.0 if length > 300 else 60.0 if length > 120 else 20.0 if length > 60 else 10.0
    zero = now - time.of_at(now)
    first = -(-(start - zero) // step) * step
    marks = []
    while zero + first < now - step * 0.45:
        if first >= 0:
            marks.append((zero + first, long_clock(first)))
        first += step
    return marks
