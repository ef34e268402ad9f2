from __future__ import annotations

import json

import numpy as np
import pytest

from rtms_desktop.app.message_rows import UNREAD, WAKE, Flag
from rtms_desktop.app.message_tape import TapeLog
from rtms_desktop.errors import BundleError
from rtms_desktop.recording.tape_reader import TapeReader
from tests.app.messages import OnTape, live_log, tape_log, tape_of_meeting
from tests.fakes.messages import Script


def test_a_tape_has_the_same_rows_as_the_live_log(tmp_path):
    live, _ = live_log()
    log = tape_log(tape_of_meeting(tmp_path / "t.mcap"))
    assert len(log.rows) == len(live.rows) and log.scanned == 1
    for name in ("kind", "size", "lag", "flags"):
        same = log.rows.column(name) == live.rows.column(name)
        assert same.all(), (name, np.flatnonzero(~same)[:5])
    assert np.allclose(log.rows.column("delta"), live.rows.column("delta"), atol=0.01, equal_nan=True)
    for serial in range(len(log.rows)):
        assert log.rows.channel(serial) == live.rows.channel(serial)
        assert log.rows.user(serial) == live.rows.user(serial)
        assert log.rows.value("number", serial) == live.rows.value("number", serial)
    assert log.rows.names == live.rows.names


def test_the_index_alone_gives_time_link_and_size(tmp_path):
    path = tape_of_meeting(tmp_path / "t.mcap")
    log = TapeLog(path)
    log.load()
    rows = log.rows
    assert log.scanned == 0 and (rows.column("kind") == UNREAD).all()
    with TapeReader(path) as reader:
        records = list(reader.records())
    assert rows.column("time").tolist() == [record.time_ns for record in records]
    wrong = sum(rows.value("size", n) != len(record.data) for n, record in enumerate(records))
    assert wrong < 20  # the descriptions of channels stand between some
    assert rows.channel(5).direction in ("in", "out", "")


def test_bodies_are_those_of_the_tape(tmp_path):
    path = tape_of_meeting(tmp_path / "t.mcap")
    log = tape_log(path)
    bodies = log.bodies(np.zeros(0, np.int64))
    with TapeReader(path) as reader:
        for number, record in enumerate(reader.records()):
            assert bodies.get(number) == record.data
    assert bodies.get(10**9) is None
    bodies.close()


def test_a_cut_tape_is_read_as_far_as_it_goes(tmp_path):
    path = tape_of_meeting(tmp_path / "t.mcap", close=False)
    whole = len(tape_log(path).rows)
    assert whole > 700
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    log = tape_log(path)
    assert 0 < len(log.rows) < whole
    assert (log.rows.column("kind") != UNREAD).all()


def test_a_damaged_chunk_costs_its_own_messages_only(tmp_path):
    path = tmp_path / "t.mcap"
    tape = OnTape(path)
    script = Script(tape)
    script.open_all()
    for _ in range(3):
        script.run(1)
        tape.writer.flush()
    tape.writer.close()
    with TapeReader(path) as reader:
        place = reader.chunks()[1].offset
    data = bytearray(path.read_bytes())
    data[place + 400] ^= 0xFF
    path.write_bytes(bytes(data))
    log = tape_log(path)
    good = log.rows.column("flags") & np.uint8(Flag.MALFORMED) == 0
    assert good[:20].all() and good[-20:].all() and not good.all()
    assert list(log.records(np.flatnonzero(~good))) == []
    assert len(list(log.records(np.flatnonzero(good)))) == int(good.sum())


def test_records_are_given_by_position(tmp_path):
    log = tape_log(tape_of_meeting(tmp_path / "t.mcap"))
    media = np.flatnonzero(log.rows.column("kind") == 15)[[0, 3, -1]]
    assert [json.loads(record.data)["msg_type"] for record in log.records(media)] == [15, 15, 15]


def test_timers_are_known_and_what_is_no_tape_is_refused(tmp_path):
    path = tmp_path / "t.mcap"
    tape = OnTape(path)
    tape.control({"do": "wake", "now": 1.0}, 1.0)
    tape.writer.close()
    assert tape_log(path).rows.value("kind", 0) == WAKE
    with pytest.raises(BundleError):
        TapeLog(tmp_path / "no.mcap")
    (tmp_path / "x.mcap").write_bytes(b"nothing")
    with pytest.raises(BundleError):
        TapeLog(tmp_path / "x.mcap").load()


def test_an_empty_tape_has_no_rows(tmp_path):
    tape = OnTape(tmp_path / "t.mcap")
    tape.writer.close()
    assert len(tape_log(tmp_path / "t.mcap").rows) == 0
