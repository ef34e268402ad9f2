"""``doctor`` as a program, against a server that shares no code with it: the step that fails, why, the exit code."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clips import clip
from tests.fakes.raw_server import CLIENT_ID, MEETING, SECRET, STREAM, RawServer, Script, audio, frames

KNOWN = {"ZOOM_CLIENT_ID": CLIENT_ID, "ZOOM_CLIENT_SECRET": SECRET}
SOCKET, HANDSHAKE, ADDRESSES, PACKETS, ALIVE = 6, 7, 8, 12, 13


async def doctor(payload: str, *options: str, env: dict[str, str] = KNOWN) -> tuple[int, dict[str, Any] | None]:
    """Exit code, and the first step that failed."""
    words = ["doctor", "-", "--json", "--wait", "2", *options]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | env | {"PYTHONWARNINGS": "error"},
    )  # fmt: skip
    async with asyncio.timeout(30):
        out, err = await process.communicate(payload.encode())
    assert process.returncode is not None
    assert err == b""
    steps = json.loads(out)["steps"]
    return process.returncode, next((step for step in steps if step["state"] == "failed"), None)


def speaking() -> Script:
    return Script(media={"audio": audio(500), "video": frames(clip(50))}, pause_s=0.01, stop_reason=None)


async def test_all_is_well() -> None:
    async with RawServer(speaking()) as server:
        assert await doctor(server.payload) == (0, None)
    assert server.problems == []


async def test_a_wrong_secret_stops_at_the_handshake() -> None:
    async with RawServer(speaking()) as server:
        code, step = await doctor(server.payload, env=KNOWN | {"ZOOM_CLIENT_SECRET": "wrong"})
    assert code == 4
    assert step is not None and step["number"] == HANDSHAKE
    assert "3 INVALID_SIGNATURE" in step["detail"]


async def test_a_stream_that_stays_taken_is_told_by_its_status() -> None:
    script = speaking()
    script.status, script.reason = 8, "duplicate signal request"
    async with RawServer(script) as server:
        code, step = await doctor(server.payload)
    assert code == 4
    assert step is not None and step["number"] == HANDSHAKE
    assert "8 DUPLICATE_SIGNAL_REQUEST" in step["why"]
    assert step["fix"]


async def test_a_refused_medium_is_why_nothing_comes() -> None:
    script = speaking()
    script.media_status = {"video": 10}
    async with RawServer(script) as server:
        code, step = await doctor(server.payload)
    assert code == 4
    assert step is not None and step["number"] == PACKETS
    assert "10 MEDIA_TYPE_VIDEO_NOT_SUPPORT" in step["why"]


@pytest.mark.parametrize(
    ("url", "why", "fix"),
    [
        ("ws://127.0.0.1:9/video", "nothing listens on 127.0.0.1:9", "Check that the server runs there"),
        ("wss://rtms.example.org/video", "rtms.example.org was not contacted", "--allow-host rtms.example.org"),
    ],
)
async def test_a_media_socket_that_cannot_be_opened_says_why(url: str, why: str, fix: str) -> None:
    script = speaking()
    script.urls = {"video": url}
    async with RawServer(script) as server:
        code, step = await doctor(server.payload)
    assert code == 3
    assert step is not None and step["number"] == PACKETS
    assert why in step["why"]
    assert fix in step["fix"]


async def test_an_end_under_way_is_told_by_its_reason() -> None:
    async with RawServer(Script(media={"audio": audio(1)}, stop_reason=6)) as server:
        code, step = await doctor(server.payload, "--media", "audio,video")
    assert code == 5
    assert step is not None and step["number"] == PACKETS
    assert "6 MEETING_ENDED" in step["detail"]


async def test_nothing_is_offered() -> None:
    async with RawServer(Script(media={})) as server:
        code, step = await doctor(server.payload)
    assert code == 4
    assert step is not None and step["number"] == ADDRESSES


async def test_nobody_listens() -> None:
    payload = {"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": "ws://127.0.0.1:9"}
    code, step = await doctor(json.dumps(payload))
    assert code == 3
    assert step is not None and step["number"] == SOCKET
    assert "nothing listens on 127.0.0.1:9" in step["detail"]


@pytest.mark.parametrize(
    ("payload", "env", "number"),
    [
        ("{}", KNOWN, 1),
        ('{"meeting_uuid":"m","rtms_stream_id":"s","server_urls":"ws://127.0.0.1:9"}', dict.fromkeys(KNOWN, ""), 2),
        ('{"meeting_uuid":"m","rtms_stream_id":"s","server_urls":"wss://example.org"}', KNOWN, 3),
    ],
)
async def test_what_is_wrong_before_anything_is_contacted(payload: str, env: dict[str, str], number: int) -> None:
    code, step = await doctor(payload, env=env)
    assert code == 2
    assert step is not None and step["number"] == number
    assert step["why"] and step["fix"]


async def test_the_archive_of_a_check(tmp_path: Path) -> None:
    async with RawServer(speaking()) as server:
        code, _ = await doctor(server.payload, "--zip", str(tmp_path / "d.zip"))
    assert code == 0
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert [step["state"] for step in json.loads(texts["steps.json"])].count("passed") >= 12
    assert json.loads(texts["session.json"])["counts"]["audio"] > 0 and "LinkStateChanged" in texts["events.jsonl"]
    for name, text in texts.items():
        found = [word for word in (CLIENT_ID, SECRET, MEETING, STREAM, "Ann") if word in text]
        assert not found, (name, found)
