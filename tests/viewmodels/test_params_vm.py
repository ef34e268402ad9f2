from __future__ import annotations

import dataclasses

import msgspec
import pytest

from rtms_desktop.session.config import DEFAULT_PARAMS
from rtms_desktop.session.events import MediaReceived
from rtms_desktop.viewmodels.params_vm import ParamsViewModel
from rtms_desktop.wire.enums import Medium
from tests.bitstream.clips import clip
from tests.fakes.controller import MAYA, FakeController


@pytest.fixture
def controller(tmp_path, qapp):
    made = FakeController(tmp_path)
    made.params = ParamsViewModel(made)
    made.live()
    return made


def row(controller, medium, name):
    return next(one for one in controller.params.rows() if (one.medium, one.name) == (medium, name))


def test_no_session_no_rows(tmp_path, qapp):
    assert ParamsViewModel(FakeController(tmp_path)).rows() == []


def test_numbers_come_with_names_and_units(controller):
    codec = row(controller, Medium.AUDIO, "Codec")
    assert (codec.requested, codec.granted) == ("1 L16", "1 L16")
    assert row(controller, Medium.AUDIO, "Send rate").requested == "20 ms"
    assert row(controller, Medium.VIDEO, "Resolution").granted == "2 HD 1280×720"
    assert controller.params.counts()[1] == 0


def test_what_was_not_granted_as_requested_is_marked(controller):
    video = msgspec.structs.replace(DEFAULT_PARAMS.video, fps=15)
    controller.core.granted = msgspec.structs.replace(DEFAULT_PARAMS, video=video)
    found = row(controller, Medium.VIDEO, "Frame rate")
    assert (found.requested, found.granted, found.remark) == ("25 fps", "15 fps", "not what was requested")
    assert controller.params.counts()[1] == 1
    assert "15 fps" in controller.params.plain()


def test_a_medium_that_was_not_requested_says_so(controller):
    config = dataclasses.replace(controller.session.config, media=frozenset({Medium.AUDIO}))
    controller.session.config, controller.core.granted = config, None
    assert [one.requested for one in controller.params.rows() if one.medium is Medium.CHAT] == ["not requested"]


@pytest.mark.parametrize(
    ("step", "size", "rate", "remark"),
    [(20, 640, "1 SR_16K", ""), (20, 320, "0 SR_8K", "arrives at another rate")],
)
def test_the_sample_rate_is_what_the_bytes_say(controller, step, size, rate, remark):
    track = controller.core.tracks[Medium.AUDIO, MAYA]
    track.count, track.bytes, track.step_ms = 100, 100 * size, step
    found = row(controller, Medium.AUDIO, "Sample rate")
    assert (found.observed, found.remark) == (rate, remark)


def test_frame_rates_are_compared_with_some_patience(controller):
    track = controller.core.tracks[Medium.VIDEO, MAYA]
    track.count, track.step_ms = 100, 40.0
    assert row(controller, Medium.VIDEO, "Frame rate").observed == "25 fps"
    track.step_ms = 100.0
    assert row(controller, Medium.VIDEO, "Frame rate").remark == "comes at another rate"


def test_pictures_tell_codec_and_size(controller):
    def arrive(medium, data):
        event = MediaReceived(
            at=1.0, link=medium.value, medium=medium, user_id=MAYA, user_name="", data=data, timestamp_ms=1
        )
        controller.hub.publish([event])

    assert row(controller, Medium.VIDEO, "Codec").observed == "–"
    arrive(Medium.VIDEO, clip(640, 360, 1)[0])
    assert row(controller, Medium.VIDEO, "Codec").observed == "7 H264"
    found = row(controller, Medium.VIDEO, "Resolution")
    assert (found.observed, found.remark) == ("640×360", "pictures have another size")
    arrive(Medium.SHARE, b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (1920).to_bytes(4) + (1080).to_bytes(4) + b"\0" * 9)
    assert row(controller, Medium.SHARE, "Codec").remark == "arrives in another codec"
    assert row(controller, Medium.SHARE, "Resolution").observed == "1920×1080"
