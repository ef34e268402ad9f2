"""The hot path without sockets: what one message costs from text to event."""

from __future__ import annotations

import base64
import json
import random
import time

from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.core import SessionCore
from rtms_desktop.wire.codec import Reader
from rtms_desktop.wire.enums import Medium
from tests.benchmarks.harness import Result, benchmark, result

ROUNDS, MESSAGES = 7, 2_000


def _message(size: int, number: int) -> str:
    data = base64.b64encode(bytes(size)).decode()
    content = {"user_id": 1, "user_name": "Ann", "data": data, "length": size, "timestamp": 1_749_000_000_000 + number}
    return json.dumps({"msg_type": 14, "content": content})


@benchmark
def parse() -> list[Result]:
    """wire's Reader against the standard library doing the same by hand."""
    results = []
    for size in (640, 8_192, 61_440):
        messages = [_message(size, number) for number in range(200)]
        ours, theirs = [], []
        for _ in range(ROUNDS):
            reader = Reader(Medium.AUDIO)
            begin = time.perf_counter()
            for text in messages:
                reader.read(text)
            ours.append((time.perf_counter() - begin) / len(messages) * 1e6)
            begin = time.perf_counter()
            for text in messages:
                base64.b64decode(json.loads(text)["content"]["data"])
            theirs.append((time.perf_counter() - begin) / len(messages) * 1e6)
        results.append(result(f"parse {size} B", "us", ours, "json and base64 of the standard library", theirs))
    return results


@benchmark
def core_receive() -> list[Result]:
    """SessionCore.receive() of one audio message, beside the parsing alone."""
    messages = [_message(640, number * 20) for number in range(MESSAGES)]
    whole, parsing = [], []
    for _ in range(ROUNDS):
        core, now = streaming_core()
        begin = time.perf_counter()
        for text in messages:
            core.receive("audio", text, now)
            core.take_events()
            now += 0.02
        whole.append((time.perf_counter() - begin) / MESSAGES * 1e6)
        reader = Reader(Medium.AUDIO)
        begin = time.perf_counter()
        for text in messages:
            reader.read(text)
        parsing.append((time.perf_counter() - begin) / MESSAGES * 1e6)
    return [result("core receive 640 B", "us", whole, "wire's parsing alone", parsing)]


def streaming_core() -> tuple[SessionCore, float]:
    """A core whose audio link streams, and its present time."""
    config = SessionConfig(
        meeting_id="m", stream_id="s", signature="x", signaling_url="ws://127.0.0.1", media=frozenset({Medium.AUDIO})
    )
    core, now = SessionCore(config, random.Random(1)), 100.0
    core.start(now)
    core.link_opened("signaling", now)
    urls = {"media_server": {"server_urls": {"audio": "ws://127.0.0.1/audio"}}}
    core.receive("signaling", json.dumps({"msg_type": 2, "status_code": 0} | urls), now)
    core.link_opened("audio", now)
    core.receive("audio", json.dumps({"msg_type": 4, "status_code": 0, "payload_encrypted": False}), now)
    core.take_commands()
    core.take_events()
    return core, now
