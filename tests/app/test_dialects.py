"""The recorder against the bundled server in each dialect: what the server says it sent is what was kept."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCENARIO = '[[step]]\nat_s = 3.0\ndo = "end"\n'


@pytest.mark.parametrize("dialect", ["production", "flat", "readme", "mock", "binary"])
async def test_every_packet_of_every_dialect(tmp_path: Path, dialect: str) -> None:
    scenario = tmp_path / "end.toml"
    scenario.write_text(SCENARIO)
    server = await _start(
        "mock", "--port", "0", "--media-port", "0", "--dialect", dialect, "--scenario", str(scenario), "--json",
        "--participants", "2", "--resolution", "360p",
    )  # fmt: skip
    assert server.stdout is not None
    listening = json.loads(await server.stdout.readline())
    recorder = await _start(
        "record", json.dumps(listening["webhook"]), "--out", str(tmp_path), "--duration", "20",
        "--client-id", listening["client_id"], "--client-secret", listening["client_secret"],
    )  # fmt: skip
    async with asyncio.timeout(40):
        out, err = await recorder.communicate()
    server.terminate()
    truth, _ = await server.communicate()
    assert recorder.returncode == 0, err.decode()
    line = json.loads(out.splitlines()[-1])
    sent = _sent(truth.decode())
    assert sent["audio"] > 50, truth.decode()
    assert sent["video"] > 50
    assert {name: count for name, count in line["counts"].items() if count} == dict(sent)
    assert json.loads((Path(line["bundle"]) / "manifest.json").read_text())["closed"] is True


async def _start(*words: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", *words, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe,
        env=os.environ,
    )  # fmt: skip


def _sent(truth: str) -> Counter[str]:
    """Messages by medium, from the server's own account."""
    total: Counter[str] = Counter()
    for text in truth.splitlines():
        entry: dict[str, Any] = json.loads(text)
        if entry["event"] == "sent":
            for track, count in entry["counts"].items():
                total[track.partition("/")[0]] += count
    return total
