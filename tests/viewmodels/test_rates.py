from __future__ import annotations

import pytest

from rtms_desktop.viewmodels.rates import Rate


def test_growth_per_second_over_the_window():
    rate = Rate(window_s=3.0)
    for tenth in range(100):
        rate.add(tenth / 10, tenth * 5 if tenth < 50 else 250 + (tenth - 50) * 10)
    assert rate.per_second() == pytest.approx(100.0)


def test_nothing_is_said_before_there_is_enough():
    rate = Rate(settle_s=1.0)
    assert rate.per_second() is None
    rate.add(0.0, 0)
    rate.add(0.5, 100)
    assert rate.per_second() is None
    rate.add(1.0, 200)
    assert rate.per_second() == pytest.approx(200.0)


def test_a_counter_that_begins_anew_gives_no_negative_rate():
    rate = Rate()
    for second in range(5):
        rate.add(second, second * 1000)
    rate.add(5.0, 10)
    assert rate.per_second() is None
    rate.add(6.0, 20)
    assert rate.per_second() == pytest.approx(10.0)
