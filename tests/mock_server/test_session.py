"""A stream from READY to its end: what comes in which order, and what happens when sockets go."""

from __future__ import annotations

import asyncio
import base64
import json
from itertools import pairwise
from typing import Any

import av
import pytest

from rtms_desktop.bitstream.h264 import has_sps_pps_idr
from rtms_desktop.mock_server import stage as stage_module
from rtms_desktop.mock_server.sources.barcode import read_barcode
from tests.mock_server.support import L16, SMALL_SHARE, SMALL_VIDEO, Peer, serving

ADA, MATEO = 16778240, 16779264


async def pictures(peer: Peer, count: int, user_id: int) -> list[dict[str, Any]]:
    found = []
    while len(found) < count:
        message = await peer.kind(15)
        if message["content"]["user_id"] == user_id:
            found.append(message["content"])
    return found


def numbers(contents: list[dict[str, Any]]) -> list[int | None]:
    decoder = av.CodecContext.create("h264", "r")
    frames = [frame for one in contents for frame in decoder.decode(av.Packet(base64.b64decode(one["data"])))]
    return [read_barcode(frame.to_ndarray()[: frame.height]) for frame in frames]


async def test_ready_starts_the_session_and_its_media() -> None:
    media = {"audio": L16, "video": SMALL_VIDEO, "transcript": None, "chat": None}
    async with serving() as mock, mock.client(media, events=(2, 3)) as client:
        first, started, active = await client.signaling.take(3)
        zero = first["event"]["timestamp"]
        assert first == {"msg_type": 6, "event": {"event_type": 1, "timestamp": zero}}
        assert (started["msg_type"], started["state"]) == (9, 2) and started["rtms_session_id"]
        assert (active["msg_type"], active["state"], active["rtms_stream_id"]) == (8, 1, mock.stream_id)
        people = await client.signaling.event(3)
        assert [person["user_name"] for person in people["participants"]] == ["Ada Lindqvist", "Mateo Rossi"]
        speaker = await client.signaling.event(2)
        assert (speaker["user_id"], speaker["timestamp"]) == (ADA, mock.server.stage.clock.zero_ms + 300)
        content = (await client.media["audio"].kind(14))["content"]
        assert content["length"] == len(base64.b64decode(content["data"], validate=True)) == 640
        assert content.keys() == {"user_id", "user_name", "data", "length", "timestamp"}


async def test_nothing_flows_before_ready_and_patience_ends() -> None:
    async with serving(lenient_ready_s=0.2) as mock, mock.client({"audio": L16}, ready=False) as client:
        assert mock.events("started") == []
        await mock.until("started")
        await client.media["audio"].kind(14)


async def test_timestamps_stand_on_the_grid_of_one_clock() -> None:
    media = {"audio": L16 | {"data_opt": 1}, "video": SMALL_VIDEO}
    async with serving() as mock, mock.client(media) as client:
        zero = mock.server.stage.clock.zero_ms if mock.server.stage.running else None
        audio = [(await client.media["audio"].kind(14))["content"] for _ in range(40)]
        video = await pictures(client.media["video"], 30, MATEO)
        zero = mock.server.stage.clock.zero_ms
    assert [one["timestamp"] for one in audio] == [audio[0]["timestamp"] + 20 * number for number in range(40)]
    assert {one["user_id"] for one in audio} == {0} and {one["user_name"] for one in audio} == {""}
    assert [one["timestamp"] for one in video] == [video[0]["timestamp"] + 40 * number for number in range(30)]
    assert numbers(video) == [(one["timestamp"] - zero) // 40 for one in video]


async def test_a_fast_clock_shows_in_the_timestamps() -> None:
    async with serving(clock_ppm=200_000) as mock, mock.client({"audio": L16 | {"data_opt": 1}}) as client:
        await client.media["audio"].kind(14)
        clock = mock.server.stage.clock
        assert clock.due_in_s(clock.media_ms() + 1200) == pytest.approx(1.0, abs=0.01)
        first, last = [(await client.media["audio"].kind(14))["content"]["timestamp"] for _ in range(2)]
        assert last - first == 20


async def test_stereo_opus_and_other_formats_are_what_was_granted() -> None:
    opus = {"codec": 4, "sample_rate": 3, "channel": 2, "data_opt": 1}
    async with serving() as mock, mock.client({"audio": opus}) as client:
        decoder = av.CodecContext.create("opus", "r")
        for _ in range(5):
            content = (await client.media["audio"].kind(14))["content"]
            (frame,) = decoder.decode(av.Packet(base64.b64decode(content["data"])))
            assert (frame.sample_rate, frame.layout.name) == (48000, "stereo")


async def test_states_can_be_asked_for() -> None:
    async with serving() as mock, mock.client({"audio": L16}) as client:
        peer = client.signaling
        session = (await peer.kind(9))["rtms_session_id"]
        await peer.send({"msg_type": 10, "rtms_session_id": session})
        answer = await peer.kind(11)
        assert (answer["rtms_session_id"], answer["state"]) == (session, 2)
        await peer.send({"msg_type": 10, "rtms_session_id": "other"})
        assert (await peer.kind(11))["state"] == 0
        await peer.send({"msg_type": 19, "rtms_stream_id": mock.stream_id})
        answer = await peer.kind(20)
        assert (answer["rtms_stream_id"], answer["state"]) == (mock.stream_id, 1)
        assert len(str(answer["timestamp"])) == 13


async def test_the_client_can_end_the_stream() -> None:
    async with serving() as mock, mock.client({"audio": L16}) as client:
        await client.signaling.send({"msg_type": 21, "rtms_stream_id": mock.stream_id})
        closing = await client.signaling.kind(22)
        assert (closing["status_code"], closing["reason"]) == (0, "OK")
        stopped = await client.signaling.kind(9)
        assert (stopped["state"], stopped["reason"], stopped["stop_reason"]) == (5, 20, 20)
        ended = await client.signaling.kind(8)
        assert (ended["state"], ended["reason"], ended["stop_reason"]) == (4, 20, 20)
        assert (await client.signaling.end())[0] == (await client.media["audio"].end())[0] == 1000
        async with mock.socket() as peer:
            await peer.send(mock.hello())
            assert (await peer.receive())["status_code"] == 2


async def test_individual_video() -> None:
    async with serving() as mock, mock.client({"video": SMALL_VIDEO | {"data_opt": 4}}) as client:
        peer, camera = client.signaling, client.media["video"]

        async def ask(user_id: int, subscribe: bool = True) -> int:
            await peer.send({"msg_type": 28, "user_id": user_id, "subscribe": subscribe, "timestamp": 1})
            answer = await peer.kind(29)
            assert answer["user_id"] == user_id and answer["timestamp"] > 1
            return answer["status_code"]

        await mock.until("started")
        assert await ask(999) == 4
        assert await ask(MATEO) == 0
        first = (await camera.kind(15))["content"]
        assert first["user_id"] == MATEO and has_sps_pps_idr(base64.b64decode(first["data"]))
        assert await ask(MATEO) == 44
        assert await ask(ADA) == 0
        message = await camera.until(lambda one: one["content"]["user_id"] == ADA)
        assert has_sps_pps_idr(base64.b64decode(message["content"]["data"]))
        assert await ask(ADA, subscribe=False) == 0
        assert mock.events("handshake")[-1]["link"] == "video"


async def test_individual_video_needs_its_data_opt() -> None:
    async with serving() as mock, mock.client({"video": SMALL_VIDEO}) as client:
        await client.signaling.send({"msg_type": 28, "user_id": ADA, "subscribe": True, "timestamp": 1})
        assert (await client.signaling.kind(29))["status_code"] == 29


async def test_active_only_follows_the_speaker() -> None:
    async with serving(active_only=True) as mock, mock.client({"video": SMALL_VIDEO}) as client:
        camera = client.media["video"]
        assert {(await camera.kind(15))["content"]["user_id"] for _ in range(5)} == {ADA}
        mock.server.stage.active_user = MATEO
        for meeting in mock.server.meetings:
            for role in meeting.media.values():
                role.choose_video()
        message = await camera.until(lambda one: one["content"]["user_id"] == MATEO)
        assert has_sps_pps_idr(base64.b64decode(message["content"]["data"]))


async def test_keep_alives_have_both_fields_on_every_socket() -> None:
    async with serving(keep_alive_s=0.05) as mock, mock.client({"audio": L16 | {"data_opt": 1}}) as client:
        for peer in (client.signaling, client.media["audio"]):
            while len(peer.keep_alives) < 3:
                message = await peer.receive_raw()
                found = json.loads(message)
                if found["msg_type"] == 12:
                    peer.keep_alives.append(found)
                    await peer.send({**found, "msg_type": 13})
            assert [one["sequence"] for one in peer.keep_alives] == [1, 2, 3]
            assert all(isinstance(one["timestamp"], int) for one in peer.keep_alives)
        assert mock.events("keep_alive_lost") == []


async def test_an_unanswered_media_socket_is_cut_and_told() -> None:
    async with serving(keep_alive_s=0.05) as mock, mock.client({"audio": L16, "chat": None}) as client:
        silent = client.media["audio"]
        silent.answers = False
        chat = client.media["chat"]

        keep_reading = asyncio.get_running_loop().create_task(chat.answer_for_ever())
        event = await client.signaling.event(7)
        assert event["media_type"] == 1
        assert (await silent.end())[0] == 1006
        assert mock.events("keep_alive_lost")[0]["unanswered"] == 3
        await client.open("audio", L16)  # and may come back
        keep_reading.cancel()
        await asyncio.gather(keep_reading, return_exceptions=True)


async def test_an_unanswered_signaling_socket_ends_the_stream_with_24() -> None:
    async with serving(keep_alive_s=0.05, signaling_window_s=0.1) as mock, mock.client({}) as client:
        assert (await client.signaling.end())[0] == 1006
        ended = await mock.until("phase", 4)
        assert (ended["phase"], ended["reason"]) == ("ended", 24)


async def test_a_lost_media_socket_comes_back_alone_and_begins_with_a_keyframe() -> None:
    media = {"audio": L16 | {"data_opt": 1}, "video": SMALL_VIDEO}
    async with serving() as mock, mock.client(media) as client:
        before = await pictures(client.media["video"], 10, ADA)
        client.media["video"].socket.transport.abort()
        event = await client.signaling.event(7)
        assert event["media_type"] == 2
        again = await client.open("video", SMALL_VIDEO)
        after = await pictures(again, 10, ADA)
        assert has_sps_pps_idr(base64.b64decode(after[0]["data"]))
        counted = numbers(after)
        assert counted == list(range(counted[0], counted[0] + 10)) and counted[0] > numbers(before)[-1]
        await client.media["audio"].kind(14)  # was never disturbed
        assert len(mock.events("started")) == 1


async def test_a_stream_that_nobody_watches_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "LINGER_S", 0.1)
    async with serving() as mock, mock.client({"video": SMALL_VIDEO}) as client:
        await client.media["video"].kind(15)
        stage = mock.server.stage
        client.media["video"].socket.transport.abort()
        await mock.until("media_interrupted")
        assert len(stage._pictures) == 2
        async with asyncio.timeout(5):
            while stage._pictures:
                await asyncio.sleep(0.01)


async def test_a_media_socket_that_stays_away_ends_the_stream() -> None:
    async with serving(media_window_s=0.1) as mock, mock.client({"audio": L16}) as client:
        client.media["audio"].socket.transport.abort()
        ended = await client.signaling.until(lambda one: one["msg_type"] == 8 and one["state"] == 4)
        assert ended["reason"] == 14
        assert (await client.signaling.end())[0] == 1000


async def test_signaling_comes_back_to_the_same_session_with_its_wishes() -> None:
    media = {"audio": L16 | {"data_opt": 1}}
    async with serving() as mock, mock.client(media, events=(2,)) as client:
        session = (await client.signaling.kind(9))["rtms_session_id"]
        first = (await client.media["audio"].kind(14))["content"]["timestamp"]
        client.signaling.socket.transport.abort()
        await mock.until("phase", 3)
        async with mock.client(media) as again:  # without message 5
            started = await again.signaling.kind(9)
            assert (started["rtms_session_id"], started["state"]) == (session, 2)
            assert (await again.media["audio"].kind(14))["content"]["timestamp"] > first
            assert mock.server.meetings.get(mock.stream_id).subscribed == {2}
            assert (await client.media["audio"].end())[0] == 1006  # the old one was replaced
        assert [one["fresh"] for one in mock.events("started")] == [True, False]


async def test_signaling_that_stays_away_ends_with_19() -> None:
    async with serving(signaling_window_s=0.1) as mock:
        async with mock.client({"audio": L16}) as client:
            await mock.until("started")
            client.signaling.socket.transport.abort()
            await mock.until("phase", 4)
        assert mock.events("phase")[-1]["reason"] == 19


async def test_buffered_audio_comes_in_one_burst() -> None:
    audio = {"audio": L16 | {"data_opt": 1}}
    async with serving(buffer_audio=True) as mock:
        await asyncio.sleep(0.5)
        async with mock.client(audio) as client:
            contents = [(await client.media["audio"].kind(14))["content"] for _ in range(25)]
            assert contents[0]["timestamp"] <= mock.server.stage.clock.zero_ms + 20
            assert [b["timestamp"] - a["timestamp"] for a, b in pairwise(contents)] == [20] * 24
            assert mock.server.stage.clock.media_ms() < 500 + 25 * 20 + 300  # far sooner than real time


@pytest.mark.slow
async def test_a_shared_screen_and_lines_arrive() -> None:
    media = {"deskshare": SMALL_SHARE, "transcript": None, "chat": None}
    async with serving() as mock, mock.client(media, events=(5, 6)) as client:
        await mock.until("started")
        await mock.do("share_start")
        assert (await client.signaling.event(5))["user_id"] == MATEO
        content = (await client.media["deskshare"].kind(16))["content"]
        assert content["user_id"] == MATEO and base64.b64decode(content["data"])[:2] == b"\xff\xd8"
        await mock.do("share_stop")
        assert (await client.signaling.event(6))["event_type"] == 6
        chat = (await client.media["chat"].kind(18))["content"]
        assert chat["operation_type"] == 1 and chat["message_id"] == "hello-0"
        assert chat["chat_session"] == {"type": 1} and chat["sender"]["user_id"]
        line = (await client.media["transcript"].kind(17))["content"]
        assert line["data"].startswith("Good morning") and line["language"] == 9 and line["attribute"] == 1
        zero = mock.server.stage.clock.zero_ms
        assert (line["start_time"], line["timestamp"]) == (zero + 300, zero + 300)
        assert line["end_time"] > line["start_time"] + 3000


@pytest.mark.slow
async def test_two_streams_share_one_encoder_and_do_not_disturb_each_other() -> None:
    async with serving() as mock, mock.client({"video": SMALL_VIDEO}) as one:
        webhook = (await mock.do("start"))["webhook"]
        first_ids = mock.meeting_id, mock.stream_id
        mock.meeting_id, mock.stream_id = webhook["payload"]["meeting_uuid"], webhook["payload"]["rtms_stream_id"]
        async with mock.client({"video": SMALL_VIDEO}) as other:
            assert len(mock.server.stage._pictures) == 2  # two people, not four
            ours, theirs = await pictures(one.media["video"], 60, ADA), await pictures(other.media["video"], 5, ADA)
            same = {content["timestamp"]: content["data"] for content in ours}
            assert has_sps_pps_idr(base64.b64decode(theirs[0]["data"]))
            assert [same.get(content["timestamp"]) for content in theirs] == [content["data"] for content in theirs]
            await mock.do("end", stream=mock.stream_id)
            assert (await other.signaling.end())[0] == 1000
        mock.meeting_id, mock.stream_id = first_ids
        await one.media["video"].kind(15)
