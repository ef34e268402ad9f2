"""What a message carries besides the fields that are known is noted, once a connection, and changes nothing."""

from __future__ import annotations

import base64
import json
import pickle
from typing import Any

import pytest

from rtms_desktop.wire.codec import Reader, write
from rtms_desktop.wire.context import TOLD_MOST
from rtms_desktop.wire.enums import Dialect, Medium, Product
from rtms_desktop.wire.messages import EventUpdate, MediaData

NOW = 1749000000123
SOUND = {"user_id": 7, "user_name": "Ann", "data": base64.b64encode(b"abcd").decode(), "timestamp": NOW}


def told(reader: Reader, *messages: dict[str, Any]) -> list[str]:
    for message in messages:
        reader.read(json.dumps(message))
    return [note.text for note in reader.take_notes()]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ({"msg_type": 12, "timestamp": NOW, "sequence": 1, "nonce": 5}, "nonce"),
        ({"msg_type": 14, "content": SOUND | {"loudness": 3}}, "loudness"),
        ({"msg_type": 14, "content": SOUND, "seq": 3}, "seq"),
        ({"msg_type": 17, "content": SOUND | {"is_final": True}}, "is_final"),
        ({"msg_type": 6, "event": {"event_type": 2, "timestamp": NOW, "user_id": 7, "colour": "red"}}, "colour"),
        (
            {"msg_type": 2, "status_code": 0, "media_server": {"server_urls": {}, "srt_passphrase": "x"}},
            "srt_passphrase",
        ),
        ({"msg_type": 4, "status_code": 0, "media_params": {"video": {"codec": 7, "hdr": 1}}}, "hdr"),
    ],
)
def test_a_field_that_nobody_described_is_noted(message: dict[str, Any], name: str) -> None:
    (text,) = told(Reader(), message)
    assert text.startswith(f"{message['msg_type']} ") and f'"{name}"' in text


def test_it_is_noted_once_and_the_message_is_read_all_the_same() -> None:
    reader = Reader(Medium.AUDIO)
    message = {"msg_type": 14, "content": SOUND | {"loudness": 3}}
    assert len(told(reader, message, message)) == 1
    expected = MediaData(medium=Medium.AUDIO, user_id=7, user_name="Ann", data=b"abcd", timestamp=NOW)
    assert reader.read(json.dumps(message)) == (expected,)
    assert len(told(Reader(Medium.AUDIO), message)) == 1  # another connection tells it again


def test_a_reader_can_be_kept_on_disk() -> None:
    message = {"msg_type": 14, "content": SOUND | {"loudness": 3}}
    reader = Reader(Medium.AUDIO)
    assert len(told(reader, message)) == 1
    assert told(pickle.loads(pickle.dumps(reader)), message) == []


def test_what_a_server_invents_each_time_is_not_followed_for_ever() -> None:
    messages = [{"msg_type": 12, "timestamp": NOW, f"x{number}": 1} for number in range(3 * TOLD_MOST)]
    reader = Reader()
    for message in messages:
        reader.read(json.dumps(message))
        reader.take_notes()
    assert told(reader, {"msg_type": 12, "another": 1}) == []


@pytest.mark.parametrize("kind", [23, 24, 27])
def test_what_is_not_described_at_all_has_no_unexpected_field(kind: int) -> None:
    assert told(Reader(), {"msg_type": kind, "content": {"interpreter": {"lid": 1}}}) == []


@pytest.mark.parametrize("dialect", Dialect)
def test_the_media_of_every_dialect_are_known(dialect: Dialect) -> None:
    message = MediaData(medium=Medium.AUDIO, user_id=7, user_name="Ann", data=b"abcd", timestamp=NOW, channel_id="c")
    reader = Reader(Medium.AUDIO)
    reader.read(write(message, dialect))
    assert "unexpected_field" not in {note.kind for note in reader.take_notes()}


@pytest.mark.parametrize(
    ("product", "kind", "known"),
    [
        (Product.MEETING, 14, True), (Product.MEETING, 15, False), (Product.CONTACT_CENTER, 34, True),
        (Product.CONTACT_CENTER, 35, False), (Product.MEETING, 99, False),
    ],
)  # fmt: skip
def test_an_event_without_a_name_is_noted_once(product: Product, kind: int, known: bool) -> None:
    event = {"msg_type": 6, "event": {"event_type": kind, "timestamp": NOW}}
    reader = Reader(None, product)
    assert told(reader, event, event) == ([] if known else [f"event type {kind} is not known"])
    (message,) = reader.read(json.dumps(event))
    assert isinstance(message, EventUpdate) and message.event_type == kind
