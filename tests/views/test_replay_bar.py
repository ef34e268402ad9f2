"""The time bar of a recording, its keys, and the window around them."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest

from rtms_desktop.app.events import ReplayChanged, SessionClosed, SessionOpened, UnclosedFound
from rtms_desktop.recording import names
from rtms_desktop.recording.figures import FigureTape
from rtms_desktop.recording.marks import Mark
from rtms_desktop.recording.overview import GapStretch, JumpTo, Overview, Stretch
from rtms_desktop.session.events import EndCause, Gap, GapReason, SessionEnded
from rtms_desktop.views.main_window import MainWindow
from rtms_desktop.views.open_dialog import OpenRecordingDialog, is_recording
from rtms_desktop.views.replay_rows import GUTTER, RULER
from rtms_desktop.views.theme import theme
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import MAYA, NAMES, TOMAS, FakeController, FakeSession, an_invite

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LENGTH_S = 600.0


class FakeReplay(FakeSession):
    """Ten minutes of which only the overview is there; what it is asked to do is noted in `calls`."""

    is_replay = True  # type: ignore[assignment]

    def __init__(self, controller: FakeController) -> None:
        base = controller.live(streaming=False)
        super().__init__(an_invite(), base.config, controller.clock)
        self.title = "Design review"
        self.calls: list[tuple[Any, ...]] = []
        self.controller, self.begin_ms, self.duration_ms = controller, 0.0, LENGTH_S * 1000
        self.position_ms, self.playing, self.speed, self.progress = 60_000.0, False, 1.0, 1.0
        self.loop_ms: tuple[float, float] | None = None
        start = self.opened_at
        index = SimpleNamespace(figures=FigureTape(), events=[], covered=math.inf, complete=False)
        self.lead_s = 0.0
        self.source = SimpleNamespace(
            manifest={"closed": True, "stop_reason": 6}, size=412_000_000, bundle=None, path=Path("x"), begin=start,
            end=start + LENGTH_S, index=index, chunks=SimpleNamespace(origin=0),
        )  # fmt: skip
        self.tape = None  # type: ignore[assignment]

    def overview(self) -> Overview:
        start = self.opened_at
        lost = Gap(medium=Medium.VIDEO, user_id=MAYA, start_ms=0, end_ms=4100, reason=GapReason.SOCKET_DOWN)
        return Overview(
            speakers={MAYA: [Stretch(start + 10, start + 60)], TOMAS: [Stretch(start + 60, start + 120)]}, names=NAMES,
            share=[Stretch(start + 100, start + 400)], gaps=[GapStretch(start + 300, start + 304.1, lost)],
            marks=[Mark("m1", start + 200, 0, "decision")],
        )  # fmt: skip

    def timeline(self, since: int = 0) -> list[Any]:
        return []

    def looks(self, first: float, last: float) -> list[Any]:
        return []

    def at_of_server_ms(self, ms: int) -> float:
        return self.opened_at + ms / 1000

    def __getattr__(self, name: str) -> Any:
        known = ("toggle", "seek", "seek_by", "seek_at", "step", "jump", "set_speed", "change_speed", "loop",
                 "loop_start", "loop_end")  # fmt: skip
        if name not in known:
            raise AttributeError(name)
        return lambda *words: self.calls.append((name, *words))


@pytest.fixture
def controller(tmp_path):
    made = FakeController(tmp_path / "config")
    made.settings.values.theme = "dark"
    made.open_recording = lambda path: made.calls.append(("open_recording", path))
    return made


@pytest.fixture
def window(qtbot, controller, tmp_path):
    made = MainWindow(tmp_path)
    made.furnish(controller)
    qtbot.addWidget(made, before_close_func=lambda w: w.finish())
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.body.panels.build()
    yield made
    theme().set_mode("dark")


@pytest.fixture
def body(window):
    return window.body


@pytest.fixture
def replay(window, body, controller, qtbot, monkeypatch):
    """The window with a recording in it."""
    inspector = body.panels.panels["inspector"].widget
    monkeypatch.setattr(inspector.model, "open", lambda path: None)  # there is no tape
    session = FakeReplay(controller)
    controller.session = session
    controller.hub.publish([SessionOpened(session=session)])
    body.stage.setFocus()
    window.grab()
    return session


def test_the_window_shows_a_recording_and_what_only_a_stream_can_do_is_off(window, body, replay):
    assert body.replay_bar.isVisible() and not body.time_bar.isVisible() and body.replay_bar.height() >= 178
    assert window.windowTitle() == "Design review · Replay · RTMS Desktop"
    assert body.toolbar.connect_button.text() == "Connect" and not body.toolbar.record.isEnabled()
    assert not any(body.actions_[key].isEnabled() for key in ("stop", "disconnect", "reconnect", "record"))
    assert body.actions_["close_recording"].isEnabled() and body.actions_["snapshot"].isEnabled()
    segments = body.status.segments()
    assert segments["state"].figure.value == "Replay" and segments["at"].figure.value == "00:01:00.000"
    assert segments["gaps"].figure.value == "1" and segments["closed"].figure.note == "6 MEETING_ENDED"


@pytest.mark.parametrize(
    ("key", "modifiers", "call"),
    [
        (Qt.Key.Key_Space, None, ("toggle",)),
        (Qt.Key.Key_Right, None, ("seek_by", 5000.0)),
        (Qt.Key.Key_Left, SHIFT, ("seek_by", -1000.0)),
        (Qt.Key.Key_Right, CTRL, ("jump", JumpTo.SPEAKER, True)),
        (Qt.Key.Key_Comma, None, ("step", -1)),
        (Qt.Key.Key_Period, None, ("step", 1)),
        (Qt.Key.Key_A, None, ("loop_start",)),
        (Qt.Key.Key_B, None, ("loop_end",)),
        (Qt.Key.Key_Backslash, None, ("loop", None)),
        (Qt.Key.Key_G, None, ("jump", JumpTo.GAP, True)),
        (Qt.Key.Key_G, SHIFT, ("jump", JumpTo.GAP, False)),
        (Qt.Key.Key_N, None, ("jump", JumpTo.MARK, True)),
        (Qt.Key.Key_BracketLeft, None, ("change_speed", False)),
        (Qt.Key.Key_BracketRight, None, ("change_speed", True)),
    ],
)
def test_keys(body, replay, key, modifiers, call):
    QTest.keyClick(body.stage, key, modifiers or Qt.KeyboardModifier.NoModifier)
    assert replay.calls == [call]


def test_keys_say_nothing_while_typing_or_without_a_recording(window, body, replay, controller):
    field = body.panels.panels["transcript"].widget.pane.field
    field.setFocus()
    QTest.keyClicks(field, "ab ,.")
    assert field.text() == "ab ,." and replay.calls == []
    close(controller, replay)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert replay.calls == []


def close(controller, session):
    controller.session = None
    ended = SessionEnded(at=0, cause=EndCause.LOCAL, stop_reason=None, status_code=None, reason="", sentence="")
    controller.hub.publish([SessionClosed(session=session, ended=ended)])


def test_after_a_recording_comes_the_first_screen(window, body, replay, controller):
    body.do("close_recording")
    assert controller.calls[-1] == ("close_recording",)
    close(controller, replay)
    assert body.workspace.on_start_page and not body.replay_bar.isVisible()
    assert window.windowTitle() == "RTMS Desktop"


def test_click_and_drag_put_the_playhead_there(body, replay):
    view = body.replay_bar.view
    place = QPoint(round(view.x_of(300_000)), 60)
    QTest.mousePress(view, LEFT, pos=place)
    QTest.mouseMove(view, QPoint(round(view.x_of(450_000)), 60))
    QTest.mouseRelease(view, LEFT, pos=QPoint(round(view.x_of(450_000)), 60))
    seeks = [words[1] for words in replay.calls if words[0] == "seek"]
    assert seeks[0] == pytest.approx(300_000, abs=1000) and seeks[-1] == pytest.approx(450_000, abs=1000)
    QTest.mouseClick(view, LEFT, pos=QPoint(40, 60))  # the names are no time
    assert len(replay.calls) == len(seeks)


def test_in_the_smallest_window_nothing_is_cut(window, body, replay, controller, qtbot):
    high = body.replay_bar.height()
    window.resize(1024, 640)
    window.grab()
    bar = body.replay_bar
    assert bar.height() < high - 20 and bar.length.isVisible()
    replay.loop_ms = (120_000.0, 240_000.0)
    controller.hub.publish([ReplayChanged(playing=True, speed=0.5, position_ms=130_000.0, loop_ms=replay.loop_ms)])
    parts = (bar.time, bar.loop, bar.speed)
    qtbot.waitUntil(lambda: all(part.width() >= part.sizeHint().width() for part in parts))
    assert not bar.length.isVisible() and window.width() == 1024
    window.resize(1440, 900)
    window.grab()
    assert bar.length.isVisible() and bar.height() == high


def test_the_loop_is_shown_and_its_edges_can_be_dragged(body, replay, controller):
    replay.loop_ms = (120_000.0, 240_000.0)
    changed = ReplayChanged(playing=True, speed=0.5, position_ms=130_000.0, loop_ms=replay.loop_ms)
    replay.playing, replay.speed = True, 0.5
    controller.hub.publish([changed])
    bar, view = body.replay_bar, body.replay_bar.view
    assert bar.loop.isVisible() and bar.loop.text() == "A 02:00  B 04:00" and bar.speed.text() == "0.5×"
    assert bar.play.accessibleName() == "Pause (Space)"
    QTest.mousePress(view, LEFT, pos=QPoint(round(view.x_of(240_000)) + 5, 5))
    QTest.mouseMove(view, QPoint(round(view.x_of(300_000)), 5))
    QTest.mouseRelease(view, LEFT, pos=QPoint(round(view.x_of(300_000)), 5))
    name, start, end = replay.calls[-1]
    assert (name, start) == ("loop", 120_000.0) and end == pytest.approx(300_000, abs=1000)
    QTest.mouseClick(bar.loop, LEFT)
    assert replay.calls[-1] == ("loop", None)


def test_what_is_painted_where(body, replay):
    view = body.replay_bar.view
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    view.render(image)

    def colour(at_ms, row):
        return image.pixelColor(round(view.x_of(at_ms)), round(16 + (row + 0.5) * view.row_height)).name()

    assert colour(30_000, 1) == theme().speaker(0).name() and colour(90_000, 2) == theme().speaker(1).name()
    assert colour(250_000, 3) == theme().media("share").name()
    assert colour(301_000, 4) == theme().color("warn_fill").name()
    assert colour(500_000, 2) == theme().color("bg1").name()
    assert image.pixelColor(round(view.x_of(60_000)), 8).name() == theme().color("playhead").name()
    assert "decision" in view.tip(QPointF(view.x_of(200_000), 20)) and "00:03:20" in view.tip(
        QPointF(view.x_of(200_000), 20)
    )
    assert view.x_of(0) == pytest.approx(GUTTER)


def test_the_ways_to_a_recording(window, body, controller, tmp_path, qtbot):
    bundle = tmp_path / f"x{names.BUNDLE_SUFFIX}"
    bundle.mkdir()
    (bundle / names.TAPE).write_bytes(b"")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(bundle))])
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    window.event(drop)
    assert controller.calls[-1] == ("open_recording", bundle)
    assert is_recording(str(bundle / names.TAPE)) and not is_recording(str(tmp_path / "hook.json"))
    body.do("open")
    dialog = window.findChild(OpenRecordingDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.currentChanged.emit(str(bundle))
    assert dialog.bundle_button.isEnabled()
    QTest.mouseClick(dialog.bundle_button, LEFT)
    assert controller.calls[-1] == ("open_recording", bundle) and controller.calls.count(controller.calls[-1]) == 2
    dialog.close()
    closed = SimpleNamespace(name="a", folder=bundle, when=0, size=1, closed=True)
    controller.kept = [closed, SimpleNamespace(**vars(closed) | {"closed": False})]
    body.commands.choose_session("recording.0")
    assert controller.calls[-1] == ("open_recording", bundle)
    body.commands.choose_session("recording.1")
    assert controller.calls[-1] == ("recording.repair", bundle)


def test_what_was_not_closed_is_offered(body, controller, tmp_path):
    controller.hub.publish([UnclosedFound(bundles=(tmp_path / "old", tmp_path / "new"))])
    shown = body.models.notices.current
    assert shown.text.startswith("2 recordings were not closed") and shown.action_label == "Repair and open"
    body.models.notices.act()
    assert controller.calls[-1] == ("recording.repair", tmp_path / "new")


def test_a_flag_is_found_under_the_pointer(body, replay):
    view = body.replay_bar.view
    y = RULER + view.row_height / 2
    x = view.x_of(200_000)
    assert [view.mark_at(QPointF(at, y)) for at in (x, x + 7, x - 40, x + 60)] == ["m1", "m1", "", ""]
    assert view.mark_at(QPointF(x, y + view.row_height)) == ""
    assert view.tip(QPointF(x, y)).splitlines()[1] == "Marks: decision"


@pytest.mark.parametrize(
    ("key", "modifiers", "call"),
    [
        (Qt.Key.Key_Space, None, ("shift.toggle",)),
        (Qt.Key.Key_Left, None, ("shift.by", -5.0)),
        (Qt.Key.Key_Right, SHIFT, ("shift.by", 1.0)),
        (Qt.Key.Key_L, None, ("shift.live",)),
    ],
)
def test_keys_that_shift_a_stream(controller, qtbot, tmp_path, key, modifiers, call):
    window = MainWindow(tmp_path)
    body = window.furnish(controller)
    qtbot.addWidget(window)
    window.show()
    controller.live()
    controller.calls.clear()
    body.stage.setFocus()
    qtbot.keyClick(body.stage, key, modifiers or Qt.KeyboardModifier.NoModifier)
    assert controller.calls == [call]
    controller.end(EndCause.LOCAL, None, "Disconnected.")
    controller.calls.clear()
    qtbot.keyClick(body.stage, key, modifiers or Qt.KeyboardModifier.NoModifier)
    assert controller.calls == []
