"""The HTTP side of the mock server: health, the webhook buttons of the reference mock, control and state."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from rtms_desktop.mock_server.arguments import ControlError
from rtms_desktop.mock_server.control import Control
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.sockets import Sockets
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog


class HttpApi:
    """Answers are JSON objects with `success`; errors carry `error`, a sentence."""

    def __init__(
        self,
        options: MockOptions,
        stage: Stage,
        truth: TruthLog,
        meetings: Meetings,
        sockets: Sockets,
        control: Control,
    ) -> None:
        self._options, self._stage, self._truth = options, stage, truth
        self._meetings, self._sockets, self._do = meetings, sockets, control.do

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/health", self._health)
        router.add_get("/ws-health", self._socket_health)
        router.add_get("/api/state", self._state)
        router.add_post("/api/control", self._control)
        router.add_post("/api/validate-webhook", self._validate)
        router.add_post("/api/send-webhook", self._send_webhook)
        router.add_post("/api/stop-rtms", self._stop)

    async def _health(self, request: web.Request) -> web.Response:
        return _answer({"status": "ok", "success": True})

    async def _socket_health(self, request: web.Request) -> web.Response:
        links = [{"link": connection.name, "path": connection.path} for connection in self._sockets]
        return _answer({"status": "ok", "success": True, "connections": links})

    async def _state(self, request: web.Request) -> web.Response:
        stage = self._stage
        return _answer(
            {
                "success": True,
                "options": {
                    "dialect": self._options.dialect.value,
                    "source": self._options.source,
                    "participants": len(stage.everybody),
                },
                "media_ms": stage.media_ms(),
                "people": [{"user_id": one.user_id, "user_name": one.name} for one in stage.people],
                "meetings": [meeting.figures for meeting in self._meetings],
                "connections": [connection.name for connection in self._sockets],
                "skipped_pictures": stage.skipped(),
                "log": list(self._truth.records),
            }
        )

    async def _control(self, request: web.Request) -> web.Response:
        body = await _object(request)
        name = body.pop("do", None)
        if not isinstance(name, str):
            return _answer({"success": False, "error": 'Say what to do: {"do": "pause"}.'}, 400)
        try:
            result = await self._do(name, body)
        except ControlError as error:
            return _answer({"success": False, "error": str(error)}, 400)
        return _answer({"success": True, **result})

    # -- the reference mock's own buttons -------------------------------------------------------------------------

    async def _validate(self, request: web.Request) -> web.Response:
        url = _url(await _object(request))
        ok, sentence = await self._meetings.webhooks.validate(url, self._stage.epoch_ms())
        return _answer({"success": ok, "message": sentence} if ok else {"success": False, "error": sentence})

    async def _send_webhook(self, request: web.Request) -> web.Response:
        """A new meeting, or the given ids once more."""
        body = await _object(request)
        url = _url(body)
        meeting = None if body.get("isNewMeeting", True) else self._meetings.get(_stream(body.get("existingPayload")))
        if meeting is None:
            meeting = self._meetings.announce()
        meeting.start_again()
        self._meetings.tell_at(url, meeting.stream_id)
        webhook = self._meetings.started(meeting)
        status = await self._meetings.webhooks.send(url, webhook)
        return _answer({"success": status == 200, "sent": webhook, "status": status})

    async def _stop(self, request: web.Request) -> web.Response:
        body = await _object(request)
        stream = _stream(body.get("meetingInfo"))
        if body.get("webhookUrl"):
            self._meetings.tell_at(_url(body), stream)
        try:
            await self._do("stop", {"stream": stream} if stream else {})
        except ControlError as error:
            return _answer({"success": False, "error": str(error)}, 400)
        return _answer({"success": True})


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json", status=status)


def _bad(sentence: str) -> web.HTTPBadRequest:
    text = msgspec.json.encode({"success": False, "error": sentence}).decode()
    return web.HTTPBadRequest(text=text, content_type="application/json")


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(await request.read())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _bad("The body is no JSON.") from None
    if not isinstance(body, dict):
        raise _bad("The body is no JSON object.")
    return body


def _stream(info: Any) -> str:
    """The stream id in a webhook, a payload or one of the old nested payloads; "" when there is none."""
    for key in ("payload", "object"):
        info = info.get(key, info) if isinstance(info, dict) else None
    found = info.get("rtms_stream_id") if isinstance(info, dict) else None
    return found if isinstance(found, str) else ""


def _url(body: dict[str, Any]) -> str:
    url = body.get("webhookUrl")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise _bad("webhookUrl must be an http:// or https:// URL.")
    return url
