"""How a thread that reads a whole tape lets the window go first. Used by the index and by the inspector."""

from __future__ import annotations

import threading
import time

BREATH_S = 5e-5
BUSY_S, ASIDE_S = 5e-4, 4e-3


def breathe(stop: threading.Event) -> None:
    """Call after every millisecond of work or so; ``stop`` ends the wait, as it ends the reading.

    Nobody can take the interpreter from a busy thread sooner than it gives way (1 ms in the window, else 5 ms). And
    where the main thread is in the middle of a turn, it would share the rest of it with us by halves: so whoever keeps
    us from coming back at once gets some milliseconds of its own.
    """
    begun = time.perf_counter()
    stop.wait(BREATH_S)
    if time.perf_counter() - begun > BUSY_S:
        stop.wait(ASIDE_S)
