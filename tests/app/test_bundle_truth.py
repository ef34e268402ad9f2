"""What ``record`` leaves on disk, held against what a server of its own making really sent, byte by byte.

The tape is read with the ``mcap`` library alone, sound and pictures with libav.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from mcap.reader import make_reader

from tests.app.test_record import SENT, Run, everything, record
from tests.fakes.clips import clip
from tests.fakes.raw_server import CLIENT_ID, SECRET, T0, RawServer, Script, audio, frames, transcript

MANIFEST = {
    "schema", "app_version", "product", "ids", "profile", "started_ms", "session_zero_ms", "requested", "granted",
    "observed", "participants", "counts", "gaps", "reconnects", "files", "closed", "stop_reason",
}  # fmt: skip
NOTHING = dict.fromkeys(SENT, 0)
LINKS = {"deskshare": "share"}
Stream = tuple[str, int, str]


def tape(bundle: Path) -> dict[Stream, list[tuple[str, bytes]]]:
    """(link, attempt, direction) -> messages, in order."""
    found: dict[Stream, list[tuple[str, bytes]]] = defaultdict(list)
    last = 0
    with (bundle / "tape.mcap").open("rb") as file:
        for _, channel, message in make_reader(file, validate_crcs=True).iter_messages(log_time_order=False):
            if channel.topic == "/control":
                assert json.loads(message.data)["do"]
                continue
            assert message.log_time >= last
            last = message.log_time
            about = channel.metadata
            assert about.keys() == {"link", "attempt", "direction", "opcode"}
            link = about["link"]
            assert channel.topic == ("/signaling" if link == "signaling" else f"/media/{link}")
            found[link, int(about["attempt"]), about["direction"]].append((about["opcode"], message.data))
    return found


def truth(server: RawServer) -> dict[Stream, list[tuple[str, bytes]]]:
    """The same as the server saw it, signatures blanked."""
    found: dict[Stream, list[tuple[str, bytes]]] = defaultdict(list)
    for frame in server.frames:
        data = re.sub(rb'("signature": ?)"[^"]*"', rb'\1"***"', frame.data)
        found[LINKS.get(frame.name, frame.name), frame.attempt, frame.direction].append((frame.opcode, data))
    return found


def sound(path: Path) -> Any:
    """Samples x channels of a FLAC file."""
    with av.open(str(path)) as container:
        blocks = [frame.to_ndarray().reshape(-1, frame.layout.nb_channels) for frame in container.decode(audio=0)]
    return np.concatenate(blocks)


def pictures(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


async def inspect(bundle: Path) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", "inspect", "--json", str(bundle),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def manifest(run: Run) -> dict[str, Any]:
    found = json.loads((run.bundle / "manifest.json").read_text())
    assert found.keys() == MANIFEST
    assert {key: found[key] for key in ("counts", "gaps", "reconnects", "stop_reason")} == {
        key: value for key, value in run.line.items() if key not in ("event", "bundle", "bundles")
    }
    return dict(found)


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
async def test_the_tape_holds_every_byte_and_the_manifest_can_be_rebuilt(tmp_path: Path, binary: bool) -> None:
    script = everything()
    script.binary = binary
    script.garbage = ["{", '{"msg_type": 999}', "\x00", '{"msg_type": 6, "event": {"event_type": []}}', "[" * 5000]
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    said = manifest(run)
    assert said["counts"] == SENT
    assert tape(run.bundle) == truth(server)
    assert await inspect(run.bundle) | said == await inspect(run.bundle)
    (run.bundle / "manifest.json").unlink()
    rebuilt = await inspect(run.bundle)
    assert {key: rebuilt[key] for key in MANIFEST} == said | {"closed": False}


async def test_every_sample_has_its_place(tmp_path: Path) -> None:
    missing = {*range(30, 60), 75}
    chunks = [chunk for number, chunk in enumerate(audio(100)) if number not in missing]
    async with RawServer(Script(media={"audio": chunks})) as server:
        run = await record(server.payload, tmp_path)
    assert run.line["counts"] == NOTHING | {"audio": 69}
    expected = np.array([0 if number in missing else number for number in range(100)]).repeat(320)
    heard = sound(run.bundle / "audio" / "16778240.flac")[:, 0]
    assert np.array_equal(heard, expected)
    rows = [line.split(",") for line in (run.bundle / "gaps.csv").read_text().splitlines()]
    assert [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] == [
        {"file": "audio/16778240.flac", "medium": "audio", "user_id": "16778240", "start_ms": str(T0 + start),
         "end_ms": str(T0 + end), "start_sample": str(start * 16), "samples": str((end - start) * 16),
         "reason": "silence"}
        for start, end in ((600, 1200), (1500, 1520))
    ]  # fmt: skip
    assert run.line["gaps"] == [
        {"medium": "audio", "user_id": 16778240, "start_ms": T0 + 600, "end_ms": T0 + 1200, "reason": "silence"}
    ]


def flat(message: dict[str, Any]) -> dict[str, Any]:
    content = dict(message["content"])
    return {"msg_type": message["msg_type"], "content": content.pop("data"), **content}


def as_string_ids(message: dict[str, Any]) -> dict[str, Any]:
    """Microseconds, a user id as text beyond 32 bits, and no name."""
    content = dict(message["content"]) | {"user_id": "3000000000", "timestamp": message["content"]["timestamp"] * 1000}
    del content["user_name"]
    return {"msg_type": message["msg_type"], "content": content}


def as_parties(message: dict[str, Any]) -> dict[str, Any]:
    """Contact Center: a channel instead of a user."""
    content = {key: message["content"][key] for key in ("data", "timestamp")}
    return {"msg_type": message["msg_type"], "content": content | {"channel_id": "chan-A"}}


@pytest.mark.parametrize("shape", [flat, as_string_ids, as_parties])
async def test_other_envelopes_are_the_same_sound(tmp_path: Path, shape: Any) -> None:
    async with RawServer(Script(media={"audio": audio(100)}, shape=shape)) as server:
        run = await record(server.payload, tmp_path)
    assert run.line["counts"] == NOTHING | {"audio": 100}, run.err
    (file,) = (run.bundle / "audio").iterdir()
    assert np.array_equal(sound(file)[:, 0], np.arange(100).repeat(320))
    assert tape(run.bundle) == truth(server)


async def test_bare_frames_are_media_of_their_socket(tmp_path: Path) -> None:
    def bare(message: dict[str, Any]) -> bytes:
        return base64.b64decode(message["content"]["data"])

    media = {"audio": audio(100), "video": frames(clip(50))}
    async with RawServer(Script(media=media, shape=bare, pause_s=0.01)) as server:
        run = await record(server.payload, tmp_path)
    assert run.line["counts"] == NOTHING | {"audio": 100, "video": 50}, run.err
    assert pictures(run.bundle / "video" / "0-1.mkv") == 50
    assert (run.bundle / "audio" / "0.flac").exists()


async def test_a_server_without_media_handshake(tmp_path: Path) -> None:
    script = everything()
    script.mute = True
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["counts"] == SENT


async def test_what_was_granted_counts_not_what_was_asked(tmp_path: Path) -> None:
    """48 kHz stereo against a request for 16 kHz mono."""
    chunks = audio(50)
    for number, chunk in enumerate(chunks):
        data = b"".join(int.to_bytes(number * side, 2, "little") for side in (1, 2)) * 960
        chunk |= {"data": base64.b64encode(data).decode(), "length": len(data)}
    granted = {"audio": {"sample_rate": 3, "channel": 2}}
    async with RawServer(Script(media={"audio": chunks}, granted=granted)) as server:
        run = await record(server.payload, tmp_path)
    heard = sound(run.bundle / "audio" / "16778240.flac")
    assert heard.shape == (48_000, 2)
    assert np.array_equal(heard[:, 0], np.arange(50).repeat(960))
    assert np.array_equal(heard[:, 1], np.arange(50).repeat(960) * 2)
    assert manifest(run)["granted"]["audio"]["sample_rate"] == 3


async def test_pictures_may_change_their_size(tmp_path: Path) -> None:
    units = [*clip(50), *clip(50, 640, 360)]
    async with RawServer(Script(media={"video": frames(units)})) as server:
        run = await record(server.payload, tmp_path)
    assert run.line["counts"] == NOTHING | {"video": 100}
    assert [pictures(run.bundle / "video" / f"16778240-{number}.mkv") for number in (1, 2)] == [50, 50]


async def test_a_close_frame_in_mid_stream_is_a_loss_that_is_repaired(tmp_path: Path) -> None:
    script = everything()
    script.close_media = "audio"
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["counts"] == SENT
    assert run.line["reconnects"] == 1
    assert tape(run.bundle) == truth(server)


async def test_what_was_received_survives_a_kill(tmp_path: Path) -> None:
    media = {"audio": audio(2000), "video": frames(clip(50)), "transcript": transcript(["one", "two"])}
    async with RawServer(Script(media=media, pause_s=0.02, stop_reason=None)) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rtms_desktop", "record", "-", "--out", str(tmp_path),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"ZOOM_CLIENT_ID": CLIENT_ID, "ZOOM_CLIENT_SECRET": SECRET},
        )  # fmt: skip
        talk = asyncio.get_running_loop().create_task(process.communicate(server.payload.encode()))
        async with asyncio.timeout(20):
            while server.sent["audio"] < 100:
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        sent = server.sent["audio"]
        await talk
    (bundle,) = tmp_path.glob("*.rtmsrec")
    found = await inspect(bundle)
    assert found["closed"] is False
    assert found["counts"]["transcript"] == 2
    assert sent - 50 <= found["counts"]["audio"] <= sent  # at most a second is missing
    heard = sound(bundle / "audio" / "16778240.flac")[:, 0]
    assert len(heard) >= (sent - 50) * 320
    assert np.array_equal(heard, np.arange(len(heard)) // 320)
    assert pictures(bundle / "video" / "16778240-1.mkv") > 25
