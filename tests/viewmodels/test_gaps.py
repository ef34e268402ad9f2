from __future__ import annotations

from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.viewmodels.gaps import Gaps
from rtms_desktop.wire.enums import Medium


def a_gap(medium: Medium, user_id: int = 1, reason: GapReason = GapReason.SOCKET_DOWN) -> Gap:
    return Gap(medium=medium, user_id=user_id, start_ms=0, end_ms=1, reason=reason)


def test_losses_at_the_same_time_are_told_as_one():
    gaps = Gaps()
    gaps.close(a_gap(Medium.AUDIO), 10.0, 10.6, "media loss")
    gaps.close(a_gap(Medium.VIDEO), 10.1, 10.9, "media loss")
    gaps.close(a_gap(Medium.VIDEO, user_id=2), 10.1, 10.9, "media loss")
    gaps.close(a_gap(Medium.VIDEO), 20.0, 21.0, "3")
    found = gaps.losses_within(0, 30)
    assert [block.label(30) for block in found] == [
        "audio, video 0.9 s, socket lost, media loss",
        "video 1.0 s, socket lost, scenario 3",
    ]
    assert gaps.count_lost() == 4 and gaps.blocks[0].medium == "audio"


def test_an_open_loss_swallows_what_comes_after_it():
    gaps = Gaps()
    gaps.open(a_gap(Medium.VIDEO), 10.0, "")
    gaps.close(a_gap(Medium.AUDIO), 11.0, 12.0, "")
    found = gaps.losses_within(0, 30)
    assert len(found) == 1 and found[0].end is None
    assert found[0].label(15.0) == "video, audio 5.0 s, socket lost"


def test_a_scenario_belongs_to_lost_sockets_only():
    gaps = Gaps()
    gaps.close(a_gap(Medium.AUDIO, reason=GapReason.DROPPED_HERE), 1.0, 2.0, "3")
    gaps.close(a_gap(Medium.AUDIO, reason=GapReason.SILENCE), 3.0, 4.0, "3")
    assert [block.label(9) for block in gaps.blocks] == ["audio 1.0 s, dropped here", "audio 1.0 s, silence"]
    assert gaps.count_lost() == 1 and gaps.seconds_lost(9) == 1.0


def test_the_sums_outlive_the_blocks():
    gaps = Gaps()
    for number in range(2500):
        gaps.close(a_gap(Medium.AUDIO), number, number + 0.5, "")
    assert len(gaps.blocks) == 2000 and gaps.count_lost() == 2500 and gaps.seconds_lost(9999) == 1250.0
