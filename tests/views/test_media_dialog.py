from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.session.config import DEFAULT_PARAMS
from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.views.media_dialog import MediaDialog
from rtms_desktop.views.payload_form import PayloadForm
from rtms_desktop.wire.enums import Codec, DataOpt, SampleRate
from rtms_desktop.wire.writing import params_object
from tests.fakes.controller import FakeController
from tests.views.test_start_page import PAYLOAD

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def model(qapp, tmp_path):
    return StartViewModel(FakeController(tmp_path / "config"))


@pytest.fixture
def dialog(model, qtbot):
    made = MediaDialog(model)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(dialog, group, field, text):
    box = dialog.boxes[group, field]
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def texts(dialog, group, field):
    box = dialog.boxes[group, field]
    return [box.itemText(number) for number in range(box.count())]


def test_a_codec_brings_what_goes_with_it(dialog, model):
    assert texts(dialog, "audio", "sample_rate") == ["8 kHz", "16 kHz", "32 kHz", "48 kHz"]
    choose(dialog, "audio", "codec", "Opus")
    assert texts(dialog, "audio", "sample_rate") == ["48 kHz"] and not dialog.boxes["audio", "sample_rate"].isEnabled()
    assert dialog.boxes["audio", "sample_rate"].toolTip()
    assert model.params.audio.codec == Codec.OPUS and model.params.audio.sample_rate == SampleRate.SR_48K
    choose(dialog, "video", "codec", "JPEG")
    assert texts(dialog, "video", "fps") == ["1 a second", "5 a second"] and model.params.video.fps == 5


def test_what_was_chosen_is_said_on_the_card_and_asked_for(dialog, model):
    choose(dialog, "audio", "data_opt", "One mix of all")
    choose(dialog, "video", "resolution", "1920×1080")
    choose(dialog, "video", "data_opt", "One person, chosen among People")
    choose(dialog, "share", "codec", "H.264")
    choose(dialog, "share", "fps", "15 a second")
    assert model.params_text() == "L16 16 kHz mixed · H.264 1080p 25 fps one person · H.264 15 fps"
    controller = model._controller
    controller.credentials.remember("id", "secret", keep=False)
    model.set_text(PAYLOAD)
    assert model.connect_stream()
    request = next(call[1] for call in controller.calls if call[0] == "connect")
    assert request.params == model.params and request.params.video.data_opt == DataOpt.VIDEO_SINGLE_INDIVIDUAL


def test_a_transcript_is_asked_for_in_a_language(dialog, model):
    others = dialog.boxes["transcript", "enable_lid"]
    assert not others.isEnabled() and others.toolTip() == "Choose a language first"
    choose(dialog, "transcript", "src_language", "German")
    assert (model.params.transcript.src_language, model.params.transcript.enable_lid) == (14, None)
    assert model.params_text().endswith(" · German") and others.isEnabled()
    choose(dialog, "transcript", "enable_lid", "Are not looked for")
    assert model.params.transcript.enable_lid is False and model.params_text().endswith(" · German only")
    assert params_object(model.params)["transcript"] == {
        "content_type": 5, "src_language": 14, "enable_lid": False,
    }  # fmt: skip
    choose(dialog, "transcript", "src_language", "Any, English first")
    assert model.params == DEFAULT_PARAMS and not others.isEnabled()


def test_the_usual_values_come_back(dialog, model):
    choose(dialog, "audio", "codec", "G.722")
    back = next(
        part for part in dialog.findChildren(type(dialog.foot.itemAt(0).widget())) if part.text() == "Usual values"
    )
    QTest.mouseClick(back, CLICK)
    assert model.params == DEFAULT_PARAMS and dialog.boxes["audio", "codec"].currentText() == "L16"


def test_change_on_the_card_opens_it(model, qtbot):
    form = PayloadForm(model)
    qtbot.addWidget(form)
    form.resize(900, 380)
    form.show()
    model.set_text(PAYLOAD)
    QTest.mouseClick(form.understood.change, CLICK)
    dialog = form.findChild(MediaDialog)
    assert dialog.isVisible() and dialog.isModal()
    dialog.close()
