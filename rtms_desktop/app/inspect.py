"""``rtms-desktop inspect``: what a recording or a tape holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rtms_desktop.app.message_filter import FilterError, parse
from rtms_desktop.app.message_match import match, search
from rtms_desktop.app.message_tape import TapeLog
from rtms_desktop.app.options import parser
from rtms_desktop.errors import UsageError
from rtms_desktop.recording.describe import MessageLine, message_lines, record_lines, summary_dict, summary_text
from rtms_desktop.recording.reader import open_recording

EXAMPLE = """\
EXPR is made of terms such as type:audio, user:"Ann", link:video, dir:in, size>10k, gap>200 (ms), lag>500, is:trouble,
a word, "some words" or /a regular expression/; terms stand side by side, apart by "or", behind "not" or "-".
"""


def main(argv: Sequence[str]) -> int:
    made = parser("inspect", "Show what a recording or a tape holds.")
    made.epilog = EXAMPLE
    made.add_argument("recording", type=Path, metavar="BUNDLE|TAPE")
    made.add_argument("--messages", action="store_true", help="list every message instead of the summary")
    made.add_argument("--filter", metavar="EXPR", help="only messages that match, in the language of the Inspector")
    made.add_argument("--json", action="store_true", help="print JSON: the manifest's keys, or one message a line")
    options = made.parse_args(argv)
    if options.filter is not None and not options.messages:
        raise UsageError("--filter was given without --messages", "a summary has no lines to filter", "Add --messages.")
    if options.messages:
        for line in _matching(options.recording, options.filter):
            print(json.dumps(line.row()) if options.json else line)
        return 0
    recording = open_recording(options.recording)
    print(json.dumps(summary_dict(recording), indent=1) if options.json else summary_text(recording))
    return 0


def _matching(path: Path, expression: str | None) -> Iterator[MessageLine]:
    log = TapeLog(path)
    log.load()
    if not expression:
        return message_lines(log.path, log.product)
    try:
        node = parse(expression, log.rows.links())
    except FilterError as error:
        fix = error.fix or "Put it in quotation marks to look for it as text."
        raise UsageError(f"--filter {expression!r} cannot be used", error.what, fix) from error
    log.read()
    part = match(node, log.rows)
    bodies = log.bodies(part.open)
    found = [part.sure, *(hits for _, hits in search(node, log.rows, part.open, bodies))]
    bodies.close()
    return record_lines(log.records(np.sort(np.concatenate(found))), log.product)
