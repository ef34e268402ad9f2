"""What a source of media has to offer; implemented by the pattern, the file player and by whoever injects another.

The stage (event loop) calls :class:`Source`; each :class:`MediaStream` belongs to the one feed thread that plays it.
Times are milliseconds of media time since the stage's zero; messages carry ``zero_ms`` + media time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rtms_desktop.wire.enums import Codec
from rtms_desktop.wire.messages import MediaData, MediaParams, Message


@dataclass(frozen=True, slots=True)
class Participant:
    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Negotiated audio: samples per second, channels, block length in ms; ``mixed`` = one stream of user 0."""

    codec: Codec
    rate: int
    channels: int
    block_ms: int
    mixed: bool


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """Negotiated video or share: H264, JPG or PNG at a size in pixels and a rate in pictures per second."""

    codec: Codec
    width: int
    height: int
    fps: int


@dataclass(frozen=True, slots=True)
class Happening:
    """Something of the conversation that is not sound or picture: TranscriptData, ChatData or EventUpdate."""

    at_ms: float
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is settled when a meeting has taken place already: the stage leaves nothing of it out and adds nothing.

    Attributes:
        params: what every client is granted, by medium; None = as it asks.
        end_ms: media time at which it is over; None = it begins again.
        stop_reason: why it ended; None = nobody knows.
    """

    params: MediaParams
    end_ms: float | None
    stop_reason: int | None


class MediaStream(Protocol):
    """One encoded stream on a fixed grid of media times."""

    @property
    def due_ms(self) -> float:
        """Media time of the next unit."""
        ...

    def take(self) -> Sequence[MediaData]:
        """Makes the unit that is due (empty when nobody speaks) and moves on to the next."""
        ...

    def seek(self, at_ms: float) -> None:
        """The next unit is the first one at or after `at_ms`, and decodable by itself."""
        ...

    def refresh(self) -> None:
        """The next picture is a keyframe with its parameter sets. Callable from any thread."""
        ...

    def close(self) -> None: ...


class Source(Protocol):
    """A meeting that can be played. None = the source has no such medium."""

    @property
    def people(self) -> Sequence[Participant]:
        """Whoever is there at some time."""
        ...

    @property
    def recorded(self) -> Recorded | None:
        """None: the meeting is made as it is asked for, and goes on for ever."""
        ...

    def audio(self, form: AudioFormat, zero_ms: int) -> MediaStream | None: ...

    def video(self, user_id: int, form: PictureFormat, zero_ms: int) -> MediaStream | None: ...

    def share(self, form: PictureFormat, zero_ms: int) -> MediaStream | None: ...

    def happenings(self, zero_ms: int) -> Iterator[Happening]:
        """In order of time from media time 0; may be endless."""
        ...

    def close(self) -> None: ...
