"""A meeting as messages: sockets open, media run, the video socket is lost once and comes back."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from tests.fakes.clips import clip, jpeg

MAYA, TOMAS = 16778240, 16779264
NAMES = {MAYA: "Maya Okafor", TOMAS: "Tomás Rivera"}
SIGNATURE = "5f0c1d7e9ab24c60b1e2a9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a39281706f5e"
STEP_S = 0.04


class Script:
    """Tells a tape-like ``sink`` what a driver would tell it; ``at`` in monotonic seconds, ``wall_ms`` at zero."""

    def __init__(self, sink: Any, at: float = 1000.0, wall_ms: int = 1_795_183_330_000) -> None:
        self.sink, self.at, self.wall_ms = sink, at, wall_ms
        self.pictures = clip(50, gop=25)
        self.frame = 0

    def say(self, link: str, message: dict[str, Any] | bytes, direction: str = "in", attempt: int = 1) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False)
        self.sink.message(link, attempt, direction, data, self.at)

    def control(self, kind: str, link: str, **more: Any) -> None:
        self.sink.control({"do": kind, "link": link, "attempt": 1, "now": self.at, **more}, self.at)

    def wait(self, seconds: float) -> None:
        self.at = round(self.at + seconds, 6)

    @property
    def server_ms(self) -> int:
        return self.wall_ms + round(self.at * 1000) - 182

    def open_all(self) -> None:
        """Both handshakes of all sockets."""
        self.control("link_opened", "signaling", url="wss://rtms-sjc1.zoom.us/signaling")
        request = {"msg_type": 1, "meeting_uuid": "m==", "rtms_stream_id": "s", "signature": SIGNATURE}
        self.say("signaling", request, "out")
        self.wait(0.05)
        self.say("signaling", {"msg_type": 2, "status_code": 0, "media_server": {"server_urls": {"all": "wss://x"}}})
        for link, media_type, params in (
            ("audio", 1, {"audio": {"content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 2}}),
            ("video", 2, {"video": {"content_type": 3, "codec": 7, "resolution": 2, "fps": 25, "data_opt": 3}}),
            ("transcript", 8, {"transcript": {"content_type": 5}}),
            ("share", 4, {"deskshare": {"content_type": 3, "codec": 5, "resolution": 3, "fps": 1}}),
        ):
            self.open_media(link, media_type, params)
        self.say("signaling", {"msg_type": 7, "rtms_stream_id": "s"}, "out")

    def open_media(self, link: str, media_type: int, params: dict[str, Any], attempt: int = 1) -> None:
        self.wait(0.003)
        self.control("link_opened", link, url=f"wss://rtms-sjc1.zoom.us/{link}", attempt=attempt)
        self.wait(0.003)
        request = {"msg_type": 3, "signature": SIGNATURE, "media_type": media_type, "media_params": params}
        self.say(link, request, "out", attempt)
        self.wait(0.042)
        self.say(link, {"msg_type": 4, "status_code": 0, "media_params": params}, attempt=attempt)

    def media(self, link: str, kind: int, data: bytes, user: int, attempt: int = 1) -> None:
        content = {
            "user_id": user,
            "user_name": NAMES[user],
            "data": base64.b64encode(data).decode(),
            "length": len(data),
            "timestamp": self.server_ms,
        }
        self.say(link, {"msg_type": kind, "content": content}, attempt=attempt)

    def run(self, seconds: float, video_attempt: int | None = 1) -> None:
        """Sound, pictures, a word and a slide now and then; without video for ``video_attempt`` None."""
        for _ in range(round(seconds / STEP_S)):
            self.wait(STEP_S)
            n = self.frame
            self.frame += 1
            tone = (np.sin(np.arange(640) * 0.05 + n) * 9000 * abs(np.sin(n / 9))).astype("<i2")
            self.media("audio", 14, tone.tobytes(), MAYA)
            if video_attempt is not None:
                self.media("video", 15, self.pictures[n % len(self.pictures)], TOMAS, video_attempt)
            if n % 25 == 3:
                text = "Nordics are done, and so is most of DACH." if n % 50 == 3 else "<b>Is it the bank again?</b>"
                content = {"user_id": MAYA, "user_name": NAMES[MAYA], "data": text, "timestamp": self.server_ms}
                self.say("transcript", {"msg_type": 17, "content": content})
            if n % 50 == 7:
                self.media("share", 16, jpeg(320, 180), MAYA)
            if n % 100 == 50:
                self.say("signaling", {"msg_type": 12, "timestamp": self.server_ms, "sequence": n})
                self.wait(0.001)
                self.say("signaling", {"msg_type": 13, "timestamp": self.server_ms, "sequence": n}, "out")

    def lose_video(self, seconds: float = 4.0) -> None:
        """The video socket breaks, the server says so, and it comes back."""
        event = {"event_type": 7, "timestamp": self.server_ms}
        self.say("signaling", {"msg_type": 6, "event": event})
        self.wait(0.002)
        self.control("link_closed", "video", code=1006, reason="")
        self.run(seconds, None)
        self.frame += -self.frame % len(self.pictures)
        params = {"video": {"content_type": 3, "codec": 7, "resolution": 2, "fps": 25, "data_opt": 3}}
        self.open_media("video", 2, params, attempt=2)

    def refuse(self) -> None:
        self.say("signaling", {"msg_type": 2, "status_code": 3, "reason": "invalid signature"}, attempt=2)

    def meeting(self) -> None:
        """All of it."""
        self.open_all()
        self.run(8)
        self.lose_video()
        self.run(4, 2)
