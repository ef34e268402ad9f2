"""Zoom's SDK 1.1.0 joins the mock server, by ws and by wss, and gets everything until the server ends the stream."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from rtms_desktop.mock_server.sources.barcode import read_barcode

pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("rtms") is None, reason="Zoom's SDK (package rtms) is not installed"),
]
ROOT = Path(__file__).parents[2]
END_S, REASON = 7.0, 6


@contextlib.contextmanager
def mock(folder: Path, *arguments: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """A mock server as a process: its first line, and the list into which its further lines go."""
    scenario = folder / "end.toml"
    scenario.write_text(f'[[step]]\nat_s = {END_S}\ndo = "end"\nreason = {REASON}\n')
    command = [sys.executable, "-m", "rtms_desktop", "mock", "--port", "0", "--media-port", "0", "--json"]
    command += ["--participants", "2", "--keep-alive", "1", "--scenario", str(scenario), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    listening = json.loads(process.stdout.readline())
    reader = threading.Thread(target=lambda: lines.extend(json.loads(line) for line in process.stdout or ()))
    reader.start()
    try:
        yield listening, lines
    finally:
        process.terminate()
        assert process.wait(10) == 0
        reader.join()
        process.stdout.close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for DNS:localhost, by the openssl program."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def run_sdk(folder: Path, listening: dict[str, Any], **environment: str) -> list[dict[str, Any]]:
    """What the SDK's callbacks said, in order."""
    (folder / "logs").mkdir()  # without it the SDK floods stderr
    webhook = listening["webhook"]
    webhook["payload"]["first_user"] = 16778240
    (folder / "payload.json").write_text(json.dumps(webhook))
    command = [sys.executable, str(Path(__file__).with_name("sdk_client.py")), "payload.json", "15"]
    command += [listening["client_id"], listening["client_secret"]]
    result = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    said = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert said, result.stderr[-2000:]
    return said


def decode(units: list[str]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    return [frame for unit in units for frame in decoder.decode(av.Packet(base64.b64decode(unit)))]


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
def test_the_sdk_gets_everything_and_leaves_with_the_servers_reason(tmp_path: Path, secure: bool) -> None:
    arguments, environment = [], {}
    if secure:
        certificate, key = make_certificate(tmp_path)
        arguments, environment = ["--tls", str(certificate), str(key)], {"ZM_RTMS_CA": str(certificate)}
    with mock(tmp_path, *arguments) as (listening, truth):
        assert listening["signaling_url"].startswith("wss://localhost:" if secure else "ws://127.0.0.1:")
        said = run_sdk(tmp_path, listening, **environment)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for entry in said:
        by_kind.setdefault(entry["kind"], []).append(entry)
    assert [entry["reason"] for entry in by_kind["joined"]] == [0]
    assert [entry["reason"] for entry in by_kind["left"]] == [REASON]
    summary = by_kind["summary"][0]
    counts = summary["counts"]
    # Ada speaks from 0.3 s to 5.1 s, then Mateo: 50 packets a second each, and nothing while silent.
    assert 200 <= counts["audio/16778240"] <= 250
    assert counts["audio/16779264"] > 40
    sent = {name: count for entry in truth if entry["event"] == "sent" for name, count in entry["counts"].items()}
    for name in ("video/16778240", "video/16779264", "share/16779264", "audio/16778240", "audio/16779264"):
        assert counts[name] == sent[name] > 0, name
    assert by_kind["transcript"][0]["text"].startswith("Good morning everyone")
    assert by_kind["transcript"][0]["user_name"] == "Ada Lindqvist"
    events = {entry["event_type"]: entry for entry in by_kind["event"]}
    assert events.keys() >= {1, 2, 3, 5} and events[2]["user_name"] == "Mateo Rossi"
    assert [entry["operation"] for entry in by_kind["session"]] == [1, 2]
    for kind in ("video", "share"):
        frames = decode(summary["pictures"][kind])
        assert len(frames) == 40 and (frames[0].width, frames[0].height) == (1280, 720)
        numbers = [read_barcode(frame.to_ndarray()[: frame.height]) for frame in frames]
        assert numbers == list(range(numbers[0], numbers[0] + 40))
    ended = [entry for entry in truth if entry["event"] == "disconnected"]
    assert {entry["link"] for entry in ended} == {"signaling", "audio", "video", "share", "transcript"}
    for entry in ended:
        assert entry["code"] in (1000, 1006)  # by TLS the SDK often leaves without a close frame
        assert entry["answers"] == entry["keep_alives"] >= END_S - 2


def test_the_sdk_reports_the_status_of_a_wrong_secret(tmp_path: Path) -> None:
    with mock(tmp_path) as (listening, truth):
        listening["client_secret"] = "wrong"
        said = run_sdk(tmp_path, listening)
    assert next(entry for entry in said if entry["kind"] == "joined")["reason"] == 3
    assert ("signaling", 3) in [(entry["link"], entry.get("status")) for entry in truth]


def test_the_sdk_comes_back_by_itself_after_a_cut(tmp_path: Path) -> None:
    """It restarts everything and does not subscribe again: events must go on all the same."""
    with mock(tmp_path) as (listening, truth):
        http = listening["http_url"]
        cut = threading.Timer(2.0, _post, (f"{http}/api/control", {"do": "drop", "link": "video"}))
        cut.start()
        said = run_sdk(tmp_path, listening)
        cut.join()
    assert [entry["reason"] for entry in said if entry["kind"] == "left"] == [REASON]
    at = {name: [entry["t_ms"] for entry in truth if entry["event"] == name] for name in ("drop", "started")}
    assert len(at["started"]) == 2 and at["started"][1] > at["drop"][0]
    speakers = [entry["user_name"] for entry in said if entry.get("event_type") == 2]
    assert speakers == ["Ada Lindqvist", "Mateo Rossi"]  # the second one falls after the restart


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as response:
        assert response.status == 200
