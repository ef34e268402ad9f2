"""The monitor's series of a recording that grows: read piece by piece they are what they are when read at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rtms_desktop.protocol.states import LinkState
from rtms_desktop.recording.figures import FigureTape
from rtms_desktop.session.events import SIGNALING
from rtms_desktop.viewmodels.history import History, Span, step_of
from rtms_desktop.viewmodels.monitor_sampler import NAMES
from rtms_desktop.viewmodels.recorded_history import RecordedHistory
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import Medium

BEGIN, END = 100.0, 160.0


class Core:
    """Counters that grow unevenly."""

    def __init__(self) -> None:
        track = SimpleNamespace(count=0, bytes=0, last_ms=0, last_at=0.0, jitter_ms=0.0)
        self.tracks: dict[Any, Any] = {(Medium.VIDEO, 5): track}
        self.counts = dict.fromkeys(Medium, 0)
        self.links = {SIGNALING: SimpleNamespace(stats=SimpleNamespace(messages_in=0, last_keep_alive_at=0, missed=0))}

    def go(self, at: float) -> None:
        track = self.tracks[Medium.VIDEO, 5]
        track.count += 2 + round(at) % 3
        track.bytes = track.count * 900
        track.last_at, track.last_ms, track.jitter_ms = at, round(at * 1000) + 1, at % 7
        self.links[SIGNALING].stats.messages_in += round(at * 10) % 4 == 0


def history(figures: FigureTape, last: float, earlier: History | None = None) -> RecordedHistory:
    session = SimpleNamespace(is_replay=True, opened_at=BEGIN, opened_wall_ms=round(BEGIN * 1000), lead_s=0.0)
    spans = [Span(BEGIN, END, LinkState.STREAMING)]
    return RecordedHistory(figures, SessionTime(session), lambda name: spans, BEGIN, last, NAMES, earlier)


def test_piece_by_piece_is_as_at_once() -> None:
    figures, core = FigureTape(), Core()
    growing = history(figures, BEGIN)
    for step in range(step_of(BEGIN), step_of(END)):
        at = step * 0.1 + 0.05
        core.go(at)
        figures.look(core, at)  # type: ignore[arg-type]
        if step % 7 == 0:
            growing.reload(at, at)
            growing.window("video", step - 5, 5)
    growing.reload(END)
    whole = history(figures, END)
    first, count = step_of(BEGIN) - 20, step_of(END) - step_of(BEGIN) + 40
    for name in (*NAMES[0], *NAMES[1]):
        np.testing.assert_array_equal(growing.window(name, first, count), whole.window(name, first, count), name)
    assert whole.window("video", first, count).sum() == pytest.approx(core.tracks[Medium.VIDEO, 5].bytes, rel=0.01)


def test_what_was_seen_before_the_recording_began_stays() -> None:
    earlier = History(*NAMES)
    earlier.advance(step_of(BEGIN) - 3)
    earlier.add("video", 500.0)
    earlier.advance(step_of(BEGIN) + 10)
    earlier.add("video", 7.0)
    joined = history(FigureTape(), END, earlier)
    window = joined.window("video", step_of(BEGIN) - 5, 20)
    assert window[2] == 500.0 and window.sum() == 500.0
