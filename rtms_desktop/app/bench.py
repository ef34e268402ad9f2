"""``rtms-desktop bench``: run the benchmarks of a checkout."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rtms_desktop.app.options import parser
from rtms_desktop.errors import UsageError

BENCHMARKS = Path(__file__).resolve().parents[2] / "tests" / "benchmarks"


def main(argv: Sequence[str]) -> int:
    made = parser("bench", "Run the benchmarks; only from a checkout.")
    made.add_argument("name", nargs="?", help="one benchmark (default: all)")
    made.add_argument("--json", action="store_true", help="print the results as JSON")
    options = made.parse_args(argv)
    if not (BENCHMARKS / "__main__.py").exists():
        raise UsageError("there are no benchmarks here", "they come with the source", "Run this from a checkout.")
    words = [options.name] if options.name else []
    words += ["--json"] if options.json else []
    return subprocess.run([sys.executable, "-m", "tests.benchmarks", *words], cwd=BENCHMARKS.parents[1]).returncode
