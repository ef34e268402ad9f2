"""A core and a recorder side by side, fed as the driver feeds them, by a server that is written out in JSON."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from rtms_desktop.recording import control
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.session import events as ev
from rtms_desktop.session.commands import CloseLink, OpenLink, SendText
from rtms_desktop.session.core import SessionCore
from tests.recording import material as m

MEDIA = {"audio": 1, "video": 2, "deskshare": 4, "transcript": 8, "chat": 16}
LINKS = {"audio": "audio", "video": "video", "deskshare": "share", "transcript": "transcript", "chat": "chat"}
GRANTED: dict[str, dict[str, int]] = {
    "audio": {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 2, "send_rate": 20},
    "video": {"content_type": 3, "codec": 7, "resolution": 2, "fps": 25, "data_opt": 3},
    "deskshare": {"content_type": 3, "codec": 5, "resolution": 3, "fps": 1},
    "transcript": {"content_type": 5},
    "chat": {"content_type": 5},
}


class LiveSession:
    """Attributes:
    events: all that the core told.
    """

    def __init__(self, folder: Path, seed: int = 5) -> None:
        self.clock = m.FakeClock(at=1234.567891234)
        self.core = SessionCore(m.CONFIG, random.Random(seed))
        self.recorder = Recorder(folder, m.info(), self.clock, disk_floor=0)
        self.events: list[ev.Event] = []
        self.attempts: dict[str, int] = {}
        self._control(control.seed_record(m.CONFIG, seed, self.clock.at))
        self._control(control.request("start", {}, self.clock.at))
        self.core.start(self.clock.at)
        self._settle()

    # -- what the driver does ----------------------------------------------------------------------------------

    def open(self, link: str) -> None:
        self._tick()
        self._control(control.link_opened(link, self.attempts[link], "ws://127.0.0.1/x", self.clock.at))
        self.core.link_opened(link, self.clock.at)
        self._settle()

    def receive(self, link: str, message: dict[str, Any] | bytes) -> None:
        self._tick()
        data = message if isinstance(message, bytes) else json.dumps(message)
        self.recorder.message(link, self.attempts[link], "in", data, self.clock.at)
        self.core.receive(link, data, self.clock.at)
        self._settle()

    def lose(self, link: str, code: int | None = 1006) -> None:
        self._tick()
        self._control(control.link_closed(link, self.attempts[link], code, "gone", self.clock.at))
        self.core.link_closed(link, code, "gone", self.clock.at)
        self._settle()

    def wait(self, seconds: float) -> None:
        """Let time pass, waking the core when it wants to be."""
        end = self.clock.at + seconds
        while (due := self.core.next_wakeup()) is not None and due <= end:
            self.clock.at = max(self.clock.at, due)
            self._control(control.wake(self.clock.at))
            self.core.wake(self.clock.at)
            self._settle()
        self.clock.at = end

    def request(self, call: str, **args: Any) -> None:
        self._tick()
        self._control(control.request(call, args, self.clock.at))
        getattr(self.core, call)(**args, now=self.clock.at)
        self._settle()

    def _tick(self) -> None:
        # A millisecond and an odd number of nanoseconds, as a real clock has.
        self.clock.at = round((self.clock.at + 0.001) * 1e9 + 137) / 1e9

    def _control(self, record: dict[str, Any]) -> None:
        self.recorder.control(record, self.clock.at)

    def _settle(self) -> None:
        for command in self.core.take_commands():
            match command:
                case OpenLink(link=link, attempt=attempt):
                    self.attempts[link] = attempt
                case SendText(link=link, text=text):
                    self.recorder.message(link, self.attempts[link], "out", text, self.clock.at)
                case CloseLink():
                    pass
        told = self.core.take_events()
        self.events += told
        self.recorder.events(told)

    # -- what the server does ------------------------------------------------------------------------------------

    def join(self) -> None:
        """Signaling and all media links, as far as streaming."""
        self.open("signaling")
        urls = {name: f"ws://127.0.0.1:8081/{name}" for name in MEDIA}
        self.receive("signaling", {"msg_type": 2, "status_code": 0, "media_server": {"server_urls": urls}})
        for name in MEDIA:
            self.join_media(name)
        first = {"event_type": 1, "timestamp": m.ZERO_MS}
        self.receive("signaling", {"msg_type": 6, "event": first})
        joined = {"event_type": 3, "timestamp": m.ZERO_MS, "participants": [{"user_id": m.BOB, "user_name": "Bob"}]}
        self.receive("signaling", {"msg_type": 6, "event": joined})
        self.receive("signaling", {"msg_type": 12, "timestamp": m.ZERO_MS, "sequence": 1})

    def join_media(self, name: str) -> None:
        link = LINKS[name]
        self.open(link)
        self.receive(link, {"msg_type": 4, "status_code": 0, "media_params": {name: GRANTED[name]}})

    def stream(self, start_ms: int, end_ms: int) -> None:
        """Audio each 20 ms, video each 40 ms, in session time."""
        sound, units = m.tone(32_000), m.clip()
        for ms in range(start_ms, end_ms, 20):
            data = sound[ms * 16 : ms * 16 + 320].tobytes()
            self.receive("audio", json.loads(m.wire_media(14, data, ms)))
            if ms % 40 == 0:
                self.receive("video", json.loads(m.wire_media(15, units[ms // 40], ms)))
            self.clock.at += 0.017

    def talk(self) -> None:
        line = {"user_id": m.ANN, "user_name": "Ann", "start_time": m.ZERO_MS + 10, "end_time": m.ZERO_MS + 900}
        self.receive(
            "transcript",
            {"msg_type": 17, "content": line | {"timestamp": m.ZERO_MS + 10, "data": "hello", "language": 9}},
        )
        chat = {"message_id": "A1", "operation_type": 1, "sender": {"user_id": m.ANN, "user_name": "Ann"}, "data": "hi"}
        self.receive("chat", {"msg_type": 18, "content": chat | {"timestamp": m.ZERO_MS + 40}})

    def end(self, reason: int = 6) -> None:
        stopped = {"msg_type": 9, "rtms_session_id": "s1", "state": 5, "stop_reason": reason, "timestamp": m.ZERO_MS}
        self.receive("signaling", stopped)
        self.receive("signaling", {"msg_type": 8, "state": 4, "reason": reason, "timestamp": m.ZERO_MS + 2000})


def scenario(folder: Path) -> LiveSession:
    """Two seconds of a meeting; the audio socket breaks once, signaling breaks once; the host ends it."""
    live = LiveSession(folder)
    live.join()
    live.stream(0, 600)
    live.talk()
    live.lose("audio")
    live.wait(0.7)
    live.join_media("audio")
    live.stream(1400, 1600)
    live.lose("signaling")
    live.wait(1.0)
    live.open("signaling")
    urls = {name: f"ws://127.0.0.1:8081/{name}" for name in MEDIA}
    live.receive("signaling", {"msg_type": 2, "status_code": 0, "media_server": {"server_urls": urls}})
    for name in MEDIA:
        live.join_media(name)
    live.receive("signaling", b"\xff\xfe not JSON at all")
    live.stream(1800, 2000)
    live.end()
    return live
