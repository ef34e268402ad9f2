from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from rtms_desktop.app.h264_analysis import analyse
from rtms_desktop.app.message_detail import make_detail, wanted_serials
from rtms_desktop.app.message_export import as_curl, as_json, as_python, save_tape
from rtms_desktop.app.message_log import MessageLog
from rtms_desktop.app.message_rows import Flag
from rtms_desktop.app.message_text import GONE, content_text
from rtms_desktop.errors import DiskError
from tests.app.messages import live_log, tape_log
from tests.fakes.clips import clip
from tests.fakes.messages import SIGNATURE, Script


@pytest.fixture(scope="module")
def log():
    return live_log()[0]


def of_kind(log, kind, number=-1):
    return int(np.flatnonzero(log.rows.column("kind") == kind)[number]) + log.rows.first


def detail(log, serial):
    wanted = wanted_serials(log.rows, serial)
    told = []
    made = make_detail(log, serial, wanted, log.bodies(wanted), told.append)
    assert made.fresh and (not made.held or told == [made])
    return made


def leaves(branch):
    return {branch.key: branch.text, **{k: v for child in branch.children for k, v in leaves(child).items()}}


def notes(branch):
    return {branch.key: branch.note, **{k: v for child in branch.children for k, v in notes(child).items()}}


def line(log, serial):
    bodies = log.bodies(np.array([serial]))
    return content_text(log.rows, serial, bodies.get(serial))


def test_each_kind_of_message_has_its_line(log):
    gap = int(np.flatnonzero(log.rows.column("flags") & Flag.GAP)[0])
    assert line(log, gap) == "keyframe 320×180 · gap 4.1 s"
    assert line(log, of_kind(log, 15)) == "P frame"
    assert line(log, of_kind(log, 14)) == "1,280 bytes of sound"
    assert line(log, of_kind(log, 16)) == "JPEG 320×180"
    assert line(log, of_kind(log, 17)).startswith(("Nordics", "<b>Is it"))
    assert line(log, of_kind(log, 12)).startswith("sequence ")
    assert line(log, of_kind(log, 6)) == "event 7 MEDIA_CONNECTION_INTERRUPTED"
    assert line(log, of_kind(log, 4, 1)) == "0 OK · H264 · HD 1280×720 · 25 fps"
    assert line(log, of_kind(log, -2)).startswith("wss://rtms-sjc1.zoom.us/")
    assert line(log, of_kind(log, -3)).startswith("1006 ")
    assert content_text(log.rows, 5, None) == GONE


def test_a_refusal_names_number_name_and_reason():
    log = MessageLog()
    Script(log).refuse()
    assert line(log, 0).startswith("3 INVALID_SIGNATURE")


def test_the_tree_names_numbers_and_blanks_secrets(log):
    answer = detail(log, of_kind(log, 4, 1)).tree
    assert notes(answer)["codec"] == "H264" and notes(answer)["status_code"] == "OK"
    request = detail(log, of_kind(log, 3)).tree
    assert leaves(request)["signature"] == "***" and notes(request)["msg_type"] == "DATA_HAND_SHAKE_REQ"
    assert notes(request)["media_type"] == "VIDEO"
    video = detail(log, of_kind(log, 15)).tree
    assert leaves(video)["data"].startswith("H.264, ") and notes(video)["timestamp"] == "182 ms before arrival"


def test_a_picture_is_decoded_from_its_keyframe_on(log):
    last = of_kind(log, 15)
    made = detail(log, last)
    assert made.shape == "h264" and made.picture.source == (320, 180) and not made.picture.corrupt
    rgba = np.frombuffer(made.picture.rgba, np.uint8).reshape(made.picture.height, made.picture.width, 4)
    number = int(np.flatnonzero(np.flatnonzero(log.rows.column("kind") == 15) == last)[0])
    bright = np.flatnonzero(rgba[90, :, 0] > 150)
    assert len(bright) >= 14 and bright[0] % 4 in (0, 1, 3), number
    report = made.report
    assert report.kind == "P" and report.whole and len(report.group) == 24 + 1 and not report.lost
    assert [picture.size for picture in report.group] == [len(p) for p in detail_group(log, last)]
    assert report.place == 24 and report.group[24].serial == last and not report.complete
    key = detail(log, int(np.flatnonzero(log.rows.column("flags") & Flag.KEY)[0]))
    assert key.report.keyframe and [unit.name for unit in key.report.units][:2] == ["SPS", "PPS"]


def test_a_picture_knows_its_whole_group(log):
    keys = np.flatnonzero(log.rows.column("flags") & Flag.KEY)
    first, second = (int(key) + log.rows.first for key in keys[:2])
    made = detail(log, of_kind(log, 15, 10))
    report = made.report
    assert made.picture is not None and report.complete and report.place == 10
    assert [picture.kind for picture in report.group] == ["I"] + ["P"] * 24
    assert report.group[0].serial == first and report.group[-1].serial < second
    facts = dict(report.facts())
    kbit = sum(picture.size for picture in report.group) * 8 / 1000
    assert facts["GOP"] == f"picture 11 of 25 · {kbit:,.0f} kbit" and facts["Pictures"] == "I 1 · P 24 · B 0"


def test_pictures_between_others_are_told_apart():
    pictures = clip(10, gop=10, between=2)
    report = analyse(pictures, place=1)
    kinds = [picture.kind for picture in report.group]
    assert kinds[0] == "I" and kinds.count("B") >= 4 and report.kind == kinds[1]
    assert dict(report.facts())["GOP so far"].startswith("picture 2 of 10 · ")


def detail_group(log, serial):
    wanted = wanted_serials(log.rows, serial)
    bodies = log.bodies(wanted)

    return [base64.b64decode(json.loads(bodies.get(s))["content"]["data"]) for s in wanted.tolist()]


def test_lost_pictures_are_counted_and_a_missing_keyframe_is_said():
    log = MessageLog()
    script = Script(log)
    for number in (0, 1, 2, 5, 6):
        script.wait(0.04)
        script.media("video", 15, script.pictures[number], 16779264)
    made = detail(log, log.rows.end - 1)
    assert made.report.lost == 2 and made.report.lost_here == 0
    assert detail(log, log.rows.end - 2).report.lost_here == 2
    alone = MessageLog()
    script = Script(alone)
    script.media("video", 15, script.pictures[4], 16779264)
    made = detail(alone, 0)
    assert made.picture is None and made.problem == "Its keyframe is not held." and not made.report.whole


def test_sound_is_shown_in_the_granted_format(log):
    made = detail(log, of_kind(log, 14))
    assert made.sound.rate == 16_000 and made.sound.seconds == pytest.approx(0.04)
    assert made.sound.peak_db <= 0 and len(made.sound.low) == len(made.sound.high) == 240


def test_pictures_and_words_of_other_media(log):
    assert detail(log, of_kind(log, 16)).picture.source == (320, 180)
    text = detail(log, of_kind(log, 17, 1))
    assert text.shape == "text" and "bank" in text.text


def test_a_body_that_is_gone_is_said_to_be():
    log = MessageLog(ring=10)
    Script(log).open_all()
    assert detail(log, 0).held is False


def test_messages_are_copied_without_secrets(log):
    serial = of_kind(log, 3)
    bodies = log.bodies(np.array([serial, serial + 1]))
    request, channel = bodies.get(serial), log.rows.channel(serial)
    assert json.loads(as_json([request]))["msg_type"] == 3
    assert len(json.loads(as_json([request, bodies.get(serial + 1)]))) == 2
    curl, python = as_curl(channel, "wss://h/x", request), as_python(channel, "wss://h/x", request)
    for text in (curl, python):
        assert SIGNATURE not in text and "h/x" in text
    assert "https://h/x" in curl
    compile(python, "copied", "exec")
    compile(as_python(log.rows.channel(serial + 1), "", bodies.get(serial + 1)), "copied", "exec")


def test_a_choice_of_messages_becomes_a_tape(log, tmp_path):
    serials = np.arange(log.rows.first, log.rows.end, 3)
    saved = save_tape(log, serials, log.bodies(serials), tmp_path / "t.mcap")
    assert saved == (len(serials), 0, 0)
    again = tape_log(tmp_path / "t.mcap")
    assert again.rows.column("kind").tolist() == log.rows.column("kind")[::3].tolist()
    assert again.rows.column("lag").tolist() == log.rows.column("lag")[::3].tolist()
    assert SIGNATURE.encode() not in (tmp_path / "t.mcap").read_bytes()
    with pytest.raises(DiskError):
        save_tape(log, serials, log.bodies(serials), tmp_path / "no" / "t.mcap")
    assert save_tape(log, serials, log.bodies(serials), tmp_path / "s.mcap", stop=lambda: True) == (0, 0, 0)
    assert not (tmp_path / "s.mcap").exists()
