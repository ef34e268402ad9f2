"""The inspector over a million messages: opening a tape, reading it, filtering, and what one live message costs."""

from __future__ import annotations

import base64
import resource
import tempfile
import time
from pathlib import Path

from rtms_desktop.app.message_filter import parse
from rtms_desktop.app.message_log import MessageLog
from rtms_desktop.app.message_match import match, search
from rtms_desktop.app.message_tape import TapeLog
from rtms_desktop.recording.tape import TapeWriter
from tests.benchmarks.harness import Result, benchmark, result, target

MESSAGES = 1_000_000
LIVE = 20_000
ROUNDS = 5
FILTERS = (
    ("columns", 'type:audio user:"Person 2" gap>3 dir:in'),
    ("negation", "-(link:video size>10k) or is:trouble"),
)
TEXT = "type:transcript /nordics.*dach/"
_START_NS = 1_749_000_000_000_000_000
_KINDS = (("audio", 14),) * 6 + (("video", 15),) * 3 + (("transcript", 17),)


def write_tape(path: Path, messages: int) -> None:
    """Sound, pictures and words of three people, a message every 5 ms."""
    tape, at = TapeWriter(path), _START_NS
    blob = base64.b64encode(bytes(range(256))).decode()
    for number in range(messages):
        link, kind = _KINDS[number % len(_KINDS)]
        user = number % 3
        data = "Nordics are done, and so is most of DACH." if kind == 17 else blob
        text = (
            f'{{"msg_type":{kind},"content":{{"user_id":{16778240 + user},"user_name":"Person {user}",'
            f'"data":"{data}","timestamp":{at // 1_000_000 - 180}}}}}'
        )
        tape.message(link, 1, "in", "text", text.encode(), at)
        at += 5_000_000
    tape.close()


@benchmark
def inspector() -> list[Result]:
    """A tape of a million messages against the limits that are promised for it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tape.mcap"
        write_tape(path, MESSAGES)
        before = _rss_mb()
        begin = time.perf_counter()
        log = TapeLog(path)
        log.load()
        opened = time.perf_counter() - begin
        begin = time.perf_counter()
        log.read()
        read = time.perf_counter() - begin
        found = [
            target("inspector opens a million", "s", opened, 2.0),
            result("inspector reads a million, beside the window", "s", [read]),
            *(target(f"inspector filter, {name}", "s", _filtered(log, source), 1.0) for name, source in FILTERS),
            target("inspector filter, text of 100 000", "s", _filtered(log, TEXT), 1.0),
            target("inspector rows of a million", "MB", log.rows.bytes / 1e6, 150.0),
            target("inspector memory of a million", "MB", _rss_mb() - before, 150.0),
        ]
    return [*found, _live()]


def _filtered(log: TapeLog, source: str) -> float:
    begin = time.perf_counter()
    node = parse(source)
    part = match(node, log.rows)
    bodies = log.bodies(part.open)
    for _ in search(node, log.rows, part.open, bodies):
        pass
    bodies.close()
    return time.perf_counter() - begin


def _live() -> Result:
    data = base64.b64encode(bytes(640)).decode()
    content = f'"user_id":7,"user_name":"Ann","data":"{data}","timestamp":1749000000000'
    text = f'{{"msg_type":14,"content":{{{content}}}}}'
    costs = []
    for _ in range(ROUNDS):
        log = MessageLog()
        begin = time.perf_counter()
        for number in range(LIVE):
            log.message("audio", 1, "in", text, number * 0.02)
        costs.append((time.perf_counter() - begin) / LIVE * 1e6)
    return result("inspector live message", "us", costs)


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 1e6
