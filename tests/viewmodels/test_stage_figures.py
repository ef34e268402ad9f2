"""Figures of a picture: dashes until they are known."""

from __future__ import annotations

import pytest

from rtms_desktop.viewmodels.stage_figures import StageFigures, av_text
from tests.fakes.controller import MAYA, FakeController

KEY = ("video", MAYA)


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


def test_without_a_session_nothing_is_known(controller):
    figures = StageFigures(controller)
    figures.sample([KEY])
    assert figures.granted("video") is None
    assert figures.rest(KEY) == ["–  keyframe –", "lag –  A/V –"]


def test_rates_are_known_after_a_while_and_forgotten(controller):
    controller.live()
    figures = StageFigures(controller)
    for _ in range(8):
        controller.step(0.25)
        figures.sample([KEY])
    bits, _, keyframe = figures.rest(KEY)[0].partition("  ")
    assert bits.endswith("bit/s") and keyframe == "keyframe –"
    figures.forget()
    assert figures.rest(KEY)[0].startswith("–  ")


@pytest.mark.parametrize(("offset", "text"), [(None, "–"), (8.2, "+8 ms"), (-12.0, "−12 ms")])
def test_the_offset_has_a_sign(offset, text):
    assert av_text(type("Pipeline", (), {"av_offset_ms": offset})) == text
