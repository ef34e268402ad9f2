"""Which words stand under the pictures, and for how long."""

from __future__ import annotations

import dataclasses

import pytest

from rtms_desktop.session.events import ChatReceived, TranscriptReceived
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.stage_words import CAPTION_S, CHAT_S, StageWords
from rtms_desktop.wire.enums import Attribute, ChatOperation
from rtms_desktop.wire.messages import ChatData, Person, TranscriptData
from tests.fakes.controller import MAYA, FakeController

LINE = TranscriptReceived(
    at=10.0,
    link="transcript",
    message=TranscriptData(user_id=MAYA, user_name="Maya Okafor", text="Hello\nall", timestamp=1),
)
CHAT = ChatReceived(
    at=10.0,
    link="chat",
    message=ChatData(
        message_id="m1", operation=ChatOperation.NEW, timestamp=1, text="46 %", sender=Person(user_id=MAYA)
    ),
)


@pytest.fixture
def words(qapp, tmp_path):
    return StageWords(SpeakerColours(FakeController(tmp_path)), lambda user_id: f"Nina {user_id}")


def other(event, **changes):
    return dataclasses.replace(event, message=type(event.message)(**{
        name: changes.get(name, getattr(event.message, name)) for name in event.message.__struct_fields__
    }))  # fmt: skip


def test_a_caption_fades_and_says_so_once(words):
    assert words.hear(LINE)
    assert (words.caption(10.0).name, words.caption(10.0).text) == ("Maya", "Hello all")
    assert not words.age(9.9 + CAPTION_S) and words.age(10.0 + CAPTION_S) and not words.age(11.0 + CAPTION_S)
    assert words.caption(10.0 + CAPTION_S) is None


@pytest.mark.parametrize("changes", [{"text": " \n"}, {"attribute": Attribute.DELETE}])
def test_nothing_said_leaves_the_caption(words, changes):
    words.hear(LINE)
    assert not words.hear(other(LINE, **changes)) and words.caption(10.0).text == "Hello all"


def test_a_jump_drops_the_caption_and_another_session_the_chat_too(words):
    words.hear(LINE)
    assert words.take_chat(CHAT)
    words.jump()
    assert words.caption(10.0) is None and words.chat(10.0).name == "Nina"
    words.forget()
    assert words.chat(10.0) is None


def test_a_chat_message_stands_a_while(words):
    words.take_chat(CHAT)
    assert words.chat(9.9) is None and words.chat(10.0).text == "46 %" and words.chat(10.0 + CHAT_S) is None


@pytest.mark.parametrize("changes", [{"text": ""}, {"sender": None}, {"operation": ChatOperation.DELETE}])
def test_what_is_no_new_message_is_not_shown(words, changes):
    assert not words.take_chat(other(CHAT, **changes)) and words.chat(10.0) is None
