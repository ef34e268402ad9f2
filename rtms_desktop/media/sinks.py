"""Where the sound goes: a real device through PortAudio, or a silent one that keeps the time. Opened by the app.

A sink pulls frames from a Ring at its own pace; its mark says what it pulled and when: that makes the playback clock.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple, Protocol

from rtms_desktop.clock import Clock, SystemClock
from rtms_desktop.media.ring import Ring

RATE = 48_000
PORTAUDIO_BLOCK = 960
PORTAUDIO_LATENCY_S = 0.04
SILENT_BLOCK = 480
RUNAWAY_FACTOR, RUNAWAY_GRACE_S = 2.0, 1.0
"""A device that takes so much more than real time plays nothing (ALSA's null device does that and burns a core)."""


class Mark(NamedTuple):
    """At monotonic ``at`` the device had taken ``frames`` of the ring; it is heard ``latency_s`` after it was taken."""

    at: float
    frames: int
    latency_s: float


class Sink(Protocol):
    """``problem``: a sentence when this is not what the user wanted; ``starved``: frames asked for and not there."""

    name: str
    problem: str
    channels: int
    starved: int

    def start(self, ring: Ring) -> None:
        """Begins to pull. Errors end in ``lost`` and ``problem``; nothing is raised."""
        ...

    def stop(self) -> None: ...

    def close(self) -> None:
        """Stops and gives the device back; joins every thread."""
        ...

    @property
    def lost(self) -> bool:
        """Whether the device has gone while it was wanted."""
        ...

    @property
    def mark(self) -> Mark | None: ...


class SilentSink:
    """Drains the ring on the wall clock, so that everything that follows the sound goes on without a device."""

    channels = 2
    lost = False

    def __init__(self, problem: str = "", clock: Clock | None = None) -> None:
        self.name = "No sound"
        self.problem = problem
        self.starved = 0
        self.mark: Mark | None = None
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, ring: Ring) -> None:
        self.stop()
        self._stop.clear()
        self.mark = None
        self._thread = threading.Thread(target=self._run, args=(ring,), name="audio-silent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            thread.join()

    def close(self) -> None:
        self.stop()

    def _run(self, ring: Ring) -> None:
        next_at = self._clock.now()
        period = SILENT_BLOCK / RATE
        while not self._stop.wait(max(0.0, next_at - self._clock.now())):
            now = self._clock.now()
            if now - next_at > 1.0:  # the machine slept
                next_at = now
            self.mark = Mark(next_at, ring.read, 0.0)
            started = ring.written > 0
            taken = ring.drop(SILENT_BLOCK)
            if started:
                self.starved += SILENT_BLOCK - taken
            next_at += period


class PortAudioSink:
    """A device of the machine, 48 kHz, 16 bit. The constructor raises what sounddevice raises; see ``open_sink``."""

    def __init__(self, device: str | int | None = None, clock: Clock | None = None) -> None:
        import sounddevice as sd  # PortAudio may be missing

        self._sd: Any = sd
        self._clock = clock or SystemClock()
        about = sd.query_devices(device, "output")
        self.name = str(about["name"])
        self.problem = ""
        self.channels = max(1, min(2, int(about["max_output_channels"])))
        self.starved = 0
        self.mark: Mark | None = None
        self.lost = False
        self._ring = Ring(1, self.channels)
        self._wanted = False
        self._taken = 0
        self._started_at = 0.0
        self._stream: Any = sd.OutputStream(
            samplerate=RATE,
            blocksize=PORTAUDIO_BLOCK,
            device=device,
            channels=self.channels,
            dtype="int16",
            latency=PORTAUDIO_LATENCY_S,
            callback=self._callback,
            finished_callback=self._finished,
        )

    def start(self, ring: Ring) -> None:
        self.stop()
        self._ring, self._taken, self.mark = ring, 0, None
        self._started_at = self._clock.now()
        self._wanted = True
        try:
            self._stream.start()
        except self._sd.PortAudioError as error:
            self._lose(f"{self.name} could not be started: {error}")

    def stop(self) -> None:
        self._wanted = False
        if not self._stream.closed and not self._stream.stopped:
            self._stream.abort(ignore_errors=True)

    def close(self) -> None:
        self._wanted = False
        self._stream.close(ignore_errors=True)

    # -- PortAudio's threads -----------------------------------------------------------------------------------

    def _callback(self, out: Any, frames: int, time: Any, status: Any) -> None:
        """Copies, zero-fills, counts: no lock, no log, no allocation to speak of."""
        now = self._clock.now()
        ring = self._ring
        self.mark = Mark(now, ring.read, max(0.0, time.outputBufferDacTime - time.currentTime))
        started = ring.written > 0
        got = ring.read_into(out)
        if started:
            self.starved += frames - got
        self._taken += frames
        if self._taken > (now - self._started_at + RUNAWAY_GRACE_S) * RATE * RUNAWAY_FACTOR:
            self._lose(f"{self.name} takes sound faster than time passes: it plays nothing")
            raise self._sd.CallbackAbort

    def _finished(self) -> None:
        if self._wanted:
            self._lose(f"{self.name} has gone")

    def _lose(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.lost, self._wanted = True, False


def open_sink(device: str | int | None = None) -> Sink:
    """The device called ``device`` (None: the default one), else silence that says why in ``problem``. May block."""
    try:
        import sounddevice as sd
    except (ImportError, OSError) as error:  # OSError: no PortAudio library
        return SilentSink(f"{error}. Install PortAudio (libportaudio2).")
    try:
        return PortAudioSink(device)
    except (sd.PortAudioError, ValueError) as error:
        wanted = "no output device" if device is None else f"the output device {device!r} cannot be opened"
        return SilentSink(f"{wanted} ({_first_line(error)}).")


def rescan() -> None:
    """Makes PortAudio look for devices again. Every PortAudioSink must be closed; call it off the main thread."""
    try:
        import sounddevice as sd
    except (ImportError, OSError):
        return
    sd._terminate()
    sd._initialize()


def device_names() -> list[str]:
    """Output devices, the default one first."""
    try:
        import sounddevice as sd
    except (ImportError, OSError):
        return []
    default = sd.default.device[1]
    devices = [about for about in sd.query_devices() if about["max_output_channels"] > 0]
    devices.sort(key=lambda about: about["index"] != default)
    return [str(about["name"]) for about in devices]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
