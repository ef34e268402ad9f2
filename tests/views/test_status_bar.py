from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.viewmodels.exports_vm import ExportsViewModel
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.status_bar import StatusBar
from tests.fakes.controller import FakeController


class Bar:
    def __init__(self, folder, qtbot):
        self.controller = FakeController(folder)
        self.ticks = RenderTick(now=self.controller.clock.now)
        self.model = SessionViewModel(self.controller, lambda key: (1280, 720))
        self.exports = ExportsViewModel(self.controller)
        self.bar = StatusBar(self.model, self.ticks, self.exports)
        qtbot.addWidget(self.bar)
        self.bar.resize(1440, 27)
        self.bar.show()
        qtbot.waitExposed(self.bar)

    def run(self, seconds):
        for _ in range(round(seconds * 4)):
            self.controller.step(0.25)
            self.ticks.text.emit()

    def texts(self):
        return {key: segment.accessibleName() for key, segment in self.bar.segments().items()}


@pytest.fixture
def bar(qtbot, tmp_path):
    return Bar(tmp_path, qtbot)


def test_unconnected_it_says_so_and_what_is_free(bar):
    assert bar.texts() == {"state": "Not connected", "text": "not saving", "receiver": "receiver off",
                           "disk": "120 GB free"}  # fmt: skip


def test_every_figure_is_there_with_its_unit_and_its_explanation(bar):
    bar.controller.live()
    bar.controller.recording.start()
    bar.run(6)
    texts = bar.texts()
    assert list(texts)[:8] == ["state", "text", "disk", "behind", "video", "bitrate", "av", "alive"]
    assert texts["behind"] == "behind live 0.2 s" and texts["av"] == "A/V +8 ms"
    assert texts["rec"].startswith("REC 00:00:06 · ")
    assert all(segment.toolTip() for segment in bar.bar.segments().values())


def test_room_is_given_up_from_the_right_but_not_recording_and_disk(bar):
    bar.controller.live()
    bar.controller.recording.start()
    bar.run(6)
    all_of_them = set(bar.texts())
    gone = []
    for width in (1000, 800, 640, 520):
        bar.bar.resize(width, 27)
        left = set(bar.texts())
        assert {"state", "rec", "disk", "text"} <= left
        gone.append(all_of_them - left)
    assert gone[0] <= gone[1] <= gone[2] <= gone[3]
    assert "dropped" in gone[1] and "behind" not in gone[1]


def test_a_segment_grows_at_once_and_does_not_twitch(bar):
    bar.controller.live()
    bar.run(5)
    segment = bar.bar.segments()["dropped"]
    width = segment.sizeHint().width()
    bar.controller.pipeline.stats.frames_dropped = 12_345
    bar.run(0.25)
    wider = segment.sizeHint().width()
    assert wider > width
    bar.controller.pipeline.stats.frames_dropped = 12_34
    bar.run(0.25)
    assert segment.sizeHint().width() == wider


def test_a_click_or_a_key_leads_to_what_explains_a_figure(bar):
    bar.controller.live()
    bar.run(5)
    pressed = []
    bar.bar.pressed.connect(pressed.append)
    QTest.mouseClick(bar.bar.segments()["gaps"], Qt.MouseButton.LeftButton)
    QTest.keyClick(bar.bar.segments()["alive"], Qt.Key.Key_Return)
    assert pressed == ["gaps", "alive"]
