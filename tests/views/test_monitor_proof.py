"""The monitor against the mock server's ground truth: real sockets, a scripted bad day, live and from the recording.

One clock: the server writes down Unix milliseconds of this machine, the monitor counts monotonic seconds. A session
knows both of the moment when it was opened (``opened_wall_ms``, ``opened_at``), in a recording too; with that pair
every time of the monitor is turned into Unix milliseconds before it is compared. Timestamps on the wire are the
server's own Unix milliseconds (``zero_ms`` + ``media_ms``): the same clock, as both programs run here.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rtms_desktop.app import controller as controller_module
from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.controller import Controller
from rtms_desktop.app.events import ReplaySettled
from rtms_desktop.app.settings import Settings
from rtms_desktop.session.config import Timing
from rtms_desktop.session.events import LinkState
from rtms_desktop.transport.tasks import spawn
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.graph_kinds import BY_KEY
from rtms_desktop.viewmodels.history import STEP_S, step_of
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.events_dock import EventsDock
from rtms_desktop.views.monitor_dock import MonitorDock
from rtms_desktop.views.theme import theme
from rtms_desktop.wire.payload import read_payload
from tests.fakes.seen import Box, Seen

pytestmark = pytest.mark.slow

LIVE_S = 8.6
NEAR_MS = 100
ATTEMPTS, CALM_MS = 3, 40
"""A machine that is busy with other things answers late, which is no fault of the monitor: then once more."""

SCENARIO = """
title = "A bad day"
[[step]]
at_s = 1.0
do = "slow_answer"
link = "video"
ms = 1200
[[step]]
at_s = 1.5
do = "drop"
link = "video"
[[step]]
at_s = 3.8
do = "delay"
link = "audio"
ms = 700
[[step]]
at_s = 4.2
do = "skip_keep_alive"
link = "transcript"
seconds = 30
[[step]]
at_s = 4.8
do = "slow_answer"
link = "video"
ms = 500
[[step]]
at_s = 5.2
do = "drop"
link = "video"
how = "close"
code = 1011
"""


@dataclass
class Run:
    """What was seen, and the truth beside it."""

    truth: list[dict[str, Any]] = field(default_factory=list)
    live: dict[str, Any] = field(default_factory=dict)
    down: Seen | None = None
    lanes: Seen | None = None
    events: Seen | None = None
    seen_at_ms: float = 0.0
    window_s: float = 0.0
    late_ms: float = 0.0
    plates: list[list[str]] = field(default_factory=list)
    bundle: Path = Path()

    def of(self, event: str, link: str) -> list[dict[str, Any]]:
        return [record for record in self.truth if (record["event"], record["link"]) == (event, link)]

    @property
    def near_ms(self) -> float:
        """How near is near enough: what is promised, and by how much the two programs were kept waiting."""
        return NEAR_MS + 2 * self.late_ms

    @property
    def losses(self) -> list[tuple[int, int]]:
        """When the video socket went and when the handshake that brought it back was answered, in Unix ms."""
        drops, answers, waits = (
            self.of("drop", "video"), self.of("handshake", "video")[1:], self.of("slow_answer", "video"),
        )  # fmt: skip
        return [
            (drop["t_ms"], answer["t_ms"] + wait["ms"])
            for drop, answer, wait in zip(drops, answers, waits, strict=True)
        ]


def watch(model: MonitorViewModel, session: Any) -> dict[str, Any]:
    """What the monitor knows, in Unix ms where it is a time."""

    def ms(at: float) -> float:
        return float(session.opened_wall_ms + (at - session.opened_at) * 1000)

    first, last = step_of(session.opened_at), step_of(model.now)
    series = {
        name: model.history.window(name, first, last - first)
        for name in ("lag.audio", "alive.transcript", "missed.transcript", "missed.signaling", "missed.video")
    }
    return {
        "states": {
            lane.name: [(span.state, ms(span.start)) for span in lane.states.spans(session.opened_at, model.now)]
            for lane in model.lanes
        },
        "gaps": [
            (block.medium, block.user_id, ms(block.start), block.end and ms(block.end), block.lost)
            for block in model.gaps.blocks
        ],
        "series": series,
        "first_ms": ms(first * STEP_S),
    }


@pytest.fixture(scope="module")
def run(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        configure = controller_module.configure

        def quick(*args: Any, **rest: Any) -> Any:
            return dataclasses.replace(configure(*args, **rest), timing=Timing(keep_alive_every_s=1.0))

        patch.setattr(controller_module, "configure", quick)
        for _ in range(ATTEMPTS):
            with asyncio.Runner() as runner:
                run = runner.run(_run(tmp_path_factory.mktemp("proof")))
            if run.late_ms < CALM_MS:
                break
        return run


async def _run(folder: Path) -> Run:
    """The program on the mock server for some seconds, with the docks that a person would look at."""
    run, scenario = Run(), folder / "scenario.toml"
    scenario.write_text(SCENARIO)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", "mock", "--port", "0", "--media-port", "0", "--json", "--participants",
        "2", "--resolution", "360p", "--keep-alive", "1", "--scenario", str(scenario), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    first = json.loads(await server.stdout.readline())
    truth = spawn(_read(server.stdout, run.truth), name="truth")
    controller = Controller(Settings(folder))
    ticks, colours = RenderTick(), SpeakerColours(controller)
    monitor, events = MonitorDock(controller, ticks, colours), EventsDock(controller, ticks, colours)
    try:
        for dock, height in ((monitor, 320), (events, 2400)):
            dock.resize(1300, height)
            dock.show()
        monitor.model.set_window(1)
        ticks.set_visible(True)
        ticks.set_active(True)
        session = await controller.connect_now(
            ConnectRequest(
                invite=read_payload(json.dumps(first["webhook"])), client_id=first["client_id"],
                client_secret=first["client_secret"], record=True,
            )
        )  # fmt: skip
        end = time.monotonic() + LIVE_S
        while (began := time.monotonic()) < end:
            await asyncio.sleep(0.01)
            run.late_ms = max(run.late_ms, (time.monotonic() - began - 0.01) * 1000)
            QApplication.processEvents()
            if run.down is None and monitor.model.gaps.count_lost() == 2:
                run.down = Seen(monitor.lanes)
        ticks.set_active(False)
        events.model._batch.flush()
        run.live = watch(monitor.model, session)
        _look_closely(run, monitor.lanes, session)
        run.events = Seen(events.table.viewport())
    finally:
        await controller.shutdown()
        server.terminate()
        await server.wait()
        await truth
        for dock in (monitor, events):
            dock.close()
            dock.deleteLater()
        ticks.deleteLater()
        QApplication.processEvents()
    (run.bundle,) = (folder / "recordings").glob("*.rtmsrec")
    return run


def _look_closely(run: Run, lanes: Any, session: Any) -> None:
    """Turn the wheel until the losses can be told apart, and point at each of them."""
    place = QPointF(lanes.width() - 1, 80)
    turn = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    for _ in range(6):
        QApplication.sendEvent(lanes, turn)
    run.seen_at_ms = session.opened_wall_ms + (lanes.scale().end - session.opened_at) * 1000
    run.window_s = lanes._model.window_s
    run.lanes = Seen(lanes)
    for box in losses_in(run.lanes):
        QTest.mouseMove(lanes, QPoint(round(box.x + box.width / 2), round(box.y + box.height / 2)))
        texts = [words.text for words in Seen(lanes).words]
        run.plates.append(texts[next(n for n, text in enumerate(texts) if re.fullmatch(r"\d\d:\d\d:\d\d", text)) :])


def losses_in(lanes: Seen) -> list[Box]:
    """The amber blocks of the gap lane, from the left."""
    amber = theme().color("warn_fill").name().lower()
    return sorted((b for b in lanes.boxes if b.colour == amber and b.height == 13), key=lambda box: box.x)


async def _read(stream: asyncio.StreamReader, into: list[dict[str, Any]]) -> None:
    while line := await stream.readline():
        into.append(json.loads(line))


def check(run: Run, found: dict[str, Any]) -> None:
    """States, gaps and figures of the monitor against the truth."""
    (went, back), (went_again, back_again) = run.losses
    video = found["states"]["video"]
    lost = [ms for state, ms in video if state is LinkState.INTERRUPTED]
    again = [ms for state, ms in video if state is LinkState.READY][1:]
    assert lost == pytest.approx([went, went_again], abs=run.near_ms)
    assert again == pytest.approx([back, back_again], abs=run.near_ms)
    for name in ("signaling", "audio", "share", "transcript", "chat"):
        assert LinkState.INTERRUPTED not in [state for state, _ in found["states"][name]]
    gaps = [gap for gap in found["gaps"] if gap[4]]
    assert sorted((medium, start, end) for medium, _, start, end, _ in gaps) == [
        ("video", pytest.approx(start, abs=run.near_ms), pytest.approx(end, abs=run.near_ms))
        for start, end in ((went, back), (went, back), (went_again, back_again), (went_again, back_again))
    ]
    assert len({user for _, user, *_ in gaps}) == 2
    _check_delay(run, found)
    _check_keep_alives(run, found)


def _times(found: dict[str, Any]) -> Any:
    return found["first_ms"] + (np.arange(len(found["series"]["lag.audio"])) + 1) * STEP_S * 1000


def _check_delay(run: Run, found: dict[str, Any]) -> None:
    """The first packet that was held back arrives 700 ms later; from then on the lag is as much greater."""
    (delay,) = run.of("delay", "audio")
    lag, times = found["series"]["lag.audio"], _times(found)
    before = lag[(times < delay["t_ms"]) & ~np.isnan(lag)]
    assert before.max() < 150
    late = times[np.nan_to_num(lag) > np.median(before) + 600]
    # The figures are looked at ten times a second: two looks lie between an arrival and what shows it.
    assert late[0] == pytest.approx(delay["t_ms"] + delay["ms"], abs=run.near_ms + 2 * STEP_S * 1000)
    after = lag[(times > late[0]) & ~np.isnan(lag)]
    assert np.median(after) - np.median(before) == pytest.approx(delay["ms"], abs=run.near_ms)


def _check_keep_alives(run: Run, found: dict[str, Any]) -> None:
    """The age grows from the last message 12 on, and each interval is missed half an interval late."""
    (skip,) = run.of("skip_keep_alive", "transcript")
    age, missed, times = found["series"]["alive.transcript"], found["series"]["missed.transcript"], _times(found)
    known = ~np.isnan(age)
    last = times[known][-1] - age[known][-1] * 1000
    assert skip["t_ms"] - 1000 - run.near_ms <= last <= skip["t_ms"] + run.near_ms
    counted = [float(times[missed >= number][0]) for number in (1, 2)]
    assert counted == pytest.approx([last + 1500, last + 2500], abs=run.near_ms + 2 * STEP_S * 1000)
    for name in ("signaling", "video"):
        assert np.nanmax(found["series"][f"missed.{name}"]) == 0


def test_live_the_monitor_agrees_with_the_server(run: Run) -> None:
    check(run, run.live)


async def test_the_recording_says_the_same(run: Run, qapp: Any, tmp_path: Path) -> None:
    controller = Controller(Settings(tmp_path))
    model = MonitorViewModel(controller)
    settled: list[Any] = []
    controller.hub.subscribe(lambda events: settled.extend(e for e in events if isinstance(e, ReplaySettled)))
    controller.open_recording(run.bundle)
    try:
        async with asyncio.timeout(10):
            while not (settled and controller.session.progress == 1.0):
                QApplication.processEvents()
                await asyncio.sleep(0.005)
        controller.session.pause()
        await asyncio.sleep(0.3)  # the last part of the index is told a little later
        check(run, watch(model, controller.session))
        assert model.graph_value(BY_KEY["cpu"]) == "–"
    finally:
        await controller.shutdown()
        QApplication.processEvents()


# -- what a person can see -------------------------------------------------------------------------------------


def test_while_the_socket_is_down_its_lane_says_so(run: Run) -> None:
    assert run.down is not None
    assert run.down.row("Video")[1].startswith(("waiting", "connecting"))
    assert run.down.row("Audio")[1] == "streaming"
    gap = run.down.row("Gaps")
    assert gap[1].startswith("2 in ")  # the video of both people
    assert any(re.match(r"video \d\.\d s, socket lost", text) for text in gap)


def test_by_eye_one_finds_which_socket_when_for_how_long_and_what_was_lost(run: Run) -> None:
    assert run.lanes is not None
    blocks = losses_in(run.lanes)
    assert len(blocks) == len(run.plates) == len(run.losses) == 2
    left = min(box.x for box in run.lanes.boxes if box.colour == theme().color("grid").name().lower())
    right = max(box.x + box.width for box in run.lanes.boxes)
    pixel_ms = run.window_s * 1000 / (right - left)
    for block, plate, (went, back) in zip(blocks, run.plates, run.losses, strict=True):
        start, end = (run.seen_at_ms - (right - x) * pixel_ms for x in (block.x, block.x + block.width))
        assert start == pytest.approx(went, abs=run.near_ms + pixel_ms)
        assert end == pytest.approx(back, abs=run.near_ms + pixel_ms)
        told = [match for text in plate if (match := re.match(r"(\w+) ([\d.]+) s, socket lost, \w+", text))]
        assert [match[1] for match in told] == ["video", "video"]  # of two people
        assert [float(match[2]) * 1000 for match in told] == pytest.approx([back - went] * 2, abs=run.near_ms)


def test_the_events_name_the_socket_the_codes_and_who_lost_what(run: Run) -> None:
    assert run.events is not None
    rows = [row for row in run.events.rows() if len(row) > 2]
    losses = [row for row in rows if any(re.match(r"interrupted", text) for text in row)]
    assert [row[1] for row in losses] == ["video", "video"]
    # Cut off: either the socket is noticed first, or what the server says about it on signaling.
    assert losses[0][3] == "1006 ABNORMAL" or "the server says" in losses[0][3]
    assert losses[1][3] == "1011 SERVER_ERROR"
    assert any("7 MEDIA_CONNECTION_INTERRUPTED" in row for row in rows)
    back = [row[-1] for row in rows if row[-1].startswith("back after")]
    assert [float(text.split()[2]) for text in back] == pytest.approx(
        [(back - went) / 1000 for went, back in run.losses], abs=run.near_ms / 1000
    )
    lost = [row for row in rows if "socket down" in row[-1]]
    assert len(lost) == 4 and {row[1] for row in lost} == {"video"}  # twice, of two people
    assert len({row[-1].split(" user ")[1] for row in lost}) == 2


@pytest.fixture(autouse=True)
def _closed(run: Run) -> Iterator[None]:
    yield
    QApplication.processEvents()
