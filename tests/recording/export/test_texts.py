"""VTT, SRT, TXT, JSON and CSV: what was said, when and by whom, as it finally stood; nothing becomes markup."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.export.options import Format, Gaps
from rtms_desktop.session.events import GapReason
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m
from tests.recording.export.studio import Studio, made, meeting


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meeting(tmp_path_factory.mktemp("texts") / "one.rtmsrec")


def text(bundle: Path, folder: Path, kind: Format, **options: object) -> str:
    (path,) = made(bundle, folder / f"out.{kind}", kind, force=True, **options)
    return path.read_bytes().decode("utf-8")


def test_vtt(tmp_path: Path, bundle: Path) -> None:
    assert text(bundle, tmp_path, Format.VTT) == (
        "WEBVTT\n\n"
        "00:00:00.100 --> 00:00:00.900\n<v Ann>hello &lt;world&gt; --&gt; &amp; more\n\n"
        "00:00:01.200 --> 00:00:02.000\n<v Bob &lt;b&gt;&amp;>right\n\n"
    )


def test_srt(tmp_path: Path, bundle: Path) -> None:
    assert text(bundle, tmp_path, Format.SRT) == (
        "1\n00:00:00,100 --> 00:00:00,900\nAnn: hello <world> -> & more\n\n"
        "2\n00:00:01,200 --> 00:00:02,000\nBob <b>&: right\n\n"
    )


def test_txt(tmp_path: Path, bundle: Path) -> None:
    assert text(bundle, tmp_path, Format.TXT).splitlines() == [
        "[00:00:00.100] Ann: hello <world> --> & more",
        "[00:00:01.200] Bob <b>&: right",
        "",
        "Chat",
        "",
        "[00:00:00.300] Ann (private to Bob): first",
        "[00:00:00.600] Ann (edited): second, edited",
        "    file: deck.pdf",
        "    👍 1 (Bob)",
        "[00:00:00.800] Ann (deleted):",
    ]


def test_csv(tmp_path: Path, bundle: Path) -> None:
    rows = list(csv.DictReader(text(bundle, tmp_path, Format.CSV).splitlines()))
    assert rows == [
        {"start": "0.100", "end": "0.900", "speaker": "Ann", "user_id": str(m.ANN), "text": "hello <world> --> & more"},
        {"start": "1.200", "end": "2.000", "speaker": "Bob <b>&", "user_id": str(m.BOB), "text": "right"},
    ]


def test_json(tmp_path: Path, bundle: Path) -> None:
    told = json.loads(text(bundle, tmp_path, Format.JSON))
    assert told["ids"] == {"meeting_uuid": m.MEETING, "rtms_stream_id": m.STREAM}
    assert told["zero_ms"] == m.ZERO_MS and told["seconds"] == 4.0 and told["gap_policy"] == "fill"
    assert told["participants"] == [{"user_id": m.ANN, "name": "Ann"}, {"user_id": m.BOB, "name": "Bob <b>&"}]
    first = {"start": 0.1, "end": 0.9, "speaker": "Ann", "user_id": m.ANN, "language": 9}
    assert told["segments"][0] == first | {"text": "hello <world> --> & more"}
    assert [segment["text"] for segment in told["segments"]] == ["hello <world> --> & more", "right"]
    assert [(message["text"], message.get("deleted", False)) for message in told["chat"]] == [
        ("first", False),
        ("second, edited", False),
        ("", True),
    ]
    assert told["chat"][1]["reactions"] == {"👍": ["Bob"]}
    assert told["chat"][0]["receiver_id"] == m.BOB
    gap = {"start": 1.0, "end": 2.0, "seconds": 1.0, "medium": "audio", "user_id": m.ANN, "reason": "socket_down"}
    assert gap in told["gaps"]


def test_what_was_taken_back_is_in_no_export(tmp_path: Path, bundle: Path) -> None:
    for kind in (Format.VTT, Format.SRT, Format.TXT, Format.CSV, Format.JSON, Format.HTML):
        told = text(bundle, tmp_path, kind)
        assert "taken back" not in told and "wrong" not in told and "secret" not in told


def test_one_participant(tmp_path: Path, bundle: Path) -> None:
    assert "hello" not in text(bundle, tmp_path, Format.VTT, user_id=m.BOB)
    told = json.loads(text(bundle, tmp_path, Format.JSON, user_id=m.BOB))
    assert [segment["speaker"] for segment in told["segments"]] == ["Bob <b>&"]
    assert told["chat"] == [] and told["gaps"] == []


def test_gaps_are_marked_where_that_is_wanted(tmp_path: Path, bundle: Path) -> None:
    marked = text(bundle, tmp_path, Format.TXT, gaps=Gaps.MARK).splitlines()
    assert marked[1:3] == ["[00:00:01.000] [gap of 2.0 s: socket down]", "[00:00:01.200] Bob <b>&: right"]
    assert "[gap of" in text(bundle, tmp_path, Format.VTT, gaps=Gaps.MARK)
    rows = list(csv.DictReader(text(bundle, tmp_path, Format.CSV, gaps=Gaps.MARK).splitlines()))
    assert [row["speaker"] for row in rows].count("") == 1


def test_closed_up_text_moves_with_the_sound(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(16_000), 0)
    studio.gap(Medium.AUDIO, m.ANN, 1000, 5000, GapReason.PAUSE)
    studio.sound(m.tone(16_000), 5000)
    studio.say("before", 200, 800)
    studio.say("behind", 5200, 5900)
    bundle = studio.close()
    told = json.loads(text(bundle, tmp_path, Format.JSON, gaps=Gaps.CLOSE))
    assert [(segment["start"], segment["end"]) for segment in told["segments"]] == [(0.2, 0.8), (1.2, 1.9)]
    assert told["gaps"] == [
        {"start": 1.0, "end": 1.0, "seconds": 4.0, "medium": "audio", "user_id": m.ANN, "reason": "pause"}
    ]


def test_no_formula_reaches_a_spreadsheet(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.say("=1+1", 0, 100, name="@evil")
    (row,) = csv.DictReader(text(studio.close(), tmp_path, Format.CSV).splitlines())
    assert (row["speaker"], row["text"]) == ("'@evil", "'=1+1")


def test_line_ends_and_control_characters_cannot_break_out(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.say("a\r\n\r\n00:00:00.000 --> 00:00:09.000\x1b[31m\u2028x", 0, 100, name="E\nvil")
    bundle = studio.close()
    assert len(text(bundle, tmp_path, Format.VTT).split("\n\n")) == 3
    assert len(text(bundle, tmp_path, Format.SRT).splitlines()) == 4
    assert "\x1b" not in text(bundle, tmp_path, Format.TXT)


def test_nothing_said_is_told(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(1600), 0)
    bundle = studio.close()
    for kind in (Format.VTT, Format.SRT, Format.CSV, Format.TXT):
        with pytest.raises(BundleError, match="no transcript"):
            text(bundle, tmp_path, kind)
    assert json.loads(text(bundle, tmp_path, Format.JSON))["segments"] == []
