from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtTest import QTest

from rtms_desktop.session.events import ALL, EndCause, Gap, GapClosed, GapReason, LinkState, LinkStateChanged
from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.figures import DASH
from rtms_desktop.viewmodels.graph_kinds import BY_KEY, GRAPHS
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.wire.enums import Medium
from tests.fakes.desk import MAYA, Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def model(desk):
    model = MonitorViewModel(desk.controller, stall=desk.ticks.stall)
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
    now = desk.controller.clock.now()
    lane(model, "video").states.change(now, LinkState.CONNECTING, "")  # the next try: its window goes on
    assert "the window closes in 61 s" in model.figures(lane(model, "video")).tip
    desk.controller.regain("video")
    desk.run(5)
    assert model.figures(lane(model, "video")).word == "streaming"
    assert "window closes" not in model.figures(lane(model, "video")).tip
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
    by_medium = {curve.medium: curve.y for curve in model.graph(BY_KEY["bitrate"], 300).curves}
    holes = (by_medium["video"] != by_medium["video"])[-35:].sum()
    assert 5 <= holes <= 8
    assert (by_medium["audio"] == by_medium["audio"])[-30:].all()


def test_a_late_tick_leaves_no_hole(desk, model):
    desk.controller.live()
    desk.run(10)
    desk.controller.step(0.7)  # the ticks in between never came
    desk.run(10)
    curve = model.graph(BY_KEY["fps"], 300).curves[0].y
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
    assert model.graph_value(BY_KEY["fps"]) == DASH
    model.set_cursor(model.now - 10)
    assert model.graph_value(BY_KEY["fps"]) == "25.0"
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
    assert lines[0].startswith("session_s,signaling messages,audio bytes,video bytes")
    assert "bitrate audio Mbit/s" in lines[0] and "jitter video ms" in lines[0]
    assert all(line.count(",") == lines[0].count(",") for line in lines)
    assert 10 <= len(lines) - 1 <= 13


def test_a_second_session_begins_with_an_empty_history(desk, model):
    desk.controller.live()
    desk.run(10)
    desk.controller.lose("video")
    desk.controller.live()
    assert model.gap_sum().startswith("none") and model.history.newest is None


def test_every_graph_is_measured_while_a_session_runs(desk, model):
    desk.ticks.stall.start()
    desk.controller.live()
    desk.run(12)
    QTest.qWait(40)
    desk.run(0.1)
    desk.ticks.stall.stop()
    told = {graph.key: model.graph_value(graph) for graph in GRAPHS}
    assert DASH not in told.values()
    assert float(told["packets"]) == pytest.approx(50 * 2 + 25 * 2 + 0, rel=0.1)
    assert (told["playout"], told["queue"], told["drops"], told["missed"]) == ("200", "3", "0.0", "0")
    assert 0 <= int(told["alive"]) <= 10


def test_drops_and_missed_keep_alives_are_counted(desk, model):
    desk.controller.live()
    desk.run(10)
    stats = desk.controller.pipeline.stats
    stats.frames_dropped += 20
    stats.audio.inbox_dropped += 10
    stats.queue_dropped += 10  # the inbox is one of the queues
    desk.controller.core.links["video"].stats.missed = 2
    desk.run(1)
    assert float(model.graph_value(BY_KEY["drops"])) == pytest.approx(30 / 2, rel=0.1)  # within two seconds
    assert model.graph_value(BY_KEY["missed"]) == "2"


def test_the_age_of_a_keep_alive_grows_until_the_next(desk, model):
    desk.controller.live()
    desk.run(25)
    signaling = next(c for c in model.graph(BY_KEY["alive"], 400).curves if c.medium == "signaling")
    known = signaling.y[~np.isnan(signaling.y)]
    assert known.max() == pytest.approx(10, abs=0.3) and known.min() < 0.6
    assert (np.diff(known) < -5).sum() == 2  # it came after 10 and after 20 seconds


def test_the_graphs_that_are_shown_are_chosen_and_remembered(desk, model):
    model.show_graph(BY_KEY["cpu"], True)
    model.show_graph(BY_KEY["lag"], False)
    assert [graph.key for graph in model.graphs] == ["bitrate", "fps", "jitter", "cpu"]
    assert MonitorViewModel(desk.controller).graphs == model.graphs
    for graph in model.graphs:
        model.show_graph(graph, False)
    assert [graph.key for graph in model.graphs] == ["cpu"]  # one stays


def test_the_window_is_zoomed_around_a_moment_and_follows_again_at_the_live_edge(desk, model):
    desk.controller.live()
    desk.run(200)
    model.zoom(3)
    assert model.view.follows and model.window_s == pytest.approx(120 / 1.25**3)
    model.set_window(1)
    model.pan(-60)
    edge = model.edge
    assert not model.view.follows and edge == pytest.approx(model.now - 60, abs=0.1)
    desk.run(5)
    assert model.edge == edge  # it stands while time goes on
    at = edge - 15
    part = (edge - at) / model.window_s
    model.zoom(2, at)
    assert (model.edge - at) / model.window_s == pytest.approx(part)
    model.pan(-1000)
    assert model.edge - model.window_s == pytest.approx(model.first)
    model.pan(1000)
    assert model.view.follows and model.edge == model.now
    model.zoom(-50)
    assert model.window_s == 600
    model.zoom(50)
    assert model.window_s == 5


def test_a_cursor_that_is_set_elsewhere_comes_into_sight(desk, model):
    desk.controller.live()
    desk.run(200)
    model.set_window(1)
    with_signal = []
    model.cursor_changed.connect(lambda: with_signal.append(model.cursor))
    desk.controller.moment.set(model.now - 150)
    assert with_signal == [model.now - 150]
    assert model.edge - model.window_s < model.cursor < model.edge and not model.view.follows


def test_a_graph_as_table_and_as_csv_says_what_its_curve_says(desk, model):
    desk.controller.live()
    desk.run(40)
    heads, rows = monitor_words.graph_table(model, BY_KEY["fps"])
    assert heads == ["Time", "Video, fps"] and rows[0] > rows[-1]
    assert [row[1] for row in rows[1:10]] == ["25.0"] * 9
    lines = monitor_words.graph_csv(model, BY_KEY["fps"]).splitlines()
    assert lines[0] == "session_s,video fps" and len(lines) == len(rows) + 1
    assert lines[-2].split(",")[1] == "25"


def test_a_closed_socket_names_its_code(desk, model):
    desk.controller.live()
    desk.run(1)
    desk.controller.link("video", LinkState.INTERRUPTED, "socket lost", 1011, "going down")
    assert "socket lost, 1011 SERVER_ERROR, going down" in model.figures(lane(model, "video")).tip
