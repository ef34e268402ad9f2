from __future__ import annotations

import json

import pytest

from rtms_desktop.app.inspect import main
from rtms_desktop.errors import UsageError
from tests.app.messages import tape_of_meeting


@pytest.fixture(scope="module")
def tape(tmp_path_factory):
    return str(tape_of_meeting(tmp_path_factory.mktemp("tape") / "t.mcap"))


def lines(capsys, *words):
    assert main([*words]) == 0
    return capsys.readouterr().out.splitlines()


def test_messages_are_filtered_in_the_language_of_the_window(capsys, tape):
    every = lines(capsys, tape, "--messages")
    audio = lines(capsys, tape, "--messages", "--filter", "type:audio")
    assert len(every) > 700 and 0 < len(audio) < len(every) and set(audio) < set(every)
    assert all(" 14 MEDIA_DATA_AUDIO" in line for line in audio)
    trouble = lines(capsys, tape, "--messages", "--filter", "is:trouble")
    assert len(trouble) == 3 and "link_closed" in trouble[1]


def test_plain_words_are_still_looked_for_as_text(capsys, tape):
    said = lines(capsys, tape, "--messages", "--filter", "nordics")
    assert said and all("Nordics" in line for line in said)
    assert lines(capsys, tape, "--messages", "--filter", "DATA_HAND_SHAKE_RESP")


def test_json_has_the_same_rows(capsys, tape):
    rows = [json.loads(line) for line in lines(capsys, tape, "--messages", "--json", "--filter", "type:opened")]
    assert {row["type"] for row in rows} == {"link_opened"} and len(rows) == 6


def test_a_wrong_filter_says_what_was_meant(tape):
    with pytest.raises(UsageError) as caught:
        main([tape, "--messages", "--filter", "type:vidoe"])
    assert caught.value.sentence().endswith('No type is called "vidoe". Did you mean video?')
