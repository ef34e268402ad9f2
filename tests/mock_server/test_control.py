"""Each button: what the client sees, and that the ground truth says so."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from itertools import pairwise
from typing import Any

import av
import pytest
import websockets

from rtms_desktop.bitstream.h264 import has_sps_pps_idr
from rtms_desktop.mock_server.arguments import ControlError
from tests.mock_server.support import L16, SMALL_SHARE, SMALL_VIDEO, Mock, Peer, serving

MIXED = L16 | {"data_opt": 1}
ADA, MATEO = 16778240, 16779264


async def stamps(peer: Peer, count: int) -> list[int]:
    return [(await peer.kind(14))["content"]["timestamp"] for _ in range(count)]


async def test_pause_and_resume_keep_the_sockets() -> None:
    async with serving() as mock, mock.client({"audio": MIXED, "video": SMALL_VIDEO}) as client:
        await client.media["audio"].kind(14)
        session = (await client.signaling.kind(9))["rtms_session_id"]
        await client.signaling.kind(8)
        await mock.do("pause")
        paused, stream = await client.signaling.take(2)
        assert (paused["msg_type"], paused["state"], paused["rtms_session_id"]) == (9, 3, session)
        assert (stream["msg_type"], stream["state"]) == (8, 5)
        await asyncio.sleep(0.3)
        before = mock.server.stage.clock.epoch_ms()
        await mock.do("resume")
        resumed, _ = await client.signaling.take(2)
        assert resumed["state"] == 4
        after = await client.media["audio"].until(lambda one: one["content"]["timestamp"] >= before)
        (previous,) = [record["media_ms"] for record in mock.events("pause")]
        assert after["content"]["timestamp"] - mock.server.stage.clock.zero_ms > previous + 250
        picture = await client.media["video"].until(lambda one: one["content"]["timestamp"] >= before)
        assert has_sps_pps_idr(base64.b64decode(picture["content"]["data"]))
        with pytest.raises(ControlError):
            await mock.do("resume")


async def test_stop_and_start_again_keep_the_ids() -> None:
    async with serving() as mock:
        async with mock.client({"audio": MIXED}) as client:
            session = (await client.signaling.kind(9))["rtms_session_id"]
            await mock.do("stop", reason=2)
            ended = await client.signaling.until(lambda one: one["msg_type"] == 8 and one["state"] == 4)
            assert ended["reason"] == 2
            await client.signaling.end()
        async with mock.socket() as peer:
            await peer.send(mock.hello())
            assert (await peer.receive())["status_code"] == 2
        webhook = (await mock.do("start_again"))["webhook"]
        assert webhook["payload"]["rtms_stream_id"] == mock.stream_id
        async with mock.client({"audio": MIXED}) as client:
            assert (await client.signaling.kind(9))["rtms_session_id"] != session
            await client.media["audio"].kind(14)


@pytest.mark.parametrize(("name", "reason"), [("end", 6), ("revoke", 8)])
async def test_end_and_revoke(name: str, reason: int) -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        await mock.until("started")
        await mock.do(name)
        ended = await client.signaling.until(lambda one: one["msg_type"] == 8 and one["state"] == 4)
        assert ended["reason"] == reason
        assert mock.events(name)[0]["reason"] == reason
        with pytest.raises(ControlError):
            await mock.do("start_again")


@pytest.mark.parametrize(("how", "code"), [("abort", 1006), ("close", 1011)])
async def test_drop_by_cut_and_by_close(how: str, code: int) -> None:
    async with serving() as mock, mock.client({"audio": MIXED, "chat": None}) as client:
        await mock.until("started")
        await mock.do("drop", link="audio", how=how)
        assert (await client.media["audio"].end())[0] == code
        assert (await client.signaling.event(7))["media_type"] == 1
        assert mock.events("drop")[0]["link"] == "audio"
        gone = await mock.until("disconnected")
        assert (gone["link"], gone["by"]) == ("audio", "server")


async def test_drop_signaling() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        await mock.until("started")
        await mock.do("drop_signaling")
        assert (await client.signaling.end())[0] == 1006
        assert (await mock.until("phase", 3))["phase"] == "interrupted"


async def test_server_failure_lets_nobody_in_for_a_while() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        await mock.until("started")
        await mock.do("server_failure", ms=200)
        assert (await client.media["audio"].end())[0] == (await client.signaling.end())[0] == 1006
        with pytest.raises(websockets.InvalidStatus):
            async with mock.socket():
                pass
        await mock.until("server_recovered")
        async with mock.client({"audio": MIXED}) as again:
            await again.media["audio"].kind(14)


async def test_skipped_keep_alives() -> None:
    async with serving(keep_alive_s=0.03) as mock, mock.client({"chat": None}) as client:
        await client.signaling.kind(9)
        await mock.do("skip_keep_alive", link="signaling", seconds=0.4)
        quiet_from = time.monotonic()
        async with asyncio.timeout(5):
            while True:
                found = json.loads(await client.signaling.receive_raw())
                if found["msg_type"] == 12 and time.monotonic() - quiet_from > 0.3:
                    break
                if found["msg_type"] == 12:
                    await client.signaling.send({**found, "msg_type": 13})


async def test_delay_holds_every_message_back() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        audio = client.media["audio"]
        await audio.kind(14)
        await mock.do("delay", link="audio", ms=300)
        late = 0.0
        for _ in range(40):
            stamp = (await audio.kind(14))["content"]["timestamp"]
            late = max(late, mock.server.stage.clock.epoch_ms() - stamp)
        assert late >= 299


async def test_jitter_keeps_the_order() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        await mock.until("started")
        await mock.do("jitter", link="audio", ms=60)
        found = await stamps(client.media["audio"], 40)
        assert [later - earlier for earlier, later in pairwise(found)] == [20] * 39


async def test_lost_packets_are_counted_and_missing() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        await mock.until("started")
        await mock.do("lose", link="audio", percent=40)
        found = await stamps(client.media["audio"], 40)
        steps = [later - earlier for earlier, later in pairwise(found)]
        missing = sum(step // 20 - 1 for step in steps)
        assert missing > 5 and {step % 20 for step in steps} == {0}
        assert len(mock.events("lost")) >= missing
        await mock.do("calm")
        for meeting in mock.server.meetings:
            assert meeting.media["audio"].connection.lane.weather.lose_percent == 0


async def test_reordered_packets_are_all_there() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        await mock.until("started")
        await mock.do("reorder", link="audio", percent=50)
        found = await stamps(client.media["audio"], 60)
        assert found != sorted(found)
        assert all(abs(sorted(found).index(stamp) - number) <= 1 for number, stamp in enumerate(found))


async def test_burst_holds_back_and_then_lets_go() -> None:
    async with serving() as mock, mock.client({"audio": MIXED}) as client:
        audio = client.media["audio"]
        await audio.kind(14)
        await mock.do("burst", link="audio", ms=300)
        arrivals = [time.monotonic()]
        for _ in range(30):
            await audio.kind(14)
            arrivals.append(time.monotonic())
        gaps = [later - earlier for earlier, later in pairwise(arrivals)]
        held = gaps.index(max(gaps))
        assert gaps[held] > 0.2
        assert sum(gaps[held + 1 : held + 9]) < 0.15  # what had waited comes at once


async def test_bad_messages_are_injected() -> None:
    async with serving() as mock, mock.client({"chat": None}) as client:
        await mock.until("started")
        chat = client.media["chat"]
        await mock.do("bad_json", link="chat")
        text = await chat.receive_raw()
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
        await mock.do("garbage", link="chat")
        assert isinstance(await chat.receive_raw(), bytes)
        await mock.do("oversize", link="chat", bytes=3_000_000)
        assert (await chat.kind(99))["msg_type"] == 99
        assert [record["link"] for name in ("bad_json", "garbage", "oversize") for record in mock.events(name)] == [
            "chat"
        ] * 3


async def test_armed_statuses_meet_the_next_handshake() -> None:
    async with serving() as mock:
        await mock.do("wrong_status", link="signaling", status=3, times=2)
        for _ in range(2):
            async with mock.socket() as peer:
                await peer.send(mock.hello())
                response = await peer.receive()
                assert (response["status_code"], response["reason"]) == (3, "Invalid signature")
        await mock.do("duplicate_signal")
        async with mock.socket() as peer:
            await peer.send(mock.hello())
            assert (await peer.receive())["status_code"] == 8
        await mock.do("wrong_status", link="media", status=9)
        async with mock.client({}) as client, mock.socket(client.urls["audio"]) as peer:
            await peer.send(mock.media_hello(1))
            assert (await peer.receive())["status_code"] == 9


async def test_slow_and_missing_answers() -> None:
    async with serving() as mock, mock.client({}) as client:
        await mock.do("slow_answer", link="audio", ms=150)
        before = time.monotonic()
        await client.open("audio", MIXED)
        assert time.monotonic() - before >= 0.149
        await mock.do("no_answer", link="chat")
        async with mock.socket(client.urls["chat"]) as peer:
            await peer.send(mock.media_hello(16))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await peer.socket.recv()


async def test_new_resolution_in_the_middle_of_the_stream() -> None:
    async with serving() as mock, mock.client({"video": SMALL_VIDEO}) as client:
        camera = client.media["video"]
        decoder = av.CodecContext.create("h264", "r")
        sizes: list[int] = []
        await camera.kind(15)
        await mock.do("new_resolution", resolution="720p")
        async with asyncio.timeout(10):
            while not sizes or sizes[-1] != 720:
                content = (await camera.kind(15))["content"]
                if content["user_id"] == ADA:
                    try:
                        frames = decoder.decode(av.Packet(base64.b64decode(content["data"])))
                    except av.error.FFmpegError:
                        continue  # the keyframe was read before
                    sizes += [frame.height for frame in frames]
        assert set(sizes) <= {360, 720}


async def test_people_come_and_go() -> None:
    async with serving() as mock, mock.client({"video": SMALL_VIDEO}, events=(3, 4, 8, 9)) as client:
        await client.signaling.event(3)
        await mock.do("leave", person=2)
        assert (await client.signaling.event(4))["participants"][0]["user_id"] == MATEO
        assert [person.user_id for person in mock.server.stage.people] == [ADA]
        await mock.do("join", user_id=MATEO)
        assert (await client.signaling.event(3))["participants"] == [{"user_id": MATEO, "user_name": "Mateo Rossi"}]
        await mock.do("video_off", person=1)
        assert (await client.signaling.event(9))["participants"][0]["user_id"] == ADA
        off_at = mock.server.stage.clock.epoch_ms()
        await asyncio.sleep(0.2)
        await mock.do("video_on", person=1)
        assert (await client.signaling.event(8))["participants"][0]["user_id"] == ADA
        on_at = mock.server.stage.clock.epoch_ms()
        first = await client.media["video"].until(
            lambda one: one["content"]["user_id"] == ADA and one["content"]["timestamp"] > off_at
        )
        assert first["content"]["timestamp"] >= on_at - 45
        assert has_sps_pps_idr(base64.b64decode(first["content"]["data"]))


async def test_the_muted_send_nothing() -> None:
    async with serving(participants=1) as mock, mock.client({"audio": L16}) as client:
        audio = client.media["audio"]
        await audio.kind(14)
        await mock.do("mute", person=1)
        muted_ms = mock.server.stage.clock.epoch_ms()
        await asyncio.sleep(0.2)
        await mock.do("unmute", person=1)
        first = await audio.until(lambda one: one["content"]["timestamp"] > muted_ms + 20)
        assert first["content"]["timestamp"] > muted_ms + 150


async def test_any_event_and_metadata() -> None:
    async with serving() as mock, mock.client({"audio": L16}) as client:
        await mock.until("started")
        await mock.do("event", event_type=10, chat_groups=[{"id": "G1"}])
        assert (await client.signaling.event(10))["chat_groups"] == [{"id": "G1"}]
        await mock.do("metadata")
        assert (await client.media["audio"].kind(23))["content"] == {"interpreter": {}}


async def test_sharing_by_hand_waits_for_the_next_start_with_a_picture() -> None:
    async with serving() as mock, mock.client({"deskshare": SMALL_SHARE}, events=(5, 6)) as client:
        await mock.until("started")
        await mock.do("share_start")
        await client.media["deskshare"].kind(16)
        await mock.do("share_stop")
        await client.signaling.event(6)
        assert not mock.server.stage.sharing


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("fly", {}),
        ("drop", {"link": "sideways"}),
        ("drop", {"link": "audio"}),
        ("delay", {"ms": "long"}),
        ("delay", {"ms": -1}),
        ("pause", {"stream": "unknown"}),
        ("stop", {"reason": 99}),
        ("duplicate_webhook", {}),
        ("new_resolution", {"resolution": "8k"}),
        ("mute", {"user_id": 5}),
        ("leave", {"person": 9}),
        ("start_again", {}),
    ],
)
async def test_impossible_acts_are_refused_with_a_sentence(name: str, arguments: dict[str, Any]) -> None:
    async with serving() as mock:
        with pytest.raises(ControlError, match=r"\.$"):
            await mock.do(name, **arguments)
        assert mock.events(name) == []


async def test_every_act_is_named() -> None:
    async with serving() as mock:
        assert {"start", "pause", "resume", "stop", "start_again", "end", "validate", "drop"} <= set(names(mock))


def names(mock: Mock) -> list[str]:
    return mock.server.control.names
