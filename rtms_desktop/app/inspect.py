"""``rtms-desktop inspect``: what a recording or a tape holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rtms_desktop.app.options import parser
from rtms_desktop.errors import BundleError, UsageError
from rtms_desktop.recording.describe import MessageLine, message_lines, summary_dict, summary_text
from rtms_desktop.recording.reader import locate, open_recording
from rtms_desktop.wire.enums import Product


def main(argv: Sequence[str]) -> int:
    made = parser("inspect", "Show what a recording or a tape holds.")
    made.add_argument("recording", type=Path, metavar="BUNDLE|TAPE")
    made.add_argument("--messages", action="store_true", help="list every message instead of the summary")
    made.add_argument("--filter", metavar="EXPR", help="only messages whose line matches this regular expression")
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
    try:
        wanted = re.compile(expression or "", re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"--filter {expression!r} is no regular expression", str(error)) from error
    _, tape = locate(path)
    if tape is None:
        raise BundleError(f"{path} holds no tape", "", "Only a recording with its tape.mcap can list messages.")
    product = Product(open_recording(path).manifest["product"])
    return (line for line in message_lines(tape, product) if wanted.search(str(line)))
