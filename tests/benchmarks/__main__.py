"""``python -m tests.benchmarks [NAME] [--json]``."""

from __future__ import annotations

import argparse
import json
import sys

from tests.benchmarks import (  # noqa: F401 - each registers its benchmarks
    core,
    cycles,
    inspector,
    live,
    memory,
    monitor,
    recording,
    replay,
    replay_window,
    sound,
    start,
    sync,
)
from tests.benchmarks.harness import REGISTRY, machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="rtms-desktop bench")
    parser.add_argument("name", nargs="?", choices=sorted(REGISTRY))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for name in [options.name] if options.name else sorted(REGISTRY):
        for figure in REGISTRY[name]():
            rows.append(figure.row())
            if not options.json:
                _print(rows[-1])
    if options.json:
        print(json.dumps({"machine": machine(), "results": rows}, indent=1))
    return 0


def _print(row: dict[str, object]) -> None:
    against = f"  ({row['baseline']}: {row['baseline_median']}, ratio {row['ratio']})" if row["baseline"] else ""
    print(f"{row['name']:<44} {row['median']:>10} {row['unit']}{against}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
