"""kill -9 and disks that refuse: what was on disk plays, and next to nothing is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rtms_desktop.recording.tape_reader import TapeReader
from tests.recording import material as m

ROOT = Path(__file__).resolve().parents[2]
MAX_LOSS_MS = 500
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def ffmpeg_says(path: Path) -> str:
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, text=True, check=False
    )
    return done.stderr + ("" if done.returncode == 0 else f"exit {done.returncode}")


@needs_ffmpeg
@pytest.mark.slow
@pytest.mark.parametrize("after_ms", [1480, 1910, 2330])
def test_kill_9_costs_less_than_half_a_second(tmp_path: Path, after_ms: int) -> None:
    bundle = tmp_path / "x.rtmsrec"
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.recording.live_writer", str(bundle)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    sent = 0
    for line in writer.stdout:
        sent = int(line)
        if sent >= after_ms:
            break
    writer.kill()
    sent = max([sent, *map(int, writer.stdout.read().split())])
    writer.stdout.close()
    writer.wait()
    assert sent >= after_ms

    for user in (m.ANN, m.BOB):
        video, audio = bundle / f"video/{user}-1.mkv", bundle / f"audio/{user}.flac"
        assert ffmpeg_says(video) == ""
        assert ffmpeg_says(audio) == ""
        packets = m.mkv_packets(video)
        assert sent - packets[-1][0] <= MAX_LOSS_MS
        units = m.clip(frames=500)
        assert [m.nals_of_avcc(data) for _, data in packets] == [m.nals(unit) for unit in units[: len(packets)]]
        samples = m.flac_samples(audio)
        assert sent - len(samples) / 16 <= MAX_LOSS_MS
        assert (samples == m.tone(320_000)[: len(samples)]).all()
    with TapeReader(bundle / "tape.mcap") as reader:
        last = [json.loads(r.data)["content"]["timestamp"] for r in reader.records() if r.link in ("audio", "video")][
            -1
        ]
    assert sent - (last - m.ZERO_MS) <= MAX_LOSS_MS
    rows = [json.loads(line) for line in (bundle / "transcript.jsonl").read_text().splitlines()]
    assert sent - (rows[-1]["start_ms"] - m.ZERO_MS) <= MAX_LOSS_MS
    assert not json.loads((bundle / "manifest.json").read_bytes())["closed"]


FULL_DISK = """
import json, resource, sys, threading, time
from pathlib import Path
from rtms_desktop.clock import SystemClock
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m
units, sound = m.clip(), m.tone(32_000)
recorder = Recorder(Path(sys.argv[1]), m.info(), SystemClock(), disk_floor=0)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
recorder.events([m.zero()])
pause, rounds = threading.Event(), 0
while not recorder.stats.problem and rounds < 400:
    for number, unit in enumerate(units):
        ms = (rounds * len(units) + number) * 40
        recorder.message("video", 1, "in", m.wire_media(15, unit, ms), time.monotonic())
        recorder.events([m.media(Medium.VIDEO, unit, ms)])
        data = sound[number * 640 : number * 640 + 640].tobytes()
        recorder.events([m.media(Medium.AUDIO, data, ms, user) for user in (1, 2, 3)])
    rounds += 1
    pause.wait(0.02)
problem = recorder.stats.problem
recorder.message("video", 1, "in", "after", time.monotonic())
print(json.dumps({"problem": problem, "bundle": str(recorder.close())}))
"""


@needs_ffmpeg
@pytest.mark.slow
@pytest.mark.parametrize("limit", [60_000, 200_000])
def test_a_file_that_may_not_grow_stops_the_recording_not_the_program(tmp_path: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "x.rtmsrec"), str(limit)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "largest size" in told["problem"]
    bundle = Path(told["bundle"])
    with TapeReader(bundle / "tape.mcap") as reader:
        records = [record for record in reader.records() if record.link == "video"]
        assert reader.damage.bad_chunks == 0
    assert records
    video = bundle / f"video/{m.ANN}-1.mkv"
    assert ffmpeg_says(video) == "" and len(m.mkv_packets(video)) > 10
    assert {ffmpeg_says(path) for path in bundle.glob("audio/*.flac")} == {""}
    assert json.loads((bundle / "manifest.json").read_bytes())["counts"]["video"] > 0


@needs_ffmpeg
@pytest.mark.slow
def test_a_full_disk(tmp_path: Path) -> None:
    """A real one, where this user may mount a small one."""
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no tmpfs can be mounted: {made.stderr.strip()}")
    try:
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, str(mount / "x.rtmsrec"), str(1 << 40)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert "disk is full" in told["problem"]
        bundle = Path(told["bundle"])
        with TapeReader(bundle / "tape.mcap") as reader:
            assert any(record.link == "video" for record in reader.records())
        video = bundle / f"video/{m.ANN}-1.mkv"
        assert [ffmpeg_says(path) for path in bundle.glob("audio/*.flac")] == ["", "", ""]
        assert ffmpeg_says(video) == "" and len(m.mkv_packets(video)) > 50
        assert not list(bundle.glob("*.tmp"))
        assert json.loads((bundle / "manifest.json").read_bytes())["counts"]["video"] > 0
    finally:
        subprocess.run(["umount", str(mount)], check=True)
