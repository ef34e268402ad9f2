"""The sound device, and how loud it plays whom: kept from one session to the next. Main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import AudioDeviceChanged, AudioDevicesFound
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.settings import Settings

if TYPE_CHECKING:
    from rtms_desktop.media.pipeline import MediaPipeline
    from rtms_desktop.media.replay.pipeline import ReplayPipeline
    from rtms_desktop.media.sinks import Sink


class SoundDesk:
    """Owns the sink. Methods return at once; those that are coroutines return when it is done.

    Args:
        pipeline: gives the one that plays at present.
        turn: held by whoever puts a pipeline on the sink or takes it away.

    Attributes:
        state: the device, as last told.
    """

    def __init__(
        self,
        hub: Hub,
        settings: Settings,
        *,
        pipeline: Callable[[], MediaPipeline | ReplayPipeline | None],
        turn: asyncio.Lock,
    ) -> None:
        self.state = AudioDeviceChanged(name="", problem="")
        self._hub, self._settings, self._pipeline, self._turn = hub, settings, pipeline, turn
        self._sink: Sink | None = None

    def set_volume(self, volume: float) -> None:
        self._settings.values.volume = volume  # saved at the end: a slider moves many times a second
        self.apply_volume()

    def set_muted(self, muted: bool) -> None:
        self._settings.values.muted = muted
        self.apply_volume()

    def set_person(self, user_id: int, *, mute: bool, solo: bool) -> None:
        if (pipeline := self._pipeline()) is not None:
            pipeline.set_person(user_id, mute=mute, solo=solo)

    def apply_volume(self) -> None:
        """What is set, to the pipeline that plays."""
        if (pipeline := self._pipeline()) is not None:
            values = self._settings.values
            pipeline.set_master(0.0 if values.muted else values.volume)

    def rescan(self) -> None:
        """Look for a sound device again; AudioDeviceChanged tells."""
        begin(self._hub, "look for a sound device", self._rescan())

    def look(self) -> None:
        """Which devices there are; AudioDevicesFound tells."""
        begin(self._hub, "list the sound devices", self._list())

    def choose(self, device: str) -> None:
        """Play there from now on; "" = the system's default. AudioDeviceChanged tells."""
        self._settings.change(audio_device=device)
        self.rescan()

    def check(self) -> None:
        """Tell when the device went or came back; asked twice a second while something plays."""
        if (pipeline := self._pipeline()) is not None:
            device = AudioDeviceChanged(name=pipeline.sink_name, problem=pipeline.sink_problem)
            if device != self.state:
                self._tell(device)

    async def sink(self) -> Sink:
        """The sink, opened on the device of the settings when first asked for. The caller holds the turn."""
        if self._sink is None:
            from rtms_desktop.media.sinks import open_sink

            self._sink = sink = await asyncio.to_thread(open_sink, self._settings.values.audio_device or None)
            self._tell(AudioDeviceChanged(name=sink.name, problem=sink.problem))
        return self._sink

    async def close(self) -> None:
        """Give the device back; idempotent. The caller holds the turn."""
        sink, self._sink = self._sink, None
        if sink is not None:
            await asyncio.to_thread(sink.close)

    async def _rescan(self) -> None:
        from rtms_desktop.media.sinks import rescan

        async with self._turn:
            pipeline = self._pipeline()
            if pipeline is not None:
                pipeline.set_sink(None)
            await self.close()
            await asyncio.to_thread(rescan)
            sink = await self.sink()
            if pipeline is not None:
                pipeline.set_sink(sink)
        await self._list()

    async def _list(self) -> None:
        from rtms_desktop.media.sinks import device_names

        async with self._turn:  # PortAudio must not be asked while it starts anew
            names = await asyncio.to_thread(device_names)
        self._hub.publish([AudioDevicesFound(names=tuple(dict.fromkeys(names)))])

    def _tell(self, device: AudioDeviceChanged) -> None:
        self.state = device
        self._hub.publish([device])
