"""What recording costs: a stream in real time beside ``ffmpeg -c copy`` of it, and one message on the tape."""

from __future__ import annotations

import functools
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from rtms_desktop.clock import SystemClock
from rtms_desktop.recording import control
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.recording.tape import TapeWriter
from rtms_desktop.session.events import SessionZero
from rtms_desktop.wire.enums import Medium
from tests.benchmarks.harness import ROOT, Result, benchmark, result
from tests.recording import material as m

SECONDS, ROUNDS = 15, 3
SIZE, FPS, CYCLE, BITS_PER_S = (1280, 720), 25, 50, 1_500_000
CHUNK_MS, FRAME_MS = 20, 1000 // FPS
TAPE_MESSAGES, TAPE_ROUNDS = 5_000, 7
FLUSH_EVERY = 18
"""Messages in a quarter of a second of one stream, after which the recorder flushes."""


@benchmark
def recording() -> list[Result]:
    """One person's 720p video of 1.5 Mbit/s and sound; medians, the contestants by turns."""
    audio = [_audio(ms) for ms in range(0, 1000, CHUNK_MS)]
    video = [_video(number) for number in range(CYCLE)]
    return [_per_message("audio", audio), _per_message("video", video), *_against_ffmpeg()]


def _against_ffmpeg() -> list[Result]:
    if shutil.which("ffmpeg") is None:
        return []
    ours: list[dict[str, float]] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.mkv"
        _write_source(source)
        for number in range(ROUNDS):
            ours.append(_measured(Path(folder) / f"{number}.rtmsrec"))
            # What starting costs belongs to no stream.
            theirs.append((_copied(source, SECONDS) - _copied(source, 0.1)) / SECONDS * 1000)
    name = "ffmpeg -re -c copy of the same H.264 and PCM"
    return [
        result("recording: CPU per second of stream, all of it", "ms", [o["all"] for o in ours], name, theirs),
        result("recording: of that on the loop's thread", "ms", [o["loop"] for o in ours], name, theirs),
        result("recording: closing, per minute of stream", "ms", [o["close"] for o in ours]),
        result("recording: messages lost", "", [o["lost"] for o in ours]),
    ]


def _copied(source: Path, seconds: float) -> float:
    """CPU seconds of ffmpeg that copies so much in real time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["ffmpeg", "-v", "error", "-y", "-re", "-i", str(source), "-t", str(seconds), "-map", "0", "-c", "copy"]
    subprocess.run([*words, str(source.with_name("copy.mkv"))], check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _write_source(path: Path) -> None:
    units = _pictures()
    with av.open(str(path), "w") as out:
        video = out.add_stream("h264", rate=FPS)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.time_base = *SIZE, Fraction(1, 1000)
        sound = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for ms in range(0, (SECONDS + 1) * 1000, CHUNK_MS):
            packets = [(sound, _sound(ms))]
            if ms % FRAME_MS == 0:
                packets.append((video, units[ms // FRAME_MS % CYCLE]))
            for stream, data in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 1000), ms, ms
                out.mux(packet)


@functools.cache
def _pictures() -> tuple[bytes, ...]:
    """``CYCLE`` access units, a keyframe each second."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt, encoder.time_base, encoder.gop_size = "yuv420p", Fraction(1, FPS), FPS
    encoder.bit_rate, encoder.thread_count = BITS_PER_S, 1
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": "repeat-headers=1:annexb=1"}
    noise = np.random.default_rng(7)
    units = []
    for number in range(CYCLE):
        shape = (SIZE[1] * 3 // 2, SIZE[0])
        frame = av.VideoFrame.from_ndarray(noise.integers(100, 140, shape, np.uint8), "yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(units)


def _sound(ms: int) -> bytes:
    return np.random.default_rng(ms // CHUNK_MS % 50).normal(0, 4000, 16 * CHUNK_MS).astype("<i2").tobytes()


def _audio(ms: int) -> bytes:
    return m.wire_media(14, _sound(ms), ms).encode()


def _video(number: int) -> bytes:
    return m.wire_media(15, _pictures()[number % CYCLE], number * FRAME_MS).encode()


# -- the tape ----------------------------------------------------------------------------------------------------


def _per_message(name: str, messages: list[bytes]) -> Result:
    """A message on the tape (compressed, with checksum and index) against the same bytes in a plain file."""
    taped, plain = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        for _ in range(TAPE_ROUNDS):
            tape = TapeWriter(path)
            taped.append(_timed(messages, functools.partial(_to_tape, tape), tape.flush))
            tape.close()
            path.unlink()
            with path.open("wb") as file:
                plain.append(_timed(messages, file.write, file.flush))
            path.unlink()
    size = round(sum(map(len, messages)) / len(messages))
    return result(f"tape: one {name} message of {size} B", "us", taped, "the same bytes to a plain file", plain)


def _to_tape(tape: TapeWriter, message: bytes) -> None:
    tape.message("media", 1, "in", "text", message, time.time_ns())


def _timed(messages: list[bytes], write: Callable[[bytes], object], flush: Callable[[], object]) -> float:
    begun = time.process_time()
    for number in range(TAPE_MESSAGES):
        write(messages[number % len(messages)])
        if number % FLUSH_EVERY == 0:
            flush()
    flush()
    return (time.process_time() - begun) / TAPE_MESSAGES * 1e6


# -- in the process that is measured -----------------------------------------------------------------------------


def _measured(bundle: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.recording", str(bundle)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(bundle: Path) -> dict[str, Any]:
    """Milliseconds of CPU; what is recorded is made beforehand."""
    audio = [(_audio(ms), _sound(ms)) for ms in range(0, SECONDS * 1000, CHUNK_MS)]
    video = [(_video(number), _pictures()[number % CYCLE]) for number in range(SECONDS * FPS)]
    texts = [(text.decode(), data) for text, data in audio], [(text.decode(), data) for text, data in video]
    cpu, own = time.process_time(), time.thread_time()
    recorder = Recorder(bundle, m.info(), SystemClock(), disk_floor=0)
    begun = time.monotonic()
    recorder.control(control.seed_record(m.CONFIG, 1, begun), begun)
    recorder.events([SessionZero(at=begun, timestamp_ms=m.ZERO_MS)])
    pause = threading.Event()
    for step in range(SECONDS * 1000 // CHUNK_MS):
        ms = step * CHUNK_MS
        pause.wait(max(0.0, begun + ms / 1000 - time.monotonic()))
        now = time.monotonic()
        text, data = texts[0][step]
        recorder.message("audio", 1, "in", text, now)
        recorder.events([m.media(Medium.AUDIO, data, ms, at=now)])
        if ms % FRAME_MS == 0:
            text, data = texts[1][ms // FRAME_MS]
            recorder.message("video", 1, "in", text, now)
            recorder.events([m.media(Medium.VIDEO, data, ms, at=now)])
    all_cpu, loop = time.process_time() - cpu, time.thread_time() - own
    stats = recorder.stats
    cpu = time.process_time()
    recorder.close()
    closing = time.process_time() - cpu
    return {
        "all": all_cpu / SECONDS * 1000,
        "loop": loop / SECONDS * 1000,
        "close": closing / SECONDS * 60_000,
        "lost": stats.dropped_messages + stats.dropped_units,
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
