"""What counts as news, and what is only told again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rtms_desktop.app.events import SessionOpened, ViewShifted
from rtms_desktop.viewmodels.news import News

LIVE: Any = SimpleNamespace(is_replay=False)
PAST: Any = SimpleNamespace(is_replay=True)


def test_a_stream_is_news_and_a_recording_is_not() -> None:
    news = News()
    news.opened(SessionOpened(session=LIVE))
    assert news.take(1.0) and news.take(1.0) and news.take(0.5)
    news.opened(SessionOpened(session=PAST))
    assert not news.take(99.0)
    news.opened(SessionOpened(session=LIVE))
    assert news.take(0.1)


def test_on_the_return_only_what_came_meanwhile_is_news() -> None:
    news = News()
    news.opened(SessionOpened(session=LIVE))
    assert news.take(1.0) and news.take(5.0)
    news.opened(ViewShifted(session=PAST))
    assert not news.take(2.0)
    news.opened(ViewShifted(session=PAST))
    news.opened(ViewShifted(session=LIVE))
    assert [news.take(at) for at in (1.0, 5.0, 6.0, 7.0)] == [False, False, True, True]


def test_a_frozen_view_returns_without_having_left() -> None:
    news = News()
    news.opened(SessionOpened(session=LIVE))
    assert news.take(3.0)
    news.opened(ViewShifted(session=LIVE))
    assert not news.take(3.0) and news.take(4.0)
