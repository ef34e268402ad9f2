"""kill -9 at a random moment, twenty times: ``record`` against the mock server, held against what that had sent."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import shutil
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import av
import numpy as np
import pytest

from rtms_desktop.recording import names
from rtms_desktop.recording.reader import open_recording
from rtms_desktop.recording.repair import repair
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord
from tests.e2e.busy_meeting import AUDIO_MS, CHAT_MS, LINE_MS, USERS, VIDEO_MS, make_meeting
from tests.recording.export.studio import ffmpeg_says
from tests.recording.material import flac_samples, mkv_packets, nals, nals_of_avcc

RUNS, AT_ONCE, SEED = 20, 4, 20_261_121
EARLIEST_S, LATEST_S = 1.5, 4.0
MAX_LOSS_MS = 500
SLACK = 160  # samples: half of the smallest block is rounding of the timestamps
PATIENCE_S = 30.0
STEP_MS = {"audio": AUDIO_MS, "video": VIDEO_MS, "transcript": LINE_MS, "chat": CHAT_MS}

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Mock:
    """The mock server as a process, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process, listening: dict[str, Any]) -> None:
        self._process = process
        self.listening = listening
        self._sent: Counter[str] = Counter()
        self._gone = 0
        self._more = asyncio.Event()

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            entry = json.loads(line)
            if entry["event"] == "sent":
                self._sent.update(entry["counts"])
            self._gone += entry["event"] == "disconnected"
            self._more.set()

    async def invite(self) -> dict[str, Any]:
        """The webhook of a new stream."""
        return await asyncio.to_thread(self._start)

    def _start(self) -> dict[str, Any]:
        url, body = f"{self.listening['http_url']}/api/control", json.dumps({"do": "start"}).encode()
        with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=PATIENCE_S) as answer:
            found: dict[str, Any] = json.load(answer)["webhook"]
            return found

    async def until_gone(self, links: int) -> dict[str, int]:
        """What had been sent to the client whose so many sockets just broke, by track."""
        async with asyncio.timeout(PATIENCE_S):
            while self._gone < links:
                self._more.clear()
                await self._more.wait()
            await asyncio.sleep(0.05)  # the counts of the last socket follow its end
        sent, self._sent, self._gone = dict(self._sent), Counter(), 0
        return sent


@contextlib.asynccontextmanager
async def mock_server(source: Path | str, *options: str) -> AsyncIterator[Mock]:
    words = ("mock", "--port", "0", "--media-port", "0", "--source", str(source), "--json", *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", *words, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        mock = Mock(process, json.loads(await process.stdout.readline()))
        listening = asyncio.get_running_loop().create_task(mock.listen())
        yield mock
    finally:
        process.terminate()
        await process.wait()
    await listening


@dataclass
class Killed:
    """A recording whose recorder was killed, as it lay on disk, and what the server had sent until then.

    ``stall_ms``: how long this computer let a program wait in the second before, which is no fault of the recorder.
    """

    bundle: Path
    sent: dict[str, int]
    stall_ms: float


class Pulse:
    """How late this process wakes up, in the last second."""

    def __init__(self) -> None:
        self._late_ms: deque[float] = deque(maxlen=50)

    async def beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.02
            await asyncio.sleep(0.02)
            self._late_ms.append((loop.time() - due) * 1000)

    @property
    def stall_ms(self) -> float:
        return max(self._late_ms)


async def record_and_kill(mock: Mock, folder: Path, after_s: float, turn: asyncio.Lock, pulse: Pulse) -> Killed:
    """``after_s``: seconds of the stream until the kill; ``turn``: two kills at once could not be told apart."""
    webhook = await mock.invite()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", "record", json.dumps(webhook), "--out", str(folder),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"ZOOM_CLIENT_ID": mock.listening["client_id"],
                          "ZOOM_CLIENT_SECRET": mock.listening["client_secret"]},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while (line := await process.stderr.readline()) and line.strip() != b"streaming":
                pass
        assert line, "the recorder ended by itself"
        await asyncio.sleep(after_s)
        async with turn:
            process.kill()
            stall_ms = pulse.stall_ms
            sent = await mock.until_gone(links=6)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    (bundle,) = folder.glob("*.rtmsrec")
    return Killed(bundle, sent, stall_ms)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Killed]]:
    folder = tmp_path_factory.mktemp("killed")
    moments = random.Random(SEED)

    async def all_runs() -> list[Killed]:
        places, turn, pulse = asyncio.Semaphore(AT_ONCE), asyncio.Lock(), Pulse()
        beating = asyncio.get_running_loop().create_task(pulse.beat())

        async def run(number: int, after_s: float) -> Killed:
            async with places:
                return await record_and_kill(mock, folder / str(number), after_s, turn, pulse)

        async with mock_server(make_meeting(folder / "source", 60.0), "--loop") as mock, asyncio.TaskGroup() as group:
            tasks = [group.create_task(run(n, moments.uniform(EARLIEST_S, LATEST_S))) for n in range(RUNS)]
        beating.cancel()
        return [task.result() for task in tasks]

    yield asyncio.run(all_runs())


def records(bundle: Path) -> list[TapeRecord]:
    with TapeReader(bundle / names.TAPE) as reader:
        return list(reader.records())


def received(tape: list[TapeRecord], link: str, user: int | None = None) -> list[dict[str, Any]]:
    """The contents of the media, lines or chat messages of a link, of one person where one is named."""
    found = [json.loads(record.data) for record in tape if record.link == link and record.direction == "in"]
    contents = [message["content"] for message in found if message["msg_type"] in (14, 15, 17, 18)]
    return [content for content in contents if user is None or content["user_id"] == user]


def sound_of(tape: list[TapeRecord], user: int) -> tuple[int, np.ndarray]:
    """What is on the tape from session zero on: the place of its first sample, and the samples."""
    zero = session_zero(tape)
    spoken = [content for content in received(tape, "audio", user) if content["timestamp"] >= zero]
    sound = np.frombuffer(b"".join(base64.b64decode(content["data"]) for content in spoken), "<i2")
    return (spoken[0]["timestamp"] - zero) * 16, sound


def lines_of(path: Path) -> list[bytes]:
    """The whole lines of a text file."""
    return path.read_bytes().split(b"\n")[:-1]


def media_of(bundle: Path) -> list[Path]:
    return [path for path in bundle.rglob("*") if path.suffix in (".mkv", ".flac")]


def lost_ms(run: Killed) -> dict[str, int]:
    """How long before the end each file ends: the age of the oldest unit that was sent and is missing there."""
    tape, bundle = records(run.bundle), run.bundle
    there = {"tape chat": len(received(tape, "chat")), "tape transcript": len(received(tape, "transcript"))}
    there["chat"], there["transcript"] = (len(lines_of(bundle / name)) for name in (names.CHAT, names.TRANSCRIPT))
    for user in USERS:
        spoken = received(tape, "audio", user)
        lead_ms = spoken[0]["timestamp"] - session_zero(tape)
        there[f"tape audio/{user}"] = len(spoken)
        there[f"audio/{user}"] = (len(flac_samples(bundle / f"audio/{user}.flac")) // 16 - lead_ms) // AUDIO_MS
        there[f"tape video/{user}"] = len(received(tape, "video", user))
        there[f"video/{user}"] = len(mkv_packets(bundle / f"video/{user}-1.mkv"))
    lost = {}
    for what, count in there.items():
        track = what.removeprefix("tape ")
        lost[what] = max(0, run.sent[track] - count - 1) * STEP_MS[track.partition("/")[0]]
    return lost


def session_zero(tape: list[TapeRecord]) -> int:
    (zero,) = {
        message["event"]["timestamp"]
        for record in tape
        if record.link == "signaling" and record.direction == "in"
        for message in [json.loads(record.data)]
        if message["msg_type"] == 6 and message["event"]["event_type"] == 1
    }
    assert isinstance(zero, int)
    return zero


def test_twenty_kills_cost_less_than_half_a_second_each(runs: list[Killed]) -> None:
    assert len(runs) == RUNS
    for number, run in enumerate(runs):
        assert not json.loads((run.bundle / names.MANIFEST).read_bytes())["closed"]
        lost = lost_ms(run)
        assert max(lost.values()) <= MAX_LOSS_MS + run.stall_ms, (number, run.stall_ms, lost)
        assert min(run.sent[f"audio/{user}"] * AUDIO_MS for user in USERS) >= EARLIEST_S * 1000 - 100


def test_what_the_files_hold_is_what_the_tape_holds(runs: list[Killed]) -> None:
    """In its order and without a hole, up to where each of them ends."""
    for run in runs:
        tape = records(run.bundle)
        texts = [json.loads(line)["text"] for line in lines_of(run.bundle / names.TRANSCRIPT)]
        taped = [content["data"] for content in received(tape, "transcript")]
        assert texts[: len(taped)] == taped[: len(texts)]
        for user in USERS:
            heard = flac_samples(run.bundle / f"audio/{user}.flac")
            place, sound = sound_of(tape, user)
            off = next(n for n in range(-SLACK, SLACK + 1) if np.array_equal(heard[place + n :][:99], sound[:99]))
            both = min(len(heard) - place - off, len(sound))
            assert both > EARLIEST_S * 10_000
            assert np.array_equal(heard[place + off :][:both], sound[:both])
            units = [nals(base64.b64decode(content["data"])) for content in received(tape, "video", user)]
            packets = [nals_of_avcc(data) for _, data in mkv_packets(run.bundle / f"video/{user}-1.mkv")]
            assert packets[: len(units)] == units[: len(packets)]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_another_player_finds_no_fault(runs: list[Killed]) -> None:
    files = [path for run in runs for path in media_of(run.bundle)]
    assert len(files) == RUNS * 2 * len(USERS)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert dict(zip(files, pool.map(ffmpeg_says, files), strict=True)) == dict.fromkeys(files, "")


def test_repair_loses_nothing_that_was_on_disk(runs: list[Killed], tmp_path: Path) -> None:
    made = []
    for number, run in enumerate(runs):
        bundle = tmp_path / str(number) / run.bundle.name
        shutil.copytree(run.bundle, bundle)
        repair(bundle)
        assert records(bundle) == records(run.bundle)
        for path in media_of(run.bundle):
            again = bundle / path.relative_to(run.bundle)
            read = mkv_packets if path.suffix == ".mkv" else Path.read_bytes
            assert read(again) == read(path), path
        for name in (names.TRANSCRIPT, names.CHAT, names.EVENTS):
            kept = lines_of(run.bundle / name)
            assert lines_of(bundle / name)[: len(kept)] == kept
        opened = open_recording(bundle)
        assert opened.manifest["closed"] and not opened.rebuilt
        with av.open(str(bundle / names.MEDIA)) as film:
            pictures = [
                sum(packet.pts is not None for packet in film.demux(stream)) for stream in film.streams.video[:1]
            ]
        assert pictures == [len(mkv_packets(sorted((bundle / "video").iterdir())[0]))]
        made.append(bundle / names.MEDIA)
    if shutil.which("ffmpeg") is not None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            assert set(pool.map(ffmpeg_says, made)) == {""}
