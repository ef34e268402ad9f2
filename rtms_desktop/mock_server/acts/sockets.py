"""Acts on open sockets: cuts, silence, the weather of a link, and what is sent out of turn. Loop only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from rtms_desktop.mock_server.acts.finding import Act, Finder
from rtms_desktop.mock_server.arguments import Arguments
from rtms_desktop.mock_server.handshakes import Handshakes
from rtms_desktop.mock_server.lane import Weather
from rtms_desktop.mock_server.meeting import Phase
from rtms_desktop.mock_server.meetings import Meetings
from rtms_desktop.mock_server.sockets import Sockets
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import MessageType
from rtms_desktop.wire.messages import EventUpdate, MetaData

_GARBAGE = '{"msg_type": 15, "content": {"user_id": 1677'
_BIG = 2_000_000


class SocketActs:
    def __init__(
        self,
        meetings: Meetings,
        sockets: Sockets,
        handshakes: Handshakes,
        truth: TruthLog,
        epoch_ms: Callable[[], int],
    ) -> None:
        self._sockets, self._handshakes, self._truth, self._epoch_ms = sockets, handshakes, truth, epoch_ms
        self._find = Finder(meetings)
        self.table: dict[str, Act] = {
            "drop": self._drop,
            "drop_signaling": self._drop_signaling,
            "server_failure": self._server_failure,
            "skip_keep_alive": self._skip_keep_alive,
            "delay": self._delay,
            "jitter": self._jitter,
            "lose": self._lose,
            "reorder": self._reorder,
            "burst": self._burst,
            "calm": self._calm,
            "bad_json": self._bad_json,
            "garbage": self._garbage,
            "oversize": self._oversize,
            "event": self._event,
            "metadata": self._metadata,
        }

    def _drop(self, arguments: Arguments) -> None:
        link, how = arguments.link("media"), arguments.text("how", "abort", ("abort", "close"))
        code = arguments.whole("code", 1011, 1000, 4999)
        for connection in self._find.connections(arguments, link):
            self._truth.emit("drop", connection.name, how=how, **({"code": code} if how == "close" else {}))
            if how == "abort":
                connection.abort("drop")
            else:
                connection.finish(code, "dropped by a test")

    def _drop_signaling(self, arguments: Arguments) -> None:
        self._drop(arguments.with_link("signaling"))

    def _server_failure(self, arguments: Arguments) -> None:
        """Everything breaks at once, and nobody gets in for a while."""
        down_ms = arguments.number("ms", 3000)
        self._truth.emit("server_failure", "every", ms=down_ms)
        self._sockets.refusing = True

        def recover() -> None:
            self._sockets.refusing = False
            self._truth.emit("server_recovered", "every")

        asyncio.get_running_loop().call_later(down_ms / 1000, recover)
        for connection in self._sockets:
            connection.abort("server failure")

    def _skip_keep_alive(self, arguments: Arguments) -> None:
        link, seconds = arguments.link("every"), arguments.number("seconds", 30)
        for connection in self._find.connections(arguments, link):
            self._truth.emit("skip_keep_alive", connection.name, seconds=seconds)
            connection.quiet_until = time.monotonic() + seconds

    # -- the weather of a link ------------------------------------------------------------------------------------

    def _change(
        self, arguments: Arguments, name: str, fields: dict[str, Any], change: Callable[[Weather], None]
    ) -> None:
        for connection in self._find.connections(arguments, arguments.link("video")):
            self._truth.emit(name, connection.name, **fields)
            change(connection.lane.weather)

    def _delay(self, arguments: Arguments) -> None:
        ms = arguments.number("ms", 500)
        self._change(arguments, "delay", {"ms": ms}, lambda weather: setattr(weather, "delay_ms", ms))

    def _jitter(self, arguments: Arguments) -> None:
        ms = arguments.number("ms", 100)
        self._change(arguments, "jitter", {"ms": ms}, lambda weather: setattr(weather, "jitter_ms", ms))

    def _lose(self, arguments: Arguments) -> None:
        percent = arguments.number("percent", 5, 0, 100)
        self._change(arguments, "lose", {"percent": percent}, lambda weather: setattr(weather, "lose_percent", percent))

    def _reorder(self, arguments: Arguments) -> None:
        percent = arguments.number("percent", 10, 0, 100)
        self._change(
            arguments, "reorder", {"percent": percent}, lambda weather: setattr(weather, "reorder_percent", percent)
        )

    def _burst(self, arguments: Arguments) -> None:
        """Holds everything back for a while, then lets it out at once."""
        ms = arguments.number("ms", 500)
        until = time.monotonic() + ms / 1000
        self._change(arguments, "burst", {"ms": ms}, lambda weather: setattr(weather, "held_until", until))

    def _calm(self, arguments: Arguments) -> None:
        """Fair weather on every socket, and nothing armed any more."""
        self._truth.emit("calm", "every")
        self._handshakes.disarm()
        for connection in self._sockets:
            connection.lane.weather = Weather()
            connection.quiet_until = 0.0

    # -- what is sent ---------------------------------------------------------------------------------------------

    def _bad_json(self, arguments: Arguments) -> None:
        self._inject(arguments, "bad_json", _GARBAGE)

    def _garbage(self, arguments: Arguments) -> None:
        self._inject(arguments, "garbage", bytes(range(256)) * 4)

    def _oversize(self, arguments: Arguments) -> None:
        """A valid message of a type nobody knows, `bytes` long."""
        size = arguments.whole("bytes", _BIG, 100, 64 << 20)
        self._inject(arguments, "oversize", '{"msg_type":99,"filler":"' + "x" * size + '"}')

    def _event(self, arguments: Arguments) -> None:
        """Message 6 of any event_type (chat groups, contact center); the other fields go into the event as they are."""
        kind = arguments.whole("event_type", 0, 0, 99)
        raw = arguments.rest("event_type", "stream")
        for meeting in self._find.meetings(arguments, Phase.LIVE, Phase.PAUSED):
            self._truth.emit("event", "signaling", event_type=kind)
            meeting.tell(EventUpdate(event_type=kind, timestamp=self._epoch_ms(), raw=raw))

    def _metadata(self, arguments: Arguments) -> None:
        """Message 23, whose layout nobody has documented."""
        message = MetaData(msg_type=MessageType.META_DATA_AUDIO, raw={"interpreter": {}})
        for connection in self._find.connections(arguments, arguments.link("audio")):
            self._truth.emit("metadata", connection.name)
            connection.send(message)

    def _inject(self, arguments: Arguments, name: str, payload: str | bytes) -> None:
        for connection in self._find.connections(arguments, arguments.link("video")):
            self._truth.emit(name, connection.name, bytes=len(payload))
            connection.send_raw(payload)
