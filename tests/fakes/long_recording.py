"""A bundle of any length in seconds of work: encoded once, written again and again with new timestamps.

Every picture carries the mock server's bar code: its number in the track, counted from 0 at the bundle's first picture.
"""

from __future__ import annotations

import base64
import functools
import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from rtms_desktop.mock_server.sources import barcode
from rtms_desktop.recording import control, names
from rtms_desktop.recording.manifest import RecordingInfo, write_manifest
from rtms_desktop.recording.reader import rebuild
from rtms_desktop.recording.tape import TapeWriter
from rtms_desktop.session.config import SessionConfig

WALL_MS = 1_749_000_000_000
"""Of the recording's machine when the session opened; the server's clock is ``AHEAD_MS`` ahead of it."""

AHEAD_MS, TRANSIT_MS = 1_500, 40
OPENED_AT = 4_321.000000123
FIRST_USER = 16_778_240
CYCLE, GOP, FPS = 250, 50, 25
MEDIA = {"audio": "audio", "video": "video", "deskshare": "share", "transcript": "transcript", "chat": "chat"}
CONFIG = SessionConfig(
    meeting_id="long/meeting==", stream_id="stream", signature="0" * 64, signaling_url="ws://127.0.0.1/s"
)


@functools.cache
def cycle(width: int, height: int) -> tuple[bytes, ...]:
    """``CYCLE`` access units with numbers 0 to CYCLE-1 and a keyframe every GOP."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size, encoder.thread_count = Fraction(1, FPS), GOP, 1
    params = "repeat-headers=1:annexb=1:scenecut=0:sliced-threads=0"
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": params, "crf": "30"}
    noise = np.random.default_rng(7).integers(60, 180, (height, width), np.uint8)
    units = []
    for number in range(CYCLE):
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        picture[:height] = np.roll(noise // 4 + 60, number * 2, axis=1)
        _draw(picture, number, width, height)
        frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(units)


def _draw(picture: np.ndarray, number: int, width: int, height: int) -> None:
    block = width / barcode.BLOCKS_PER_WIDTH
    top, bottom = round(height - barcode.BOTTOM * block), round(height - (barcode.BOTTOM - 1) * block)
    for bit in range(barcode.BITS):
        left = round((barcode.LEFT + bit) * block)
        lit = number >> (barcode.BITS - 1 - bit) & 1
        picture[top:bottom, left : round((barcode.LEFT + bit + 1) * block)] = barcode.ONE if lit else barcode.ZERO


class Tape:
    """Writes what a driver would have written. Times are seconds since the session was opened.

    ``started``: when recording began; what had been said until then comes first on the tape.
    """

    def __init__(self, path: Path, started: float = 0.0) -> None:
        self.tape = TapeWriter(path)
        info = RecordingInfo.from_config(CONFIG, WALL_MS + round(started * 1000))
        self.tape.control(info.to_record(), self.ns(started))

    @staticmethod
    def now(s: float) -> float:
        return round((OPENED_AT + s) * 1e9) / 1e9

    @classmethod
    def ns(cls, s: float) -> int:
        return WALL_MS * 1_000_000 + round(cls.now(s) * 1e9) - round(OPENED_AT * 1e9)

    def control(self, s: float, record: dict) -> None:
        self.tape.control(record, self.ns(s))

    def receive(self, s: float, link: str, message: dict | bytes) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.tape.message(link, 1, "in", "text", data, self.ns(s))

    def join(self) -> None:
        self.control(0, control.seed_record(CONFIG, 1, self.now(0)))
        self.control(0, control.request("start", {}, self.now(0)))
        self.control(0.01, control.link_opened("signaling", 1, "ws://127.0.0.1/s", self.now(0.01)))
        urls = {name: f"ws://127.0.0.1/{name}" for name in MEDIA}
        self.receive(0.02, "signaling", {"msg_type": 2, "status_code": 0, "media_server": {"server_urls": urls}})
        granted = {"audio": {"codec": 1, "sample_rate": 1, "channel": 1, "data_opt": 2, "send_rate": 20}}
        for name, link in MEDIA.items():
            self.control(0.03, control.link_opened(link, 1, urls[name], self.now(0.03)))
            params = {name: granted[name]} if name in granted else {}
            self.receive(0.04, link, {"msg_type": 4, "status_code": 0, "media_params": params})
        self.receive(0.05, "signaling", {"msg_type": 6, "event": {"event_type": 1, "timestamp": server_ms(0.05)}})


def server_ms(s: float) -> int:
    """The server's clock at ``s`` seconds after the session was opened here, transit taken out."""
    return WALL_MS + AHEAD_MS + round(s * 1000) - TRANSIT_MS


def number_at(s: float, start: float = 0.1) -> int:
    """The number (modulo CYCLE) of the picture that is due at ``s``."""
    return int((s - start) * FPS + 1e-6) % CYCLE


def make_bundle(
    folder: Path, seconds: float, people: int = 4, size: tuple[int, int] = (640, 360), *, closed: bool = True
) -> Path:
    """A bundle with ``people`` who all send video at 25 fps and audio every 20 ms, lines, chat and keep-alives."""
    bundle = folder / names.bundle_name(WALL_MS, CONFIG.meeting_id)
    bundle.mkdir(parents=True)
    out = Tape(bundle / names.TAPE)
    out.join()
    video = [media_text(15, unit) for unit in cycle(*size)]
    sound = [media_text(14, _hiss(number)) for number in range(50)]
    users = [FIRST_USER + 1024 * number for number in range(people)]
    for step in range(round((seconds - 0.1) * 50)):
        s = 0.1 + step / 50
        jitter = (step * 7919 % 13) / 2000
        stamp = server_ms(s)
        for number, user in enumerate(users):
            out.receive(s + jitter, "audio", sound[(step + 13 * number) % 50] % (user, user, stamp))
        if step % 2 == 0:
            for user in users:
                out.receive(s + jitter, "video", video[step // 2 % CYCLE] % (user, user, stamp))
        if step % 100 == 0:
            _talk(out, step // 100, s + 0.015, users)
        if step % 12 == 11:
            out.tape.flush()
    end = seconds + 0.1
    stopped = {"msg_type": 9, "rtms_session_id": "s", "state": 5, "stop_reason": 6, "timestamp": server_ms(end)}
    out.receive(end, "signaling", stopped)
    out.receive(end, "signaling", {"msg_type": 8, "state": 4, "reason": 6, "timestamp": server_ms(end)})
    out.control(end + 0.3, control.wake(out.now(end + 0.3)))  # what was on its way has had its time
    if not closed:
        out.tape.flush()
        out.tape.abandon()
        return bundle
    out.tape.close()
    if seconds <= 120:  # what the recorder would have counted; of no concern to who plays it
        manifest = rebuild(bundle, bundle / names.TAPE).manifest
    else:
        manifest = {
            "schema": 1, "app_version": "0", "product": "meeting", "ids": {}, "profile": "", "started_ms": WALL_MS,
            "session_zero_ms": server_ms(0.05), "requested": {}, "granted": {}, "observed": {}, "participants": [],
            "counts": {}, "gaps": [], "reconnects": 0, "files": [], "stop_reason": 6,
        }  # fmt: skip
    write_manifest(bundle, manifest | {"closed": True})
    return bundle


def media_text(kind: int, data: bytes) -> bytes:
    """A media message with places for user_id (twice) and timestamp."""
    text = base64.b64encode(data)
    return b'{"msg_type":%d,"content":{"user_id":%%d,"user_name":"P%%d","data":"%b","timestamp":%%d}}' % (kind, text)


@functools.cache
def _hiss(number: int) -> bytes:
    """20 ms of noise, which no compression makes smaller."""
    return np.random.default_rng(number).normal(0, 4000, 320).astype("<i2").tobytes()


def _talk(out: Tape, number: int, s: float, users: list[int]) -> None:
    """Every two seconds a line, every ten a turn and a keep-alive on signaling."""
    user = users[number // 5 % len(users)]
    who = {"user_id": user, "user_name": f"P{user}"}
    if number % 5 == 0:
        event = {"event_type": 2, "timestamp": server_ms(s), **who}
        out.receive(s, "signaling", {"msg_type": 6, "event": event})
        out.receive(s, "signaling", {"msg_type": 12, "timestamp": server_ms(s), "sequence": number})
    line = {"data": f"line {number}", "timestamp": server_ms(s), "start_time": server_ms(s), "language": 9, **who}
    out.receive(s, "transcript", {"msg_type": 17, "content": line | {"end_time": server_ms(s + 1.5)}})
