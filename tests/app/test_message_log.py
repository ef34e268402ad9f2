from __future__ import annotations

import json
import math

import numpy as np
import pytest

from rtms_desktop.app.message_log import BodyRing, MessageLog
from rtms_desktop.app.message_rows import Flag, type_label
from rtms_desktop.app.tape import SessionTape
from rtms_desktop.session.events import Anomaly, Gap, GapClosed, GapReason, Severity
from rtms_desktop.wire.enums import Medium
from tests.app.messages import WALL_MS, OnTape, live_log
from tests.fakes.messages import MAYA, SIGNATURE, Script


def rows_of(log, flag):
    rows = log.rows
    return [serial for serial in range(rows.first, rows.end) if rows.value("flags", serial) & flag]


def body(log, serial):
    bodies = log.bodies(np.array([serial]))
    try:
        return bodies.get(serial)
    finally:
        bodies.close()


def test_every_message_has_its_row_in_order():
    log, script = live_log()
    rows = log.rows
    assert type_label(rows.value("kind", 0)) == "socket opened"
    assert type_label(rows.value("kind", 1)) == "1 SIGNALING_HAND_SHAKE_REQ"
    assert rows.channel(1).direction == "out"
    times = rows.column("time")
    assert (np.diff(times) >= 0).all() and times[-1] == round(script.at * 1e9)
    audio = [s for s in range(rows.end) if rows.value("kind", s) == 14]
    assert rows.value("number", audio[0]) == 3  # after the two of the handshake
    assert rows.user(audio[0]) == MAYA and rows.names[MAYA] == "Maya Okafor"
    assert rows.value("lag", audio[5]) == 182
    assert math.isnan(rows.value("delta", audio[0])) and rows.value("delta", audio[1]) == pytest.approx(40, abs=1.1)


def test_the_lost_socket_and_the_gap_are_the_only_trouble():
    log, _ = live_log()
    rows = log.rows
    lost = [type_label(rows.value("kind", serial)) for serial in rows_of(log, Flag.LOST)]
    assert lost == ["6 EVENT_UPDATE", "socket closed"]
    (gap,) = rows_of(log, Flag.GAP)
    assert rows.channel(gap)[:2] == ("video", 2) and rows.value("kind", gap) == 15
    assert rows.value("delta", gap) == pytest.approx(4090, abs=100)
    assert not rows_of(log, Flag.UNUSUAL | Flag.MALFORMED | Flag.REFUSED)


def test_refusals_and_what_cannot_be_read_are_red():
    log = MessageLog()
    script = Script(log)
    script.refuse()
    script.say("audio", b"\x00" * 3 + b"{")
    script.say("signaling", {"msg_type": 3_000})
    script.say("chat", b"no json")
    assert rows_of(log, Flag.REFUSED) == [0]
    assert 3 in rows_of(log, Flag.MALFORMED)


def test_what_the_session_noticed_marks_the_message_of_that_moment():
    log, script = live_log()
    log.events((Anomaly(at=script.at, link="audio", severity=Severity.WARNING, kind="late", text="x"),))
    (serial,) = rows_of(log, Flag.UNUSUAL)
    assert log.rows.channel(serial).link == "audio" and log.rows.value("time", serial) == round(script.at * 1e9)
    known = len(rows_of(log, Flag.GAP))
    for reason in (GapReason.SILENCE, GapReason.SOCKET_DOWN):
        gap = Gap(medium=Medium.VIDEO, user_id=1, start_ms=0, end_ms=900, reason=reason)
        log.events((GapClosed(at=script.at, gap=gap),))
    assert len(rows_of(log, Flag.GAP)) == known + 1


def test_bodies_are_exact_but_secrets_blank():
    log, _ = live_log()
    request = body(log, 1)
    assert SIGNATURE.encode() not in request and json.loads(request)["signature"] == "***"
    assert json.loads(body(log, 0))["do"] == "link_opened"


def test_the_ring_lets_the_oldest_go_and_counts():
    ring = BodyRing(100)
    for number in range(30):
        ring.put(bytes([number]) * 10)
    assert len(ring) == 10 and ring.dropped == 20 and ring.bytes == 100
    assert ring.get(19) is None and ring.get(20) == bytes([20]) * 10 and ring.get(30) is None
    for _ in range(20_000):
        ring.put(b"x" * 10)
    assert len(ring._held) < 10_000


def test_the_rows_are_bounded_and_keep_their_serials():
    log = MessageLog(cap=5_000, ring=10_000)
    script = Script(log)
    script.run(200)
    rows = log.rows
    assert len(rows) <= 5_000 and rows.dropped == rows.first > 0
    with pytest.raises(IndexError):
        rows.value("time", rows.first - 1)
    assert rows.value("time", rows.end - 1) == round(script.at * 1e9)
    assert body(log, rows.end - 1) is not None and body(log, rows.first) is None


def test_a_recording_holds_what_the_ring_does_not_any_more(tmp_path):
    log = MessageLog(ring=3_000)
    tape = OnTape(tmp_path / "tape.mcap")
    both = SessionTape()
    both.observe(log)
    both.attach(tape)
    script = Script(both)
    script.open_all()
    script.run(2)
    tape.writer.flush()
    assert body(log, 8) is None
    log.tapes.append(tmp_path / "tape.mcap")
    for serial in (0, 1, 8, 20):
        whole = json.loads(body(log, serial))
        kind = log.rows.value("kind", serial)
        assert whole.get("msg_type") == (kind if kind > 0 else None)
    script.run(2)
    tape.writer.close()
    newest = json.loads(body(log, log.rows.end - 20))
    assert newest["msg_type"] == log.rows.value("kind", log.rows.end - 20)
    (tmp_path / "tape.mcap").unlink()
    assert body(log, 8) is None


def test_many_bodies_are_taken_without_waiting_for_each():
    log = MessageLog(ring=40_000)
    Script(log).run(40)
    serials = np.arange(log.rows.first, log.rows.end)
    bodies = log.bodies(serials)
    Script(log, at=2000.0).run(40)  # the ring moves on; what was taken stays
    found = list(bodies.many(serials))
    assert found[-1] is not None and found[0] is None
    assert [body is None for body in found] == sorted((body is None for body in found), reverse=True)


def test_who_comes_late_hears_what_has_been():
    tape = SessionTape()
    script = Script(tape)
    script.open_all()
    script.run(1)
    late = MessageLog(wall_ms=WALL_MS)
    tape.observe(late)
    before = late.rows.end
    assert 10 < before < 40  # what was said, without the media
    script.run(1)
    assert late.rows.end > before + 40
