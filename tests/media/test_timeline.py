"""Underruns and latency on good and bad networks (simulated time)."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rtms_desktop.media.timeline import TARGET_MAX_MS, Timeline
from tests.media.network import EPOCH, PACKET_MS, lan, play, stalls, wifi

HALF_HOUR = 1800.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "ppm", "underruns", "mean_ms", "worst_ms"),
    [
        (lan, 0, 0, 50, 60),
        (wifi, 0, 25, 110, 150),
        (stalls, 0, 3, 150, 175),
        (lan, 200, 0, 50, 60),
        (lan, -200, 0, 50, 60),
    ],
)
def test_half_an_hour(network, ppm: int, underruns: int, mean_ms: float, worst_ms: float) -> None:
    outcome = play(network(random.Random(3)), HALF_HOUR, ppm=ppm)
    assert outcome.track.underruns <= underruns
    assert outcome.latency() <= mean_ms
    assert outcome.worst(after_s=30) <= worst_ms
    # Nobody hears less than half a per cent; the control may not use more, except right after a change.
    settled = np.abs(np.array(outcome.ratios[6000:]) - 1)
    assert np.quantile(settled, 0.95) < 0.005


@pytest.mark.parametrize("ppm", [200, -200])
def test_the_drift_is_learned(ppm: int) -> None:
    outcome = play(lan(random.Random(3)), 300, ppm=ppm)
    assert outcome.timeline.drift_ppm == pytest.approx(ppm, abs=50)


def test_the_target_rises_at_once_and_falls_when_the_stall_is_forgotten() -> None:
    outcome = play(stalls(random.Random(3), 0.1, 1000.0), 60)
    latency = {int(at): ms for at, ms in zip(outcome.at, outcome.latency_ms, strict=True)}
    assert latency[2] < 55
    assert 95 < latency[10] < 140
    assert latency[50] < 60
    assert outcome.track.underruns == 1


def test_pauses_of_the_talker_are_no_underruns() -> None:
    outcome = play(lan(random.Random(3)), 120, talks=lambda t: t % 10 < 4)
    assert outcome.track.underruns == 0
    assert outcome.track.late_ms == 0
    assert outcome.track.gaps == 11
    assert outcome.worst() < 70


def test_the_learned_drift_carries_on_through_a_long_silence() -> None:
    silence = (300.0, 900.0)
    outcome = play(lan(random.Random(3)), 930, ppm=200, talks=lambda t: not silence[0] < t < silence[1])
    assert outcome.track.underruns == 0
    assert outcome.worst(after_s=899) < 75
    assert outcome.heard_share(905, 925) > 0.99


def test_a_backlog_is_skipped_to_the_live_edge() -> None:
    """The server kept a minute of sound and sends it as fast as it can."""
    outcome = play(lambda t: max(0.0, (60.0 - t)) + max(0.0, 60 - t) * -0.99 if t < 60 else 0.001, 90)
    assert outcome.track.underruns == 0
    assert outcome.latency(after_s=63) < 160
    assert outcome.heard_share(65, 85) > 0.99
    assert outcome.worst(after_s=85) < 60


def test_after_an_outage_the_live_edge_is_played_at_once() -> None:
    def delay(t: float) -> float:
        return 13.0 - t + (t - 10) * 0.05 if 10 <= t < 13 else 0.001

    outcome = play(delay, 30)
    assert outcome.track.underruns <= 2
    assert outcome.track.late_ms == pytest.approx(3000, abs=300)
    assert outcome.heard_share(13.4, 28) > 0.99
    assert outcome.worst(after_s=13.5) < TARGET_MAX_MS + 60


def test_a_route_that_became_slower_is_accepted_within_a_second() -> None:
    outcome = play(lambda t: 0.5 if t > 10 else 0.001, 40)
    assert outcome.heard_share(11.6, 38) > 0.99
    assert 500 < outcome.latency(after_s=30) < 560
    assert outcome.track.underruns <= 2


def test_a_route_that_became_faster_is_followed() -> None:
    outcome = play(lambda t: 0.3 if t < 10 else 0.001, 60)
    assert outcome.track.underruns == 0
    assert outcome.worst(after_s=40) < 70


@pytest.mark.parametrize("wrong_by_ms", [-3_600_000, 3_600_000, -EPOCH + 1])
def test_one_absurd_timestamp_changes_nothing(wrong_by_ms: int) -> None:
    def stamp(number: int, t: float) -> int:
        return EPOCH + number * PACKET_MS + (wrong_by_ms if number in (500, 900) else 0)

    outcome = play(lan(random.Random(3)), 40, stamp=stamp)
    assert outcome.heard_share(2, 38) > 0.985
    assert outcome.worst(after_s=2) < 70


@pytest.mark.parametrize("wrong_by_ms", [-3_600_000, 3_600_000])
def test_a_server_that_changes_its_time_base_is_followed(wrong_by_ms: int) -> None:
    outcome = play(
        lan(random.Random(3)), 40, stamp=lambda number, t: EPOCH + number * PACKET_MS + (wrong_by_ms if t > 10 else 0)
    )
    assert outcome.heard_share(11.5, 38) > 0.99


def test_two_talkers_share_the_timeline_and_the_larger_jitter_rules() -> None:
    timeline = Timeline()
    for number in range(200):
        at = 10 + number * 0.02
        assert timeline.arrived(1, EPOCH + number * 20, 20, at)
        assert timeline.arrived(2, EPOCH + number * 20, 20, at + (0.06 if number % 10 == 0 else 0.0))
    assert timeline.target_ms == pytest.approx(85, abs=1)
    for number in range(200, 200 + 25 * 50):  # the second one fell silent
        timeline.arrived(1, EPOCH + number * 20, 20, 10 + number * 0.02)
    assert timeline.target_ms == pytest.approx(40)
