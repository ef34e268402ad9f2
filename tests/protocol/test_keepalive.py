"""What does not come is counted, what does not live is dead, and nobody asks twice."""

from __future__ import annotations

import pytest

from rtms_desktop.protocol.keepalive import KeepAliveWatch, Limits


@pytest.fixture
def watch() -> KeepAliveWatch:
    found = KeepAliveWatch(Limits())
    found.start(100.0)
    return found


def test_a_regular_server_is_never_missed(watch: KeepAliveWatch) -> None:
    for second in range(110, 400, 10):
        assert watch.check(second - 0.1) == 0
        watch.request(second)
        assert not watch.is_dead(second + 14.9)
    assert watch.missed == 0
    assert watch.interval_s == 10.0


def test_the_first_has_no_interval(watch: KeepAliveWatch) -> None:
    watch.request(110.0)
    assert watch.interval_s is None
    watch.request(121.0)
    assert watch.interval_s == 11.0


@pytest.mark.parametrize(("seconds", "missed"), [(14.9, 0), (15.0, 1), (24.9, 1), (25.0, 2), (64.0, 5)])
def test_an_interval_is_missed_when_the_message_is_late_by_half_an_interval(
    watch: KeepAliveWatch, seconds: float, missed: int
) -> None:
    assert watch.check(100 + seconds) == missed
    assert watch.check(100 + seconds) == 0
    assert watch.missed == missed


def test_missed_intervals_add_up_over_several_absences(watch: KeepAliveWatch) -> None:
    watch.check(126.0)
    watch.request(127.0)
    watch.check(143.0)
    assert watch.missed == 3


def test_the_deadline_is_the_next_miss_and_then_death(watch: KeepAliveWatch) -> None:
    dues = []
    for _ in range(7):
        due = watch.deadline()
        dues.append(due)
        watch.check(due)
        if watch.is_dead(due):
            break
    assert dues == [115.0, 125.0, 135.0, 145.0, 155.0, 165.0]


def test_being_due_is_never_without_effect() -> None:
    """Rounding must not leave a deadline in the past that checks as "nothing new": that would be a busy loop."""
    for every in (10.0, 0.1, 0.3, 1 / 3, 7e-5):
        watch = KeepAliveWatch(Limits(keep_alive_every_s=every, keep_alive_limit_s=1e9))
        watch.start(1234.567)
        for _ in range(50):
            assert watch.check(watch.deadline()) >= 1


def test_a_silent_link_is_dead_after_the_limit(watch: KeepAliveWatch) -> None:
    assert not watch.is_dead(164.9)
    assert watch.is_dead(165.0)


def test_media_counts_as_life_but_not_as_keep_alive(watch: KeepAliveWatch) -> None:
    watch.data(160.0)
    assert watch.check(160.0) == 5
    assert not watch.is_dead(224.9)
    assert watch.is_dead(225.0)


def test_where_the_client_asks_it_asks_every_thirty_seconds(watch: KeepAliveWatch) -> None:
    watch.client_asks = True
    assert watch.deadline() == 130.0
    assert not watch.must_ask(129.9)
    assert watch.must_ask(130.0)
    assert not watch.must_ask(130.0)
    assert watch.deadline() == 160.0
    assert watch.check(500.0) == 0


def test_a_server_that_never_answered_is_not_held_for_dead(watch: KeepAliveWatch) -> None:
    watch.client_asks = True
    assert not watch.is_dead(10_000.0)


def test_a_server_that_stopped_answering_is_dead(watch: KeepAliveWatch) -> None:
    watch.client_asks = True
    watch.must_ask(130.0)
    watch.answer(131.0)
    assert watch.deadline() == 160.0
    assert not watch.is_dead(195.9)
    assert watch.is_dead(196.0)


def test_a_server_that_asks_after_all_is_not_asked(watch: KeepAliveWatch) -> None:
    watch.client_asks = True
    watch.request(110.0)
    assert not watch.must_ask(200.0)
    assert watch.deadline() == 125.0
