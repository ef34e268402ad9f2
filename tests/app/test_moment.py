from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.app.events import MomentChanged, PaneAsked, ReplaySettled, SessionClosed, SessionOpened
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.moment import Moment


class Window:
    """A hub, a clock and what was told about the cursor."""

    def __init__(self) -> None:
        self.hub, self.now = Hub(), 100.0
        self.moment = Moment(self.hub, lambda: self.now)
        self.told: list[Any] = []
        self.hub.subscribe(
            lambda events: self.told.extend(e for e in events if isinstance(e, MomentChanged | PaneAsked))
        )

    def open(self, *, is_replay: bool = False) -> Any:
        self.sought: list[float] = []
        session = SimpleNamespace(is_replay=is_replay, opened_at=50.0, seek_at=self.sought.append)
        self.hub.publish([SessionOpened(session=session)])
        return session


@pytest.fixture
def window() -> Window:
    return Window()


def test_without_a_session_there_is_no_moment(window: Window) -> None:
    window.moment.set(80.0)
    assert window.moment.at is None and window.told == []


def test_everybody_is_told_once_where_to_look(window: Window) -> None:
    window.open()
    window.moment.set(80.0)
    window.moment.set(80.0)
    assert window.told == [MomentChanged(at=80.0)] and window.moment.at == 80.0
    window.moment.set(10.0)
    assert window.moment.at == 50.0  # not before the session


@pytest.mark.parametrize("at", [None, 100.0, 99.95, 200.0])
def test_at_now_it_lets_go(window: Window, at: float | None) -> None:
    window.open()
    window.moment.set(80.0)
    window.moment.set(at)
    assert window.moment.at is None and window.told[-1] == MomentChanged(at=None)


def test_after_the_end_the_end_is_now(window: Window) -> None:
    session = window.open()
    window.hub.publish([SessionClosed(session=session, ended=SimpleNamespace(at=100.0))])
    window.now = 500.0
    window.moment.set(90.0)
    assert window.moment.at == 90.0
    window.moment.set(100.0)
    assert window.moment.at is None
    window.moment.set(90.0)
    window.open()
    assert window.moment.at is None


def test_in_a_recording_it_is_the_playhead(window: Window) -> None:
    session = window.open(is_replay=True)
    assert window.moment.at == 100.0
    window.moment.set(70.0)
    window.moment.set(None)
    assert window.sought == [70.0] and window.told == []  # told when everybody is there
    window.now = 70.0
    window.hub.publish([ReplaySettled(position_ms=20_000)])
    assert window.told == [MomentChanged(at=70.0)] and window.moment.at == 70.0
    window.hub.publish([SessionClosed(session=session, ended=SimpleNamespace(at=70.0))])
    assert window.moment.at is None


def test_a_pane_is_asked_to_show_it(window: Window) -> None:
    window.open()
    window.moment.inspect(80.0, "video")
    window.moment.show_in_lanes(60.0)
    assert window.told == [
        MomentChanged(at=80.0), PaneAsked(pane="inspector", at=80.0, link="video"),
        MomentChanged(at=60.0), PaneAsked(pane="monitor", at=60.0, link=""),
    ]  # fmt: skip
