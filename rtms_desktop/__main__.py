"""From the command line to the window or to one of the headless commands (main thread)."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from rtms_desktop.errors import RtmsError

# Loaded only when asked for: ``inspect`` needs no socket, and nothing but the window needs Qt.
COMMANDS = {
    "mock": "rtms_desktop.app.mock",
    "record": "rtms_desktop.app.record",
    "export": "rtms_desktop.app.export",
    "inspect": "rtms_desktop.app.inspect",
    "doctor": "rtms_desktop.app.doctor",
    "bench": "rtms_desktop.app.bench",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the process exit code. Errors are one sentence on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    module = COMMANDS.get(words[0]) if words else None
    try:
        if module is not None:
            return int(importlib.import_module(module).main(words[1:]))
        return int(importlib.import_module("rtms_desktop.main").main(words))
    except RtmsError as error:
        if "--debug" in words:
            raise
        print(f"rtms-desktop: {error.sentence()}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone, as in ``inspect | head``; a second complaint at exit helps nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
