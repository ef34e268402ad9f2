"""Who gets in, with which status everybody else is turned away, and what message 4 grants."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtms_desktop.wire.enums import Dialect, Medium
from tests.mock_server.support import BITS, L16, SMALL_VIDEO, Mock, serving


async def refused(mock: Mock, message: dict[str, Any], url: str | None = None) -> tuple[int, str]:
    """Status and reason of the refusal; the server must close with 1000."""
    async with mock.socket(url) as peer:
        await peer.send(message)
        response = await peer.receive()
        assert response["msg_type"] == message["msg_type"] + 1
        assert "media_server" not in response and "media_params" not in response
        code, _ = await peer.end()
        assert code == 1000
    return response["status_code"], response["reason"]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"signature": "0" * 64}, 3, "Invalid signature"),
        ({"signature": "\u00e4"}, 3, "Invalid signature"),
        ({"signature": None}, 4, "Missing required fields"),
        ({"meeting_uuid": None}, 4, "Missing required fields"),
        ({"meeting_uuid": "another"}, 4, "Invalid meeting or stream ID"),
        ({"rtms_stream_id": "unknown"}, 2, "Invalid RTMS stream ID"),
        ({"rtms_stream_id": 5}, 4, "Missing required fields"),
        ({"protocol_version": 2}, 4, "Unsupported protocol version"),
    ],
)
async def test_signaling_is_refused(changes: dict[str, Any], status: int, reason: str) -> None:
    async with serving() as mock:
        assert await refused(mock, mock.hello(**changes)) == (status, reason)
        record = mock.events("refused")[0]
        assert (record["link"], record["status"]) == ("signaling", status)


@pytest.mark.parametrize("key", ["meeting_uuid", "webinar_uuid", "session_id", "engagement_id", "call_id"])
async def test_the_id_is_found_under_any_key(key: str) -> None:
    async with serving() as mock, mock.socket() as peer:
        await peer.send(mock.hello(**{"meeting_uuid": None, key: mock.meeting_id}))
        response = await peer.receive()
        assert response["status_code"] == 0
        urls = response["media_server"]["server_urls"]
        assert urls["deskshare"] == urls["sharescreen"]
        assert set(urls) == {"audio", "video", "deskshare", "sharescreen", "transcript", "chat", "all"}


async def test_binary_frames_and_any_path_are_accepted() -> None:
    async with serving() as mock:
        base = mock.listening["signaling_url"].removesuffix("/signaling")
        async with mock.socket(base + "/") as peer:
            await peer.socket.send(json.dumps(mock.hello(), indent="\t").encode() + b"\n")
            assert (await peer.receive())["status_code"] == 0


async def test_urls_take_the_host_name_of_the_client() -> None:
    async with serving() as mock:
        by_name = mock.listening["signaling_url"].replace("127.0.0.1", "localhost")
        async with mock.socket(by_name) as peer:
            await peer.send(mock.hello())
            urls = (await peer.receive())["media_server"]["server_urls"]
    port = mock.server.addresses.media_port
    assert urls["audio"] == f"ws://localhost:{port}/audio"


async def test_a_second_signaling_socket_is_a_duplicate() -> None:
    async with serving() as mock, mock.client({"audio": L16}) as client:
        assert await refused(mock, mock.hello()) == (8, "Duplicate signal request")
        await client.media["audio"].kind(14)  # the first one goes on


async def test_a_second_signaling_socket_can_kick_the_first() -> None:
    async with serving(duplicate="kick") as mock, mock.client({"audio": L16}) as client:
        async with mock.socket() as second:
            await second.send(mock.hello())
            assert (await second.receive())["status_code"] == 0
            assert (await client.signaling.end())[0] == 1000


@pytest.mark.parametrize(
    ("media_type", "params", "status"),
    [
        ("1", None, 7),
        (None, None, 7),
        (0, None, 14),
        (64, None, 14),
        (1, [], 17),
        (1, {"audio": 5}, 18),
        (1, {"audio": {"content_type": 3}}, 19),
        (1, {"audio": {"content_type": 1}}, 19),
        (1, {"audio": {"sample_rate": 4}}, 20),
        (1, {"audio": {"codec": 4, "sample_rate": 1}}, 20),
        (1, {"audio": {"codec": 2, "sample_rate": 1}}, 20),
        (1, {"audio": {"channel": 3}}, 21),
        (1, {"audio": {"codec": 3, "channel": 2}}, 21),
        (1, {"audio": {"codec": 7}}, 22),
        (1, {"audio": {"data_opt": 3}}, 23),
        (1, {"audio": {"send_rate": 30}}, 24),
        (1, {"audio": {"send_rate": "20"}}, 24),
        (1, {"audio": {"codec": 4, "send_rate": 40}}, 24),
        (2, {"video": "h264"}, 25),
        (2, {"video": {"content_type": 2}}, 26),
        (2, {"video": {"codec": 4}}, 27),
        (2, {"video": {"resolution": 5}}, 28),
        (2, {"video": {"data_opt": 1}}, 29),
        (2, {"video": {"codec": 7, "fps": 31}}, 30),
        (2, {"video": {"codec": 5, "fps": 6}}, 30),
        (4, {"deskshare": True}, 31),
        (4, {"deskshare": {"content_type": 5}}, 32),
        (4, {"deskshare": {"codec": 1}}, 33),
        (4, {"deskshare": {"resolution": 0}}, 34),
        (4, {"deskshare": {"codec": 6, "fps": 30}}, 35),
        (8, {"transcript": []}, 36),
        (8, {"transcript": {"content_type": 2}}, 37),
        (8, {"transcript": {"src_language": 99}}, 43),
        (8, {"transcript": {"target_language": 99}}, 46),
        (16, {"chat": []}, 38),
        (16, {"chat": {"content_type": 1}}, 39),
    ],
)
async def test_media_parameters_are_checked(media_type: Any, params: Any, status: int) -> None:
    async with serving(resolution=None) as mock, mock.client({}, ready=False) as client:
        assert (await refused(mock, mock.media_hello(media_type, params), client.urls["audio"]))[0] == status


@pytest.mark.parametrize(
    ("name", "asked", "granted"),
    [
        (
            "audio",
            None,
            {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 1, "send_rate": 20},
        ),
        (
            "audio",
            {"codec": 4, "channel": 2, "data_opt": 2},
            {"content_type": 2, "sample_rate": 3, "channel": 2, "codec": 4, "data_opt": 2, "send_rate": 20},
        ),
        (
            "audio",
            {"send_rate": 5000},
            {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 1, "send_rate": 1000},
        ),
        ("video", None, {"content_type": 3, "codec": 5, "resolution": 2, "fps": 5, "data_opt": 3}),
        ("video", {"fps": 25}, {"content_type": 3, "codec": 5, "resolution": 2, "fps": 5, "data_opt": 3}),
        (
            "video",
            {"codec": 7, "fps": 30, "resolution": 3, "data_opt": 4},
            {"content_type": 3, "codec": 7, "resolution": 3, "fps": 30, "data_opt": 4},
        ),
        ("deskshare", None, {"content_type": 3, "codec": 5, "resolution": 3, "fps": 1}),
        (
            "transcript",
            {"src_language": 14, "enable_lid": False},
            {"content_type": 5, "src_language": 14, "enable_lid": False},
        ),
        ("chat", None, {"content_type": 5}),
    ],
)
async def test_absent_parameters_take_the_documented_values(name: str, asked: Any, granted: Any) -> None:
    async with serving(resolution=None) as mock, mock.client({name: asked}, ready=False) as client:
        assert client.granted[name] == {name: granted}


async def test_the_servers_own_size_and_rate_win() -> None:
    async with (
        serving(resolution="360p", fps=12) as mock,
        mock.client({"video": SMALL_VIDEO | {"resolution": 2}}) as client,
    ):
        assert client.granted["video"]["video"] | {"resolution": 1, "fps": 12} == client.granted["video"]["video"]


async def test_disabled_media_have_their_own_status_and_no_url() -> None:
    async with serving(disabled=frozenset(Medium)) as mock, mock.client({}) as client:
        assert set(client.urls) == {"all"}
        statuses = [(await refused(mock, mock.media_hello(bit), client.urls["all"]))[0] for bit in (1, 2, 4, 8, 16)]
        assert statuses == [9, 10, 11, 12, 13]


async def test_single_sockets_and_the_all_socket_exclude_each_other() -> None:
    async with serving() as mock:
        async with mock.client({"audio": L16}, ready=False) as client:
            assert (await refused(mock, mock.media_hello(1), client.urls["audio"]))[0] == 16
            assert (await refused(mock, mock.media_hello(32), client.urls["all"]))[0] == 16
        await mock.until("disconnected", 4)
        async with mock.client({"all": {"video": SMALL_VIDEO}}, ready=False) as client:
            assert (await refused(mock, mock.media_hello(BITS["video"]), client.urls["video"]))[0] == 15


async def test_the_all_socket_carries_everything() -> None:
    params = {"audio": L16, "video": SMALL_VIDEO, "deskshare": {"resolution": 1, "fps": 5}}
    async with serving() as mock, mock.client({"all": params}) as client:
        assert set(client.granted["all"]) == {"audio", "video", "deskshare", "transcript", "chat"}
        await mock.do("share_start")
        seen = {(await client.media["all"].receive())["msg_type"] for _ in range(100)}
        assert seen >= {14, 15, 16}


async def test_one_socket_has_one_handshake() -> None:
    async with serving() as mock, mock.client({"audio": L16}) as client:
        await client.media["audio"].send(mock.media_hello(2))
        assert (await client.media["audio"].kind(4))["status_code"] == 16
        await client.signaling.send(mock.hello())
        assert (await client.signaling.kind(2))["status_code"] == 8
        assert (await client.signaling.end())[0] == 1000


async def test_media_without_signaling_are_refused() -> None:
    async with serving() as mock:
        url = mock.listening["media_url"]
        assert (await refused(mock, mock.media_hello(1), url))[0] == 4
        assert (await refused(mock, mock.media_hello(1, signature="x"), url))[0] == 3


async def test_the_reference_mocks_refusals_have_no_code_and_do_not_close() -> None:
    async with serving(dialect=Dialect.MOCK) as mock, mock.socket() as peer:
        await peer.send(mock.hello(signature="x"))
        assert await peer.receive() == {"msg_type": 2, "protocol_version": 1, "reason": "Invalid signature"}
        await peer.send(mock.hello())
        assert (await peer.receive())["status_code"] == 0
