"""A recording as a source of the mock server: what was received is sent again, byte for byte and at its time.

Only what belongs to one session is new: ids, signatures and timestamps, which count from now.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop.app.recorded_tape import RecordedTape
from rtms_desktop.errors import BundleError
from rtms_desktop.mock_server.sources.base import (
    AudioFormat,
    Happening,
    MediaStream,
    Participant,
    PictureFormat,
    Recorded,
)
from rtms_desktop.recording.manifest import Manifest
from rtms_desktop.recording.reader import open_recording
from rtms_desktop.recording.units import starts_decoding
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import ChatData, EventUpdate, MediaData, MediaParams, Message, TranscriptData

AT_ONCE_MS = 250.0
"""Who comes this early gets everything from the beginning: the stage has just begun for him."""

_NEVER_MS = 30 * 86_400_000.0
_TIMES = ("timestamp", "event_ts", "start_time", "end_time")


class BundleSource:
    """Raises BundleError for what is no recording, or an empty one.

    Args:
        path: a bundle, its open.rtms, or a tape.
        loop: at its end it begins again.
    """

    def __init__(self, path: Path, *, loop: bool = False) -> None:
        recording = open_recording(path)
        if recording.tape is None:
            raise BundleError(f"{path.name} cannot be sent again", "its tape is missing")
        self._tape, self._loop = RecordedTape(recording.tape), loop
        self._people = _people(recording.manifest)
        self._counts = recording.manifest["counts"]
        self._recorded = Recorded(
            params=_granted(recording.manifest),
            end_ms=None if loop else self._tape.length_ms,
            stop_reason=recording.manifest["stop_reason"],
        )

    @property
    def people(self) -> Sequence[Participant]:
        return self._people

    @property
    def recorded(self) -> Recorded:
        return self._recorded

    def audio(self, form: AudioFormat, zero_ms: int) -> MediaStream | None:
        return self._stream(Medium.AUDIO, None, zero_ms)

    def video(self, user_id: int, form: PictureFormat, zero_ms: int) -> MediaStream | None:
        return self._stream(Medium.VIDEO, user_id, zero_ms)

    def share(self, form: PictureFormat, zero_ms: int) -> MediaStream | None:
        return self._stream(Medium.SHARE, None, zero_ms)

    def happenings(self, zero_ms: int) -> Iterator[Happening]:
        round_ms = 0.0
        while True:
            told = False
            for at_ms, message in self._tape.talk():
                told = True
                later = round(zero_ms + round_ms - self._tape.base_ms)
                yield Happening(round_ms + at_ms, _moved(message, later))
            if not (self._loop and told):
                return
            round_ms += self._tape.length_ms

    def close(self) -> None:
        self._tape.close()

    def _stream(self, medium: Medium, user_id: int | None, zero_ms: int) -> MediaStream | None:
        if not self._counts.get(medium.value, 1):
            return None
        return BundleStream(self._tape, medium, user_id, zero_ms, loop=self._loop)


class BundleStream:
    """The units of one medium, of everybody or of one participant, each due when it was received."""

    def __init__(self, tape: RecordedTape, medium: Medium, user_id: int | None, zero_ms: int, *, loop: bool) -> None:
        self._tape, self._medium, self._user_id, self._zero_ms, self._loop = tape, medium, user_id, zero_ms, loop
        self._coming: Iterator[tuple[float, MediaData]] = iter(())
        self._next: tuple[float, MediaData] | None = None

    @property
    def due_ms(self) -> float:
        return _NEVER_MS if self._next is None else self._next[0]

    def seek(self, at_ms: float) -> None:
        self._coming = self._from(at_ms)
        self._next = next(self._coming, None)

    def refresh(self) -> None:
        """Pictures are as they were recorded: who comes late waits for the next keyframe."""

    def take(self) -> Sequence[MediaData]:
        unit = self._next
        self._next = next(self._coming, None)
        return () if unit is None else (unit[1],)

    def close(self) -> None:
        """The tape is the source's."""

    def _from(self, at_ms: float) -> Iterator[tuple[float, MediaData]]:
        """Due time and message from a time on, pictures from the first that can be decoded."""
        number, within = divmod(at_ms, self._tape.length_ms) if self._loop else (0.0, at_ms)
        if at_ms < AT_ONCE_MS:
            within = -math.inf
        blind = within > 0 and self._medium is not Medium.AUDIO
        while True:
            found, round_ms = False, number * self._tape.length_ms
            for due_ms, unit in self._tape.media(self._medium, within):
                if self._user_id is None or unit.user_id == self._user_id:
                    found = True
                    blind = blind and not starts_decoding(unit.data)
                    if not blind:
                        yield round_ms + due_ms, self._sent(unit, round_ms, due_ms)
            if not self._loop or not (found or within > 0):
                return
            number, within = number + 1, -math.inf

    def _sent(self, unit: MediaData, round_ms: float, due_ms: float) -> MediaData:
        within = unit.timestamp - self._tape.base_ms if unit.timestamp else round(due_ms)
        return msgspec.structs.replace(unit, timestamp=self._zero_ms + round(round_ms) + within)


def _people(manifest: Manifest) -> tuple[Participant, ...]:
    """Everybody with a name or a camera; 0 is the mix of all."""
    found = {person["user_id"]: person["name"] for person in manifest["participants"]}
    for user_id in manifest["observed"].get(Medium.VIDEO.value, {}):
        found.setdefault(int(user_id), "")
    return tuple(Participant(user_id, name) for user_id, name in found.items() if user_id)


def _granted(manifest: Manifest) -> MediaParams:
    """What was granted, else what was asked for; parameters that nobody can read are negotiated anew."""
    granted, requested = manifest["granted"], manifest["requested"]
    found = {medium.value: params for medium in Medium if (params := granted.get(medium) or requested.get(medium))}
    try:
        return msgspec.convert(found, MediaParams)
    except msgspec.ValidationError:
        return MediaParams()


def _moved(message: Message, later: int) -> Message:
    """The message with all its times so many milliseconds later."""
    times = {name: getattr(message, name, 0) for name in _TIMES}
    moved: dict[str, Any] = {name: value + later for name, value in times.items() if value}
    if isinstance(message, EventUpdate):
        return msgspec.structs.replace(message, timestamp=message.timestamp + later, raw=_moved_raw(message.raw, later))
    return msgspec.structs.replace(message, **moved) if isinstance(message, TranscriptData | ChatData) else message


def _moved_raw(raw: Mapping[str, Any], later: int) -> dict[str, Any]:
    return {
        key: value + later if key in _TIMES and isinstance(value, int) and value else value
        for key, value in raw.items()
    }
