"""Text beside the tape: exact fields, captions that follow revisions, nothing that becomes markup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtms_desktop.recording.sidecars import Sidecars, chat_row, clock_text, event_row
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import ChatData, ChatFile, EventUpdate, Person, UnknownMessage
from tests.recording import material as m


def captions(folder: Path, *said: ev.TranscriptReceived) -> str:
    sidecars = Sidecars(folder, str)
    for line in said:
        sidecars.transcript(line.message, m.ZERO_MS)
    sidecars.close(m.ZERO_MS)
    return (folder / "transcript.vtt").read_text("utf-8")


def test_captions_are_appended_as_they_come(tmp_path: Path) -> None:
    sidecars = Sidecars(tmp_path, str)
    sidecars.transcript(m.said("one\n--> two & <i>three</i>", 1000, 2000).message, m.ZERO_MS)
    text = (tmp_path / "transcript.vtt").read_text("utf-8")
    assert text == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ann>one --&gt; two &amp; &lt;i&gt;three&lt;/i&gt;\n\n")
    sidecars.close(m.ZERO_MS)


def test_updates_and_deletions_leave_the_final_words(tmp_path: Path) -> None:
    text = captions(
        tmp_path,
        m.said("helo", 1000, 2000, attribute=1),
        m.said("never mind", 3000, 4000, attribute=1),
        m.said("hello", 1000, 2200, attribute=2),
        m.said("", 3000, 4000, attribute=3),
    )
    assert text == "WEBVTT\n\n00:00:01.000 --> 00:00:02.200\n<v Ann>hello\n\n"
    rows = [json.loads(line) for line in (tmp_path / "transcript.jsonl").read_text().splitlines()]
    assert [(row["attribute"], row["text"]) for row in rows] == [(1, "helo"), (1, "never mind"), (2, "hello"), (3, "")]


def test_captions_stand_in_the_order_of_speech(tmp_path: Path) -> None:
    text = captions(tmp_path, m.said("second", 3000, 3100), m.said("first", 1000, 1500))
    assert text.index("first") < text.index("second")
    assert "00:00:03.000 --> 00:00:03.500" in text  # no cue too short to read


def test_a_speaker_without_a_name_is_a_number(tmp_path: Path) -> None:
    assert f"<v {m.ANN}>x" in captions(tmp_path, m.said("x", 0, 900, user_name=""))


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "00:00:00.000"), (3_661_042, "01:01:01.042"), (360_000_000, "100:00:00.000")]
)
def test_clock(ms: int, text: str) -> None:
    assert clock_text(ms) == text


def test_chat_keeps_whatever_the_message_had() -> None:
    message = ChatData(
        text="look", timestamp=5, message_id="A2", parent_message_id="A1", session_type=2, session_id="G",
        sender=Person(user_id=1, user_name="Ann"), receiver=Person(user_id=2, user_name="Bob"),
        files=(ChatFile(file_id="F", file_name="a.txt", file_size=3),),
    )  # fmt: skip
    assert chat_row(message) == {
        "timestamp": 5, "operation": 1, "message_id": "A2", "sender_id": 1, "sender_name": "Ann", "session_type": 2,
        "text": "look", "parent_message_id": "A1", "session_id": "G", "receiver_id": 2, "receiver_name": "Bob",
        "files": [{"file_id": "F", "file_name": "a.txt", "file_size": 3}],
    }  # fmt: skip
    assert chat_row(ChatData(text="", timestamp=0))["sender_id"] is None


def test_any_event_becomes_a_line() -> None:
    gap = ev.Gap(medium=Medium.AUDIO, user_id=1, start_ms=0, end_ms=None, reason=ev.GapReason.PAUSE)
    told = [
        ev.GapOpened(at=1.0, gap=gap),
        ev.WireEvent(at=1.0, link="signaling", message=EventUpdate(event_type=2, raw={"x": [1, {"y": None}]})),
        ev.OtherMessage(at=1.0, link="audio", message=UnknownMessage(msg_type="?", why="odd", raw={b"k": object()})),
        ev.SessionEnded(
            at=1.0, cause=ev.EndCause.LOCAL, stop_reason=None, status_code=None, reason="", sentence="Disconnected."
        ),
    ]
    rows = [json.loads(json.dumps(event_row(event, 7), default=str)) for event in told]
    assert [row["event"] for row in rows] == ["GapOpened", "WireEvent", "OtherMessage", "SessionEnded"]
    assert rows[0]["gap"]["reason"] == "pause" and rows[0]["wall_ms"] == 7


def test_an_event_of_garbage_is_written_all_the_same(tmp_path: Path) -> None:
    sidecars = Sidecars(tmp_path, str)
    message = UnknownMessage(msg_type=None, why="\ud800 broken", raw=b"\xff\x00")
    sidecars.event(ev.OtherMessage(at=1.0, link="audio", message=message), 1)
    sidecars.close(0)
    assert len((tmp_path / "events.jsonl").read_bytes().splitlines()) == 1
