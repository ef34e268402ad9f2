"""Recordings for the tests of exports, made by the real recorder, and ways to look at what was exported."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from rtms_desktop.recording import control
from rtms_desktop.recording.export.options import ExportOptions, Format
from rtms_desktop.recording.export.run import export
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import ChatData, ChatFile, Person
from tests.recording import material as m

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


class Studio:
    """A recorder that is handed events; media goes onto the tape as well, as a server would have sent it."""

    def __init__(self, folder: Path) -> None:
        self.clock = m.FakeClock()
        self.recorder = Recorder(folder, m.info(), self.clock, disk_floor=0)
        self.recorder.control(control.seed_record(m.CONFIG, 3, self.clock.at), self.clock.at)
        self.recorder.events([m.zero()])

    def sound(self, samples: np.ndarray, ms: int, user: int = m.ANN, name: str = "Ann") -> None:
        """In blocks of 20 ms."""
        for start in range(0, len(samples), 320):
            data = samples[start : start + 320].tobytes()
            self.recorder.events([m.media(Medium.AUDIO, data, ms + start // 16, user, name)])

    def video(
        self, units: tuple[bytes, ...], ms: int, user: int = m.ANN, name: str = "Ann", medium: Medium = Medium.VIDEO
    ) -> None:
        """A picture each 40 ms."""
        for number, unit in enumerate(units):
            self.recorder.events([m.media(medium, unit, ms + number * 40, user, name)])

    def gap(self, medium: Medium, user: int, start: int, end: int, reason: ev.GapReason) -> None:
        gap = ev.Gap(medium=medium, user_id=user, start_ms=m.ZERO_MS + start, end_ms=m.ZERO_MS + end, reason=reason)
        self.recorder.events([ev.GapClosed(at=self.clock.at, gap=gap)])

    def say(self, text: str, start: int, end: int, user: int = m.ANN, name: str = "Ann", **more: object) -> None:
        self.recorder.events([m.said(text, start, end, user_id=user, user_name=name, **more)])

    def chat(self, text: str, ms: int, message_id: str = "", operation: int = 1, **more: object) -> None:
        fields: dict[str, object] = {"sender": Person(user_id=m.ANN, user_name="Ann")} | more
        message = ChatData(text=text, timestamp=m.ZERO_MS + ms, message_id=message_id, operation=operation, **fields)  # type: ignore[arg-type]
        self.recorder.events([ev.ChatReceived(at=self.clock.at, link="chat", message=message)])

    def close(self) -> Path:
        return self.recorder.close(6)


def meeting(folder: Path) -> Path:
    """Two people for four seconds; Ann's sound breaks off for a second, her picture for two, and changes its size."""
    studio = Studio(folder)
    studio.sound(m.tone(16_000, 1), 0)
    studio.gap(Medium.AUDIO, m.ANN, 1000, 2000, ev.GapReason.SOCKET_DOWN)
    studio.sound(m.tone(32_000, 2), 2000)
    studio.sound(m.tone(8_000, 3), 500, m.BOB, "Bob <b>&")
    studio.video(m.clip(), 0)
    studio.gap(Medium.VIDEO, m.ANN, 2000, 3000, ev.GapReason.SOCKET_DOWN)
    studio.video(m.clip(640, 360, 25), 3000)
    studio.video(m.clip(160, 96, 20), 200, m.BOB, "Bob <b>&")
    studio.say("hello <world> --> & more", 100, 900)
    studio.say("wrong", 1200, 1900, m.BOB, "")
    studio.say("taken back", 2500, 2900)
    studio.say("right", 1200, 2000, m.BOB, "", attribute=2)
    studio.say("", 2500, 0, attribute=3)
    studio.chat("first", 300, "A", receiver=Person(user_id=m.BOB, user_name="Bob"), session_type=2)
    studio.chat("second", 600, "B", files=(ChatFile(file_id="f", file_name="deck.pdf", file_size=10),))
    studio.chat("second, edited", 700, "B", operation=3)
    studio.chat("secret", 800, "C")
    studio.chat("", 900, "C", operation=2)
    studio.chat("👍", 950, "B", operation=4, sender=Person(user_id=m.BOB, user_name="Bob"))
    return studio.close()


def made(bundle: Path, out: Path, kind: Format, **options: object) -> list[Path]:
    """What ``export`` wrote."""
    return export(bundle, ExportOptions(format=kind, out=str(out), **options))  # type: ignore[arg-type]


def ffmpeg_says(path: Path) -> str:
    """Complaints of ffmpeg about a file that it decodes to its end."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, text=True, check=False
    )
    return done.stderr + ("" if done.returncode == 0 else f"exit {done.returncode}")


def ffmpeg_hashes(path: Path) -> list[str]:
    """A hash of each picture as ffmpeg decodes it, each in its own size."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-autoscale", "0", "-fps_mode", "passthrough"]
    done = subprocess.run([*command, "-f", "framemd5", "-"], capture_output=True, text=True, check=True)
    assert not done.stderr
    return [line.rpartition(",")[2].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def pictures(path: Path, track: int = 0) -> list[tuple[int, str]]:
    """(milliseconds, hash with size) of each picture."""
    with av.open(str(path)) as container:
        return [(round(frame.pts * frame.time_base * 1000), _hash(frame)) for frame in container.decode(video=track)]


def _hash(frame: av.VideoFrame) -> str:
    return f"{frame.width}x{frame.height} {hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest()}"


def luma(path: Path) -> list[tuple[int, float]]:
    """(milliseconds, brightness of the middle) of each picture."""
    with av.open(str(path)) as container:
        return [
            (round(frame.pts * frame.time_base * 1000), float(frame.to_ndarray()[: frame.height].mean()))
            for frame in container.decode(video=0)
        ]


def samples(path: Path, track: int = 0) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=track)])
