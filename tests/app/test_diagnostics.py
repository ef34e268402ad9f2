"""The archive: all that helps is in it, and not one byte of what was planted to be found."""

from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path

import pytest

from rtms_desktop.app.checklist import Checklist
from rtms_desktop.app.diagnostics import README, about, gather, plain_settings, read_logs, step_rows, write
from rtms_desktop.app.journal import Journal
from rtms_desktop.app.metrics import Meter
from rtms_desktop.app.run_log import FORMAT
from rtms_desktop.app.scrub import ENDED_BADLY, Scrubber
from rtms_desktop.app.settings import RecentSession, Settings
from rtms_desktop.errors import DiskError
from rtms_desktop.session.events import EndCause
from rtms_desktop.wire.enums import Medium
from tests.app.open_metrics import parse
from tests.fakes.controller import MAYA, NAMES, FakeController, an_invite

SECRET, TOKEN, CLIENT = "top5ecretValue", "whsec-9f3a7c", "AbCdEfGh1234"
SPOKEN, WRITTEN, FOLDER = "the merger is off", "see my private link", "/home/maya.okafor/Meetings of Maya"
SIGNATURE = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def archive(tmp_path: Path) -> dict[str, str]:
    """Of a program that has seen everything that must not get out."""
    controller = FakeController(tmp_path / "config")
    journal, meter = Journal(controller.hub, controller.clock), Meter(controller.clock.now)
    controller.hub.subscribe_stream(meter.hear)
    settings = controller.settings
    settings.values.client_ids = [CLIENT]
    settings.values.recordings = FOLDER
    settings.values.title_template = f"{NAMES[MAYA]} {{date}}"
    settings.remember(RecentSession(title=f"Call with {NAMES[MAYA]}", product="meeting", opened_ms=1))
    controller.live()
    controller.recording.start()
    controller.step(2)
    controller.say(MAYA, SPOKEN)
    controller.write(MAYA, WRITTEN)
    controller.lose("video")
    controller.step(2)
    controller.regain("video")
    controller.mock.says("say", "transcript", text=SPOKEN, user_name=NAMES[MAYA], number=3, user_id=MAYA)
    steps = step_rows(Checklist(frozenset(Medium)).steps)
    made = gather(
        journal, meter, [*controller.alerts.history, *controller.alerts.active], steps, controller.mock.log, None,
        [SECRET, TOKEN, CLIENT],
    )  # fmt: skip
    logs = tmp_path / "log"
    logs.mkdir()
    (logs / "20261120T100000-1.log").write_text(f"x\n\n{ENDED_BADLY}\n{CRASH}", encoding="utf-8")
    (logs / "20261121T100000-2.log").write_text(LOG, encoding="utf-8")
    controller.end(EndCause.LOCAL, None, "")
    write(tmp_path / "out" / "diagnostics.zip", made, settings, logs)
    with zipfile.ZipFile(tmp_path / "out" / "diagnostics.zip") as found:
        return {name: found.read(name).decode() for name in found.namelist()}


CRASH = f"""Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/home/maya.okafor/.venv/lib/python3.12/site-packages/rtms_desktop/media/decoding.py", line 88 in decode
  File "{FOLDER}/run.py", line 3 in <module>
"""
LOG = f"""2026-11-21 10:00:00,001 INFO    MainThread rtms_desktop.app.run_log: started, Python 3.12.1 on linux
2026-11-21 10:00:01,001 INFO    MainThread rtms_desktop.app.controller: connecting to rtms-sjc1.zoom.us:443
2026-11-21 10:00:01,002 INFO    MainThread rtms_desktop.app.controller: showing Interview with {NAMES[MAYA]}.rtmsrec
2026-11-21 10:00:02,002 INFO    audio-mix rtms_desktop.media.audio_engine: sound goes to {NAMES[MAYA]}'s headphones
2026-11-21 10:00:03,002 WARNING video-decode-video-{MAYA} rtms_desktop.media.x: {FOLDER}/a b.mkv could not be written
2026-11-21 10:00:04,002 INFO    MainThread rtms_desktop.app.x: client_secret={SECRET} x-zm-signature: {SIGNATURE}
2026-11-21 10:00:05,002 ERROR   MainThread rtms_desktop.transport.tasks: task end failed
Traceback (most recent call last):
  File "/home/maya.okafor/src/rtms_desktop/app/session.py", line 12, in go
    raise ValueError(text)
ValueError: {SPOKEN}
{SPOKEN} on a line of its own
2026-11-21 10:00:06,002 INFO    MainThread rtms_desktop.app.x: wss://user:{TOKEN}@rtms.zoom.us/{TOKEN}?jwt={SECRET}
2026-11-21 10:00:07,002 INFO    MainThread rtms_desktop.app.x: bundle 20261120T140223Z_4444AAAiAAAA.rtmsrec done
"""
PLANTED = [
    SECRET, TOKEN, CLIENT, SIGNATURE, SPOKEN, WRITTEN, "maya", "Maya", "Okafor", "Rivera", str(MAYA), "Shall we start",
    an_invite().stream_id, an_invite().meeting_id, "4444AAA", "Meetings of", "Weekly product sync", "Call with",
    "Interview", "headphones", str(Path.home()) + "/",
]  # fmt: skip


def test_nothing_that_was_planted_is_in_any_byte(archive: dict[str, str]) -> None:
    for name, text in {**archive, "names": " ".join(archive)}.items():
        found = [word for word in PLANTED if word in text and name != "README.txt"]
        assert not found, f"{name}: {found}"


def test_all_that_helps_is_in_it(archive: dict[str, str]) -> None:
    assert set(archive) == {
        "README.txt", "about.json", "machine.json", "settings.json", "session.json", "steps.json", "events.jsonl",
        "alerts.json", "metrics.txt", "log.txt", "crash.txt", "mock.jsonl",
    }  # fmt: skip
    session = json.loads(archive["session.json"])
    assert session["links"]["video"]["state"] == "streaming" and session["links"]["video"]["keep_alives"] >= 1
    assert session["reconnects"] == 1 and session["gaps"][0]["reason"] == "socket_down"
    assert session["requested"]["params"]["video"]["fps"] == 25 and session["people"] == 2
    assert {track["who"] for track in session["tracks"]} == {"person 1", "person 2"}
    assert session["recording"]["bytes_written"] > 0
    events = [json.loads(line) for line in archive["events.jsonl"].splitlines()]
    assert {"SessionOpened", "LinkStateChanged", "ReconnectScheduled", "Reconnected", "GapClosed", "AlertChanged"} <= {
        event["event"] for event in events
    }
    assert [alert["kind"] for alert in json.loads(archive["alerts.json"])] == ["reconnecting", "reconnecting"]
    parse(archive["metrics.txt"])
    assert json.loads(archive["mock.jsonl"]) == {
        "event": "say",
        "link": "transcript",
        "number": 3,
        "t_ms": pytest.approx(0, abs=1e14),
    }
    assert len(json.loads(archive["steps.json"])) == 13


def test_the_log_keeps_where_it_failed(archive: dict[str, str]) -> None:
    log = archive["log.txt"]
    assert "connecting to rtms-sjc1.zoom.us:443" in log and "showing …" in log and "<path>" in log
    assert 'File "rtms_desktop/app/session.py", line 12, in go' in log and "ValueError\n" in log
    assert "WARNING video-decode-video-N" in log and "rtms.zoom.us" in log
    crash = archive["crash.txt"]
    assert (
        "Fatal Python error: Segmentation fault" in crash
        and 'File "rtms_desktop/media/decoding.py", line 88 in decode' in crash
    )
    assert 'File "run.py", line 3' in crash


def test_settings_tell_numbers_and_whether_there_are_words(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.values.allowed_hosts, settings.values.split_mb = ["rtms.corp.example"], 700
    told = plain_settings(settings.values)
    assert told["split_mb"] == 700 and told["allowed_hosts"] == "1 entries" and told["recordings"] == "not set"
    assert told["theme"] == "system" and told["alerts"]["silence_s"] == 60 and "example" not in json.dumps(told)


def test_about_names_the_packages() -> None:
    told = about()
    assert told["packages"]["msgspec"][0].isdigit() and told["program"]


def test_without_a_session_or_a_log_there_is_still_an_archive(tmp_path: Path) -> None:
    controller = FakeController(tmp_path / "config")
    made = gather(Journal(controller.hub, controller.clock), Meter(controller.clock.now), [], [], [], None, [])
    write(tmp_path / "d.zip", made, controller.settings, tmp_path / "none")
    with zipfile.ZipFile(tmp_path / "d.zip") as found:
        assert "session.json" not in found.namelist() and found.read("README.txt").decode() == README


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    controller = FakeController(tmp_path / "config")
    made = gather(Journal(controller.hub, controller.clock), Meter(controller.clock.now), [], [], [], None, [])
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DiskError):
        write(tmp_path / "file" / "d.zip", made, controller.settings, tmp_path)


def test_the_log_is_read_as_it_is_written(tmp_path: Path) -> None:
    record = logging.LogRecord("rtms_desktop.app.x", logging.INFO, "x.py", 1, "all is %s", ("well",), None)
    line = logging.Formatter(FORMAT).format(record)
    assert Scrubber([]).log(line).rstrip().endswith("rtms_desktop.app.x: all is well")
    assert read_logs(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("at /home/ann/x and /Users/bob and C:\\Users\\carl\\y", "at ~/x and ~ and ~\\y"),
        ("see https://host.example:8443/a/b?c=d", "see https://host.example:8443"),
        ("1/s and video/share stay", "1/s and video/share stay"),
        ("20261120T140223Z_4444AAA.rtmsrec", "***.rtmsrec"),
    ],
)
def test_scrubbed_text(text: str, left: str) -> None:
    assert Scrubber([], Path("/root")).text(text) == left
