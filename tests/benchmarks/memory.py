"""Eight hours of a live meeting in simulated time: no memory may grow once every bounded store is full.

One command drives the real core and every view-model of the window with all messages of such a meeting, without
sockets, pictures and sound; a clock of its own goes from message to message. ``RTMS_BENCH_HOURS`` makes it shorter,
``RTMS_BENCH_TRACE=1`` says where memory grew.
"""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rtms_desktop.session.events import Phase
from rtms_desktop.wire.enums import EventType, Medium
from tests.benchmarks.harness import ROOT, Result, benchmark, target

HOURS = float(os.environ.get("RTMS_BENCH_HOURS", "8"))
SETTLED_S = 600.0
SAMPLE_S = 300.0
PEOPLE = [16_778_240 + 1024 * number for number in range(20)]
SHOWN = PEOPLE[:4]
MEDIA = [medium.value for medium in Medium]
LIMIT_MB, LIMIT_MB_PER_H = 10.0, 1.0
"""The log of a million rows moves its columns now and then; the allocator keeps or returns pages as it likes."""

FILL_LINES, FILL_GAPS = 210_000, 12_000
"""More than transcript, chat and the book of gaps hold."""


@benchmark
def memory() -> list[Result]:
    """Growth from the tenth minute to the end, by the middle of the first and of the last few looks."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.memory"], cwd=ROOT, check=True, capture_output=True, text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    for line in found["grew"]:
        print(line)
    looks = found["rss_mb"]
    first, last = statistics.median(looks[:5]), statistics.median(looks[-5:])
    return [
        target(f"memory grown in {HOURS:g} simulated hours", "MB", last - first, LIMIT_MB),
        target("memory growth by the hour", "MB/h", _slope(looks) * 3600 / SAMPLE_S, LIMIT_MB_PER_H),
        target("memory of the whole process", "MB", max(looks), 700.0),
        target("memory run, messages", "1", found["messages"], found["messages"]),
    ]


def _slope(values: list[float]) -> float:
    """Of the straight line that fits best, per step."""
    return statistics.linear_regression(range(len(values)), values).slope


class Meeting:
    """A core and the view-models over it; ``second`` lets one second of everything happen."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtWidgets import QApplication

        from rtms_desktop.session.core import SessionCore
        from tests.fakes.controller import FakeController

        self.application = QApplication.instance() or QApplication([])
        self.controller = FakeController(folder)
        self.clock = self.controller.clock
        self.session = self.controller.live(streaming=False)
        self.core = self.session.core = SessionCore(self.session.config, random.Random(1))  # type: ignore[assignment]
        self.messages = 0
        self._models()
        self._connect()

    def _models(self) -> None:
        from PySide6.QtCore import QObject

        from rtms_desktop.viewmodels.bridge import Bridge
        from rtms_desktop.viewmodels.chat_vm import ChatViewModel
        from rtms_desktop.viewmodels.doctor_vm import DoctorViewModel
        from rtms_desktop.viewmodels.events_vm import EventsViewModel
        from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
        from rtms_desktop.viewmodels.mixer_vm import MixerViewModel
        from rtms_desktop.viewmodels.models import Models
        from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
        from rtms_desktop.viewmodels.people_vm import PeopleViewModel
        from rtms_desktop.viewmodels.timeline_vm import TimelineViewModel
        from rtms_desktop.viewmodels.transcript_vm import TranscriptViewModel

        self._parent = QObject()
        self.shared = Models(self.controller, Bridge(self._parent), self._parent)
        self.monitor = MonitorViewModel(self.controller, self._parent)
        self.inspector = InspectorViewModel(self.controller, self._parent)
        kinds = (
            TranscriptViewModel, ChatViewModel, PeopleViewModel, EventsViewModel, DoctorViewModel, MixerViewModel,
            TimelineViewModel,
        )  # fmt: skip
        self.others = [kind(self.controller, self._parent) for kind in kinds]
        self.batches = [model._batch for model in self.others if hasattr(model, "_batch")]

    # -- the wire ------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.core.start(self.clock.now())
        self._obey()

    def _obey(self) -> None:
        """Do what the core wants: sockets open at once and every handshake is answered."""
        from rtms_desktop.session.commands import OpenLink, SendText

        while commands := self.core.take_commands():
            for command in commands:
                if isinstance(command, OpenLink):
                    self.core.link_opened(command.link, self.clock.now())
                    self._answer(command.link)
                elif isinstance(command, SendText):
                    self.session.tape.message(command.link, 1, "out", command.text, self.clock.now())
        self.controller.hub.publish(self.core.take_events())

    def _answer(self, link: str) -> None:
        urls = {"media_server": {"server_urls": {name: f"ws://127.0.0.1/{name}" for name in MEDIA}}}
        if link == "signaling":
            self.receive(link, json.dumps({"msg_type": 2, "status_code": 0, **urls}))
        else:
            self.receive(link, json.dumps({"msg_type": 4, "status_code": 0, "payload_encrypted": False}))

    def receive(self, link: str, text: str) -> None:
        now = self.clock.now()
        self.session.tape.message(link, 1, "in", text, now)
        self.core.receive(link, text, now)
        self.controller.hub.publish(self.core.take_events())
        self.messages += 1

    # -- one second ----------------------------------------------------------------------------------------------

    def second(self, number: int) -> None:
        """150 media messages and whatever else a busy meeting says, with the ticks of the window."""
        begin, wall = self.clock.seconds, self.clock.wall_ms()
        for step in range(50):
            self.clock.seconds = begin + step * 0.02
            self._media(step, wall + step * 20, number)
            if step % 5 == 0:
                self.core.wake(self.clock.now())
                self._obey()
                self.monitor.sample()
                self.shared.time.sample()
        self.clock.seconds = begin + 1.0
        for link, text in self._said(number, wall):
            self.receive(link, text)
        if number % 600 == 599:
            self.core.link_closed("video", 1006, "", self.clock.now())
            self._obey()
        self._look(number)

    def _media(self, step: int, at_ms: int, number: int) -> None:
        speaker = SHOWN[number // 7 % 3]
        self.receive("audio", _media_text(14, speaker, at_ms))
        if step % 2 == 0:
            for user in SHOWN:
                self.receive("video", _media_text(15, user, at_ms))

    def _said(self, number: int, wall: int) -> Iterator[tuple[str, str]]:
        from rtms_desktop.wire.codec import write
        from rtms_desktop.wire.enums import Dialect
        from rtms_desktop.wire.messages import ChatData, EventUpdate, KeepAliveRequest, Person, TranscriptData

        def told(link: str, message: Any) -> tuple[str, str]:
            return link, write(message, Dialect.PRODUCTION)

        def event(kind: EventType, user: int) -> tuple[str, str]:
            person = Person(user_id=user, user_name=f"Person {user}")
            return told("signaling", EventUpdate(event_type=kind, timestamp=wall, people=(person,)))

        user = PEOPLE[number % len(PEOPLE)]
        if number % 10 == 0:
            for link in ("signaling", *MEDIA):
                yield told(link, KeepAliveRequest(timestamp=wall, sequence=number))
        if number % 2 == 0:
            text = TranscriptData(
                user_id=SHOWN[number % 4], user_name="Person", text=f"What is said at {number}, in a few words.",
                timestamp=wall, start_time=wall - 1500, end_time=wall, language=9,
            )  # fmt: skip
            yield told("transcript", text)
        if number % 20 == 0:
            sender = Person(user_id=user, user_name="Person")
            chat = ChatData(text=f"At {number}", timestamp=wall, message_id=f"m{number}", operation=1, sender=sender)
            yield told("chat", chat)
        if number % 7 == 0:
            yield event(EventType.ACTIVE_SPEAKER_CHANGE, SHOWN[number // 7 % 3])
        if number % 30 == 0:
            yield event(
                (EventType.PARTICIPANT_LEAVE, EventType.PARTICIPANT_JOIN)[number // 30 % 2],
                PEOPLE[10 + number // 60 % 8],
            )
        if number % 150 == 0:
            yield event((EventType.SHARING_START, EventType.SHARING_STOP)[number // 150 % 2], SHOWN[0])

    def _look(self, number: int) -> None:
        """What the window does at its ticks, hidden panes left out; everything is drained as Qt's timers would."""
        self.monitor.figures(self.monitor.lanes[0])
        self.inspector.refresh()
        self.shared.session.figures()
        self.shared.time.strip()
        for graph in self.monitor.graphs:
            self.monitor.graph(graph, 200)
        for batch in self.batches:
            batch.flush()
        if number % 10 == 0:
            self.application.processEvents()

    def fill(self) -> None:
        """Fill what holds a bounded number of things, so that growing is told apart from filling."""
        log = self.inspector.log
        assert log is not None
        end, wall = self.clock.now(), self.clock.wall_ms()
        for number in range(log.rows.cap + 1):  # of the same length as those to come: they take each other's place
            text = _media_text(14 + number % 2, SHOWN[number % 4], wall + number)
            log.message(("audio", "video")[number % 2], 1, "in", text, end - 1.0 + number * 1e-7)
        for number in range(0, 10 * FILL_LINES, 10):  # a line each time, and chat at every other
            if number < 10 * FILL_GAPS:  # a second without sound is a gap
                self.clock.seconds += 1.0
                self.core.wake(self.clock.now())
                self._obey()
                self.receive("audio", _media_text(14, SHOWN[number // 10 % 2], self.clock.wall_ms()))
            for link, text in self._said(number, self.clock.wall_ms()):
                if number < 10 * FILL_GAPS or link in ("transcript", "chat"):
                    self.receive(link, text)
            if number % 5000 == 0:
                for batch in self.batches:
                    batch.flush()

    def close(self) -> None:
        self.inspector.close()


def _media_text(kind: int, user: int, at_ms: int) -> str:
    return (
        f'{{"msg_type":{kind},"content":{{"user_id":{user},"user_name":"Person {user}","data":"AAAAAWWIgAQ=",'
        f'"timestamp":{at_ms}}}}}'
    )


def main() -> int:
    traced = "RTMS_BENCH_TRACE" in os.environ
    looks: list[float] = []
    grew: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        meeting = Meeting(Path(folder))
        meeting.fill()
        assert meeting.core.phase is Phase.STREAMING
        before = None
        seconds = round(HOURS * 3600)
        for number in range(seconds):
            meeting.second(number)
            if number >= SETTLED_S and number % SAMPLE_S == 0:
                gc.collect()
                looks.append(_rss_mb())
                print(f"{number / 60:.0f} min {looks[-1]:.1f} MB", file=sys.stderr, flush=True)
                if traced and before is None:
                    tracemalloc.start()
                    before = tracemalloc.take_snapshot()
        if before is not None:
            after = tracemalloc.take_snapshot()
            grew = [str(one) for one in after.compare_to(before, "lineno")[:15] if one.size_diff > 50_000]
        meeting.close()
        print(json.dumps({"rss_mb": looks, "messages": meeting.messages, "grew": grew}))
        sys.stdout.flush()
        os._exit(0)  # what the window puts away at its end is not measured here
    return 0


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    sys.exit(main())
