"""Everything a test or the window's buttons can make the mock server do; each act is written into the ground truth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rtms_desktop.mock_server.arguments import Arguments, ControlError
from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.handshakes import ArmedRefusal
from rtms_desktop.mock_server.lane import Weather
from rtms_desktop.mock_server.meeting import Meeting, Phase
from rtms_desktop.mock_server.options import RESOLUTIONS
from rtms_desktop.wire.enums import Medium, MessageType, StopReason
from rtms_desktop.wire.messages import EventUpdate, MetaData
from rtms_desktop.wire.status_tables import N1

if TYPE_CHECKING:
    from rtms_desktop.mock_server.server import MockServer

_MEDIA = tuple(medium.value for medium in Medium)
_GARBAGE = '{"msg_type": 15, "content": {"user_id": 1677'
_BIG = 2_000_000


Act = Callable[[Arguments], dict[str, Any] | None]


class Control:
    """Loop only."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._acts: dict[str, Act] = {
            "start": self._start,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "start_again": self._start_again,
            "end": self._end,
            "revoke": self._revoke,
            "interrupted": self._interrupted,
            "duplicate_webhook": self._duplicate_webhook,
            "fail_over": self._fail_over,
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
            "wrong_status": self._wrong_status,
            "duplicate_signal": self._duplicate_signal,
            "slow_answer": self._slow_answer,
            "no_answer": self._no_answer,
            "new_resolution": self._new_resolution,
            "share_start": self._share_start,
            "share_stop": self._share_stop,
            "video_on": self._video_on,
            "video_off": self._video_off,
            "mute": self._mute,
            "unmute": self._unmute,
            "join": self._join,
            "leave": self._leave,
        }

    @property
    def names(self) -> list[str]:
        """Every act; "validate" beside them needs `url`."""
        return [*self._acts, "validate"]

    async def do(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Does one act and returns what there is to say. Raises ControlError."""
        if name == "validate":
            url = Arguments(fields).text("url", self._server.options.webhook_url)
            ok, sentence = await self._server.webhooks.validate(url, self._server.epoch_ms())
            return {"ok": ok, "message": sentence}
        act = self._acts.get(name)
        if act is None:
            raise ControlError(f"There is no act {name!r}; there are {', '.join(self.names)}.")
        result = act(Arguments(fields))
        return result or {}

    def end_all(self, reason: int) -> None:
        """Ends every stream that has not ended."""
        for meeting in self._server.meetings.values():
            if meeting.phase is not Phase.ENDED:
                self._emit("end", stream=meeting.stream_id, reason=int(reason))
                meeting.stop(reason, final=True)

    # -- which meetings and sockets -------------------------------------------------------------------------------

    def _meetings(self, arguments: Arguments, *phases: Phase) -> list[Meeting]:
        stream = arguments.text("stream", "")
        meetings = list(self._server.meetings.values())
        if stream:
            meetings = [meeting for meeting in meetings if meeting.stream_id == stream]
        if phases:
            meetings = [meeting for meeting in meetings if meeting.phase in phases]
        if not meetings:
            raise ControlError(f"No stream {stream!r} can do this." if stream else "No stream is in a state for this.")
        return meetings

    def _connections(self, arguments: Arguments, link: str) -> list[Connection]:
        """The open sockets that a link name means; at least one."""
        found: list[Connection] = []
        for meeting in self._meetings(arguments):
            if link in ("signaling", "every") and meeting.signaling is not None:
                found.append(meeting.signaling)
            for name, role in meeting.media.items():
                if link in ("media", "every") or link == name or (name == "all" and link in _MEDIA):
                    found.append(role.connection)
        if not found:
            raise ControlError(f"No client has a {link} socket open.")
        return found

    def _emit(self, event: str, link: str = "", **fields: Any) -> None:
        self._server.truth.emit(event, link, **fields)

    # -- the meeting ----------------------------------------------------------------------------------------------

    def _start(self, arguments: Arguments) -> dict[str, Any]:
        meeting = self._server.new_meeting()
        webhook = self._server.started(meeting)
        self._emit("start", stream=meeting.stream_id)
        self._server.send_webhook(webhook, arguments.text("url", ""))
        return {"webhook": webhook}

    def _pause(self, arguments: Arguments) -> None:
        for meeting in self._meetings(arguments, Phase.LIVE):
            self._emit("pause", stream=meeting.stream_id)
            meeting.pause()

    def _resume(self, arguments: Arguments) -> None:
        for meeting in self._meetings(arguments, Phase.PAUSED):
            self._emit("resume", stream=meeting.stream_id)
            meeting.resume()

    def _stop(self, arguments: Arguments) -> None:
        self._finish(arguments, "stop", StopReason.HOST_TRIGGERED, final=False)

    def _end(self, arguments: Arguments) -> None:
        self._finish(arguments, "end", StopReason.MEETING_ENDED, final=True)

    def _revoke(self, arguments: Arguments) -> None:
        self._finish(arguments, "revoke", StopReason.STREAM_REVOKED, final=True)

    def _finish(self, arguments: Arguments, name: str, default: StopReason, *, final: bool) -> None:
        reason = arguments.whole("reason", default, 0, 26)
        open_phases = [phase for phase in Phase if phase is not Phase.ENDED and (final or phase is not Phase.STOPPED)]
        for meeting in self._meetings(arguments, *open_phases):
            self._emit(name, stream=meeting.stream_id, reason=reason)
            meeting.stop(reason, final=final)

    def _start_again(self, arguments: Arguments) -> dict[str, Any]:
        """Start RTMS in the same meeting: the same ids are announced again."""
        meeting = self._meetings(arguments, Phase.STOPPED)[-1]
        meeting.start_again()
        webhook = self._server.started(meeting)
        self._emit("start_again", stream=meeting.stream_id)
        self._server.send_webhook(webhook)
        return {"webhook": webhook}

    # -- webhooks -------------------------------------------------------------------------------------------------

    def _interrupted(self, arguments: Arguments) -> dict[str, Any]:
        meeting = self._meetings(arguments)[-1]
        webhook = self._server.interrupted(meeting)
        self._emit("interrupted", stream=meeting.stream_id)
        self._server.send_webhook(webhook)
        return {"webhook": webhook}

    def _duplicate_webhook(self, arguments: Arguments) -> dict[str, Any]:
        last = self._server.webhooks.last
        if last is None:
            raise ControlError("No webhook has been sent yet.")
        url, webhook = last
        self._emit("duplicate_webhook", name=webhook["event"])
        self._server.send_webhook(webhook, url)
        return {"webhook": webhook}

    def _fail_over(self, arguments: Arguments) -> dict[str, Any]:
        """A new started webhook for a running stream, and the old sockets are cut."""
        meeting = self._meetings(arguments, Phase.LIVE, Phase.PAUSED, Phase.JOINING)[-1]
        webhook = self._server.started(meeting)
        self._emit("fail_over", stream=meeting.stream_id)
        self._server.send_webhook(webhook)
        for connection in self._connections(arguments, "every"):
            connection.abort("fail-over")
        return {"webhook": webhook}

    # -- sockets --------------------------------------------------------------------------------------------------

    def _drop(self, arguments: Arguments) -> None:
        link, how = arguments.link("media"), arguments.text("how", "abort", ("abort", "close"))
        code = arguments.whole("code", 1011, 1000, 4999)
        for connection in self._connections(arguments, link):
            self._emit("drop", connection.name, how=how, **({"code": code} if how == "close" else {}))
            if how == "abort":
                connection.abort("drop")
            else:
                connection.finish(code, "dropped by a test")

    def _drop_signaling(self, arguments: Arguments) -> None:
        self._drop(arguments.with_link("signaling"))

    def _server_failure(self, arguments: Arguments) -> None:
        """Everything breaks at once, and nobody gets in for a while."""
        down_ms = arguments.number("ms", 3000)
        self._emit("server_failure", "every", ms=down_ms)
        self._server.refusing = True

        def recover() -> None:
            self._server.refusing = False
            self._emit("server_recovered", "every")

        asyncio.get_running_loop().call_later(down_ms / 1000, recover)
        for connection in list(self._server.connections):
            connection.abort("server failure")

    def _skip_keep_alive(self, arguments: Arguments) -> None:
        link, seconds = arguments.link("every"), arguments.number("seconds", 30)
        for connection in self._connections(arguments, link):
            self._emit("skip_keep_alive", connection.name, seconds=seconds)
            connection.quiet_until = time.monotonic() + seconds

    # -- the weather of a link ------------------------------------------------------------------------------------

    def _change(
        self, arguments: Arguments, name: str, fields: dict[str, Any], change: Callable[[Weather], None]
    ) -> None:
        for connection in self._connections(arguments, arguments.link("video")):
            self._emit(name, connection.name, **fields)
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
        self._emit("calm", "every")
        self._server.handshakes.refusals.clear()
        self._server.handshakes.answer_delay_s.clear()
        for connection in self._server.connections:
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
        for meeting in self._meetings(arguments, Phase.LIVE, Phase.PAUSED):
            self._emit("event", "signaling", event_type=kind)
            meeting.tell(EventUpdate(event_type=kind, timestamp=self._server.epoch_ms(), raw=raw))

    def _metadata(self, arguments: Arguments) -> None:
        """Message 23, whose layout nobody has documented."""
        message = MetaData(msg_type=MessageType.META_DATA_AUDIO, raw={"interpreter": {}})
        for connection in self._connections(arguments, arguments.link("audio")):
            self._emit("metadata", connection.name)
            connection.send(message)

    def _inject(self, arguments: Arguments, name: str, payload: str | bytes) -> None:
        for connection in self._connections(arguments, arguments.link("video")):
            self._emit(name, connection.name, bytes=len(payload))
            connection.send_raw(payload)

    # -- the next handshakes --------------------------------------------------------------------------------------

    def _wrong_status(self, arguments: Arguments) -> None:
        status, link = arguments.whole("status", 3, 1, 99), arguments.link("signaling")
        name = N1[status].replace("_", " ").capitalize() if status < len(N1) else f"Status {status}"
        reason, times = arguments.text("reason", name), arguments.whole("times", 1, 1)
        self._server.handshakes.refusals[link] = ArmedRefusal(status, reason, times)
        self._emit("wrong_status", link, status=status, times=times)

    def _duplicate_signal(self, arguments: Arguments) -> None:
        times = arguments.whole("times", 1, 1)
        self._server.handshakes.refusals["signaling"] = ArmedRefusal(8, "Duplicate signal request", times)
        self._emit("duplicate_signal", "signaling", times=times)

    def _slow_answer(self, arguments: Arguments) -> None:
        link, ms = arguments.link("video"), arguments.number("ms", 3000)
        self._server.handshakes.answer_delay_s[link] = ms / 1000
        self._emit("slow_answer", link, ms=ms)

    def _no_answer(self, arguments: Arguments) -> None:
        link = arguments.link("video")
        self._server.handshakes.answer_delay_s[link] = float("inf")
        self._emit("no_answer", link)

    # -- the people -----------------------------------------------------------------------------------------------

    def _new_resolution(self, arguments: Arguments) -> None:
        name = arguments.text("resolution", "360p", RESOLUTIONS)
        width, height = RESOLUTIONS[name].size
        self._emit("new_resolution", "video", resolution=name)
        self._server.stage.set_size(width, height)

    def _share_start(self, arguments: Arguments) -> None:
        self._emit("share_start", "share")
        self._server.stage.share_by_hand(True)

    def _share_stop(self, arguments: Arguments) -> None:
        self._emit("share_stop", "share")
        self._server.stage.share_by_hand(False)

    def _person(self, arguments: Arguments) -> int:
        """`user_id`, or `person` counted from 1; the last one by default."""
        people = self._server.stage.everybody
        if arguments.has("user_id"):
            user_id = arguments.whole("user_id", 0, 0, 2**53)
            if user_id not in [person.user_id for person in people]:
                raise ControlError(f"Nobody here has the user id {user_id}.")
            return user_id
        return people[arguments.whole("person", len(people), 1, len(people)) - 1].user_id

    def _video_on(self, arguments: Arguments) -> None:
        self._act_on(arguments, "video_on", lambda user_id: self._server.stage.set_camera(user_id, True))

    def _video_off(self, arguments: Arguments) -> None:
        self._act_on(arguments, "video_off", lambda user_id: self._server.stage.set_camera(user_id, False))

    def _mute(self, arguments: Arguments) -> None:
        self._act_on(arguments, "mute", lambda user_id: self._server.stage.set_muted(user_id, True))

    def _unmute(self, arguments: Arguments) -> None:
        self._act_on(arguments, "unmute", lambda user_id: self._server.stage.set_muted(user_id, False))

    def _join(self, arguments: Arguments) -> None:
        self._act_on(arguments, "join", lambda user_id: self._server.stage.set_present(user_id, True))

    def _leave(self, arguments: Arguments) -> None:
        self._act_on(arguments, "leave", lambda user_id: self._server.stage.set_present(user_id, False))

    def _act_on(self, arguments: Arguments, name: str, act: Callable[[int], None]) -> None:
        user_id = self._person(arguments)
        self._emit(name, user_id=user_id)
        act(user_id)
