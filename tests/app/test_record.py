"""``record`` as a program, against a server that shares no code with it: every packet kept, every end an exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from rtms_desktop.recording.tape_reader import TapeReader
from tests.fakes.clips import clip, jpeg
from tests.fakes.raw_server import CLIENT_ID, SECRET, SIGNATURE, RawServer, Script, audio, chat, frames, transcript


class Run:
    """One finished ``record``: exit code, last line, stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.err, self.out = code, err, out

    @property
    def line(self) -> dict[str, Any]:
        found = json.loads(self.out.strip().splitlines()[-1])
        assert isinstance(found, dict)
        return found

    @property
    def bundle(self) -> Path:
        return Path(self.line["bundle"])


async def record(
    payload: str, folder: Path, *options: str, secret: str = SECRET, interrupt_after: float | None = None
) -> Run:
    env = os.environ | {"ZOOM_CLIENT_ID": CLIENT_ID, "ZOOM_CLIENT_SECRET": secret, "PYTHONWARNINGS": "error"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rtms_desktop", "record", "-", "--out", str(folder), *options,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=env,
    )  # fmt: skip
    talk = asyncio.get_running_loop().create_task(process.communicate(payload.encode()))
    if interrupt_after is not None:
        await asyncio.sleep(interrupt_after)
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(40):
            out, err = await asyncio.shield(talk)
    except TimeoutError:
        process.kill()
        pytest.fail(f"record did not end: {(await talk)[1].decode()}")
    assert process.returncode is not None
    return Run(process.returncode, out.decode(), err.decode())


def everything() -> Script:
    return Script(
        media={
            "audio": audio(100) + audio(100, 16778241, "Bo"),
            "video": frames(clip(50)),
            "deskshare": frames([jpeg(320, 180, tint) for tint in range(3)], step_ms=1000),
            "transcript": transcript(["one", "two", "three"]),
            "chat": chat(["hello", "<b>not rich</b>"]),
        },
        pause_s=0.002,
    )


SENT = {"audio": 200, "video": 50, "share": 3, "transcript": 3, "chat": 2}


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
async def test_every_packet_is_kept(tmp_path: Path, binary: bool) -> None:
    script = everything()
    script.binary = binary
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["event"] == "recorded"
    assert run.line["counts"] == SENT
    assert run.line["stop_reason"] == 6
    assert run.line["reconnects"] == 0
    assert server.problems == []
    manifest = json.loads((run.bundle / "manifest.json").read_text())
    assert manifest["closed"] is True
    assert {person["name"] for person in manifest["participants"]} >= {"Ann", "Bo"}
    assert (run.bundle / "audio" / "16778240.flac").stat().st_size > 0
    assert (run.bundle / "video" / "16778240-1.mkv").stat().st_size > 0
    lines = [json.loads(line) for line in (run.bundle / "transcript.jsonl").read_text().splitlines()]
    assert [line["text"] for line in lines] == ["one", "two", "three"]
    answers = [message for _, message in server.received if message.get("msg_type") == 13]
    assert {"msg_type": 13, "timestamp": 1_749_000_000_000, "sequence": 1} in answers
    assert sum(1 for _, message in server.received if message.get("msg_type") == 7) == 1


async def test_a_long_recording_goes_on_in_another_bundle(tmp_path: Path) -> None:
    script = everything()
    script.pause_s = 0.01
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path, "--split-minutes", "0.01")
    assert run.code == 0, run.err
    bundles = [Path(name) for name in run.line["bundles"]]
    assert len(bundles) > 1 and run.bundle == bundles[-1] and "recording goes on in" in run.err
    kept = set()
    for bundle in bundles:
        assert json.loads((bundle / "manifest.json").read_text())["closed"] is True
        with TapeReader(bundle / "tape.mcap") as reader:
            kept |= {entry.data for entry in reader.records() if entry.link == "audio" and entry.direction == "in"}
    assert len(kept) >= SENT["audio"]


async def test_nothing_secret_is_written(tmp_path: Path) -> None:
    async with RawServer(everything()) as server:
        run = await record(server.payload, tmp_path)
        signature = next(message["signature"] for _, message in server.received if message.get("msg_type") == 1)
    for file in run.bundle.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert SECRET.encode() not in data, file
            assert signature.encode() not in data, file


async def test_garbage_costs_only_itself(tmp_path: Path) -> None:
    script = everything()
    script.garbage = ["{", "[]", "null", '{"msg_type": 999}', '{"msg_type": 14, "content": 5}', "\x00" * 100, '"x"']
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["counts"] == SENT


async def test_a_lost_video_socket_comes_back_alone(tmp_path: Path) -> None:
    script = everything()
    script.abort_media = "video"
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["counts"] == SENT
    assert run.line["reconnects"] == 1
    assert server.connections["video"] == 2
    assert server.connections["signaling"] == server.connections["audio"] == 1


async def test_a_lost_signaling_socket_brings_everything_back(tmp_path: Path) -> None:
    script = everything()
    script.abort_signaling = True
    script.pause_s = 0.01
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert server.connections["signaling"] == 2
    assert run.line["reconnects"] >= 1
    assert run.line["stop_reason"] == 6
    subscriptions = [message for name, message in server.received if message.get("msg_type") == 5]
    assert len(subscriptions) == 2


async def test_wrong_secret(tmp_path: Path) -> None:
    async with RawServer(everything()) as server:
        run = await record(server.payload, tmp_path, secret="wrong")
    assert run.code == 4
    assert "3 INVALID_SIGNATURE" in run.err
    assert "Traceback" not in run.err


async def test_one_medium_refused(tmp_path: Path) -> None:
    script = everything()
    script.media_status = {"video": 10}
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["counts"] == SENT | {"video": 0}
    assert "video: refused, 10 MEDIA_TYPE_VIDEO_NOT_SUPPORT. " in run.err


async def test_a_media_url_leads_to_allowed_hosts_only(tmp_path: Path) -> None:
    script = everything()
    script.urls = {"deskshare": "wss://rtms.example.org/deskshare"}
    async with RawServer(script) as server:
        script.media["deskshare"] = []
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line["counts"] == SENT | {"share": 0}
    assert "--allow-host rtms.example.org" in run.err


async def test_a_server_that_leads_nowhere_else_is_not_followed(tmp_path: Path) -> None:
    urls = dict.fromkeys(("audio", "video", "deskshare", "transcript", "chat"), "wss://rtms.example.org/x")
    async with RawServer(Script(urls=urls)) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 2, run.err
    assert "--allow-host rtms.example.org" in run.err.splitlines()[-1]


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
async def test_a_signature_that_the_server_repeats_is_seen_nowhere(tmp_path: Path, binary: bool) -> None:
    reason = f"Invalid signature {SIGNATURE}, not of {SECRET}"
    async with RawServer(Script(status=3, reason=reason, binary=binary)) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 4
    assert "Invalid signature ***, not of ***" in run.err
    with TapeReader(run.bundle / "tape.mcap") as tape:
        seen = [run.err, run.out, *(record.data.decode() for record in tape.records())]
    seen += [path.read_text() for path in run.bundle.rglob("*.json*")]
    assert not [text for text in seen if SIGNATURE in text or SECRET in text]


async def test_a_revoked_stream_leaves_its_figures_only(tmp_path: Path) -> None:
    script = everything()
    script.stop_reason = 8
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 0, run.err
    assert run.line == {"event": "recorded", "bundle": run.line["bundle"], "counts": SENT, "gaps": run.line["gaps"],
                        "reconnects": 0, "stop_reason": 8}  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == [run.bundle.name]
    assert run.bundle.suffix == ".json"


async def test_a_session_that_was_followed_by_another_is_no_end(tmp_path: Path) -> None:
    script = Script(media={"transcript": transcript(["x"])}, restart_session=True, stop_reason=None)
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path, "--duration", "2")
    assert (run.code, run.line["stop_reason"]) == (0, None), run.err


async def test_an_error_is_one_sentence_with_its_fix(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: wss://example.org/\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        run = await record(json.dumps({"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": url}), tmp_path)
    assert run.code == 3
    (sentence,) = [line for line in run.err.splitlines() if "HTTP 307" in line]
    assert sentence.startswith("rtms-desktop: Could not connect to")
    assert "Check that server_urls is that of an RTMS server." in sentence


@pytest.mark.parametrize(("reason", "code"), [(6, 0), (20, 0), (26, 0), (11, 5), (24, 5)])
async def test_the_stop_reason_decides_the_exit_code(tmp_path: Path, reason: int, code: int) -> None:
    async with RawServer(Script(media={"transcript": transcript(["x"])}, stop_reason=reason)) as server:
        run = await record(server.payload, tmp_path)
    assert (run.code, run.line["stop_reason"]) == (code, reason), run.err


async def test_nobody_listens(tmp_path: Path) -> None:
    payload = json.dumps({"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": "ws://127.0.0.1:9"})
    run = await record(payload, tmp_path)
    assert run.code == 3
    assert "nothing listens on 127.0.0.1:9" in run.err


async def test_an_unknown_host_is_not_contacted(tmp_path: Path) -> None:
    payload = json.dumps({"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": "wss://rtms.example.org"})
    run = await record(payload, tmp_path)
    assert run.code == 2
    assert "--allow-host rtms.example.org" in run.err


@pytest.mark.parametrize("payload", ["", "hello", "{", '{"event":"meeting.rtms_stopped","payload":{}}'])
async def test_an_unreadable_payload(tmp_path: Path, payload: str) -> None:
    run = await record(payload, tmp_path)
    assert run.code == 2
    assert run.err.startswith("rtms-desktop: ")
    assert "Traceback" not in run.err


async def test_a_server_that_never_answers(tmp_path: Path) -> None:
    async with RawServer(Script(silent=True)) as server:
        run = await record(server.payload, tmp_path)
    assert run.code == 3, run.err


async def test_duration_and_interrupt_finalise(tmp_path: Path) -> None:
    script = Script(media={"audio": audio(5000)}, pause_s=0.02, stop_reason=None)
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path, "--duration", "1.5", "--media", "audio")
        assert (run.code, run.line["stop_reason"]) == (0, None), run.err
        assert run.line["counts"]["audio"] > 20
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path, interrupt_after=2.0)
        assert run.code == 0, run.err
        assert json.loads((run.bundle / "manifest.json").read_text())["closed"] is True


async def test_end_stream_asks_the_server(tmp_path: Path) -> None:
    script = Script(media={"audio": audio(5000)}, pause_s=0.02, stop_reason=None)
    async with RawServer(script) as server:
        run = await record(server.payload, tmp_path, "--duration", "1", "--end-stream")
        assert any(message.get("msg_type") == 21 for _, message in server.received)
    assert (run.code, run.line["stop_reason"]) == (0, 20), run.err


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with RawServer(everything()) as server:
        run = await record(server.payload, tmp_path / "file")
    assert run.code == 6
    assert "Traceback" not in run.err
