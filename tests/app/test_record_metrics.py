"""``record`` with its metrics: the lines, the last of which agrees with the report, and the endpoint while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path

import aiohttp
import pytest

from rtms_desktop.app.record_metrics import RecordMetrics
from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import UsageError
from tests.app.open_metrics import parse
from tests.app.test_record import everything, record
from tests.fakes.raw_server import CLIENT_ID, MEETING, SECRET, STREAM, RawServer


def test_standard_output_is_taken() -> None:
    with pytest.raises(UsageError, match="metrics cannot go to -"):
        RecordMetrics(SystemClock(), Path("-"), None)


@pytest.mark.slow
async def test_the_last_line_agrees_with_the_report(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    async with RawServer(everything()) as server:
        run = await record(server.payload, tmp_path, "--metrics", str(path))
    assert run.code == 0, run.err
    last = json.loads(path.read_text("utf-8").splitlines()[-1])
    told = {medium: last[f"received_packets_{medium}"] for medium in run.line["counts"]}
    assert told == run.line["counts"]
    assert last["sessions"] == 1 and last["join_latency_seconds_count"] == 1 and last["transcript_chunks"] == 3
    assert last["join_latency_seconds_last"] > 0 and last["dropped_recording"] == 0
    text = path.read_text("utf-8")
    assert not [word for word in (SECRET, CLIENT_ID, STREAM, MEETING) if word in text]


@pytest.mark.slow
async def test_the_endpoint_answers_while_it_records(tmp_path: Path) -> None:
    async with RawServer(everything()) as server:
        env = os.environ | {"ZOOM_CLIENT_ID": CLIENT_ID, "ZOOM_CLIENT_SECRET": SECRET}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rtms_desktop", "record", server.payload, "--out", str(tmp_path),
            "--metrics-port", "0", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env=env,
        )  # fmt: skip
        assert process.stderr is not None
        line = (await process.stderr.readline()).decode()
        assert line.startswith("metrics: http://127.0.0.1:")
        async with aiohttp.ClientSession() as client, client.get(line.split()[1]) as answer:
            assert parse(await answer.text())["rtms_sessions"].value("_total") <= 1
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


@pytest.mark.slow
async def test_a_file_that_cannot_be_written_ends_it_before_it_begins(tmp_path: Path) -> None:
    async with RawServer(everything()) as server:
        run = await record(server.payload, tmp_path, "--metrics", str(tmp_path / "no" / "m.jsonl"))
    assert run.code == 6 and "metrics cannot be written" in run.err and not list(tmp_path.glob("*.rtmsrec"))
