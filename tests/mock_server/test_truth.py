"""The ground truth in print: in order, complete, and no burden when nobody reads."""

from __future__ import annotations

import json
import os

import pytest

from rtms_desktop.mock_server import truth as truth_module
from rtms_desktop.mock_server.truth import LinePrinter, TruthLog


def test_records_are_printed_in_order() -> None:
    readable, writable = os.pipe()
    printer = LinePrinter(writable)
    log = TruthLog(printer)
    log.media_ms = lambda: 12.34
    for number in range(100):
        log.emit("lost", "video", number=number)
    printer.close()
    os.close(writable)
    with os.fdopen(readable) as pipe:
        found = [json.loads(line) for line in pipe]
    assert [record["number"] for record in found] == list(range(100))
    assert found[0].keys() == {"event", "t_ms", "link", "media_ms", "number"}
    assert (found[0]["event"], found[0]["link"], found[0]["media_ms"]) == ("lost", "video", 12.3)


def test_a_pipe_that_nobody_reads_does_not_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "MAX_LINES", 10)
    readable, writable = os.pipe()
    os.set_blocking(writable, True)
    printer = LinePrinter(writable)
    for _ in range(100):
        printer.print({"event": "x" * 4000})
    assert printer.dropped > 50
    os.close(readable)  # the writer gets EPIPE and ends
    printer.close()
    os.close(writable)


def test_only_the_newest_records_are_kept() -> None:
    log = TruthLog()
    for number in range(truth_module.KEPT + 5):
        log.emit("step", number=number)
    assert [record["number"] for record in log.records][:1] == [5]
