"""Picture against sound as a person gets them: the screen and the sound server's monitor, captured side by side.

The mock server lights a square in the picture of each full second. What is heard at that moment is found by holding
the captured sound against the recording, whose sample n is n/rate after session zero.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO

import av
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.harness import Result, benchmark, mock_server, null_sink, target, window, xvfb
from tests.benchmarks.sound import RATE, Signal, best_lag, sum_of_speakers

SECONDS = float(os.environ.get("RTMS_BENCH_SYNC_SECONDS", "60"))
GRAB_FPS = 50
REGION, AT = "900x416", "205,70"  # inside the stage of a window of 1440x900
PIECE, SEARCH = RATE // 4, RATE // 2


class Capture:
    """ffmpeg grabbing screen and monitor into one stream with one clock; read while it runs.

    Attributes:
        pictures: (seconds, small grey picture) in order; the pictures of all but the brightest pixels are not kept.
    """

    def __init__(self, env: dict[str, str]) -> None:
        command = [
            "ffmpeg", "-v", "error", "-nostdin", "-copyts",
            "-thread_queue_size", "4096", "-f", "pulse", "-fragment_size", "1920", "-i", "nul.monitor",
            "-thread_queue_size", "4096", "-f", "x11grab", "-framerate", str(GRAB_FPS), "-draw_mouse", "0",
            "-video_size", REGION, "-i", f"{env['DISPLAY']}+{AT}",
            "-map", "0:a", "-map", "1:v", "-ac", "1", "-ar", str(RATE), "-c:a", "pcm_s16le",
            "-vf", "format=gray,scale=225:104:flags=area", "-c:v", "rawvideo", "-fps_mode", "passthrough",
            "-f", "nut", "-",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, env=os.environ | env, stdout=subprocess.PIPE)
        self.times: list[float] = []
        self.pictures: list[np.ndarray] = []
        self.sound: list[np.ndarray] = []
        self.sound_begins: float | None = None
        assert self._process.stdout is not None
        self._thread = threading.Thread(target=self._read, args=(self._process.stdout,), name="capture")
        self._thread.start()

    def stop(self) -> None:
        self._process.terminate()
        self._thread.join()
        self._process.wait()

    def _read(self, stream: IO[bytes]) -> None:
        with av.open(stream, format="nut") as container:
            for frame in container.decode():
                assert frame.time is not None
                if isinstance(frame, av.VideoFrame):
                    self.times.append(frame.time)
                    self.pictures.append(frame.to_ndarray())
                elif isinstance(frame, av.AudioFrame):
                    if self.sound_begins is None:
                        self.sound_begins = frame.time
                    self.sound.append(frame.to_ndarray().ravel())


@benchmark
def av_sync() -> list[Result]:
    """One participant; medians at the start and at the end of the run, with a server clock that runs 200 ppm fast."""
    options = ("--participants", "1", "--clock-ppm", "200")
    with tempfile.TemporaryDirectory() as name, xvfb() as display, null_sink() as sound, mock_server(*options) as mock:
        folder = Path(name)
        payload = folder / "payload.json"
        payload.write_text(json.dumps(mock["webhook"]), encoding="utf-8")
        config = folder / "config"
        config.mkdir()
        (config / "settings.json").write_text(json.dumps({"media": ["audio", "video"]}), encoding="utf-8")
        env = display | sound | {"ZOOM_CLIENT_ID": mock["client_id"], "ZOOM_CLIENT_SECRET": mock["client_secret"]}
        capture = Capture(env)
        try:
            stats = window(SECONDS, str(payload), "--record", env=env, folder=config)
        finally:
            capture.stop()
        (bundle,) = (config / "recordings").glob("*.rtmsrec")
        offsets = _offsets(capture, sum_of_speakers(bundle))
    edge = max(5, len(offsets) // 10)
    return [
        target("av_sync picture after sound, start", "ms", float(np.median(offsets[:edge])), 40),
        target("av_sync picture after sound, end", "ms", float(np.median(offsets[-edge:])), 40),
        target("av_sync largest of any second", "ms", float(np.quantile(np.abs(offsets), 0.95)), 40),
        target("av_sync underruns", "", stats["audio_underruns"], 0),
    ]


def _offsets(capture: Capture, sent: Signal) -> list[float]:
    """For each second in which something is heard: milliseconds by which its picture came after its sound."""
    assert capture.sound_begins is not None
    heard = np.concatenate(capture.sound).astype(np.float64)
    found, guess = [], None
    for flash in _flashes(capture):
        place = round((flash - capture.sound_begins) * RATE)
        around = heard[max(0, place - SEARCH) : place + SEARCH + PIECE]
        for second in _candidates(len(sent), guess, flash):
            piece = sent[second * RATE : second * RATE + PIECE]
            if len(piece) < PIECE or np.sqrt(np.mean(piece**2)) < 300 or len(around) < PIECE:
                continue
            correlation, lag = best_lag(piece, around)
            if correlation > 0.9:
                guess = flash - second
                began = capture.sound_begins + (max(0, place - SEARCH) + lag) / RATE
                found.append((flash - 0.5 / GRAB_FPS - began) * 1000)
                break
    return found


def _candidates(length: int, guess: float | None, flash: float) -> range:
    """Which seconds of the session a flash may belong to: all at first, then the one that follows."""
    if guess is None:
        return range(length // RATE)
    second = round(flash - guess)
    return range(max(0, second), second + 1)


def _flashes(capture: Capture) -> list[float]:
    """When the square lit up, in seconds of the capture."""
    pictures = np.stack(capture.pictures)
    sample = pictures[len(pictures) // 4 :][: 60 * GRAB_FPS]
    # Lit for one picture in twenty-five: still dark at nine tenths of the time, white at the top. Captions and a
    # blinking eye may look like that for a minute, but only the square comes once a second.
    contrast = np.quantile(sample, 0.98, axis=0) - np.quantile(sample, 0.9, axis=0)
    likely = [np.unravel_index(place, contrast.shape) for place in np.argsort(contrast, axis=None)[-200:]]
    row, column = max(likely, key=lambda place: _regular(sample[:, place[0], place[1]], contrast[place]))
    return [capture.times[index] for index in _rises(pictures[:, row, column], contrast[row, column])]


def _rises(levels: NDArray[np.uint8], contrast: float) -> NDArray[np.intp]:
    lit = levels > np.median(levels) + contrast / 2
    return np.flatnonzero(lit[1:] & ~lit[:-1]) + 1


def _regular(levels: NDArray[np.uint8], contrast: float) -> int:
    """How many rises come a second after the one before."""
    distances = np.diff(_rises(levels, contrast))
    return int(np.count_nonzero(np.abs(distances - GRAB_FPS) <= 3))
