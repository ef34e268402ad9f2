"""What is asked for goes together: the bundled server, which is as strict as Zoom's documents, grants all of it."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.app.media_choice import AUDIO, PICTURES, fit
from rtms_desktop.app.settings import Settings
from rtms_desktop.mock_server.negotiate import negotiate
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.session.config import DEFAULT_PARAMS
from rtms_desktop.wire.enums import Codec, Medium, SampleRate
from rtms_desktop.wire.messages import AudioParams, MediaParams, ShareParams, TranscriptParams, VideoParams

numbers = st.integers(-1, 60)


def asked(params: MediaParams) -> dict[str, object]:
    found = msgspec.to_builtins(params)
    found["deskshare"] = found.pop("share")
    return {name: {key: value for key, value in group.items() if value is not None} for name, group in found.items()}


def test_the_usual_values_fit() -> None:
    assert fit(DEFAULT_PARAMS) == DEFAULT_PARAMS and fit(MediaParams()) == DEFAULT_PARAMS


@given(
    audio=st.builds(AudioParams, codec=numbers, sample_rate=numbers, channel=numbers, data_opt=numbers),
    video=st.builds(VideoParams, codec=numbers, resolution=numbers, fps=numbers, data_opt=numbers),
    share=st.builds(ShareParams, codec=numbers, resolution=numbers, fps=numbers),
)
def test_whatever_is_wished_a_server_can_grant(audio: AudioParams, video: VideoParams, share: ShareParams) -> None:
    wish = fit(MediaParams(audio=audio, video=video, share=share))
    assert fit(wish) == wish
    granted = negotiate(frozenset(Medium), asked(wish), MockOptions())
    assert granted.audio == wish.audio and granted.video is not None and granted.share is not None


@pytest.mark.parametrize(("codec", "rate"), list(itertools.product(AUDIO, SampleRate)))
def test_a_codec_keeps_a_rate_that_it_has(codec: Codec, rate: SampleRate) -> None:
    fitted = fit(MediaParams(audio=AudioParams(codec=codec, sample_rate=rate))).audio
    assert fitted is not None and fitted.codec == codec
    assert fitted.sample_rate == (rate if rate in AUDIO[codec][0] else fitted.sample_rate)
    assert fitted.sample_rate in AUDIO[codec][0]


def test_single_images_are_few() -> None:
    for codec in PICTURES:
        video = fit(MediaParams(video=VideoParams(codec=codec, fps=30))).video
        assert video is not None and video.fps == (30 if codec is Codec.H264 else 5)


def test_settings_keep_the_wish_and_mend_what_was_edited_by_hand(tmp_path) -> None:
    settings = Settings(tmp_path)
    wish = fit(MediaParams(audio=AudioParams(codec=Codec.OPUS), video=VideoParams(resolution=3, fps=30)))
    settings.change(params=wish)
    again = Settings(tmp_path)
    assert again.params == wish
    again.change(params=MediaParams(audio=AudioParams(codec=99)))
    assert Settings(tmp_path).params == DEFAULT_PARAMS


def test_a_language_that_nobody_speaks_is_not_asked_for() -> None:
    for asked, only, language, lid in (
        (14, False, 14, False),
        (0, True, 0, None),
        (-1, False, None, None),
        (99, True, None, None),
    ):
        transcript = fit(MediaParams(transcript=TranscriptParams(src_language=asked, enable_lid=only))).transcript
        assert transcript == TranscriptParams(src_language=language, enable_lid=lid)
