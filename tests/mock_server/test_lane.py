"""The outgoing queue by itself: order, release times, bounds."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from rtms_desktop.mock_server import lane as lane_module
from rtms_desktop.mock_server.lane import Lane
from rtms_desktop.mock_server.requests import read_request


def new_lane(lost: list[str | bytes] | None = None) -> Lane:
    return Lane(random.Random(7), (lost if lost is not None else []).append)


async def drain(lane: Lane, count: int) -> list[str | bytes]:
    async with asyncio.timeout(2):
        return [(await lane.get()).payload for _ in range(count)]


async def test_messages_leave_in_order() -> None:
    lane = new_lane()
    for number in range(50):
        lane.put(str(number), media=number % 2 == 0)
    assert await drain(lane, 50) == [str(number) for number in range(50)]
    assert lane.is_empty() and lane.waiting_bytes == 0


async def test_clearing_a_delay_does_not_swap() -> None:
    lane = new_lane()
    lane.weather.delay_ms = 50
    lane.put("late")
    lane.weather.delay_ms = 0
    lane.put("later")
    before = time.monotonic()
    assert await drain(lane, 2) == ["late", "later"]
    assert time.monotonic() - before > 0.03


async def test_only_media_are_lost() -> None:
    lost: list[str | bytes] = []
    lane = new_lane(lost)
    lane.weather.lose_percent = 100
    lane.put("gone", media=True)
    lane.put("state")
    assert await drain(lane, 1) == ["state"]
    assert lost == ["gone"] and lane.lost == 1


async def test_overflow_refuses_media_and_keeps_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_module, "MAX_BYTES", 10)
    lane = new_lane()
    for _ in range(5):
        lane.put("123456", media=True)
    lane.put("state")
    assert lane.overflowed == 3
    assert (await drain(lane, 3))[-1] == "state"


@pytest.mark.parametrize(
    "data", ["", "{", b"\xff\xfe", "[1]", "5", '{"msg_type": true}', '{"msg_type": "FLY"}', "{}", '{"msg_type": 1.5}']
)
def test_what_is_no_request(data: str | bytes) -> None:
    assert isinstance(read_request(data), str)


@pytest.mark.parametrize(
    ("data", "kind", "named"),
    [
        (b'{"msg_type":7}\n', 7, False),
        ('{"msg_type": 12.0}', 12, False),
        ('{"msg_type":"KEEP_ALIVE_REQ"}', 12, True),
        ('{"msg_type":"28"}', 28, True),
        ('{"msg_type":99}', 99, False),
    ],
)
def test_requests(data: str | bytes, kind: int, named: bool) -> None:
    request = read_request(data)
    assert not isinstance(request, str)
    assert (request.kind, request.named) == (kind, named)
