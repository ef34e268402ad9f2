from __future__ import annotations

import dataclasses

import pytest

from rtms_desktop.session.events import EndCause, Phase
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.stage_vm import StageViewModel
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import IRIS, MAYA, TOMAS, FakeController


class Stage:
    def __init__(self, folder, people):
        self.controller = FakeController(folder, people=people)
        self.bridge = Bridge()
        self.model = StageViewModel(self.controller, SpeakerColours(self.controller), self.bridge)
        self.controller.wake = self.bridge.woken.emit  # what a decode thread's wake becomes on the main thread
        self.model.set_area(896, 415)

    @property
    def surfaces(self):
        return self.controller.pipeline.surfaces


@pytest.fixture
def stage(qapp, tmp_path):
    return Stage(tmp_path, (MAYA, TOMAS))


def video(user_id):
    return ("video", user_id)


def test_each_tile_asks_for_its_own_size(stage):
    stage.controller.live()
    boxes = stage.model.arrangement.tiles
    assert set(boxes) == {video(MAYA), video(TOMAS)}
    assert stage.surfaces == {key: (box.width, box.height) for key, box in boxes.items()}
    assert boxes[video(MAYA)].width > boxes[video(TOMAS)].width


def test_sizes_are_in_pixels_of_the_screen(stage):
    stage.controller.live()
    stage.model.set_area(896, 415, 2.0)
    box = stage.model.arrangement.tiles[video(MAYA)]
    assert stage.surfaces[video(MAYA)] == (box.width * 2, box.height * 2)


def test_what_is_not_seen_is_not_decoded(stage):
    stage.controller.live()
    stage.model.set_visible(False)
    assert set(stage.surfaces.values()) == {None}
    stage.model.set_visible(True)
    assert None not in stage.surfaces.values()


def test_pictures_come_by_the_wake_up_and_the_newest_stays(stage):
    arrived = []
    stage.model.frame_arrived.connect(arrived.append)
    stage.controller.live()
    stage.controller.step(1.0)
    assert arrived.count(video(MAYA)) >= 20
    newest = stage.model.frames[video(MAYA)]
    assert stage.controller.clock.now() - newest.arrived_at < 0.1
    assert stage.model.source_size(video(MAYA)) == (1280, 720)


def test_the_speaker_is_held_for_700_ms(stage, qtbot):
    stage.controller.live()
    stage.controller.step(2.0)
    stage.controller.speak(TOMAS)
    assert stage.model.speaker == TOMAS
    stage.controller.step(0.3)
    stage.controller.speak(MAYA)
    assert stage.model.speaker == TOMAS
    stage.controller.clock.seconds += 0.5
    qtbot.waitUntil(lambda: stage.model.speaker == MAYA, timeout=2000)


def test_an_interjection_does_not_move_the_stage(stage, qtbot):
    stage.controller.live()
    stage.controller.step(2.0)
    stage.controller.speak(TOMAS)
    changes = []
    stage.model.arranged.connect(lambda: changes.append(stage.model.main_key))
    stage.controller.speak(MAYA)
    stage.controller.speak(TOMAS)
    qtbot.wait(750)
    assert stage.model.speaker == TOMAS and changes == []


def test_a_share_takes_the_stage_and_gives_it_back(stage):
    stage.controller.live()
    stage.model.choose_layout("gallery")
    stage.controller.share(TOMAS)
    stage.controller.step(1.0)
    assert stage.model.layout == "share" and ("share", TOMAS) in stage.model.arrangement.tiles
    assert stage.model.share_text() == ("Tomás Rivera is sharing", "JPEG 1920×1080, 1 fps")
    stage.controller.share(None)
    assert stage.model.layout == "gallery" and ("share", TOMAS) not in stage.model.frames


def test_a_choice_made_while_sharing_outlives_it(stage):
    stage.controller.live()
    stage.controller.share(TOMAS)
    stage.model.choose_layout("speaker")
    stage.controller.share(None)
    assert stage.model.layout == "speaker"


def test_chosen_by_hand_nobody_shares(stage):
    stage.controller.live()
    stage.model.choose_layout("share")
    assert stage.model.tile(("share", 0)).state == "Nobody is sharing"


def test_an_old_picture_says_its_age_and_stays(stage):
    stage.controller.live()
    stage.controller.step(1.0)
    assert stage.model.old_frame_text(video(MAYA)) == ""
    stage.controller.lose()
    stage.controller.step(3.2)
    assert stage.model.old_frame_text(video(MAYA)).startswith("last frame 3.")
    assert stage.model.tile(video(MAYA)).state == ""


def test_why_a_tile_is_empty(stage):
    stage.controller.live()
    stage.controller.step(1.0)
    stage.controller.camera(MAYA, on=False)
    assert stage.model.tile(video(MAYA)).state == "Camera off"
    del stage.model.frames[video(TOMAS)]
    waiting = stage.model.tile(video(TOMAS))
    assert (waiting.state, waiting.detail) == ("Waiting for a keyframe", "0.0 s")
    stage.controller.core.tracks[Medium.VIDEO, TOMAS].count = 0
    assert stage.model.tile(video(TOMAS)).state == "No video received"


def test_who_leaves_leaves_the_stage(stage):
    stage.controller.live()
    stage.controller.leave(TOMAS)
    assert set(stage.model.arrangement.tiles) == {video(MAYA)}
    assert stage.surfaces[video(TOMAS)] is None


def test_a_picture_of_somebody_unknown_gets_a_tile(stage):
    stage.controller.live()
    stage.controller.pipeline.surfaces[video(IRIS)] = (320, 180)
    stage.controller.pipeline.draw(video(IRIS))
    stage.bridge.woken.emit()
    assert video(IRIS) in stage.model.arrangement.tiles
    assert stage.model.tile(video(IRIS)).name == f"Participant {IRIS}"


def test_captions_are_the_last_words_and_fade(stage):
    stage.controller.live()
    stage.controller._next_line = 1e9
    stage.controller.say(TOMAS, "One bank refuses\n3-D Secure.")
    caption = stage.model.caption
    assert (caption.name, caption.text, caption.colour) == ("Tomás", "One bank refuses 3-D Secure.", 1)
    stage.model.toggle_captions()
    assert stage.model.caption is None
    stage.model.toggle_captions()
    gone = []
    stage.model.caption_changed.connect(lambda: gone.append(1))
    stage.controller.step(7.0)
    stage.model.refresh()
    assert stage.model.caption is None and gone == [1]


def test_the_newest_chat_message_stands_a_while_under_the_pictures(stage):
    stage.controller.live()
    stage.controller._next_chat = 1e9
    told = []
    stage.model.chat_changed.connect(lambda: told.append(1))
    stage.controller.write(MAYA, "<b>46 %</b>\nfor Iberia")
    said = stage.model.chat()
    assert (said.name, said.text) == ("Maya", "<b>46 %</b> for Iberia")
    assert told == [1]
    stage.controller.step(20.0)
    assert stage.model.chat() is None


def test_figures_over_the_picture(stage):
    stage.controller.live()
    for _ in range(20):
        stage.controller.step(0.25)
        stage.model.refresh()
    key = stage.model.main_key
    assert stage.model.osd_lines(key) == []
    stage.model.cycle_osd()
    (short,) = stage.model.osd_lines(key)
    assert short.startswith("1280×720  25.") and short.endswith("fps  H.264")
    stage.model.cycle_osd()
    full = stage.model.osd_lines(key)
    assert full[0] == f"{stage.model.tile(key).name}  {key[1]}"
    assert full[3] == "lag 184 ms  A/V +8 ms"
    other = next(k for k in stage.model.arrangement.tiles if k != key)
    assert stage.model.osd_lines(other) == []
    stage.model.cycle_osd()
    assert stage.model.osd_level == 0


@pytest.mark.parametrize(
    ("cause", "reason", "title", "line"),
    [
        (EndCause.STOPPED, 6, "The stream has ended", "6 MEETING_ENDED after 00:10"),
        (EndCause.CUT_OFF, 19, "The stream was cut off", "19 AWAIT_RECONNECTION_TIMEOUT after 00:10"),
        (EndCause.LOCAL, None, "The stream has ended", "Disconnected after 00:10"),
    ],
)
def test_what_stands_there_at_the_end(stage, cause, reason, title, line):
    stage.controller.live()
    stage.controller.step(10.0)
    stage.controller.end(cause, reason, "Disconnected.")
    assert (stage.model.message.title, stage.model.message.line) == (title, line)
    assert stage.model.frames == {}


def test_what_stands_there_before_the_first_picture(stage):
    assert stage.model.message.title == "Nothing is connected"
    stage.controller.live(streaming=False)
    assert stage.model.message.title == "Connecting"
    assert stage.model.message.line == "Step 6 of 13: signaling socket."
    stage.controller.core.phase = Phase.CONNECTED
    stage.model.refresh()
    assert stage.model.message.title == "Connected, no picture yet"
    stage.controller.arrive()
    assert stage.model.message.title == ""


def test_refused_offers_the_cause(stage):
    stage.controller.live(streaming=False)
    stage.controller.end(EndCause.REJECTED, None, "The signature was refused: 3 INVALID_SIGNATURE", 3)
    message = stage.model.message
    assert (message.title, message.key, message.token) == ("Not connected", "cause", "error")


def test_a_kept_recording_is_offered_at_the_end(stage):
    stage.controller.live()
    stage.controller.recording.start()
    stage.controller.end(EndCause.STOPPED, 6, "")
    assert stage.model.message.key == "open_recording"
    assert stage.model.last_bundle.endswith(".rtmsrec")


def test_a_second_session_starts_clean(stage):
    stage.controller.live()
    stage.controller.share(TOMAS)
    stage.controller.step(1.0)
    stage.controller.end(EndCause.LOCAL, None, "")
    stage.controller.live()
    assert stage.model.layout == "speaker" and stage.model.sharer is None
    assert stage.surfaces[video(MAYA)] is not None


def test_a_share_that_was_not_asked_for_changes_nothing(tmp_path, qapp):
    controller = FakeController(tmp_path)
    stage = StageViewModel(controller, SpeakerColours(controller), Bridge())
    stage.set_area(1000, 600)
    session = controller.live()
    session.config = dataclasses.replace(session.config, media=session.config.media - {Medium.SHARE})
    controller.share(TOMAS)
    assert stage.layout == "speaker" and ("share", TOMAS) not in stage.arrangement.tiles
    stage.choose_layout("share")
    assert stage.tile(stage.main_key).state == "Screen share was not asked for"
    controller.share(None)
    assert stage.layout == "share"  # a person's choice
