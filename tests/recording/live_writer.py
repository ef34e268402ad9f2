"""A process that records in real time until it is killed; prints the session time of what it has handed over."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from rtms_desktop.clock import SystemClock
from rtms_desktop.recording import control
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m

USERS = (m.ANN, m.BOB)


def main(folder: str) -> None:
    units, sound = m.clip(frames=500), m.tone(320_000)
    recorder = Recorder(Path(folder), m.info(), SystemClock())
    start = time.monotonic()
    recorder.control(control.seed_record(m.CONFIG, 1, start), start)
    recorder.events([m.zero()])
    pause = threading.Event()
    for step in range(1000):  # 20 ms each
        ms = step * 20
        pause.wait(max(0.0, start + ms / 1000 - time.monotonic()))
        now = time.monotonic()
        for user in USERS:
            data = sound[step * 320 : (step + 1) * 320].tobytes()
            recorder.message("audio", 1, "in", m.wire_media(14, data, ms, user), now)
            recorder.events([m.media(Medium.AUDIO, data, ms, user)])
            if step % 2 == 0:
                recorder.message("video", 1, "in", m.wire_media(15, units[step // 2], ms, user), now)
                recorder.events([m.media(Medium.VIDEO, units[step // 2], ms, user)])
        if step % 10 == 0:
            recorder.events([m.said(f"line {step}", ms, ms + 100)])
        sys.stdout.write(f"{ms}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
