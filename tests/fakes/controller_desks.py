"""The desks of `FakeController`: what the real ones offer, told at once. Every call is noted in its `calls`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.events import (
    AudioDeviceChanged,
    AudioDevicesFound,
    DiagnosticsSaved,
    MockChanged,
    MockInfo,
    MockLogged,
    MockState,
    ReceiverChanged,
    RecordingChanged,
    RecordingState,
)

if TYPE_CHECKING:
    from tests.fakes.controller import FakeController


class FakeSound:
    def __init__(self, controller: FakeController) -> None:
        self._controller = controller
        self.state = AudioDeviceChanged(name="Built-in audio")

    def set_volume(self, volume: float) -> None:
        self._controller.calls.append(("sound.set_volume", volume))
        self._controller.settings.values.volume = volume

    def set_muted(self, muted: bool) -> None:
        self._controller.calls.append(("sound.set_muted", muted))
        self._controller.settings.values.muted = muted

    def set_person(self, user_id: int, *, mute: bool, solo: bool) -> None:
        self._controller.calls.append(("sound.set_person", user_id, mute, solo))

    def rescan(self) -> None:
        self._controller.calls.append(("sound.rescan",))

    def look(self) -> None:
        self._controller.hub.publish([AudioDevicesFound(names=("Built-in audio", "Headset"))])

    def choose(self, device: str) -> None:
        self._controller.calls.append(("sound.choose", device))
        self._controller.settings.change(audio_device=device)


class FakeMock:
    def __init__(self, controller: FakeController) -> None:
        self._controller = controller
        self.info: MockInfo | None = None
        self.log: deque[dict[str, Any]] = deque(maxlen=2000)
        self.state = MockChanged(state=MockState.STOPPED)

    def start(self, options: Any = None) -> None:
        self._controller.calls.append(("mock.start", options))
        info = MockInfo(
            http_url="http://127.0.0.1:9092", signaling_url="ws://127.0.0.1:9092/signaling",
            media_url="ws://127.0.0.1:8081/media", client_id="mock_client", client_secret="mock_secret",
            secret_token="mock_token",
        )  # fmt: skip
        self._changed(MockState.RUNNING, info)

    def stop(self) -> None:
        self._controller.calls.append(("mock.stop",))
        self._changed(MockState.STOPPED)

    def act(self, name: str, **args: Any) -> None:
        self._controller.calls.append(("mock.act", name, args))
        self.says(name, **args)

    def says(self, event: str, link: str = "", **rest: Any) -> None:
        """The server writes a line."""
        entry = {"event": event, "t_ms": self._controller.clock.wall_ms(), "link": link, **rest}
        self.log.append(entry)
        self._controller.hub.publish([MockLogged(entry=entry)])

    def _changed(self, state: MockState, info: MockInfo | None = None) -> None:
        self.info, self.state = info, MockChanged(state=state, info=info)
        self._controller.hub.publish([self.state])


@dataclass
class FakeRecorderStats:
    """Those of a real recorder, to be set by a test."""

    last_write_at: float
    last_input_at: float | None = None
    bytes_written: int = 0
    dropped_messages: int = 0
    dropped_units: int = 0
    queue_bytes: int = 0
    free_disk: int | None = 120_000_000_000
    disk_floor: int = 500_000_000
    seconds_left: float | None = None
    stalled: bool = False
    stalled_s: float = 0.0
    problem: str = ""


class FakeRecorder:
    def __init__(self, folder: Path, now: float) -> None:
        self.folder, self.stats = folder, FakeRecorderStats(now)


class FakeRecording:
    def __init__(self, controller: FakeController) -> None:
        self._controller = controller
        self.state = RecordingChanged(state=RecordingState.OFF)
        self.free_disk_bytes: int | None = 120_000_000_000

    def start(self) -> None:
        controller = self._controller
        controller.calls.append(("recording.start",))
        if controller.session is not None and controller.session.recorder is None:
            folder = controller.settings.recordings / "20261120T140223Z_4444AAA.rtmsrec"
            controller.session.recorder = FakeRecorder(folder, controller.clock.now())
            self._changed(RecordingState.RECORDING, folder, controller.clock.wall_ms())

    def stop(self) -> None:
        self._controller.calls.append(("recording.stop",))
        session = self._controller.session
        if session is not None and session.recorder is not None:
            folder = session.recorder.folder
            session.recorder = None
            session.bundles.append(folder)
            self._changed(RecordingState.OFF, folder, None)

    def repair(self, bundle: Path) -> None:
        self._controller.calls.append(("recording.repair", bundle))

    def _changed(self, state: RecordingState, folder: Path | None, started: int | None) -> None:
        self.state = RecordingChanged(state=state, folder=folder, started_wall_ms=started)
        self._controller.hub.publish([self.state])


class FakeShift:
    """A desk at the live edge; a test sets what it says."""

    def __init__(self, controller: FakeController) -> None:
        self._controller = controller
        self.active, self.problem = False, "Record the stream to be able to step back in it."
        self.frozen: Any = None
        self.replay: Any = None
        self.begin: float | None = None
        self.behind_s: float | None = None

    def toggle(self) -> None:
        self._controller.calls.append(("shift.toggle",))

    def by(self, seconds: float) -> None:
        self._controller.calls.append(("shift.by", seconds))

    def live(self) -> None:
        self._controller.calls.append(("shift.live",))


class FakeDiagnostics:
    def __init__(self, controller: FakeController) -> None:
        self._controller = controller

    def save(self, path: Path) -> None:
        self._controller.calls.append(("diagnostics.save", path))
        self._controller.hub.publish([DiagnosticsSaved(path=path)])


class FakeWebhooks:
    def __init__(self, controller: FakeController) -> None:
        self._controller = controller
        self.state = ReceiverChanged()

    def start(self, port: int | None = None) -> None:
        self._controller.calls.append(("webhooks.start", port))
        self._changed("http://127.0.0.1:9095/webhook")

    def stop(self) -> None:
        self._controller.calls.append(("webhooks.stop",))
        self._changed("")

    def _changed(self, url: str) -> None:
        self.state = ReceiverChanged(url=url)
        self._controller.hub.publish([self.state])
