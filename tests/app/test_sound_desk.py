"""The sound desk over a pipeline that only notes what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.app.events import AudioDeviceChanged, AudioDevicesFound
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.settings import Settings
from rtms_desktop.app.sound_desk import SoundDesk
from rtms_desktop.media import sinks


class Pipeline:
    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.sink_name, self.sink_problem = "card 1", ""

    def set_master(self, volume: float) -> None:
        self.told.append(("master", volume))

    def set_sink(self, sink: Any) -> None:
        self.told.append(("sink", sink and sink.name))

    def set_person(self, user_id: int, *, mute: bool, solo: bool) -> None:
        self.told.append(("person", (user_id, mute, solo)))


class Room:
    """A desk, its settings, and what was opened and closed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[AnyEvent] = []
        self.cards: list[str] = []
        self.settings, self.turn = Settings(folder), asyncio.Lock()
        self.pipeline: Pipeline | None = None
        self.problem = ""
        hub = Hub()
        hub.subscribe(self.told.extend)
        pipeline: Any = lambda: self.pipeline  # noqa: E731
        self.desk = SoundDesk(hub, self.settings, pipeline=pipeline, turn=self.turn)
        monkeypatch.setattr(sinks, "open_sink", self.open)
        monkeypatch.setattr(sinks, "rescan", lambda: self.cards.append("rescan"))
        monkeypatch.setattr(sinks, "device_names", lambda: ["speaker", "headset", "speaker"])

    def open(self, device: str | None) -> Any:
        name = device or f"card {len(self.cards)}"
        self.cards.append(name)
        return SimpleNamespace(name=name, problem=self.problem, close=lambda: self.cards.append(f"close {name}"))

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not what():
                await asyncio.sleep(0.001)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(tmp_path, monkeypatch)


async def test_what_is_set_applies_to_what_plays_now_or_later(room: Room) -> None:
    room.desk.set_volume(0.25)
    room.desk.set_person(7, mute=True, solo=False)
    room.pipeline = Pipeline()
    room.desk.apply_volume()
    room.desk.set_muted(True)
    room.desk.set_volume(0.5)
    room.desk.set_muted(False)
    room.desk.set_person(7, mute=True, solo=False)
    assert room.pipeline.told == [("master", 0.25), ("master", 0.0), ("master", 0.0), ("master", 0.5),
                                  ("person", (7, True, False))]  # fmt: skip


async def test_the_chosen_device_is_opened_once_and_given_back(room: Room) -> None:
    room.settings.values.audio_device = "headset"
    assert await room.desk.sink() is await room.desk.sink()
    assert room.desk.state == AudioDeviceChanged(name="headset") and room.told == [room.desk.state]
    await room.desk.close()
    await room.desk.close()
    assert room.cards == ["headset", "close headset"]


async def test_a_device_that_goes_is_told_once(room: Room) -> None:
    room.desk.check()
    room.pipeline = Pipeline()
    room.desk.check()
    room.desk.check()
    room.pipeline.sink_problem = "it was pulled out"
    room.desk.check()
    room.desk.check()
    assert room.told == [
        AudioDeviceChanged(name="card 1"), AudioDeviceChanged(name="card 1", problem="it was pulled out")
    ]  # fmt: skip


async def test_looking_again_moves_the_pipeline_to_the_new_device_and_tells_even_what_is_known(room: Room) -> None:
    room.problem = "no device was found"
    room.settings.values.audio_device = "headset"
    await room.desk.sink()
    room.pipeline = Pipeline()
    async with room.turn:
        room.desk.rescan()
        await asyncio.sleep(0)
        assert room.cards == ["headset"]  # whoever connects or ends goes first
    async with asyncio.timeout(10):
        while len(room.pipeline.told) < 2:
            await asyncio.sleep(0)
    assert room.cards == ["headset", "close headset", "rescan", "headset"]
    assert room.pipeline.told == [("sink", None), ("sink", "headset")]
    told = [event for event in room.told if isinstance(event, AudioDeviceChanged)]
    assert told == [AudioDeviceChanged(name="headset", problem="no device was found")] * 2


async def test_a_device_is_chosen_from_those_that_are_there(room: Room) -> None:
    room.desk.look()
    found = AudioDevicesFound(names=("speaker", "headset"))
    await room.until(lambda: found in room.told)
    room.desk.choose("headset")
    await room.until(lambda: room.told.count(found) == 2)  # listed anew: PortAudio looked again
    assert room.settings.values.audio_device == "headset" and room.desk.state.name == "headset"
    assert room.cards == ["rescan", "headset"]
    await room.desk.close()
