"""A media file as a meeting: in rhythm, in the negotiated format, in a loop."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.sources.base import AudioFormat, PictureFormat
from rtms_desktop.mock_server.sources.file import FileSource
from rtms_desktop.mock_server.sources.opening import open_source
from rtms_desktop.wire.enums import Codec

FPS, SECONDS, HZ = 10, 2, 48_000


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """2 s of 4:3 video whose grey level counts the frames, and a tone of 500 Hz that becomes 1500 Hz after 1 s."""
    path = tmp_path / "my_clip.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        audio = container.add_stream("flac", rate=HZ, layout="mono")
        for number in range(FPS * SECONDS):
            frame = av.VideoFrame(320, 240, "yuv420p")
            for plane, level in zip(frame.planes, (40 + number * 8, 128, 128), strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            frame.pts = number
            container.mux(video.encode(frame))
        times = np.arange(HZ * SECONDS) / HZ
        samples = (np.sin(2 * np.pi * np.where(times < 1, 500, 1500) * times) * 8000).astype(np.int16)
        for start in range(0, len(samples), 4800):
            block = av.AudioFrame.from_ndarray(samples[None, start : start + 4800], format="s16", layout="mono")
            block.sample_rate, block.pts = HZ, start
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def test_pictures_keep_time_and_shape_and_loop(clip: Path) -> None:
    source = FileSource(clip, 2)
    assert [person.name for person in source.people] == ["my clip", "Mateo Rossi"]
    stream = source.video(source.people[0].user_id, PictureFormat(Codec.H264, 640, 360, 20), 0)
    assert stream is not None
    decoder = av.CodecContext.create("h264", "r")
    for number in range(20 * 5):
        (unit,) = stream.take()
        (frame,) = decoder.decode(av.Packet(unit.data))
        picture = frame.to_ndarray()[:360]
        expected = 40 + (number % (20 * SECONDS)) // 2 * 8
        assert abs(float(picture[180, 320]) - expected) < 4, number
        assert picture[180, 20] < 24 and picture[180, 620] < 24  # 4:3 in 16:9: bars at both sides
    stream.close()


def test_sound_keeps_time_and_loops(clip: Path) -> None:
    source = FileSource(clip, 1)
    stream = source.audio(AudioFormat(Codec.L16, 16000, 1, 20, False), 0)
    assert stream is not None
    stream.seek(400)
    samples = np.frombuffer(b"".join(unit.data for _ in range(250) for unit in stream.take()), "<i2").astype(float)
    for at_ms in range(450, 5300, 100):
        part = samples[(at_ms - 400) * 16 :][:800]
        loudest = np.argmax(np.abs(np.fft.rfft(part))) * 20
        at = at_ms % 2000
        if 60 < at % 1000 < 900:
            assert loudest == (500 if at < 1000 else 1500), at_ms
    stream.close()


def test_a_file_with_sound_only_has_no_video(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(np.full(44100 * 2, 1000, "<i2").tobytes())
    source = open_source(str(path), 1)
    assert source.video(source.people[0].user_id, PictureFormat(Codec.H264, 640, 360, 5), 0) is None
    stream = source.audio(AudioFormat(Codec.OPUS, 48000, 2, 20, True), 0)
    assert stream is not None and len(stream.take()[0].data) > 3
    stream.close()


def test_what_cannot_be_played_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no media")
    for name in ("notes.txt", "missing.mp4", "."):
        with pytest.raises(UsageError):
            open_source(str(tmp_path / name), 1)
