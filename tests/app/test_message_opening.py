from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rtms_desktop.app import message_opening
from rtms_desktop.app.message_export import save_tape
from rtms_desktop.app.message_log import Log, MessageLog
from rtms_desktop.app.message_opening import NO_URL, OpeningBook, among, url_of
from rtms_desktop.app.message_rows import Array, Channel
from rtms_desktop.recording.reader import open_recording, replay
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from tests.app.messages import WALL_MS, tape_log
from tests.recording import material as m
from tests.recording.live import scenario

SOUND = 14


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Two seconds of a meeting with all media, some of its sockets lost and found again."""
    live = scenario(tmp_path / "recordings")
    live.recorder.close()
    return live.recorder.folder / "tape.mcap"


def as_live(tape: Path) -> MessageLog:
    """The same session heard live, by a log that does not hold its beginning any more."""
    log = MessageLog(wall_ms=WALL_MS, cap=128)
    with TapeReader(tape) as reader:
        for record in reader.records():
            at = record.time_ns / 1e9 - WALL_MS / 1000
            if record.is_control:
                log.control(record.json(), at)
            else:
                text = record.data.decode("utf-8", "replace")
                log.message(record.link, record.attempt, record.direction, text, at)
    assert log.rows.first > 0
    return log


def save(log: Log, serials: Array, path: Path) -> tuple[int, int, int]:
    bodies = log.bodies(serials)
    try:
        return save_tape(log, serials, bodies, path, opening=log.opening())
    finally:
        bodies.close()


@pytest.mark.parametrize("make", [tape_log, as_live])
def test_a_choice_of_messages_can_be_opened_and_played(tape, tmp_path, make):
    log: Log = make(tape)
    chosen = np.flatnonzero(log.rows.column("kind") == SOUND) + log.rows.first
    path = tmp_path / "sound.mcap"
    written, gone, added = save(log, chosen, path)
    assert written > 5 and written + gone == len(chosen) and added > 10
    assert open_recording(path).manifest["counts"]["audio"] == written
    told = [event for _, events in replay(path) for event in events]
    heard = [event for event in told if isinstance(event, ev.MediaReceived)]
    assert len(heard) == written and {event.medium for event in heard} == {Medium.AUDIO}
    assert not [event for event in told if isinstance(event, ev.TranscriptReceived)]


def test_each_message_is_there_once(tape, tmp_path):
    log = tape_log(tape)
    every = np.arange(log.rows.first, log.rows.end)
    written, gone, added = save(log, every, tmp_path / "all.mcap")
    assert (written, gone, added) == (len(every), 0, 0)
    assert open_recording(tmp_path / "all.mcap").manifest["counts"] == open_recording(tape).manifest["counts"]


def test_nothing_of_later_stands_before_a_message():
    book = OpeningBook()
    for serial in (0, 3, 9):
        book.put(serial, -2, Channel("audio", 1, "", "text"), serial, "{}")
    found = [(serial, one is not None, chosen) for serial, one, chosen in among(np.array([3, 5]), book.so_far())]
    assert found == [(0, True, False), (3, True, True), (5, False, True)]


def test_a_link_has_the_address_of_its_newest_opening():
    book = OpeningBook()
    for serial, url in ((0, "wss://a/x?token=***"), (10, "wss://b/x")):
        record = json.dumps({"do": "link_opened", "link": "audio", "url": url})
        book.put(serial, -2, Channel("audio", 1, "", "text"), serial, record)
    assert [url_of(book.so_far(), "audio", serial) for serial in (5, 10)] == ["wss://a/x", "wss://b/x"]
    assert url_of(book.so_far(), "video", 20) == NO_URL


def test_the_book_is_bounded_and_keeps_no_secret(monkeypatch):
    monkeypatch.setattr(message_opening, "KEPT", 2)
    book = OpeningBook()
    for serial in range(5):
        request = json.dumps({"msg_type": 1, "signature": m.SIGNATURE})
        book.put(serial, 1, Channel("signaling", 1, "out", "text"), serial, request)
    book.put(6, SOUND, Channel("audio", 1, "in", "text"), 6, "{}")
    assert [one.serial for one in book.so_far()] == [0, 1] and book.dropped == 3
    assert all(m.SIGNATURE.encode() not in one.body for one in book.so_far())
