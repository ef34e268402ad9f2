from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.app.message_filter import parse
from rtms_desktop.app.message_match import match, search
from rtms_desktop.app.message_rows import type_label
from tests.app.messages import OnTape, live_log, tape_log
from tests.fakes.messages import MAYA, TOMAS


@pytest.fixture(scope="module")
def log():
    return live_log()[0]


def found(log, source):
    """Positions of all rows that match."""
    node = parse(source)
    part = match(node, log.rows)
    bodies = log.bodies(part.open + log.rows.first)
    hits = [hit for _, hit in search(node, log.rows, part.open, bodies)]
    bodies.close()
    return np.sort(np.concatenate([part.sure, *hits])).tolist()


def kinds(log, source):
    return {type_label(log.rows.value("kind", position)) for position in found(log, source)}


def test_columns_decide_without_reading(log):
    assert kinds(log, "type:audio") == {"14 MEDIA_DATA_AUDIO"}
    assert {log.rows.user(p) for p in found(log, 'user:"maya"')} == {MAYA}
    assert {log.rows.user(p) for p in found(log, f"user:{TOMAS},none")} == {TOMAS, None}
    assert all(log.rows.value("size", p) > 1_000 for p in found(log, "size>1k"))
    assert {log.rows.channel(p).direction for p in found(log, "dir:out")} == {"out"}
    assert len(found(log, "gap>1s type:video")) == 1
    assert {log.rows.channel(p).attempt for p in found(log, "attempt>1")} == {2}
    assert kinds(log, "is:lost") == {"6 EVENT_UPDATE", "socket closed"}
    assert match(parse("type:audio or -dir:in"), log.rows).open.tolist() == []


def test_a_filter_and_its_opposite_share_all_rows(log):
    for source in ("type:audio", "lag>100", "user:maya or is:gap", "nordics", "(type:video /m/) or chat"):
        inside, outside = found(log, source), found(log, f"-({source})")
        assert not set(inside) & set(outside)
        assert sorted(inside + outside) == list(range(len(log.rows)))


def test_text_is_looked_for_in_what_is_said_and_in_names(log):
    assert kinds(log, "dach") == {"17 MEDIA_DATA_TRANSCRIPT"}
    assert kinds(log, "/nordics.*dach/") == {"17 MEDIA_DATA_TRANSCRIPT"}
    assert found(log, "media_data_video") == found(log, "type:video")
    assert not found(log, "5f0c1d7e9ab24c60")  # a secret cannot be guessed by searching for it


def test_only_what_columns_leave_open_is_read(log):
    part = match(parse("type:transcript nordics"), log.rows)
    assert len(part.open) == len(found(log, "type:transcript")) and not len(part.sure)
    part = match(parse("type:audio or nordics"), log.rows)
    assert len(part.sure) == len(found(log, "type:audio")) and not set(part.sure) & set(part.open)


def test_a_part_of_the_rows_can_be_looked_at(log):
    whole = found(log, "type:video")
    part = match(parse("type:video"), log.rows, 100, 300)
    assert part.sure.tolist() == [position for position in whole if 100 <= position < 300]


def test_a_search_can_be_stopped(log):
    part = match(parse("x"), log.rows)
    assert list(search(parse("x"), log.rows, part.open, log.bodies(part.open), lambda: True)) == []


def test_timers_are_shown_only_when_asked_for(tmp_path):
    tape = OnTape(tmp_path / "t.mcap")
    tape.control({"do": "wake", "now": 1.0}, 1.0)
    tape.control({"do": "mark", "text": "here", "now": 1.0}, 1.0)
    tape.writer.close()
    log = tape_log(tmp_path / "t.mcap")
    assert found(log, "") == found(log, "-type:audio") == [1]
    assert found(log, "type:timer") == [0]
