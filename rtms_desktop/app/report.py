"""Tells whoever started the window what it has reached, as JSON lines on stdout, when RTMS_DESKTOP_REPORT is 1.

Lines: ``{"event", "at", ...}`` with ``at`` in Unix seconds. Events: ``first_paint`` (the window is on the screen),
``ready`` (it can be used), ``first_frame`` (a picture of a stream was painted), ``recording`` and ``recorded`` (with
``bundle``), ``closed``. For smoke tests, benchmarks and launchers.
"""

from __future__ import annotations

import os
import sys
import time

WANTED = os.environ.get("RTMS_DESKTOP_REPORT") == "1"


def report(event: str, **fields: str) -> None:
    """Write one line, if anybody wants it."""
    if not WANTED or sys.stdout is None:
        return
    at = time.time()
    import json

    try:
        print(json.dumps({"event": event, "at": at, **fields}), flush=True)
    except OSError:
        pass  # whoever listened has gone; that is no reason to end
