"""Alerts, metrics and diagnostics in the real window on the real mock server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.app.open_metrics import parse

pytestmark = [pytest.mark.e2e, pytest.mark.gui]
ROOT = Path(__file__).resolve().parents[2]


def test_withheld_video_a_lost_socket_and_the_archive(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.alerts_window", str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    words = (
        r"The picture stands still: no video has come for \d+ s, though its socket is open\. Reconnecting may help\."
    )
    assert re.fullmatch(words, told["frozen"]) and re.fullmatch(words, told["began"])
    assert told["ended"].startswith("over after ")
    assert told["reconnecting"].startswith("Video socket lost. Trying again")
    assert told["revoked"].startswith("The stream was taken back: 8 STREAM_REVOKED.")
    assert told["muting"] == "Stream taken back"
    assert told["toast"] == "Diagnostics saved"
    with zipfile.ZipFile(tmp_path / "diagnostics.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    families = parse(texts["metrics.txt"])
    assert families["rtms_reconnects"].value("_total") == 1
    assert families["rtms_join_latency_seconds"].value("_count") == 1
    kinds = [alert["kind"] for alert in json.loads(texts["alerts.json"])]
    assert kinds == ["frozen", "frozen", "reconnecting", "reconnecting"]
    acts = [json.loads(line)["event"] for line in texts["mock.jsonl"].splitlines()]
    assert "lose" in acts and "drop" in acts
    assert "connecting to 127.0.0.1" in texts["log.txt"]
    names = {"mock_client", str(tmp_path), *_people(tmp_path)}
    found = [(name, word) for name, text in texts.items() for word in names if word and word in text]
    assert not found


def _people(folder: Path) -> set[str]:
    """Who was in the meeting, and its ids, as the settings remember them."""
    settings = json.loads((folder / "config" / "settings.json").read_text("utf-8"))
    return {recent["meeting_id"] for recent in settings["recent"]} | {
        "Ada",
        "Lindqvist",
        "Mateo",
        "Rossi",
    }
