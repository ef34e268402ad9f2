"""The Reader meets what no server should send, and never raises."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.wire.codec import MAX_DEPTH, Note, Reader, write
from rtms_desktop.wire.context import NOTES_KEPT
from rtms_desktop.wire.enums import Dialect, Medium, Product
from rtms_desktop.wire.messages import (
    EventUpdate,
    KeepAliveRequest,
    KeepAliveResponse,
    MediaData,
    Message,
    StreamStateUpdate,
    UnknownMessage,
)

NOW = 1749000000123
PCM = bytes(range(200))
H264 = b"\0\0\0\1\x65abc"
JPG = b"\xff\xd8\xff\xe0rest"
PNG = b"\x89PNG\r\n\x1a\nrest"


def read_one(data: str | bytes, medium: Medium | None = None) -> tuple[Message, list[str]]:
    reader = Reader(medium)
    (message,) = reader.read(data)
    return message, [note.kind for note in reader.take_notes()]


# -- raw frames ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("medium", "data"),
    [
        (Medium.AUDIO, PCM),
        (Medium.AUDIO, b"   " + PCM),
        (Medium.AUDIO, b"{" + bytes([0, 255] * 20)),
        (Medium.AUDIO, b"{" + bytes(50)),
        (Medium.VIDEO, H264),
        (Medium.VIDEO, JPG),
        (Medium.SHARE, PNG),
    ],
)
def test_a_raw_frame_is_media_of_its_socket(medium: Medium, data: bytes) -> None:
    reader = Reader(medium)
    assert reader.read(data) == (MediaData(medium=medium, user_id=0, data=data, timestamp=0, binary=True),)
    assert reader.dialect is Dialect.BINARY


@pytest.mark.parametrize("medium", [None, Medium.TRANSCRIPT, Medium.CHAT])
def test_a_raw_frame_elsewhere_is_unknown(medium: Medium | None) -> None:
    message, notes = read_one(PCM, medium)
    assert isinstance(message, UnknownMessage)
    assert message.raw == PCM
    assert notes == ["unreadable"]


def test_an_empty_frame_is_unknown() -> None:
    assert isinstance(read_one(b"", Medium.AUDIO)[0], UnknownMessage)
    assert isinstance(read_one("", Medium.AUDIO)[0], UnknownMessage)


def test_broken_json_on_the_audio_socket_is_not_played() -> None:
    text = b'{"msg_type": 14, "content": {"user_id": 5, \n "data": "AQAB'
    message, notes = read_one(text, Medium.AUDIO)
    assert isinstance(message, UnknownMessage)
    assert notes == ["unreadable"]


def test_json_on_a_binary_connection_is_still_json() -> None:
    reader = Reader(Medium.AUDIO)
    reader.read(PCM)
    assert isinstance(reader.read(b' {"msg_type":12,"timestamp":1749000000123,"sequence":1}')[0], KeepAliveRequest)


# -- damaged JSON -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"msg_type":8,"state":1,"timestamp":1749000000123,"x":NaN}',
        '{"msg_type":8,"state":1,"timestamp":1749000000123,"x":[1e999,{"y":-Infinity}]}',
        '{"msg_type":8,"state":1,"timestamp":1749000000123,"x":"\\ud800"}',
        '{"msg_type":8,"state":1,"timestamp":1749000000123,"x":"\ud800"}',
        '\ufeff{"msg_type":8,"state":1,"timestamp":1749000000123}',
        b'\xef\xbb\xbf{"msg_type":8,"state":1,"timestamp":1749000000123}',
        b'{"msg_type":8,"state":1,"timestamp":1749000000123,"x":"\xff"}',
    ],
)
def test_what_can_be_read_is_read_and_noted(text: str | bytes) -> None:
    message, notes = read_one(text)
    assert message == StreamStateUpdate(state=1, timestamp=NOW)
    assert [note for note in notes if note != "unexpected_field"] == ["damaged"]


def test_only_the_first_of_two_objects_counts() -> None:
    first = write(StreamStateUpdate(state=1, reason=0, timestamp=NOW))
    message, notes = read_one(first + '{"msg_type":8,"state":4,"timestamp":1749000000123}')
    assert message == StreamStateUpdate(state=1, reason=0, timestamp=NOW)
    assert notes == ["trailing"]


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        '{"msg_type":',
        "[" * 100_000,
        '{"msg_type":6,"event":' + '{"a":' * 100 + "1" + "}" * 101,
        '{"msg_type":6,"event":' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}",
        '{"msg_type":' + "9" * 5000 + "}",
        '{"msg_type":' + "9" * 400 + "}",
        '{"msg_type":-1}',
        '{"msg_type":[6]}',
        '{"msg_type":"\\u0000"}',
    ],
)
def test_everything_else_is_an_unknown_message(text: str) -> None:
    message, notes = read_one(text)
    assert isinstance(message, UnknownMessage)
    assert message.why
    assert notes == ["unreadable"]


def test_deep_is_what_nests_deeper_than_the_limit() -> None:
    fine = '{"msg_type":6,"event":{"event_type":1,"x":' + "[" * (MAX_DEPTH - 3) + "]" * (MAX_DEPTH - 3) + "}}"
    assert isinstance(read_one(fine)[0], EventUpdate)


def test_numbers_beyond_64_bits_do_not_spread() -> None:
    huge = 10**300
    content = {"user_id": huge, "data": "AQABAA==", "timestamp": huge, "length": huge}
    message, _ = read_one(json.dumps({"msg_type": 14, "content": content}), Medium.AUDIO)
    assert isinstance(message, MediaData)
    assert 0 <= message.user_id < 2**31
    assert message.timestamp == 0
    message, _ = read_one(json.dumps({"msg_type": 14, "content": {**content, "timestamp": NOW}}), Medium.AUDIO)
    assert isinstance(message, MediaData)
    assert 0 <= message.user_id < 2**31
    echo = read_one(json.dumps({"msg_type": 12, "timestamp": huge}))[0]
    assert isinstance(echo, KeepAliveRequest)
    assert str(huge) in write(KeepAliveResponse(echo=echo.echo))


# -- connection state ---------------------------------------------------------------------------------------------


def test_a_dialect_is_noted_once_and_names_win() -> None:
    reader = Reader(Medium.AUDIO)
    flat = write(MediaData(medium=Medium.AUDIO, user_id=1, data=b"ab", timestamp=NOW), Dialect.FLAT)
    reader.read(flat)
    reader.read(flat)
    assert [note.kind for note in reader.notes] == ["dialect"]
    assert reader.dialect is Dialect.FLAT
    reader.read('{"msg_type":"KEEP_ALIVE_REQ"}')
    assert reader.dialect is Dialect.README
    reader.read(flat)
    assert reader.dialect is Dialect.README
    assert [note.kind for note in reader.take_notes()] == ["dialect", "dialect"]
    assert reader.take_notes() == []


def test_notes_are_bounded() -> None:
    reader = Reader()
    for _ in range(NOTES_KEPT + 10):
        reader.read("?")
    assert len(reader.notes) == NOTES_KEPT
    assert reader.notes[0] == Note("unreadable", "the message is no JSON", "warning")


@pytest.mark.parametrize("data", ["no JSON, token=abcdef", b'no JSON, "token":"abcdef"'])
def test_what_is_no_message_goes_on_without_secrets(data: str | bytes) -> None:
    message, _ = read_one(data)
    assert isinstance(message, UnknownMessage)
    assert message.raw in ("no JSON, token=***", b'no JSON, "token":"***"')


def test_the_product_decides_what_event_names_mean() -> None:
    text = '{"msg_type":6,"event":{"event_type":"USER_HOLD","event_ts":1749000000123}}'
    (message,) = Reader(product=Product.CONTACT_CENTER).read(text)
    assert isinstance(message, EventUpdate)
    assert message.event_type == 12
    assert isinstance(Reader().read(text)[0], UnknownMessage)


def test_big_frames_survive() -> None:
    data = os.urandom(3_000_000)
    message = MediaData(medium=Medium.VIDEO, user_id=1, data=data, timestamp=NOW)
    assert Reader(Medium.VIDEO).read(write(message)) == (message,)


# -- properties ---------------------------------------------------------------------------------------------------

MEDIA = st.sampled_from([None, *Medium])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.sampled_from(
    "content event events event_type state reason stop_reason status status_code media_server server_urls media_urls "
    "media_params audio deskshare content_type codec user_id user_name data timestamp participants participant_info "
    "rtms_session_id rtms_stream_id chat_session sender files operation_type message_id data_type length metadata "
    "subscribe sequence channel_id delete_file_id_list media_server_url serverUrl ui_state".split()
) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["AQABAA==", "wss://h/a, wss://h/b", "STATUS_OK", "STOP_BC_USER_LEFT", "{}", NOW]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)
TYPES = st.integers(-1, 32) | st.sampled_from(["EVENT_UPDATE", "6", 6.0, "MEDIA_DATA_CHAT", None, True, "x"])


@given(st.binary(max_size=300), MEDIA)
def test_no_bytes_raise(data: bytes, medium: Medium | None) -> None:
    (message,) = Reader(medium).read(data)
    assert isinstance(message, Message)


@given(st.text(st.characters(), max_size=300), MEDIA)
def test_no_text_raises(text: str, medium: Medium | None) -> None:
    (message,) = Reader(medium).read(text)
    assert isinstance(message, UnknownMessage)


@given(TYPES, st.dictionaries(KEYS, VALUES, max_size=8), MEDIA, st.sampled_from(Product))
def test_no_object_raises_and_what_is_read_can_be_written(
    kind: Any, fields: dict[str, Any], medium: Medium | None, product: Product
) -> None:
    (message,) = Reader(medium, product).read(json.dumps({**fields, "msg_type": kind}))
    for dialect in Dialect:
        text = write(message, dialect)
        assert isinstance(Reader(medium, product).read(text)[0], Message)


@given(st.binary(min_size=1, max_size=100), st.sampled_from(["plain", "lines", "url", "unpadded"]))
def test_every_base64_is_understood(data: bytes, form: str) -> None:
    encoded = base64.b64encode(data).decode()
    if form == "lines":
        encoded = "\r\n".join(encoded[i : i + 4] for i in range(0, len(encoded), 4))
    elif form == "url":
        encoded = base64.urlsafe_b64encode(data).decode()
    elif form == "unpadded":
        encoded = encoded.rstrip("=")
    text = json.dumps({"msg_type": 14, "content": {"user_id": 1, "data": encoded, "timestamp": NOW}})
    (message,) = Reader(Medium.AUDIO).read(text)
    assert isinstance(message, MediaData)
    assert message.data == data
