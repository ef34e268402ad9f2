"""Waiting for threads without sleeping through them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(condition: Callable[[], object], timeout_s: float = 5.0) -> bool:
    """Whether `condition` became true; looks every 2 ms."""
    never = threading.Event()
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        never.wait(0.002)
    return True
