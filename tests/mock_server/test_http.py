"""The HTTP side: health, control, state, webhooks with signatures, and who may ask."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import websockets
from aiohttp import web

from tests.mock_server.support import L16, serving


class Receiver:
    """A webhook endpoint that keeps what it got."""

    def __init__(self, token: str) -> None:
        self.token, self.url = token, ""
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, body))
        found = json.loads(body)
        if found["event"] == "endpoint.url_validation":
            plain = found["payload"]["plainToken"]
            proof = hmac.new(self.token.encode(), plain.encode(), hashlib.sha256).hexdigest()
            return web.json_response({"plainToken": plain, "encryptedToken": proof})
        return web.Response()

    async def until(self, event: str) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while True:
                for _, body in self.got:
                    found: dict[str, Any] = json.loads(body)
                    if found["event"] == event:
                        return found
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def receiving(token: str = "mock-secret-token") -> AsyncIterator[Receiver]:
    receiver = Receiver(token)
    app = web.Application()
    app.router.add_post("/hook", receiver.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def post(url: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as response:
        return response.status, await response.json(content_type=None) if response.status != 403 else None


async def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.text()


async def test_health_and_state() -> None:
    async with serving() as mock, mock.client({"audio": L16}):
        http = mock.listening["http_url"]
        assert (await get(http + "/health"))[0] == 200
        links = json.loads((await get(http + "/ws-health"))[1])["connections"]
        assert {link["link"] for link in links} == {"signaling", "audio"}
        await mock.until("started")
        state = json.loads((await get(http + "/api/state"))[1])
        (meeting,) = state["meetings"]
        assert (meeting["phase"], meeting["stream_id"], meeting["media"]) == ("live", mock.stream_id, ["audio"])
        assert [record["event"] for record in state["log"]].count("handshake") == 2
        assert (await get(http + "/"))[0] == 200
        assert (await get(http + "/nowhere"))[0] == 404
        assert (await get(http + "/api/control"))[0] == 405
        assert (await get(http + "/api/nowhere"))[0] == 404


async def test_control_by_http() -> None:
    async with serving() as mock, mock.client({"audio": L16}):
        await mock.until("started")
        url = mock.listening["http_url"] + "/api/control"
        assert await post(url, {"do": "pause"}) == (200, {"success": True})
        status, answer = await post(url, {"do": "pause"})
        assert status == 400 and answer["error"].endswith(".")
        assert (await post(url, {"link": "audio"}))[0] == 400
        assert (await post(url, [1]))[0] == 400
        status, answer = await post(url, {"do": "start"})
        assert answer["webhook"]["payload"]["rtms_stream_id"] != mock.stream_id


async def test_webhooks_are_signed_over_the_raw_body() -> None:
    async with receiving() as receiver, serving(webhook_url=receiver.url) as mock:
        mock.server.meetings.send_webhook(mock.listening["webhook"])
        await receiver.until("meeting.rtms_started")
        headers, body = receiver.got[0]
        base = b"v0:" + headers["x-zm-request-timestamp"].encode() + b":" + body
        assert headers["x-zm-signature"] == "v0=" + hmac.new(b"mock-secret-token", base, hashlib.sha256).hexdigest()
        assert json.loads(body) == mock.listening["webhook"]
        await mock.do("duplicate_webhook")
        async with asyncio.timeout(5):
            while len(receiver.got) < 2:
                await asyncio.sleep(0.005)
        assert receiver.got[1][1] == body
        async with mock.client({"audio": L16}) as client:
            await mock.until("started")
            await mock.do("drop_signaling")
            interrupted = await receiver.until("meeting.rtms_interrupted")
            assert interrupted["payload"]["rtms_stream_id"] == mock.stream_id
            await client.signaling.end()
        await mock.do("end", reason=6)
        stopped = await receiver.until("meeting.rtms_stopped")
        assert stopped["payload"]["stop_reason"] == 6 and "server_urls" not in stopped["payload"]


async def test_fail_over_announces_again_and_cuts() -> None:
    async with receiving() as receiver, serving(webhook_url=receiver.url) as mock:
        async with mock.client({"audio": L16}) as client:
            await mock.until("started")
            await mock.do("fail_over")
            assert (await receiver.until("meeting.rtms_started"))["payload"]["rtms_stream_id"] == mock.stream_id
            assert (await client.signaling.end())[0] == 1006
        async with mock.client({"audio": L16}) as again:
            await again.media["audio"].kind(14)


async def test_the_reference_mocks_buttons() -> None:
    async with receiving() as receiver, serving() as mock:
        http = mock.listening["http_url"]
        status, answer = await post(http + "/api/validate-webhook", {"webhookUrl": receiver.url})
        assert status == 200 and answer["success"]
        status, answer = await post(http + "/api/send-webhook", {"webhookUrl": receiver.url, "isNewMeeting": True})
        assert answer["success"] and answer["sent"]["payload"]["rtms_stream_id"] != mock.stream_id
        existing = {"webhookUrl": receiver.url, "isNewMeeting": False, "existingPayload": mock.listening["webhook"]}
        status, answer = await post(http + "/api/send-webhook", existing)
        assert answer["sent"]["payload"]["rtms_stream_id"] == mock.stream_id
        async with mock.client({"audio": L16}) as client:
            await mock.until("started")
            info = {"rtms_stream_id": mock.stream_id}
            assert (await post(http + "/api/stop-rtms", {"webhookUrl": "", "meetingInfo": info}))[1] == {
                "success": True
            }
            await client.signaling.end()
        # Told where it was announced last, although the server was started without a webhook URL.
        assert (await receiver.until("meeting.rtms_stopped"))["payload"]["rtms_stream_id"] == mock.stream_id
        assert (await post(http + "/api/validate-webhook", {"webhookUrl": "ftp://x"}))[0] == 400


@pytest.mark.parametrize("existing", [5, None, {"payload": 5}, {"payload": {"object": [1]}}, {"rtms_stream_id": {}}])
async def test_a_payload_that_is_none_begins_a_new_meeting(existing: Any) -> None:
    async with receiving() as receiver, serving() as mock:
        body = {"webhookUrl": receiver.url, "isNewMeeting": False, "existingPayload": existing}
        status, answer = await post(mock.listening["http_url"] + "/api/send-webhook", body)
        assert status == 200 and answer["sent"]["payload"]["rtms_stream_id"] != mock.stream_id


async def test_the_button_stop_says_where_to_tell_it() -> None:
    async with receiving() as receiver, serving() as mock:
        url = mock.listening["http_url"] + "/api/stop-rtms"
        assert (await post(url, {"webhookUrl": 5}))[0] == 400
        info = {"payload": {"object": {"rtms_stream_id": mock.stream_id}}}
        assert await post(url, {"webhookUrl": receiver.url, "meetingInfo": info}) == (200, {"success": True})
        stopped = await receiver.until("meeting.rtms_stopped")
        assert stopped["payload"]["rtms_stream_id"] == mock.stream_id


async def test_a_receiver_with_another_token_or_none_at_all_is_found_out() -> None:
    async with receiving("other-token") as receiver, serving() as mock:
        answer = await mock.do("validate", url=receiver.url)
        assert not answer["ok"] and "secret token" in answer["message"]
        answer = await mock.do("validate", url="http://127.0.0.1:9/")
        assert not answer["ok"] and "Nobody answered" in answer["message"]


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": "127.0.0.1.evil.example:80"}]
)
async def test_pages_of_other_sites_are_kept_out(headers: dict[str, str]) -> None:
    async with serving() as mock:
        http = mock.listening["http_url"]
        assert (await post(http + "/api/control", {"do": "start"}, headers))[0] == 403
        assert len(mock.server.meetings) == 1
        if "Origin" in headers:
            with pytest.raises(websockets.InvalidStatus):
                async with websockets.connect(mock.listening["signaling_url"], proxy=None, additional_headers=headers):
                    pass


async def test_a_local_page_may_connect() -> None:
    async with serving() as mock:
        async with websockets.connect(
            mock.listening["signaling_url"], proxy=None, additional_headers={"Origin": "http://localhost:3000"}
        ) as socket:
            await socket.send(json.dumps(mock.hello()))
            assert json.loads(await socket.recv())["status_code"] == 0
