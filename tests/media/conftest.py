"""A real sound server for the tests marked `audio`: PulseAudio with a null sink, private to the test run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.media.waiting import until

SINK = "nul"


@dataclass
class SoundServer:
    """`norewinds`: without it a null sink stalls at the start and keeps a second of backlog for ever."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PULSE_SERVER": f"unix:{self.folder / 'native'}",
            "PULSE_RUNTIME_PATH": str(self.folder / "run"),
            "ALSA_CONFIG_PATH": str(self.folder / "asoundrc"),
        }

    def start(self) -> None:
        (self.folder / "run").mkdir(mode=0o700, exist_ok=True)
        (self.folder / "asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        socket = self.folder / "native"
        socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error",
             "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
             "-L", f"module-null-sink sink_name={SINK} rate=48000 channels=2 norewinds=1"],
            env=os.environ | self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert until(socket.exists, 10), "pulseaudio did not start"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None


class Monitor:
    """Records what the null sink plays (mono, 48 kHz), with the monotonic time of its first sample."""

    def __init__(self, server: SoundServer) -> None:
        self._process = subprocess.Popen(
            ["parec", "-d", f"{SINK}.monitor", "--rate=48000", "--format=s16le", "--channels=1", "--latency-msec=5"],
            env=os.environ | server.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._chunks: list[bytes] = []
        self.arrivals: list[tuple[float, int]] = []  # monotonic seconds, frames recorded by then

    def read(self) -> None:
        """Takes what there is; call it often if the time matters."""
        assert self._process.stdout is not None
        data = self._process.stdout.read()
        if data:
            self._chunks.append(data)
            frames = sum(map(len, self._chunks[-1:])) // 2 + (self.arrivals[-1][1] if self.arrivals else 0)
            self.arrivals.append((time.monotonic(), frames))

    def samples(self) -> np.ndarray:
        self.read()
        data = b"".join(self._chunks)
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float64)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="session")
def sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """Runs for all tests; PortAudio of this process finds it as the default device."""
    if shutil.which("pulseaudio") is None or shutil.which("parec") is None:
        pytest.skip("pulseaudio is not installed")
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    before = {key: os.environ.get(key) for key in server.environment}
    os.environ.update(server.environment)
    server.start()
    yield server
    server.stop()
    for key, value in before.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value
