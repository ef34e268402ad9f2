"""The recorder as a whole: what goes in stands in the bundle, whatever happens on the way."""

from __future__ import annotations

import csv
import json
import shutil
import stat
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import DiskError
from rtms_desktop.recording import control, names
from rtms_desktop.recording.manifest import KEYS
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import ChatData, Person
from tests.recording import material as m


def start(tmp_path: Path, **options: Any) -> Recorder:
    return Recorder(tmp_path / "one.rtmsrec", m.info(), SystemClock(), disk_floor=0, **options)


def manifest(bundle: Path) -> dict[str, Any]:
    found = json.loads((bundle / "manifest.json").read_bytes())
    assert isinstance(found, dict)
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def record_session(recorder: Recorder) -> None:
    """Two seconds of everything."""
    at = time.monotonic()
    recorder.control(control.seed_record(m.CONFIG, 7, at), at)
    recorder.control(control.link_opened("signaling", 1, "wss://zoom.us/x?token=abc", at), at)
    handshake = {"msg_type": 1, "meeting_uuid": m.MEETING, "signature": m.SIGNATURE, "protocol_version": 1}
    recorder.message("signaling", 1, "out", json.dumps(handshake), at)
    recorder.events([m.zero()])
    sound = m.tone(32_000)
    for number, unit in enumerate(m.clip()):
        recorder.message("video", 1, "in", m.wire_media(15, unit, number * 40), at)
        recorder.events([m.media(Medium.VIDEO, unit, number * 40)])
    for number in range(100):
        data = sound[number * 320 : (number + 1) * 320].tobytes()
        recorder.message("audio", 1, "in", m.wire_media(14, data, number * 20), at)
        recorder.events([m.media(Medium.AUDIO, data, number * 20)])
    recorder.events([m.media(Medium.SHARE, m.image("mjpeg"), 500), m.media(Medium.SHARE, m.image("png"), 1500)])
    recorder.events([m.said("hello <world>", 100, 900), m.said("and on", 1000, 1800)])
    chat = ChatData(text="hi", timestamp=m.ZERO_MS + 5, sender=Person(user_id=m.ANN, user_name="Ann"), session_type=1)
    recorder.events([ev.ChatReceived(at=at, link="chat", message=chat)])
    person = ev.Participant(user_id=m.BOB, user_name="Bob")
    recorder.events([ev.ParticipantChanged(at=at, participant=person, joined=True)])


def test_a_session_becomes_a_bundle(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    bundle = recorder.close(6)
    assert bundle == tmp_path / "one.rtmsrec"
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o700
    told = manifest(bundle)
    assert tuple(told) == KEYS
    assert told["schema"] == 1 and told["closed"] is True and told["stop_reason"] == 6
    assert told["ids"] == {"meeting_uuid": m.MEETING, "rtms_stream_id": m.STREAM}
    assert told["session_zero_ms"] == m.ZERO_MS
    assert told["counts"] == {"audio": 100, "video": 50, "share": 2, "transcript": 2, "chat": 1}
    assert told["participants"] == [{"user_id": m.ANN, "name": "Ann"}, {"user_id": m.BOB, "name": "Bob"}]
    assert told["requested"]["audio"]["sample_rate"] == 1
    assert told["observed"]["video"][str(m.ANN)]["resolutions"] == [[320, 180]]
    assert told["observed"]["video"][str(m.ANN)]["fps"] == 25
    assert told["observed"]["audio"][str(m.ANN)]["sample_rates"] == [16_000]
    assert told["files"] == sorted(
        [
            "tape.mcap", "open.rtms", "media.mkv", "transcript.jsonl", "transcript.vtt", "chat.jsonl", "events.jsonl",
            "marks.jsonl", "gaps.csv", f"video/{m.ANN}-1.mkv", f"audio/{m.ANN}.flac", "share/500.jpg", "share/1500.png",
            "share/index.jsonl",
        ]
    )  # fmt: skip
    assert json.loads((bundle / "open.rtms").read_bytes())["type"] == names.MIME_TYPE


def test_tracks_hold_what_was_received(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    bundle = recorder.close()
    packets = m.mkv_packets(bundle / f"video/{m.ANN}-1.mkv")
    assert [ms for ms, _ in packets] == [number * 40 for number in range(50)]
    assert [m.nals_of_avcc(packet) for _, packet in packets] == [m.nals(unit) for unit in m.clip()]
    assert np.array_equal(m.flac_samples(bundle / f"audio/{m.ANN}.flac"), m.tone(32_000))
    assert (bundle / "share/500.jpg").read_bytes() == m.image("mjpeg")
    rows = lines(bundle / "share/index.jsonl")
    assert [(row["file"], row["width"], row["height"]) for row in rows] == [("500.jpg", 64, 48), ("1500.png", 64, 48)]
    assert list(csv.reader((bundle / "gaps.csv").read_text().splitlines())) == [
        ["file", "medium", "user_id", "start_ms", "end_ms", "start_sample", "samples", "reason"]
    ]


def test_text_stands_beside(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    bundle = recorder.close()
    assert lines(bundle / "transcript.jsonl")[0] == {
        "start_ms": m.ZERO_MS + 100, "end_ms": m.ZERO_MS + 900, "timestamp": m.ZERO_MS + 900, "user_id": m.ANN,
        "user_name": "Ann", "language": 9, "attribute": None, "text": "hello <world>",
    }  # fmt: skip
    assert lines(bundle / "chat.jsonl") == [
        {
            "timestamp": m.ZERO_MS + 5, "operation": 1, "message_id": "", "sender_id": m.ANN, "sender_name": "Ann",
            "session_type": 1, "text": "hi",
        }
    ]  # fmt: skip
    vtt = (bundle / "transcript.vtt").read_text("utf-8")
    assert vtt.startswith("WEBVTT\n\n00:00:00.100 --> 00:00:00.900\n<v Ann>hello &lt;world&gt;\n\n")
    assert [row["event"] for row in lines(bundle / "events.jsonl")] == ["SessionZero", "ParticipantChanged"]


def test_the_tape_is_exact_but_for_secrets(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    recorder.message("audio", 1, "in", b"\x01\x02\xff" + bytes(range(256)), time.monotonic())
    bundle = recorder.close()
    with TapeReader(bundle / "tape.mcap") as reader:
        assert reader.is_finished
        records = list(reader.records())
    videos = [record.data.decode() for record in records if record.link == "video"]
    assert videos == [m.wire_media(15, unit, number * 40) for number, unit in enumerate(m.clip())]
    raw = [record for record in records if record.opcode == "binary"]
    assert [record.data for record in raw] == [b"\x01\x02\xff" + bytes(range(256))]
    (handshake,) = [record.data.decode() for record in records if record.link == "signaling"]
    clean = {"msg_type": 1, "meeting_uuid": m.MEETING, "signature": "***", "protocol_version": 1}
    assert handshake == json.dumps(clean)
    kinds = [record.json()["do"] for record in records if record.is_control]
    assert kinds == ["recording", "seed", "link_opened"]


def test_no_artefact_holds_a_secret(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    at = time.monotonic()
    recorder.message("signaling", 1, "in", json.dumps({"x": f"before {m.SECRET} after", "y": [m.SIGNATURE]}), at)
    recorder.message("signaling", 1, "in", json.dumps({"session_key": "verysecretkey"}).encode(), at)
    recorder.events([m.said(f"my secret is {m.SECRET}", 2000, 2500)])
    urls = {"audio": "wss://h/audio?token=urltoken123"}
    recorder.events(
        [ev.HandshakeAnswered(at=at, link="signaling", ok=True, status_code=0, reason=m.SIGNATURE, urls=urls)]
    )
    bundle = recorder.close()
    with TapeReader(bundle / "tape.mcap") as reader:
        (bundle / "unpacked").write_bytes(b"".join(record.data for record in reader.records()))
    for path in bundle.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (m.SECRET, m.SIGNATURE, "verysecretkey", "urltoken123", "token=abc"):
                assert secret.encode() not in content, (path, secret)


def test_half_a_character_in_a_name_stops_nothing(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    recorder.events([m.zero(), m.media(Medium.AUDIO, bytes(640), 0, name="A\ud800")])
    recorder.events([m.said("\ud800 hm", 0, 100)])
    recorder.message("chat", 1, "in", "\ud800", time.monotonic())
    bundle = recorder.close()
    assert not recorder.stats.problem
    assert manifest(bundle)["participants"] == [{"user_id": m.ANN, "name": "A?"}]
    assert lines(bundle / "transcript.jsonl")[0]["text"] == "? hm"


def test_calls_cost_the_caller_microseconds(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    text, unit, at = m.wire_media(15, m.clip()[1], 0), m.media(Medium.VIDEO, m.clip()[1], 0), time.monotonic()
    spent = []
    for _ in range(2000):
        before = time.perf_counter()
        recorder.message("video", 1, "in", text, at)
        recorder.events([unit])
        spent.append(time.perf_counter() - before)
    recorder.close()
    assert sorted(spent)[len(spent) // 2] < 50e-6


def test_everything_is_on_disk_within_a_second_while_it_records(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    folder = recorder.folder

    def on_disk() -> bool:
        with TapeReader(folder / "tape.mcap") as reader:
            videos = sum(record.link == "video" for record in reader.records())
        return videos == 50 and len(lines(folder / "transcript.jsonl")) == 2

    deadline = time.monotonic() + 5
    waited = threading.Event()
    while not on_disk() and time.monotonic() < deadline:
        waited.wait(0.05)
    assert on_disk()
    stats = recorder.stats
    assert stats.bytes_written > 10_000 and stats.queue_bytes == 0 and not stats.problem and not stats.stalled
    assert not manifest(folder)["closed"]
    recorder.close()


def test_a_recording_that_does_not_grow_says_for_how_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(Recorder, "_drain", lambda self: (held.set(), go_on.wait(20)))
    clock = m.FakeClock(wall=m.ZERO_MS)
    recorder = Recorder(tmp_path / "one.rtmsrec", m.info(), clock, disk_floor=0)
    assert held.wait(20)
    recorder.message("audio", 1, "in", "waits", clock.now())
    assert not recorder.stats.stalled and recorder.stats.stalled_s == 0.0
    clock.at += 4.5
    stats = recorder.stats
    assert stats.stalled and stats.stalled_s >= 4.5
    go_on.set()
    recorder.close()


def test_closing_twice_is_the_same_and_nothing_is_taken_after(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    recorder.close()
    recorder.message("audio", 1, "in", "late", time.monotonic())
    recorder.events([m.zero()])
    assert recorder.close() == recorder.folder
    assert recorder.stats.queue_bytes == 0


def test_a_bundle_that_exists_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "one.rtmsrec").mkdir()
    with pytest.raises(DiskError, match="exists already"):
        start(tmp_path)


@pytest.mark.parametrize(("total", "floor"), [(1_000_000_000_000, 500_000_000), (2_000_000_000, 100_000_000)])
def test_a_small_disk_is_not_kept_free_altogether(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, floor: int
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: shutil._ntuple_diskusage(total, 0, total))
    recorder = Recorder(tmp_path / "x.rtmsrec", m.info(), SystemClock())
    recorder.close()
    assert recorder.stats.disk_floor == floor


def test_a_disk_below_the_floor_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="MB are free"):
        Recorder(tmp_path / "x.rtmsrec", m.info(), SystemClock(), disk_floor=1 << 60)
    assert not (tmp_path / "x.rtmsrec").exists()


@pytest.mark.expects_log("rtms_desktop.recording")
def test_a_disk_that_fills_up_stops_the_recording_in_time(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    recorder._floor = 1 << 60
    deadline = time.monotonic() + 5
    while not recorder.stats.problem and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert "free on the disk" in recorder.stats.problem
    recorder.message("audio", 1, "in", "late", time.monotonic())
    bundle = recorder.close()
    assert manifest(bundle)["closed"] and manifest(bundle)["counts"]["video"] == 50
    assert not (bundle / "media.mkv").exists()


def test_in_a_hurry_the_bundle_is_whole_without_what_can_be_made_again(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    recorder.hurry(0.0)
    recorder.hurry(1000.0)  # the first word counts
    found = manifest(bundle := recorder.close())
    assert found["closed"] and found["counts"]["video"] == 50 and "media.mkv" not in found["files"]
    assert not list(bundle.glob("media.mkv*")) and not recorder.stats.problem


@pytest.mark.expects_log("rtms_desktop.recording")
def test_a_bundle_that_is_deleted_under_way_is_noticed(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    shutil.rmtree(recorder.folder)
    deadline = time.monotonic() + 5
    while not recorder.stats.problem and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert recorder.stats.problem
    recorder.close()


@pytest.mark.expects_log("rtms_desktop.recording")
def test_what_reads_back_otherwise_than_it_was_written_is_noticed(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    tape = recorder.folder / "tape.mcap"
    deadline = time.monotonic() + 5
    while not recorder.stats.problem and time.monotonic() < deadline:
        with tape.open("r+b") as file:  # same size, other bytes: only reading tells
            file.write(bytes(tape.stat().st_size))
        threading.Event().wait(0.05)
    assert "reads back otherwise" in recorder.stats.problem
    recorder.close()


def test_overflow_drops_media_says_so_and_keeps_text(tmp_path: Path) -> None:
    recorder = start(tmp_path, queue_limit=200_000)
    at = time.monotonic()
    recorder.control(control.seed_record(m.CONFIG, 7, at), at)
    recorder.events([m.zero()])
    big = b"\xff\xd8\xff" + bytes(50_000)
    for number in range(20):
        recorder.message("video", 1, "in", m.wire_media(15, big, number * 40), at)
        recorder.events([m.media(Medium.VIDEO, big, number * 40)])
    recorder.events([m.said("still here", 0, 900)])
    stats = recorder.stats
    assert stats.dropped_messages > 0 and stats.dropped_units > 0
    bundle = recorder.close()
    told = manifest(bundle)
    assert told["counts"]["transcript"] == 1
    assert told["counts"]["video"] == 20 - stats.dropped_units
    (gap,) = [gap for gap in told["gaps"] if gap["reason"] == "dropped_here"]
    assert (gap["medium"], gap["user_id"], gap["end_ms"]) == ("video", m.ANN, m.ZERO_MS + 19 * 40)
    with TapeReader(bundle / "tape.mcap") as reader:
        records = list(reader.records())
    (loss,) = [r.json() for r in records if r.is_control and r.json()["do"] == "dropped"]
    assert loss["messages"] == stats.dropped_messages == 20 - sum(r.link == "video" for r in records)


def test_a_stream_that_goes_on_after_a_session_stopped_has_no_stop_reason(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    for state, reason in ((5, 6), (2, None)):
        at = time.monotonic()
        recorder.events(
            [ev.SessionStateChanged(at=at, session_id="S", state=state, stop_reason=reason, timestamp_ms=m.ZERO_MS)]
        )
    assert manifest(recorder.close(None))["stop_reason"] is None


def test_a_revoked_stream_leaves_a_tombstone_and_nothing_else(tmp_path: Path) -> None:
    recorder = start(tmp_path)
    record_session(recorder)
    tombstone = recorder.destroy()
    assert not recorder.folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == [tombstone.name]
    note = json.loads(tombstone.read_bytes())
    assert note["stop_reason"] == 8
    assert m.STREAM not in tombstone.read_text() and "Ann" not in tombstone.read_text()
