"""Sinks without a sound server: silence that keeps time, and why there is no sound."""

from __future__ import annotations

import builtins
import sys
import types

import numpy as np
import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.media.ring import Ring
from rtms_desktop.media.sinks import PORTAUDIO_BLOCK, RATE, PortAudioSink, SilentSink, device_names, open_sink, rescan
from tests.media.waiting import until


class FakePortAudioError(Exception):
    pass


class FakeStream:
    """What sounddevice gives, driven by the test."""

    def __init__(self, **options) -> None:
        self.options = options
        self.stopped, self.closed, self.fails = True, False, False

    def start(self) -> None:
        if self.fails:
            raise FakePortAudioError("Error starting stream")
        self.stopped = False

    def abort(self, ignore_errors: bool) -> None:
        self.stopped = True
        self.options["finished_callback"]()

    def close(self, ignore_errors: bool) -> None:
        self.closed = self.stopped = True

    def ask(self, frames: int = PORTAUDIO_BLOCK) -> np.ndarray:
        out = np.full((frames, self.options["channels"]), 77, np.int16)
        moment = types.SimpleNamespace(outputBufferDacTime=5.05, currentTime=5.0)
        self.options["callback"](out, frames, moment, None)
        return out


@pytest.fixture
def sounddevice(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A sounddevice with two outputs; the second is the default one."""
    module = types.ModuleType("sounddevice")
    devices = [
        {"name": "Headset", "index": 0, "max_output_channels": 1},
        {"name": "Microphone", "index": 1, "max_output_channels": 0},
        {"name": "Speakers", "index": 2, "max_output_channels": 8},
    ]

    def query_devices(device=None, kind=None):
        if kind is None:
            return devices
        found = [about for about in devices if about["name"] == (device or "Speakers")]
        if not found:
            raise ValueError(f"No output device matching {device!r}")
        return found[0]

    module.query_devices = query_devices
    module.default = types.SimpleNamespace(device=[1, 2])
    module.PortAudioError = FakePortAudioError
    module.CallbackAbort = type("CallbackAbort", (Exception,), {})
    module.OutputStream = FakeStream
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def test_silence_drains_the_ring_at_the_pace_of_time() -> None:
    clock, sink, ring = SystemClock(), SilentSink(), Ring(RATE, 2)
    ring.write(np.ones((RATE // 2, 2), np.int16))
    sink.start(ring)
    began = clock.now()
    assert until(lambda: ring.read >= RATE // 5)
    taken = clock.now() - began
    sink.stop()
    assert 0.17 < taken < 0.35
    mark = sink.mark
    assert mark is not None
    assert mark.frames <= ring.read <= mark.frames + 480
    assert sink.starved == 0
    assert not sink.lost


def test_silence_counts_what_was_not_there_but_not_before_the_beginning() -> None:
    sink, ring = SilentSink(), Ring(RATE, 2)
    sink.start(ring)
    assert until(lambda: sink.mark is not None)
    assert sink.starved == 0
    ring.write(np.ones((480, 2), np.int16))
    assert until(lambda: sink.starved >= 960)
    sink.close()
    sink.start(ring)  # a sink may be started again
    sink.close()


def test_a_device_gets_what_is_there_and_zeros(sounddevice) -> None:
    sink = PortAudioSink()
    assert (sink.name, sink.channels, sink.problem) == ("Speakers", 2, "")
    options = sink._stream.options
    assert (options["samplerate"], options["blocksize"], options["latency"]) == (48_000, 960, 0.04)
    ring = Ring(RATE, 2)
    sink.start(ring)
    assert not sink._stream.ask().any()
    assert sink.starved == 0
    ring.write(np.full((1000, 2), 5, np.int16))
    assert (sink._stream.ask() == 5).all()
    assert sink.mark is not None
    assert (sink.mark.frames, round(sink.mark.latency_s, 3)) == (0, 0.05)
    assert sink._stream.ask()[:, 0].tolist() == [5] * 40 + [0] * 920
    assert (sink.mark.frames, sink.starved) == (960, 920)
    sink.close()


def test_a_device_with_one_channel(sounddevice) -> None:
    sink = PortAudioSink("Headset")
    assert sink.channels == 1
    ring = Ring(RATE, 1)
    sink.start(ring)
    ring.write(np.full((960, 1), 5, np.int16))
    assert (sink._stream.ask() == 5).all()


def test_a_device_that_goes_away_is_lost_but_one_that_was_stopped_is_not(sounddevice) -> None:
    sink = PortAudioSink()
    sink.start(Ring(RATE, 2))
    sink.stop()
    assert not sink.lost
    sink.start(Ring(RATE, 2))
    sink._stream.options["finished_callback"]()
    assert sink.lost
    assert sink.problem == "Speakers has gone"


def test_a_device_that_does_not_start(sounddevice) -> None:
    sink = PortAudioSink()
    sink._stream.fails = True
    sink.start(Ring(RATE, 2))
    assert sink.lost
    assert sink.problem == "Speakers could not be started: Error starting stream"


def test_a_device_that_runs_away_is_refused(sounddevice) -> None:
    sink = PortAudioSink()
    sink.start(Ring(RATE, 2))

    def run() -> None:
        for _ in range(2000):
            sink._stream.ask()

    with pytest.raises(sounddevice.CallbackAbort):
        run()
    assert sink.lost
    assert sink.problem == "Speakers takes sound faster than time passes: it plays nothing"


def test_opening(sounddevice) -> None:
    assert open_sink().name == "Speakers"
    assert open_sink("Headset").name == "Headset"
    missing = open_sink("Radio")
    assert isinstance(missing, SilentSink)
    assert missing.problem.startswith("the output device 'Radio' cannot be opened")
    assert device_names() == ["Speakers", "Headset"]


def test_no_device(sounddevice, monkeypatch: pytest.MonkeyPatch) -> None:
    def query_devices(device=None, kind=None):
        raise FakePortAudioError("Error querying device -1")

    monkeypatch.setattr(sounddevice, "query_devices", query_devices)
    sink = open_sink()
    assert sink.problem == "no output device (Error querying device -1)."


def test_no_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fake(name, *args, **kwargs):
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)
    sink = open_sink()
    assert sink.problem == "PortAudio library not found. Install PortAudio (libportaudio2)."
    assert device_names() == []
    rescan()
