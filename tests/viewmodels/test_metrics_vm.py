from __future__ import annotations

import pytest

from rtms_desktop.app import metrics as m
from rtms_desktop.viewmodels.figures import DASH
from rtms_desktop.viewmodels.metrics_vm import MetricsViewModel
from tests.fakes.controller import FakeController


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def model(controller):
    return MetricsViewModel(controller)


def by_name(model):
    return {tile.name: tile for tile in model.tiles()}


def test_before_there_is_data_figures_are_a_dash(model):
    tiles = by_name(model)
    assert tiles["Active sessions"].value == "0"
    for name in ("Transcript chunks", "Join latency", "Audio packets", "Chat packets", "Behind live", "Loop stall"):
        assert tiles[name].value == DASH, name


def test_every_tile_has_a_tip_and_no_tile_names_anybody(controller, model):
    controller.live()
    controller.step(5)
    for tile in model.tiles():
        assert tile.tip and tile.name
        assert not [word for word in ("Maya", "4444AAA", "6093") if word in f"{tile}"]


def test_a_meeting_in_figures(controller, model):
    controller.live()
    for _ in range(12):
        controller.step(0.5)
        model.tiles()
    tiles = by_name(model)
    assert tiles["Active sessions"].value == "1" and tiles["Active sessions"].note == "1 since the start"
    assert float(tiles["Transcript chunks"].value) > 0 and tiles["Transcript chunks"].unit == "/s"
    assert tiles["Join latency"].value == "0.0" and "of 1" in tiles["Join latency"].note
    assert int(tiles["Audio packets"].value) > 30 and "kbit/s, " in tiles["Video packets"].note
    assert tiles["Chat packets"].value == "0.0" and tiles["Chat packets"].note.endswith("in all")
    assert tiles["Reconnect attempts"].note == "none needed" and not tiles["Reconnect attempts"].level
    assert tiles["Behind live"].value == "0.2" and tiles["Loop stall"].value == "4"


def test_a_loss_is_told_by_scenario_and_seconds(controller, model):
    controller.live()
    controller.step(2)
    controller.lose()
    controller.step(4)
    controller.regain()
    tiles = by_name(model)
    assert (tiles["Reconnect attempts"].value, tiles["Reconnect attempts"].note) == ("1", "3 1")
    assert tiles["Reconnect attempts"].level == "warn" and "1 came back" in tiles["Reconnect attempts"].tip
    assert tiles["Gaps"].value == "1" and tiles["Gaps"].note == "4.0 s lost"


def test_what_the_recording_dropped_is_an_error(controller, model):
    controller.live()
    controller.recording.start()
    controller.session.recorder.stats.dropped_messages = 3
    controller.step(1)
    tile = by_name(model)["Dropped here"]
    assert (tile.value, tile.note, tile.level) == ("3", "recording 3", "error")
    assert controller.metrics.meter.value(m.DROPS, "recording") == 3
