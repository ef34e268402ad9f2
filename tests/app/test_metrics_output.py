"""Where metrics go: a file of JSON Lines, an endpoint; and what happens when one of them cannot be had."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from rtms_desktop.app.events import MetricsChanged, Notice, SessionOpened
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.metrics import ACTIVE, BYTES, DROPS, Meter
from rtms_desktop.app.metrics_desk import MetricsDesk
from rtms_desktop.app.metrics_output import MetricsOutput, look_at
from rtms_desktop.app.settings import Settings
from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import DiskError
from rtms_desktop.session.events import EndCause, SessionEnded
from rtms_desktop.wire.enums import Medium
from tests.app.open_metrics import parse


def a_core(size: int = 100) -> Any:
    tracks = {(Medium.VIDEO, user): SimpleNamespace(bytes=size) for user in (1, 2)}
    return SimpleNamespace(tracks=tracks, counts={Medium.VIDEO: 6})


def a_session(core: Any) -> Any:
    config = SimpleNamespace(stream_id="s")
    return SimpleNamespace(core=core, recorder=None, is_replay=False, config=config, opened_at=1.0)


def output(failures: list[DiskError], core: Any = None) -> MetricsOutput:
    clock = SystemClock()
    look = (lambda: look_at(core, None, None)) if core is not None else (lambda: None)
    return MetricsOutput(Meter(clock.now), clock, look, failures.append)


def test_a_look_sums_what_tracks_pipeline_and_recorder_counted() -> None:
    stats = SimpleNamespace(frames_dropped=3, queue_dropped=2, audio_underruns=4, playout_ms=210.0)
    recorder = SimpleNamespace(stats=SimpleNamespace(dropped_messages=1, dropped_units=5))
    look = look_at(a_core(), SimpleNamespace(stats=stats), recorder, 0.4)
    assert look.bytes[Medium.VIDEO] == 200 and look.packets[Medium.VIDEO] == 6
    assert look.dropped == {"display": 3, "decoder": 2, "recording": 6}
    assert (look.underruns, look.behind_s, look.stalled_s) == (4, 0.21, 0.4)


async def test_a_line_for_each_look_is_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"t_ms": 1}\n', encoding="utf-8")
    made = output([], a_core())
    made.open(path)
    await made.step()
    await made.step()
    await made.close()
    await made.step()  # nowhere to write to: no harm
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(lines) == 3 and lines[2]["received_bytes_video"] == 200 and lines[2]["t_ms"] > 10**12


async def test_without_a_session_nothing_is_written(tmp_path: Path) -> None:
    made = output([])
    made.open(tmp_path / "m.jsonl")
    await made.step()
    await made.close()
    assert (tmp_path / "m.jsonl").read_bytes() == b""


async def test_a_disk_that_fails_is_told_once() -> None:
    failures: list[DiskError] = []
    made = output(failures, a_core())
    made.open(Path("/dev/full"))
    for _ in range(3):
        await made.step()
    await made.close()
    assert len(failures) == 1 and "/dev/full" in failures[0].sentence()


def test_a_file_that_cannot_be_opened_is_an_error_with_its_fix(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be written"):
        output([]).open(tmp_path / "no" / "such" / "folder.jsonl")


async def test_the_endpoint_counts_what_came_since_the_last_line() -> None:
    core = a_core()
    made = output([], core)
    url = await made.serve(0)
    async with aiohttp.ClientSession() as client:
        for size in (200, 900):
            core.tracks[Medium.VIDEO, 1].bytes = size - 100
            async with client.get(url) as answer:
                families = parse(await answer.text())
            assert families["rtms_received_bytes"].value("_total", medium="video") == size
    await made.close()


class Desk:
    """The window's desk with its own settings, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.settings, self.hub, self.told = Settings(folder), Hub(), []
        self.told: list[Any]
        self.desk = MetricsDesk(self.hub, SystemClock(), self.settings, pipeline=lambda: None, stalled=lambda: 0.0)
        self.hub.subscribe(self.told.extend)

    async def apply(self, **values: Any) -> MetricsChanged:
        self.settings.change(**values)
        before = len(self.told)
        self.desk.apply()
        while not any(isinstance(event, MetricsChanged) for event in self.told[before:]):
            await asyncio.sleep(0.005)
        return self.desk.state


def ended() -> SessionEnded:
    return SessionEnded(at=1, cause=EndCause.LOCAL, stop_reason=None, status_code=None, reason="", sentence="")


async def test_settings_open_and_close_the_endpoint_and_the_file(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    state = await made.apply(metrics_endpoint=True, metrics_port=_free_port(), metrics_file=str(tmp_path / "m.jsonl"))
    assert state.url.endswith("/metrics") and state.path == tmp_path / "m.jsonl" and not state.problem
    async with aiohttp.ClientSession() as client, client.get(state.url) as answer:
        assert parse(await answer.text())["rtms_active_sessions"].value() == 0
    state = await made.apply(metrics_endpoint=False, metrics_file="")
    assert (state.url, state.path) == ("", None)
    await made.desk.close()


async def test_a_port_or_file_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    state = await made.apply(metrics_file=str(tmp_path / "none" / "m.jsonl"))
    assert "cannot be written" in state.problem and state.path is None
    await made.desk.close()


async def test_a_session_is_counted_to_its_last_packet(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    core = a_core()
    session = a_session(core)
    made.hub.publish([SessionOpened(session=session)])
    made.desk.watch(session)
    meter = made.desk.meter
    assert meter.value(ACTIVE) == 1
    core.tracks[Medium.VIDEO, 1].bytes = 5000
    made.hub.publish([ended()])
    assert meter.value(BYTES, "video") == 5100 and meter.value(ACTIVE) == 0 and meter.total(DROPS) == 0


async def test_a_full_disk_becomes_a_notice(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    await made.apply(metrics_file="/dev/full")
    session = a_session(a_core())
    made.hub.publish([SessionOpened(session=session)])
    made.desk.watch(session)
    while not any(isinstance(event, Notice) for event in made.told):
        await asyncio.sleep(0.02)
    assert made.desk.state.path is None and made.desk.state.problem
    made.hub.publish([ended()])
    await made.desk.close()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
