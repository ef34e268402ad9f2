from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.app.message_scan import UNREADABLE, scan, user_name
from tests.fakes.clips import clip

DATA = base64.b64encode(bytes(5000)).decode()


def media(kind=14, **more):
    content = {"user_id": 7, "user_name": 'Ann \\ "B"', "data": DATA, "timestamp": 1_749_000_000_123} | more
    return json.dumps({"msg_type": kind, "content": content})


def test_type_speaker_and_time_are_found_on_both_sides_of_the_data():
    found = scan(media())
    assert (found.kind, found.user, found.stamp, found.key) == (14, 7, 1_749_000_000_123, False)
    assert scan(media().encode())[:4] == found[:4]
    assert user_name(media()) == 'Ann \\ "B"'


def test_a_type_that_stands_last_and_one_that_is_a_name_are_found():
    last = json.dumps({"content": {"data": DATA, "user_id": "9"}, "msg_type": "MEDIA_DATA_VIDEO"})
    assert scan(last)[:2] == (15, 9)
    behind = '{"content":{"data":"' + DATA + '"},"msg_type":13,"pad":"' + "x" * 5000 + '"}'
    assert scan(behind).kind == 13


@pytest.mark.parametrize("data", ["", "x", "[]", b"\xff\xfe", '{"a":1}', '{"msg_type":"NO_SUCH"}', "{"])
def test_what_is_no_message_is_unreadable(data):
    assert scan(data, "signaling").kind == UNREADABLE


def test_raw_frames_are_media_of_their_socket():
    assert scan(b"\x01\x00" * 320, "audio")[:2] == (14, 0)
    assert scan(clip(2)[0], "video").key and not scan(clip(2)[1], "video").key


def test_keyframes_are_told_apart_in_either_envelope():
    first, second = (base64.b64encode(unit).decode() for unit in clip(2))
    assert scan(media(15, data=first)).key and not scan(media(15, data=second)).key
    assert scan(json.dumps({"msg_type": 15, "user_id": 1, "content": first})).key
    assert not scan(media(16, data=first)).key


@given(st.text() | st.binary())
def test_nothing_makes_it_raise(data):
    scan(data, "video")
    user_name(data)
