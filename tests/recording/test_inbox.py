"""The queue before the recorder: bounded by bytes, loses the newest media only, and says what."""

from __future__ import annotations

from rtms_desktop.recording.inbox import (
    ControlRecord,
    Dropped,
    RecorderQueue,
    SessionEvents,
    TapeMessage,
)
from rtms_desktop.session.events import GapReason
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m

BIG = 10_000


def message(number: int, size: int = BIG) -> TapeMessage:
    return TapeMessage("video", 1, "in", bytes(size), float(number))


def drain(queue: RecorderQueue) -> list[object]:
    found = []
    while (entry := queue.take()) is not None:
        found.append(entry)
    return found


def test_entries_come_out_in_order_and_the_bytes_are_counted() -> None:
    queue = RecorderQueue()
    entries = [message(1), ControlRecord({"do": "wake"}, 2.0), SessionEvents([m.media(Medium.AUDIO, bytes(640), 0)])]
    queue.put_message(entries[0])  # type: ignore[arg-type]
    queue.put_control(entries[1])  # type: ignore[arg-type]
    queue.put_events(entries[2].events)  # type: ignore[union-attr]
    assert queue.bytes > BIG + 640
    assert drain(queue) == entries
    assert queue.bytes == 0 and queue.take() is None


def test_the_newest_is_dropped_until_half_is_free_again() -> None:
    queue = RecorderQueue(limit=10 * BIG)
    for number in range(15):
        queue.put_message(message(number))
    assert queue.dropped_messages == 5 and queue.bytes == 10 * BIG
    for _ in range(3):
        queue.take()
    queue.put_message(message(15))
    assert queue.dropped_messages == 6
    for _ in range(3):
        queue.take()
    queue.put_message(message(16))
    left = drain(queue)
    assert [entry.at for entry in left if isinstance(entry, TapeMessage)] == [6.0, 7.0, 8.0, 9.0, 16.0]
    assert left[-2] == Dropped(6, 6 * BIG, 10.0, 15.0, ())


def test_what_is_small_still_gets_in() -> None:
    queue = RecorderQueue(limit=BIG)
    queue.put_message(message(1))
    queue.put_message(message(2))
    queue.put_message(message(3, size=100))
    queue.put_control(ControlRecord({"do": "wake"}, 4.0))
    queue.put_events([m.media(Medium.VIDEO, bytes(BIG), 40), m.said("words", 0, 10)])
    entries = drain(queue)
    assert [type(entry) for entry in entries] == [TapeMessage, TapeMessage, ControlRecord, SessionEvents]
    assert [type(event).__name__ for event in entries[-1].events] == ["TranscriptReceived"]  # type: ignore[attr-defined]
    assert (queue.dropped_messages, queue.dropped_units) == (1, 1)


def test_even_small_things_have_a_bound() -> None:
    queue = RecorderQueue(limit=0)
    for number in range(100_000):
        queue.put_control(ControlRecord({"n": number}, 1.0))
    assert queue.bytes <= 17 * 1024 * 1024
    assert 10_000 < len(drain(queue)) < 100_000


def test_lost_media_become_gaps_by_track() -> None:
    queue = RecorderQueue(limit=BIG)
    queue.put_message(message(1))
    for ms in (0, 40, 80):
        queue.put_events([m.media(Medium.VIDEO, bytes(BIG), ms), m.media(Medium.AUDIO, bytes(BIG), ms + 5, m.BOB)])
    queue.settle()
    loss = drain(queue)[-1]
    assert isinstance(loss, Dropped)
    assert {(gap.medium, gap.user_id, gap.start_ms, gap.end_ms) for gap in loss.gaps} == {
        (Medium.VIDEO, m.ANN, m.ZERO_MS, m.ZERO_MS + 80),
        (Medium.AUDIO, m.BOB, m.ZERO_MS + 5, m.ZERO_MS + 85),
    }
    assert {gap.reason for gap in loss.gaps} == {GapReason.DROPPED_HERE}
    queue.settle()
    assert queue.take() is None
