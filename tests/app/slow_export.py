"""The ``export`` command on a machine so slow that there is time to stop it."""

from __future__ import annotations

import sys
import threading

from rtms_desktop import __main__
from rtms_desktop.app import export


def main() -> int:
    tell = export._progress

    def slow(fraction: float) -> None:
        tell(fraction)
        threading.Event().wait(0.5)

    export._progress = slow
    return __main__.main(["export", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
