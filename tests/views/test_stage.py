from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from rtms_desktop.session.events import EndCause
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.stage import Stage
from rtms_desktop.views.theme import theme
from rtms_desktop.views.tile import LABEL_HEIGHT, LABEL_INSET
from tests.fakes.controller import MAYA, TOMAS, FakeController
from tests.fakes.pictures import picture

CLICK = Qt.MouseButton.LeftButton
VIDEO_M, VIDEO_T = ("video", MAYA), ("video", TOMAS)


class Theatre:
    def __init__(self, folder, qtbot, size=(900, 420)):
        theme().set_mode("dark")
        self.controller = FakeController(folder)
        self.bridge = Bridge()
        self.ticks = RenderTick(now=self.controller.clock.now)
        self.model = StageViewModel(self.controller, SpeakerColours(self.controller), self.bridge)
        self.stage = Stage(self.model, SessionViewModel(self.controller, self.model.source_size), self.ticks)
        self.controller.wake = self.bridge.woken.emit
        qtbot.addWidget(self.stage)
        self.stage.resize(*size)
        self.stage.show()
        qtbot.waitExposed(self.stage)

    def go(self, seconds=0.2):
        self.controller.step(seconds)
        self.ticks.text.emit()


@pytest.fixture
def theatre(qtbot, tmp_path):
    return Theatre(tmp_path, qtbot)


def test_the_picture_is_drawn_pixel_for_pixel(theatre):
    theatre.controller.live()
    theatre.go()
    tile = theatre.stage.tiles()[VIDEO_T]  # no frame around this one
    image = tile.grab().toImage()
    frame = theatre.model.frames[VIDEO_T]
    source = picture("video", 1, frame.width, frame.height)
    assert (image.width(), image.height()) == (frame.width, frame.height)
    for x, y in (
        (4, 4),
        (frame.width // 2, frame.height // 2),
        (frame.width - 3, 5),
        (frame.width // 3, frame.height // 4),
    ):
        blue, green, red = source[y * frame.stride + x * 4 :][:3]
        pixel = image.pixelColor(x, y)
        assert (pixel.red(), pixel.green(), pixel.blue()) == (red, green, blue)


def test_each_picture_is_counted_once_when_it_is_painted(theatre):
    theatre.controller.live()
    theatre.go()
    tile = theatre.stage.tiles()[VIDEO_M]
    theatre.controller.pipeline.painted_frames.clear()
    theatre.controller.pipeline.draw(VIDEO_M)
    theatre.bridge.woken.emit()
    for _ in range(3):
        tile.grab()
    keys = [key for key, _ in theatre.controller.pipeline.painted_frames]
    assert keys.count(VIDEO_M) == 1


def test_a_tile_repaints_only_for_its_own_picture(theatre, qtbot):
    theatre.controller.live()
    theatre.go()
    qtbot.wait(30)
    theatre.controller.pipeline.painted_frames.clear()
    theatre.controller.pipeline.draw(VIDEO_T)
    theatre.bridge.woken.emit()
    qtbot.wait(30)
    assert [key for key, _ in theatre.controller.pipeline.painted_frames] == [VIDEO_T]


def test_the_speaker_has_a_frame_in_their_colour(theatre):
    theatre.controller.live()
    theatre.go(1.0)
    theatre.controller.speak(TOMAS)
    theatre.model.choose_layout("gallery")
    theatre.go()
    edge = theatre.stage.tiles()[VIDEO_T].grab().toImage().pixelColor(0, 60)
    assert edge == theme().speaker(1, on_stage=True)
    assert theatre.stage.tiles()[VIDEO_M].grab().toImage().pixelColor(0, 60) != theme().speaker(0, on_stage=True)


def test_tiles_come_and_go_with_the_people(theatre):
    theatre.controller.live()
    assert set(theatre.stage.tiles()) == {VIDEO_M, VIDEO_T}
    theatre.controller.leave(TOMAS)
    assert set(theatre.stage.tiles()) == {VIDEO_M}


def test_the_focus_of_a_tile_that_goes_stays_on_the_stage(theatre):
    theatre.controller.live()
    button = QPushButton("Stop", theatre.stage)  # the next that could have it
    button.show()
    theatre.stage.tiles()[VIDEO_T].setFocus()
    theatre.controller.leave(TOMAS)
    assert theatre.stage.focusWidget() is theatre.stage


def test_the_old_picture_stays_with_its_age(theatre):
    theatre.controller.live()
    theatre.go()
    tile = theatre.stage.tiles()[VIDEO_M]
    before = tile.grab().toImage()
    theatre.controller.lose()
    theatre.go(3.0)
    after = tile.grab().toImage()
    assert after.pixelColor(tile.width() // 2, tile.height() // 2) == before.pixelColor(
        tile.width() // 2, tile.height() // 2
    )
    assert after.pixelColor(tile.width() - 12, 14) != before.pixelColor(tile.width() - 12, 14)


def test_what_stands_there_without_a_session(theatre):
    message = theatre.stage.message()
    assert message.isVisible() and message.title_text() == "Nothing is connected"
    acted = []
    theatre.stage.acted.connect(acted.append)
    QTest.mouseClick(message.action_button(), CLICK)
    assert acted == ["start"]


def test_the_message_gives_way_to_the_pictures_and_comes_back(theatre):
    theatre.controller.live(streaming=False)
    assert theatre.stage.message().title_text() == "Connecting"
    theatre.controller.arrive()
    assert not theatre.stage.message().isVisible()
    theatre.controller.end(EndCause.STOPPED, 6, "")
    assert theatre.stage.message().title_text() == "The stream has ended" and theatre.stage.tiles() == {}


def test_recording_frames_the_stage(theatre):
    theatre.controller.live()
    theatre.go()
    corner = theatre.stage.grab().toImage().pixelColor(0, 100)
    assert corner == theme().color("stage")
    theatre.controller.recording.start()
    assert theatre.stage.grab().toImage().pixelColor(0, 100) == theme().color("rec")
    theatre.controller.recording.stop()
    assert theatre.stage.grab().toImage().pixelColor(0, 100) == theme().color("stage")


def test_nothing_hides_that_it_records_in_full_screen(theatre):
    theatre.controller.live()
    theatre.controller.recording.start()
    theatre.stage.set_full_screen(True)
    theatre.go(65)
    badge = theatre.stage._badge
    assert badge.isVisible() and badge.text() == "REC 00:01:05"
    theatre.stage.set_full_screen(False)
    assert not badge.isVisible()


def test_captions_are_shown_and_can_be_switched_off(theatre):
    theatre.controller.live()
    theatre.controller.say(MAYA, "And the risk of that?")
    bar = theatre.stage.caption_bar()
    assert bar.isVisible() and bar.accessibleName() == "Caption: Maya: And the risk of that?"
    tiles = theatre.model.arrangement.tiles.values()
    assert bar.y() >= max(box.y + box.height for box in tiles)  # in the free band
    theatre.model.toggle_captions()
    assert not bar.isVisible()


def test_long_captions_show_their_last_two_lines(theatre):
    theatre.controller.live()
    theatre.controller.say(MAYA, " ".join(f"word{number}" for number in range(60)))
    assert len(theatre.stage.caption_bar()._shown) == 2
    assert theatre.stage.caption_bar()._shown[-1].endswith("word…") or "word4" in theatre.stage.caption_bar()._shown[-1]


def test_without_a_band_captions_lie_over_the_picture(qtbot, tmp_path):
    theatre = Theatre(tmp_path, qtbot, (480, 180))
    theatre.controller.live()
    theatre.controller.share(TOMAS)
    theatre.controller.say(MAYA, "Short words.")
    share = theatre.model.arrangement.tiles["share", TOMAS]
    bar = theatre.stage.caption_bar().geometry()
    assert share.y < bar.top() and bar.bottom() <= share.y + share.height


def test_captions_over_a_speaker_leave_the_name_free(qtbot, tmp_path):
    theatre = Theatre(tmp_path, qtbot, (480, 180))
    theatre.controller.live()
    theatre.controller.say(MAYA, "So if the fallback lands on Thursday, we can still reach one hundred per cent.")
    main = theatre.model.arrangement.tiles["video", MAYA]
    assert theatre.stage.caption_bar().geometry().bottom() <= main.y + main.height - LABEL_HEIGHT - LABEL_INSET


def test_the_stage_is_dark_in_both_themes(theatre):
    theatre.controller.live()
    theatre.go()
    theme().set_mode("light")
    try:
        assert theatre.stage.grab().toImage().pixelColor(3, 3).lightness() < 16
    finally:
        theme().set_mode("dark")


def test_a_video_that_was_not_asked_for_can_be_asked_for(theatre, monkeypatch):
    theatre.controller.live()
    theatre.controller.pipeline.cameras.clear()
    theatre.model.frames.clear()
    for track in theatre.controller.core.tracks.values():
        track.count = 0
    params = theatre.controller.core.granted
    import msgspec

    theatre.controller.core.granted = msgspec.structs.replace(
        params, video=msgspec.structs.replace(params.video, data_opt=4)
    )
    theatre.ticks.text.emit()
    tile = theatre.stage.tiles()[VIDEO_M]
    tile.grab()
    assert tile._info.action == "Show this video"
    QTest.mouseClick(tile, CLICK, pos=tile._action_rect.center())
    assert theatre.controller.calls[-1] == ("request_video", MAYA, True)


def test_a_double_click_wants_the_full_screen(theatre, qtbot):
    theatre.controller.live()
    with qtbot.waitSignal(theatre.stage.full_screen_wanted):
        QTest.mouseDClick(theatre.stage.tiles()[VIDEO_M], CLICK, pos=QPoint(50, 50))


def test_the_focused_tile_is_the_one_a_snapshot_takes(theatre):
    theatre.controller.live()
    assert theatre.stage.focused_key() == VIDEO_M
    theatre.stage.activateWindow()
    theatre.stage.tiles()[VIDEO_T].setFocus()
    assert theatre.stage.focused_key() == VIDEO_T
