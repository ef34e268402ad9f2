"""The endpoint over real HTTP."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from rtms_desktop.errors import PortInUseError
from rtms_desktop.transport.metrics_endpoint import MetricsEndpoint

TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


async def test_the_page_as_it_is_now_and_nothing_else() -> None:
    pages = iter(["one\n", "two\n"])
    endpoint = MetricsEndpoint(lambda: next(pages), TYPE)
    url = await endpoint.start(0)
    async with aiohttp.ClientSession() as client:
        for text in ("one\n", "two\n"):
            async with client.get(url) as answer:
                assert answer.status == 200 and answer.headers["Content-Type"] == TYPE
                assert await answer.text() == text
        async with client.get(url.replace("/metrics", "/")) as answer:
            assert answer.status == 404
        async with client.post(url) as answer:
            assert answer.status == 405
        async with client.get(url, headers={"Host": "evil.example:9464"}) as answer:
            assert answer.status == 403
    await endpoint.stop()
    await endpoint.stop()


async def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError):
            await MetricsEndpoint(str, TYPE).start(taken.getsockname()[1])
