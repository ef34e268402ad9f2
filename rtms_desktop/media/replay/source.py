"""What replay needs of a recording; implemented by recording.units.UnitStore and put together by the application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from rtms_desktop.media.frames import TrackKey


class Unit(Protocol):
    """One access unit or audio payload; ``at``: its arrival, ``due``: when it is shown, both on the clock's axis."""

    @property
    def key(self) -> TrackKey: ...
    @property
    def data(self) -> bytes: ...
    @property
    def timestamp_ms(self) -> int: ...
    @property
    def at(self) -> float: ...
    @property
    def due(self) -> float: ...
    @property
    def place(self) -> int: ...
    @property
    def timed(self) -> bool: ...


U = TypeVar("U", bound=Unit)


class Source(Protocol[U]):
    """Any thread. None: there is none."""

    @property
    def end(self) -> float:
        """Where it ends by now; the end of a tape that is still being written moves on."""
        ...

    def at(self, key: TrackKey, at: float) -> U | None:
        """The newest unit of a track that is due at ``at`` or before."""
        ...

    def after(self, unit: U, until: float) -> U | None:
        """The next unit of its track, if it arrived before ``until``."""
        ...

    def before(self, unit: U) -> U | None: ...

    def keyframe(self, unit: U) -> U | None:
        """The unit, or the nearest before it, at which decoding can start."""
        ...

    def sound(self, first: float, last: float) -> Sequence[U]:
        """Audio units that arrived from ``first`` on and before ``last``."""
        ...

    def server_ms(self, at: float) -> float:
        """The server time that is shown at ``at``."""
        ...


UnitSource: TypeAlias = Source[Any]
"""A source of whatever units it makes itself."""
