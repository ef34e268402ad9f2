"""Real media and synthetic sessions for the tests of recording."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from rtms_desktop.recording.manifest import RecordingInfo
from rtms_desktop.session import events as ev
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import TranscriptData

ZERO_MS = 1_749_000_000_000
MEETING, STREAM = "TNhvT3/EBT6+rse3TgWRGr==", "rtms_TN3WEBT6SrTgWRGr_001"
SIGNATURE = "5f0c1d7e9ab24c60b1e2a9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a39281706f5e"
SECRET = "YZnKVUufg7N18Oej6gHHqNWc7CG5jQ6N"
ANN, BOB = 16778240, 16778241

CONFIG = SessionConfig(
    meeting_id=MEETING, stream_id=STREAM, signature=SIGNATURE, signaling_url="ws://127.0.0.1:9092/signaling?token=abc"
)


@dataclass
class FakeClock:
    at: float = 1000.0
    wall: int = ZERO_MS + 5_000

    def now(self) -> float:
        return self.at

    def wall_ms(self) -> int:
        return self.wall


def info(**changes: object) -> RecordingInfo:
    return RecordingInfo.from_config(CONFIG, ZERO_MS + 5_000, secrets=(SECRET,), **changes)  # type: ignore[arg-type]


@cache
def clip(width: int = 320, height: int = 180, frames: int = 50, gop: int = 25) -> tuple[bytes, ...]:
    """Access units in Annex B; SPS, PPS and IDR every ``gop`` pictures."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuv420p", Fraction(1, 25)
    encoder.options = {
        "tune": "zerolatency",
        "preset": "ultrafast",
        "g": str(gop),
        "x264-params": "repeat-headers=1:scenecut=0:threads=1",
    }
    units: list[bytes] = []
    for number in range(frames):
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        picture[:height] = 16
        row = number * 7 % (height - 20)
        picture[row : row + 20] = 200
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in encoder.encode(frame)]
    units += [bytes(packet) for packet in encoder.encode(None)]
    assert len(units) == frames
    return tuple(units)


@cache
def image(codec: str, width: int = 64, height: int = 48) -> bytes:
    """One JPEG ("mjpeg") or PNG ("png") file."""
    encoder = av.CodecContext.create(codec, "w")
    pixels = "yuvj420p" if codec == "mjpeg" else "rgb24"
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, pixels, Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 90, np.uint8), format="rgb24").reformat(
        format=pixels, dst_color_range="JPEG" if codec == "mjpeg" else None
    )
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def tone(samples: int, seed: int = 1) -> np.ndarray:
    """Speech-like noise, int16."""
    noise = np.random.default_rng(seed).normal(0, 3000, samples)
    return np.clip(noise, -32768, 32767).astype("<i2")


def nals(au: bytes) -> list[bytes]:
    """The NAL units of an Annex B access unit, by another way than the program's."""
    parts = au.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


def nals_of_avcc(packet: bytes) -> list[bytes]:
    """The NAL units of a packet as Matroska stores it (four bytes of length before each)."""
    found, position = [], 0
    while position < len(packet):
        size = int.from_bytes(packet[position : position + 4], "big")
        found.append(packet[position + 4 : position + 4 + size])
        position += 4 + size
    return found


def media(
    medium: Medium, data: bytes, ms: int, user: int = ANN, name: str = "Ann", at: float = 1000.0
) -> ev.MediaReceived:
    return ev.MediaReceived(
        at=at, link=medium.value, medium=medium, user_id=user, user_name=name, data=data, timestamp_ms=ZERO_MS + ms
    )


def said(text: str, start: int, end: int, **more: object) -> ev.TranscriptReceived:
    fields = {"user_id": ANN, "user_name": "Ann", "language": 9} | more
    message = TranscriptData(
        text=text, timestamp=ZERO_MS + end, start_time=ZERO_MS + start, end_time=ZERO_MS + end, **fields
    )  # type: ignore[arg-type]
    return ev.TranscriptReceived(at=1000.0, link="transcript", message=message)


def zero() -> ev.SessionZero:
    return ev.SessionZero(at=1000.0, timestamp_ms=ZERO_MS)


def wire_media(kind: int, data: bytes, ms: int, user: int = ANN) -> str:
    """A media message as production writes it."""
    content = {"user_id": user, "user_name": "Ann", "data": base64.b64encode(data).decode(), "timestamp": ZERO_MS + ms}
    return json.dumps({"msg_type": kind, "content": content})


@dataclass
class Lines:
    """Collects what gaps.csv would be told."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    came_late: list[tuple[object, ...]] = field(default_factory=list)

    def hole(self, *row: object) -> None:
        self.rows.append(row)

    def late(self, *row: object) -> None:
        self.came_late.append(row)


def flac_samples(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        parts = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(parts)


def mkv_packets(path: Path) -> list[tuple[int, bytes]]:
    """(milliseconds, bytes) of each packet."""
    with av.open(str(path)) as container:
        return [
            (round(packet.pts * packet.time_base * 1000), bytes(packet))
            for packet in container.demux(container.streams.video[0])
            if packet.pts is not None
        ]
