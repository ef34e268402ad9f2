"""Where the playhead has to go to show the next or the previous picture. Pure but for reading; worker thread."""

from __future__ import annotations

from collections.abc import Sequence

from rtms_desktop.media.frames import TrackKey
from rtms_desktop.media.replay.source import UnitSource

SAME_S = 1e-4
"""Pictures of several tracks that are due so close together change as one."""

SEARCH_S = 10.0


def step_target(source: UnitSource, keys: Sequence[TrackKey], here: float, frames: int) -> float | None:
    """The time at which the picture that is ``frames`` further on (or back) is due; None: there is none."""
    at, found = here, None
    for _ in range(abs(frames)):
        target = _next(source, keys, at) if frames > 0 else _previous(source, keys, at)
        if target is None:
            break
        at = found = target
    return found


def _next(source: UnitSource, keys: Sequence[TrackKey], here: float) -> float | None:
    dues: list[float] = []
    for key in keys:
        unit = source.at(key, here + SAME_S)
        following = source.after(unit, here + SEARCH_S) if unit is not None else source.at(key, here + 1.0)
        while following is not None and following.due <= here + SAME_S:
            following = source.after(following, here + SEARCH_S)
        if following is not None:
            dues.append(following.due)
    # The last of those that change as one, so that all of them have changed.
    return max((due for due in dues if due <= min(dues) + SAME_S), default=None)


def _previous(source: UnitSource, keys: Sequence[TrackKey], here: float) -> float | None:
    """The newest change of a picture is undone: the playhead goes to the change before."""
    shown = [unit for key in keys if (unit := source.at(key, here)) is not None]
    if not shown:
        return None
    newest = max(unit.due for unit in shown)
    dues = []
    for unit in shown:
        if unit.due < newest - SAME_S:
            dues.append(unit.due)
            continue
        before = source.before(unit)
        while before is not None and before.due >= newest - SAME_S:
            before = source.before(before)
        if before is not None:
            dues.append(before.due)
    return max(dues, default=None)
