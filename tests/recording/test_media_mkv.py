"""media.mkv: every picture of every track, and the sum of all voices."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from rtms_desktop.recording import media_mkv
from rtms_desktop.recording.audio_track import AudioTrackWriter
from rtms_desktop.recording.media_mkv import make_media, mix, mixed_sources
from rtms_desktop.recording.video_track import VideoTrackWriter
from rtms_desktop.wire.messages import AudioParams
from tests.recording import material as m


def video(folder: Path, user: int, units: tuple[bytes, ...], start: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    writer = VideoTrackWriter(folder, str(user))
    for number, unit in enumerate(units):
        writer.add(unit, start + number * 40)
    writer.close()


def audio(bundle: Path, user: int, samples: np.ndarray, ms: int = 0, params: AudioParams | None = None) -> None:
    writer = AudioTrackWriter(bundle / "audio", str(user), params or AudioParams(), m.Lines())
    writer.add(samples.tobytes(), ms)
    writer.close()


def sound_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])


def test_all_pictures_and_the_sum_of_all_voices(tmp_path: Path) -> None:
    video(tmp_path / "video", 1, m.clip(), 500)
    video(tmp_path / "video", 2, m.clip(640, 360, 25))
    video(tmp_path / "share", 1, m.clip(frames=10), 1000)
    first, second = m.tone(40_000, 1), m.tone(24_000, 2)
    audio(tmp_path, 1, first)
    audio(tmp_path, 2, second, 1000)
    path = make_media(tmp_path)
    assert path == tmp_path / "media.mkv" and not (tmp_path / "media.mkv.tmp").exists()
    with av.open(str(path)) as container:
        titles = [stream.metadata.get("title") for stream in container.streams]
        assert titles == ["video/1-1", "video/2-1", "share/1-1", "audio"]
        packets: dict[int, list[tuple[int, bytes]]] = {}
        for packet in container.demux():
            if packet.pts is not None:
                ms = round(packet.pts * packet.time_base * 1000)
                packets.setdefault(packet.stream_index, []).append((ms, bytes(packet)))
    assert packets[0] == m.mkv_packets(tmp_path / "video/1-1.mkv")
    assert packets[1] == m.mkv_packets(tmp_path / "video/2-1.mkv")
    assert packets[2] == m.mkv_packets(tmp_path / "share/1-1.mkv")
    expected = first.astype(np.int32)
    expected[16_000:] += second
    assert np.array_equal(sound_of(path), np.clip(expected, -32768, 32767))


def test_the_servers_own_mix_is_preferred(tmp_path: Path) -> None:
    audio(tmp_path, 0, m.tone(1600))
    audio(tmp_path, 5, m.tone(1600, 2))
    assert [path.name for path in mixed_sources(tmp_path)] == ["0.flac"]
    path = make_media(tmp_path)
    assert path is not None and np.array_equal(sound_of(path), m.tone(1600))


def test_the_sum_is_clipped_not_wrapped(tmp_path: Path) -> None:
    loud = np.full(3200, 30_000, np.int16)
    audio(tmp_path, 1, loud)
    audio(tmp_path, 2, loud)
    (block,) = mix(mixed_sources(tmp_path), 16_000)
    assert (block == 32767).all()


def test_voices_of_different_rates_are_brought_together(tmp_path: Path) -> None:
    low = (8000 * np.sin(np.arange(8000) * 2 * np.pi * 200 / 8000)).astype(np.int16)
    audio(tmp_path, 1, low, params=AudioParams(sample_rate=0))
    audio(tmp_path, 2, np.zeros(16_000, np.int16))
    path = make_media(tmp_path)
    assert path is not None
    with av.open(str(path)) as container:
        assert container.streams.audio[0].rate == 16_000
    heard = sound_of(path)[1000:15_000]
    wave = 8000 * np.sin(np.arange(16_000) * 2 * np.pi * 200 / 16_000)
    assert max(np.corrcoef(heard, wave[1000 - n : 15_000 - n])[0, 1] for n in range(-40, 40)) > 0.999


def test_it_is_given_up_when_there_is_no_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_mkv, "_STEP", 5)
    looks: list[bool] = []
    audio(tmp_path, 5, m.tone(16_000 * 5))
    assert make_media(tmp_path, lambda: bool(looks.append(True)) or len(looks) > 1) is None
    assert len(looks) == 2 and {path.name for path in tmp_path.iterdir()} == {"audio"}


def test_a_bundle_without_media_gets_none(tmp_path: Path) -> None:
    assert make_media(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_a_track_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    video(tmp_path / "video", 1, m.clip())
    (tmp_path / "video/2-1.mkv").write_bytes(b"")
    (tmp_path / "video/3-1.mkv").write_bytes((tmp_path / "video/1-1.mkv").read_bytes()[:20_000])
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio/9.flac").write_bytes(b"fLaC")
    path = make_media(tmp_path)
    assert path is not None
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 2


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_another_player_finds_no_fault(tmp_path: Path) -> None:
    video(tmp_path / "video", 1, m.clip())
    audio(tmp_path, 1, m.tone(32_000))
    path = make_media(tmp_path)
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
