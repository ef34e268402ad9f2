from __future__ import annotations

import pytest

from rtms_desktop.session.events import ALL, EndCause, Gap, GapClosed, GapReason, LinkState, LinkStateChanged
from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.figures import DASH
from rtms_desktop.viewmodels.graphs import GRAPHS
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.wire.enums import Medium
from tests.fakes.desk import MAYA, Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def model(desk):
    model = MonitorViewModel(desk.controller)
    desk.ticks.data.connect(model.sample)
    return model


def lane(model, name):
    return next(lane for lane in model.lanes if lane.name == name)


def test_without_a_session_there_is_nothing(model):
    assert not model.active and model.lanes == [] and monitor_words.summary(model) == "Nothing is connected"
    model.sample()


def test_a_session_brings_a_lane_for_signaling_and_every_medium_asked_for(desk, model):
    desk.controller.live()
    assert [lane.title for lane in model.lanes] == ["Signaling", "Audio", "Video", "Share", "Transcript", "Chat"]


def test_rates_come_from_what_arrived_lately(desk, model):
    desk.controller.live()
    assert model.figures(lane(model, "audio")).rate == DASH
    desk.run(20)
    audio = model.figures(lane(model, "audio"))
    assert audio.word == "streaming" and audio.rate.endswith("kbit/s")
    assert int(audio.rate.split()[0]) == pytest.approx(512, rel=0.3)
    assert model.figures(lane(model, "transcript")).rate.endswith("line/s")
    assert audio.alive.endswith(" s")


def test_the_bars_add_up_to_the_bytes(desk, model):
    desk.controller.live()
    desk.run(10)
    now = round(desk.controller.clock.now() * 10) + 1
    seen = model.bars(lane(model, "video"), now, 5, 40).sum()
    total = sum(t.bytes for (medium, _), t in desk.controller.core.tracks.items() if medium is Medium.VIDEO)
    assert seen == pytest.approx(total, rel=0.02)


def test_a_loss_counts_down_and_becomes_a_gap_with_its_scenario(desk, model):
    desk.controller.live()
    desk.run(20)
    desk.controller.lose("video", wait_s=3.0)
    desk.run(1.0)
    figures = model.figures(lane(model, "video"))
    assert (figures.word, figures.level) == ("waiting 2 s", "warn")
    assert "scenario 3, the window closes in 64 s" in figures.tip
    assert model.gap_sum().startswith("1 in ")
    desk.run(3.1)
    desk.controller.regain("video")
    desk.run(5)
    assert model.figures(lane(model, "video")).word == "streaming"
    gap = model.gaps.within(0, model.now)[0]
    assert gap.label(model.now) == "video 4.1 s, socket lost, scenario 3"
    assert "one gap of 4.1 s" in monitor_words.lane_sentence(model, lane(model, "video"))


def test_a_hole_is_a_hole_in_every_curve_of_the_lost_medium_only(desk, model):
    desk.controller.live()
    desk.run(20)
    desk.controller.lose("video")
    desk.run(6)
    desk.controller.regain("video")
    desk.run(10)
    by_medium = {curve.medium: curve.y for curve in model.graph(GRAPHS[0], 300).curves}
    holes = (by_medium["video"] != by_medium["video"])[-35:].sum()
    assert 5 <= holes <= 8
    assert (by_medium["audio"] == by_medium["audio"])[-30:].all()


def test_a_late_tick_leaves_no_hole(desk, model):
    desk.controller.live()
    desk.run(10)
    desk.controller.step(0.7)  # the ticks in between never came
    desk.run(10)
    curve = model.graph(GRAPHS[1], 300).curves[0].y
    assert (curve == curve)[-18:].all()


def test_expected_silence_is_no_loss(desk, model):
    desk.controller.live()
    desk.run(5)
    zero = desk.controller.core.session_zero_ms
    gap = Gap(medium=Medium.AUDIO, user_id=MAYA, start_ms=zero, end_ms=zero + 900, reason=GapReason.SILENCE)
    desk.controller.hub.publish([GapClosed(at=desk.controller.clock.now(), gap=gap)])
    assert model.gap_sum() == "none in 5.0 s"
    assert [block.lost for block in model.gaps.within(0, model.now)] == [False]


def test_a_refusal_is_an_error_with_number_and_reason(desk, model):
    desk.controller.live(streaming=False)
    desk.controller.link("signaling", LinkState.REFUSED, "handshake", 3, "INVALID_SIGNATURE")
    found = lane(model, "signaling")
    assert model.figures(found).level == "error"
    assert "3 INVALID_SIGNATURE" in found.states.text


def test_one_socket_for_everything_takes_the_place_of_the_media_lanes(desk, model):
    desk.controller.live(streaming=False)
    now = desk.controller.clock.now()
    event = LinkStateChanged(at=now, link=ALL, old=LinkState.CLOSED, new=LinkState.CONNECTING)
    desk.controller.hub.publish([event])
    assert [lane.title for lane in model.lanes] == ["Signaling", "All media"]


def test_after_the_end_time_stands_still_and_the_lanes_stay(desk, model):
    desk.controller.live()
    desk.run(10)
    desk.controller.end(EndCause.STOPPED, 6, "The meeting has ended.")
    end = model.now
    desk.controller.step(30)
    model.sample()
    assert model.now == end and model.active
    assert model.spans(lane(model, "video"), end - 5, end)[0].state is LinkState.STREAMING


def test_the_playhead_shows_the_figure_under_it_and_lets_go_at_now(desk, model):
    desk.controller.live()
    desk.run(20)
    desk.controller.lose("video")
    desk.run(5)
    assert model.graph_value(GRAPHS[1]) == DASH
    model.set_cursor(model.now - 10)
    assert model.graph_value(GRAPHS[1]) == "25.0"
    model.set_cursor(model.now + 1)
    assert model.cursor is None


def test_gaps_are_stepped_through_from_the_playhead(desk, model):
    desk.controller.live()
    for _ in range(2):
        desk.run(5)
        desk.controller.lose("video")
        desk.run(2)
        desk.controller.regain("video")
    desk.run(5)
    starts = [block.start for block in model.gaps.blocks]
    model.step_gap(False)
    assert model.cursor == starts[1]
    model.step_gap(False)
    assert model.cursor == starts[0]
    model.step_gap(False)
    assert model.cursor == starts[0]
    model.step_gap(True)
    assert model.cursor == starts[1]


def test_the_table_and_the_csv_say_the_same_as_the_lanes(desk, model):
    desk.controller.live()
    desk.run(12)
    heads, rows = monitor_words.table(model)
    assert all(len(row) == len(heads) for row in rows) and len(rows) == len(model.lanes)
    lines = monitor_words.csv(model).splitlines()
    assert lines[0].startswith("session_s,signaling,audio,video")
    assert all(line.count(",") == lines[0].count(",") for line in lines)
    assert 10 <= len(lines) - 1 <= 13


def test_a_second_session_begins_with_an_empty_history(desk, model):
    desk.controller.live()
    desk.run(10)
    desk.controller.lose("video")
    desk.controller.live()
    assert model.gap_sum().startswith("none") and model.history.newest is None
