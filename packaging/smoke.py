"""Smoke test of an installed or frozen program: `python3 packaging/smoke.py PROGRAM...` ends with 0 when all is well.

Runs the demo off screen for some seconds, and asks for statistics and a picture of the window.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 8
LEAST_FRAMES = 25


def main(program: list[str]) -> int:
    """Runs `program` with its demo; gives 0 when the picture moved and the program ended by itself."""
    if not program:
        print("usage: smoke.py PROGRAM [ARGUMENT...]", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        stats, picture = Path(folder, "stats.json"), Path(folder, "window.png")
        command = [*program, "--demo", "--config", folder, "--stats", str(stats), "--screenshot", str(picture)]
        command += ["--quit-after", str(SECONDS)]
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        code = subprocess.run(command, env=environment, timeout=SECONDS + 60, check=False).returncode
        shown = json.loads(stats.read_text("utf-8"))["frames_shown"] if stats.exists() else 0
        print(f"exit code {code}, {shown} frames shown, picture {'taken' if picture.exists() else 'missing'}")
        return 0 if code == 0 and shown >= LEAST_FRAMES and picture.exists() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
