"""The recording and its disk in the status bar: figures, and the health of the recording as a tooltip. Main thread."""

from __future__ import annotations

from typing import Any

from rtms_desktop.viewmodels.figures import DASH, byte_size, grouped, long_clock, span
from rtms_desktop.viewmodels.status_figure import Figure

LITTLE_BYTES = 2_000_000_000
LITTLE_S = 1800.0
LONG_S = 100 * 3600.0


def recording_figure(stats: Any, seconds: float, now: float, *, healthy: bool) -> Figure:
    """``stats``: of the recorder; ``now``: monotonic seconds."""
    length, size = long_clock(seconds), byte_size(stats.bytes_written)
    ages = [
        f"{what} {span(max(0.0, now - at))} ago"
        for what, at in (("last packet", stats.last_input_at), ("last written", stats.last_write_at))
        if at is not None
    ]
    tip = ["Length and size of this recording."]
    tip += [f"{'; '.join(ages).capitalize()}. What is written is read back every second."] if ages else []
    lost = stats.dropped_messages
    tip += [f"{grouped(lost)} messages were not kept: the disk is too slow."] if lost else []
    token = "rec" if healthy else "error"
    return Figure("rec", "REC", f"{length} · {size}", "", "\n".join(tip), token, short=length)


def disk_figure(free: int | None, stats: Any = None) -> Figure:
    """``free``: bytes where recordings go; ``stats``: of the recorder, while there is one."""
    left = None if stats is None else stats.seconds_left
    low = (free is not None and free < LITTLE_BYTES) or (left is not None and left < LITTLE_S)
    tip = f"Free space where recordings are kept. Below {byte_size(LITTLE_BYTES)} is little."
    if left is not None:
        long = "more than 100 h" if left > LONG_S else span(left)
        tip += f"\nThis recording can go on for {long}; it is closed when {byte_size(stats.disk_floor)} are left."
    note = "free" if left is None or left > LITTLE_S else f"free, {span(left)}"
    return Figure(
        "disk", "", DASH if free is None else byte_size(free), note, tip, "warn" if low else "text1", "hard-drive"
    )
