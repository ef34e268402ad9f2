"""What a session showed and played, in numbers: the media part of ``--stats``. Any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtms_desktop.media.presenter import MediaStats

COUNTED = ("frames_shown", "frames_dropped", "frames_late", "audio_underruns", "playout_ms")


def media_figures(stats: MediaStats | None) -> dict[str, Any]:
    """By name; all 0 while nothing was shown."""
    if stats is None:
        return dict.fromkeys(COUNTED, 0) | {"latency_ms": {"p50": 0.0, "p99": 0.0}}
    latency = {"p50": _rounded(stats.latency_p50_ms), "p99": _rounded(stats.latency_p99_ms)}
    counted = {name: getattr(stats, name) for name in COUNTED}
    return counted | {"playout_ms": _rounded(stats.playout_ms), "latency_ms": latency}


def _rounded(value: float | None) -> float:
    return round(value or 0.0, 2)
