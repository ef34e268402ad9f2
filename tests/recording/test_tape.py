"""The tape: what is written comes back, also by another reader, also when the file is cut anywhere."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.tape import CHUNK_BYTES, TapeWriter
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(path: Path, messages: int = 60, *, close: bool = True, flush_each: int = 10) -> list[bytes]:
    tape = TapeWriter(path)
    tape.control({"do": "wake", "now": 1.5}, 1000)
    bodies = []
    for number in range(messages):
        # Chunks of different entropy, so that some are big on disk.
        body = (f"message {number} " * (number % 7 + 1)).encode() + zlib.compress(bytes([number]) * 50) * number
        bodies.append(body)
        link, opcode = ("audio", "binary") if number % 3 == 0 else ("video", "text")
        tape.message(link, 1 + number // 40, "in" if number % 5 else "out", opcode, body, 2000 + number)
        if number % flush_each == flush_each - 1:
            tape.flush()
    if close:
        tape.close()
    else:
        tape.abandon()
    return bodies


def read(path: Path) -> list[TapeRecord]:
    with TapeReader(path) as reader:
        return list(reader.records())


def test_everything_comes_back_in_order(tmp_path: Path) -> None:
    bodies = write(tmp_path / "t.mcap")
    records = read(tmp_path / "t.mcap")
    assert records[0].is_control and records[0].json() == {"do": "wake", "now": 1.5}
    assert [record.data for record in records[1:]] == bodies
    assert [record.time_ns for record in records[1:]] == list(range(2000, 2060))
    first, second = records[1], records[2]
    assert (first.topic, first.link, first.attempt, first.direction, first.opcode) == (
        "/media/audio", "audio", 1, "out", "binary",
    )  # fmt: skip
    assert (second.topic, second.direction, second.opcode) == ("/media/video", "in", "text")
    assert records[-1].attempt == 2


def test_another_reader_agrees(tmp_path: Path) -> None:
    bodies = write(tmp_path / "t.mcap")
    with (tmp_path / "t.mcap").open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == len(bodies) + 1
        assert (summary.statistics.message_start_time, summary.statistics.message_end_time) == (1000, 2059)
        assert {channel.topic for channel in summary.channels.values()} == {"/control", "/media/audio", "/media/video"}
        metadata = [channel.metadata for channel in summary.channels.values() if channel.topic == "/media/audio"]
        assert {"link": "audio", "attempt": "1", "direction": "in", "opcode": "binary"} in metadata
        found = [message.data for _, channel, message in reader.iter_messages() if channel.topic != "/control"]
        assert found == bodies
        some = list(reader.iter_messages(topics=["/media/audio"]))
        assert [message.data for _, _, message in some] == [bodies[i] for i in range(60) if i % 3 == 0]


def test_a_full_chunk_is_written_without_being_asked(tmp_path: Path) -> None:
    tape = TapeWriter(tmp_path / "t.mcap")
    before = tape.position
    tape.message("video", 1, "in", "text", bytes(CHUNK_BYTES), 1)
    assert tape.position > before
    tape.close()


def test_a_running_tape_can_be_read(tmp_path: Path) -> None:
    tape = TapeWriter(tmp_path / "t.mcap")
    tape.control({"do": "wake"}, 1)
    assert read(tmp_path / "t.mcap") == []
    tape.flush()
    assert len(read(tmp_path / "t.mcap")) == 1
    tape.close()


def test_index_is_the_same_with_and_without_summary(tmp_path: Path) -> None:
    write(tmp_path / "whole.mcap")
    write(tmp_path / "open.mcap", close=False)
    with TapeReader(tmp_path / "whole.mcap") as whole, TapeReader(tmp_path / "open.mcap") as cut:
        assert whole.is_finished and not cut.is_finished
        assert whole.chunks() == cut.chunks() and len(whole.chunks()) == 6
        for reader in (whole, cut):
            late = list(reader.records(since_ns=2035))
            assert late[0].time_ns == 2030 and late[-1].time_ns == 2059
            assert {record.link for record in late} == {"audio", "video"}


@SETTINGS
@given(st.floats(0, 1))
def test_a_cut_tape_gives_all_whole_chunks_and_no_wrong_byte(tmp_path: Path, where: float) -> None:
    path, cut = tmp_path / "t.mcap", tmp_path / "cut.mcap"
    if not path.exists():
        write(path)
    whole = path.read_bytes()
    size = int(8 + where * (len(whole) - 8))
    cut.write_bytes(whole[:size])
    expected = read(path)
    with TapeReader(path) as reader:
        places = reader.chunks()
    ends = [place.offset for place in places[1:]]
    complete = sum(end <= size for end in ends)
    records = read(cut)
    assert records == expected[: len(records)]
    whole_records = [record for record in expected if complete and record.time_ns <= places[complete - 1].last_ns]
    assert len(records) >= len(whole_records)


def test_messages_of_a_chunk_that_was_cut_come_back_as_far_as_they_go(tmp_path: Path) -> None:
    tape = TapeWriter(tmp_path / "t.mcap")
    bodies = [bytes(range(256)) * 16 + zlib.compress(str(n).encode()) for n in range(100)]
    for number, body in enumerate(bodies):
        tape.message("video", 1, "in", "binary", body, number)
    tape.flush()
    size = tape.position
    tape.abandon()
    (tmp_path / "t.mcap").write_bytes((tmp_path / "t.mcap").read_bytes()[: size - 600])
    with TapeReader(tmp_path / "t.mcap") as reader:
        records = list(reader.records())
        assert reader.damage.cut_at is not None
    assert 0 < len(records) <= 100
    assert [record.data for record in records] == bodies[: len(records)]


@SETTINGS
@example(8, 7)  # the header becomes a chunk that is too short to be one
@given(st.integers(8, 4000), st.integers(1, 255))
def test_a_flipped_byte_never_makes_the_reader_raise(tmp_path: Path, where: int, flip: int) -> None:
    path, bad = tmp_path / "t.mcap", tmp_path / "bad.mcap"
    if not path.exists():
        write(path)
    data = bytearray(path.read_bytes())
    data[where % len(data)] ^= flip
    bad.write_bytes(data)
    if where % len(data) >= 8:
        with TapeReader(bad) as reader:
            list(reader.records())
            reader.chunks()


def test_a_damaged_chunk_costs_only_itself(tmp_path: Path) -> None:
    bodies = write(tmp_path / "t.mcap")
    with TapeReader(tmp_path / "t.mcap") as reader:
        second = reader.chunks()[1].offset
    data = bytearray((tmp_path / "t.mcap").read_bytes())
    data[second + 9 + 24] ^= 0xFF  # its checksum
    (tmp_path / "t.mcap").write_bytes(data)
    with TapeReader(tmp_path / "t.mcap") as reader:
        found = [record.data for record in reader.records() if not record.is_control]
        assert reader.damage.bad_chunks == 1
    assert found == bodies[:10] + bodies[20:]


@pytest.mark.parametrize("content", [b"", b"not a tape at all", b"\x89MCAP"])
def test_what_is_no_tape_is_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.mcap").write_bytes(content)
    with pytest.raises(BundleError, match=r"x\.mcap is no tape"):
        TapeReader(tmp_path / "x.mcap")
    with pytest.raises(BundleError, match="there is no tape"):
        TapeReader(tmp_path / "missing.mcap")


def test_a_disk_that_refuses_leaves_the_last_whole_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = TapeWriter(tmp_path / "t.mcap")
    tape.control({"n": 1}, 1)
    tape.flush()
    good = tape.position
    tape.message("video", 1, "in", "text", b"x" * 100_000, 2)

    class Full:
        """Takes ten bytes more, then no more."""

        def __init__(self, file: object) -> None:
            self.file, self.room = file, 10

        def write(self, data: memoryview) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            written = self.file.write(data[: self.room])  # type: ignore[attr-defined]
            self.room -= written
            return int(written)

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    real = tape._file
    monkeypatch.setattr(tape, "_file", Full(real))
    with pytest.raises(OSError, match="No space"):
        tape.flush()
    assert (tmp_path / "t.mcap").stat().st_size == good == tape.position
    monkeypatch.setattr(tape, "_file", real)
    tape.close()
    assert [json.loads(r.data) if r.is_control else len(r.data) for r in read(tmp_path / "t.mcap")] == [
        {"n": 1},
        100_000,
    ]
