"""The other ways of speaking RTMS, seen from a client that knows nothing but JSON and bytes."""

from __future__ import annotations

import asyncio
import base64
import json

import av
import pytest

from rtms_desktop.mock_server.sources.barcode import read_barcode
from rtms_desktop.wire.enums import Dialect, Product
from tests.mock_server.support import L16, SMALL_VIDEO, serving

MIXED = L16 | {"data_opt": 1}


async def test_flat_media_have_their_data_as_content() -> None:
    async with serving(dialect=Dialect.FLAT) as mock, mock.client({"audio": L16}) as client:
        assert client.granted["audio"]["audio"]["codec"] == 1
        message = await client.media["audio"].kind(14)
        assert len(base64.b64decode(message["content"])) == 640
        assert message["user_name"] == "Ada Lindqvist" and message["user_id"] and message["timestamp"]


async def test_readme_speaks_in_names_and_has_no_media_handshake() -> None:
    async with serving(dialect=Dialect.README) as mock:
        webhook = mock.listening["webhook"]
        assert webhook["event"] == "meeting.rtms.started"
        (url,) = webhook["payload"]["object"]["server_urls"]
        async with mock.socket(url) as signaling:
            await signaling.send(mock.hello(msg_type="SIGNALING_HAND_SHAKE_REQ", signature=None))
            response = await signaling.receive()
            assert (response["msg_type"], response["status"]) == ("SIGNALING_HAND_SHAKE_RESP", "STATUS_OK")
            base = url.removesuffix("signaling")  # "//audio" is what becomes of an address that ends in a slash
            async with mock.socket(url + "/video") as video, mock.socket(base + "/audio") as audio:
                message = await video.receive()
                assert message["msg_type"] == "MEDIA_DATA_VIDEO"
                picture = base64.b64decode(message["content"]["data"])
                (frame,) = av.CodecContext.create("h264", "r").decode(av.Packet(picture))
                assert read_barcode(frame.to_ndarray()[: frame.height]) is not None
                sound = await audio.receive()
                assert sound["msg_type"] == "MEDIA_DATA_AUDIO" and sound["content"]["user_id"] == 0
                assert len(base64.b64decode(sound["content"]["data"])) == 640

                await signaling.send({"msg_type": "KEEP_ALIVE_REQ", "timestamp": 42})
                alive = await signaling.kind("KEEP_ALIVE_RESP")
                assert alive["timestamp"] == 42
                for state, phase in (("PAUSED", "paused"), ("RESUMED", "live"), ("STOPPED", "stopped")):
                    await signaling.send({"msg_type": "SESSION_STATE_UPDATE", "state": state, "timestamp": 1})
                    update = await signaling.until(lambda one: one["msg_type"] == "SESSION_STATE_UPDATE")
                    while update["state"] != state:
                        update = await signaling.until(lambda one: one["msg_type"] == "SESSION_STATE_UPDATE")
                    assert mock.server.meetings.get(mock.stream_id).phase == phase
                assert (await video.end())[0] == 1000


async def test_the_running_mock_relays_without_media_handshake() -> None:
    async with serving(dialect=Dialect.MOCK) as mock, mock.socket() as signaling:
        await signaling.send(mock.hello())
        response = await signaling.receive()
        urls = response["media_server"]["server_urls"]
        assert {len(key) for key in response["media_server"]["srtp_keys"].values()} == {64}
        async with mock.socket(urls["audio"]) as audio:
            await audio.send(mock.media_hello(1, {"audio": L16}))  # never answered
            message = await audio.receive()
            assert message["msg_type"] == 14
            assert (await signaling.kind(9))["ui_state"] == "STARTED"
            await signaling.until(lambda one: one["msg_type"] == 8)
            await mock.do("end", reason=6)
            ended = await audio.kind(8)
            assert (ended["state"], ended["reason"]) == (4, "STOP_BC_MEETING_ENDED")
            assert (await audio.end())[0] == 1000


async def test_the_running_mock_drops_at_the_fourth_silence() -> None:
    async with serving(dialect=Dialect.MOCK, keep_alive_s=0.04, signaling_window_s=5) as mock, mock.socket() as peer:
        peer.answers = False
        await peer.send(mock.hello())
        assert (await peer.receive())["status_code"] == 0
        assert json.loads(await peer.receive_raw()).keys() == {"msg_type", "timestamp"}
        assert (await peer.end())[0] == 1006
        assert mock.events("keep_alive_lost")[0]["unanswered"] == 4


@pytest.mark.slow
async def test_binary_media_are_bare_frames() -> None:
    media = {"audio": MIXED, "video": SMALL_VIDEO, "chat": None}
    async with serving(dialect=Dialect.BINARY, participants=1) as mock, mock.client(media) as client:
        async with asyncio.timeout(5):
            sound = await client.media["audio"].receive_raw()
            assert isinstance(sound, bytes) and len(sound) == 640
            picture = await client.media["video"].receive_raw()
            assert isinstance(picture, bytes)
            (frame,) = av.CodecContext.create("h264", "r").decode(av.Packet(picture))
            assert read_barcode(frame.to_ndarray()[: frame.height]) is not None
            assert (await client.media["chat"].kind(18))["content"]["message_id"] == "hello-0"


async def test_a_client_that_speaks_in_names_is_answered_in_names() -> None:
    async with serving() as mock, mock.socket() as peer:
        await peer.send(mock.hello(msg_type="SIGNALING_HAND_SHAKE_REQ"))
        response = await peer.receive()
        assert (response["msg_type"], response["status"]) == ("SIGNALING_HAND_SHAKE_RESP", "STATUS_OK")


async def test_every_product_has_its_own_webhook() -> None:
    for product, event, key in (
        (Product.WEBINAR, "webinar.rtms_started", "webinar_uuid"),
        (Product.VIDEO_SDK, "session.rtms_started", "session_id"),
        (Product.CONTACT_CENTER, "contact_center.voice_rtms_started", "engagement_id"),
        (Product.PHONE, "phone.rtms_started", "call_id"),
    ):
        async with serving(product=product) as mock, mock.socket() as peer:
            webhook = mock.listening["webhook"]
            assert (webhook["event"], webhook["payload"][key]) == (event, mock.meeting_id)
            await peer.send(mock.hello(**{"meeting_uuid": None, key: mock.meeting_id}))
            assert (await peer.receive())["status_code"] == 0
