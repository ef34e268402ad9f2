"""The built-in meeting: drawn people who talk in turns, a shared screen, chat; the same at each start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import av
import numpy as np

from rtms_desktop.mock_server.sources.base import AudioFormat, Happening, MediaStream, Participant, PictureFormat
from rtms_desktop.mock_server.sources.drawing import BT709, JPEG
from rtms_desktop.mock_server.sources.portrait import MOUTHS, Portrait
from rtms_desktop.mock_server.sources.script import Script
from rtms_desktop.mock_server.sources.slides import Slides
from rtms_desktop.mock_server.sources.streams import AudioStream, Block, PictureStream
from rtms_desktop.mock_server.sources.voice import beep, voice_of
from rtms_desktop.wire.enums import Codec, Medium

_NAMES = (
    "Ada Lindqvist", "Mateo Rossi", "Priya Raman", "Jonas Weber", "Mei Tanaka", "Sam Okafor", "Lea Novak",
    "Tom\u00e1s Silva", "Noor Haddad", "Ben Archer", "Ines Moreau", "Kofi Mensah", "Eva Horvat", "Liam Byrne",
    "Yuki Sato", "Omar Aziz",
)  # fmt: skip
FIRST_USER_ID, _USER_STEP = 16_778_240, 1024
"""Ids as Zoom gives them: multiples of 1024 above 2^24."""
_FADE_MS = 15


def invent_people(count: int) -> tuple[Participant, ...]:
    """The first `count` participants."""
    return tuple(
        Participant(
            FIRST_USER_ID + number * _USER_STEP, _NAMES[number] if number < len(_NAMES) else f"Guest {number + 1}"
        )
        for number in range(count)
    )


class PatternSource:
    """A meeting that needs no file."""

    def __init__(self, participants: int, beeps: bool = True) -> None:
        self._people = invent_people(participants)
        self._script = Script(self._people)
        self._beeps = beeps

    @property
    def people(self) -> Sequence[Participant]:
        return self._people

    @property
    def recorded(self) -> None:
        return None

    def audio(self, form: AudioFormat, zero_ms: int) -> MediaStream:
        return AudioStream(form, zero_ms, TalkSampler(self._script, form.rate, self._beeps))

    def video(self, user_id: int, form: PictureFormat, zero_ms: int) -> MediaStream | None:
        for index, person in enumerate(self._people):
            if person.user_id == user_id:
                painter = FacePainter(self._script, index, form, self._beeps)
                return PictureStream(Medium.VIDEO, person, form, zero_ms, painter)
        return None

    def share(self, form: PictureFormat, zero_ms: int) -> MediaStream:
        person = self._people[1 % len(self._people)]
        colours = JPEG if form.codec is Codec.JPG else BT709
        painter = Slides(person.name, form.width, form.height, colours)
        return PictureStream(Medium.SHARE, person, form, zero_ms, painter)

    def happenings(self, zero_ms: int) -> Iterator[Happening]:
        return self._script.happenings(zero_ms)

    def close(self) -> None:
        """Holds nothing."""


class FacePainter:
    """The pictures of one person, whose mouth follows the voice."""

    def __init__(self, script: Script, index: int, form: PictureFormat, beeps: bool) -> None:
        self._script, self._index, self._fps, self._beeps = script, index, form.fps, beeps
        person = script.people[index]
        colours = JPEG if form.codec is Codec.JPG else BT709
        self._portrait = Portrait(index, person.name, person.user_id, form.width, form.height, form.fps, colours)

    def picture(self, number: int, at_ms: float) -> av.VideoFrame:
        speaks = any(turn.index == self._index for turn in self._script.turns(at_ms, at_ms + 1))
        loudness = voice_of(self._index).mouth(at_ms) if speaks else 0.0
        marked = self._beeps and at_ms % 1000 < 1000 / self._fps - 0.001
        return self._portrait.paint(number, at_ms, min(int(loudness * MOUTHS), MOUTHS - 1), marked)

    def close(self) -> None:
        """Holds nothing."""


class TalkSampler:
    """The voices of whoever has the turn; the beep sounds with the one who speaks longest in the block."""

    def __init__(self, script: Script, rate: int, beeps: bool) -> None:
        self._script, self._rate, self._beeps = script, rate, beeps

    def blocks(self, start: int, count: int) -> Sequence[Block]:
        times = (np.arange(start, start + count) * (1000.0 / self._rate)).astype(np.float64)
        heard: dict[int, np.ndarray] = {}
        for turn in self._script.turns(times[0], times[-1]):
            gate = np.clip(np.minimum(times - turn.start_ms, turn.end_ms - times) / _FADE_MS, 0, 1)
            sound = voice_of(turn.index).samples(self._rate, start, count) * gate.astype(np.float32)
            heard[turn.index] = heard[turn.index] + sound if turn.index in heard else sound
        if self._beeps and heard:
            first = next(iter(heard))
            heard[first] = heard[first] + beep(self._rate, start, count)
        return [(self._script.people[index], samples) for index, samples in heard.items()]

    def close(self) -> None:
        """Holds nothing."""
