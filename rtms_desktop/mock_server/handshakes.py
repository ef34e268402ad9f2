"""Messages 1 and 3: who may join which stream, with which status a refusal goes out, and armed faults."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtms_desktop.mock_server.addresses import Addresses
from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.manners import manners_of
from rtms_desktop.mock_server.media_role import MediaRole
from rtms_desktop.mock_server.meeting import Meeting, Phase
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.mock_server.negotiate import Refusal, negotiate, read_media_type
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.requests import Request
from rtms_desktop.mock_server.signaling_role import SignalingRole
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import Dialect, Medium
from rtms_desktop.wire.messages import DataHandshakeResponse, MediaParams, SignalingHandshakeResponse
from rtms_desktop.wire.signature import sign_handshake

ALL_LINK = "all"
REGION = "local"


@dataclass(slots=True)
class ArmedRefusal:
    """The next `times` handshakes of a link get this status."""

    code: int
    reason: str
    times: int = 1


class Handshakes:
    """Loop only."""

    def __init__(
        self, options: MockOptions, stage: Stage, truth: TruthLog, meetings: Meetings, addresses: Addresses
    ) -> None:
        self._options, self._stage, self._truth = options, stage, truth
        self._meetings, self._addresses = meetings, addresses
        self._manners = manners_of(options.dialect)
        self.refusals: dict[str, ArmedRefusal] = {}
        self.answer_delay_s: dict[str, float] = {}
        """Seconds before message 2 or 4 goes out, by link; infinity = never."""

    def disarm(self) -> None:
        """Forgets armed refusals and delays."""
        self.refusals.clear()
        self.answer_delay_s.clear()

    # -- signaling ------------------------------------------------------------------------------------------------

    def signaling(self, connection: Connection, request: Request) -> None:
        """Message 1."""
        try:
            self._raise_if_armed("signaling")
            meeting = self._verify(request)
            if connection.role is not None:
                raise Refusal(8, "Duplicate signal request: this socket has had its handshake")
            if meeting.signaling is not None and self._options.duplicate == "reject":
                raise Refusal(8, "Duplicate signal request")
        except Refusal as refusal:
            self._refuse(connection, "signaling", request, refusal)
            return
        urls = self._addresses.media_urls(connection.request)
        response = SignalingHandshakeResponse(
            ok=True, status_code=0, urls=urls, region=REGION, sequence=request.number("sequence") or 1
        )
        self._truth.emit("handshake", "signaling", stream=meeting.stream_id, status=0)

        def answer() -> None:
            meeting.join(connection)
            connection.role = SignalingRole(meeting, connection)
            connection.send(response)

        self._answer_later(connection, "signaling", answer)

    def _verify(self, request: Request) -> Meeting:
        if request.body.get("protocol_version", 1) != 1:
            raise Refusal(4, "Unsupported protocol version")
        stream_id, signature = request.text("rtms_stream_id"), request.text("signature")
        unsigned = self._options.dialect is Dialect.README and not signature
        if not stream_id or not request.meeting_id or not (signature or unsigned):
            raise Refusal(4, "Missing required fields")
        meeting = self._meetings.get(stream_id)
        if meeting is None:
            raise Refusal(2, "Invalid RTMS stream ID")
        if meeting.meeting_id != request.meeting_id:
            raise Refusal(4, "Invalid meeting or stream ID")
        client_id, secret = self._options.client_id, self._options.client_secret
        wanted = sign_handshake(client_id, secret, request.meeting_id, stream_id)
        if not unsigned and not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise Refusal(3, "Invalid signature")
        if not meeting.accepts:
            raise Refusal(2, "Invalid RTMS stream ID: the stream has ended")
        return meeting

    # -- media ----------------------------------------------------------------------------------------------------

    def media(self, connection: Connection, request: Request) -> None:
        """Message 3; dialects without a media handshake never answer it."""
        if not self._manners.media_handshake:
            return
        name = "media"
        try:
            media = read_media_type(request.body.get("media_type"), self._options.disabled)
            name = link_name(media)
            self._raise_if_armed(name)
            meeting = self._verify(request)
            if connection.role is not None:
                raise Refusal(16, "Duplicate media data connection: this socket has had its handshake")
            if meeting.phase not in (Phase.JOINING, Phase.LIVE, Phase.PAUSED):
                raise Refusal(4, "Invalid payload: signaling is not connected")
            _raise_if_taken(meeting, name)
            params = self._negotiate(media, request.body.get("media_params"))
        except Refusal as refusal:
            self._refuse(connection, name, request, refusal)
            return
        role = MediaRole(
            connection,
            meeting,
            media,
            params,
            name=name,
            raw=self._manners.raw_media,
            active_only=self._options.active_only,
        )
        self._truth.emit("handshake", name, stream=meeting.stream_id, status=0)
        response = DataHandshakeResponse(
            ok=True, status_code=0, params=params, sequence=request.number("sequence") or 1
        )

        def answer() -> None:
            connection.send(response)
            meeting.add_media(role)

        self._answer_later(connection, name, answer)

    def open_unasked(self, connection: Connection, media: frozenset[Medium]) -> None:
        """A media socket of a dialect without media handshake: it belongs to the meeting that is going on."""
        meeting = next((each for each in self._meetings if each.signaling is not None), None)
        media -= self._options.disabled
        if meeting is None or not media:
            return
        role = MediaRole(
            connection,
            meeting,
            media,
            self._negotiate(media, OLD_PARAMS),
            name=link_name(media),
            raw=False,
            active_only=self._options.active_only,
        )
        meeting.add_media(role)
        meeting.client_ready()

    def _negotiate(self, media: frozenset[Medium], params: Any) -> MediaParams:
        recorded = self._stage.recorded
        return negotiate(media, params, self._options, None if recorded is None else recorded.params)

    # -- refusals -------------------------------------------------------------------------------------------------

    def _raise_if_armed(self, link: str) -> None:
        for name in (link, "media") if link != "signaling" else (link,):
            armed = self.refusals.get(name)
            if armed is not None:
                armed.times -= 1
                if armed.times <= 0:
                    del self.refusals[name]
                raise Refusal(armed.code, armed.reason)

    def _refuse(self, connection: Connection, link: str, request: Request, refusal: Refusal) -> None:
        self._truth.emit("refused", link, status=refusal.code, reason=refusal.reason)
        sequence = request.number("sequence") or 1
        if link == "signaling":
            connection.send(
                SignalingHandshakeResponse(ok=False, status_code=refusal.code, reason=refusal.reason, sequence=sequence)
            )
        else:
            connection.send(
                DataHandshakeResponse(ok=False, status_code=refusal.code, reason=refusal.reason, sequence=sequence)
            )
        if self._manners.refusal_closes:
            connection.finish(1000, refusal.reason)

    def _answer_later(self, connection: Connection, link: str, answer: Callable[[], None]) -> None:
        delay = self.answer_delay_s.pop(link, 0.0)

        def answer_if_there() -> None:
            if not connection.closed:
                answer()

        if delay == 0.0:
            answer()
        elif delay != float("inf"):
            asyncio.get_running_loop().call_later(delay, answer_if_there)


OLD_PARAMS = {
    "audio": {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 1, "send_rate": 20},
    "video": {"content_type": 3, "codec": 7, "resolution": 2, "fps": 30, "data_opt": 3},
    "deskshare": {"content_type": 3, "codec": 5, "resolution": 3, "fps": 1},
}
"""What servers without a media handshake send: L16 16 kHz mono in 20 ms blocks, H.264 at 30 fps."""


def link_name(media: frozenset[Medium]) -> str:
    """The link that a socket with these media is."""
    return next(iter(media)).value if len(media) == 1 else ALL_LINK


def _raise_if_taken(meeting: Meeting, name: str) -> None:
    if name in meeting.media:
        raise Refusal(16, "Duplicate media data connection")
    if ALL_LINK in meeting.media:
        raise Refusal(15, "Media data all connection exists")
    if name == ALL_LINK and meeting.media:
        raise Refusal(16, "Duplicate media data connection: single sockets are open")
