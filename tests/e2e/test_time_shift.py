"""A person pauses a stream from the bundled mock server, steps back in it and returns, while it is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rtms_desktop.session.events import Phase, TranscriptReceived
from tests.e2e import person

pytestmark = [pytest.mark.e2e, pytest.mark.gui]
LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key


class Person(person.Person):
    """Who remembers what was said."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.said: list[int] = []
        self.controller.hub.subscribe_stream(
            lambda events: self.said.extend(e.message.start_time for e in events if isinstance(e, TranscriptReceived))
        )

    @property
    def lines(self) -> list[int]:
        return [line.start_ms for line in self.body.panels.panels["transcript"].widget.model.store]

    def figure(self, key: str) -> str:
        segments = self.body.status.segments()
        return str(segments[key].figure.value) if key in segments else ""

    async def live(self) -> None:
        await self.until(lambda: not self.controller.shift.active)
        await self.until(lambda: self.lines == self.said)
        assert self.figure("state") == "Streaming" and self.body.time_bar.isVisible()


async def test_pause_step_back_watch_and_return(qapp: Any, tmp_path: Path) -> None:
    async with person.at_work(Person(tmp_path)) as it:
        controller, body, shift = it.controller, it.body, it.controller.shift
        controller.try_it_now()
        await it.until(lambda: controller.session is not None and controller.session.core.phase is Phase.STREAMING)
        assert "Record" in body.time_bar.play.toolTip() or not body.time_bar.play.isEnabled()
        it.press(KEY.Key_Space)  # nothing is recorded: only the view stands
        assert shift.active and it.figure("state") == "View paused"
        it.press(KEY.Key_L)
        await it.live()
        controller.recording.start()
        await it.until(lambda: not shift.problem and it.said)
        await it.until(lambda: controller.machine.now() - (shift.begin or 1e9) > 2.0)
        height = body.stage.height()

        it.press(KEY.Key_Space)
        await it.until(lambda: shift.replay is not None and shift.replay.settled)
        await it.until(lambda: shift.behind_s > 1.0)
        assert body.stage.height() == height and body.time_bar.isVisible() and not body.replay_bar.isVisible()
        assert it.figure("state") == "Time shift" and it.figure("behind").endswith(" s") and it.figure("rec")
        assert body.toolbar.connect_button.text() == "Stop" and "REC" in body.toolbar.record.text()
        here = controller.clock.now()
        QTest.mouseClick(body.time_bar.play, LEFT)
        await it.until(lambda: controller.clock.now() > here + 0.1)
        QTest.mouseClick(body.time_bar._live, LEFT)
        await it.live()

        it.press(KEY.Key_Left)
        await it.until(lambda: shift.replay is not None and shift.replay.settled)
        assert shift.replay.playing
        await it.until(lambda: any(body.models.stage.frames))
        it.press(KEY.Key_L)
        await it.live()

        strip = body.time_bar.strip
        QTest.mouseClick(strip, LEFT, pos=QPoint(round(strip.width() * 11 / 12), strip.top + 8))
        await it.until(lambda: shift.active)
        transcript = body.panels.panels["transcript"].widget.model
        transcript.seek(transcript.store.first)
        controller.recording.stop()
        await it.until(lambda: not it.figure("rec"))
        assert shift.active
        controller.stop()
        await it.until(lambda: controller.stream is None)
        assert controller.session is not None and controller.session.is_replay
        await it.until(lambda: body.replay_bar.isVisible() and not body.time_bar.isVisible())
        assert body.toolbar.connect_button.text() == "Connect" and it.figure("state") == "Replay"
